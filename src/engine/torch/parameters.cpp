/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays out the blocks of parameters.hpp and hands out views. Gaps left for alignment hold zeros,
 * which every optimizer here leaves at zero.
 */
#include "parameters.hpp"

#include <algorithm>

#include "failure.hpp"

namespace attune {

static constexpr int64_t ALIGNMENT = 16; /* numbers: 64 bytes of float32 */

static std::vector<std::string>
name_state (const Plan &plan, const std::string &name)
{
  if (plan.n_moments == 2)
    return { "exp_avg/" + name, "exp_avg_sq/" + name };
  return plan.n_moments == 1 ? std::vector<std::string> { "momentum_buffer/" + name }
                             : std::vector<std::string> ();
}

Parameters::Slot
Parameters::add (Kind kind, const std::vector<std::string> &names, int64_t rows, int64_t columns)
{
  bool frozen = frozen_ || plan_.freezes (names.front ());
  int place = kind + (frozen ? N_KINDS : 0);
  Block &block = blocks_[(size_t) place];
  int64_t each = rows * (columns > 0 ? columns : 1);
  std::vector<int64_t> sizes { rows }, stacked { rows * (int64_t) names.size () };

  if (columns > 0)
    {
      sizes.push_back (columns);
      stacked.push_back (columns);
    }
  block.length = (block.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  spans_.push_back ({ place, block.length, Plan::depth_of (names.front ()), stacked });
  learns_ = learns_ || !frozen;
  for (const std::string &name : names)
    {
      parameters_.push_back ({ name, frozen ? std::vector<std::string> () : name_state (plan_, name),
                               sizes, place, block.length, each });
      block.length += each;
    }
  return spans_.size () - 1;
}

/* Marks off what learns at one rate; the gaps between tensors belong to what is before them. */
void
Parameters::divide ()
{
  int64_t n_layers = 0;

  for (const Span &span : spans_)
    n_layers = std::max (n_layers, span.depth);
  for (const Span &span : spans_)
    {
      std::vector<Block::Segment> &segments = blocks_[(size_t) span.block].segments;
      double scale = plan_.rate_scale (span.depth, n_layers);

      if (segments.empty () || segments.back ().rate_scale != scale)
        segments.push_back ({ segments.empty () ? 0 : span.offset, 0, scale });
    }
  for (Block &block : blocks_)
    for (size_t i = 0; i < block.segments.size (); i++)
      block.segments[i].length = (i + 1 < block.segments.size () ? block.segments[i + 1].offset
                                                                 : block.length)
                                 - block.segments[i].offset;
}

void
Parameters::allocate (at::Device device, at::ScalarType compute, bool trainable, bool by_rows)
{
  auto options = at::TensorOptions ().device (device).dtype (at::kFloat);

  trainable_ = trainable;
  by_rows_ = by_rows;
  for (size_t kind = 0; kind < blocks_.size (); kind++)
    {
      Block &block = blocks_[kind];
      bool looked_up = kind % N_KINDS == TABLES || kind % N_KINDS == WORDS;

      block.value = at::zeros ({ block.length }, options);
      block.working = compute == at::kFloat || looked_up ? block.value : block.value.to (compute);
      if (!trainable || kind >= N_KINDS)
        continue;
      if (!(by_rows && kind == WORDS))
        block.gradient_sum = at::zeros ({ block.length }, options);
      if (by_rows && kind == MATRICES && compute != at::kFloat)
        block.gradient_alone = at::zeros ({ block.length }, options.dtype (compute));
      block.gradient = block.gradient_sum;
      if (plan_.n_moments >= 1)
        block.exp_avg = at::zeros ({ block.length }, options);
      if (plan_.n_moments == 2)
        block.exp_avg_sq = at::zeros ({ block.length }, options);
    }
  divide ();
  for (Slot slot = 0; slot < spans_.size (); slot++)
    if (spans_[slot].block == WORDS && trainable && by_rows)
      rows_.attach (view (slot, &Block::value),
                    plan_.n_moments >= 1 ? view (slot, &Block::exp_avg) : at::Tensor (),
                    plan_.n_moments == 2 ? view (slot, &Block::exp_avg_sq) : at::Tensor ());
}

void
Parameters::refresh_working ()
{
  for (Block &block : blocks_)
    if (block.gradient.defined () && !block.working.is_same (block.value))
      block.working.copy_ (block.value);
}

void
Parameters::begin_step (bool alone)
{
  for (Block &block : blocks_)
    block.gradient = alone && block.gradient_alone.defined () ? block.gradient_alone
                                                              : block.gradient_sum;
}

at::Tensor
Parameters::look_up (Slot slot, const at::Tensor &ids)
{
  if (spans_[slot].block == WORDS && rows_.active ())
    rows_.settle (ids.const_data_ptr<int64_t> (), ids.numel ());
  return value (slot).index_select (0, ids);
}

void
Parameters::add_rows_gradient (Slot slot, const at::Tensor &ids, const at::Tensor &d, Grad grad)
{
  if (grad == Grad::NONE || is_frozen (slot))
    return;
  if (spans_[slot].block == WORDS && rows_.active ())
    {
      rows_.add_gradient (ids.const_data_ptr<int64_t> (), ids.numel (), d.const_data_ptr<float> (),
                          grad);
      return;
    }

  at::Tensor to = gradient (slot);
  if (grad == Grad::SET)
    to.zero_ ();
  if (!by_rows_)
    {
      to.index_add_ (0, ids, d);
      return;
    }
  for (int64_t i = 0, n = d.size (1); i < ids.numel (); i++)
    kernel_add (to.data_ptr<float> () + ids.const_data_ptr<int64_t> ()[i] * n,
                d.const_data_ptr<float> () + i * n, n);
}

void
Parameters::settle (const Parameter &parameter)
{
  if (parameter.block == WORDS && rows_.active ())
    rows_.settle_all ();
}

void
Parameters::written (const Parameter &parameter)
{
  Block &block = blocks_[parameter.block];

  if (parameter.block == WORDS && rows_.active ())
    rows_.moments_changed ();
  if (!block.working.is_same (block.value))
    part (parameter, &Block::working).copy_ (part (parameter, &Block::value));
}

const Parameter &
Parameters::find (const std::string &name) const
{
  for (const Parameter &parameter : parameters_)
    if (parameter.name == name)
      return parameter;
  fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The model has no tensor “%.120s”.", name.c_str ());
}

at::Tensor
Parameters::part (const Parameter &parameter, at::Tensor Block::*what) const
{
  const at::Tensor &all = blocks_[parameter.block].*what;

  return all.defined () ? all.narrow (0, parameter.offset,
                                      parameter.length).view (parameter.sizes) : all;
}

at::Tensor
Parameters::view (Slot slot, at::Tensor Block::*what) const
{
  const Span &span = spans_[slot];

  return (blocks_[span.block].*what).narrow (0, span.offset, c10::multiply_integers (span.sizes))
    .view (span.sizes);
}

} // namespace attune
