/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The older recipe: word embeddings of its own or the outputs of an encoder, frozen or not;
 * recurrent layers (RNN, LSTM, GRU, one way or both), pooling, classifier. Its configuration is Attune's own (model_type "attune-rnn"), its recurrent tensors are
 * called as torch.nn calls them. Computed on the processor only.
 */
#include "network.hpp"

#include <ATen/Parallel.h>

#include "failure.hpp"
#include "pooling.hpp"
#include "recurrent.hpp"

namespace attune {

namespace {

/* Beyond all that an encoder has. */
constexpr uint64_t RNN_SITE_WORDS = 1 << 20, RNN_SITE_POOLED = RNN_SITE_WORDS + 1,
                   RNN_SITE_LAYERS = RNN_SITE_WORDS + 16;

Cell
parse_cell (const std::string &name)
{
  if (name == "rnn")
    return Cell::RNN;
  if (name == "lstm")
    return Cell::LSTM;
  if (name == "gru")
    return Cell::GRU;
  fail (ATTUNE_ENGINE_UNSUPPORTED, "There is no cell “%.40s”; there are rnn, lstm and gru.",
        name.c_str ());
}

class Rnn : public Network
{
 public:
  Rnn (const Options &options, int64_t n_labels, Parameters &parameters);
  const Limits &limits () const override { return limits_; }
  at::Tensor forward (Parameters &parameters, const Input &input, const Noise *noise,
                      bool keep) override;
  at::Tensor backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits,
                       Grad grad) override;
  at::Tensor embeddings () const override
  {
    return encoder_ ? encoder_->embeddings () : kept_.words;
  }
  at::Tensor attention () const override { return pooling_.weights (); }
  void release () override;

 private:
  struct Kept
  {
    at::Tensor words, pooled;
    std::vector<Reading> readings;
    Dropout place_words, place_pooled;
    std::vector<Dropout> places; /* before each layer but the first */
  };

  at::Tensor read_words (Parameters &parameters, const Input &input, const Noise *noise, bool keep);

  Limits limits_;
  std::unique_ptr<Network> encoder_; /* null: words_ are looked up instead */
  bool tuned_ = false;               /* whether the encoder learns, too */
  double dropout_, classifier_dropout_;
  int64_t n_directions_;
  Parameters::Slot words_;
  std::vector<Recurrent> layers_;
  Pooling pooling_;
  Linear classifier_;
  Kept kept_;
};

Rnn::Rnn (const Options &options, int64_t n_labels, Parameters &parameters)
{
  int64_t features = options.size ("rnn_hidden_size", 128, 1 << 13);
  int64_t n_layers = options.size ("rnn_num_layers", 1, 16);
  int64_t in = options.size ("rnn_embedding_size", 128, 1 << 13);
  Cell cell = parse_cell (options.word ("rnn_cell", "lstm"));
  bool both_ways = options.word ("rnn_bidirectional", "false") == "true";

  n_directions_ = both_ways ? 2 : 1;
  limits_ = { options.size ("vocab_size", 30522, 1 << 24),
              options.size ("max_position_embeddings", 4096, 1 << 24), 256 };
  dropout_ = options.probability ("rnn_dropout", 0.3);
  classifier_dropout_ = options.probability ("rnn_classifier_dropout", dropout_);
  std::string embeddings = options.word ("rnn_embeddings", "trained");
  if (embeddings == "trained")
    words_ = parameters.add (Parameters::WORDS, { "embeddings.word_embeddings.weight" },
                             limits_.vocabulary, in);
  else
    {
      tuned_ = embeddings == "tuned";
      in = options.size ("rnn_encoder_size", options.size ("hidden_size", 768, 1 << 15), 1 << 15);
      std::string family = options.word ("rnn_encoder", "bert");

      if (family == "attune-rnn" || (!tuned_ && embeddings != "frozen"))
        fail (ATTUNE_ENGINE_UNSUPPORTED, "Embeddings “%.40s” of “%.40s” cannot be read.",
              embeddings.c_str (), family.c_str ());
      parameters.freeze (!tuned_);
      encoder_ = make_network_of (family, options, 0, parameters);
      parameters.freeze (false);
      limits_ = encoder_->limits ();
    }
  for (int64_t i = 0; i < n_layers; i++, in = n_directions_ * features)
    layers_.emplace_back (parameters, i, Recurrent::Shape { cell, in, features, both_ways });
  pooling_ = Pooling (parameters, Pooling::parse (options.word ("rnn_pooling", "max")), in,
                      features);
  classifier_ = Linear (parameters, { "classifier" }, in, n_labels);
}

/* A frozen encoder is asked without dropout, and for its own sake only where no step is made. */
at::Tensor
Rnn::read_words (Parameters &parameters, const Input &input, const Noise *noise, bool keep)
{
  if (!encoder_)
    return parameters.look_up (words_, input.ids);
  return encoder_->forward (parameters, input, tuned_ ? noise : nullptr,
                            keep && (tuned_ || noise == nullptr));
}

at::Tensor
Rnn::forward (Parameters &parameters, const Input &input, const Noise *noise, bool keep)
{
  int64_t n_parts = std::max<int64_t> (1, at::get_num_threads () / n_directions_);
  Kept now;

  if (input.device_path)
    fail (ATTUNE_ENGINE_UNSUPPORTED,
          "Recurrent models are computed on the processor; choose the device cpu.");
  for (int64_t d = 0; d < n_directions_; d++)
    now.readings.emplace_back (input.offsets, d == 1, n_parts);
  now.place_words = Noise::at (noise, dropout_, RNN_SITE_WORDS);
  now.place_pooled = Noise::at (noise, classifier_dropout_, RNN_SITE_POOLED);
  now.words = read_words (parameters, input, noise, keep);
  at::Tensor x = dropout (now.words, now.place_words);

  for (size_t i = 0; i < layers_.size (); i++)
    {
      if (i > 0)
        {
          now.places.push_back (Noise::at (noise, dropout_, RNN_SITE_LAYERS + i));
          x = dropout (x, now.places.back ());
        }
      x = layers_[i].forward (parameters, now.readings, x, keep);
    }
  now.pooled = dropout (pooling_.forward (parameters, input.offsets, x, keep), now.place_pooled);
  at::Tensor logits = classifier_.forward (parameters, now.pooled).to (at::kFloat);

  kept_ = keep ? std::move (now) : Kept ();
  return logits;
}

at::Tensor
Rnn::backward (Parameters &parameters, const Input &input, const at::Tensor &d_logits, Grad grad)
{
  at::Tensor d = classifier_.backward (parameters, d_logits, sum_rows (parameters, d_logits),
                                       kept_.pooled, grad).to (at::kFloat);

  d = pooling_.backward (parameters, input.offsets, dropout (d, kept_.place_pooled), grad);
  for (size_t i = layers_.size (); i-- > 0;)
    {
      d = layers_[i].backward (parameters, kept_.readings, d, grad);
      d = dropout (d, i > 0 ? kept_.places[i - 1] : kept_.place_words);
    }
  if (encoder_)
    return tuned_ || grad == Grad::NONE ? encoder_->backward (parameters, input, d, grad) : d;
  parameters.add_rows_gradient (words_, input.ids, d, grad);
  return d;
}

void
Rnn::release ()
{
  kept_ = Kept ();
  if (encoder_)
    encoder_->release ();
  pooling_.release ();
  for (Recurrent &layer : layers_)
    layer.release ();
}

} // namespace

std::unique_ptr<Network>
make_rnn (const Options &options, int64_t n_labels, Parameters &parameters)
{
  return std::make_unique<Rnn> (options, n_labels, parameters);
}

} // namespace attune
