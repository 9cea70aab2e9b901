/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See passes.hpp. A row stays in the first cache while it is gone over several times. Sums run in
 * as many partial sums as the widest vector has numbers, the same on every machine.
 */
#include "passes.hpp"

#include <cmath>

namespace attune {

ATTUNE_INLINE float
sum_products (const float *a, const float *b, int64_t n)
{
  Floats sums = {};
  float sum = 0.0f;
  int64_t i = 0;

  for (; i + WIDTH <= n; i += WIDTH)
    sums += *(const Floats *) (a + i) * *(const Floats *) (b + i);
  for (; i < n; i++)
    sum += a[i] * b[i];
  for (int64_t lane = 0; lane < WIDTH; lane++)
    sum += sums[lane];
  return sum;
}

ATTUNE_INLINE float
sum_numbers (const float *a, int64_t n)
{
  Floats sums = {};
  float sum = 0.0f;
  int64_t i = 0;

  for (; i + WIDTH <= n; i += WIDTH)
    sums += *(const Floats *) (a + i);
  for (; i < n; i++)
    sum += a[i];
  for (int64_t lane = 0; lane < WIDTH; lane++)
    sum += sums[lane];
  return sum;
}

template <typename Number>
ATTUNE_INLINE void
add_norm_row (const AddNormShape &shape, uint32_t index, const Number *__restrict__ x,
              const float *__restrict__ residual, float *__restrict__ normalized, float *rstd,
              float *__restrict__ y, Number *__restrict__ working)
{
  int64_t H = shape.features;
  const float *__restrict__ weight = shape.weight, *__restrict__ bias = shape.bias;
  const DropoutMask mask = shape.mask; /* a copy, which nothing written here can change */

  if (x == nullptr)
    std::memcpy (normalized, residual, (size_t) H * sizeof (float));
  else if (mask.threshold == 0)
    for (int64_t i = 0; i < H; i++)
      normalized[i] = residual[i] + widen (x[i]);
  else
    for (int64_t i = 0; i < H; i++)
      normalized[i] = residual[i]
                      + widen (x[i]) * dropout_factor (index + (uint32_t) i, mask);

  float mean = sum_numbers (normalized, H) / (float) H;
  for (int64_t i = 0; i < H; i++)
    normalized[i] -= mean;
  float variance = sum_products (normalized, normalized, H) / (float) H;
  float scale = 1.0f / std::sqrt (variance + shape.epsilon);

  *rstd = scale;
  for (int64_t i = 0; i < H; i++)
    {
      normalized[i] *= scale;
      y[i] = normalized[i] * weight[i] + bias[i];
    }
  if (working != nullptr)
    for (int64_t i = 0; i < H; i++)
      narrow (working[i], y[i]);
}

template <typename Number>
ATTUNE_INLINE void
add_norm_backward_row (const AddNormShape &shape, uint32_t index, const float *__restrict__ dy,
                       const Number *__restrict__ dy2, const float *__restrict__ normalized,
                       float rstd, float *__restrict__ d_sum, Number *__restrict__ d_x,
                       float *__restrict__ sums)
{
  int64_t H = shape.features;
  const float *__restrict__ weight = shape.weight;
  const DropoutMask mask = shape.mask;
  float *__restrict__ d_weight = sums, *__restrict__ d_bias = sums + H;
  float *__restrict__ total = sums + 2 * H;

  for (int64_t i = 0; i < H; i++)
    {
      float d = dy2 != nullptr ? dy[i] + widen (dy2[i]) : dy[i];

      d_weight[i] += d * normalized[i];
      d_bias[i] += d;
      d_sum[i] = d * weight[i];
    }

  float mean = sum_numbers (d_sum, H) / (float) H;
  float slope = sum_products (d_sum, normalized, H) / (float) H;

  for (int64_t i = 0; i < H; i++)
    d_sum[i] = rstd * (d_sum[i] - mean - normalized[i] * slope);
  if (d_x != nullptr)
    for (int64_t i = 0; i < H; i++)
      {
        float d = d_sum[i] * dropout_factor (index + (uint32_t) i, mask);

        narrow (d_x[i], d);
        total[i] += d;
      }
}

template <typename Number>
ATTUNE_INLINE void
add_norm (const AddNormShape &shape, int64_t first, int64_t n, const Number *x,
          const float *residual, float *normalized, float *rstd, float *y, Number *working)
{
  int64_t H = shape.features;

  for (int64_t row = 0; row < n; row++)
    add_norm_row (shape, (uint32_t) ((first + row) * H), x != nullptr ? x + row * H : nullptr,
                  residual + row * H, normalized + row * H, rstd + row, y + row * H,
                  working != nullptr ? working + row * H : nullptr);
}

template <typename Number>
ATTUNE_INLINE void
add_norm_backward (const AddNormShape &shape, int64_t first, int64_t n, const float *dy,
                   const Number *dy2, const float *normalized, const float *rstd, float *d_sum,
                   Number *d_x, float *sums)
{
  int64_t H = shape.features;

  for (int64_t row = 0; row < n; row++)
    add_norm_backward_row (shape, (uint32_t) ((first + row) * H), dy + row * H,
                           dy2 != nullptr ? dy2 + row * H : nullptr, normalized + row * H,
                           rstd[row], d_sum + row * H, d_x != nullptr ? d_x + row * H : nullptr,
                           sums);
}

/* The distribution function of the normal distribution, to float32 accuracy, and its density. Near
 * 0 an odd polynomial; further out e^(-x²/2) times a polynomial in 1 / (1 + 0.3 |x| / √2). The
 * coefficients are least-maximum fits made for this file: relative error 2e-9 and 2e-8. */
ATTUNE_INLINE float
normal_distribution (float x, float &density)
{
  float size = x < 0.0f ? -x : x, square = x * x;
  float power = exponential (-0.5f * square);
  float u = 1.0f / (1.0f + 0.212132034f * size);
  float tail = -1.295216204e-1f, near = -7.492230103e-6f;

  tail = tail * u + 4.855570625e-1f;
  tail = tail * u - 5.122655381e-1f;
  tail = tail * u + 5.477057797e-1f;
  tail = tail * u - 9.464090213e-2f;
  tail = tail * u + 2.149218533e-1f;
  tail = tail * u + 1.483402602e-1f;
  tail = tail * u + 1.707150707e-1f;
  tail = tail * u + 1.691880147e-1f;
  tail *= 0.5f * power * u;

  near = near * square + 1.131005234e-4f;
  near = near * square - 1.186011370e-3f;
  near = near * square + 9.973217360e-3f;
  near = near * square - 6.649034776e-2f;
  near = near * square + 3.989422799e-1f;
  near = near * x + 0.5f;

  density = 0.398942280f * power;
  float far = x < 0.0f ? tail : 1.0f - tail;
  return size < 1.0f ? near : far;
}

template <typename Number>
ATTUNE_INLINE void
gelu (const Number *__restrict__ x, Number *__restrict__ y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    {
      float wide = widen (x[i]), density;

      narrow (y[i], wide * normal_distribution (wide, density));
    }
}

template <typename Number>
ATTUNE_INLINE void
gelu_backward (const Number *x, Number *d, int64_t n, int64_t columns, float *__restrict__ sums)
{
  for (int64_t row = 0; row < n; row++)
    {
      const Number *__restrict__ from = x + row * columns;
      Number *__restrict__ to = d + row * columns;

      for (int64_t i = 0; i < columns; i++)
        {
          float wide = widen (from[i]), density;
          float distribution = normal_distribution (wide, density);
          float product = widen (to[i]) * (distribution + wide * density);

          narrow (to[i], product);
          sums[i] += product;
        }
    }
}

template <typename Number>
ATTUNE_INLINE void
column_sums (const Number *x, int64_t n, int64_t columns, int64_t stride,
             float *__restrict__ sums)
{
  for (int64_t row = 0; row < n; row++)
    for (int64_t i = 0; i < columns; i++)
      sums[i] += widen (x[row * stride + i]);
}

/* Templates cannot be compiled for several instruction sets, so each form is spelled out. */
#define ATTUNE_PASSES(Number) \
  template <> ATTUNE_CLONES void \
  pass_add_norm (const AddNormShape &shape, int64_t first, int64_t n, const Number *x, \
                 const float *residual, float *normalized, float *rstd, float *y, \
                 Number *working) \
  { \
    add_norm (shape, first, n, x, residual, normalized, rstd, y, working); \
  } \
  template <> ATTUNE_CLONES void \
  pass_add_norm_backward (const AddNormShape &shape, int64_t first, int64_t n, const float *dy, \
                          const Number *dy2, const float *normalized, const float *rstd, \
                          float *d_sum, Number *d_x, float *sums) \
  { \
    add_norm_backward (shape, first, n, dy, dy2, normalized, rstd, d_sum, d_x, sums); \
  } \
  template <> ATTUNE_CLONES void \
  pass_gelu (const Number *x, Number *y, int64_t n) \
  { \
    gelu (x, y, n); \
  } \
  template <> ATTUNE_CLONES void \
  pass_gelu_backward (const Number *x, Number *d, int64_t n, int64_t columns, float *sums) \
  { \
    gelu_backward (x, d, n, columns, sums); \
  } \
  template <> ATTUNE_CLONES void \
  pass_column_sums (const Number *x, int64_t n, int64_t columns, int64_t stride, float *sums) \
  { \
    column_sums (x, n, columns, stride, sums); \
  }

ATTUNE_PASSES (float)
ATTUNE_PASSES (BFloat16)

#undef ATTUNE_PASSES

} // namespace attune
