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

namespace attune {

Optimizer::Optimizer (at::Device device, bool device_path)
  : device_path_ (device_path),
    updates_ (at::zeros ({}, at::TensorOptions ().device (device).dtype (at::kFloat)))
{
}

at::Tensor
Optimizer::gradient_norm (Parameters &parameters)
{
  std::vector<at::Tensor> norms;

  for (Block &block : parameters.blocks ())
    if (block.gradient.defined ())
      norms.push_back (at::linalg_vector_norm (block.gradient));
  if (parameters.rows ().active ())
    norms.push_back (at::full ({}, std::sqrt (parameters.rows ().squared_norm ()),
                               norms[0].options ()));
  return at::linalg_vector_norm (at::stack (norms));
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

void
Optimizer::update_cpu (Parameters &parameters, const AttuneEngineStep &step, double norm)
{
  static constexpr int64_t GRAIN = 65536; /* numbers a thread gets at least */
  double updates = updates_.item<double> () + 1.0;
  double divisor = 1.0;
  std::vector<Block> &blocks = parameters.blocks ();

  if (step.max_grad_norm > 0.0)
    divisor = std::max (1.0, (norm + 1e-6) / step.max_grad_norm);
  updates_.fill_ (updates);
  for (size_t kind = 0; kind < blocks.size (); kind++)
    {
      AdamStep adam = work_out (step, updates, kind == Parameters::PLAIN ? 0.0 : step.weight_decay,
                                divisor);
      Block &block = blocks[kind];

      if (!block.gradient.defined ())
        {
          parameters.rows ().update (adam);
          continue;
        }
      at::parallel_for (0, block.length, GRAIN, [&] (int64_t begin, int64_t end) {
        kernel_adamw (block.value.data_ptr<float> () + begin,
                      block.exp_avg.data_ptr<float> () + begin,
                      block.exp_avg_sq.data_ptr<float> () + begin,
                      block.gradient.const_data_ptr<float> () + begin, end - begin, adam);
      });
    }
}

at::Tensor
Optimizer::update_gpu (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
                       const at::Tensor &skip)
{
  at::Tensor divisor = step.max_grad_norm > 0.0
                         ? at::add (norm, 1e-6).div_ (step.max_grad_norm).clamp_min_ (1.0)
                         : at::ones_like (norm);
  std::vector<Block> &blocks = parameters.blocks ();

  updates_.add_ (at::rsub (skip, 1.0));
  for (size_t kind = 0; kind < blocks.size (); kind++)
    {
      Block &block = blocks[kind];

      at::_fused_adamw_ ({ block.value }, { block.gradient }, { block.exp_avg },
                         { block.exp_avg_sq }, {},
                         { updates_ }, step.learning_rate, step.adam_beta1, step.adam_beta2,
                         kind == Parameters::PLAIN ? 0.0 : step.weight_decay, step.adam_epsilon,
                         /*amsgrad=*/ false, /*maximize=*/ false, divisor, skip);
    }
  return divisor;
}

at::Tensor
Optimizer::update (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
                   const at::Tensor &skip)
{
  at::Tensor divisor = at::ones_like (norm);

  if (device_path_)
    divisor = update_gpu (parameters, step, norm, skip);
  else if (skip.item<float> () == 0.0f)
    update_cpu (parameters, step, norm.item<double> ());
  parameters.refresh_working ();
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
