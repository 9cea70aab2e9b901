/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLengthTable: a dialog with the numbers of the token-length histogram.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_LENGTH_TABLE (attune_length_table_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLengthTable, attune_length_table, ATTUNE, LENGTH_TABLE, AdwDialog)

/* lengths: guint, ascending. */
AdwDialog *attune_length_table_new (const GArray *lengths);

G_END_DECLS
