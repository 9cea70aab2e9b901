/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See prenorm.hpp. What the halves add up stays in float32; products run in the working type.
 */
#include "prenorm.hpp"

namespace attune {

Rotation::Rotation (const Input &input, int64_t features, double theta)
{
  at::Tensor powers = at::arange (0, features, 2, input.positions.options ().dtype (at::kFloat))
                        .div_ ((double) features);
  at::Tensor frequencies = at::pow (theta, powers).reciprocal_ ();
  at::Tensor angles = at::mul (input.positions.to (at::kFloat).unsqueeze (1),
                               frequencies.unsqueeze (0)).unsqueeze (1);

  cosines = at::cos (angles);
  sines = at::sin (angles);
}

static void
rotate (const at::Tensor &rows, int64_t heads, const at::Tensor &cosines, const at::Tensor &sines,
        double direction)
{
  at::Tensor halves = rows.unflatten (1, { heads, 2, -1 });
  at::Tensor first = halves.select (2, 0), second = halves.select (2, 1);
  at::Tensor x = first.to (at::kFloat), y = second.to (at::kFloat);
  at::Tensor turned = at::addcmul (at::mul (x, cosines), y, sines, -direction);

  second.copy_ (at::addcmul (at::mul (y, cosines), x, sines, direction));
  first.copy_ (turned);
}

void
Rotation::apply (const at::Tensor &rows, int64_t heads) const
{
  rotate (rows, heads, cosines, sines, 1.0);
}

void
Rotation::undo (const at::Tensor &rows, int64_t heads) const
{
  rotate (rows, heads, cosines, sines, -1.0);
}

PreNormLayer::PreNormLayer (Parameters &parameters, const std::string &prefix, const Shape &shape,
                            bool normalises, int64_t window, bool last, uint64_t site)
  : shape_ (shape), normalises_ (normalises), last_ (last), window_ (window), site_ (site),
    learns_below_ (parameters.learns ())
{
  int64_t H = shape.hidden, I = shape.intermediate;

  if (normalises)
    norm1_ = AddNorm (parameters, prefix + "attn_norm", H, shape.epsilon, shape.norm_bias);
  query_key_value_ = Linear (parameters, { prefix + "attn.Wqkv" }, H, 3 * H, shape.attention_bias);
  output_ = Linear (parameters, { prefix + "attn.Wo" }, H, H, shape.attention_bias);
  norm2_ = AddNorm (parameters, prefix + "mlp_norm", H, shape.epsilon, shape.norm_bias);
  inner_ = Linear (parameters, { prefix + "mlp.Wi" }, H, 2 * I, shape.bias);
  outer_ = Linear (parameters, { prefix + "mlp.Wo" }, I, H, shape.bias);
  learns_ = parameters.learns ();
}

/* now.x (T, H) -> what attention adds (R, H). The first token of a text stands at position 0,
 * where there is nothing to turn. */
at::Tensor
PreNormLayer::attend (const Parameters &parameters, const Input &input, const Rotation &rotation,
                      Kept &now) const
{
  int64_t H = shape_.hidden;
  at::Tensor query, key_value;

  if (last_)
    {
      now.asking = now.x.index_select (0, input.first);
      query = query_key_value_.forward (parameters, now.asking, 0, H);
      key_value = query_key_value_.forward (parameters, now.x, H);
      rotation.apply (key_value.narrow (1, 0, H), shape_.heads);
    }
  else
    {
      at::Tensor all = query_key_value_.forward (parameters, now.x);

      rotation.apply (all.narrow (1, 0, 2 * H), 2 * shape_.heads);
      query = all.narrow (1, 0, H);
      key_value = all.narrow (1, H, 2 * H);
    }
  now.context = now.attention.forward (input, query, key_value);
  return output_.forward (parameters, now.context);
}

/* x (R, H) float32 -> what the linear layers add. */
at::Tensor
PreNormLayer::feed (const Parameters &parameters, const at::Tensor &x, Kept &now) const
{
  int64_t I = shape_.intermediate;

  now.normed = norm2_.forward (parameters, at::Tensor (), x, Dropout (),
                               parameters.working_type (), now.norm2).working;
  at::Tensor both = inner_.forward (parameters, now.normed);
  now.inner = both.narrow (1, 0, I).contiguous ();
  now.gate = both.narrow (1, I, I);
  now.activated = shape_.activation.forward (parameters, now.inner);
  now.dropped = dropout (at::mul (now.activated, now.gate), now.place_inner);
  return outer_.forward (parameters, now.dropped);
}

/* Forward with everything that backward reads. */
at::Tensor
PreNormLayer::compute (const Parameters &parameters, const Input &input, const at::Tensor &x,
                       const Rotation &rotation, const Noise *noise, Kept &now) const
{
  at::ScalarType type = parameters.working_type ();

  now.attention.heads = shape_.heads;
  now.attention.first_only = last_;
  now.attention.place = Noise::at (noise, shape_.attention_dropout, site_);
  now.attention.window = window_;
  now.place_attention = Noise::at (noise, shape_.attention_dropout, site_ + 1);
  now.place_inner = Noise::at (noise, shape_.hidden_dropout, site_ + 2);

  now.x = normalises_ ? norm1_.forward (parameters, at::Tensor (), x, Dropout (), type,
                                        now.norm1).working
                      : x.to (type);
  at::Tensor residual = last_ ? x.index_select (0, input.first) : x;
  at::Tensor attended = dropout_add (attend (parameters, input, rotation, now), residual,
                                     now.place_attention);

  return at::add (attended, feed (parameters, attended, now));
}

at::Tensor
PreNormLayer::forward (const Parameters &parameters, const Input &input, const at::Tensor &x,
                       const Rotation &rotation, const Noise *noise, bool keep)
{
  Kept now;
  at::Tensor y = compute (parameters, input, x, rotation, noise, now);

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

/* The sum of d's rows where linear has a bias to give it to. */
static at::Tensor
bias_gradient (const Parameters &parameters, const Linear &linear, const at::Tensor &d)
{
  return linear.has_bias () ? sum_rows (parameters, d) : at::Tensor ();
}

/* dy (R, H) float32 -> the derivative of feed's x, by what feed adds alone. */
at::Tensor
PreNormLayer::feed_backward (const Parameters &parameters, const at::Tensor &dy, Grad grad) const
{
  at::Tensor d = dy.to (parameters.working_type ()), sums;

  d = outer_.backward (parameters, d, bias_gradient (parameters, outer_, d), kept_.dropped, grad);
  d = dropout (d, kept_.place_inner);
  at::Tensor d_gate = at::mul (d, kept_.activated);
  at::Tensor d_inner = shape_.activation.backward (parameters, at::mul (d, kept_.gate),
                                                   kept_.inner, sums);
  d = at::cat ({ d_inner, d_gate }, 1);
  d = inner_.backward (parameters, d, bias_gradient (parameters, inner_, d), kept_.normed, grad);
  return norm2_.backward (parameters, { d.to (at::kFloat), at::Tensor () }, kept_.norm2,
                          std::nullopt, grad).d_sum;
}

/* d (R, H) of what attend returned -> the derivative of now.x (T, H), in the working type; undefined
 * unless wanted. */
at::Tensor
PreNormLayer::attend_backward (const Parameters &parameters, const Input &input,
                               const Rotation &rotation, const at::Tensor &d, Grad grad,
                               bool wants_dx) const
{
  int64_t H = shape_.hidden;
  const Linear &all = query_key_value_;
  at::Tensor d_context = output_.backward (parameters, d, bias_gradient (parameters, output_, d),
                                           kept_.context, grad);

  if (!last_)
    {
      at::Tensor d_all = at::empty ({ input.n_tokens, 3 * H }, d_context.options ());

      kept_.attention.backward (input, d_context, d_all.narrow (1, 0, H),
                                d_all.narrow (1, H, 2 * H));
      rotation.undo (d_all.narrow (1, 0, 2 * H), 2 * shape_.heads);
      return all.backward (parameters, d_all, bias_gradient (parameters, all, d_all), kept_.x, grad,
                           0, wants_dx);
    }

  at::Tensor d_query = at::empty_like (d_context);
  at::Tensor d_key_value = at::empty ({ input.n_tokens, 2 * H }, d_context.options ());
  kept_.attention.backward (input, d_context, d_query, d_key_value);
  rotation.undo (d_key_value.narrow (1, 0, H), shape_.heads);
  at::Tensor d_asking = all.backward (parameters, d_query, bias_gradient (parameters, all, d_query),
                                      kept_.asking, grad, 0, wants_dx);
  at::Tensor dx = all.backward (parameters, d_key_value,
                                bias_gradient (parameters, all, d_key_value), kept_.x, grad, H,
                                wants_dx);
  return wants_dx ? dx.index_add_ (0, input.first, d_asking) : dx;
}

at::Tensor
PreNormLayer::backward (const Parameters &parameters, const Input &input, const at::Tensor &dy,
                        const Rotation &rotation, Grad grad)
{
  if (kept_.noise == nullptr)
    return derive (parameters, input, dy, rotation, grad);
  compute (parameters, input, kept_.input, rotation, kept_.noise, kept_);
  at::Tensor dx = derive (parameters, input, dy, rotation, grad);
  release (); /* or in the end all layers' would be there at once */
  return dx;
}

/* What backward does once everything is kept. */
at::Tensor
PreNormLayer::derive (const Parameters &parameters, const Input &input, const at::Tensor &dy,
                      const Rotation &rotation, Grad grad) const
{
  at::ScalarType type = parameters.working_type ();
  bool wants_dx = grad == Grad::NONE || learns_below_;
  at::Tensor d_attended = at::add (dy, feed_backward (parameters, dy, grad));
  at::Tensor dx = attend_backward (parameters, input, rotation,
                                   dropout (d_attended, kept_.place_attention).to (type), grad,
                                   wants_dx || normalises_);

  if (dx.defined ())
    dx = dx.to (at::kFloat);
  if (normalises_)
    dx = norm1_.backward (parameters, { dx, at::Tensor () }, kept_.norm1, std::nullopt, grad).d_sum;
  if (!wants_dx)
    return at::Tensor ();
  return last_ ? dx.index_add_ (0, input.first, d_attended) : dx.add_ (d_attended);
}

} // namespace attune
