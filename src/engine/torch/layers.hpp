/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linear layers, layer normalisation and activations with hand-written derivatives that write
 * straight into the long gradient vectors. Shapes: N rows, I features in, O features out.
 */
#pragma once

#include "adapter.hpp"
#include "dropout.hpp"
#include "parameters.hpp"

namespace attune {

/* What later layers read: float32, and a copy in the type products are computed in; the same
 * tensor where that is float32. */
struct Stream { at::Tensor wide, working; };

/* A derivative that is the sum of two: float32, and one in the type of products or undefined. */
struct Derivative { at::Tensor wide, branch; };

class Linear
{
 public:
  Linear () = default;
  /* One layer for each prefix, stacked: "<prefix>.weight" (out, in), "<prefix>.bias" (out,). */
  Linear (Parameters &parameters, const std::vector<std::string> &prefixes, int64_t in,
          int64_t out, bool bias = true);
  bool has_bias () const { return has_bias_; }

  /* x (N, I) -> (N, rows), in the working type; rows of the stack, all of them by default. */
  at::Tensor forward (const Parameters &parameters, const at::Tensor &x, int64_t first_row = 0,
                      int64_t rows = -1) const;
  /* dy (N, rows), its sum over N d_bias (rows,), x (N, I) -> dx (N, I), undefined unless wanted.
   * Without a bias d_bias is not looked at. */
  at::Tensor backward (const Parameters &parameters, const at::Tensor &dy,
                       const at::Tensor &d_bias, const at::Tensor &x, Grad grad,
                       int64_t first_row = 0, bool wants_dx = true) const;

 private:
  Parameters::Slot weight_ = 0, bias_ = 0;
  int64_t rows_ = 0;
  bool has_bias_ = true;
  std::vector<Adapter> adapters_;
};

/* LayerNorm (dropout (x) + residual), the end of each half of a layer. */
class AddNorm
{
 public:
  struct Saved
  {
    at::Tensor rows;       /* (N, H), normalized; on a GPU, and as if on one, as they were before */
    at::Tensor mean, rstd; /* (N, 1); the mean only in the second case */
    Dropout place;
  };
  struct Derivatives { at::Tensor d_sum, d_x, d_bias; };

  AddNorm () = default;
  AddNorm (Parameters &parameters, const std::string &prefix, int64_t size, double epsilon,
           bool bias = true);
  /* x (N, H) in the working type or undefined, residual (N, H) float32. */
  Stream forward (const Parameters &parameters, const at::Tensor &x, const at::Tensor &residual,
                  const Dropout &place, at::ScalarType working, Saved &saved) const;
  /* d_sum is the residual's derivative, d_x that of x in the type working, d_bias (H,) the sum of
   * d_x's rows; without working the first alone. */
  Derivatives backward (const Parameters &parameters, const Derivative &dy, const Saved &saved,
                        std::optional<at::ScalarType> working, Grad grad) const;

 private:
  Parameters::Slot weight_ = 0, bias_ = 0;
  int64_t size_ = 0;
  double epsilon_ = 0.0;
  bool has_bias_ = true;
};

/* "gelu", "gelu_new", "relu" … of config.json; throws for one it does not know. */
class Activation
{
 public:
  explicit Activation (const std::string &name);
  at::Tensor forward (const Parameters &parameters, const at::Tensor &x) const;
  /* dy, which may be overwritten, -> dx and the sum of its rows. */
  at::Tensor backward (const Parameters &parameters, const at::Tensor &dy, const at::Tensor &x,
                       at::Tensor &sums) const;

 private:
  enum Kind { GELU, GELU_TANH, RELU, SILU } kind_;
};

/* x (N, O) -> (O,) float32 */
at::Tensor sum_rows (const Parameters &parameters, const at::Tensor &x);
/* gradient = what or gradient += what */
void store_gradient (const at::Tensor &gradient, const at::Tensor &what, Grad grad);

} // namespace attune
