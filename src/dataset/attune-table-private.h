/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: what a table is made of, for those that fill one.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

/* One file of a table of several. */
typedef struct {
  guint first_record;
  char *source_name;
  GFile *file;
  char *sha256;
} AttuneTablePart;

struct _AttuneTable {
  GObject parent_instance;

  GFile *file;
  char *source_name;
  char *sha256;
  guint64 n_bytes;
  AttuneTableOptions options;
  char *encoding;

  char *cells;         /* n_records × n_columns texts, each closed by a NUL */
  guint32 *offsets;    /* (n_records × n_columns + 1,) */
  guint32 *lines;      /* (n_records,) each of its own file */
  guint n_records;     /* rows, and the header if there is one */
  guint n_columns;
  gboolean has_header;
  char **column_names; /* (n_columns,) */
  gboolean *lists;     /* (n_columns,) or NULL: whether its cells hold lists */
  char ***class_names; /* (n_columns,) or NULL: what the file calls the numbers of a column */
  GArray *parts;       /* AttuneTablePart, or NULL if it is of one file */
  GPtrArray *notes;    /* AttuneNote, or NULL */
  gboolean is_head;
};

G_END_DECLS
