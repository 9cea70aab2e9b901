/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention of one head of one short sequence, forward and backward; see kernels.hpp. A sentence of
 * a dozen tokens makes products too small for a BLAS, whose calls cost more than the arithmetic.
 * Inner loops run over keys (padded to a vector's width) or over features, never as a sum.
 */
#include "kernels.hpp"

#include <cstring>

namespace attune {

static inline int64_t
padded (int64_t n)
{
  return (n + WIDTH - 1) / WIDTH * WIDTH;
}

int64_t
head_scratch (int64_t keys, int64_t features)
{
  return padded (keys) * (features + 1 + 2 * keys);
}

/* rows (L, D), stride apart -> (D, padded L) with zeros behind */
ATTUNE_INLINE void
transpose (float *__restrict__ to, const float *__restrict__ rows, int64_t n, int64_t features,
           int64_t stride)
{
  int64_t width = padded (n);

  for (int64_t d = 0; d < features; d++)
    {
      for (int64_t j = 0; j < n; j++)
        to[d * width + j] = rows[j * stride + d];
      for (int64_t j = n; j < width; j++)
        to[d * width + j] = 0.0f;
    }
}

/* to[j] = sum of x[d] transposed[d][j] */
ATTUNE_INLINE void
products (float *__restrict__ to, const float *__restrict__ x, const float *__restrict__ transposed,
          int64_t width, int64_t features)
{
  for (int64_t block = 0; block < width; block += WIDTH)
    {
      Floats sum = {};

      for (int64_t d = 0; d < features; d++)
        sum += x[d] * *(const Floats *) (transposed + d * width + block);
      *(Floats *) (to + block) = sum;
    }
}

/* to = sum over r of weights[r] rows[r], (D,) */
ATTUNE_INLINE void
weighted_sum (float *__restrict__ to, const float *__restrict__ weights, int64_t weight_stride,
              const float *__restrict__ rows, int64_t row_stride, int64_t n, int64_t features)
{
  int64_t block = 0;

  for (; block + WIDTH <= features; block += WIDTH)
    {
      Floats sum = {};

      for (int64_t r = 0; r < n; r++)
        sum += weights[r * weight_stride] * *(const Floats *) (rows + r * row_stride + block);
      *(Floats *) (to + block) = sum;
    }
  for (int64_t d = block; d < features; d++)
    {
      float sum = 0.0f;

      for (int64_t r = 0; r < n; r++)
        sum += weights[r * weight_stride] * rows[r * row_stride + d];
      to[d] = sum;
    }
}

/* Applies dropout to row (padded n,); the same mask as dropout_factor gives. */
ATTUNE_INLINE void
mask_row (float *row, int64_t n, uint32_t first, const DropoutMask &mask)
{
  const Words steps = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

  for (int64_t block = 0; block < n; block += WIDTH)
    {
      Words x = first + (uint32_t) block + steps;
      Floats scale = Floats {} + mask.scale;

      dropout_hash (x, mask);
      *(Floats *) (row + block) *= (Floats) ((Words) (x >= mask.threshold) & (Words) scale);
    }
}

ATTUNE_CLONES void
kernel_widen_rows (float *__restrict__ to, const BFloat16 *__restrict__ rows, int64_t n,
                   int64_t features, int64_t stride)
{
  for (int64_t row = 0; row < n; row++)
    for (int64_t d = 0; d < features; d++)
      to[row * features + d] = widen (rows[row * stride + d]);
}

ATTUNE_CLONES void
kernel_narrow_rows (BFloat16 *__restrict__ rows, const float *__restrict__ from, int64_t n,
                    int64_t features, int64_t stride)
{
  for (int64_t row = 0; row < n; row++)
    for (int64_t d = 0; d < features; d++)
      narrow (rows[row * stride + d], from[row * features + d]);
}

ATTUNE_CLONES void
kernel_head_forward (const HeadShape &shape, const float *query, const float *key,
                     const float *value,
                     float *probabilities, float *out, float *scratch)
{
  int64_t L = shape.keys, D = shape.features, width = padded (L);
  float *transposed = scratch, *row = scratch + D * width;

  transpose (transposed, key, L, D, shape.key_stride);
  for (int64_t i = 0; i < shape.queries; i++)
    {
      float highest, sum = 0.0f;

      products (row, query + i * shape.query_stride, transposed, width, D);
      highest = row[0];
      for (int64_t j = 1; j < L; j++)
        highest = row[j] > highest ? row[j] : highest;
      for (int64_t j = 0; j < width; j++)
        row[j] = exponential ((row[j] - highest) * shape.scale);
      for (int64_t j = 0; j < L; j++)
        sum += row[j];
      for (int64_t j = 0; j < L; j++)
        row[j] /= sum;
      std::memcpy (probabilities + i * L, row, (size_t) L * sizeof (float));

      if (shape.mask.threshold > 0)
        mask_row (row, L, shape.first_index + (uint32_t) i * shape.index_stride, shape.mask);
      weighted_sum (out + i * shape.out_stride, row, 1, value, shape.key_stride, L, D);
    }
}

ATTUNE_CLONES void
kernel_head_backward (const HeadShape &shape, const float *query, const float *key,
                      const float *value,
                      const float *probabilities, const float *d_out, int64_t d_query_stride,
                      int64_t d_key_stride, float *d_query, float *d_key, float *d_value, float *scratch)
{
  int64_t L = shape.keys, D = shape.features, R = shape.queries, width = padded (L);
  float *transposed = scratch, *d_scores = scratch + D * width, *dropped = d_scores + R * width;

  transpose (transposed, value, L, D, shape.key_stride);
  for (int64_t i = 0; i < R; i++)
    {
      float *d_row = d_scores + i * width, *dropped_row = dropped + i * width, sum = 0.0f;
      const float *kept = probabilities + i * L;

      std::memset (dropped_row + width - WIDTH, 0, WIDTH * sizeof (float));
      std::memcpy (dropped_row, kept, (size_t) L * sizeof (float));
      products (d_row, d_out + i * shape.out_stride, transposed, width, D);
      if (shape.mask.threshold > 0)
        {
          uint32_t first = shape.first_index + (uint32_t) i * shape.index_stride;

          mask_row (dropped_row, L, first, shape.mask);
          mask_row (d_row, L, first, shape.mask);
        }
      /* d score = p (d p - sum of p d p) */
      for (int64_t j = 0; j < L; j++)
        sum += kept[j] * d_row[j];
      for (int64_t j = 0; j < L; j++)
        d_row[j] = kept[j] * (d_row[j] - sum) * shape.scale;
      weighted_sum (d_query + i * d_query_stride, d_row, 1, key, shape.key_stride, L, D);
    }
  for (int64_t j = 0; j < L; j++)
    {
      weighted_sum (d_key + j * d_key_stride, d_scores + j, width, query, shape.query_stride, R, D);
      weighted_sum (d_value + j * d_key_stride, dropped + j, width, d_out, shape.out_stride, R, D);
    }
}

} // namespace attune
