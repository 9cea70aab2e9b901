/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the class names that the Hugging Face libraries leave in the footer.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneParquetNames AttuneParquetNames;

/* json: (nullable): of the footer's key "huggingface".
 * Returns: (nullable) (transfer full): NULL if it says nothing */
AttuneParquetNames *attune_parquet_names_parse (const char         *json,
                                                gsize               length);
void                attune_parquet_names_free  (AttuneParquetNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneParquetNames, attune_parquet_names_free)

/* What the numbers in a column stand for, from 0. Returns: (nullable) (transfer full) */
char              **attune_parquet_names_get   (AttuneParquetNames *self,
                                                const char         *column);

G_END_DECLS
