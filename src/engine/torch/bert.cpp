/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BERT and its like for sequence classification: embeddings, encoder layers, a head of two layers.
 * Names and defaults are those of Hugging Face's …ForSequenceClassification and …Config.
 */
#include "bert.hpp"

#include "failure.hpp"

namespace attune {

namespace {

constexpr uint64_t SITE_EMBEDDINGS = 1, SITE_CLASSIFIER = 2, SITE_HEAD = 3, SITE_LAYERS = 16,
                   SITES_PER_LAYER = 4;

class Bert : public Network
{
 public:
  Bert (const BertFamily &family, const Options &options, int64_t n_labels,
        Parameters &parameters);
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
    at::Tensor words, counts, places, embedded, first, dense, pooled, dropped;
    Dropout place_embeddings, place_head, place_classifier;
  };

  Stream embed (Parameters &parameters, const Input &input, Kept &now);
  at::Tensor apply_head (Parameters &parameters, Kept &now);
  at::Tensor head_backward (Parameters &parameters, const at::Tensor &d_logits, Grad grad);

  BertFamily family_;
  Limits limits_;
  bool headless_; /* what is returned are the outputs of all tokens */
  int64_t padding_ = 0; /* the token without a position, where family_ has one */
  double hidden_dropout_, classifier_dropout_;
  Parameters::Slot words_, positions_, types_ = 0;
  AddNorm norm_;
  bool projects_; /* from the size of embeddings to that of layers */
  Linear project_;
  std::vector<EncoderLayer> layers_;
  Linear dense_, output_;
  Kept kept_;
};

Bert::Bert (const BertFamily &family, const Options &options, int64_t n_labels,
            Parameters &parameters)
  : family_ (family)
{
  const std::string prefix = family.prefix;
  const BertFamily::Keys &keys = family.keys;
  int64_t n_layers = options.size (keys.layers, 12, 1000);
  hidden_dropout_ = options.probability (keys.hidden_dropout, 0.1);
  EncoderLayer::Shape shape {
    options.size (keys.hidden, 768, MAX_SIZE),
    options.size (keys.intermediate, 3072, MAX_SIZE),
    options.size (keys.heads, 12, 4096),
    options.number ("layer_norm_eps", 1e-12),
    options.probability (keys.attention_dropout, 0.1),
    { family.drops_attention ? hidden_dropout_ : 0.0, hidden_dropout_ },
    Activation (options.word (keys.activation, "gelu")),
  };
  int64_t embedded = options.size ("embedding_size", shape.hidden, MAX_SIZE);

  if (shape.hidden % shape.heads != 0)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "The configuration says %s = %lld, which %lld attention heads cannot share.", keys.hidden,
          (long long) shape.hidden, (long long) shape.heads);
  std::string positions = options.word ("position_embedding_type", "absolute");
  if (positions != "absolute")
    fail (ATTUNE_ENGINE_UNSUPPORTED, "Position embeddings of the type “%.40s” are not supported.",
          positions.c_str ());

  int64_t n_positions = options.size ("max_position_embeddings", 512, MAX_SIZE);
  limits_ = { options.size ("vocab_size", 30522, MAX_SIZE), n_positions,
              family.has_types ? options.size ("type_vocab_size", 2, MAX_TYPES) : MAX_TYPES };
  if (family.after_padding)
    {
      padding_ = (int64_t) options.number ("pad_token_id", 1);
      if (padding_ < 0 || padding_ + 1 >= n_positions)
        fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
              "The configuration says pad_token_id = %lld, after which %lld positions leave none.",
              (long long) padding_, (long long) n_positions);
      limits_.positions -= padding_ + 1;
    }
  classifier_dropout_ = options.probability (keys.classifier_dropout, hidden_dropout_);
  projects_ = embedded != shape.hidden;

  words_ = parameters.add (Parameters::WORDS, { prefix + "embeddings.word_embeddings.weight" },
                           limits_.vocabulary, embedded);
  positions_ = parameters.add (Parameters::TABLES,
                               { prefix + "embeddings.position_embeddings.weight" }, n_positions,
                               embedded);
  if (family.has_types)
    types_ = parameters.add (Parameters::TABLES,
                             { prefix + "embeddings.token_type_embeddings.weight" },
                             limits_.types, embedded);
  norm_ = AddNorm (parameters, prefix + "embeddings.LayerNorm", embedded, shape.epsilon);
  if (projects_)
    project_ = Linear (parameters, { prefix + "embeddings_project" }, embedded, shape.hidden);
  for (int64_t i = 0; i < n_layers; i++)
    layers_.emplace_back (parameters, prefix + family.layers + std::to_string (i) + ".",
                          family.names, shape, n_labels > 0 && i == n_layers - 1,
                          SITE_LAYERS + SITES_PER_LAYER * (uint64_t) i);
  headless_ = n_labels == 0;
  if (headless_)
    return;
  dense_ = Linear (parameters, { family.head.dense }, shape.hidden, shape.hidden);
  output_ = Linear (parameters, { family.head.output }, shape.hidden, n_labels);
}

/* pad + 1, pad + 2 … in each sequence, but for tokens that are pad themselves, where counts is 0:
 * those have its own and are not counted. */
static at::Tensor
count_after_padding (const Input &input, const at::Tensor &counts, int64_t pad)
{
  at::Tensor before = at::sub (at::cumsum (counts, 0), counts);
  at::Tensor first = at::sub (at::arange (input.n_tokens, input.ids.options ()), input.positions);
  at::Tensor place = at::sub (before, before.index_select (0, first)).add_ (1);

  return place.mul_ (counts).add_ (pad);
}

Stream
Bert::embed (Parameters &parameters, const Input &input, Kept &now)
{
  at::ScalarType type = parameters.working_type ();
  at::Tensor sum;

  now.places = input.positions;
  if (family_.after_padding)
    {
      now.counts = input.ids.ne (padding_).to (at::kLong);
      now.places = count_after_padding (input, now.counts, padding_);
    }
  now.words = parameters.look_up (words_, input.ids);
  if (family_.has_types)
    sum = at::add (now.words, parameters.look_up (types_, input.types))
            .add_ (parameters.look_up (positions_, now.places));
  else
    sum = at::add (now.words, parameters.look_up (positions_, now.places));

  Stream normed = norm_.forward (parameters, at::Tensor (), sum, Dropout (), type, now.norm);
  Stream x { dropout (normed.wide, now.place_embeddings), at::Tensor () };
  x.working = x.wide.to (type);
  if (projects_)
    {
      now.embedded = x.working;
      x.working = project_.forward (parameters, now.embedded);
      x.wide = x.working.to (at::kFloat);
    }
  return x;
}

at::Tensor
Bert::apply_head (Parameters &parameters, Kept &now)
{
  now.dense = dense_.forward (parameters, now.first).to (at::kFloat);
  switch (family_.head.activation)
    {
    case BertFamily::Head::TANH: now.pooled = at::tanh (now.dense); break;
    case BertFamily::Head::RELU: now.pooled = at::relu (now.dense); break;
    case BertFamily::Head::GELU: now.pooled = at::gelu (now.dense); break;
    }
  now.dropped = dropout (now.pooled, now.place_classifier);
  return output_.forward (parameters, now.dropped).to (at::kFloat);
}

/* -> the derivative of each text's first row. */
at::Tensor
Bert::head_backward (Parameters &parameters, const at::Tensor &d_logits, Grad grad)
{
  at::Tensor d = output_.backward (parameters, d_logits, sum_rows (parameters, d_logits),
                                   kept_.dropped, grad).to (at::kFloat);

  d = dropout (d, kept_.place_classifier);
  switch (family_.head.activation)
    {
    case BertFamily::Head::TANH: d = at::tanh_backward (d, kept_.pooled); break;
    case BertFamily::Head::RELU: d = at::threshold_backward (d, kept_.dense, 0); break;
    case BertFamily::Head::GELU: d = at::gelu_backward (d, kept_.dense); break;
    }
  d = dense_.backward (parameters, d, sum_rows (parameters, d), kept_.first, grad).to (at::kFloat);
  return dropout (d, kept_.place_head);
}

at::Tensor
Bert::forward (Parameters &parameters, const Input &input, const Noise *noise, bool keep)
{
  Kept now;

  now.place_embeddings = Noise::at (noise, hidden_dropout_, SITE_EMBEDDINGS);
  now.place_classifier = Noise::at (noise, classifier_dropout_, SITE_CLASSIFIER);
  if (family_.head.drops_before)
    now.place_head = Noise::at (noise, classifier_dropout_, SITE_HEAD);

  Stream x = embed (parameters, input, now);
  for (EncoderLayer &layer : layers_)
    x = layer.forward (parameters, input, x, noise, keep);

  if (headless_)
    {
      kept_ = keep ? std::move (now) : Kept ();
      return x.wide;
    }
  now.first = dropout (x.working, now.place_head);
  at::Tensor logits = apply_head (parameters, now);

  kept_ = keep ? std::move (now) : Kept ();
  return logits;
}

at::Tensor
Bert::backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits, Grad grad)
{
  Derivative dx { headless_ ? d_logits : head_backward (parameters, d_logits, grad), at::Tensor () };

  if (grad != Grad::NONE && !layers_.empty () && !layers_.back ().learns ())
    return at::Tensor ();
  for (auto layer = layers_.rbegin (); layer != layers_.rend (); ++layer)
    {
      dx = layer->backward (parameters, input, dx, grad);
      if (!dx.wide.defined ())
        return dx.wide;
    }

  at::Tensor d = dx.wide;
  if (dx.branch.defined ())
    d.add_ (dx.branch);
  if (projects_)
    d = project_.backward (parameters, d, sum_rows (parameters, d), kept_.embedded, grad)
          .to (at::kFloat);
  d = norm_.backward (parameters, { dropout (d, kept_.place_embeddings), at::Tensor () },
                      kept_.norm, std::nullopt, grad).d_sum;
  /* Padding learns nothing. */
  at::Tensor d_rows = family_.after_padding ? at::mul (d, kept_.counts.unsqueeze (1)) : d;
  parameters.add_rows_gradient (words_, input.ids, d_rows, grad);
  parameters.add_rows_gradient (positions_, kept_.places, d_rows, grad);
  if (family_.has_types)
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
make_bert_family (const BertFamily &family, const Options &options, int64_t n_labels,
                  Parameters &parameters)
{
  return std::make_unique<Bert> (family, options, n_labels, parameters);
}

} // namespace attune
