/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BERT and the families that kept its layers: what each has of its own, in words and flags. The
 * descriptions stand in the table of network.cpp; bert.cpp computes any of them.
 */
#pragma once

#include "encoder.hpp"
#include "network.hpp"

namespace attune {

struct BertFamily
{
  /* Keys of config.json. */
  struct Keys
  {
    const char *hidden, *layers, *heads, *intermediate, *activation;
    const char *hidden_dropout, *attention_dropout, *classifier_dropout;
  };
  /* [dropout] dense activation dropout output, on each text's first token. */
  struct Head
  {
    const char *dense, *output;
    enum { TANH, RELU, GELU } activation;
    bool drops_before; /* the first dropout */
  };

  const char *prefix; /* of all tensors but the head's, which name theirs in full */
  const char *layers; /* then the number */
  Keys keys;
  EncoderLayer::Names names;
  Head head;
  bool has_types;     /* token types */
  bool after_padding; /* positions are counted from pad_token_id + 1 and skip that token */
  bool drops_attention; /* hidden dropout after attention's output product */
};

std::unique_ptr<Network> make_bert_family (const BertFamily &family, const Options &options,
                                           int64_t n_labels, Parameters &parameters);

} // namespace attune
