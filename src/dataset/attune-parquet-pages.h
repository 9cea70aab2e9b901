/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the pages of a column in a row group, unpacked one at a time.
 */
#pragma once

#include <gio/gio.h>

#include "attune-parquet-footer.h"
#include "attune-parquet-runs.h"

G_BEGIN_DECLS

/* Encoding of parquet.thrift. */
typedef enum {
  ATTUNE_PARQUET_PLAIN = 0,
  ATTUNE_PARQUET_PLAIN_DICTIONARY = 2,
  ATTUNE_PARQUET_RLE = 3,
  ATTUNE_PARQUET_BIT_PACKED = 4,
  ATTUNE_PARQUET_DELTA_BINARY_PACKED = 5,
  ATTUNE_PARQUET_DELTA_LENGTH_BYTE_ARRAY = 6,
  ATTUNE_PARQUET_DELTA_BYTE_ARRAY = 7,
  ATTUNE_PARQUET_RLE_DICTIONARY = 8,
  ATTUNE_PARQUET_BYTE_STREAM_SPLIT = 9,
} AttuneParquetEncoding;

/* What is read, and what may still be made of it: a small file can claim to hold a huge table. */
typedef struct {
  const char *source_name;
  const guint8 *data;
  gsize end;           /* where the footer begins */
  AttunePieces *pieces; /* (nullable): what data is of, if it is not all there */
  GCancellable *cancellable;
  guint64 cells_left;  /* items of lists count, too */
  guint64 bytes_left;  /* of pages and cells */
  gsize held;          /* by pages and dictionaries at this moment */
  guint n_looks;       /* since cancellation was asked about */
} AttuneParquetInput;

/* Takes a cell of length bytes from what is left. */
gboolean attune_parquet_input_spend (AttuneParquetInput *self,
                                     gsize               length,
                                     GError            **error);

typedef struct {
  AttuneParquetInput *input;
  const AttuneParquetChunk *chunk;
  const char *column;
  guint64 row;            /* for messages: where the page begins, from 1 */
  guint max_definition;
  guint max_repetition;
  gsize position;
  gsize end;
  guint8 *buffer;         /* room bytes: the page, unpacked */
  gsize room;
} AttuneParquetPages;

/* Borrowed from the pages until the next one is read. */
typedef struct {
  gboolean is_dictionary;
  gint encoding;
  guint n_values;         /* nulls and empty lists included */
  AttuneParquetRuns repetition;
  AttuneParquetRuns definition;
  const guint8 *values;
  gsize length;
} AttuneParquetPage;

gboolean attune_parquet_pages_init   (AttuneParquetPages       *self,
                                      const AttuneParquetChunk *chunk,
                                      GError                  **error);
void     attune_parquet_pages_clear  (AttuneParquetPages       *self);
/* The next page with values or the dictionary; an error if there is none. */
gboolean attune_parquet_pages_next   (AttuneParquetPages       *self,
                                      AttuneParquetPage        *page,
                                      GError                  **error);
/* Leaves the bytes of a page to the caller, for the dictionary is needed longer than its page.
 * Returns: (nullable) (transfer full): NULL if they lie in the file itself */
guint8  *attune_parquet_pages_steal  (AttuneParquetPages       *self,
                                      gsize                    *room);
/* FALSE with an error that names file, row and column. */
gboolean attune_parquet_pages_fail   (const AttuneParquetPages *self,
                                      const char               *sentence,
                                      GError                  **error);

G_END_DECLS
