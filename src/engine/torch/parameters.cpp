/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays out the blocks of parameters.hpp and hands out views. Gaps left for alignment hold zeros,
 * which every optimizer here leaves at zero.
 */
#include "parameters.hpp"

#include "failure.hpp"

namespace attune {

static constexpr int64_t ALIGNMENT = 16; /* numbers: 64 bytes of float32 */

Parameters::Slot
Parameters::add (Kind kind, const std::vector<std::string> &names, int64_t rows, int64_t columns)
{
  int place = kind + (frozen_ ? N_KINDS : 0);
  Block &block = blocks_[(size_t) place];
  int64_t each = rows * (columns > 0 ? columns : 1);
  std::vector<int64_t> sizes { rows }, stacked { rows * (int64_t) names.size () };

  if (columns > 0)
    {
      sizes.push_back (columns);
      stacked.push_back (columns);
    }
  block.length = (block.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  spans_.push_back ({ place, block.length, stacked });
  for (const std::string &name : names)
    {
      parameters_.push_back ({ name, { "exp_avg/" + name, "exp_avg_sq/" + name }, sizes, place,
                               block.length, each });
      block.length += each;
    }
  return spans_.size () - 1;
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
      block.exp_avg = at::zeros ({ block.length }, options);
      block.exp_avg_sq = at::zeros ({ block.length }, options);
    }
  for (Slot slot = 0; slot < spans_.size (); slot++)
    if (spans_[slot].block == WORDS && trainable && by_rows)
      rows_.attach (view (slot, &Block::value), view (slot, &Block::exp_avg),
                    view (slot, &Block::exp_avg_sq));
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
  if (grad == Grad::NONE)
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
