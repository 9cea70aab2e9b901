/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Matrix products, shared among the threads the way that is fastest here.
 */
#pragma once

#include <ATen/ATen.h>

namespace attune {

/* out = beta out + a b; out (N, M), a (N, K), b (K, M), all of one type. */
void multiply (const at::Tensor &out, const at::Tensor &a, const at::Tensor &b, double beta);
/* out = a b + bias; bias (M,). */
void multiply_add_bias (const at::Tensor &out, const at::Tensor &a, const at::Tensor &b,
                        const at::Tensor &bias);

} // namespace attune
