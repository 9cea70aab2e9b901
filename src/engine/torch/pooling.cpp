/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See pooling.hpp. What there is besides attention's one product is little work: plain loops.
 */
#include "pooling.hpp"

#include <algorithm>
#include <cmath>

#include "failure.hpp"

namespace attune {

Pooling::Kind
Pooling::parse (const std::string &name)
{
  static const char *const names[] = { "max", "mean", "last", "attention" };

  for (int kind = MAX; kind <= ATTENTION; kind++)
    if (name == names[kind])
      return (Kind) kind;
  fail (ATTUNE_ENGINE_UNSUPPORTED,
        "There is no pooling “%.40s”; there are max, mean, last and attention.", name.c_str ());
}

Pooling::Pooling (Parameters &parameters, Kind kind, int64_t features, int64_t forward)
  : kind_ (kind), features_ (features), forward_ (forward)
{
  if (kind != ATTENTION)
    return;
  dense_ = Linear (parameters, { "attention.dense" }, features, features);
  query_ = parameters.add (Parameters::MATRICES, { "attention.query.weight" }, 1, features);
}

/* Calls work (b, begin, end) with the tokens of each text. */
template <typename Work>
static void
for_each_text (const std::vector<int64_t> &offsets, Work &&work)
{
  for (size_t b = 0; b + 1 < offsets.size (); b++)
    work ((int64_t) b, offsets[b], offsets[b + 1]);
}

/* The weights: softmax over a text's tokens of query · tanh (dense (x)). */
void
Pooling::attend (const Parameters &parameters, const std::vector<int64_t> &offsets,
                 Kept &now) const
{
  now.inner = at::tanh (dense_.forward (parameters, now.x).to (at::kFloat));
  now.weights = now.inner.mv (parameters.value (query_).select (0, 0));
  float *weights = now.weights.data_ptr<float> ();

  for_each_text (offsets, [&] (int64_t, int64_t begin, int64_t end) {
    bool words = end - begin > 2;
    float highest = -INFINITY, sum = 0.0f;

    if (words)
      weights[begin] = weights[end - 1] = -INFINITY;
    for (int64_t t = begin; t < end; t++)
      highest = std::max (highest, weights[t]);
    for (int64_t t = begin; t < end; t++)
      sum += weights[t] = std::exp (weights[t] - highest);
    for (int64_t t = begin; t < end; t++)
      weights[t] /= sum;
  });
}

at::Tensor
Pooling::forward (const Parameters &parameters, const std::vector<int64_t> &offsets,
                  const at::Tensor &x, bool keep)
{
  int64_t B = (int64_t) offsets.size () - 1, F = features_;
  at::Tensor y = at::zeros ({ B, F }, at::kFloat);
  Kept now;

  now.x = x.contiguous ();
  if (kind_ == MAX)
    now.from = at::empty ({ B, F }, at::kLong);
  if (kind_ == ATTENTION)
    attend (parameters, offsets, now);
  const float *from = now.x.const_data_ptr<float> ();
  const float *weights = kind_ == ATTENTION ? now.weights.const_data_ptr<float> () : nullptr;

  for_each_text (offsets, [&] (int64_t b, int64_t begin, int64_t end) {
    float *to = y.data_ptr<float> () + b * F;
    int64_t *where = kind_ == MAX ? now.from.data_ptr<int64_t> () + b * F : nullptr;

    for (int64_t t = begin; t < end; t++)
      {
        const float *row = from + t * F;
        float weight = kind_ == MEAN ? 1.0f / (float) (end - begin) : weights != nullptr ? weights[t] : 0.0f;

        for (int64_t i = 0; i < F; i++)
          if (kind_ != MAX)
            to[i] += weight * row[i];
          else if (t == begin || row[i] > to[i])
            {
              to[i] = row[i];
              where[i] = t;
            }
      }
    if (kind_ == LAST)
      {
        std::copy_n (from + (end - 1) * F, forward_, to);
        std::copy_n (from + begin * F + forward_, F - forward_, to + forward_);
      }
  });
  kept_ = keep ? std::move (now) : Kept ();
  return y;
}

at::Tensor
Pooling::backward (const Parameters &parameters, const std::vector<int64_t> &offsets,
                   const at::Tensor &dy, Grad grad)
{
  int64_t F = features_;
  at::Tensor dx = at::zeros_like (kept_.x), d_rows = dy.contiguous ();
  at::Tensor d_scores = at::empty ({ kept_.x.size (0) }, at::kFloat);
  const float *x = kept_.x.const_data_ptr<float> ();
  const float *weights = kind_ == ATTENTION ? kept_.weights.const_data_ptr<float> () : nullptr;
  float *to = dx.data_ptr<float> (), *d_score = d_scores.data_ptr<float> ();

  for_each_text (offsets, [&] (int64_t b, int64_t begin, int64_t end) {
    const float *d = d_rows.const_data_ptr<float> () + b * F;
    float mean = 0.0f;

    if (kind_ == LAST)
      {
        std::copy_n (d, forward_, to + (end - 1) * F);
        std::copy_n (d + forward_, F - forward_, to + begin * F + forward_);
        return;
      }
    if (kind_ == MAX)
      {
        const int64_t *where = kept_.from.const_data_ptr<int64_t> () + b * F;

        for (int64_t i = 0; i < F; i++)
          to[where[i] * F + i] = d[i];
        return;
      }
    for (int64_t t = begin; t < end; t++)
      {
        float weight = weights != nullptr ? weights[t] : 1.0f / (float) (end - begin), slope = 0.0f;

        for (int64_t i = 0; i < F; i++)
          {
            slope += d[i] * x[t * F + i];
            to[t * F + i] = weight * d[i];
          }
        d_score[t] = slope;
        mean += weight * slope;
      }
    for (int64_t t = begin; weights != nullptr && t < end; t++)
      d_score[t] = weights[t] * (d_score[t] - mean);
  });
  if (kind_ != ATTENTION)
    return dx;

  at::Tensor query = parameters.value (query_).select (0, 0);
  at::Tensor d_inner = at::tanh_backward (at::outer (d_scores, query), kept_.inner);
  if (grad != Grad::NONE)
    store_gradient (parameters.gradient (query_), d_scores.unsqueeze (0).mm (kept_.inner), grad);
  dx.add_ (dense_.backward (parameters, d_inner, sum_rows (parameters, d_inner), kept_.x, grad));
  return dx;
}

} // namespace attune
