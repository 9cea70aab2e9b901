/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weights and optimizer state by name, in and out of the caller's memory. The state's order is that
 * of the tensors; each has as many moments as the optimizer keeps.
 */
#include "model.hpp"

#include <cmath>
#include <cstring>
#include <string>

#include "failure.hpp"

namespace attune {

static const Parameter &
at_index (const AttuneEngineModel &model, size_t index)
{
  const std::vector<Parameter> &list = model.parameters.list ();

  if (index >= list.size ())
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The model has %zu tensors and no number %zu.",
          list.size (), index);
  return list[index];
}

static at::Tensor Block::*
moment (size_t index)
{
  return index == 0 ? &Block::exp_avg : &Block::exp_avg_sq;
}

static void
describe (const Parameter &parameter, const std::string &name, AttuneEngineTensor &tensor)
{
  tensor.name = name.c_str ();
  tensor.dtype = ATTUNE_ENGINE_F32;
  tensor.n_dims = (uint32_t) parameter.sizes.size ();
  for (size_t i = 0; i < parameter.sizes.size (); i++)
    tensor.shape[i] = (uint64_t) parameter.sizes[i];
  tensor.length = (size_t) parameter.length * sizeof (float);
}

static void
copy_out (AttuneEngineModel &model, const Parameter &parameter, at::Tensor Block::*what,
          AttuneEngineTensor &tensor)
{
  if (tensor.data == nullptr || tensor.length != (size_t) parameter.length * sizeof (float))
    fail (ATTUNE_ENGINE_BAD_SHAPE, "“%.120s” has %lld bytes, not %zu.", parameter.name.c_str (),
          (long long) parameter.length * 4, tensor.length);
  model.parameters.settle (parameter);
  at::from_blob (tensor.data, parameter.sizes, at::kFloat)
    .copy_ (model.parameters.part (parameter, what));
}

static void
copy_in (AttuneEngineModel &model, const Parameter &parameter, at::Tensor Block::*what,
         const AttuneEngineTensor &tensor)
{
  static const struct { at::ScalarType type; size_t size; } types[] = {
    { at::kFloat, 4 }, { at::kHalf, 2 }, { at::kBFloat16, 2 },
  };
  bool fits = tensor.n_dims == parameter.sizes.size () && tensor.data != nullptr;

  if ((size_t) tensor.dtype >= sizeof types / sizeof *types)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "“%.120s” is of a type this engine does not read.",
          parameter.name.c_str ());
  for (size_t i = 0; fits && i < parameter.sizes.size (); i++)
    fits = tensor.shape[i] == (uint64_t) parameter.sizes[i];
  if (!fits || tensor.length != (size_t) parameter.length * types[tensor.dtype].size)
    fail (ATTUNE_ENGINE_BAD_SHAPE, "“%.120s” has another shape in this model.",
          parameter.name.c_str ());

  /* The memory may be a slice of a mapped file at any address; half-precision types need theirs
   * even. */
  std::vector<int64_t> sizes = parameter.sizes;
  at::Tensor host = at::empty (sizes, types[tensor.dtype].type);
  std::memcpy (host.mutable_data_ptr (), tensor.data, tensor.length);
  model.parameters.settle (parameter);
  model.parameters.part (parameter, what).copy_ (host);
  model.parameters.written (parameter);
}

/* What is frozen has no state. */
size_t
count_state (const AttuneEngineModel &model)
{
  size_t n = 0;

  for (const Parameter &parameter : model.parameters.list ())
    n += parameter.state_names.size ();
  return model.parameters.trainable () ? n : 0;
}

void
describe_tensor (const AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor)
{
  describe (at_index (model, index), at_index (model, index).name, tensor);
}

void
read_tensor (AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor)
{
  copy_out (model, at_index (model, index), &Block::value, tensor);
}

void
write_tensor (AttuneEngineModel &model, const AttuneEngineTensor &tensor)
{
  if (tensor.name == nullptr)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "A tensor has no name.");
  copy_in (model, model.parameters.find (tensor.name), &Block::value, tensor);
}

/* Normal numbers by the method of Box and Muller from a counter-based generator, so that the same
 * seed gives the same head on every machine and device. */
void
init_tensor (AttuneEngineModel &model, const char *name, double standard_deviation, uint64_t seed)
{
  const Parameter &parameter = model.parameters.find (name != nullptr ? name : "");
  at::Tensor host = at::empty ({ parameter.length }, at::kFloat);
  float *numbers = host.data_ptr<float> ();

  if (!(standard_deviation >= 0.0) || !std::isfinite (standard_deviation))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "A standard deviation cannot be %g.", standard_deviation);
  for (int64_t i = 0; i < parameter.length; i++)
    {
      uint64_t bits = scramble (scramble (seed) ^ (uint64_t) i);
      double u = ((double) (bits >> 32) + 0.5) / 4294967296.0;
      double v = (double) (bits & 0xffffffffu) / 4294967296.0;

      numbers[i] = (float) (standard_deviation * std::sqrt (-2.0 * std::log (u))
                            * std::cos (6.283185307179586 * v));
    }
  model.parameters.settle (parameter);
  model.parameters.part (parameter, &Block::value).copy_ (host.view (parameter.sizes));
  model.parameters.written (parameter);
}

namespace {

struct State
{
  const Parameter &parameter;
  size_t moment;
};

} // namespace

static State
state_at (const AttuneEngineModel &model, size_t index)
{
  if (!model.parameters.trainable ())
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The model was opened for reading only.");
  for (const Parameter &parameter : model.parameters.list ())
    {
      if (index < parameter.state_names.size ())
        return { parameter, index };
      index -= parameter.state_names.size ();
    }
  fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The optimizer has no state of that number.");
}

void
describe_state (const AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor)
{
  State state = state_at (model, index);

  describe (state.parameter, state.parameter.state_names[state.moment], tensor);
}

void
read_state (AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor)
{
  State state = state_at (model, index);

  copy_out (model, state.parameter, moment (state.moment), tensor);
}

void
write_state (AttuneEngineModel &model, const AttuneEngineTensor &tensor)
{
  std::string name = tensor.name != nullptr ? tensor.name : "";

  if (!model.parameters.trainable ())
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The model was opened for reading only.");
  for (const Parameter &parameter : model.parameters.list ())
    for (size_t i = 0; i < parameter.state_names.size (); i++)
      if (name == parameter.state_names[i])
        {
          copy_in (model, parameter, moment (i), tensor);
          return;
        }
  fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The optimizer has no state “%.120s”.", name.c_str ());
}

} // namespace attune
