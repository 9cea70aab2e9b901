/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: one table of several that have the same columns.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

typedef struct _AttuneTableJoin AttuneTableJoin;

AttuneTableJoin *attune_table_join_new    (void);
void             attune_table_join_free   (AttuneTableJoin    *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTableJoin, attune_table_join_free)

/* table: taken. Fails where its columns are others than those of the first. */
gboolean         attune_table_join_add    (AttuneTableJoin    *self,
                                           AttuneTable        *table,
                                           GError            **error);
/* What the tables after the first should be read as. */
void             attune_table_join_expect (AttuneTableJoin    *self,
                                           AttuneTableOptions *options);
/* Consumes self. source_name: (nullable) what to call it. (transfer full) */
AttuneTable     *attune_table_join_end    (AttuneTableJoin    *self,
                                           const char         *source_name);

G_END_DECLS
