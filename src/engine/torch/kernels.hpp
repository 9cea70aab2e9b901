/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loops over plain float32 memory, compiled for several instruction sets at once; the right one is
 * chosen when the plug-in is loaded. Each works on [begin, end) so that threads can share an array.
 */
#pragma once

#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define ATTUNE_CLONES \
  __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ATTUNE_CLONES
#endif

namespace attune {

struct DropoutMask
{
  uint32_t key_low, key_high;
  uint32_t threshold; /* a hash below it drops the number */
  float scale;        /* of what is kept */
};

DropoutMask dropout_mask (double p, uint64_t key);

void kernel_dropout (float *to, const float *from, int64_t begin, int64_t end, DropoutMask mask);
void kernel_dropout_add (float *to, const float *from, const float *plus, int64_t begin, int64_t end,
                         DropoutMask mask);

} // namespace attune
