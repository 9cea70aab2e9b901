/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fake engine's work: batches are checked as the real engine checks them, the loss is the real
 * one, and the script (fake-script.h) breaks what a test wants broken.
 */
#define _POSIX_C_SOURCE 200809L

#include "fake-engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* This engine has no windows: a text is all its tokens, in however many sequences they come. */
static size_t
count_texts (const AttuneEngineBatch *batch)
{
  return batch->texts != NULL ? batch->n_texts : batch->n_sequences;
}

static const int32_t *
get_ids (const AttuneEngineBatch *batch,
         size_t                   text,
         size_t                  *n_ids)
{
  const int32_t *texts = batch->texts;
  int32_t begin = batch->offsets[texts != NULL ? texts[text] : (int32_t) text];
  int32_t end = batch->offsets[texts != NULL ? texts[text + 1] : (int32_t) text + 1];

  *n_ids = (size_t) (end - begin);
  return batch->ids + begin;
}

static AttuneEngineStatus
check_batch (AttuneEngineModel       *model,
             const AttuneEngineBatch *batch,
             bool                     training,
             AttuneEngineError       *error)
{
  const FakeModel *fake = model->fake;

  if (model->lost)
    return fake_report (error, ATTUNE_ENGINE_DEVICE_LOST, "The device is gone.");
  if (batch->ids == NULL || batch->offsets == NULL || batch->n_sequences == 0)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "The batch is empty.");
  if (batch->offsets[0] != 0 || (size_t) batch->offsets[batch->n_sequences] != batch->n_tokens)
    return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE, "The offsets do not span the tokens.");
  for (size_t b = 0; b < batch->n_sequences; b++)
    {
      if (batch->offsets[b + 1] <= batch->offsets[b])
        return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE, "Text %zu has no tokens.", b);
      if ((uint64_t) (batch->offsets[b + 1] - batch->offsets[b]) > fake->positions)
        return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE,
                            "Text %zu is longer than %llu tokens.", b,
                            (unsigned long long) fake->positions);
    }
  for (size_t b = 0; b < count_texts (batch); b++)
    if (training && fake->task == ATTUNE_ENGINE_SINGLE_LABEL
        && (batch->labels == NULL || batch->labels[b] < 0
            || (uint32_t) batch->labels[b] >= fake->n_labels))
      return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                          "Text %zu has no label of this model.", b);
  for (size_t t = 0; t < batch->n_tokens; t++)
    if (batch->ids[t] < 0 || (uint64_t) batch->ids[t] >= fake->vocab)
      return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                          "Token id %d is not in the vocabulary.", (int) batch->ids[t]);
  if (training && fake->task == ATTUNE_ENGINE_MULTI_LABEL && batch->targets == NULL)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "The batch has no targets.");
  if (model->engine->script.max_sequences > 0
      && batch->n_sequences > model->engine->script.max_sequences)
    return fake_out_of_memory (error);
  return ATTUNE_ENGINE_OK;
}

static void
sleep_as_told (const FakeScript *script)
{
  struct timespec pause = { .tv_sec = (time_t) (script->slow_ms / 1000),
                            .tv_nsec = (long) (script->slow_ms % 1000) * 1000000 };

  if (script->slow_ms > 0)
    nanosleep (&pause, NULL);
}

static uint32_t
argmax (const double *values,
        uint32_t      n)
{
  uint32_t best = 0;

  for (uint32_t c = 1; c < n; c++)
    if (values[c] > values[best])
      best = c;
  return best;
}

/* Cross entropy with weights and smoothing, as torch defines it; d_logits (C,) replaces logits. */
static double
single_label_loss (double                 *logits,
                   uint32_t                n,
                   uint32_t                label,
                   const AttuneEngineStep *step)
{
  double highest = logits[argmax (logits, n)], sum = 0.0, loss = 0.0, total = 0.0;

  for (uint32_t c = 0; c < n; c++)
    sum += exp (logits[c] - highest);
  for (uint32_t c = 0; c < n; c++)
    {
      double share = step->label_smoothing / n + (c == label ? 1.0 - step->label_smoothing : 0.0);
      double weight = share * (step->class_weights != NULL ? step->class_weights[c] : 1.0);

      total += weight;
      loss -= weight * (logits[c] - highest - log (sum));
    }
  for (uint32_t c = 0; c < n; c++)
    {
      double share = step->label_smoothing / n + (c == label ? 1.0 - step->label_smoothing : 0.0);
      double weight = share * (step->class_weights != NULL ? step->class_weights[c] : 1.0);

      logits[c] = total * exp (logits[c] - highest) / sum - weight;
    }
  return loss;
}

static double
multi_label_loss (double                 *logits,
                  uint32_t                n,
                  const float            *targets,
                  const AttuneEngineStep *step)
{
  double loss = 0.0;

  for (uint32_t c = 0; c < n; c++)
    {
      double weight = step->class_weights != NULL ? step->class_weights[c] : 1.0;
      double x = logits[c];

      loss += weight * (fmax (x, 0.0) - x * targets[c] + log1p (exp (-fabs (x))));
      logits[c] = weight * (1.0 / (1.0 + exp (-x)) - targets[c]);
    }
  return loss;
}

static AttuneEngineStatus
finish_step (AttuneEngineModel      *model,
             const AttuneEngineStep *step,
             AttuneEngineError      *error)
{
  const FakeScript *script = &model->engine->script;
  AttuneEngineStepResult *result = &model->running;
  double scale = 1.0;

  result->step = step->step;
  result->grad_norm = fake_model_norm (model->fake);
  if (script->exponential_loss)
    result->loss = exp (-(double) step->step / 20.0);
  if (fake_script_has (script, FAKE_NAN, step->step))
    result->loss = NAN;
  if (fake_script_has (script, FAKE_INF, step->step))
    result->grad_norm = INFINITY;
  result->applied = isfinite (result->loss) && isfinite (result->grad_norm);
  if (step->max_grad_norm > 0.0)
    scale = fmax (1.0, (result->grad_norm + 1e-6) / step->max_grad_norm);
  if (result->applied && !fake_model_update (model->fake, step, scale))
    return fake_out_of_memory (error);
  if (model->n_results == FAKE_MAX_RESULTS)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "Too many results wait to be collected.");
  model->results[model->n_results++] = *result;
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_train_step (AttuneEngineModel       *model,
                 const AttuneEngineBatch *batch,
                 const AttuneEngineStep  *step,
                 AttuneEngineError       *error)
{
  FakeModel *fake = model->fake;
  AttuneEngineStatus status;
  double *features, *logits;
  uint64_t began = model->step;
  double loss = 0.0;

  sleep_as_told (&model->engine->script);
  model->step = 0;
  if (!model->trainable)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "The model was not created to be trained.");
  if (fake_script_has (&model->engine->script, FAKE_LOST, step->step))
    model->lost = true;
  status = check_batch (model, batch, true, error);
  if (status != ATTUNE_ENGINE_OK)
    return status;
  if (fake_script_has (&model->engine->script, FAKE_FAIL, step->step))
    return fake_report (error, ATTUNE_ENGINE_INTERNAL, "The engine failed in step %llu.",
                        (unsigned long long) step->step);
  if (step->step == 0 || !(step->denominator > 0.0)
      || (step->micro_batch > 0
          && (began != step->step || step->micro_batch != model->next_micro_batch)))
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "The step was not begun from its first part.");
  if (step->micro_batch == 0)
    {
      memset (&model->running, 0, sizeof model->running);
      memset (fake->gradient, 0,
              (size_t) fake->n_labels * (fake->hidden + 1) * sizeof *fake->gradient);
    }
  features = calloc (fake->hidden, sizeof *features);
  logits = calloc (fake->n_labels, sizeof *logits);
  for (size_t b = 0; features != NULL && logits != NULL && b < count_texts (batch); b++)
    {
      size_t n_ids;
      const int32_t *ids = get_ids (batch, b, &n_ids);

      fake_model_forward (fake, ids, n_ids, features, logits);
      if (fake->task == ATTUNE_ENGINE_SINGLE_LABEL)
        {
          uint32_t label = (uint32_t) batch->labels[b];

          model->running.n_correct += argmax (logits, fake->n_labels) == label;
          loss += single_label_loss (logits, fake->n_labels, label, step);
        }
      else
        {
          loss += multi_label_loss (logits, fake->n_labels, batch->targets + b * fake->n_labels,
                                    step);
        }
      for (uint32_t c = 0; c < fake->n_labels; c++)
        logits[c] /= step->denominator;
      fake_model_backward (fake, features, logits);
    }
  status = features != NULL && logits != NULL ? ATTUNE_ENGINE_OK : fake_out_of_memory (error);
  model->running.loss += loss / step->denominator;
  free (features);
  free (logits);
  if (status != ATTUNE_ENGINE_OK)
    return status;
  model->running.n_sequences += count_texts (batch);
  if (step->last_micro_batch)
    return finish_step (model, step, error);
  model->step = step->step;
  model->next_micro_batch = step->micro_batch + 1;
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_collect (AttuneEngineModel      *model,
              bool                    wait,
              AttuneEngineStepResult *results,
              size_t                  capacity,
              size_t                 *n_results,
              AttuneEngineError      *error)
{
  size_t ready = model->n_results;

  if (!wait)
    ready = ready > model->engine->script.lag ? ready - model->engine->script.lag : 0;
  if (ready > capacity)
    ready = capacity;
  memcpy (results, model->results, ready * sizeof *results);
  model->n_results -= ready;
  memmove (model->results, model->results + ready, model->n_results * sizeof *results);
  *n_results = ready;
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_evaluate (AttuneEngineModel       *model,
               const AttuneEngineBatch *batch,
               float                   *logits,
               size_t                   n_logits,
               AttuneEngineError       *error)
{
  FakeModel *fake = model->fake;
  AttuneEngineStatus status = check_batch (model, batch, false, error);
  double *features, *row;

  if (status != ATTUNE_ENGINE_OK)
    return status;
  sleep_as_told (&model->engine->script);
  if (n_logits != count_texts (batch) * fake->n_labels)
    return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE, "There is no room for the logits.");
  features = calloc (fake->hidden, sizeof *features);
  row = calloc (fake->n_labels, sizeof *row);
  for (size_t b = 0; features != NULL && row != NULL && b < count_texts (batch); b++)
    {
      size_t n_ids;
      const int32_t *ids = get_ids (batch, b, &n_ids);

      fake_model_forward (fake, ids, n_ids, features, row);
      for (uint32_t c = 0; c < fake->n_labels; c++)
        logits[b * fake->n_labels + c] = (float) row[c];
    }
  status = features != NULL && row != NULL ? ATTUNE_ENGINE_OK : fake_out_of_memory (error);
  free (features);
  free (row);
  return status;
}

AttuneEngineStatus
fake_gradient_norms (AttuneEngineModel *model,
                     double            *norms,
                     size_t             n_norms,
                     AttuneEngineError *error)
{
  if (n_norms != model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE, "There is no room for the norms.");
  memset (norms, 0, n_norms * sizeof *norms);
  norms[model->fake->weight] = model->fake->norms[0];
  norms[model->fake->bias] = model->fake->norms[1];
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_attribute (AttuneEngineModel       *model,
                const AttuneEngineBatch *batch,
                uint32_t                 label,
                float                   *scores,
                size_t                   n_scores,
                AttuneEngineError       *error)
{
  FakeModel *fake = model->fake;
  AttuneEngineStatus status = check_batch (model, batch, false, error);
  const float *weight = fake_model_array (fake, fake->weight, 0);

  if (status != ATTUNE_ENGINE_OK)
    return status;
  if (count_texts (batch) != 1 || n_scores != batch->n_tokens || label >= fake->n_labels)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "One text and one of its labels, please.");
  if (weight == NULL)
    return fake_out_of_memory (error);
  for (size_t t = 0; t < n_scores; t++)
    {
      double sign;
      uint32_t bucket = fake_model_bucket (fake, batch->ids[t], &sign);

      scores[t] = (float) (sign * weight[(size_t) label * fake->hidden + bucket] * FAKE_AMPLITUDE
                           / (double) n_scores);
    }
  return ATTUNE_ENGINE_OK;
}
