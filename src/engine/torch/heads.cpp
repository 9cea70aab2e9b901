/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention of one head of one short sequence, forward and backward; see kernels.hpp. A sentence of
 * a dozen tokens makes products too small for a BLAS, whose calls cost more than the arithmetic.
 * Inner loops run over keys (padded to a vector's width) or over features, never as a sum.
 */
#include "kernels.hpp"

#include <cstring>

namespace attune {

static constexpr int64_t WIDTH = 16; /* floats of the widest vector */

static inline int64_t
padded (int64_t n)
{
  return (n + WIDTH - 1) / WIDTH * WIDTH;
}

int64_t
head_scratch (int64_t keys, int64_t features)
{
  return padded (keys) * (features + 3);
}

/* e^x for x <= 0 to float32 accuracy: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2], the scheme
 * and coefficients of the Cephes library's expf. */
static inline float
exponential (float x)
{
  float clamped = x < -87.0f ? -87.0f : x;
  float n = (clamped * 1.44269504f + 12582912.0f) - 12582912.0f; /* rounds to a whole number */
  float r = clamped - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  int32_t bits = ((int32_t) n + 127) << 23;
  float power;

  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  std::memcpy (&power, &bits, sizeof power);
  return p * power;
}

/* rows (L, D), stride apart -> (D, padded L) with zeros behind */
static inline void
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
static inline void
products (float *__restrict__ to, const float *__restrict__ x, const float *__restrict__ transposed,
          int64_t width, int64_t features)
{
  for (int64_t block = 0; block < width; block += WIDTH)
    {
      float sum[WIDTH] = { 0 };

      for (int64_t d = 0; d < features; d++)
        for (int64_t j = 0; j < WIDTH; j++)
          sum[j] += x[d] * transposed[d * width + block + j];
      for (int64_t j = 0; j < WIDTH; j++)
        to[block + j] = sum[j];
    }
}

/* to += factor * from */
static inline void
add_scaled (float *__restrict__ to, const float *__restrict__ from, int64_t n, float factor)
{
  for (int64_t d = 0; d < n; d++)
    to[d] += factor * from[d];
}

static inline void
mask_row (float *__restrict__ row, int64_t n, uint32_t first, const DropoutMask &mask)
{
  for (int64_t j = 0; j < n; j++)
    row[j] *= dropout_factor (first + (uint32_t) j, mask);
}

ATTUNE_CLONES void
kernel_head_forward (const HeadShape &shape, const float *query, const float *key, const float *value,
                     float *probabilities, float *out, float *scratch)
{
  int64_t L = shape.keys, D = shape.features, width = padded (L);
  float *transposed = scratch, *row = scratch + D * width;

  transpose (transposed, key, L, D, shape.key_stride);
  for (int64_t i = 0; i < shape.queries; i++)
    {
      float *to = out + i * shape.out_stride, highest, sum = 0.0f;

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
      std::memset (to, 0, (size_t) D * sizeof (float));
      for (int64_t j = 0; j < L; j++)
        add_scaled (to, value + j * shape.key_stride, D, row[j]);
    }
}

ATTUNE_CLONES void
kernel_head_backward (const HeadShape &shape, const float *query, const float *key, const float *value,
                      const float *probabilities, const float *d_out, int64_t d_query_stride,
                      int64_t d_key_stride, float *d_query, float *d_key, float *d_value, float *scratch)
{
  int64_t L = shape.keys, D = shape.features, width = padded (L);
  float *transposed = scratch, *d_row = scratch + D * width, *kept = d_row + width, *dropped = kept + width;

  transpose (transposed, value, L, D, shape.key_stride);
  for (int64_t j = 0; j < L; j++)
    {
      std::memset (d_key + j * d_key_stride, 0, (size_t) D * sizeof (float));
      std::memset (d_value + j * d_key_stride, 0, (size_t) D * sizeof (float));
    }
  for (int64_t i = 0; i < shape.queries; i++)
    {
      const float *from = d_out + i * shape.out_stride, *q = query + i * shape.query_stride;
      float *d_q = d_query + i * d_query_stride, sum = 0.0f;

      std::memcpy (kept, probabilities + i * L, (size_t) L * sizeof (float));
      std::memcpy (dropped, kept, (size_t) L * sizeof (float));
      products (d_row, from, transposed, width, D);
      if (shape.mask.threshold > 0)
        {
          uint32_t first = shape.first_index + (uint32_t) i * shape.index_stride;

          mask_row (dropped, L, first, shape.mask);
          mask_row (d_row, L, first, shape.mask);
        }
      /* d score = p (d p - sum of p d p) */
      for (int64_t j = 0; j < L; j++)
        sum += kept[j] * d_row[j];
      for (int64_t j = 0; j < L; j++)
        d_row[j] = kept[j] * (d_row[j] - sum) * shape.scale;

      std::memset (d_q, 0, (size_t) D * sizeof (float));
      for (int64_t j = 0; j < L; j++)
        {
          add_scaled (d_value + j * d_key_stride, from, D, dropped[j]);
          add_scaled (d_key + j * d_key_stride, q, D, d_row[j]);
          add_scaled (d_q, key + j * shape.key_stride, D, d_row[j]);
        }
    }
}

} // namespace attune
