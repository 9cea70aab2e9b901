/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ModernBERT for sequence classification: word embeddings without positions, layers that normalise
 * first, every third with attention all around and the others within a window, and a head on the
 * first token or on the mean of all. Names and defaults are those of Hugging Face's
 * ModernBertForSequenceClassification and ModernBertConfig.
 */
#include "failure.hpp"
#include "network.hpp"
#include "prenorm.hpp"

namespace attune {

namespace {

constexpr uint64_t MODERN_SITE_EMBEDDINGS = 1, MODERN_SITE_CLASSIFIER = 2,
                   MODERN_SITE_LAYERS = 16, MODERN_SITES_PER_LAYER = 4;

class ModernBert : public Network
{
 public:
  ModernBert (const Options &options, int64_t n_labels, Parameters &parameters);
  const Limits &limits () const override { return limits_; }
  at::Tensor forward (Parameters &parameters, const Input &input, const Noise *noise,
                      bool keep) override;
  at::Tensor backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits,
                       Grad grad) override;
  /* Normalised at once, words have no length that could count; what comes of that has. */
  at::Tensor embeddings () const override { return kept_.embedded; }
  void release () override;

 private:
  struct Kept
  {
    AddNorm::Saved norm, final_norm, head_norm;
    Rotation all_around, local;
    at::Tensor embedded, sequences, shares, pooled, dense, dropped;
    Dropout place_embeddings, place_classifier;
  };

  bool is_global (size_t layer) const { return layer % (size_t) every_ == 0; }
  const Rotation &rotation (const Kept &kept, size_t layer) const
  {
    return is_global (layer) ? kept.all_around : kept.local;
  }
  at::Tensor take_mean (const Input &input, const at::Tensor &rows, Kept &now) const;
  at::Tensor apply_head (Parameters &parameters, Kept &now);
  at::Tensor head_backward (Parameters &parameters, const at::Tensor &d_logits, Grad grad);

  Limits limits_;
  int64_t every_, features_; /* features_: of a head */
  double global_theta_, local_theta_, embedding_dropout_, classifier_dropout_;
  bool takes_mean_;
  bool headless_; /* what is returned are the outputs of all tokens */
  Parameters::Slot words_;
  AddNorm norm_, final_norm_, head_norm_;
  std::vector<PreNormLayer> layers_;
  Linear dense_, classifier_;
  Activation head_activation_;
  Kept kept_;
};

ModernBert::ModernBert (const Options &options, int64_t n_labels, Parameters &parameters)
  : head_activation_ (options.word ("classifier_activation", "gelu"))
{
  const std::string prefix = "model.";
  int64_t n_layers = options.size ("num_hidden_layers", 22, 1000);
  int64_t window = options.size ("local_attention", 128, MAX_SIZE) / 2;
  std::string pooling = options.word ("classifier_pooling", "cls");
  PreNormLayer::Shape shape {
    options.size ("hidden_size", 768, MAX_SIZE),
    options.size ("intermediate_size", 1152, MAX_SIZE),
    options.size ("num_attention_heads", 12, 4096),
    options.number ("norm_eps", 1e-5),
    options.probability ("attention_dropout", 0.0),
    options.probability ("mlp_dropout", 0.0),
    Activation (options.word ("hidden_activation", "gelu")),
    options.flag ("norm_bias"),
    options.flag ("attention_bias"),
    options.flag ("mlp_bias"),
  };

  if (shape.hidden % shape.heads != 0 || shape.hidden / shape.heads % 2 != 0)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT,
          "The configuration says hidden_size = %lld, which %lld attention heads cannot share in "
          "pairs.", (long long) shape.hidden, (long long) shape.heads);
  if (window < 1)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The configuration says local_attention = %lld, in which "
          "nothing is seen.", (long long) (2 * window));
  if (pooling != "cls" && pooling != "mean")
    fail (ATTUNE_ENGINE_UNSUPPORTED, "The pooling “%.40s” of a classifier is not supported.",
          pooling.c_str ());

  limits_ = { options.size ("vocab_size", 50368, MAX_SIZE),
              options.size ("max_position_embeddings", 8192, MAX_SIZE),
              MAX_TYPES /* which are not looked at */ };
  every_ = options.size ("global_attn_every_n_layers", 3, 1000);
  features_ = shape.hidden / shape.heads;
  global_theta_ = options.number ("global_rope_theta", 160000.0);
  local_theta_ = options.number ("local_rope_theta", 10000.0);
  if (!(global_theta_ > 0.0) || !(local_theta_ > 0.0))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The configuration says rope_theta = %g and %g, which "
          "must be above 0.", global_theta_, local_theta_);
  embedding_dropout_ = options.probability ("embedding_dropout", 0.0);
  classifier_dropout_ = options.probability ("classifier_dropout", 0.0);
  takes_mean_ = pooling == "mean";

  words_ = parameters.add (Parameters::WORDS, { prefix + "embeddings.tok_embeddings.weight" },
                           limits_.vocabulary, shape.hidden);
  norm_ = AddNorm (parameters, prefix + "embeddings.norm", shape.hidden, shape.epsilon,
                   shape.norm_bias);
  for (int64_t i = 0; i < n_layers; i++)
    layers_.emplace_back (parameters, prefix + "layers." + std::to_string (i) + ".", shape,
                          /*normalises=*/ i > 0, is_global ((size_t) i) ? 0 : window,
                          /*last=*/ i == n_layers - 1 && n_labels > 0 && !takes_mean_,
                          MODERN_SITE_LAYERS + MODERN_SITES_PER_LAYER * (uint64_t) i);
  final_norm_ = AddNorm (parameters, prefix + "final_norm", shape.hidden, shape.epsilon,
                         shape.norm_bias);
  headless_ = n_labels == 0;
  if (headless_)
    return;
  dense_ = Linear (parameters, { "head.dense" }, shape.hidden, shape.hidden,
                   options.flag ("classifier_bias"));
  head_norm_ = AddNorm (parameters, "head.norm", shape.hidden, shape.epsilon, shape.norm_bias);
  classifier_ = Linear (parameters, { "classifier" }, shape.hidden, n_labels);
}

/* rows (T, H) -> the mean of each sequence's (B, H). */
at::Tensor
ModernBert::take_mean (const Input &input, const at::Tensor &rows, Kept &now) const
{
  at::Tensor sums = at::zeros ({ input.n_sequences, 1 + rows.size (1) }, rows.options ());
  at::Tensor ones = at::ones ({ input.n_tokens, 1 }, rows.options ());
  now.sequences = at::floor_divide (input.scatter, input.longest);
  sums.index_add_ (0, now.sequences, at::cat ({ ones, rows }, 1));
  now.shares = at::reciprocal (sums.narrow (1, 0, 1));
  return at::mul (sums.narrow (1, 1, rows.size (1)), now.shares);
}

at::Tensor
ModernBert::apply_head (Parameters &parameters, Kept &now)
{
  at::ScalarType type = parameters.working_type ();

  now.dense = dense_.forward (parameters, now.pooled).to (at::kFloat);
  at::Tensor normed = head_norm_.forward (parameters, at::Tensor (),
                                          head_activation_.forward (parameters, now.dense),
                                          Dropout (), type, now.head_norm).wide;
  now.dropped = dropout (normed, now.place_classifier);
  return classifier_.forward (parameters, now.dropped).to (at::kFloat);
}

at::Tensor
ModernBert::head_backward (Parameters &parameters, const at::Tensor &d_logits, Grad grad)
{
  at::Tensor sums, d = classifier_.backward (parameters, d_logits,
                                             sum_rows (parameters, d_logits), kept_.dropped,
                                             grad).to (at::kFloat);

  d = dropout (d, kept_.place_classifier);
  d = head_norm_.backward (parameters, { d, at::Tensor () }, kept_.head_norm, std::nullopt,
                           grad).d_sum;
  d = head_activation_.backward (parameters, d, kept_.dense, sums);
  return dense_.backward (parameters, d, sums, kept_.pooled, grad).to (at::kFloat);
}

at::Tensor
ModernBert::forward (Parameters &parameters, const Input &input, const Noise *noise, bool keep)
{
  at::ScalarType type = parameters.working_type ();
  Kept now;

  now.place_embeddings = Noise::at (noise, embedding_dropout_, MODERN_SITE_EMBEDDINGS);
  now.place_classifier = Noise::at (noise, classifier_dropout_, MODERN_SITE_CLASSIFIER);
  now.all_around = Rotation (input, features_, global_theta_);
  now.local = Rotation (input, features_, local_theta_);

  now.embedded = norm_.forward (parameters, at::Tensor (), parameters.look_up (words_, input.ids),
                                Dropout (), type, now.norm).wide;
  at::Tensor x = dropout (now.embedded, now.place_embeddings);
  for (size_t i = 0; i < layers_.size (); i++)
    x = layers_[i].forward (parameters, input, x, rotation (now, i), noise, keep);

  Stream rows = final_norm_.forward (parameters, at::Tensor (), x, Dropout (), type,
                                     now.final_norm);
  if (headless_)
    {
      kept_ = keep ? std::move (now) : Kept ();
      return rows.wide;
    }
  now.pooled = takes_mean_ ? take_mean (input, rows.wide, now).to (type) : rows.working;
  at::Tensor logits = apply_head (parameters, now);

  kept_ = keep ? std::move (now) : Kept ();
  return logits;
}

at::Tensor
ModernBert::backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits,
                      Grad grad)
{
  at::Tensor d = headless_ ? d_logits : head_backward (parameters, d_logits, grad);

  if (takes_mean_ && !headless_)
    d = at::mul (d, kept_.shares).index_select (0, kept_.sequences);
  d = final_norm_.backward (parameters, { d, at::Tensor () }, kept_.final_norm, std::nullopt,
                            grad).d_sum;
  if (grad != Grad::NONE && !layers_.empty () && !layers_.back ().learns ())
    return at::Tensor ();
  for (size_t i = layers_.size (); i-- > 0;)
    {
      d = layers_[i].backward (parameters, input, d, rotation (kept_, i), grad);
      if (!d.defined ())
        return d;
    }

  d = dropout (d, kept_.place_embeddings);
  at::Tensor d_words = norm_.backward (parameters, { d, at::Tensor () }, kept_.norm, std::nullopt,
                                       grad).d_sum;
  parameters.add_rows_gradient (words_, input.ids, d_words, grad);
  return d;
}

void
ModernBert::release ()
{
  kept_ = Kept ();
  for (PreNormLayer &layer : layers_)
    layer.release ();
}

} // namespace

std::unique_ptr<Network>
make_modernbert (const Options &options, int64_t n_labels, Parameters &parameters)
{
  return std::make_unique<ModernBert> (options, n_labels, parameters);
}

} // namespace attune
