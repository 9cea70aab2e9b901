/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: whether the first row of a table names its columns.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

/* Of a table that does not count its first row as a header (yet). */
gboolean attune_table_header_detect (AttuneTable *table);

/* Whether no two columns share a name. */
gboolean attune_table_header_check  (char       **names,
                                     const char  *source_name,
                                     GError     **error);

G_END_DECLS
