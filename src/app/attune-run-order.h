/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In which order runs are listed, and which of them a search finds.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Of items that are AttuneProject or AttuneRunChoice: name is "date" (newest first), "accuracy" (best first, those without one
 * at the end) or "title". (transfer full) */
GtkSorter *attune_run_sorter_new     (const char   *name);

/* Every word of @words, whatever its case, is in the run's title, notes, data files, model or
 * labels; all runs when there are none. (transfer full) */
GtkFilter *attune_run_filter_new     (void);
void       attune_run_filter_set     (GtkFilter    *filter,
                                      const char   *words);

G_END_DECLS
