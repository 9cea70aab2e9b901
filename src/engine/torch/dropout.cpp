/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * On the CPU the mask comes from a hash of the index, computed in vector registers while the data
 * passes through. On a GPU it comes from the device's own counter-based generator, seeded anew for
 * each place, which needs no wait. The two draw different masks.
 */
#include "dropout.hpp"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <cmath>

#include "kernels.hpp"

namespace attune {

uint64_t
scramble (uint64_t value)
{
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

Noise::Noise (uint64_t seed, uint64_t step, uint32_t micro_batch, bool device_path)
  : key_ (scramble (scramble (scramble (seed) ^ step) ^ micro_batch)), device_path_ (device_path)
{
}

Dropout
Noise::at (const Noise *noise, double p, uint64_t site)
{
  if (noise == nullptr)
    return {};
  return { p, scramble (noise->key_ ^ site), noise->device_path_ };
}

/* True where x stays: of one type whatever the type of x, so that the gradient, which may be of
 * another, meets the same mask. */
static at::Tensor
device_mask (const at::Tensor &x, const Dropout &place)
{
  at::Generator generator = at::globalContext ().defaultGenerator (x.device ());

  generator.set_current_seed (place.key);
  return at::empty (x.sizes (), x.options ().dtype (at::kBool))
    .bernoulli_ (1.0 - place.p, generator);
}

static constexpr int64_t GRAIN = 16384; /* numbers a thread gets at least */

static at::Tensor
dropout_cpu (const at::Tensor &input, const at::Tensor *residual, const Dropout &place)
{
  at::Tensor x = input.contiguous ().to (at::kFloat);
  at::Tensor out = at::empty_like (x);
  at::Tensor added = residual != nullptr ? residual->contiguous () : at::Tensor ();
  const float *from = x.const_data_ptr<float> ();
  const float *plus = residual != nullptr ? added.const_data_ptr<float> () : nullptr;
  float *to = out.mutable_data_ptr<float> ();
  DropoutMask mask = dropout_mask (place.p, place.key);

  at::parallel_for (0, x.numel (), GRAIN, [&] (int64_t begin, int64_t end) {
    if (plus != nullptr)
      kernel_dropout_add (to, from, plus, begin, end, mask);
    else
      kernel_dropout (to, from, begin, end, mask);
  });
  return residual != nullptr ? out : out.to (input.scalar_type ());
}

at::Tensor
dropout (const at::Tensor &x, const Dropout &place)
{
  if (place.p <= 0.0)
    return x;
  if (!place.device_path)
    return dropout_cpu (x, nullptr, place);
  /* x * mask * scale in one pass; the derivative is the function itself. */
  return at::native_dropout_backward (x, device_mask (x, place), 1.0 / (1.0 - place.p));
}

at::Tensor
dropout_add (const at::Tensor &x, const at::Tensor &residual, const Dropout &place)
{
  if (place.p <= 0.0)
    return at::add (residual, x);
  if (!place.device_path)
    return dropout_cpu (x, &residual, place);
  return at::addcmul (residual, x, device_mask (x, place), 1.0 / (1.0 - place.p));
}

} // namespace attune
