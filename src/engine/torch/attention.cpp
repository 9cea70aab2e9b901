/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention in two ways. Short sequences on the CPU: head by head, without padding. Else by plain
 * matrix products, which unlike the fused kernels of libtorch take dropout on every device;
 * sequences of different lengths are padded there and nowhere else, padded keys get no weight and
 * padded queries no gradient.
 */
#include "attention.hpp"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <limits>

namespace attune {

/* Above this many tokens a BLAS is faster. */
static constexpr int64_t LONGEST_BY_HEADS = 96;

HeadShape
Attention::shape_of (const Input &input, int64_t sequence, int64_t head) const
{
  int64_t S = input.longest, D = query.size (1) / heads;
  int64_t length = input.offsets[(size_t) sequence + 1] - input.offsets[(size_t) sequence];

  return { length, first_only ? 1 : length, D, query.stride (0), key.stride (0), heads * D,
           (float) (1.0 / std::sqrt ((double) D)), dropout_mask (place.p, place.key),
           (uint32_t) ((sequence * heads + head) * S * S), (uint32_t) S };
}

int64_t
Attention::first_query (const Input &input, int64_t sequence) const
{
  return first_only ? sequence : input.offsets[(size_t) sequence];
}

/* Calls work (sequence, head, shape, scratch) for each head of each sequence, on all threads. */
template <typename Shape, typename Work>
static void
for_each_head (const Input &input, int64_t heads, int64_t features, Shape &&shape, Work &&work)
{
  at::parallel_for (0, input.n_sequences * heads, 8, [&] (int64_t begin, int64_t end) {
    std::vector<float> scratch ((size_t) head_scratch (input.longest, features));

    for (int64_t i = begin; i < end; i++)
      work (i / heads, i % heads, shape (i / heads, i % heads), scratch.data ());
  });
}

at::Tensor
Attention::forward_heads (const Input &input)
{
  int64_t H = query.size (1), D = H / heads, S = input.longest;
  at::Tensor context = at::empty ({ query.size (0), H }, query.options ());
  int64_t each = (first_only ? 1 : S) * S;

  probabilities = at::empty ({ input.n_sequences * heads * each }, query.options ());
  for_each_head (
    input, heads, D, [&] (int64_t b, int64_t h) { return shape_of (input, b, h); },
    [&] (int64_t b, int64_t h, const HeadShape &shape, float *scratch) {
      int64_t row = input.offsets[(size_t) b], asking = first_query (input, b);

      kernel_head_forward (shape,
                           query.const_data_ptr<float> () + asking * query.stride (0) + h * D,
                           key.const_data_ptr<float> () + row * key.stride (0) + h * D,
                           value.const_data_ptr<float> () + row * value.stride (0) + h * D,
                           probabilities.data_ptr<float> () + (b * heads + h) * each,
                           context.data_ptr<float> () + asking * H + h * D, scratch);
    });
  return context;
}

void
Attention::backward_heads (const Input &input, const at::Tensor &d_context,
                           const at::Tensor &d_query_rows,
                           const at::Tensor &d_key_value_rows) const
{
  int64_t H = query.size (1), D = H / heads, S = input.longest;
  int64_t each = (first_only ? 1 : S) * S;
  int64_t d_query_stride = d_query_rows.stride (0), d_key_stride = d_key_value_rows.stride (0);
  float *d_query = d_query_rows.data_ptr<float> (), *d_key = d_key_value_rows.data_ptr<float> ();

  for_each_head (
    input, heads, D, [&] (int64_t b, int64_t h) { return shape_of (input, b, h); },
    [&] (int64_t b, int64_t h, const HeadShape &shape, float *scratch) {
      int64_t row = input.offsets[(size_t) b], asking = first_query (input, b);

      kernel_head_backward (shape,
                            query.const_data_ptr<float> () + asking * query.stride (0) + h * D,
                            key.const_data_ptr<float> () + row * key.stride (0) + h * D,
                            value.const_data_ptr<float> () + row * value.stride (0) + h * D,
                            probabilities.const_data_ptr<float> () + (b * heads + h) * each,
                            d_context.const_data_ptr<float> () + asking * H + h * D, d_query_stride,
                            d_key_stride, d_query + asking * d_query_stride + h * D,
                            d_key + row * d_key_stride + h * D,
                            d_key + row * d_key_stride + H + h * D, scratch);
    });
}

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

/* scale times a (B, heads, m, k) times b (B, heads, k, n), on the CPU each thread some of the
 * heads; see products.cpp for why. */
static at::Tensor
multiply_heads (const at::Tensor &a, const at::Tensor &b, double scale = 1.0)
{
  at::Tensor left = a.flatten (0, 1), right = b.flatten (0, 1);
  at::Tensor out = at::empty ({ left.size (0), left.size (1), right.size (2) }, left.options ());
  auto multiply_some = [&] (int64_t begin, int64_t end) {
    at::Tensor some = out.narrow (0, begin, end - begin);

    at::baddbmm_out (some, some, left.narrow (0, begin, end - begin),
                     right.narrow (0, begin, end - begin), 0.0, scale);
  };

  if (a.is_cpu ())
    at::parallel_for (0, left.size (0), (left.size (0) - 1) / at::get_num_threads () + 1,
                      [&] (int64_t begin, int64_t end) {
                        c10::InferenceMode inference;

                        multiply_some (begin, end);
                      });
  else
    multiply_some (0, left.size (0));
  return out.view ({ a.size (0), a.size (1), a.size (2), b.size (3) });
}

at::Tensor
Attention::forward (const Input &input, const at::Tensor &query_rows,
                    const at::Tensor &key_value_rows)
{
  int64_t H = query_rows.size (1);
  double scale = 1.0 / std::sqrt ((double) (H / heads));
  at::ScalarType type = query_rows.scalar_type ();

  by_heads = !input.device_path && type == at::kFloat && input.longest <= LONGEST_BY_HEADS;
  if (by_heads)
    {
      query = query_rows;
      key = key_value_rows.narrow (1, 0, H);
      value = key_value_rows.narrow (1, H, H);
      return forward_heads (input);
    }

  query = split_heads (input, query_rows, heads, first_only).contiguous ();
  key = split_heads (input, key_value_rows.narrow (1, 0, H), heads, false).contiguous ();
  value = split_heads (input, key_value_rows.narrow (1, H, H), heads, false).contiguous ();

  at::Tensor scores = multiply_heads (query, key.transpose (2, 3), scale);
  if (input.ragged)
    scores.masked_fill_ (input.padding, -std::numeric_limits<double>::infinity ());
  probabilities = at::softmax (scores, -1, at::kFloat);

  at::Tensor context = multiply_heads (dropout (probabilities, place).to (type), value);
  at::Tensor rows = at::empty ({ query_rows.size (0), H }, context.options ());
  join_heads (input, context, first_only, rows);
  return rows;
}

void
Attention::backward (const Input &input, const at::Tensor &d_context,
                     const at::Tensor &d_query_rows,
                     const at::Tensor &d_key_value_rows) const
{
  int64_t H = d_context.size (1);
  double scale = 1.0 / std::sqrt ((double) (H / heads));

  if (by_heads)
    {
      backward_heads (input, d_context, d_query_rows, d_key_value_rows);
      return;
    }

  at::Tensor padded = d_context;

  if (input.ragged && !first_only)
    padded = at::zeros ({ input.n_sequences * input.longest, H }, d_context.options ())
      .index_copy_ (0, input.scatter, d_context);
  padded = padded.view ({ input.n_sequences, -1, heads, H / heads }).transpose (1, 2).contiguous ();

  at::Tensor dropped = dropout (probabilities, place).to (value.scalar_type ());
  join_heads (input, multiply_heads (dropped.transpose (2, 3), padded), false,
              d_key_value_rows.narrow (1, H, H));

  at::Tensor d_probabilities = multiply_heads (padded, value.transpose (2, 3)).to (at::kFloat);
  d_probabilities = dropout (d_probabilities, place);
  at::Tensor d_scores = at::_softmax_backward_data (d_probabilities, probabilities, -1, at::kFloat)
    .to (value.scalar_type ());
  join_heads (input, multiply_heads (d_scores, key, scale), first_only, d_query_rows);
  join_heads (input, multiply_heads (d_scores.transpose (2, 3), query, scale), false,
              d_key_value_rows.narrow (1, 0, H));
}

} // namespace attune
