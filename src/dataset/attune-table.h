/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTable: what a file of any format holds, as rows and columns of UTF-8 cells, held compactly
 * (one block of bytes, one array of offsets; no object per row). Immutable once read, so threads may
 * share it.
 */
#pragma once

#include <gio/gio.h>

#include "attune-progress.h"

G_BEGIN_DECLS

#define ATTUNE_DATASET_ERROR (attune_dataset_error_quark ())
GQuark attune_dataset_error_quark (void);

typedef enum {
  ATTUNE_DATASET_ERROR_EMPTY,     /* no rows */
  ATTUNE_DATASET_ERROR_ENCODING,  /* bytes that are not text in the stated encoding */
  ATTUNE_DATASET_ERROR_SYNTAX,    /* unterminated quote, ragged row, NUL byte … */
  ATTUNE_DATASET_ERROR_COLUMN,    /* no such column, no label column */
  ATTUNE_DATASET_ERROR_LABELS,    /* one class only, label unknown to the model … */
  ATTUNE_DATASET_ERROR_TOO_LARGE, /* above a stated cap */
  ATTUNE_DATASET_ERROR_FORMAT,    /* not a table at all (a directory, a device, binary data) */
} AttuneDatasetError;

typedef enum {
  ATTUNE_FORMAT_DETECT,
  ATTUNE_FORMAT_DELIMITED,   /* CSV, TSV and their kin */
  ATTUNE_FORMAT_LABEL_FIRST, /* "label text of the line" */
  ATTUNE_FORMAT_FASTTEXT,    /* "__label__a __label__b text of the line" */
  ATTUNE_FORMAT_JSON_LINES,  /* an object a line */
  ATTUNE_FORMAT_JSON,        /* an array of objects, or an object of columns */
  ATTUNE_FORMAT_PARQUET,
  ATTUNE_FORMAT_FOLDERS,     /* a folder for each label, a file for each text */
} AttuneFormat;

/* Between the items of a cell of a list column (see attune_table_is_list()). */
#define ATTUNE_LIST_SEPARATOR '\x1f'

typedef enum {
  ATTUNE_QUOTING_DETECT,
  ATTUNE_QUOTING_RFC4180, /* "a ""quoted"" field, with delimiters and line breaks" */
  ATTUNE_QUOTING_NONE,    /* quotes are data, as in the TSV files of GLUE */
} AttuneQuoting;

typedef enum {
  ATTUNE_HEADER_DETECT,
  ATTUNE_HEADER_YES,
  ATTUNE_HEADER_NO,
} AttuneHeader;

/* What to assume, or after reading, what was found (then nothing is DETECT, 0 or NULL). */
typedef struct {
  AttuneFormat format;
  char delimiter;          /* ',', '\t', ';', '|' or another of ASCII; 0 to detect */
  AttuneQuoting quoting;
  AttuneHeader header;
  const char *encoding;    /* "UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-1", …; NULL to detect */
} AttuneTableOptions;

/* Something that a person should know of how a file was read. */
typedef struct {
  const char *code; /* static: "encoding-guessed", "columns-left-out", … */
  char *message;    /* translated */
} AttuneNote;

#define ATTUNE_TYPE_TABLE (attune_table_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTable, attune_table, ATTUNE, TABLE, GObject)

AttuneTable *attune_table_read            (GFile                    *file,
                                           const AttuneTableOptions *options,
                                           GCancellable             *cancellable,
                                           GError                  **error);
AttuneTable *attune_table_read_files      (GFile                   **files,
                                           guint                     n_files,
                                           const char               *source_name,
                                           const AttuneTableOptions *options,
                                           const AttuneProgress     *progress,
                                           GCancellable             *cancellable,
                                           GError                  **error);
AttuneTable *attune_table_read_head       (GFile                    *file,
                                           const AttuneTableOptions *options,
                                           gsize                     n_bytes,
                                           GCancellable             *cancellable,
                                           GError                  **error);
AttuneTable *attune_table_read_bytes      (GBytes                   *bytes,
                                           const char               *source_name,
                                           const AttuneTableOptions *options,
                                           GCancellable             *cancellable,
                                           GError                  **error);

GFile       *attune_table_get_file        (AttuneTable *self);
const char  *attune_table_get_source_name (AttuneTable *self);
const char  *attune_table_get_format      (AttuneTable *self);
const char  *attune_table_get_sha256      (AttuneTable *self);
guint64      attune_table_get_n_bytes     (AttuneTable *self);
const AttuneTableOptions *
             attune_table_get_options     (AttuneTable *self);
guint        attune_table_get_n_rows      (AttuneTable *self);
guint        attune_table_get_n_columns   (AttuneTable *self);
const char  *attune_table_get_column_name (AttuneTable *self,
                                           guint        column);
/* Whether the cells of a column hold lists: items with ATTUNE_LIST_SEPARATOR between them. */
gboolean     attune_table_is_list         (AttuneTable *self,
                                           guint        column);
/* Names that the file itself gives to the numbers in a column, from 0; NULL if it gives none. */
const char * const *
             attune_table_get_class_names (AttuneTable *self,
                                           guint        column);
gint         attune_table_find_column     (AttuneTable *self,
                                           const char  *name_or_number);
const char  *attune_table_get_cell        (AttuneTable *self,
                                           guint        row,
                                           guint        column,
                                           gsize       *length);
guint64      attune_table_get_line        (AttuneTable *self,
                                           guint        row);
const char  *attune_table_get_row_source_name (AttuneTable *self,
                                               guint        row);
guint        attune_table_get_n_files     (AttuneTable *self);
GFile       *attune_table_get_nth_file    (AttuneTable *self,
                                           guint        n,
                                           const char **sha256);
GPtrArray   *attune_table_get_notes       (AttuneTable *self);
gboolean     attune_table_is_head         (AttuneTable *self);
gint         attune_table_guess_text_column  (AttuneTable *self);
gint         attune_table_guess_label_column (AttuneTable *self,
                                              gint         text_column,
                                              gint         pair_column);

G_END_DECLS
