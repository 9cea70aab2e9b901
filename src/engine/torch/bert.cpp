/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BERT for sequence classification: embeddings, encoder layers, pooler, classifier; the names and
 * defaults are those of Hugging Face's BertForSequenceClassification and BertConfig.
 */
#include "network.hpp"

#include "encoder.hpp"
#include "failure.hpp"

namespace attune {

namespace {

constexpr int64_t MAX_SIZE = 1 << 24; /* of any dimension in a configuration */
constexpr uint64_t SITE_EMBEDDINGS = 1, SITE_CLASSIFIER = 2, SITE_LAYERS = 16, SITES_PER_LAYER = 4;

class Bert : public Network
{
 public:
  Bert (const Options &options, int64_t n_labels, Parameters &parameters);
  const Limits &limits () const override { return limits_; }
  at::Tensor forward (Parameters &parameters, const Input &input, const Noise *noise,
                      bool keep) override;
  at::Tensor backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits,
                       Grad grad) override;
  at::Tensor embeddings () const override { return kept_.words; }
  void release () override;

 private:
  struct Kept
  {
    AddNorm::Saved norm;
    at::Tensor words, first, pooled, dropped;
    Dropout place_embeddings, place_classifier;
  };

  Limits limits_;
  bool headless_; /* what is returned are the outputs of all tokens */
  double hidden_dropout_, classifier_dropout_;
  Parameters::Slot words_, positions_, types_;
  AddNorm norm_;
  std::vector<EncoderLayer> layers_;
  Linear pooler_, classifier_;
  Kept kept_;
};

Bert::Bert (const Options &options, int64_t n_labels, Parameters &parameters)
{
  const std::string prefix = "bert.";
  int64_t n_layers = options.size ("num_hidden_layers", 12, 1000);
  EncoderLayer::Shape shape {
    options.size ("hidden_size", 768, MAX_SIZE),
    options.size ("intermediate_size", 3072, MAX_SIZE),
    options.size ("num_attention_heads", 12, 4096),
    options.number ("layer_norm_eps", 1e-12),
    options.probability ("hidden_dropout_prob", 0.1),
    options.probability ("attention_probs_dropout_prob", 0.1),
    Activation (options.word ("hidden_act", "gelu")),
  };

  if (shape.hidden % shape.heads != 0)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "The configuration says hidden_size = %lld, which %lld attention heads cannot share.",
          (long long) shape.hidden, (long long) shape.heads);
  std::string positions = options.word ("position_embedding_type", "absolute");
  if (positions != "absolute")
    fail (ATTUNE_ENGINE_UNSUPPORTED, "Position embeddings of the type “%.40s” are not supported.",
          positions.c_str ());

  limits_ = { options.size ("vocab_size", 30522, MAX_SIZE),
              options.size ("max_position_embeddings", 512, MAX_SIZE),
              options.size ("type_vocab_size", 2, 256) };
  hidden_dropout_ = shape.hidden_dropout;
  classifier_dropout_ = options.probability ("classifier_dropout", hidden_dropout_);

  words_ = parameters.add (Parameters::WORDS, { prefix + "embeddings.word_embeddings.weight" },
                           limits_.vocabulary, shape.hidden);
  positions_ = parameters.add (Parameters::TABLES,
                               { prefix + "embeddings.position_embeddings.weight" },
                               limits_.positions, shape.hidden);
  types_ = parameters.add (Parameters::TABLES,
                           { prefix + "embeddings.token_type_embeddings.weight" },
                           limits_.types, shape.hidden);
  norm_ = AddNorm (parameters, prefix + "embeddings.LayerNorm", shape.hidden, shape.epsilon);
  for (int64_t i = 0; i < n_layers; i++)
    layers_.emplace_back (parameters, prefix + "encoder.layer." + std::to_string (i) + ".", shape,
                          n_labels > 0 && i == n_layers - 1, SITE_LAYERS + SITES_PER_LAYER * (uint64_t) i);
  headless_ = n_labels == 0;
  if (headless_)
    return;
  pooler_ = Linear (parameters, { prefix + "pooler.dense" }, shape.hidden, shape.hidden);
  classifier_ = Linear (parameters, { "classifier" }, shape.hidden, n_labels);
}

at::Tensor
Bert::forward (Parameters &parameters, const Input &input, const Noise *noise, bool keep)
{
  Kept now;

  now.place_embeddings = Noise::at (noise, hidden_dropout_, SITE_EMBEDDINGS);
  now.place_classifier = Noise::at (noise, classifier_dropout_, SITE_CLASSIFIER);

  now.words = parameters.look_up (words_, input.ids);
  at::Tensor sum = at::add (now.words, parameters.look_up (types_, input.types));
  sum.add_ (parameters.look_up (positions_, input.positions));
  at::ScalarType type = parameters.working_type ();
  Stream normed = norm_.forward (parameters, at::Tensor (), sum, Dropout (), type, now.norm);
  Stream x { dropout (normed.wide, now.place_embeddings), at::Tensor () };
  x.working = x.wide.to (type);

  for (EncoderLayer &layer : layers_)
    x = layer.forward (parameters, input, x, noise, keep);

  if (headless_)
    {
      kept_ = keep ? std::move (now) : Kept ();
      return x.wide;
    }
  now.first = x.working;
  now.pooled = at::tanh (pooler_.forward (parameters, now.first).to (at::kFloat));
  now.dropped = dropout (now.pooled, now.place_classifier);
  at::Tensor logits = classifier_.forward (parameters, now.dropped).to (at::kFloat);

  kept_ = keep ? std::move (now) : Kept ();
  return logits;
}

at::Tensor
Bert::backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits, Grad grad)
{
  at::Tensor d = d_logits;
  Derivative dx { d, at::Tensor () };

  if (!headless_)
    {
      d = classifier_.backward (parameters, d, sum_rows (parameters, d), kept_.dropped,
                                grad).to (at::kFloat);
      d = at::tanh_backward (dropout (d, kept_.place_classifier), kept_.pooled);
      dx.wide = pooler_.backward (parameters, d, sum_rows (parameters, d), kept_.first,
                                  grad).to (at::kFloat);
    }
  if (grad != Grad::NONE && !layers_.empty () && !layers_.back ().learns ())
    return at::Tensor ();
  for (auto layer = layers_.rbegin (); layer != layers_.rend (); ++layer)
    {
      dx = layer->backward (parameters, input, dx, grad);
      if (!dx.wide.defined ())
        return dx.wide;
    }

  if (dx.branch.defined ())
    dx.wide.add_ (dx.branch);
  d = norm_.backward (parameters, { dropout (dx.wide, kept_.place_embeddings), at::Tensor () },
                      kept_.norm, std::nullopt, grad).d_sum;
  parameters.add_rows_gradient (words_, input.ids, d, grad);
  parameters.add_rows_gradient (positions_, input.positions, d, grad);
  parameters.add_rows_gradient (types_, input.types, d, grad);
  return d;
}

void
Bert::release ()
{
  kept_ = Kept ();
  for (EncoderLayer &layer : layers_)
    layer.release ();
}

} // namespace

std::unique_ptr<Network>
make_bert (const Options &options, int64_t n_labels, Parameters &parameters)
{
  return std::make_unique<Bert> (options, n_labels, parameters);
}

} // namespace attune
