/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder layer of BERT (Devlin et al. 2019) with post-normalisation, forward and backward.
 */
#include "encoder.hpp"

namespace attune {

EncoderLayer::EncoderLayer (Parameters &parameters, const std::string &prefix, const Names &names,
                            const Shape &shape, bool last, uint64_t site)
  : shape_ (shape), last_ (last), site_ (site),
    query_key_value_ (parameters,
                      { prefix + names.query, prefix + names.key, prefix + names.value },
                      shape.hidden, shape.hidden),
    output_ (parameters, { prefix + names.attention }, shape.hidden, shape.hidden),
    intermediate_ (parameters, { prefix + names.intermediate }, shape.hidden, shape.intermediate),
    dense_ (parameters, { prefix + names.output }, shape.intermediate, shape.hidden),
    norm1_ (parameters, prefix + names.attention_norm, shape.hidden, shape.epsilon),
    norm2_ (parameters, prefix + names.output_norm, shape.hidden, shape.epsilon)
{
}

Stream
EncoderLayer::forward (const Parameters &parameters, const Input &input, const Stream &x,
                       const Noise *noise, bool keep)
{
  int64_t H = shape_.hidden;
  at::ScalarType type = x.working.scalar_type ();
  Dropout place1 = Noise::at (noise, shape_.dropouts[0], site_ + 1);
  Dropout place2 = Noise::at (noise, shape_.dropouts[1], site_ + 2);
  at::Tensor query, key_value, residual = x.wide;
  Kept now;

  now.attention.heads = shape_.heads;
  now.attention.first_only = last_;
  now.attention.place = Noise::at (noise, shape_.attention_dropout, site_);
  now.x = x.working;
  now.asking = x.working;
  if (last_)
    {
      residual = x.wide.index_select (0, input.first);
      now.asking = residual.to (type);
      query = query_key_value_.forward (parameters, now.asking, 0, H);
      key_value = query_key_value_.forward (parameters, now.x, H);
    }
  else
    {
      at::Tensor all = query_key_value_.forward (parameters, now.x);

      query = all.narrow (1, 0, H);
      key_value = all.narrow (1, H, 2 * H);
    }
  now.context = now.attention.forward (input, query, key_value);

  Stream attended = norm1_.forward (parameters, output_.forward (parameters, now.context),
                                    residual, place1, type, now.norm1);
  now.attended = attended.working;
  now.inner = intermediate_.forward (parameters, now.attended);
  now.activated = shape_.activation.forward (parameters, now.inner);
  Stream y = norm2_.forward (parameters, dense_.forward (parameters, now.activated),
                             attended.wide, place2, type, now.norm2);

  kept_ = keep ? std::move (now) : Kept ();
  return y;
}

Derivative
EncoderLayer::backward (const Parameters &parameters, const Input &input, const Derivative &dy,
                        Grad grad)
{
  int64_t H = shape_.hidden;
  at::ScalarType type = kept_.x.scalar_type ();
  at::Tensor sums;

  auto [d_attended, d_dense, d_bias2] = norm2_.backward (parameters, dy, kept_.norm2, type, grad);
  at::Tensor d_inner = shape_.activation.backward (
    parameters, dense_.backward (parameters, d_dense, d_bias2, kept_.activated, grad),
    kept_.inner, sums);
  at::Tensor d_branch = intermediate_.backward (parameters, d_inner, sums, kept_.attended, grad);

  auto [d_residual, d_output, d_bias1] = norm1_.backward (parameters, { d_attended, d_branch },
                                                          kept_.norm1, type, grad);
  at::Tensor d_context = output_.backward (parameters, d_output, d_bias1, kept_.context, grad);

  if (!last_)
    {
      at::Tensor d_all = at::empty ({ input.n_tokens, 3 * H }, d_context.options ());

      kept_.attention.backward (input, d_context, d_all.narrow (1, 0, H),
                                d_all.narrow (1, H, 2 * H));
      return { d_residual, query_key_value_.backward (parameters, d_all,
                                                      sum_rows (parameters, d_all), kept_.x,
                                                      grad) };
    }

  at::Tensor d_query = at::empty_like (d_context);
  at::Tensor d_key_value = at::empty ({ input.n_tokens, 2 * H }, d_context.options ());
  kept_.attention.backward (input, d_context, d_query, d_key_value);
  d_residual.add_ (query_key_value_.backward (parameters, d_query, sum_rows (parameters, d_query),
                                              kept_.asking, grad));
  at::Tensor dx = query_key_value_.backward (parameters, d_key_value,
                                             sum_rows (parameters, d_key_value), kept_.x, grad, H);
  return { dx.to (at::kFloat).index_add_ (0, input.first, d_residual), at::Tensor () };
}

} // namespace attune
