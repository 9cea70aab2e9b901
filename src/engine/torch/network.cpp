/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of model families.
 */
#include "bert.hpp"
#include "failure.hpp"

namespace attune {

namespace {

constexpr BertFamily::Keys bert_keys = {
  "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
  "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout",
};

constexpr BertFamily::Keys distilbert_keys = {
  "dim", "n_layers", "n_heads", "hidden_dim", "activation", "dropout", "attention_dropout",
  "seq_classif_dropout",
};

constexpr EncoderLayer::Names bert_names = {
  "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
  "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
};

constexpr EncoderLayer::Names distilbert_names = {
  "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm",
  "ffn.lin1", "ffn.lin2", "output_layer_norm",
};

using Head = BertFamily::Head;

/* prefix, layers, keys, names, head, has_types, after_padding, drops_attention */
constexpr BertFamily bert = {
  "bert.", "encoder.layer.", bert_keys, bert_names,
  { "bert.pooler.dense", "classifier", Head::TANH, false }, true, false, true,
};

constexpr BertFamily distilbert = {
  "distilbert.", "transformer.layer.", distilbert_keys, distilbert_names,
  { "pre_classifier", "classifier", Head::RELU, false }, false, false, false,
};

constexpr BertFamily roberta = {
  "roberta.", "encoder.layer.", bert_keys, bert_names,
  { "classifier.dense", "classifier.out_proj", Head::TANH, true }, true, true, true,
};

constexpr BertFamily electra = {
  "electra.", "encoder.layer.", bert_keys, bert_names,
  { "classifier.dense", "classifier.out_proj", Head::GELU, true }, true, false, true,
};

template <const BertFamily &family>
std::unique_ptr<Network>
make (const Options &options, int64_t n_labels, Parameters &parameters)
{
  return make_bert_family (family, options, n_labels, parameters);
}

const struct
{
  const char *model_type;
  std::unique_ptr<Network> (*make) (const Options &, int64_t, Parameters &);
} families[] = {
  { "bert", make<bert> },
  { "distilbert", make<distilbert> },
  { "roberta", make<roberta> },
  { "xlm-roberta", make<roberta> },
  { "electra", make<electra> },
  { "modernbert", make_modernbert },
  { "attune-rnn", make_rnn },
};

} // namespace

std::unique_ptr<Network>
make_network (const Options &options, int64_t n_labels, Parameters &parameters)
{
  return make_network_of (options.word ("model_type", "bert"), options, n_labels, parameters);
}

std::unique_ptr<Network>
make_network_of (const std::string &type, const Options &options, int64_t n_labels,
                 Parameters &parameters)
{
  for (const auto &family : families)
    if (type == family.model_type)
      return family.make (options, n_labels, parameters);
  fail (ATTUNE_ENGINE_UNSUPPORTED, "Models of the family “%.60s” are not supported yet.",
        type.c_str ());
}

} // namespace attune
