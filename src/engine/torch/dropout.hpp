/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dropout whose mask is a pure function of (seed, step, micro-batch, place in the network, index):
 * repeating a step repeats it bit by bit, and the backward pass draws the mask anew instead of
 * keeping it.
 */
#pragma once

#include <ATen/ATen.h>

#include "engine.h"

namespace attune {

/* One place in the network. p = 0 lets everything through. */
struct Dropout
{
  double p = 0.0;
  uint64_t key = 0;
  bool device_path = false; /* draw as on a GPU */
};

/* The randomness of one micro-batch; without one (a null pointer) nothing is dropped. */
class Noise
{
 public:
  Noise (uint64_t seed, uint64_t step, uint32_t micro_batch, bool device_path);
  static Dropout at (const Noise *noise, double p, uint64_t site);

 private:
  uint64_t key_;
  bool device_path_;
};

/* x * mask / (1 - p), a new tensor unless p = 0; its own derivative, applied to the gradient. */
at::Tensor dropout (const at::Tensor &x, const Dropout &place);
/* dropout (x) + residual */
at::Tensor dropout_add (const at::Tensor &x, const at::Tensor &residual, const Dropout &place);

/* A number from a number, each bit of which depends on every bit (splitmix64, Steele et al.). */
uint64_t scramble (uint64_t value);

} // namespace attune
