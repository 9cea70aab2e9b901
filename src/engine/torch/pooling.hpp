/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the outputs at all tokens of a text to one row for the text: their maximum, their mean, what
 * each direction knew last, or a mean weighted by additive attention (Bahdanau et al. 2015, with a
 * learnt vector for the query, as Yang et al. 2016 have it). On the CPU.
 */
#pragma once

#include "layers.hpp"

namespace attune {

class Pooling
{
 public:
  enum Kind { MAX, MEAN, LAST, ATTENTION };

  /* The kind of this name; throws for one it does not know. */
  static Kind parse (const std::string &name);
  Pooling () = default;
  /* features: F; forward: how many of them belong to the direction that reads forwards. */
  Pooling (Parameters &parameters, Kind kind, int64_t features, int64_t forward);

  /* x (T, F) -> (B, F) */
  at::Tensor forward (const Parameters &parameters, const std::vector<int64_t> &offsets,
                      const at::Tensor &x, bool keep);
  /* dy (B, F) -> dx (T, F) */
  at::Tensor backward (const Parameters &parameters, const std::vector<int64_t> &offsets,
                       const at::Tensor &dy, Grad grad);
  /* (T,): how much of its text's row comes from each token; undefined without attention. The first
   * and the last token, which stand for no word, have none in texts that have others. */
  at::Tensor weights () const { return kept_.weights; }
  void release () { kept_ = Kept (); }

 private:
  struct Kept
  {
    at::Tensor x, from; /* MAX: (B, F) int64, the token that had it */
    at::Tensor inner, weights;
  };

  void attend (const Parameters &parameters, const std::vector<int64_t> &offsets, Kept &now) const;

  Kind kind_ = MAX;
  int64_t features_ = 0, forward_ = 0;
  Linear dense_;
  Parameters::Slot query_ = 0; /* (1, F) */
  Kept kept_;
};

} // namespace attune
