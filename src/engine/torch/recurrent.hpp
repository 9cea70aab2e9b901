/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One recurrent layer, forwards or both ways, on packed texts, with hand-written derivatives; its
 * tensors have the names of torch.nn.RNN, LSTM and GRU. T tokens in B texts, H features.
 */
#pragma once

#include "batch.hpp"
#include "cells.hpp"
#include "parameters.hpp"

namespace attune {

/* In which order a direction reads the tokens: all texts step by step, longest text first, so that
 * those that have a step t are the first of those that have step t - 1. Texts are dealt out to
 * parts, which know nothing of each other. */
struct Reading
{
  struct Part
  {
    int64_t first;              /* row of its first step in arrays ordered by steps */
    std::vector<int64_t> sizes; /* texts at each step */
  };

  std::vector<Part> parts;
  std::vector<int64_t> rows;    /* (T,) token of each row ordered by steps */

  Reading (const std::vector<int64_t> &offsets, bool backwards, int64_t n_parts);
};

class Recurrent
{
 public:
  struct Shape
  {
    Cell cell;
    int64_t in, features; /* I, H of one direction */
    bool both_ways;
  };

  Recurrent (Parameters &parameters, int64_t layer, const Shape &shape);
  /* x (T, I) float32 -> (T, D H), D directions side by side. readings: one for each direction. */
  at::Tensor forward (const Parameters &parameters, const std::vector<Reading> &readings,
                      const at::Tensor &x, bool keep);
  /* dy (T, D H) -> dx (T, I) */
  at::Tensor backward (const Parameters &parameters, const std::vector<Reading> &readings,
                       const at::Tensor &dy, Grad grad);
  void release () { kept_ = Kept (); }

 private:
  /* Ordered by steps: outputs and memories (D, T, H), gates (D, T, G H). */
  struct Kept
  {
    at::Tensor x, gates, memories, outputs;
  };

  Shape shape_;
  int64_t n_directions_;
  Parameters::Slot input_weight_, input_bias_;
  std::vector<Parameters::Slot> weights_, biases_; /* of each direction */
  Kept kept_;
};

} // namespace attune
