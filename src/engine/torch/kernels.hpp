/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loops over plain memory of float32 or bfloat16 numbers, compiled for several instruction sets at once; the right one is
 * chosen when the plug-in is loaded. Each works on [begin, end) so that threads can share an array.
 */
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define ATTUNE_CLONES \
  __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ATTUNE_CLONES
#endif
/* For what those functions call: only inlined it is compiled for their instruction set. */
#define ATTUNE_INLINE static inline __attribute__ ((always_inline))

namespace attune {

using c10::BFloat16;

constexpr int64_t WIDTH = 16; /* floats of the widest vector */

/* gcc's vectors, which it breaks down to what the instruction set has; at any address. */
typedef float Floats __attribute__ ((vector_size (4 * WIDTH), aligned (4), may_alias));
typedef uint32_t Words __attribute__ ((vector_size (4 * WIDTH), aligned (4), may_alias));

/* Between float32, in which everything is computed, and the type that memory has. bfloat16 is the
 * upper half of a float32, rounded to the nearest, ties to even; without branches, so that loops
 * become vector code. */
ATTUNE_INLINE float
widen (float x)
{
  return x;
}

ATTUNE_INLINE float
widen (BFloat16 x)
{
  uint32_t bits = (uint32_t) x.x << 16;
  float wide;

  std::memcpy (&wide, &bits, sizeof wide);
  return wide;
}

ATTUNE_INLINE void
narrow (float &to, float x)
{
  to = x;
}

ATTUNE_INLINE void
narrow (BFloat16 &to, float x)
{
  uint32_t bits;

  std::memcpy (&bits, &x, sizeof bits);
  to.x = (uint16_t) ((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

/* e^x for x <= 0 to float32 accuracy: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2], the scheme
 * and coefficients of the Cephes library's expf. */
ATTUNE_INLINE float
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

/* What a backward pass does with the gradient of weights. */
enum class Grad { NONE, SET, ADD };

struct DropoutMask
{
  uint32_t key_low, key_high;
  uint32_t threshold; /* a hash below it drops the number */
  float scale;        /* of what is kept */
};

DropoutMask dropout_mask (double p, uint64_t key);

/* Turns an index, or a vector of them, into an integer hash of two multiplications (the constants
 * are C. Wellons' "lowbias32"), keyed before and between them. */
template <typename Word>
ATTUNE_INLINE void
dropout_hash (Word &x, const DropoutMask &mask)
{
  x = x * 0x9e3779b9u + mask.key_low;
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= (x >> 15) ^ mask.key_high;
  x *= 0x846ca68bu;
  x ^= x >> 16;
}

/* What dropout multiplies the number at this index by. */
ATTUNE_INLINE float
dropout_factor (uint32_t index, const DropoutMask &mask)
{
  dropout_hash (index, mask);
  return index >= mask.threshold ? mask.scale : 0.0f;
}

void kernel_dropout (float *to, const float *from, int64_t begin, int64_t end, DropoutMask mask);
void kernel_dropout_add (float *to, const float *from, const float *plus, int64_t begin,
                         int64_t end,
                         DropoutMask mask);

/* One update with everything that is the same for all weights worked out. AdamW (Loshchilov and
 * Hutter 2019) and Adam (Kingma and Ba 2015) differ in where decay stands; stochastic gradient
 * descent has its numbers below. */
struct UpdateStep
{
  float keep;          /* 1 - learning rate * decay */
  float beta1_rest;    /* 1 - beta1 */
  float beta2, beta2_rest;
  float size;          /* learning rate / (1 - beta1^t); of descent the rate itself */
  float root;          /* 1 / sqrt (1 - beta2^t) */
  float epsilon;
  float gradient_scale; /* 1 / the clipping divisor */
  float l1, l2;        /* added to the gradient: l1 sign (w) + l2 w */
  float momentum;
  bool nesterov, descent;

  bool has_penalty () const { return l1 != 0.0f || l2 != 0.0f; }
  bool is_plain () const { return !descent && !has_penalty (); }
};

/* n weights with their moments and gradients; the gradients are only read. The second form also
 * writes the weights' copy in the type that products are computed in. */
void kernel_adamw (float *value, float *exp_avg, float *exp_avg_sq, const float *gradient,
                   int64_t n, UpdateStep step);
void kernel_adamw (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
                   const float *gradient, int64_t n, UpdateStep step);
void kernel_adamw (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
                   const BFloat16 *gradient, int64_t n, UpdateStep step);
/* The same with penalties, and descent, whose momentum is exp_avg (NULL without). working: NULL
 * where there is no such copy. */
void kernel_update (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
                    const float *gradient, int64_t n, UpdateStep step);
void kernel_update (float *value, BFloat16 *working, float *exp_avg, float *exp_avg_sq,
                    const BFloat16 *gradient, int64_t n, UpdateStep step);
/* The sum of n squares, in sixteen partial sums of float32: for short arrays. */
double kernel_squares (const float *values, int64_t n);
double kernel_squares (const BFloat16 *values, int64_t n);
void kernel_scale (float *value, int64_t n, float factor);
void kernel_add (float *to, const float *from, int64_t n);

/* Columns [begin, end) of y (n, out) = x (n, in) weight (out, in)' + bias (out,), for few rows. */
void kernel_linear (const float *x, int64_t n, const float *weight, const float *bias, int64_t in,
                    float *y, int64_t out, int64_t begin, int64_t end);

/* One head of one sequence: L keys and values, R queries, D features. Rows lie stride apart. */
struct HeadShape
{
  int64_t keys, queries, features, query_stride, key_stride, out_stride;
  float scale;
  DropoutMask mask;
  uint32_t first_index, index_stride; /* of the mask, from one query to the next */
};

/* n rows of one head to float32 side by side, and back; stride is that of the bfloat16 rows. */
void kernel_widen_rows (float *to, const BFloat16 *rows, int64_t n, int64_t features,
                        int64_t stride);
void kernel_narrow_rows (BFloat16 *rows, const float *from, int64_t n, int64_t features,
                         int64_t stride);
/* Floats of scratch memory a call needs. */
int64_t head_scratch (int64_t keys, int64_t features);
/* out = dropout (softmax (scale q k')) v; probabilities (R, L) before dropout are kept. */
void kernel_head_forward (const HeadShape &shape, const float *query, const float *key,
                          const float *value,
                          float *probabilities, float *out, float *scratch);
/* From d_out the derivatives of the three inputs, which have the strides of the inputs' own copies
 * as given: d_query like query, d_key and d_value like key. All are overwritten. */
void kernel_head_backward (const HeadShape &shape, const float *query, const float *key,
                           const float *value,
                           const float *probabilities, const float *d_out, int64_t d_query_stride,
                           int64_t d_key_stride, float *d_query, float *d_key, float *d_value,
                           float *scratch);

} // namespace attune
