/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the cells of a column in a row group, from the first row to the last.
 */
#pragma once

#include "attune-parquet-schema.h"
#include "attune-parquet-values.h"

G_BEGIN_DECLS

typedef struct {
  const AttuneParquetColumn *column;
  AttuneParquetPages pages;
  AttuneParquetDictionary dictionary;
  AttuneParquetPage page;
  AttuneParquetValues values;
  guint page_left;      /* of the page: levels not looked at */
  gint64 chunk_left;    /* … of the row group */
  gboolean has_pending; /* a list was read as far as the first level of the row behind it */
  guint32 pending;      /* that level's definition */
  GString *text;
} AttuneParquetCursor;

/* input and column are borrowed; all else begins with attune_parquet_cursor_start(). */
void     attune_parquet_cursor_init  (AttuneParquetCursor       *self,
                                      AttuneParquetInput        *input,
                                      const AttuneParquetColumn *column);
void     attune_parquet_cursor_clear (AttuneParquetCursor       *self);
gboolean attune_parquet_cursor_start (AttuneParquetCursor       *self,
                                      const AttuneParquetChunk  *chunk,
                                      GError                   **error);
/* The cell of the next row, row by its number in the file from 1: length bytes that hold until the
 * next call, NULL for null. What says it is text is not yet checked to be. */
gboolean attune_parquet_cursor_next  (AttuneParquetCursor       *self,
                                      guint64                    row,
                                      const char               **cell,
                                      gsize                     *length,
                                      GError                   **error);
/* Whether nothing is left when the row group's last row has been read. */
gboolean attune_parquet_cursor_is_at_end (AttuneParquetCursor   *self);

G_END_DECLS
