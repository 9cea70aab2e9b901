/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work of a model: training steps and the collecting of their numbers, evaluation, attribution.
 * Nothing here waits for a GPU except where the caller asked for a result.
 */
#include "model.hpp"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <cmath>

#include "failure.hpp"
#include "loss.hpp"
#include "texts.hpp"

namespace attune {

AttuneEngineModel *
create_model (AttuneEngine &engine, const AttuneEngineDevice *device, const Options &options,
              AttuneEngineTask task, uint32_t n_labels, AttuneEnginePrecision precision, bool trainable)
{
  auto model = std::make_unique<AttuneEngineModel> ();

  if (n_labels < 1 || n_labels > 100000)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "A model cannot have %u labels.", (unsigned) n_labels);
  if (precision == ATTUNE_ENGINE_PRECISION_FP16)
    fail (ATTUNE_ENGINE_UNSUPPORTED, "Training in fp16 is not supported; choose bf16 or fp32.");
  if (precision != ATTUNE_ENGINE_FP32 && precision != ATTUNE_ENGINE_PRECISION_BF16)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "There is no precision %d.", (int) precision);
  if (task != ATTUNE_ENGINE_SINGLE_LABEL && task != ATTUNE_ENGINE_MULTI_LABEL)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "There is no task %d.", (int) task);

  model->engine = &engine;
  model->device = resolve_device (device);
  model->device_path = engine.device_path || !model->device.is_cpu ();
  model->task = task;
  model->n_labels = n_labels;
  if (trainable)
    model->parameters = Parameters (Plan (options));
  model->network = make_network (options, n_labels, model->parameters);
  bool half = precision == ATTUNE_ENGINE_PRECISION_BF16;
  model->parameters.allocate (model->device, half ? at::kBFloat16 : at::kFloat, trainable,
                              /*by_rows=*/ !model->device_path);
  if (trainable)
    model->optimizer = Optimizer (model->device, model->device_path);
  return model.release ();
}

static void
check_alive (const AttuneEngineModel &model)
{
  if (model.lost)
    fail (ATTUNE_ENGINE_DEVICE_LOST, "The graphics card stopped answering; start Attune again.");
}

static void
check_step (const AttuneEngineModel &model, const Running &running, const AttuneEngineBatch &batch,
            const AttuneEngineStep &step)
{
  check_alive (model);
  if (!model.parameters.trainable ())
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The model was opened for reading only.");
  if (step.step == 0 || !(step.denominator > 0.0) || !std::isfinite (step.denominator)
      || !(step.learning_rate >= 0.0) || !(step.adam_beta1 >= 0.0 && step.adam_beta1 < 1.0)
      || !(step.adam_beta2 >= 0.0 && step.adam_beta2 < 1.0) || !(step.adam_epsilon >= 0.0)
      || !(step.weight_decay >= 0.0) || !(step.max_grad_norm >= 0.0)
      || !(step.l1_penalty >= 0.0) || !(step.l2_penalty >= 0.0)
      || !(step.momentum >= 0.0 && step.momentum < 1.0)
      || !(step.label_smoothing >= 0.0 && step.label_smoothing <= 1.0))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "A number of training step %llu is out of range.",
          (unsigned long long) step.step);
  if (step.micro_batch > 0
      && (running.step != step.step || running.next_micro_batch != step.micro_batch))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "Training step %llu was not begun from its first part.",
          (unsigned long long) step.step);
  check_batch (batch, model.network->limits ());
  check_labels (batch, model.task, model.n_labels);
}

/* Clip, check, update; the numbers go on their way to the host. */
static void
finish_step (AttuneEngineModel &model, const Running &running, const AttuneEngineStep &step)
{
  at::Tensor norm = model.optimizer.gradient_norm (model.parameters);
  at::Tensor skip = at::isfinite (at::add (running.loss, norm)).logical_not ().to (at::kFloat);
  at::Tensor numbers = at::stack ({ running.loss, norm, running.correct, skip }).to (at::kDouble);
  Pending pending {};

  model.last_divisor = model.optimizer.update (model.parameters, step, norm, skip);
  pending.result.step = step.step;
  pending.result.n_sequences = running.n_sequences;
  pending.numbers = staging ({ 4 }, at::kDouble, model.device);
  pending.numbers.copy_ (numbers, /*non_blocking=*/ true);
  if (!model.device.is_cpu ())
    {
      c10::impl::VirtualGuardImpl device (model.device.type ());

      pending.ready.emplace (model.device.type ());
      pending.ready->record (device.getStream (model.device));
    }
  model.pending.push_back (std::move (pending));
}

void
train_step (AttuneEngineModel &model, const AttuneEngineBatch &batch, const AttuneEngineStep &step)
{
  Running running = std::move (model.running);

  model.running = Running (); /* whatever fails below, the step must be begun again */
  check_step (model, running, batch, step);

  try
    {
      Input input = upload_batch (batch, model.device, model.device_path);
      Noise noise (step.seed, step.step, step.micro_batch, model.device_path);
      bool first = step.micro_batch == 0;
      if (first)
        model.parameters.begin_step (/*alone=*/ step.last_micro_batch);
      model.parameters.set_noise (&noise);
      at::Tensor logits = model.network->forward (model.parameters, input, &noise, /*keep=*/ true);
      at::Tensor mean = upload_mean (batch, model.device, model.device_path);
      Loss loss = compute_loss (mean.defined () ? mean.mm (logits) : logits, batch, step, model.task,
                                model.device_path);

      model.network->backward (model.parameters, input,
                               mean.defined () ? mean.t ().mm (loss.d_logits) : loss.d_logits,
                               first ? Grad::SET : Grad::ADD);
      model.network->release ();
      model.parameters.set_noise (nullptr);
      running.step = step.step;
      running.next_micro_batch = step.micro_batch + 1;
      running.n_sequences = (first ? 0 : running.n_sequences) + (uint64_t) count_texts (batch);
      running.loss = first ? loss.value : at::add (running.loss, loss.value);
      running.correct = first ? loss.correct : at::add (running.correct, loss.correct);
      if (step.last_micro_batch)
        finish_step (model, running, step);
      else
        model.running = std::move (running);
    }
  catch (...)
    {
      model.network->release ();
      model.parameters.set_noise (nullptr);
      throw;
    }
}

size_t
collect (AttuneEngineModel &model, bool wait, AttuneEngineStepResult *results, size_t capacity)
{
  size_t n = 0;

  check_alive (model);
  for (; n < capacity && !model.pending.empty (); n++)
    {
      Pending &pending = model.pending.front ();

      if (pending.ready && wait)
        pending.ready->synchronize ();
      else if (pending.ready && !pending.ready->query ())
        break;

      const double *numbers = pending.numbers.const_data_ptr<double> ();
      results[n] = pending.result;
      results[n].loss = numbers[0];
      results[n].grad_norm = numbers[1];
      results[n].n_correct = (uint64_t) numbers[2];
      results[n].applied = numbers[3] == 0.0;
      model.pending.pop_front ();
    }
  return n;
}

void
evaluate (AttuneEngineModel &model, const AttuneEngineBatch &batch, float *logits, size_t n_logits)
{
  check_alive (model);
  check_batch (batch, model.network->limits ());
  if (logits == nullptr || n_logits != (size_t) count_texts (batch) * model.n_labels)
    fail (ATTUNE_ENGINE_BAD_SHAPE, "There is room for %zu logits where %zu texts have %u each.",
          n_logits, (size_t) count_texts (batch), (unsigned) model.n_labels);

  Input input = upload_batch (batch, model.device, model.device_path);
  at::Tensor out = model.network->forward (model.parameters, input, nullptr, /*keep=*/ false);
  at::Tensor mean = upload_mean (batch, model.device, model.device_path);

  if (mean.defined ())
    out = mean.mm (out);
  at::from_blob (logits, out.sizes (), at::kFloat).copy_ (out);
}

void
gradient_norms (AttuneEngineModel &model, double *norms, size_t n_norms)
{
  const std::vector<Parameter> &list = model.parameters.list ();
  double divisor;

  check_alive (model);
  if (norms == nullptr || n_norms != list.size ())
    fail (ATTUNE_ENGINE_BAD_SHAPE, "There is room for %zu norms where the model has %zu tensors.",
          n_norms,
          list.size ());
  if (!model.last_divisor.defined ())
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "No training step has been made yet.");
  divisor = model.last_divisor.item<double> ();
  for (size_t i = 0; i < n_norms; i++)
    {
      at::Tensor gradient = model.parameters.part (list[i], &Block::gradient);

      norms[i] = Parameters::is_frozen (list[i]) ? 0.0
                 : gradient.defined ()
                   ? divisor * at::linalg_vector_norm (gradient.to (at::kDouble)).item<double> ()
                   : std::sqrt (model.parameters.rows ().squared_norm ());
    }
}

void
attribute (AttuneEngineModel &model, const AttuneEngineBatch &batch, uint32_t label, float *scores,
           size_t n_scores)
{
  check_alive (model);
  check_batch (batch, model.network->limits ());
  if (count_texts (batch) != 1 || label >= model.n_labels)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "Attribution wants one text and one of the model's labels.");
  if (scores == nullptr || n_scores != batch.n_tokens)
    fail (ATTUNE_ENGINE_BAD_SHAPE, "There is room for %zu scores where the text has %zu tokens.",
          n_scores,
          batch.n_tokens);

  try
    {
      Input input = upload_batch (batch, model.device, model.device_path);
      at::Tensor logits = model.network->forward (model.parameters, input, nullptr, /*keep=*/ true);
      at::Tensor d_logits = at::zeros_like (logits);

      /* Of the mean: each sequence of the text has an equal part in it. */
      d_logits.select (1, label).fill_ (1.0 / (double) batch.n_sequences);
      at::Tensor d = model.network->backward (model.parameters, input, d_logits, Grad::NONE);
      at::Tensor out = at::mul (d, model.network->embeddings ()).sum (1);
      model.network->release ();
      at::from_blob (scores, { (int64_t) n_scores }, at::kFloat).copy_ (out);
    }
  catch (...)
    {
      model.network->release ();
      throw;
    }
}

void
attend (AttuneEngineModel &model, const AttuneEngineBatch &batch, float *weights, size_t n_weights)
{
  check_alive (model);
  check_batch (batch, model.network->limits ());
  if (weights == nullptr || n_weights != batch.n_tokens)
    fail (ATTUNE_ENGINE_BAD_SHAPE, "There is room for %zu weights where the batch has %zu tokens.",
          n_weights, batch.n_tokens);

  try
    {
      Input input = upload_batch (batch, model.device, model.device_path);

      model.network->forward (model.parameters, input, nullptr, /*keep=*/ true);
      at::Tensor out = model.network->attention ();
      if (!out.defined ())
        fail (ATTUNE_ENGINE_UNSUPPORTED, "The model does not weigh its words by attention.");
      at::from_blob (weights, { (int64_t) n_weights }, at::kFloat).copy_ (out);
      model.network->release ();
    }
  catch (...)
    {
      model.network->release ();
      throw;
    }
}

} // namespace attune
