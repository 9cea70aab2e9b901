/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model family must offer. A family is one file: it declares its tensors under their HF
 * names, computes logits and carries a gradient back. Add it to the table in network.cpp.
 */
#pragma once

#include <memory>

#include "batch.hpp"
#include "dropout.hpp"
#include "layers.hpp"
#include "options.hpp"
#include "parameters.hpp"

namespace attune {

constexpr int64_t MAX_SIZE = 1 << 24; /* of any dimension in a configuration */
constexpr int64_t MAX_TYPES = 256;    /* of tokens */

class Network
{
 public:
  virtual ~Network () = default;

  virtual const Limits &limits () const = 0;
  /* Logits (B, C) float32. noise: null without dropout. keep: whether backward will follow. */
  virtual at::Tensor forward (Parameters &parameters, const Input &input, const Noise *noise,
                              bool keep) = 0;
  /* d_logits (B, C) of the forward pass just kept. Writes the gradients of all weights as grad
   * says and returns d_embeddings (T, H), the gradient of the sum of embeddings; undefined where
   * gradients are written and nothing below some layer learns. */
  virtual at::Tensor backward (Parameters &parameters, const Input &input,
                               const at::Tensor &d_logits,
                               Grad grad) = 0;
  /* The word embeddings (T, H) of the forward pass just kept, for attribution: of all that is
   * added up, the part that says which word it is; what backward's d_embeddings is the gradient by. */
  virtual at::Tensor embeddings () const = 0;
  /* The weight of each token in its text's row (T,), of the forward pass just kept; undefined for a
   * network that does not pool by attention. */
  virtual at::Tensor attention () const { return at::Tensor (); }
  /* Forgets what was kept. */
  virtual void release () = 0;
};

/* The network of "model_type" in options, with its tensors declared in parameters. Throws when the
 * family or something in its configuration is not supported. */
std::unique_ptr<Network> make_network (const Options &options, int64_t n_labels,
                                       Parameters &parameters);

/* The same of a family that is named apart. */
std::unique_ptr<Network> make_network_of (const std::string &type, const Options &options,
                                          int64_t n_labels, Parameters &parameters);

/* One for each family that is not described by bert.hpp. n_labels 0: without a head; what goes
 * forward are the outputs at all tokens (T, H) float32, what goes backward is their derivative. */
std::unique_ptr<Network> make_modernbert (const Options &options, int64_t n_labels,
                                          Parameters &parameters);
std::unique_ptr<Network> make_rnn (const Options &options, int64_t n_labels,
                                   Parameters &parameters);

} // namespace attune
