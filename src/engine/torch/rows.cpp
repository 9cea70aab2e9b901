/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See rows.hpp. Rows are independent of each other, so threads share them without order.
 */
#include "rows.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

namespace attune {

static constexpr size_t MAX_HISTORY = 1024; /* steps, before every row makes up its own */

void
Rows::attach (const at::Tensor &value, const at::Tensor &exp_avg, const at::Tensor &exp_avg_sq)
{
  value_ = value;
  exp_avg_ = exp_avg;
  exp_avg_sq_ = exp_avg_sq;
  n_rows_ = value.size (0);
  n_columns_ = value.size (1);
  done_.assign ((size_t) n_rows_, 0);
  moving_.assign ((size_t) n_rows_, 0);
  slot_.assign ((size_t) n_rows_, -1);
  zeros_.assign ((size_t) n_columns_, 0.0f);
}

static float *
row_of (const at::Tensor &table, int64_t at)
{
  return table.defined () ? table.data_ptr<float> () + at : nullptr;
}

void
Rows::update_row (int64_t row, const float *gradient, const UpdateStep &step)
{
  int64_t at = row * n_columns_;
  float *value = row_of (value_, at), *exp_avg = row_of (exp_avg_, at);
  float *exp_avg_sq = row_of (exp_avg_sq_, at);

  if (step.is_plain ())
    kernel_adamw (value, exp_avg, exp_avg_sq, gradient, n_columns_, step);
  else
    kernel_update (value, nullptr, exp_avg, exp_avg_sq, gradient, n_columns_, step);
}

/* A penalty moves a row that nothing else moves. */
void
Rows::catch_up (int64_t row)
{
  for (size_t i = done_[(size_t) row]; i < history_.size (); i++)
    if (moving_[(size_t) row] || history_[i].has_penalty ())
      {
        update_row (row, zeros_.data (), history_[i]);
        moving_[(size_t) row] = exp_avg_.defined ();
      }
    else if (!history_[i].descent)
      kernel_scale (row_of (value_, row * n_columns_), n_columns_, history_[i].keep);
  done_[(size_t) row] = (uint32_t) history_.size ();
}

void
Rows::settle (const int64_t *ids, int64_t n)
{
  late_.clear ();
  for (int64_t i = 0; i < n; i++)
    if (done_[(size_t) ids[i]] < history_.size ())
      late_.push_back (ids[i]);
  std::sort (late_.begin (), late_.end ());
  late_.erase (std::unique (late_.begin (), late_.end ()), late_.end ());
  at::parallel_for (0, (int64_t) late_.size (), 16, [this] (int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      catch_up (late_[(size_t) i]);
  });
}

void
Rows::settle_all ()
{
  at::parallel_for (0, n_rows_, 16, [this] (int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++)
      catch_up (row);
  });
  history_.clear ();
  std::fill (done_.begin (), done_.end (), 0);
}

void
Rows::moments_changed ()
{
  auto is_zero = [] (float x) { return x == 0.0f; };
  auto rests = [&] (const at::Tensor &moment, int64_t row) {
    const float *from = row_of (moment, row * n_columns_);

    return from == nullptr || std::all_of (from, from + n_columns_, is_zero);
  };

  for (int64_t row = 0; row < n_rows_; row++)
    moving_[(size_t) row] = !rests (exp_avg_, row) || !rests (exp_avg_sq_, row);
}

void
Rows::add_gradient (const int64_t *ids, int64_t n, const float *d, Grad grad)
{
  if (grad == Grad::SET)
    {
      for (int64_t row : touched_)
        slot_[(size_t) row] = -1;
      touched_.clear ();
      gradient_.clear ();
    }
  for (int64_t i = 0; i < n; i++)
    {
      int32_t &slot = slot_[(size_t) ids[i]];

      if (slot < 0)
        {
          slot = (int32_t) touched_.size ();
          touched_.push_back (ids[i]);
          gradient_.resize (gradient_.size () + (size_t) n_columns_, 0.0f);
        }
      kernel_add (gradient_.data () + slot * n_columns_, d + i * n_columns_, n_columns_);
    }
}

double
Rows::squared_norm () const
{
  double sum = 0.0;

  for (float g : gradient_)
    sum += (double) g * (double) g;
  return sum;
}

void
Rows::update (const UpdateStep &step)
{
  settle (touched_.data (), (int64_t) touched_.size ());
  if (history_.size () == MAX_HISTORY)
    settle_all ();
  history_.push_back (step);
  at::parallel_for (0, (int64_t) touched_.size (), 16, [this, &step] (int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      {
        update_row (touched_[(size_t) i], gradient_.data () + i * n_columns_, step);
        moving_[(size_t) touched_[(size_t) i]] = exp_avg_.defined ();
        done_[(size_t) touched_[(size_t) i]] = (uint32_t) history_.size ();
      }
  });
}

} // namespace attune
