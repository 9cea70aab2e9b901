/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: a table made cell by cell, for formats whose bytes cannot become the cells in
 * place. Columns first, then rows from left to right, then attune_table_builder_finish(). Any
 * thread.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

typedef struct _AttuneTableBuilder AttuneTableBuilder;

/* source_name: how messages call the file */
AttuneTableBuilder *attune_table_builder_new             (const char           *source_name);
void                attune_table_builder_free            (AttuneTableBuilder   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTableBuilder, attune_table_builder_free)

/* Before the first cell. is_list: its cells hold items with ATTUNE_LIST_SEPARATOR between them.
 * class_names: (nullable) what the file calls the numbers of this column, from 0; copied.
 * Fails where there are too many columns, or two of one name. */
gboolean            attune_table_builder_add_column      (AttuneTableBuilder   *self,
                                                          const char           *name,
                                                          gboolean              is_list,
                                                          const char * const   *class_names,
                                                          GError              **error);
guint               attune_table_builder_get_n_columns   (AttuneTableBuilder   *self);
guint               attune_table_builder_get_n_rows      (AttuneTableBuilder   *self);

/* The next cell of the row: length bytes, copied. They must be UTF-8 without NUL, which is checked,
 * and no longer than ATTUNE_LARGEST_FIELD. line: of the file, from 1, or the row's number in formats
 * without lines; the first cell's counts for its row. The cell after the last column's begins a new
 * row. Fails, with an error that names file and line, where a cap is passed or a byte is no text. */
gboolean            attune_table_builder_add_cell        (AttuneTableBuilder   *self,
                                                          const char           *data,
                                                          gsize                 length,
                                                          guint64               line,
                                                          GError              **error);

/* Consumes self. file: (nullable) referenced; sha256: of the bytes on disk, copied; options: what
 * the file was read as, copied.
 * Returns: (transfer full): NULL with an error if there are no rows */
AttuneTable        *attune_table_builder_finish          (AttuneTableBuilder   *self,
                                                          GFile                *file,
                                                          const char           *sha256,
                                                          guint64               n_bytes,
                                                          const AttuneTableOptions *options,
                                                          GError              **error);

G_END_DECLS
