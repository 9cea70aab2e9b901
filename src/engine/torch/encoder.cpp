/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder layer of BERT (Devlin et al. 2019) with post-normalisation, forward and backward.
 */
#include "encoder.hpp"

namespace attune {

EncoderLayer::EncoderLayer (Parameters &parameters, const std::string &prefix, const Shape &shape,
                            bool last,
                            uint64_t site)
  : shape_ (shape), last_ (last), site_ (site),
    query_key_value_ (parameters,
                      { prefix + "attention.self.query", prefix + "attention.self.key",
                        prefix + "attention.self.value" }, shape.hidden, shape.hidden),
    output_ (parameters, { prefix + "attention.output.dense" }, shape.hidden, shape.hidden),
    intermediate_ (parameters, { prefix + "intermediate.dense" }, shape.hidden, shape.intermediate),
    dense_ (parameters, { prefix + "output.dense" }, shape.intermediate, shape.hidden),
    norm1_ (parameters, prefix + "attention.output.LayerNorm", shape.hidden, shape.epsilon),
    norm2_ (parameters, prefix + "output.LayerNorm", shape.hidden, shape.epsilon)
{
}

at::Tensor
EncoderLayer::forward (const Parameters &parameters, const Input &input, const at::Tensor &x,
                       const Noise *noise, bool keep)
{
  int64_t H = shape_.hidden;
  Kept now;

  now.place1 = Noise::at (noise, shape_.hidden_dropout, site_ + 1);
  now.place2 = Noise::at (noise, shape_.hidden_dropout, site_ + 2);
  now.attention.heads = shape_.heads;
  now.attention.first_only = last_;
  now.attention.place = Noise::at (noise, shape_.attention_dropout, site_);

  at::Tensor query, key_value;
  if (last_)
    {
      now.asking = x.index_select (0, input.first);
      query = query_key_value_.forward (parameters, now.asking, 0, H);
      key_value = query_key_value_.forward (parameters, x, H);
    }
  else
    {
      at::Tensor all = query_key_value_.forward (parameters, x);

      now.asking = x;
      query = all.narrow (1, 0, H);
      key_value = all.narrow (1, H, 2 * H);
    }
  now.x = x;
  now.context = now.attention.forward (input, query, key_value);

  at::Tensor sum = dropout_add (output_.forward (parameters, now.context), now.asking, now.place1);
  now.attended = norm1_.forward (parameters, sum, &now.norm1);
  now.inner = intermediate_.forward (parameters, now.attended);
  now.activated = shape_.activation.forward (now.inner);
  sum = dropout_add (dense_.forward (parameters, now.activated), now.attended, now.place2);
  at::Tensor y = norm2_.forward (parameters, sum, &now.norm2);

  kept_ = keep ? std::move (now) : Kept ();
  return y;
}

at::Tensor
EncoderLayer::backward (const Parameters &parameters, const Input &input, const at::Tensor &dy,
                        Grad grad)
{
  int64_t H = shape_.hidden;

  at::Tensor d_sum = norm2_.backward (parameters, dy, kept_.norm2, grad);
  at::Tensor d_dense = dropout (d_sum, kept_.place2);
  at::Tensor d_inner = shape_.activation.backward (
    dense_.backward (parameters, d_dense, kept_.activated, grad), kept_.inner);
  d_sum.add_ (intermediate_.backward (parameters, d_inner, kept_.attended, grad));

  d_sum = norm1_.backward (parameters, d_sum, kept_.norm1, grad);
  at::Tensor d_output = dropout (d_sum, kept_.place1);
  at::Tensor d_context = output_.backward (parameters, d_output, kept_.context, grad);

  if (!last_)
    {
      at::Tensor d_all = at::empty ({ input.n_tokens, 3 * H }, d_context.options ());

      kept_.attention.backward (input, d_context, d_all.narrow (1, 0, H),
                                d_all.narrow (1, H, 2 * H));
      return d_sum.add_ (query_key_value_.backward (parameters, d_all, kept_.x, grad));
    }

  at::Tensor d_query = at::empty_like (d_context);
  at::Tensor d_key_value = at::empty ({ input.n_tokens, 2 * H }, d_context.options ());
  kept_.attention.backward (input, d_context, d_query, d_key_value);
  d_sum.add_ (query_key_value_.backward (parameters, d_query, kept_.asking, grad));
  at::Tensor dx = query_key_value_.backward (parameters, d_key_value, kept_.x, grad, H);
  return dx.to (at::kFloat).index_add_ (0, input.first, d_sum);
}

} // namespace attune
