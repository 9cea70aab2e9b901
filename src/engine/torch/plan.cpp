/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the plan and applies it to names. Layers are found by ".layer.N." and ".layers.N.", as all
 * families of encoders in transformers call them.
 */
#include "plan.hpp"

#include <cmath>

#include "failure.hpp"

namespace attune {

static constexpr int64_t MAX_RANK = 1024, MAX_LAYERS = 1000;

Plan::Plan (const Options &options)
{
  std::string name = options.word ("optimizer", "adamw");

  if (name == "adam")
    method = Method::ADAM;
  else if (name == "sgd" || name == "sgd_momentum")
    method = Method::SGD;
  else if (name != "adamw")
    fail (ATTUNE_ENGINE_UNSUPPORTED, "There is no optimizer “%.40s”.", name.c_str ());
  n_moments = method != Method::SGD ? 2 : name == "sgd" ? 0 : 1;

  layer_decay = options.number ("layerwise_lr_decay", 1.0);
  if (!(layer_decay > 0.0 && layer_decay <= 1.0))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "Layer-wise decay cannot be %g.", layer_decay);
  freeze_embeddings = options.word ("freeze_embeddings", "no") == "yes";
  freeze_layers = (int64_t) options.number ("freeze_layers", 0);
  if (freeze_layers < 0 || freeze_layers > MAX_LAYERS)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "%lld layers cannot be frozen.",
          (long long) freeze_layers);
  recompute = options.word ("gradient_checkpointing", "no") == "yes";

  lora.rank = (int64_t) options.number ("lora_r", 0);
  if (lora.rank < 0 || lora.rank > MAX_RANK)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "LoRA's rank cannot be %lld.", (long long) lora.rank);
  if (lora.rank == 0)
    return;
  lora.scale = options.number ("lora_alpha", 16) / (double) lora.rank;
  lora.dropout = options.probability ("lora_dropout", 0.0);
  lora.everywhere = options.word ("lora_target_modules", "query_value") == "all-linear";
}

int64_t
Plan::depth_of (const std::string &name)
{
  for (const char *marker : { ".layer.", ".layers." })
    {
      size_t at = name.find (marker);
      size_t digits = at == std::string::npos ? at : at + std::char_traits<char>::length (marker);

      if (digits < name.size () && name[digits] >= '0' && name[digits] <= '9')
        return std::stoll (name.substr (digits, 4)) + 1;
    }
  return name.find ("embeddings") != std::string::npos ? 0 : HEAD;
}

bool
Plan::is_adapter (const std::string &name)
{
  return name.find (".lora_") != std::string::npos;
}

bool
Plan::freezes (const std::string &name) const
{
  int64_t depth = depth_of (name);

  if (depth == HEAD || is_adapter (name))
    return false;
  if (lora.rank > 0)
    return true;
  return depth == 0 ? freeze_embeddings || freeze_layers > 0 : depth <= freeze_layers;
}

/* The names that families give to query, value and the product of both with the key. */
bool
Plan::adapts (const std::string &prefix) const
{
  static const char *const targets[] = { "query", "value", "q_lin", "v_lin", "Wqkv" };
  std::string last = prefix.substr (prefix.rfind ('.') + 1);

  if (lora.rank == 0 || depth_of (prefix + ".") <= 0)
    return false;
  for (const char *target : targets)
    if (last == target)
      return true;
  return lora.everywhere;
}

double
Plan::rate_scale (int64_t depth, int64_t n_layers) const
{
  return depth == HEAD ? 1.0 : std::pow (layer_decay, (double) (n_layers + 1 - depth));
}

} // namespace attune
