/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Word embeddings on the CPU: a step touches a few hundred of thousands of rows, so only those are
 * read and written. The rows that rest still decay and drift by their moments; what they missed is
 * made up, step by step and in order, when they are next wanted. The arithmetic is that of updating
 * every row at every step, bit by bit.
 */
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "kernels.hpp"

namespace attune {

class Rows
{
 public:
  /* value, exp_avg, exp_avg_sq: (V, H) float32 on the CPU; kept. Moments that the optimizer lacks
   * are undefined. */
  void attach (const at::Tensor &value, const at::Tensor &exp_avg, const at::Tensor &exp_avg_sq);
  bool active () const { return value_.defined (); }

  /* Before rows are read: those of ids (n,), or all. */
  void settle (const int64_t *ids, int64_t n);
  void settle_all ();
  /* After moments were written from outside. */
  void moments_changed ();

  /* Adds d (n, H) to the gradients of rows ids (n,); Grad::SET forgets earlier ones first. */
  void add_gradient (const int64_t *ids, int64_t n, const float *d, Grad grad);
  double squared_norm () const; /* of the gradient */
  /* One step of the optimizer: now for the rows with a gradient, when they are next wanted for the others. */
  void update (const UpdateStep &step);

 private:
  void catch_up (int64_t row);
  void update_row (int64_t row, const float *gradient, const UpdateStep &step);

  at::Tensor value_, exp_avg_, exp_avg_sq_;
  int64_t n_rows_ = 0, n_columns_ = 0;
  std::vector<UpdateStep> history_;  /* steps that some row has missed */
  std::vector<uint32_t> done_;     /* (V,) how many of them each row has made */
  std::vector<uint8_t> moving_;    /* (V,) whether a moment of the row is not zero */
  std::vector<int32_t> slot_;      /* (V,) place in touched_, or -1 */
  std::vector<int64_t> touched_, late_;
  std::vector<float> gradient_;    /* (touched, H) */
  std::vector<float> zeros_;       /* (H,) */
};

} // namespace attune
