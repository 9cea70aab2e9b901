/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * y = x W' + b, normalisation and activations; see layers.hpp. In mixed precision the products run
 * in the working type and everything between them in float32.
 */
#include "layers.hpp"

#include "failure.hpp"
#include "products.hpp"

namespace attune {

void
store_gradient (const at::Tensor &gradient, const at::Tensor &what, Grad grad)
{
  if (grad == Grad::SET)
    gradient.copy_ (what);
  else if (grad == Grad::ADD)
    gradient.add_ (what);
}

static std::vector<std::string>
with_suffix (const std::vector<std::string> &prefixes, const char *suffix)
{
  std::vector<std::string> names;

  for (const std::string &prefix : prefixes)
    names.push_back (prefix + suffix);
  return names;
}

Linear::Linear (Parameters &parameters, const std::vector<std::string> &prefixes, int64_t in,
                int64_t out)
  : weight_ (parameters.add (Parameters::MATRICES, with_suffix (prefixes, ".weight"), out, in)),
    bias_ (parameters.add (Parameters::VECTORS, with_suffix (prefixes, ".bias"), out, 0)),
    rows_ (out * (int64_t) prefixes.size ())
{
}

at::Tensor
Linear::forward (const Parameters &parameters, const at::Tensor &x, int64_t first_row,
                 int64_t rows) const
{
  at::Tensor weight = parameters.working (weight_), bias = parameters.working (bias_);

  if (rows < 0)
    rows = rows_ - first_row;
  weight = weight.narrow (0, first_row, rows);
  bias = bias.narrow (0, first_row, rows);

  at::Tensor from = x.to (weight.scalar_type ());
  at::Tensor y = at::empty ({ x.size (0), rows }, weight.options ());
  multiply_add_bias (y, from, weight.t (), bias);
  return y;
}

at::Tensor
Linear::backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                  Grad grad, int64_t first_row) const
{
  int64_t rows = dy.size (1);
  at::Tensor weight = parameters.working (weight_).narrow (0, first_row, rows);
  at::Tensor d = dy.to (weight.scalar_type ());

  if (grad != Grad::NONE)
    {
      at::Tensor d_weight = parameters.gradient (weight_).narrow (0, first_row, rows);
      at::Tensor d_bias = parameters.gradient (bias_).narrow (0, first_row, rows);
      bool direct = d_weight.scalar_type () == d.scalar_type ();
      at::Tensor product = direct ? d_weight : at::empty (weight.sizes (), weight.options ());

      multiply (product, d.t (), x.to (d.scalar_type ()),
                direct && grad == Grad::ADD ? 1.0 : 0.0);
      if (!direct)
        store_gradient (d_weight, product, grad);
      store_gradient (d_bias, d.sum (0, /*keepdim=*/ false, at::kFloat), grad);
    }

  at::Tensor dx = at::empty ({ d.size (0), weight.size (1) }, d.options ());
  multiply (dx, d, weight, 0.0);
  return dx;
}

LayerNorm::LayerNorm (Parameters &parameters, const std::string &prefix, int64_t size,
                      double epsilon)
  : weight_ (parameters.add (Parameters::VECTORS, { prefix + ".weight" }, size, 0)),
    bias_ (parameters.add (Parameters::VECTORS, { prefix + ".bias" }, size, 0)), size_ (size),
    epsilon_ (epsilon)
{
}

at::Tensor
LayerNorm::forward (const Parameters &parameters, const at::Tensor &x, Saved *saved) const
{
  auto [y, mean, rstd] = at::native_layer_norm (x, { size_ }, parameters.value (weight_),
                                                parameters.value (bias_), epsilon_);

  if (saved != nullptr)
    *saved = { x, mean, rstd };
  return y;
}

at::Tensor
LayerNorm::backward (const Parameters &parameters, const at::Tensor &dy, const Saved &saved,
                     Grad grad) const
{
  bool wanted = grad != Grad::NONE;
  auto [dx, d_weight, d_bias] =
    at::native_layer_norm_backward (dy, saved.x, { size_ }, saved.mean, saved.rstd,
                                    parameters.value (weight_), parameters.value (bias_),
                                    { true, wanted, wanted });

  if (wanted)
    {
      store_gradient (parameters.gradient (weight_), d_weight, grad);
      store_gradient (parameters.gradient (bias_), d_bias, grad);
    }
  return dx;
}

Activation::Activation (const std::string &name)
{
  if (name == "gelu")
    kind_ = GELU;
  else if (name == "gelu_new" || name == "gelu_fast" || name == "gelu_pytorch_tanh")
    kind_ = GELU_TANH;
  else if (name == "relu")
    kind_ = RELU;
  else if (name == "silu" || name == "swish")
    kind_ = SILU;
  else
    fail (ATTUNE_ENGINE_UNSUPPORTED, "The activation function “%.40s” is not supported.",
          name.c_str ());
}

at::Tensor
Activation::forward (const at::Tensor &x) const
{
  switch (kind_)
    {
    case GELU: return at::gelu (x, "none");
    case GELU_TANH: return at::gelu (x, "tanh");
    case RELU: return at::relu (x);
    default: return at::silu (x);
    }
}

at::Tensor
Activation::backward (const at::Tensor &dy, const at::Tensor &x) const
{
  switch (kind_)
    {
    case GELU: return at::gelu_backward (dy, x, "none");
    case GELU_TANH: return at::gelu_backward (dy, x, "tanh");
    case RELU: return at::threshold_backward (dy, x, 0);
    default: return at::silu_backward (dy, x);
    }
}

} // namespace attune
