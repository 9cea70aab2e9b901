/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that are read in several sequences, windows of a long one: their logits are averaged. The
 * network knows nothing of it; what it gives and takes has a row a sequence.
 */
#pragma once

#include "batch.hpp"

namespace attune {

/* N, whether the batch groups its sequences or not. */
int64_t count_texts (const AttuneEngineBatch &batch);
/* Throws when the groups do not span the sequences. */
void check_texts (const AttuneEngineBatch &batch);
/* (N, B) float32 with 1/n at the n sequences of each text; undefined when each text is one. */
at::Tensor upload_mean (const AttuneEngineBatch &batch, at::Device device, bool device_path);

} // namespace attune
