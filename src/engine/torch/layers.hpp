/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linear layers and layer normalisation with hand-written derivatives that write straight into the
 * long gradient vectors. Shapes: N rows, I features in, O features out.
 */
#pragma once

#include "parameters.hpp"

namespace attune {

class Linear
{
 public:
  Linear () = default;
  /* One layer for each prefix, stacked: "<prefix>.weight" (out, in), "<prefix>.bias" (out,). */
  Linear (Parameters &parameters, const std::vector<std::string> &prefixes, int64_t in,
          int64_t out);

  /* x (N, I) -> (N, rows), in the working type; rows of the stack, all of them by default. */
  at::Tensor forward (const Parameters &parameters, const at::Tensor &x, int64_t first_row = 0,
                      int64_t rows = -1) const;
  /* dy (N, rows), x (N, I) -> dx (N, I). */
  at::Tensor backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                       Grad grad,
                       int64_t first_row = 0) const;

 private:
  Parameters::Slot weight_ = 0, bias_ = 0;
  int64_t rows_ = 0;
};

class LayerNorm
{
 public:
  struct Saved { at::Tensor x, mean, rstd; };

  LayerNorm () = default;
  LayerNorm (Parameters &parameters, const std::string &prefix, int64_t size, double epsilon);
  at::Tensor forward (const Parameters &parameters, const at::Tensor &x, Saved *saved) const;
  at::Tensor backward (const Parameters &parameters, const at::Tensor &dy, const Saved &saved,
                       Grad grad) const;

 private:
  Parameters::Slot weight_ = 0, bias_ = 0;
  int64_t size_ = 0;
  double epsilon_ = 0.0;
};

/* "gelu", "gelu_new", "relu" … of config.json; throws for one it does not know. */
class Activation
{
 public:
  explicit Activation (const std::string &name);
  at::Tensor forward (const at::Tensor &x) const;
  at::Tensor backward (const at::Tensor &dy, const at::Tensor &x) const;

 private:
  enum Kind { GELU, GELU_TANH, RELU, SILU } kind_;
};

/* gradient = what or gradient += what */
void store_gradient (const at::Tensor &gradient, const at::Tensor &what, Grad grad);

} // namespace attune
