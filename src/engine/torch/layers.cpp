/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * y = x W' + b, normalisation and activations; see layers.hpp. In mixed precision the products run
 * in the working type and everything between them in float32.
 */
#include "layers.hpp"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "failure.hpp"

namespace attune {

void
store_gradient (const at::Tensor &gradient, const at::Tensor &what, Grad grad)
{
  if (grad == Grad::SET)
    gradient.copy_ (what);
  else if (grad == Grad::ADD)
    gradient.add_ (what);
}

/* Calls work (dimension, begin, length) for parts of a product of this shape, one for each thread,
 * so that each thread multiplies by itself. A BLAS that shares one product among threads makes them
 * wait for each other many times within it, actively: with other work on the machine that costs
 * several times the product. */
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

/* out = beta out + a b; out (N, M), a (N, K), b (K, M) */
static void
multiply (const at::Tensor &out, const at::Tensor &a, const at::Tensor &b, double beta)
{
  split_product (out, [&] (int64_t dimension, int64_t begin, int64_t length) {
    out.narrow (dimension, begin, length)
      .addmm_ (dimension == 0 ? a.narrow (0, begin, length) : a,
               dimension == 1 ? b.narrow (1, begin, length) : b, beta, 1.0);
  });
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
  : weight_ (parameters.add (Parameters::DECAYS, with_suffix (prefixes, ".weight"), out, in)),
    bias_ (parameters.add (Parameters::PLAIN, with_suffix (prefixes, ".bias"), out, 0)),
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
  split_product (y, [&] (int64_t dimension, int64_t begin, int64_t length) {
    at::Tensor part = y.narrow (dimension, begin, length);

    if (dimension == 0)
      at::addmm_out (part, bias, from.narrow (0, begin, length), weight.t ());
    else
      at::addmm_out (part, bias.narrow (0, begin, length), from,
                     weight.narrow (0, begin, length).t ());
  });
  return y;
}

at::Tensor
Linear::backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                  Grad grad,
                  int64_t first_row) const
{
  int64_t rows = dy.size (1);
  at::Tensor weight = parameters.working (weight_).narrow (0, first_row, rows);

  if (grad != Grad::NONE)
    {
      at::Tensor d_weight = parameters.gradient (weight_).narrow (0, first_row, rows);
      at::Tensor d_bias = parameters.gradient (bias_).narrow (0, first_row, rows);

      if (weight.scalar_type () == at::kFloat)
        multiply (d_weight, dy.t (), x, grad == Grad::SET ? 0.0 : 1.0);
      else
        store_gradient (d_weight, dy.t ().mm (x.to (weight.scalar_type ())), grad);
      store_gradient (d_bias, dy.sum (0, /*keepdim=*/ false, at::kFloat), grad);
    }

  at::Tensor dx = at::empty ({ dy.size (0), weight.size (1) }, dy.options ());
  multiply (dx, dy, weight, 0.0);
  return dx;
}

LayerNorm::LayerNorm (Parameters &parameters, const std::string &prefix, int64_t size,
                      double epsilon)
  : weight_ (parameters.add (Parameters::PLAIN, { prefix + ".weight" }, size, 0)),
    bias_ (parameters.add (Parameters::PLAIN, { prefix + ".bias" }, size, 0)), size_ (size),
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
