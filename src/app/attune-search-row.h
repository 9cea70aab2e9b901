/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSearchRow: a setting of which several values are to be tried, and the values. Says nothing
 * of whether they are good: whoever owns the row does.
 *
 * Signals: "changed" when other values are typed, "removed" when the row is to go.
 */
#pragma once

#include <adwaita.h>

#include "attune-train-config.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_SEARCH_ROW (attune_search_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSearchRow, attune_search_row, ATTUNE, SEARCH_ROW, AdwActionRow)

/* field: of the table; values: what stands in the entry at first. */
AttuneSearchRow   *attune_search_row_new        (const AttuneField *field,
                                                 const char        *values);
const AttuneField *attune_search_row_get_field  (AttuneSearchRow   *self);
const char        *attune_search_row_get_values (AttuneSearchRow   *self);
/* reason: (nullable) why the values cannot be used. */
void               attune_search_row_set_error  (AttuneSearchRow   *self,
                                                 const char        *reason);

G_END_DECLS
