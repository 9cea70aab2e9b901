/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks packed batches from the C side and lays them out for the network.
 */
#include "batch.hpp"

#include <ATen/record_function.h>

#include <algorithm>
#include <cmath>

#include "failure.hpp"
#include "texts.hpp"

namespace attune {

/* Bounds what one call may ask for, so that sums of lengths cannot overflow. */
static constexpr size_t MAX_TOKENS = (size_t) 1 << 28;

void
check_batch (const AttuneEngineBatch &batch, const Limits &limits)
{
  if (batch.ids == nullptr || batch.offsets == nullptr || batch.n_sequences == 0)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The batch is empty.");
  if (batch.n_tokens > MAX_TOKENS || batch.n_sequences > batch.n_tokens || batch.offsets[0] != 0
      || batch.offsets[batch.n_sequences] < 0
      || (size_t) batch.offsets[batch.n_sequences] != batch.n_tokens)
    fail (ATTUNE_ENGINE_BAD_SHAPE, "The offsets of the batch do not span its %zu tokens.",
          batch.n_tokens);
  for (size_t b = 0; b < batch.n_sequences; b++)
    {
      int64_t length = (int64_t) batch.offsets[b + 1] - batch.offsets[b];

      if (length < 1 || batch.offsets[b + 1] > (int64_t) batch.n_tokens)
        fail (ATTUNE_ENGINE_BAD_SHAPE, "Text %zu of the batch has no tokens.", b);
      if (length > limits.positions)
        fail (ATTUNE_ENGINE_BAD_SHAPE,
              "Text %zu of the batch has %lld tokens and the model reads at most %lld; shorten it.",
              b, (long long) length, (long long) limits.positions);
    }
  check_texts (batch);
  for (size_t t = 0; t < batch.n_tokens; t++)
    if (batch.ids[t] < 0 || batch.ids[t] >= limits.vocabulary)
      fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "Token id %d is not among the model's %lld.",
            (int) batch.ids[t], (long long) limits.vocabulary);
  for (size_t t = 0; batch.type_ids != nullptr && t < batch.n_tokens; t++)
    if (batch.type_ids[t] >= limits.types)
      fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "Token type %d is not among the model's %lld.",
            (int) batch.type_ids[t], (long long) limits.types);
}

void
check_labels (const AttuneEngineBatch &batch, AttuneEngineTask task, uint32_t n_labels)
{
  size_t n_texts = (size_t) count_texts (batch);

  if (task == ATTUNE_ENGINE_MULTI_LABEL)
    {
      if (batch.targets == nullptr)
        fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The batch has no targets.");
      for (size_t i = 0; i < n_texts * n_labels; i++)
        if (!(batch.targets[i] >= 0.0f && batch.targets[i] <= 1.0f))
          fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "A target of text %zu is not from 0 to 1.",
                i / n_labels);
      return;
    }
  if (batch.labels == nullptr)
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The batch has no labels.");
  for (size_t b = 0; b < n_texts; b++)
    if (batch.labels[b] < 0 || (uint32_t) batch.labels[b] >= n_labels)
      fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "Label %d of text %zu is not among the model's %u.",
            (int) batch.labels[b], b, (unsigned) n_labels);
}

at::Tensor
staging (at::IntArrayRef sizes, at::ScalarType type, at::Device device)
{
  RECORD_FUNCTION ("attune::staging", {});
  return at::empty (sizes, at::TensorOptions ().dtype (type).pinned_memory (!device.is_cpu ()));
}

at::Tensor
upload (const at::Tensor &host, at::Device device, bool device_path)
{
  return host.to (device, host.scalar_type (), /*non_blocking=*/ true, /*copy=*/ device_path);
}

/* All index vectors travel as one copy: ids, positions, types, scatter (T each), first (B) and
 * gather (B*S). */
Input
upload_batch (const AttuneEngineBatch &batch, at::Device device, bool device_path)
{
  Input input;
  int64_t T = (int64_t) batch.n_tokens, B = (int64_t) batch.n_sequences, S = 0, shortest = T;

  for (int64_t b = 0; b < B; b++)
    {
      int64_t length = batch.offsets[b + 1] - batch.offsets[b];

      S = std::max (S, length);
      shortest = std::min (shortest, length);
    }
  input.offsets.assign (batch.offsets, batch.offsets + B + 1);
  input.device_path = device_path;
  input.n_tokens = T;
  input.n_sequences = B;
  input.longest = S;
  input.ragged = shortest != S;

  int64_t n_gather = input.ragged ? B * S : 0;
  at::Tensor host = staging ({ 4 * T + B + n_gather }, at::kLong, device);
  int64_t *ids = host.data_ptr<int64_t> (), *positions = ids + T, *types = positions + T;
  int64_t *scatter = types + T, *first = scatter + T, *gather = first + B;

  std::fill (gather, gather + n_gather, 0);
  for (int64_t b = 0; b < B; b++)
    {
      first[b] = batch.offsets[b];
      for (int64_t t = batch.offsets[b]; t < batch.offsets[b + 1]; t++)
        {
          int64_t place = t - batch.offsets[b];

          ids[t] = batch.ids[t];
          positions[t] = place;
          types[t] = batch.type_ids != nullptr ? batch.type_ids[t] : 0;
          scatter[t] = b * S + place;
          if (input.ragged)
            gather[b * S + place] = t;
        }
    }

  at::Tensor all = upload (host, device, device_path);
  input.ids = all.narrow (0, 0, T);
  input.positions = all.narrow (0, T, T);
  input.types = all.narrow (0, 2 * T, T);
  input.scatter = all.narrow (0, 3 * T, T);
  input.first = all.narrow (0, 4 * T, B);
  if (!input.ragged)
    return input;

  input.gather = all.narrow (0, 4 * T + B, n_gather);
  at::Tensor padding = staging ({ B, 1, 1, S }, at::kBool, device);
  bool *mask = padding.data_ptr<bool> ();
  for (int64_t b = 0; b < B; b++)
    for (int64_t s = 0; s < S; s++)
      mask[b * S + s] = s >= batch.offsets[b + 1] - batch.offsets[b];
  input.padding = upload (padding, device, device_path);
  return input;
}

} // namespace attune
