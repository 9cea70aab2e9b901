/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See adapter.hpp. What lies between A and B is computed anew in the backward pass: it is small.
 */
#include "adapter.hpp"

#include <algorithm>

#include "layers.hpp"

namespace attune {

static constexpr uint64_t SITE_ADAPTERS = 1 << 24; /* beyond every other place of dropout */

Adapter::Adapter (Parameters &parameters, const std::string &prefix, int64_t in, int64_t out,
                  int64_t first_row)
  : down_ (parameters.add (Parameters::MATRICES, { prefix + ".lora_A.weight" },
                           parameters.plan ().lora.rank, in)),
    up_ (parameters.add (Parameters::MATRICES, { prefix + ".lora_B.weight" }, out,
                         parameters.plan ().lora.rank)),
    first_row_ (first_row), rows_ (out)
{
}

std::pair<int64_t, int64_t>
Adapter::overlap (const at::Tensor &y, int64_t first_row) const
{
  return { std::max<int64_t> (0, first_row - first_row_),
           std::min (rows_, first_row + y.size (1) - first_row_) };
}

Dropout
Adapter::place (const Parameters &parameters) const
{
  return Noise::at (parameters.noise (), parameters.plan ().lora.dropout, SITE_ADAPTERS + down_);
}

void
Adapter::forward (const Parameters &parameters, const at::Tensor &x, const at::Tensor &y,
                  int64_t first_row) const
{
  auto [begin, end] = overlap (y, first_row);

  if (begin >= end)
    return;

  at::Tensor in = dropout (x, place (parameters)).to (y.scalar_type ());
  at::Tensor middle = at::mm (in, parameters.working (down_).t ());
  at::Tensor up = parameters.working (up_).narrow (0, begin, end - begin);

  y.narrow (1, first_row_ + begin - first_row, end - begin)
    .add_ (at::mm (middle, up.t ()), parameters.plan ().lora.scale);
}

void
Adapter::backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                   const at::Tensor &dx, Grad grad, int64_t first_row) const
{
  auto [begin, end] = overlap (dy, first_row);
  int64_t n = end - begin;

  if (n <= 0)
    return;

  at::Tensor down = parameters.working (down_), up = parameters.working (up_).narrow (0, begin, n);
  at::Tensor in = dropout (x, place (parameters)).to (down.scalar_type ());
  at::Tensor d = at::mul (dy.narrow (1, first_row_ + begin - first_row, n),
                          parameters.plan ().lora.scale).to (down.scalar_type ());
  at::Tensor d_middle = at::mm (d, up);

  if (grad != Grad::NONE)
    {
      at::Tensor middle = at::mm (in, down.t ());

      store_gradient (parameters.gradient (up_).narrow (0, begin, n), at::mm (d.t (), middle), grad);
      store_gradient (parameters.gradient (down_), at::mm (d_middle.t (), in),
                      begin > 0 ? Grad::ADD : grad);
    }
  if (dx.defined ())
    dx.add_ (dropout (at::mm (d_middle, down), place (parameters)));
}

} // namespace attune
