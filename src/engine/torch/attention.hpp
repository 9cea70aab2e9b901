/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Multi-head attention over packed rows. Shapes: T rows in all, H = heads * D features, R rows that
 * ask: all T, or only each sequence's first (R = B) where nothing else is used afterwards.
 */
#pragma once

#include "batch.hpp"
#include "dropout.hpp"
#include "kernels.hpp"

namespace attune {

class Attention
{
 public:
  int64_t heads;
  bool first_only;
  Dropout place; /* on the probabilities */
  int64_t window = 0; /* a token sees as many on either side; 0: all */

  /* Saved for backward, in one of two forms. Short sequences on the CPU: the rows as
   * they came and probabilities as kernels.hpp keeps them. Else: */
  at::Tensor query, key, value; /* (B, heads, R/B or S, D) */
  at::Tensor probabilities;     /* (B, heads, R/B or S, S), before dropout */

  /* query (R, H), key_value (T, 2H) -> context (R, H); softmax (q k' / sqrt D) v. */
  at::Tensor forward (const Input &input, const at::Tensor &query_rows,
                      const at::Tensor &key_value_rows);
  /* Fills d_query_rows (R, H) and d_key_value_rows (T, 2H). */
  void backward (const Input &input, const at::Tensor &d_context, const at::Tensor &d_query_rows,
                 const at::Tensor &d_key_value_rows) const;

 private:
  bool by_heads = false;
  bool sees_all (const Input &input) const;
  int64_t first_query (const Input &input, int64_t sequence) const;
  template <typename Number>
  void forward_heads (const Input &input, const at::Tensor &context);
  template <typename Number>
  void backward_heads (const Input &input, const at::Tensor &d_context,
                       const at::Tensor &d_query_rows, const at::Tensor &d_key_value_rows) const;
};

} // namespace attune
