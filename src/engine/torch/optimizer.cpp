/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW (Loshchilov and Hutter 2019) through libtorch's fused kernels, which also divide by the
 * clipping factor and skip the update on a flag, so that a GPU need not be waited for.
 */
#include "optimizer.hpp"

namespace attune {

Optimizer::Optimizer (at::Device device)
  : updates_ (at::zeros ({}, at::TensorOptions ().device (device).dtype (at::kFloat)))
{
}

at::Tensor
Optimizer::gradient_norm (Parameters &parameters)
{
  std::vector<at::Tensor> norms;

  for (Block &block : parameters.blocks ())
    norms.push_back (at::linalg_vector_norm (block.gradient));
  return at::linalg_vector_norm (at::stack (norms));
}

at::Tensor
Optimizer::update (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
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

      at::_fused_adamw_ ({ block.value }, { block.gradient }, { block.exp_avg }, { block.exp_avg_sq }, {},
                         { updates_ }, step.learning_rate, step.adam_beta1, step.adam_beta2,
                         kind == Parameters::PLAIN ? 0.0 : step.weight_decay, step.adam_epsilon,
                         /*amsgrad=*/ false, /*maximize=*/ false, divisor, skip);
    }
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
