/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A linear layer of few rows: one sentence. A BLAS first copies the weights into an order of its
 * own, which for few rows takes longer than the product. Here they are read once, as they lie; four
 * of their rows and four of x make sixteen sums that stay in registers.
 */
#include "kernels.hpp"

namespace attune {

typedef int32_t Lanes __attribute__ ((vector_size (4 * WIDTH)));

static constexpr int64_t TILE = 4;

/* Half as many partial sums of two vectors, in one: of a where the lane's number has not this bit,
 * of b where it has. */
template <int32_t BIT>
ATTUNE_INLINE void
fold (const Floats &a, const Floats &b, Floats &to)
{
  const Lanes lanes = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
  const Lanes own = lanes + (lanes & BIT) / BIT * WIDTH;

  to = __builtin_shuffle (a, b, own) + __builtin_shuffle (a, b, own ^ BIT);
}

/* Lane i of all becomes the sum of all lanes of sums[i]. */
ATTUNE_INLINE void
fold_all (const Floats *sums, Floats &all)
{
  Floats eight[8], four[4], two[2];

  for (int i = 0; i < 8; i++)
    fold<8> (sums[i], sums[i + 8], eight[i]);
  for (int i = 0; i < 4; i++)
    fold<4> (eight[i], eight[i + 4], four[i]);
  for (int i = 0; i < 2; i++)
    fold<2> (four[i], four[i + 2], two[i]);
  fold<1> (two[0], two[1], all);
}

ATTUNE_INLINE float
dot (const float *a, const float *b, int64_t n)
{
  Floats sums = {};
  float sum = 0.0f;
  int64_t i = 0;

  for (; i + WIDTH <= n; i += WIDTH)
    sums += *(const Floats *) (a + i) * *(const Floats *) (b + i);
  for (int64_t lane = 0; lane < WIDTH; lane++)
    sum += sums[lane];
  for (; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* TILE rows of y, TILE numbers each. */
ATTUNE_INLINE void
tile (const float *x, const float *weight, const float *bias, int64_t in, float *y, int64_t stride)
{
  Floats sums[TILE * TILE] = {};
  int64_t whole = in / WIDTH * WIDTH;

  for (int64_t i = 0; i < whole; i += WIDTH)
    {
      Floats rows[TILE];

      for (int64_t m = 0; m < TILE; m++)
        rows[m] = *(const Floats *) (x + m * in + i);
      for (int64_t o = 0; o < TILE; o++)
        {
          Floats column = *(const Floats *) (weight + o * in + i);

          for (int64_t m = 0; m < TILE; m++)
            sums[m * TILE + o] += rows[m] * column;
        }
    }

  Floats all;
  fold_all (sums, all);
  for (int64_t m = 0; m < TILE; m++)
    for (int64_t o = 0; o < TILE; o++)
      {
        float rest = bias[o];

        for (int64_t i = whole; i < in; i++)
          rest += x[m * in + i] * weight[o * in + i];
        y[m * stride + o] = all[m * TILE + o] + rest;
      }
}

ATTUNE_CLONES void
kernel_linear (const float *x, int64_t n, const float *weight, const float *bias, int64_t in,
               float *y, int64_t out, int64_t begin, int64_t end)
{
  for (int64_t o = begin; o < end; o += TILE)
    for (int64_t m = 0; m < n; m += TILE)
      if (o + TILE <= end && m + TILE <= n)
        tile (x + m * in, weight + o * in, bias + o, in, y + m * out + o, out);
      else
        for (int64_t row = m; row < n && row < m + TILE; row++)
          for (int64_t column = o; column < end && column < o + TILE; column++)
            y[row * out + column] = bias[column] + dot (x + row * in, weight + column * in, in);
}

} // namespace attune
