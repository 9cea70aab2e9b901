/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See kernels.hpp. The loops are written so that gcc turns them into vector code at -O3.
 */
#include "kernels.hpp"

#include <cmath>

namespace attune {

DropoutMask
dropout_mask (double p, uint64_t key)
{
  if (p <= 0.0)
    return { 0, 0, 0, 1.0f };
  return { (uint32_t) key, (uint32_t) (key >> 32), (uint32_t) std::llround (p * 4294967296.0),
           (float) (1.0 / (1.0 - p)) };
}

ATTUNE_CLONES void
kernel_dropout (float *to, const float *from, int64_t begin, int64_t end, DropoutMask mask)
{
  for (int64_t i = begin; i < end; i++)
    to[i] = from[i] * dropout_factor ((uint32_t) i, mask);
}

ATTUNE_CLONES void
kernel_dropout_add (float *to, const float *from, const float *plus, int64_t begin, int64_t end,
                    DropoutMask mask)
{
  for (int64_t i = begin; i < end; i++)
    to[i] = plus[i] + from[i] * dropout_factor ((uint32_t) i, mask);
}

ATTUNE_CLONES void
kernel_adamw (float *__restrict__ value, float *__restrict__ exp_avg,
              float *__restrict__ exp_avg_sq,
              const float *__restrict__ gradient, int64_t n, AdamStep step)
{
  for (int64_t i = 0; i < n; i++)
    {
      float g = gradient[i] * step.gradient_scale;
      float m = exp_avg[i] + (g - exp_avg[i]) * step.beta1_rest;
      float v = exp_avg_sq[i] * step.beta2 + g * g * step.beta2_rest;

      exp_avg[i] = m;
      exp_avg_sq[i] = v;
      value[i] = value[i] * step.keep - step.size * m / (std::sqrt (v) * step.root + step.epsilon);
    }
}

ATTUNE_CLONES void
kernel_scale (float *value, int64_t n, float factor)
{
  for (int64_t i = 0; i < n; i++)
    value[i] *= factor;
}

ATTUNE_CLONES void
kernel_add (float *__restrict__ to, const float *__restrict__ from, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    to[i] += from[i];
}

} // namespace attune
