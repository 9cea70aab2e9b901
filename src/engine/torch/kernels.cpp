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
  return { (uint32_t) key, (uint32_t) (key >> 32), (uint32_t) std::llround (p * 4294967296.0),
           (float) (1.0 / (1.0 - p)) };
}

/* An integer hash of two multiplications (the constants are C. Wellons' "lowbias32"), keyed before
 * and between them. */
static inline uint32_t
hash (uint32_t index, DropoutMask mask)
{
  uint32_t x = index * 0x9e3779b9u + mask.key_low;

  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= (x >> 15) ^ mask.key_high;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

ATTUNE_CLONES void
kernel_dropout (float *to, const float *from, int64_t begin, int64_t end, DropoutMask mask)
{
  for (int64_t i = begin; i < end; i++)
    to[i] = from[i] * (hash ((uint32_t) i, mask) >= mask.threshold ? mask.scale : 0.0f);
}

ATTUNE_CLONES void
kernel_dropout_add (float *to, const float *from, const float *plus, int64_t begin, int64_t end,
                    DropoutMask mask)
{
  for (int64_t i = begin; i < end; i++)
    to[i] = plus[i] + from[i] * (hash ((uint32_t) i, mask) >= mask.threshold ? mask.scale : 0.0f);
}

} // namespace attune
