/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * y = x W' + b, normalisation and activations; see layers.hpp. In mixed precision the products run
 * in the working type and everything between them in float32.
 */
#include "layers.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

#include "failure.hpp"
#include "passes.hpp"
#include "products.hpp"

namespace attune {

/* Up to here reading weights as they lie is faster than a BLAS. */
static constexpr int64_t FEW_ROWS = 48;

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
                int64_t out, bool bias)
  : weight_ (parameters.add (Parameters::MATRICES, with_suffix (prefixes, ".weight"), out, in)),
    rows_ (out * (int64_t) prefixes.size ()), has_bias_ (bias)
{
  if (bias)
    bias_ = parameters.add (Parameters::VECTORS, with_suffix (prefixes, ".bias"), out, 0);
  for (size_t i = 0; i < prefixes.size (); i++)
    if (!parameters.freezing () && parameters.plan ().adapts (prefixes[i]))
      adapters_.emplace_back (parameters, prefixes[i], in, out, out * (int64_t) i);
}

at::Tensor
Linear::forward (const Parameters &parameters, const at::Tensor &x, int64_t first_row,
                 int64_t rows) const
{
  at::Tensor weight = parameters.working (weight_), bias;

  if (rows < 0)
    rows = rows_ - first_row;
  weight = weight.narrow (0, first_row, rows);
  if (has_bias_)
    bias = parameters.working (bias_).narrow (0, first_row, rows);

  at::Tensor from = x.to (weight.scalar_type ()).contiguous ();
  at::Tensor y = at::empty ({ x.size (0), rows }, weight.options ());
  if (!parameters.device_path () && y.scalar_type () == at::kFloat && y.size (0) <= FEW_ROWS)
    {
      if (!has_bias_)
        bias = at::zeros ({ rows }, at::kFloat);
      const float *rows_in = from.const_data_ptr<float> (), *w = weight.const_data_ptr<float> ();
      const float *b = bias.const_data_ptr<float> ();
      float *to = y.data_ptr<float> ();
      int64_t n = y.size (0), in = weight.size (1);

      at::parallel_for (0, rows, 64, [&] (int64_t begin, int64_t end) {
        kernel_linear (rows_in, n, w, b, in, to, rows, begin, end);
      });
    }
  else if (has_bias_)
    multiply_add_bias (y, from, weight.t (), bias);
  else
    multiply (y, from, weight.t (), 0.0);
  for (const Adapter &adapter : adapters_)
    adapter.forward (parameters, x, y, first_row);
  return y;
}

at::Tensor
Linear::backward (const Parameters &parameters, const at::Tensor &dy,
                  const at::Tensor &d_bias, const at::Tensor &x, Grad grad,
                  int64_t first_row, bool wants_dx) const
{
  int64_t rows = dy.size (1);
  at::Tensor weight = parameters.working (weight_).narrow (0, first_row, rows);
  at::Tensor d = dy.to (weight.scalar_type ());
  at::Tensor dx;

  if (grad != Grad::NONE && !parameters.is_frozen (weight_))
    {
      at::Tensor d_weight = parameters.gradient (weight_).narrow (0, first_row, rows);
      bool direct = d_weight.scalar_type () == d.scalar_type ();
      at::Tensor product = direct ? d_weight : at::empty (weight.sizes (), weight.options ());

      multiply (product, d.t (), x.to (d.scalar_type ()),
                direct && grad == Grad::ADD ? 1.0 : 0.0);
      if (!direct)
        store_gradient (d_weight, product, grad);
      if (has_bias_)
        store_gradient (parameters.gradient (bias_).narrow (0, first_row, rows), d_bias, grad);
    }

  if (wants_dx)
    {
      dx = at::empty ({ d.size (0), weight.size (1) }, d.options ());
      multiply (dx, d, weight, 0.0);
    }
  for (const Adapter &adapter : adapters_)
    adapter.backward (parameters, d, x, dx, grad, first_row);
  return dx;
}

AddNorm::AddNorm (Parameters &parameters, const std::string &prefix, int64_t size, double epsilon,
                  bool bias)
  : weight_ (parameters.add (Parameters::VECTORS, { prefix + ".weight" }, size, 0)), size_ (size),
    epsilon_ (epsilon), has_bias_ (bias)
{
  if (bias)
    bias_ = parameters.add (Parameters::VECTORS, { prefix + ".bias" }, size, 0);
}

static constexpr int64_t ROWS = 16; /* that a thread goes through at once */

/* Calls work (first, n, chunk) for chunks of rows, on all threads; the chunks are the same whatever
 * the number of threads. */
template <typename Work>
static void
for_each_rows (int64_t rows, Work &&work)
{
  at::parallel_for (0, (rows + ROWS - 1) / ROWS, 1, [&] (int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; chunk++)
      work (chunk * ROWS, std::min (ROWS, rows - chunk * ROWS), chunk);
  });
}

/* The same, for work (first, n, sums) that adds to sums (columns,) of its own; -> all of them
 * together, added in order. */
template <typename Work>
static at::Tensor
sum_over_rows (int64_t rows, int64_t columns, Work &&work)
{
  at::Tensor total = at::zeros ({ columns }, at::kFloat);
  std::vector<float> sums ((size_t) ((rows + ROWS - 1) / ROWS * columns));

  for_each_rows (rows, [&] (int64_t first, int64_t n, int64_t chunk) {
    work (first, n, sums.data () + chunk * columns);
  });
  for (size_t at = 0; at < sums.size (); at += (size_t) columns)
    kernel_add (total.data_ptr<float> (), sums.data () + at, columns);
  return total;
}

/* Calls work with a number of the type that products of this type are computed in. */
template <typename Work>
static void
with_type (at::ScalarType type, Work &&work)
{
  if (type == at::kBFloat16)
    work (BFloat16 ());
  else
    work (0.0f);
}

template <typename Number>
static Number *
data_of (const at::Tensor &tensor)
{
  return tensor.defined () ? tensor.data_ptr<Number> () : nullptr;
}

template <typename Number>
static Number *
row_of (Number *rows, int64_t row, int64_t columns)
{
  return rows != nullptr ? rows + row * columns : nullptr;
}

Stream
AddNorm::forward (const Parameters &parameters, const at::Tensor &x, const at::Tensor &residual,
                  const Dropout &place, at::ScalarType working, Saved &saved) const
{
  at::Tensor weight = parameters.value (weight_), bias;
  int64_t n = residual.size (0), H = size_;
  Stream y;

  if (has_bias_)
    bias = parameters.value (bias_);
  saved.place = place;
  if (parameters.device_path ())
    {
      saved.rows = x.defined () ? dropout_add (x, residual, place) : residual;
      std::tie (y.wide, saved.mean, saved.rstd) =
        at::native_layer_norm (saved.rows, { H }, weight, bias, epsilon_);
      y.working = y.wide.to (working);
      return y;
    }

  if (!has_bias_)
    bias = at::zeros ({ H }, at::kFloat);
  AddNormShape shape { H, (float) epsilon_, dropout_mask (place.p, place.key),
                       weight.const_data_ptr<float> (), bias.const_data_ptr<float> () };
  y.wide = at::empty_like (residual);
  y.working = working == at::kFloat ? y.wide : at::empty ({ n, H }, working);
  saved.rows = at::empty_like (residual);
  saved.rstd = at::empty ({ n, 1 }, at::kFloat);
  with_type (working, [&] (auto number) {
    using Number = decltype (number);
    const Number *from = data_of<Number> (x);
    const float *plus = residual.const_data_ptr<float> ();
    float *normalized = data_of<float> (saved.rows), *rstd = data_of<float> (saved.rstd);
    float *wide = data_of<float> (y.wide);
    Number *copy = working == at::kFloat ? nullptr : data_of<Number> (y.working);

    for_each_rows (n, [&] (int64_t first, int64_t some, int64_t) {
      pass_add_norm (shape, first, some, row_of (from, first, H), plus + first * H,
                     normalized + first * H, rstd + first, wide + first * H,
                     row_of (copy, first, H));
    });
  });
  return y;
}

AddNorm::Derivatives
AddNorm::backward (const Parameters &parameters, const Derivative &dy, const Saved &saved,
                   std::optional<at::ScalarType> working, Grad grad) const
{
  at::Tensor weight = parameters.value (weight_);
  int64_t n = dy.wide.size (0), H = size_;
  at::Tensor d_weight, d_bias;
  Derivatives d;

  if (parameters.device_path ())
    {
      at::Tensor wide = dy.branch.defined () ? at::add (dy.wide, dy.branch) : dy.wide;

      std::tie (d.d_sum, d_weight, d_bias) =
        at::native_layer_norm_backward (wide, saved.rows, { H }, saved.mean, saved.rstd, weight,
                                        has_bias_ ? parameters.value (bias_) : at::Tensor (),
                                        { true, true, has_bias_ });
      if (working)
        {
          d.d_x = dropout (d.d_sum, saved.place).to (*working);
          d.d_bias = sum_rows (parameters, d.d_x);
        }
    }
  else
    {
      AddNormShape shape { H, (float) epsilon_, dropout_mask (saved.place.p, saved.place.key),
                           weight.const_data_ptr<float> (), nullptr };
      at::Tensor sums;

      d.d_sum = at::empty_like (dy.wide);
      if (working)
        d.d_x = at::empty ({ n, H }, *working);
      with_type (working.value_or (at::kFloat), [&] (auto number) {
        using Number = decltype (number);
        const float *from = data_of<float> (dy.wide);
        const Number *branch = data_of<Number> (dy.branch);
        const float *normalized = data_of<float> (saved.rows);
        const float *rstd = data_of<float> (saved.rstd);
        float *d_sum = data_of<float> (d.d_sum);
        Number *d_x = data_of<Number> (d.d_x);

        sums = sum_over_rows (n, 3 * H, [&] (int64_t first, int64_t some, float *add_to) {
          pass_add_norm_backward (shape, first, some, from + first * H, row_of (branch, first, H),
                                  normalized + first * H, rstd + first, d_sum + first * H,
                                  row_of (d_x, first, H), add_to);
        });
      });
      d_weight = sums.narrow (0, 0, H);
      d_bias = sums.narrow (0, H, H);
      d.d_bias = sums.narrow (0, 2 * H, H);
    }
  if (grad != Grad::NONE && !parameters.is_frozen (weight_))
    {
      store_gradient (parameters.gradient (weight_), d_weight, grad);
      if (has_bias_)
        store_gradient (parameters.gradient (bias_), d_bias, grad);
    }
  return d;
}

at::Tensor
sum_rows (const Parameters &parameters, const at::Tensor &x)
{
  at::Tensor sums;

  if (parameters.device_path ())
    return x.sum (0, /*keepdim=*/ false, at::kFloat);
  with_type (x.scalar_type (), [&] (auto number) {
    auto *from = data_of<decltype (number)> (x);
    int64_t columns = x.size (1), stride = x.stride (0);

    sums = sum_over_rows (x.size (0), columns, [&] (int64_t first, int64_t n, float *add_to) {
      pass_column_sums (from + first * stride, n, columns, stride, add_to);
    });
  });
  return sums;
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
Activation::forward (const Parameters &parameters, const at::Tensor &x) const
{
  if (kind_ == GELU && !parameters.device_path ())
    {
      at::Tensor y = at::empty_like (x);

      with_type (x.scalar_type (), [&] (auto number) {
        auto *from = data_of<decltype (number)> (x), *to = data_of<decltype (number)> (y);
        int64_t columns = x.size (1);

        for_each_rows (x.size (0), [&] (int64_t first, int64_t n, int64_t) {
          pass_gelu (from + first * columns, to + first * columns, n * columns);
        });
      });
      return y;
    }
  switch (kind_)
    {
    case GELU: return at::gelu (x, "none");
    case GELU_TANH: return at::gelu (x, "tanh");
    case RELU: return at::relu (x);
    default: return at::silu (x);
    }
}

at::Tensor
Activation::backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                      at::Tensor &sums) const
{
  at::Tensor dx;

  if (kind_ == GELU && !parameters.device_path ())
    {
      with_type (x.scalar_type (), [&] (auto number) {
        auto *from = data_of<decltype (number)> (x), *d = data_of<decltype (number)> (dy);
        int64_t columns = x.size (1);

        sums = sum_over_rows (x.size (0), columns, [&] (int64_t first, int64_t n, float *add_to) {
          pass_gelu_backward (from + first * columns, d + first * columns, n, columns, add_to);
        });
      });
      return dy;
    }
  switch (kind_)
    {
    case GELU: dx = at::gelu_backward (dy, x, "none"); break;
    case GELU_TANH: dx = at::gelu_backward (dy, x, "tanh"); break;
    case RELU: dx = at::threshold_backward (dy, x, 0); break;
    default: dx = at::silu_backward (dy, x); break;
    }
  sums = sum_rows (parameters, dx);
  return dx;
}

} // namespace attune
