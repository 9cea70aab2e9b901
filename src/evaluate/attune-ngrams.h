/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the base lines see of a text: which tokens and pairs of neighbours it has. Private to this
 * room.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Replaces what is in features, guint64, by the row's different ones, ascending. */
void attune_ngrams_collect (GArray       *features,
                            const gint32 *ids,
                            gsize         n_ids);

G_END_DECLS
