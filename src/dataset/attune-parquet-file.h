/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: a Parquet file as its footer tells of it, and which of its columns are read.
 */
#pragma once

#include "attune-parquet-pages.h"
#include "attune-parquet-schema.h"

G_BEGIN_DECLS

typedef struct {
  AttuneParquetInput input;
  AttuneParquetFooter footer;
  GArray *columns;  /* AttuneParquetColumn */
  guint n_leaves;
  guint n_used;     /* of the columns */
} AttuneParquetFile;

static inline AttuneParquetColumn *
attune_parquet_file_column (AttuneParquetFile *self,
                            guint              i)
{
  return &g_array_index (self->columns, AttuneParquetColumn, i);
}

static inline const AttuneParquetChunk *
attune_parquet_file_chunk (AttuneParquetFile *self,
                           guint              group,
                           guint              leaf)
{
  return &g_array_index (self->footer.chunks, AttuneParquetChunk, group * self->n_leaves + leaf);
}

static inline gint64
attune_parquet_file_rows (AttuneParquetFile *self,
                          guint              group)
{
  return g_array_index (self->footer.rows, gint64, group);
}

/* length: of the whole file, which input has. Reads the footer and decides what of the rest is read.
 * FALSE with an error where it cannot be, or where there is no column of text for a reason. */
gboolean attune_parquet_file_open  (AttuneParquetFile *self,
                                    gsize              length,
                                    GError           **error);
void     attune_parquet_file_clear (AttuneParquetFile *self);

/* (nullable) (transfer full): sentences on the columns that the table does not have. */
char    *attune_parquet_file_describe_left_out (AttuneParquetFile *self);

G_END_DECLS
