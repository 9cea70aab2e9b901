/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the counting of one label a row and of several have in common.
 */
#pragma once

#include "attune-metrics.h"

G_BEGIN_DECLS

/* All numbers 0. */
AttuneMetrics *attune_metrics_new            (guint          n_classes);
/* Accuracy, precision, recall and F1 from the counts. */
void           attune_metrics_compute_scores (AttuneMetrics *self);

G_END_DECLS
