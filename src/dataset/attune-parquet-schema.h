/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the columns of a Parquet file as a table has them, each of them readable or
 * left out for a reason.
 */
#pragma once

#include "attune-parquet-footer.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_PARQUET_USED,
  ATTUNE_PARQUET_IS_STRUCT,
  ATTUNE_PARQUET_IS_MAP,
  ATTUNE_PARQUET_IS_NESTED,    /* lists of lists, or of structures */
  ATTUNE_PARQUET_IS_BINARY,    /* bytes that are no text */
  ATTUNE_PARQUET_IS_ENCRYPTED,
} AttuneParquetUse;

typedef struct {
  char *name;
  AttuneParquetUse use;
  char *members;                /* of a structure: their names */
  guint leaf;                   /* the first of its leaves, as chunks are numbered */
  guint n_leaves;
  AttuneParquetElement element; /* of the leaf that is read */
  guint max_definition;
  guint max_repetition;         /* 1 for lists, else 0 */
  guint list_definition;        /* the definition level from which on there is an item */
  gboolean is_guess;            /* bytes that nothing calls text: to be looked at */
} AttuneParquetColumn;

/* Returns: (transfer full) (element-type AttuneParquetColumn): NULL with an error if the schema
 * contradicts itself */
GArray *attune_parquet_schema_read   (const AttuneParquetFooter *footer,
                                      const char                *source_name,
                                      GError                   **error);
/* A sentence on why a column is left out, without the file's name. Returns: (transfer full) */
char   *attune_parquet_column_reason (const AttuneParquetColumn *self);

G_END_DECLS
