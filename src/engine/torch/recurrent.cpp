/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See recurrent.hpp. What does not depend on the step before is one product over all tokens. The
 * steps themselves are small products, which threads would only wait for each other in; so each
 * thread goes through all steps of its own direction and texts. Everything is float32, whatever
 * type the rest is computed in: these weights are few.
 */
#include "recurrent.hpp"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <numeric>

#include "layers.hpp"
#include "products.hpp"

namespace attune {

static constexpr int64_t FEW_TEXTS = 48; /* up to here without a BLAS; see layers.cpp */

Reading::Reading (const std::vector<int64_t> &offsets, bool backwards, int64_t n_parts)
{
  int64_t n_texts = (int64_t) offsets.size () - 1;
  std::vector<int64_t> order ((size_t) n_texts);
  auto length = [&] (int64_t b) { return offsets[(size_t) b + 1] - offsets[(size_t) b]; };

  std::iota (order.begin (), order.end (), 0);
  std::stable_sort (order.begin (), order.end (),
                    [&] (int64_t a, int64_t b) { return length (a) > length (b); });
  rows.reserve ((size_t) offsets.back ());
  n_parts = std::min (n_parts, n_texts);
  for (int64_t part = 0; part < n_parts; part++)
    {
      Part now { (int64_t) rows.size (), {} };

      for (int64_t step = 0;; step++)
        {
          int64_t n = 0;

          for (int64_t i = part; i < n_texts && length (order[(size_t) i]) > step; i += n_parts, n++)
            rows.push_back (backwards ? offsets[(size_t) order[(size_t) i] + 1] - 1 - step
                                      : offsets[(size_t) order[(size_t) i]] + step);
          if (n == 0)
            break;
          now.sizes.push_back (n);
        }
      parts.push_back (std::move (now));
    }
}

static std::string
tensor_name (const char *what, int64_t layer, bool backwards)
{
  return std::string ("rnn.") + what + "_l" + std::to_string (layer)
         + (backwards ? "_reverse" : "");
}

Recurrent::Recurrent (Parameters &parameters, int64_t layer, const Shape &shape)
  : shape_ (shape), n_directions_ (shape.both_ways ? 2 : 1)
{
  int64_t rows = count_gates (shape.cell) * shape.features;
  std::vector<std::string> weights, biases;

  for (int64_t d = 0; d < n_directions_; d++)
    {
      weights.push_back (tensor_name ("weight_ih", layer, d == 1));
      biases.push_back (tensor_name ("bias_ih", layer, d == 1));
    }
  input_weight_ = parameters.add (Parameters::MATRICES, weights, rows, shape.in);
  input_bias_ = parameters.add (Parameters::VECTORS, biases, rows, 0);
  for (int64_t d = 0; d < n_directions_; d++)
    {
      weights_.push_back (parameters.add (Parameters::MATRICES,
                                          { tensor_name ("weight_hh", layer, d == 1) }, rows,
                                          shape.features));
      biases_.push_back (parameters.add (Parameters::VECTORS,
                                         { tensor_name ("bias_hh", layer, d == 1) }, rows, 0));
    }
}

/* y (n, out) = x (n, in) weight (out, in)' + bias (out,), by this thread alone. */
static void
multiply_step (const float *x, int64_t n, const at::Tensor &weight, const at::Tensor &bias, float *y)
{
  int64_t out = weight.size (0), in = weight.size (1);

  if (n <= FEW_TEXTS)
    {
      kernel_linear (x, n, weight.const_data_ptr<float> (), bias.const_data_ptr<float> (), in, y,
                     out, 0, out);
      return;
    }
  at::Tensor to = at::from_blob (y, { n, out }, at::kFloat);
  at::addmm_out (to, bias, at::from_blob (const_cast<float *> (x), { n, in }, at::kFloat),
                 weight.t ());
}

/* Calls work (direction, part) for each of them, on all threads. */
template <typename Work>
static void
for_each_part (const std::vector<Reading> &readings, Work &&work)
{
  std::vector<std::pair<size_t, size_t>> all;

  for (size_t d = 0; d < readings.size (); d++)
    for (size_t p = 0; p < readings[d].parts.size (); p++)
      all.emplace_back (d, p);
  at::parallel_for (0, (int64_t) all.size (), 1, [&] (int64_t begin, int64_t end) {
    c10::InferenceMode inference;

    for (int64_t i = begin; i < end; i++)
      work (all[(size_t) i].first, readings[all[(size_t) i].first].parts[all[(size_t) i].second]);
  });
}

at::Tensor
Recurrent::forward (const Parameters &parameters, const std::vector<Reading> &readings,
                    const at::Tensor &x, bool keep)
{
  int64_t T = x.size (0), H = shape_.features, D = n_directions_;
  int64_t rows = count_gates (shape_.cell) * H;
  at::Tensor in = at::empty ({ T, D * rows }, at::kFloat), y = at::empty ({ T, D * H }, at::kFloat);
  Kept now { x.contiguous (), at::empty ({ D, T, rows }, at::kFloat),
             at::empty ({ D, T, H }, at::kFloat), at::empty ({ D, T, H }, at::kFloat) };
  std::vector<float> zeros ((size_t) (H * (int64_t) readings[0].parts[0].sizes[0]));

  multiply_add_bias (in, now.x, parameters.value (input_weight_).t (),
                     parameters.value (input_bias_));
  for_each_part (readings, [&] (size_t d, const Reading::Part &part) {
    at::Tensor weight = parameters.value (weights_[d]), bias = parameters.value (biases_[d]);
    int64_t base = (int64_t) d * T, at = part.first, before = 0;
    float *gates = now.gates.data_ptr<float> (), *memories = now.memories.data_ptr<float> ();
    float *outputs = now.outputs.data_ptr<float> ();
    std::vector<float> product ((size_t) (part.sizes[0] * rows));

    for (size_t step = 0; step < part.sizes.size (); before = at, at += part.sizes[step++])
      {
        CellStep now_step { part.sizes[step], H, readings[d].rows.data () + at,
                            step > 0 ? outputs + (base + before) * H : zeros.data (),
                            step > 0 ? memories + (base + before) * H : zeros.data (),
                            gates + (base + at) * rows, memories + (base + at) * H };

        multiply_step (now_step.before, now_step.n, weight, bias, product.data ());
        cell_forward (shape_.cell, now_step, in.const_data_ptr<float> () + (int64_t) d * rows,
                      D * rows, product.data (), outputs + (base + at) * H,
                      y.data_ptr<float> () + (int64_t) d * H, D * H);
      }
  });
  kept_ = keep ? std::move (now) : Kept ();
  return y;
}

/* gradient = or += a' b, whatever type it is kept in. */
static void
store_product (const at::Tensor &gradient, const at::Tensor &a, const at::Tensor &b, Grad grad)
{
  if (gradient.scalar_type () == at::kFloat)
    {
      multiply (gradient, a.t (), b, grad == Grad::ADD ? 1.0 : 0.0);
      return;
    }
  at::Tensor product = at::empty (gradient.sizes (), at::kFloat);
  multiply (product, a.t (), b, 0.0);
  store_gradient (gradient, product, grad);
}

at::Tensor
Recurrent::backward (const Parameters &parameters, const std::vector<Reading> &readings,
                     const at::Tensor &dy, Grad grad)
{
  int64_t T = dy.size (0), H = shape_.features, D = n_directions_;
  int64_t rows = count_gates (shape_.cell) * H;
  at::Tensor d_in = at::empty ({ T, D * rows }, at::kFloat), d_all = dy.contiguous ();
  at::Tensor d_products = at::empty ({ D, T, rows }, at::kFloat);
  at::Tensor before_all = at::zeros ({ D, T, H }, at::kFloat);
  std::vector<float> zeros ((size_t) (H * (int64_t) readings[0].parts[0].sizes[0]));

  for_each_part (readings, [&] (size_t d, const Reading::Part &part) {
    at::Tensor turned = parameters.value (weights_[d]).t ().contiguous ();
    at::Tensor no_bias = at::zeros ({ H }, at::kFloat);
    int64_t base = (int64_t) d * T;
    int64_t at = part.first + std::accumulate (part.sizes.begin (), part.sizes.end (), (int64_t) 0);
    float *gates = kept_.gates.data_ptr<float> (), *memories = kept_.memories.data_ptr<float> ();
    float *outputs = kept_.outputs.data_ptr<float> (), *d_product = d_products.data_ptr<float> ();
    std::vector<float> carry ((size_t) (part.sizes[0] * H)), carry_memory (carry), back (carry);

    for (size_t step = part.sizes.size (); step-- > 0;)
      {
        int64_t n = part.sizes[step], before = step > 0 ? at - n - part.sizes[step - 1] : 0;

        at -= n;
        CellStep now { n, H, readings[d].rows.data () + at,
                       step > 0 ? outputs + (base + before) * H : zeros.data (),
                       step > 0 ? memories + (base + before) * H : zeros.data (),
                       gates + (base + at) * rows, memories + (base + at) * H };

        cell_backward (shape_.cell, now, d_all.const_data_ptr<float> () + (int64_t) d * H, D * H,
                       carry.data (), carry_memory.data (), d_product + (base + at) * rows,
                       d_in.data_ptr<float> () + (int64_t) d * rows, D * rows);
        if (step == 0)
          break;
        std::memcpy (before_all.data_ptr<float> () + (base + at) * H, now.before,
                     (size_t) (n * H) * sizeof (float));
        multiply_step (d_product + (base + at) * rows, n, turned, no_bias, back.data ());
        kernel_add (carry.data (), back.data (), n * H);
      }
  });

  if (grad != Grad::NONE)
    {
      store_product (parameters.gradient (input_weight_), d_in, kept_.x, grad);
      store_gradient (parameters.gradient (input_bias_), sum_rows (parameters, d_in), grad);
      for (int64_t d = 0; d < D; d++)
        {
          store_product (parameters.gradient (weights_[(size_t) d]), d_products[d], before_all[d],
                         grad);
          store_gradient (parameters.gradient (biases_[(size_t) d]),
                          sum_rows (parameters, d_products[d]), grad);
        }
    }
  at::Tensor dx = at::empty ({ T, shape_.in }, at::kFloat);
  multiply (dx, d_in, parameters.value (input_weight_), 0.0);
  return dx;
}

} // namespace attune
