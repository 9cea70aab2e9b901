/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model's weights with their gradients and moments. All of one kind lie in one long vector (a
 * block), so that the optimizer, the norm and the clearing are one operation each; tensors by HF
 * name are views of it. Matrices that are multiplied together (query, key, value) lie side by side
 * and are used as one.
 */
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "dropout.hpp"
#include "plan.hpp"
#include "rows.hpp"

namespace attune {

struct Parameter
{
  std::string name;
  std::vector<std::string> state_names; /* "exp_avg/<name>", "exp_avg_sq/<name>"; empty: none */
  std::vector<int64_t> sizes;
  int block;
  int64_t offset, length; /* in the block, in numbers */
};

/* (n,) each; gradient and moments only in a model that can be trained. */
struct Block
{
  at::Tensor value, working, gradient, exp_avg, exp_avg_sq;
  at::Tensor gradient_sum, gradient_alone; /* one of which is gradient; see begin_step */
  /* Neighbours that learn at one rate. */
  struct Segment { int64_t offset, length; double rate_scale; };
  std::vector<Segment> segments;
  int64_t length = 0;
};

class Parameters
{
 public:
  /* Matrices of products; vectors, which alone do not decay; tables to look up in; the word
   * embeddings, one table. */
  enum Kind { MATRICES, VECTORS, TABLES, WORDS, N_KINDS };
  using Slot = size_t; /* one or more tensors side by side */

  Parameters () = default;
  explicit Parameters (const Plan &plan) : plan_ (plan) {}
  const Plan &plan () const { return plan_; }
  /* Of the pass under way, for places of dropout that no layer knows of; null without. */
  const Noise *noise () const { return noise_; }
  void set_noise (const Noise *noise) { noise_ = noise; }

  /* Before allocate: declares tensors of the same columns, stacked by rows. columns 0: a vector. */
  Slot add (Kind kind, const std::vector<std::string> &names, int64_t rows, int64_t columns);
  /* What is declared from here on is frozen, or is not: it has neither gradient nor moments. */
  void freeze (bool frozen) { frozen_ = frozen; }
  bool freezing () const { return frozen_; }
  /* Whether anything declared so far learns: if not, nothing below needs a derivative. */
  bool learns () const { return learns_; }
  bool is_frozen (Slot slot) const { return spans_[slot].block >= N_KINDS; }
  /* compute: the type matrices are multiplied in; float32 means the weights themselves.
   * by_rows: the WORDS are kept by rows, on the CPU only. */
  void allocate (at::Device device, at::ScalarType compute, bool trainable, bool by_rows);

  at::Tensor value (Slot slot) const { return view (slot, &Block::value); }
  at::Tensor working (Slot slot) const { return view (slot, &Block::working); }
  at::Tensor gradient (Slot slot) const { return view (slot, &Block::gradient); }
  /* Brings the working copies up to date after the weights changed. */
  void refresh_working ();
  /* Before a step's gradients are computed. Those of a batch alone can have the working type, as
   * products give them; those that further ones are added to are float32. */
  void begin_step (bool alone);

  const std::vector<Parameter> &list () const { return parameters_; }
  const Parameter &find (const std::string &name) const; /* throws when there is none */
  static bool is_frozen (const Parameter &parameter) { return parameter.block >= N_KINDS; }
  /* Undefined for the gradient of a table that is kept by rows. */
  at::Tensor part (const Parameter &parameter, at::Tensor Block::*what) const;
  std::vector<Block> &blocks () { return blocks_; }
  bool trainable () const { return trainable_; }
  at::ScalarType working_type () const { return blocks_[MATRICES].working.scalar_type (); }
  /* Whether to compute as on a GPU; see open_engine. */
  bool device_path () const { return !by_rows_; }

  /* The rows ids (n,) of a table -> (n, H); the gradient of a table's rows. WORDS that are kept by
   * rows are without a gradient of their own. */
  at::Tensor look_up (Slot slot, const at::Tensor &ids);
  void add_rows_gradient (Slot slot, const at::Tensor &ids, const at::Tensor &d, Grad grad);
  /* Before a parameter is read or written from outside, and after. */
  void settle (const Parameter &parameter);
  void written (const Parameter &parameter);
  Rows &rows () { return rows_; }

 private:
  struct Span { int block; int64_t offset, depth; std::vector<int64_t> sizes; };
  void divide ();
  at::Tensor view (Slot slot, at::Tensor Block::*what) const;

  std::vector<Parameter> parameters_;
  std::vector<Span> spans_;
  std::vector<Block> blocks_ { 2 * N_KINDS }; /* by kind, then the frozen ones */
  Rows rows_;
  Plan plan_;
  const Noise *noise_ = nullptr;
  bool trainable_ = false, by_rows_ = false, frozen_ = false, learns_ = false;
};

} // namespace attune
