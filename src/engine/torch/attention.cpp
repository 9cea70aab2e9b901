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
#include <type_traits>

namespace attune {

/* Above this many tokens a BLAS is faster; where much of what it multiplies is padding, above the
 * second. */
static constexpr int64_t LONGEST_BY_HEADS = 56, LONGEST_RAGGED_BY_HEADS = 96;

static bool
go_by_heads (const Input &input)
{
  int64_t places = input.n_sequences * input.longest;
  bool much_padding = 4 * input.n_tokens < 3 * places;

  return !input.device_path
         && input.longest <= (much_padding ? LONGEST_RAGGED_BY_HEADS : LONGEST_BY_HEADS);
}

bool
Attention::sees_all (const Input &input) const
{
  return window == 0 || input.longest <= window + 1;
}

int64_t
Attention::first_query (const Input &input, int64_t sequence) const
{
  return first_only ? sequence : input.offsets[(size_t) sequence];
}

/* Rows of one head, the features of a row side by side, rows stride apart. The kernels work on
 * float32: there rows are used where they lie; others are copied to and from a room of their own. */
template <typename Number>
struct HeadRows
{
  Number *rows;
  int64_t n, features, stride;

  static constexpr bool wide = std::is_same_v<std::remove_const_t<Number>, float>;

  int64_t wide_stride () const { return wide ? stride : features; }

  /* The place of their float32 form; room moves on. */
  auto *
  open (float *&room, bool read)
  {
    if constexpr (wide)
      {
        return rows;
      }
    else
      {
        float *at = room;

        room += n * features;
        if (read)
          kernel_widen_rows (at, rows, n, features, stride);
        return at;
      }
  }

  void
  close (const float *at)
  {
    if constexpr (!wide)
      kernel_narrow_rows (rows, at, n, features, stride);
  }
};

/* The part of one head of one sequence. */
template <typename Number>
static HeadRows<Number>
head_rows (const at::Tensor &tensor, int64_t first, int64_t n, int64_t head, int64_t features)
{
  using Plain = std::remove_const_t<Number>;
  int64_t stride = tensor.stride (0);

  return { tensor.data_ptr<Plain> () + first * stride + head * features, n, features, stride };
}

/* Calls work (sequence, head, scratch) for each head of each sequence, on all threads; scratch has
 * room for seven sets of rows beside what the kernels want. */
template <typename Work>
static void
for_each_head (const Input &input, int64_t heads, int64_t features, Work &&work)
{
  at::parallel_for (0, input.n_sequences * heads, 8, [&] (int64_t begin, int64_t end) {
    std::vector<float> scratch ((size_t) (head_scratch (input.longest, features)
                                          + 7 * input.longest * features));

    for (int64_t i = begin; i < end; i++)
      work (i / heads, i % heads, scratch.data ());
  });
}

template <typename Number>
void
Attention::forward_heads (const Input &input, const at::Tensor &context)
{
  int64_t D = query.size (1) / heads, S = input.longest, each = (first_only ? 1 : S) * S;

  probabilities = at::empty ({ input.n_sequences * heads * each }, at::kFloat);
  for_each_head (input, heads, D, [&] (int64_t b, int64_t h, float *scratch) {
    int64_t row = input.offsets[(size_t) b], asking = first_query (input, b);
    int64_t L = input.offsets[(size_t) b + 1] - row, R = first_only ? 1 : L;
    float *room = scratch + head_scratch (S, D);
    auto q = head_rows<const Number> (query, asking, R, h, D);
    auto k = head_rows<const Number> (key, row, L, h, D);
    auto v = head_rows<const Number> (value, row, L, h, D);
    auto out = head_rows<Number> (context, asking, R, h, D);
    HeadShape shape { L, R, D, q.wide_stride (), k.wide_stride (), out.wide_stride (),
                      (float) (1.0 / std::sqrt ((double) D)),
                      dropout_mask (place.p, place.key), (uint32_t) ((b * heads + h) * S * S),
                      (uint32_t) S };
    const float *q_at = q.open (room, true), *k_at = k.open (room, true);
    const float *v_at = v.open (room, true);
    float *to = out.open (room, false);

    kernel_head_forward (shape, q_at, k_at, v_at,
                         probabilities.data_ptr<float> () + (b * heads + h) * each, to, scratch);
    out.close (to);
  });
}

template <typename Number>
void
Attention::backward_heads (const Input &input, const at::Tensor &d_context,
                           const at::Tensor &d_query_rows,
                           const at::Tensor &d_key_value_rows) const
{
  int64_t H = query.size (1), D = H / heads, S = input.longest, each = (first_only ? 1 : S) * S;
  at::Tensor d_key_rows = d_key_value_rows.narrow (1, 0, H);
  at::Tensor d_value_rows = d_key_value_rows.narrow (1, H, H);

  for_each_head (input, heads, D, [&] (int64_t b, int64_t h, float *scratch) {
    int64_t row = input.offsets[(size_t) b], asking = first_query (input, b);
    int64_t L = input.offsets[(size_t) b + 1] - row, R = first_only ? 1 : L;
    float *room = scratch + head_scratch (S, D);
    auto q = head_rows<const Number> (query, asking, R, h, D);
    auto k = head_rows<const Number> (key, row, L, h, D);
    auto v = head_rows<const Number> (value, row, L, h, D);
    auto d_out = head_rows<const Number> (d_context, asking, R, h, D);
    auto d_q = head_rows<Number> (d_query_rows, asking, R, h, D);
    auto d_k = head_rows<Number> (d_key_rows, row, L, h, D);
    auto d_v = head_rows<Number> (d_value_rows, row, L, h, D);
    HeadShape shape { L, R, D, q.wide_stride (), k.wide_stride (), d_out.wide_stride (),
                      (float) (1.0 / std::sqrt ((double) D)),
                      dropout_mask (place.p, place.key), (uint32_t) ((b * heads + h) * S * S),
                      (uint32_t) S };
    const float *q_at = q.open (room, true), *k_at = k.open (room, true);
    const float *v_at = v.open (room, true), *from = d_out.open (room, true);
    float *to_q = d_q.open (room, false), *to_k = d_k.open (room, false);
    float *to_v = d_v.open (room, false);

    kernel_head_backward (shape, q_at, k_at, v_at,
                          probabilities.const_data_ptr<float> () + (b * heads + h) * each, from,
                          d_q.wide_stride (), d_k.wide_stride (), to_q, to_k, to_v, scratch);
    d_q.close (to_q);
    d_k.close (to_k);
    d_v.close (to_v);
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

/* (R/B or S, S): true where a key is out of the query's sight. */
static at::Tensor
far_keys (const Input &input, int64_t window, bool first_only)
{
  at::Tensor places = at::arange (input.longest, input.positions.options ());
  at::Tensor asking = first_only ? places.narrow (0, 0, 1) : places;

  return at::sub (asking.unsqueeze (1), places.unsqueeze (0)).abs ().gt (window);
}

at::Tensor
Attention::forward (const Input &input, const at::Tensor &query_rows,
                    const at::Tensor &key_value_rows)
{
  int64_t H = query_rows.size (1);
  double scale = 1.0 / std::sqrt ((double) (H / heads));
  at::ScalarType type = query_rows.scalar_type ();

  by_heads = go_by_heads (input) && sees_all (input);
  if (by_heads)
    {
      query = query_rows;
      key = key_value_rows.narrow (1, 0, H);
      value = key_value_rows.narrow (1, H, H);
      at::Tensor rows = at::empty ({ query_rows.size (0), H }, query_rows.options ());
      if (type == at::kFloat)
        forward_heads<float> (input, rows);
      else
        forward_heads<BFloat16> (input, rows);
      return rows;
    }

  query = split_heads (input, query_rows, heads, first_only).contiguous ();
  key = split_heads (input, key_value_rows.narrow (1, 0, H), heads, false).contiguous ();
  value = split_heads (input, key_value_rows.narrow (1, H, H), heads, false).contiguous ();

  at::Tensor scores = multiply_heads (query, key.transpose (2, 3), scale);
  /* Not -infinity: a padded query may have nothing but padding in sight, and must stay a number. */
  if (!sees_all (input))
    scores.masked_fill_ (far_keys (input, window, first_only), -1e30);
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
      if (d_context.scalar_type () == at::kFloat)
        backward_heads<float> (input, d_context, d_query_rows, d_key_value_rows);
      else
        backward_heads<BFloat16> (input, d_context, d_query_rows, d_key_value_rows);
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
