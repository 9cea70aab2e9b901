/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One layer of a BERT-like encoder: attention, residual, normalisation, two linear layers,
 * residual, normalisation.
 */
#pragma once

#include "attention.hpp"
#include "layers.hpp"

namespace attune {

class EncoderLayer
{
 public:
  struct Names
  {
    const char *query, *key, *value, *attention, *attention_norm;
    const char *intermediate, *output, *output_norm;
  };

  struct Shape
  {
    int64_t hidden, intermediate, heads;
    double epsilon, attention_dropout;
    double dropouts[2]; /* of what either half adds */
    Activation activation;
  };

  /* last: only each sequence's first row is used afterwards. Then all but keys and values are
   * computed for those rows alone, which changes no result. site: the first of three numbers that
   * name its places of dropout. */
  EncoderLayer (Parameters &parameters, const std::string &prefix, const Names &names,
                const Shape &shape, bool last, uint64_t site);

  /* x (T, H) -> (T, H), or (B, H) in the last layer. */
  Stream forward (const Parameters &parameters, const Input &input, const Stream &x,
                  const Noise *noise, bool keep);
  /* dy of what forward returned -> dx (T, H); undefined where gradients are wanted and nothing
   * below learns. */
  Derivative backward (const Parameters &parameters, const Input &input, const Derivative &dy,
                       Grad grad);
  void release () { kept_ = Kept (); }
  /* Whether it, or anything below it, learns. */
  bool learns () const { return learns_; }

 private:
  struct Kept
  {
    Stream input;                 /* alone with the noise, where the rest is computed anew */
    const Noise *noise = nullptr;
    at::Tensor x, asking, context, attended, inner, activated; /* in the working type */
    AddNorm::Saved norm1, norm2;
    Attention attention {};
  };

  Stream compute (const Parameters &parameters, const Input &input, const Stream &x,
                  const Noise *noise, Kept &now) const;
  Derivative derive (const Parameters &parameters, const Input &input, const Derivative &dy,
                     Grad grad) const;

  Shape shape_;
  bool last_;
  uint64_t site_;
  bool learns_below_; /* asked before the layer declares its weights, the other afterwards */
  Linear query_key_value_, output_, intermediate_, dense_;
  AddNorm norm1_, norm2_;
  bool learns_;
  Kept kept_;
};

} // namespace attune
