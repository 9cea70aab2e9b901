/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fills a GtkColumnView with precision, recall and F1 of each label, sortable by every column.
 */
#pragma once

#include <gtk/gtk.h>

#include "attune-metrics.h"

G_BEGIN_DECLS

/* labels: one per class of metrics. Replaces what view showed. */
void attune_label_table_fill (GtkColumnView       *view,
                              const char * const  *labels,
                              const AttuneMetrics *metrics);

G_END_DECLS
