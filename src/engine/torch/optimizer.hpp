/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW, Adam and stochastic gradient descent with a global-norm clip over the blocks of
 * parameters.hpp; which one is said by their plan.
 */
#pragma once

#include "parameters.hpp"

#include "engine.h"

namespace attune {

class Optimizer
{
 public:
  Optimizer () = default;
  /* device_path: through libtorch's fused kernels, without waiting for a number. */
  Optimizer (at::Device device, bool device_path);

  /* () float32: the 2-norm of all gradients together. */
  at::Tensor gradient_norm (Parameters &parameters) const;
  /* One update, unless skip (() float32) is 1: then nothing changes. Gradients count divided by
   * max (1, (norm + 1e-6) / max_grad_norm), as after torch's clip_grad_norm_. Returns what they
   * have been divided by in memory: 1 unless on the device path. */
  at::Tensor update (Parameters &parameters, const AttuneEngineStep &step, const at::Tensor &norm,
                     const at::Tensor &skip);

  uint64_t updates () const; /* waits for the device */
  void set_updates (uint64_t updates);

 private:
  void update_cpu (Parameters &parameters, const AttuneEngineStep &step, double norm);
  at::Tensor update_gpu (Parameters &parameters, const AttuneEngineStep &step,
                         const at::Tensor &norm,
                         const at::Tensor &skip);

  bool device_path_ = false;
  at::Tensor updates_; /* () float32, on the device; exact up to 2^24 */
};

} // namespace attune
