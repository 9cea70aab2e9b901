/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTablePreview: the rows of a table as a list that makes row objects only for what is on the
 * screen, so ten million rows scroll as ten do.
 */
#pragma once

#include <adwaita.h>

#include "attune-dataset.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TABLE_PREVIEW (attune_table_preview_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTablePreview, attune_table_preview, ATTUNE, TABLE_PREVIEW, AdwBin)

/* columns: which play a part; said in the header. table NULL empties it. */
void attune_table_preview_show (AttuneTablePreview  *self,
                                AttuneTable         *table,
                                const AttuneColumns *columns);

G_END_DECLS
