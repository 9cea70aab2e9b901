/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: Parquet files as tables. Columns of values and of lists of values are read;
 * structures, maps, nested lists and bytes that are no text are left out of a table that has other
 * columns. Any thread.
 */
#pragma once

#include "attune-pieces.h"
#include "attune-progress.h"
#include "attune-table.h"

G_BEGIN_DECLS

/* data: the whole file; progress: (nullable);
 * left_out: (out) (optional) (nullable) (transfer full): what is to be said of columns left out.
 * Returns: (transfer full): the table, or NULL with an error that names file, row and column.
 * attune_reader_parquet calls it for those that open files. */
AttuneTable *attune_parquet_read (const char           *data,
                                  gsize                 length,
                                  const char           *source_name,
                                  const AttuneProgress *progress,
                                  GCancellable         *cancellable,
                                  char                **left_out,
                                  GError              **error);

/* The first rows of a file, with n_bytes or a little more of cells, of which only the footer and the
 * pages with these rows are read. share: (out): of all rows. */
AttuneTable *attune_parquet_read_head (AttunePieces    *pieces,
                                       gsize            n_bytes,
                                       const char      *source_name,
                                       GCancellable    *cancellable,
                                       double          *share,
                                       char           **left_out,
                                       GError         **error);

G_END_DECLS
