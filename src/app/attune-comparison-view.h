/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneComparisonView: runs side by side: curves, scores, what exceeds chance, settings.
 */
#pragma once

#include <adwaita.h>

#include "attune-run-comparison.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_COMPARISON_VIEW (attune_comparison_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneComparisonView, attune_comparison_view, ATTUNE, COMPARISON_VIEW, AdwBin)

/* comparison: (transfer full) */
void  attune_comparison_view_show    (AttuneComparisonView *self,
                                      AttuneRunComparison  *comparison);
/* (transfer full) (nullable): all of it in lines */
char *attune_comparison_view_to_text (AttuneComparisonView *self);

G_END_DECLS
