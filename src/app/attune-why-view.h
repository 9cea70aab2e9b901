/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWhyView: the words of a text, tinted and underlined by how much they speak for a label
 * (solid) or against it (dashed), and the same in a sentence for those who do not see it.
 */
#pragma once

#include <adwaita.h>

#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_WHY_VIEW (attune_why_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneWhyView, attune_why_view, ATTUNE, WHY_VIEW, AdwBin)

/* text: what the predictions' word offsets refer to. label: whose logit was attributed. */
void attune_why_view_show (AttuneWhyView           *self,
                           const char              *text,
                           const AttunePredictions *predictions,
                           const char              *label);

G_END_DECLS
