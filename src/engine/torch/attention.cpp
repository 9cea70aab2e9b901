/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention by plain matrix products: at the lengths of sentences they are faster than the fused
 * kernels of libtorch on the CPU, and unlike those they take dropout. Sequences of different
 * lengths are padded here and nowhere else; padded keys get no weight, padded queries no gradient.
 */
#include "attention.hpp"

#include <cmath>
#include <limits>

namespace attune {

/* (rows, n) -> (B, heads, rows/B, n/heads), padded where lengths differ. */
static at::Tensor
split_heads (const Input &input, const at::Tensor &rows, int64_t heads, bool first_only)
{
  at::Tensor x = input.ragged && !first_only ? rows.index_select (0, input.gather) : rows;

  return x.view ({ input.n_sequences, -1, heads, x.size (1) / heads }).transpose (1, 2);
}

/* The reverse, into rows. */
static void
join_heads (const Input &input, const at::Tensor &x, bool first_only, const at::Tensor &rows)
{
  at::Tensor joined = x.transpose (1, 2);

  if (input.ragged && !first_only)
    rows.copy_ (joined.reshape ({ -1, rows.size (1) }).index_select (0, input.scatter));
  else
    rows.view ({ input.n_sequences, -1, x.size (1), x.size (3) }).copy_ (joined);
}

at::Tensor
Attention::forward (const Input &input, const at::Tensor &query_rows, const at::Tensor &key_value_rows)
{
  int64_t H = query_rows.size (1);
  at::ScalarType type = query_rows.scalar_type ();

  query = split_heads (input, query_rows, heads, first_only).contiguous ();
  key = split_heads (input, key_value_rows.narrow (1, 0, H), heads, false).contiguous ();
  value = split_heads (input, key_value_rows.narrow (1, H, H), heads, false).contiguous ();

  at::Tensor scores = at::matmul (query, key.transpose (2, 3))
    .mul_ (1.0 / std::sqrt ((double) (H / heads)));
  if (input.ragged)
    scores.masked_fill_ (input.padding, -std::numeric_limits<double>::infinity ());
  probabilities = at::softmax (scores, -1, at::kFloat);

  at::Tensor context = at::matmul (dropout (probabilities, place).to (type), value);
  at::Tensor rows = at::empty ({ query_rows.size (0), H }, context.options ());
  join_heads (input, context, first_only, rows);
  return rows;
}

void
Attention::backward (const Input &input, const at::Tensor &d_context, const at::Tensor &d_query_rows,
                     const at::Tensor &d_key_value_rows) const
{
  int64_t H = d_context.size (1);
  at::Tensor padded = d_context;

  if (input.ragged && !first_only)
    padded = at::zeros ({ input.n_sequences * input.longest, H }, d_context.options ())
      .index_copy_ (0, input.scatter, d_context);
  padded = padded.view ({ input.n_sequences, -1, heads, H / heads }).transpose (1, 2).contiguous ();

  at::Tensor dropped = dropout (probabilities, place).to (value.scalar_type ());
  join_heads (input, at::matmul (dropped.transpose (2, 3), padded), false, d_key_value_rows.narrow (1, H, H));

  at::Tensor d_probabilities = dropout (at::matmul (padded, value.transpose (2, 3)).to (at::kFloat), place);
  at::Tensor d_scores = at::_softmax_backward_data (d_probabilities, probabilities, -1, at::kFloat)
    .mul_ (1.0 / std::sqrt ((double) (H / heads))).to (value.scalar_type ());
  join_heads (input, at::matmul (d_scores, key), first_only, d_query_rows);
  join_heads (input, at::matmul (d_scores.transpose (2, 3), query), false, d_key_value_rows.narrow (1, 0, H));
}

} // namespace attune
