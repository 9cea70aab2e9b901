/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A batch as the network wants it. Outside of attention there is no padding: T tokens are T rows.
 * Attention pads to the longest sequence, S, unless all are of one length.
 */
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "engine.h"

namespace attune {

struct Limits
{
  int64_t vocabulary, positions, types; /* an id, a length or a type beyond is refused */
};

struct Input
{
  bool device_path;                       /* whether to compute as on a GPU */
  int64_t n_tokens, n_sequences, longest; /* T, B, S */
  at::Tensor ids, positions, types;       /* (T,) int64 */
  at::Tensor first;                       /* (B,) int64: row of each sequence's first token */
  std::vector<int64_t> offsets;           /* (B+1,) on the host */
  bool ragged;                            /* whether the lengths differ; only then: */
  at::Tensor gather;                      /* (B*S,) int64: row of each padded place, 0 if padding */
  at::Tensor scatter;                     /* (T,) int64: padded place of each row */
  at::Tensor padding;                     /* (B, 1, 1, S) bool: true where there is none */
};

/* Throws when the batch does not fit the limits; looks at every id before anything is computed. */
void check_batch (const AttuneEngineBatch &batch, const Limits &limits);
/* Throws when labels (or targets) are missing or out of range. */
void check_labels (const AttuneEngineBatch &batch, AttuneEngineTask task, uint32_t n_labels);
/* Copies a checked batch to the device without waiting for it. */
Input upload_batch (const AttuneEngineBatch &batch, at::Device device, bool device_path);

/* A host tensor that can travel to or from the device without waiting: all host memory of a training
 * step comes from here, and leaves by a non-blocking copy. Tests see it by its name in the profile,
 * "attune::staging". */
at::Tensor staging (at::IntArrayRef sizes, at::ScalarType type, at::Device device);
/* Sends it on its way to the device; on the CPU that is itself unless on the device path. */
at::Tensor upload (const at::Tensor &host, at::Device device, bool device_path);

} // namespace attune
