/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: which two columns hold the two texts of a pair.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

/* *text: the column of the first texts if it is known, else -1 and set. FALSE: there is no pair
 * that is sure enough, and nothing is set. */
gboolean attune_table_guess_pair (AttuneTable *table,
                                  gint         label,
                                  gint        *text,
                                  gint        *pair);

G_END_DECLS
