/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What lies between two matrix products, in one pass over rows each: dropout, residual and layer
 * normalisation; GELU; the sums over rows that are the gradients of vectors. Computed in float32;
 * what goes to or comes from a product has the type products are computed in (Number: float or
 * BFloat16). n rows of H or I numbers; rows lie H or stride apart.
 */
#pragma once

#include "kernels.hpp"

namespace attune {

struct AddNormShape
{
  int64_t features; /* H */
  float epsilon;
  DropoutMask mask;
  const float *weight, *bias; /* (H,) */
};

/* sum = dropout (x) + residual, of which row 0 has the mask's index first * H; x may be null.
 * normalized = (sum - mean) * rstd, y = normalized * weight + bias. working is y in the type of x,
 * or null. */
template <typename Number>
void pass_add_norm (const AddNormShape &shape, int64_t first, int64_t n, const Number *x,
                    const float *residual, float *normalized, float *rstd, float *y,
                    Number *working);
/* From the derivative of y, dy + dy2 (which may be null), d_sum, and from that d_x unless null. To
 * sums (3, H) are added the derivatives of weight and bias and the sum of d_x's rows. */
template <typename Number>
void pass_add_norm_backward (const AddNormShape &shape, int64_t first, int64_t n, const float *dy,
                             const Number *dy2, const float *normalized, const float *rstd,
                             float *d_sum, Number *d_x, float *sums);

template <typename Number>
void pass_gelu (const Number *x, Number *y, int64_t n);
/* d (n, I) becomes d times the derivative at x; its rows' sum is added to sums (I,). */
template <typename Number>
void pass_gelu_backward (const Number *x, Number *d, int64_t n, int64_t columns, float *sums);
/* Adds the rows of x to sums (I,). */
template <typename Number>
void pass_column_sums (const Number *x, int64_t n, int64_t columns, int64_t stride, float *sums);

} // namespace attune
