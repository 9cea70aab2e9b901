/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See products.hpp. Each thread multiplies its own part of a product by itself. A BLAS that shares
 * one product among threads makes them wait for each other many times within it, actively: with
 * other work on the machine that costs several times the product.
 */
#include "products.hpp"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace attune {

/* Calls work (dimension, begin, length) for parts of a product of this shape, one for each
 * thread. */
template <typename Work>
static void
split_product (const at::Tensor &product, Work &&work)
{
  int64_t dimension = product.size (0) >= product.size (1) ? 0 : 1, size = product.size (dimension);
  int64_t threads = product.is_cpu () ? at::get_num_threads () : 1;
  int64_t part = ((size + threads - 1) / threads + 15) / 16 * 16;

  if (threads == 1 || part >= size)
    {
      work (0, 0, product.size (0));
      return;
    }
  at::parallel_for (0, (size + part - 1) / part, 1, [&] (int64_t begin, int64_t end) {
    c10::InferenceMode inference;

    for (int64_t i = begin; i < end; i++)
      work (dimension, i * part, std::min (part, size - i * part));
  });
}

void
multiply (const at::Tensor &out, const at::Tensor &a, const at::Tensor &b, double beta)
{
  split_product (out, [&] (int64_t dimension, int64_t begin, int64_t length) {
    out.narrow (dimension, begin, length)
      .addmm_ (dimension == 0 ? a.narrow (0, begin, length) : a,
               dimension == 1 ? b.narrow (1, begin, length) : b, beta, 1.0);
  });
}

void
multiply_add_bias (const at::Tensor &out, const at::Tensor &a, const at::Tensor &b,
                   const at::Tensor &bias)
{
  split_product (out, [&] (int64_t dimension, int64_t begin, int64_t length) {
    at::Tensor part = out.narrow (dimension, begin, length);

    if (dimension == 0)
      at::addmm_out (part, bias, a.narrow (0, begin, length), b);
    else
      at::addmm_out (part, bias.narrow (0, begin, length), a, b.narrow (1, begin, length));
  });
}

} // namespace attune
