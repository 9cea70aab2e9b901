/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two losses and their derivatives by the logits.
 */
#pragma once

#include "batch.hpp"

namespace attune {

struct Loss
{
  at::Tensor value;    /* () float32: sum of weighted losses / denominator */
  at::Tensor d_logits; /* (N, C) float32 */
  at::Tensor correct;  /* () float32: texts whose largest logit is their label's */
};

/* logits (N, C) float32, a row a text; the batch's labels (or targets) must have been checked. */
Loss compute_loss (const at::Tensor &logits, const AttuneEngineBatch &batch,
                   const AttuneEngineStep &step, AttuneEngineTask task, bool device_path);

} // namespace attune
