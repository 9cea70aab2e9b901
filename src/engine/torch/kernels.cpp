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

ATTUNE_INLINE float
adamw (float value, float &exp_avg, float &exp_avg_sq, float gradient, const UpdateStep &step)
{
  float g = gradient * step.gradient_scale;
  float m = exp_avg + (g - exp_avg) * step.beta1_rest;
  float v = exp_avg_sq * step.beta2 + g * g * step.beta2_rest;

  exp_avg = m;
  exp_avg_sq = v;
  return value * step.keep - step.size * m / (std::sqrt (v) * step.root + step.epsilon);
}

ATTUNE_CLONES void
kernel_adamw (float *__restrict__ value, float *__restrict__ exp_avg,
              float *__restrict__ exp_avg_sq, const float *__restrict__ gradient, int64_t n,
              UpdateStep step)
{
  for (int64_t i = 0; i < n; i++)
    value[i] = adamw (value[i], exp_avg[i], exp_avg_sq[i], gradient[i], step);
}

template <typename Gradient>
ATTUNE_INLINE void
adamw_twice (float *__restrict__ value, BFloat16 *__restrict__ working,
             float *__restrict__ exp_avg, float *__restrict__ exp_avg_sq,
             const Gradient *__restrict__ gradient, int64_t n, const UpdateStep &step)
{
  for (int64_t i = 0; i < n; i++)
    {
      float x = adamw (value[i], exp_avg[i], exp_avg_sq[i], widen (gradient[i]), step);

      value[i] = x;
      narrow (working[i], x);
    }
}

ATTUNE_CLONES void
kernel_adamw (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
              const float *gradient, int64_t n, UpdateStep step)
{
  adamw_twice (value, working, exp_avg, exp_avg_sq, gradient, n, step);
}

ATTUNE_CLONES void
kernel_adamw (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
              const BFloat16 *gradient, int64_t n, UpdateStep step)
{
  adamw_twice (value, working, exp_avg, exp_avg_sq, gradient, n, step);
}

ATTUNE_INLINE float
penalized (float gradient, float value, const UpdateStep &step)
{
  float sign = value > 0.0f ? 1.0f : value < 0.0f ? -1.0f : 0.0f;

  return gradient * step.gradient_scale + step.l2 * value + step.l1 * sign;
}

template <typename Gradient>
ATTUNE_INLINE void
adam_penalized (float *__restrict__ value, BFloat16 *__restrict__ working,
                float *__restrict__ exp_avg, float *__restrict__ exp_avg_sq,
                const Gradient *__restrict__ gradient, int64_t n, UpdateStep step)
{
  UpdateStep scaled = step;

  scaled.gradient_scale = 1.0f;
  for (int64_t i = 0; i < n; i++)
    {
      float g = penalized (widen (gradient[i]), value[i], step);

      value[i] = adamw (value[i], exp_avg[i], exp_avg_sq[i], g, scaled);
      if (working != nullptr)
        narrow (working[i], value[i]);
    }
}

/* As torch.optim.SGD: the momentum of the first step is its gradient, which zeros give. */
template <typename Gradient>
ATTUNE_INLINE void
descend (float *__restrict__ value, BFloat16 *__restrict__ working, float *__restrict__ buffer,
         const Gradient *__restrict__ gradient, int64_t n, const UpdateStep &step)
{
  for (int64_t i = 0; i < n; i++)
    {
      float g = penalized (widen (gradient[i]), value[i], step);
      float d = g;

      if (buffer != nullptr)
        {
          buffer[i] = buffer[i] * step.momentum + g;
          d = step.nesterov ? g + step.momentum * buffer[i] : buffer[i];
        }
      value[i] -= step.size * d;
      if (working != nullptr)
        narrow (working[i], value[i]);
    }
}

template <typename Gradient>
ATTUNE_INLINE void
update (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
        const Gradient *gradient, int64_t n, const UpdateStep &step)
{
  if (step.descent)
    descend (value, working, exp_avg, gradient, n, step);
  else
    adam_penalized (value, working, exp_avg, exp_avg_sq, gradient, n, step);
}

ATTUNE_CLONES void
kernel_update (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
               const float *gradient, int64_t n, UpdateStep step)
{
  update (value, working, exp_avg, exp_avg_sq, gradient, n, step);
}

ATTUNE_CLONES void
kernel_update (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
               const BFloat16 *gradient, int64_t n, UpdateStep step)
{
  update (value, working, exp_avg, exp_avg_sq, gradient, n, step);
}

template <typename Number>
ATTUNE_INLINE double
squares (const Number *values, int64_t n)
{
  constexpr int64_t LANES = 16;
  float sums[LANES] = {};
  double sum = 0.0;
  int64_t i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int64_t lane = 0; lane < LANES; lane++)
      sums[lane] += widen (values[i + lane]) * widen (values[i + lane]);
  for (; i < n; i++)
    sum += (double) widen (values[i]) * widen (values[i]);
  for (float lane : sums)
    sum += lane;
  return sum;
}

ATTUNE_CLONES double
kernel_squares (const float *values, int64_t n)
{
  return squares (values, n);
}

ATTUNE_CLONES double
kernel_squares (const BFloat16 *values, int64_t n)
{
  return squares (values, n);
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
