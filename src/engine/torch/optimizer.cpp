/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW (Loshchilov and Hutter 2019). On a GPU through libtorch's fused kernels, which also divide
 * by the clipping factor and skip the update on a flag, so that it need not be waited for. On the
 * CPU, where both are known at once, through a loop of our own that reads each gradient once and
 * leaves it as it is; word embeddings by rows.
 */
#include "optimizer.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
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

static AdamStep
work_out (const AttuneEngineStep &step, double updates, double decay, double divisor)
{
  double correction1 = 1.0 - std::pow (step.adam_beta1, updates);
  double correction2 = 1.0 - std::pow (step.adam_beta2, updates);

  return {
    (float) (1.0 - step.learning_rate * decay), (float) (1.0 - step.adam_beta1),
    (float) step.adam_beta2, (float) (1.0 - step.adam_beta2),
    (float) (step.learning_rate / correction1), (float) (1.0 / std::sqrt (correction2)),
    (float) step.adam_epsilon, (float) (1.0 / divisor),
  };
}

/* One AdamW step of a whole block, and of its working copy where it has one. */
static void
update_block (Block &block, const AdamStep &adam)
{
  float *value = block.value.data_ptr<float> ();
  float *exp_avg = block.exp_avg.data_ptr<float> ();
  float *exp_avg_sq = block.exp_avg_sq.data_ptr<float> ();
  bool half = block.gradient.scalar_type () == at::kBFloat16;
  const float *wide = half ? nullptr : block.gradient.const_data_ptr<float> ();
  const BFloat16 *narrow = half ? block.gradient.const_data_ptr<BFloat16> () : nullptr;
  BFloat16 *working = block.working.is_same (block.value) ? nullptr
                                                          : block.working.data_ptr<BFloat16> ();

  for_each_chunk (block.length, [&] (int64_t i, int64_t end, size_t) {
    if (half)
      kernel_adamw (value + i, working + i, exp_avg + i, exp_avg_sq + i, narrow + i, end - i, adam);
    else if (working != nullptr)
      kernel_adamw (value + i, working + i, exp_avg + i, exp_avg_sq + i, wide + i, end - i, adam);
    else
      kernel_adamw (value + i, exp_avg + i, exp_avg_sq + i, wide + i, end - i, adam);
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
  for (size_t kind = 0; kind < blocks.size (); kind++)
    {
      double decay = kind == Parameters::VECTORS ? 0.0 : step.weight_decay;
      AdamStep adam = work_out (step, updates, decay, divisor);

      if (blocks[kind].gradient.defined ())
        update_block (blocks[kind], adam);
      else if (kind == Parameters::WORDS)
        parameters.rows ().update (adam);
    }
}

at::Tensor
Optimizer::update_gpu (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
                       const at::Tensor &skip)
{
  at::Tensor divisor = step.max_grad_norm > 0.0
                         ? at::add (norm, 1e-6).div_ (step.max_grad_norm).clamp_min_ (1.0)
                         : at::ones_like (norm);

  updates_.add_ (at::rsub (skip, 1.0));
  for (bool decays : { true, false })
    {
      std::vector<at::Tensor> values, gradients, exp_avgs, exp_avg_sqs;

      for (size_t kind = 0; kind < parameters.blocks ().size (); kind++)
        if ((kind != Parameters::VECTORS) == decays && parameters.blocks ()[kind].gradient.defined ())
          {
            Block &block = parameters.blocks ()[kind];

            values.push_back (block.value);
            gradients.push_back (block.gradient);
            exp_avgs.push_back (block.exp_avg);
            exp_avg_sqs.push_back (block.exp_avg_sq);
          }
      std::vector<at::Tensor> updates (values.size (), updates_);
      at::_fused_adamw_ (values, gradients, exp_avgs, exp_avg_sqs, {}, updates, step.learning_rate,
                         step.adam_beta1, step.adam_beta2, decays ? step.weight_decay : 0.0,
                         step.adam_epsilon, /*amsgrad=*/ false, /*maximize=*/ false, divisor,
                         skip);
    }
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
