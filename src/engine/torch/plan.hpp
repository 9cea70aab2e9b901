/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of a model learns, how fast, and by which optimizer: the options of a model that are not its
 * configuration. Whatever the family, a tensor's name says how deep it lies.
 */
#pragma once

#include <string>

#include "options.hpp"

namespace attune {

enum class Method { ADAMW, ADAM, SGD };

struct Plan
{
  /* Adapters (Hu et al. 2021) of rank r beside products; their output counts times scale. */
  struct Lora
  {
    int64_t rank = 0; /* 0: none */
    double scale = 0.0, dropout = 0.0;
    bool everywhere = false; /* in every product of the layers, or in query and value */
  };

  Plan () = default;
  explicit Plan (const Options &options);

  /* Depth of a tensor: 0 embeddings, 1 … the layers from below, HEAD what is above them. */
  static constexpr int64_t HEAD = -1;
  static int64_t depth_of (const std::string &name);
  static bool is_adapter (const std::string &name);

  bool freezes (const std::string &name) const;
  /* Whether the product of this name gets an adapter. */
  bool adapts (const std::string &prefix) const;
  /* What the learning rate is multiplied by, in a model of n_layers. */
  double rate_scale (int64_t depth, int64_t n_layers) const;

  Method method = Method::ADAMW;
  int n_moments = 2;       /* of each weight: exp_avg, exp_avg_sq; or momentum_buffer; or none */
  double layer_decay = 1.0; /* from each layer to the one below it */
  bool freeze_embeddings = false;
  int64_t freeze_layers = 0; /* so many from below, and the embeddings with them */
  bool recompute = false;    /* activations inside of a layer, in the backward pass */
  Lora lora;
};

} // namespace attune
