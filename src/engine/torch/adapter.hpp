/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Low-rank adapters (Hu et al. 2021, "LoRA"): beside the product of a frozen matrix W (out, in) runs
 * scale B A, of rank r, which learns. A (r, in), B (out, r); N rows.
 */
#pragma once

#include <utility>

#include "dropout.hpp"
#include "parameters.hpp"

namespace attune {

class Adapter
{
 public:
  /* Declares "<prefix>.lora_A.weight" and "<prefix>.lora_B.weight"; it is for the rows of a stack
   * of products from first_row on. */
  Adapter (Parameters &parameters, const std::string &prefix, int64_t in, int64_t out,
           int64_t first_row);

  /* Adds to the product y (N, rows) of the stack's rows from first_row on, as far as they are its
   * own; x (N, in). */
  void forward (const Parameters &parameters, const at::Tensor &x, const at::Tensor &y,
                int64_t first_row) const;
  /* Adds to dx (N, in), where that is defined; dy as y. Where a step computes its rows in parts, the
   * part with the first of them comes first. */
  void backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                 const at::Tensor &dx, Grad grad, int64_t first_row) const;

 private:
  /* Its own rows [begin, end) among those of y, numbered as its own. */
  std::pair<int64_t, int64_t> overlap (const at::Tensor &y, int64_t first_row) const;
  Dropout place (const Parameters &parameters) const;

  Parameters::Slot down_, up_;
  int64_t first_row_, rows_;
};

} // namespace attune
