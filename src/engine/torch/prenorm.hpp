/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One layer of an encoder that normalises before each half: attention with rotary positions, all
 * around or within a window, and two linear layers with a gate between them.
 */
#pragma once

#include "attention.hpp"
#include "layers.hpp"

namespace attune {

/* Positions as rotations: of each head's features, number i and D/2 + i turn together. */
struct Rotation
{
  at::Tensor cosines, sines; /* (T, 1, D/2) float32 */

  Rotation () = default;
  Rotation (const Input &input, int64_t features, double theta);
  /* Turns rows (T, heads * D), which may be part of a wider tensor; or back. */
  void apply (const at::Tensor &rows, int64_t heads) const;
  void undo (const at::Tensor &rows, int64_t heads) const;
};

class PreNormLayer
{
 public:
  struct Shape
  {
    int64_t hidden, intermediate, heads;
    double epsilon, attention_dropout, hidden_dropout;
    Activation activation;
    bool norm_bias, attention_bias, bias; /* bias: of the two linear layers */
  };

  /* normalises: whether the first half does, which after embeddings it need not. window: 0 for
   * attention all around. last and site as those of EncoderLayer. */
  PreNormLayer (Parameters &parameters, const std::string &prefix, const Shape &shape,
                bool normalises, int64_t window, bool last, uint64_t site);

  /* x (T, H) -> (T, H), or (B, H) in the last layer; float32. */
  at::Tensor forward (const Parameters &parameters, const Input &input, const at::Tensor &x,
                      const Rotation &rotation, const Noise *noise, bool keep);
  /* dy of what forward returned -> dx (T, H); undefined where gradients are wanted and nothing
   * below learns. */
  at::Tensor backward (const Parameters &parameters, const Input &input, const at::Tensor &dy,
                       const Rotation &rotation, Grad grad);
  void release () { kept_ = Kept (); }
  /* Whether it, or anything below it, learns. */
  bool learns () const { return learns_; }

 private:
  struct Kept
  {
    at::Tensor input;             /* alone with the noise, where the rest is computed anew */
    const Noise *noise = nullptr;
    at::Tensor x, asking, context, normed; /* in the working type */
    at::Tensor inner, gate, activated, dropped;
    AddNorm::Saved norm1, norm2;
    Dropout place_attention, place_inner;
    Attention attention {};
  };

  at::Tensor compute (const Parameters &parameters, const Input &input, const at::Tensor &x,
                      const Rotation &rotation, const Noise *noise, Kept &now) const;
  at::Tensor derive (const Parameters &parameters, const Input &input, const at::Tensor &dy,
                     const Rotation &rotation, Grad grad) const;
  at::Tensor attend (const Parameters &parameters, const Input &input, const Rotation &rotation,
                     Kept &now) const;
  at::Tensor feed (const Parameters &parameters, const at::Tensor &x, Kept &now) const;
  at::Tensor attend_backward (const Parameters &parameters, const Input &input,
                              const Rotation &rotation, const at::Tensor &d, Grad grad,
                              bool wants_dx) const;
  at::Tensor feed_backward (const Parameters &parameters, const at::Tensor &dy, Grad grad) const;

  Shape shape_;
  bool normalises_, last_;
  int64_t window_;
  uint64_t site_;
  bool learns_below_, learns_; /* asked before the layer declares its weights, and afterwards */
  Linear query_key_value_, output_, inner_, outer_;
  AddNorm norm1_, norm2_;
  Kept kept_;
};

} // namespace attune
