/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The updates of torch.optim's AdamW, Adam and SGD. On a GPU through libtorch's fused kernels, which
 * also divide by the clipping factor and skip the update on a flag, so that it need not be waited
 * for. On the CPU, where both are known at once, through loops of our own that read each gradient
 * once and leave it as it is; word embeddings by rows.
 */
#include "optimizer.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace attune {

static constexpr int64_t CHUNK = 8192; /* numbers that a thread works through at once */

Optimizer::Optimizer (at::Device device, bool device_path)
  : device_path_ (device_path),
    updates_ (at::zeros ({}, at::TensorOptions ().device (device).dtype (at::kFloat)))
{
}

/* Calls work (begin, end, chunk) for chunks of n numbers, on all threads. Chunks are the same on
 * every machine, and so are sums over them. */
template <typename Work>
static void
for_each_chunk (int64_t n, Work &&work)
{
  at::parallel_for (0, (n + CHUNK - 1) / CHUNK, 4, [&] (int64_t first, int64_t last) {
    for (int64_t chunk = first; chunk < last; chunk++)
      work (chunk * CHUNK, std::min ((chunk + 1) * CHUNK, n), (size_t) chunk);
  });
}

template <typename Number>
static double
squares_of (const at::Tensor &values)
{
  std::vector<double> sums ((size_t) ((values.numel () + CHUNK - 1) / CHUNK));
  const Number *numbers = values.const_data_ptr<Number> ();

  for_each_chunk (values.numel (), [&] (int64_t begin, int64_t end, size_t chunk) {
    sums[chunk] = kernel_squares (numbers + begin, end - begin);
  });
  return std::accumulate (sums.begin (), sums.end (), 0.0);
}

at::Tensor
Optimizer::gradient_norm (Parameters &parameters) const
{
  if (device_path_)
    {
      std::vector<at::Tensor> norms;

      for (Block &block : parameters.blocks ())
        if (block.gradient.defined ())
          norms.push_back (at::linalg_vector_norm (block.gradient));
      return at::linalg_vector_norm (at::stack (norms));
    }

  double sum = parameters.rows ().squared_norm ();
  for (Block &block : parameters.blocks ())
    if (block.gradient.defined ())
      sum += block.gradient.scalar_type () == at::kFloat ? squares_of<float> (block.gradient)
                                                         : squares_of<BFloat16> (block.gradient);
  return at::full ({}, std::sqrt (sum), at::kFloat);
}

/* Biases and LayerNorm (decays false) are free of decay and of penalties. Decay is apart from the
 * gradient in AdamW and a part of it in the others. */
static UpdateStep
work_out (const AttuneEngineStep &step, Method method, double rate_scale, double updates,
          bool decays, double divisor)
{
  double rate = step.learning_rate * rate_scale;
  double decay = decays ? step.weight_decay : 0.0;
  double l1 = decays ? step.l1_penalty : 0.0, l2 = decays ? step.l2_penalty : 0.0;
  double correction1 = 1.0 - std::pow (step.adam_beta1, updates);
  double correction2 = 1.0 - std::pow (step.adam_beta2, updates);
  bool descent = method == Method::SGD;

  return {
    method == Method::ADAMW ? (float) (1.0 - rate * decay) : 1.0f, (float) (1.0 - step.adam_beta1),
    (float) step.adam_beta2, (float) (1.0 - step.adam_beta2),
    (float) (descent ? rate : rate / correction1), (float) (1.0 / std::sqrt (correction2)),
    (float) step.adam_epsilon, (float) (1.0 / divisor), (float) l1,
    (float) (method == Method::ADAMW ? l2 : l2 + decay), (float) step.momentum, step.nesterov,
    descent,
  };
}

template <typename Number>
static Number *
data_or_null (const at::Tensor &tensor)
{
  return tensor.defined () ? tensor.data_ptr<Number> () : nullptr;
}

/* [begin, end) of a block; the pointers of an absent moment stay null. */
static void
update_part (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq, const float *wide,
             const BFloat16 *narrow, int64_t begin, int64_t end, const UpdateStep &step)
{
  int64_t n = end - begin;
  auto at = [begin] (auto *array) { return array != nullptr ? array + begin : nullptr; };

  if (!step.is_plain () && narrow != nullptr)
    kernel_update (at (value), at (working), at (exp_avg), at (exp_avg_sq), at (narrow), n, step);
  else if (!step.is_plain ())
    kernel_update (at (value), at (working), at (exp_avg), at (exp_avg_sq), at (wide), n, step);
  else if (narrow != nullptr)
    kernel_adamw (at (value), at (working), at (exp_avg), at (exp_avg_sq), at (narrow), n, step);
  else if (working != nullptr)
    kernel_adamw (at (value), at (working), at (exp_avg), at (exp_avg_sq), at (wide), n, step);
  else
    kernel_adamw (at (value), at (exp_avg), at (exp_avg_sq), at (wide), n, step);
}

/* One step of a segment, and of its working copy where it has one. */
static void
update_segment (Block &block, const Block::Segment &segment, const UpdateStep &step)
{
  float *value = block.value.data_ptr<float> ();
  float *exp_avg = data_or_null<float> (block.exp_avg);
  float *exp_avg_sq = data_or_null<float> (block.exp_avg_sq);
  bool half = block.gradient.scalar_type () == at::kBFloat16;
  const float *wide = half ? nullptr : block.gradient.const_data_ptr<float> ();
  const BFloat16 *narrow = half ? block.gradient.const_data_ptr<BFloat16> () : nullptr;
  BFloat16 *working = block.working.is_same (block.value) ? nullptr
                                                          : block.working.data_ptr<BFloat16> ();

  for_each_chunk (segment.length, [&] (int64_t begin, int64_t end, size_t) {
    update_part (value, working, exp_avg, exp_avg_sq, wide, narrow, segment.offset + begin,
                 segment.offset + end, step);
  });
}

void
Optimizer::update_cpu (Parameters &parameters, const AttuneEngineStep &step, double norm)
{
  double updates = updates_.item<double> () + 1.0;
  double divisor = 1.0;
  std::vector<Block> &blocks = parameters.blocks ();

  if (step.max_grad_norm > 0.0)
    divisor = std::max (1.0, (norm + 1e-6) / step.max_grad_norm);
  updates_.fill_ (updates);
  for (size_t kind = 0; kind < Parameters::N_KINDS; kind++)
    for (const Block::Segment &segment : blocks[kind].segments)
      {
        UpdateStep update = work_out (step, parameters.plan ().method, segment.rate_scale, updates,
                                      kind != Parameters::VECTORS, divisor);

        if (blocks[kind].gradient.defined ())
          update_segment (blocks[kind], segment, update);
        else if (parameters.rows ().active ())
          parameters.rows ().update (update);
      }
}

/* Penalties join the gradients, which the kernels will divide. */
static void
penalize (const at::Tensor &gradient, const at::Tensor &value, double l1, double l2,
          const at::Tensor &divisor)
{
  if (l1 > 0.0)
    gradient.addcmul_ (at::sign (value), divisor, l1);
  if (l2 > 0.0)
    gradient.addcmul_ (value, divisor, l2);
}

namespace {

/* What one fused kernel is given: parts of blocks that learn alike. */
struct Group
{
  std::vector<at::Tensor> values, gradients, exp_avgs, exp_avg_sqs;
};

} // namespace

static void
update_group (Group &group, Method method, const AttuneEngineStep &step, double rate, double decay,
              const at::Tensor &updates, const at::Tensor &divisor, const at::Tensor &skip)
{
  std::vector<at::Tensor> counts (group.values.size (), updates);

  switch (method)
    {
    case Method::ADAMW:
      at::_fused_adamw_ (group.values, group.gradients, group.exp_avgs, group.exp_avg_sqs, {},
                         counts, rate, step.adam_beta1, step.adam_beta2, decay, step.adam_epsilon,
                         /*amsgrad=*/ false, /*maximize=*/ false, divisor, skip);
      break;
    case Method::ADAM:
      at::_fused_adam_ (group.values, group.gradients, group.exp_avgs, group.exp_avg_sqs, {},
                        counts, rate, step.adam_beta1, step.adam_beta2, decay, step.adam_epsilon,
                        /*amsgrad=*/ false, /*maximize=*/ false, divisor, skip);
      break;
    case Method::SGD:
      at::_fused_sgd_ (group.values, group.gradients, group.exp_avgs, decay, step.momentum, rate,
                       /*dampening=*/ 0.0, step.nesterov, /*maximize=*/ false,
                       /*is_first_step=*/ false, divisor, skip);
      break;
    }
}

at::Tensor
Optimizer::update_gpu (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
                       const at::Tensor &skip)
{
  at::Tensor divisor = step.max_grad_norm > 0.0
                         ? at::add (norm, 1e-6).div_ (step.max_grad_norm).clamp_min_ (1.0)
                         : at::ones_like (norm);
  std::map<std::pair<bool, double>, Group> groups; /* by whether they decay, and rate */

  updates_.add_ (at::rsub (skip, 1.0));
  for (size_t kind = 0; kind < Parameters::N_KINDS; kind++)
    for (const Block::Segment &segment : parameters.blocks ()[kind].segments)
      {
        Block &block = parameters.blocks ()[kind];
        bool decays = kind != Parameters::VECTORS;
        Group &group = groups[{ decays, segment.rate_scale }];
        auto part = [&segment] (const at::Tensor &all) {
          return all.narrow (0, segment.offset, segment.length);
        };

        if (decays)
          penalize (part (block.gradient), part (block.value), step.l1_penalty, step.l2_penalty,
                    divisor);
        group.values.push_back (part (block.value));
        group.gradients.push_back (part (block.gradient));
        if (block.exp_avg.defined ())
          group.exp_avgs.push_back (part (block.exp_avg));
        if (block.exp_avg_sq.defined ())
          group.exp_avg_sqs.push_back (part (block.exp_avg_sq));
      }
  for (auto &[key, group] : groups)
    update_group (group, parameters.plan ().method, step, step.learning_rate * key.second,
                  key.first ? step.weight_decay : 0.0, updates_, divisor, skip);
  return divisor;
}

at::Tensor
Optimizer::update (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
                   const at::Tensor &skip)
{
  at::Tensor divisor = at::ones_like (norm);

  if (device_path_)
    {
      divisor = update_gpu (parameters, step, norm, skip);
      parameters.refresh_working ();
    }
  else if (skip.item<float> () == 0.0f)
    {
      update_cpu (parameters, step, norm.item<double> ());
    }
  return divisor;
}

uint64_t
Optimizer::updates () const
{
  return updates_.defined () ? (uint64_t) updates_.item<float> () : 0;
}

void
Optimizer::set_updates (uint64_t updates)
{
  updates_.fill_ ((double) updates);
}

} // namespace attune
