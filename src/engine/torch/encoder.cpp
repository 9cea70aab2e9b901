/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder layer of BERT (Devlin et al. 2019) with post-normalisation, forward and backward.
 */
#include "encoder.hpp"

namespace attune {

EncoderLayer::EncoderLayer (Parameters &parameters, const std::string &prefix, const Names &names,
                            const Shape &shape, bool last, uint64_t site)
  : shape_ (shape), last_ (last), site_ (site), learns_below_ (parameters.learns ()),
    query_key_value_ (parameters,
                      { prefix + names.query, prefix + names.key, prefix + names.value },
                      shape.hidden, shape.hidden),
    output_ (parameters, { prefix + names.attention }, shape.hidden, shape.hidden),
    intermediate_ (parameters, { prefix + names.intermediate }, shape.hidden, shape.intermediate),
    dense_ (parameters, { prefix + names.output }, shape.intermediate, shape.hidden),
    norm1_ (parameters, prefix + names.attention_norm, shape.hidden, shape.epsilon),
    norm2_ (parameters, prefix + names.output_norm, shape.hidden, shape.epsilon),
    learns_ (parameters.learns ())
{
}

/* Forward with everything that backward reads. */
Stream
EncoderLayer::compute (const Parameters &parameters, const Input &input, const Stream &x,
                       const Noise *noise, Kept &now) const
{
  int64_t H = shape_.hidden;
  at::ScalarType type = x.working.scalar_type ();
  Dropout place1 = Noise::at (noise, shape_.dropouts[0], site_ + 1);
  Dropout place2 = Noise::at (noise, shape_.dropouts[1], site_ + 2);
  at::Tensor query, key_value, residual = x.wide;

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
  return norm2_.forward (parameters, dense_.forward (parameters, now.activated),
                         attended.wide, place2, type, now.norm2);
}

Stream
EncoderLayer::forward (const Parameters &parameters, const Input &input, const Stream &x,
                       const Noise *noise, bool keep)
{
  Kept now;
  Stream y = compute (parameters, input, x, noise, now);

  kept_ = Kept ();
  /* What is below all that learns is asked for by attribution only, which has no noise. */
  if (!keep || (!learns_ && noise != nullptr))
    return y;
  if (parameters.plan ().recompute && noise != nullptr)
    {
      kept_.input = x;
      kept_.noise = noise;
    }
  else
    {
      kept_ = std::move (now);
    }
  return y;
}

Derivative
EncoderLayer::backward (const Parameters &parameters, const Input &input, const Derivative &dy,
                        Grad grad)
{
  if (kept_.noise == nullptr)
    return derive (parameters, input, dy, grad);
  compute (parameters, input, kept_.input, kept_.noise, kept_);
  Derivative dx = derive (parameters, input, dy, grad);
  release (); /* or in the end all layers' would be there at once */
  return dx;
}

/* What backward does once everything is kept. */
Derivative
EncoderLayer::derive (const Parameters &parameters, const Input &input, const Derivative &dy,
                      Grad grad) const
{
  int64_t H = shape_.hidden;
  bool wants_dx = grad == Grad::NONE || learns_below_;
  at::Tensor sums;
  at::ScalarType type = kept_.x.scalar_type ();

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
      at::Tensor d_asked = query_key_value_.backward (parameters, d_all,
                                                      sum_rows (parameters, d_all), kept_.x,
                                                      grad, 0, wants_dx);
      return wants_dx ? Derivative { d_residual, d_asked } : Derivative ();
    }

  at::Tensor d_query = at::empty_like (d_context);
  at::Tensor d_key_value = at::empty ({ input.n_tokens, 2 * H }, d_context.options ());
  kept_.attention.backward (input, d_context, d_query, d_key_value);
  at::Tensor d_asking = query_key_value_.backward (parameters, d_query,
                                                   sum_rows (parameters, d_query), kept_.asking,
                                                   grad, 0, wants_dx);
  at::Tensor dx = query_key_value_.backward (parameters, d_key_value,
                                             sum_rows (parameters, d_key_value), kept_.x, grad, H,
                                             wants_dx);
  if (!wants_dx)
    return {};
  d_residual.add_ (d_asking);
  return { dx.to (at::kFloat).index_add_ (0, input.first, d_residual), at::Tensor () };
}

} // namespace attune
