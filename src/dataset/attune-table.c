/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTable, and reading delimited text. There the bytes of the file become the block of cells:
 * fields are unquoted and closed up in place, each followed by a NUL, and one 32 bit offset a cell
 * says where it begins. Everything that can be wrong with the text is found by the survey before,
 * so filling the cells cannot fail. Other formats use AttuneTableBuilder.
 * Reading may happen on any thread; the finished table never changes.
 */
#include "config.h"

#include "attune-table.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-column-names.h"
#include "attune-dialect.h"
#include "attune-source.h"
#include "attune-table-header.h"
#include "attune-table-private.h"

G_DEFINE_FINAL_TYPE (AttuneTable, attune_table, G_TYPE_OBJECT)
G_DEFINE_QUARK (attune-dataset-error-quark, attune_dataset_error)

static void
attune_table_finalize (GObject *object)
{
  AttuneTable *self = ATTUNE_TABLE (object);

  g_clear_object (&self->file);
  g_free (self->source_name);
  g_free (self->sha256);
  g_free (self->encoding);
  g_free (self->cells);
  g_free (self->offsets);
  g_free (self->lines);
  g_strfreev (self->column_names);
  g_free (self->lists);
  for (guint i = 0; self->class_names != NULL && i < self->n_columns; i++)
    g_strfreev (self->class_names[i]);
  g_free (self->class_names);

  G_OBJECT_CLASS (attune_table_parent_class)->finalize (object);
}

static void
attune_table_class_init (AttuneTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_table_finalize;
}

static void
attune_table_init (AttuneTable *self)
{
}

/* The sentence for a fault that the survey found. */
static void
set_fault_error (const AttuneSource *source,
                 const char         *name,
                 const AttuneSurvey *survey,
                 GError            **error)
{
  guint64 line, column;
  g_autofree char *where = NULL;

  attune_text_locate (source->data, survey->fault_offset, &line, &column);
  where = g_strdup_printf (_("line %" PRIu64 ", column %" PRIu64), line, column);

  switch (survey->fault)
    {
    case ATTUNE_SCAN_UNTERMINATED:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   _("%s: %s: the quotation mark that opens here is never closed; close it, or "
                     "read quotation marks as part of the text"), name, where);
      break;
    case ATTUNE_SCAN_AFTER_QUOTE:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   _("%s: %s: text follows a closing quotation mark; double those inside a field, "
                     "or read quotation marks as part of the text"), name, where);
      break;
    case ATTUNE_SCAN_LONG_FIELD:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: %s: the field that begins here is longer than 64 MB, the most that a "
                     "field may be; check its quotation marks"), name, where);
      break;
    case ATTUNE_SCAN_RAGGED:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                   ngettext ("%s: line %" PRIu64 " has %u column where the first has %u; put "
                             "texts that hold the delimiter or a line break in quotation marks",
                             "%s: line %" PRIu64 " has %u columns where the first has %u; put "
                             "texts that hold the delimiter or a line break in quotation marks",
                             survey->fault_columns),
                   name, line, survey->fault_columns, survey->n_columns);
      break;
    case ATTUNE_SCAN_MANY_COLUMNS:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: line %" PRIu64 " has more than 16,384 columns, the most that can "
                     "be read; check the delimiter"), name, line);
      break;
    case ATTUNE_SCAN_MANY_CELLS:
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: the table has more than 536,870,912 cells, the most that can be read; "
                     "leave out columns or split the file"), name);
      break;
    case ATTUNE_SCAN_CANCELLED:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Reading was cancelled"));
      break;
    case ATTUNE_SCAN_FIELD:
    case ATTUNE_SCAN_END:
      g_assert_not_reached ();
    }
}

/* Files that are often opened for a table and are none. */
static gboolean
refuse_known_format (const AttuneSource *source,
                     const char         *name,
                     GError            **error)
{
  static const struct {
    const char *magic;
    gsize size;
    const char *what;
  } formats[] = {
    { "PK\003\004", 4, N_("a spreadsheet or another packed file; save it as CSV") },
    { "\320\317\021\340", 4, N_("an old spreadsheet; save it as CSV") },
    { "PAR1", 4, N_("a Parquet file; export it as CSV") },
    { "\037\213", 2, N_("compressed with gzip; unpack it") },
    { "\050\265\057\375", 4, N_("compressed with zstd; unpack it") },
    { "%PDF", 4, N_("a PDF document; export its table as CSV") },
    { "SQLite format 3", 15, N_("a database; export its table as CSV") },
    { "\211PNG", 4, N_("a picture; choose a file with texts") },
    { "\177ELF", 4, N_("a program; choose a file with texts") },
    { "version https://git-lfs", 23, N_("only a pointer to a file that was not downloaded; run "
                                        "“git lfs pull”") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (source->length >= formats[i].size
        && memcmp (source->data, formats[i].magic, formats[i].size) == 0)
      {
        g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                     _("%s: this is not a table of texts but %s"), name, _(formats[i].what));
        return FALSE;
      }
  return TRUE;
}

static gsize
copy_content (char              *out,
              const char        *data,
              const AttuneField *field)
{
  gsize n = 0;

  if (!field->doubled)
    {
      n = field->end - field->start;
      memmove (out, data + field->start, n);
      return n;
    }
  for (gsize i = field->start; i < field->end; i++)
    {
      out[n++] = data[i];
      if (data[i] == '"')
        i++;
    }
  return n;
}

/* Closes the fields up in place. What is written never overtakes what is read: a field and its NUL
 * take no more room than the field and its delimiter did. */
static gboolean
fill_cells (AttuneTable  *self,
            AttuneSource *source,
            GCancellable *cancellable,
            GError      **error)
{
  AttuneScanner scanner;
  AttuneField field;
  guint record = 0, column = 0;
  gsize cell = 0, written = 0, next_look = 0;
  guint64 line = 1;

  attune_scanner_init (&scanner, source->data, source->length, self->options.delimiter,
                       self->options.quoting == ATTUNE_QUOTING_RFC4180);
  while (attune_scanner_next (&scanner, &field) == ATTUNE_SCAN_FIELD)
    {
      gboolean is_blank = column == 0 && field.last && attune_field_is_blank (source->data, &field);

      if (scanner.position >= next_look)
        {
          next_look = scanner.position + 1024 * 1024;
          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
        }
      if (column == 0 && !is_blank)
        self->lines[record] = (guint32) line;
      if (column < self->n_columns && !is_blank)
        {
          self->offsets[cell++] = (guint32) written;
          written += copy_content (source->data + written, source->data, &field);
          source->data[written++] = '\0';
        }
      column++;
      if (field.last)
        {
          record += !is_blank;
          column = 0;
          line = scanner.line;
        }
    }
  self->offsets[cell] = (guint32) written;

  self->cells = g_steal_pointer (&source->data);
  if (written < source->length / 4 * 3)
    self->cells = g_realloc (self->cells, written + 1);
  return TRUE;
}

static gboolean
name_columns (AttuneTable *self,
              GError     **error)
{
  self->column_names = g_new0 (char *, self->n_columns + 1);
  for (guint i = 0; i < self->n_columns; i++)
    {
      if (self->has_header)
        self->column_names[i] = g_strstrip (g_strdup (self->cells + self->offsets[i]));
      if (self->column_names[i] == NULL || *self->column_names[i] == '\0')
        {
          g_free (self->column_names[i]);
          self->column_names[i] = g_strdup_printf (_("Column %u"), i + 1);
        }
    }
  return attune_table_header_check (self->column_names, self->source_name, error);
}

static gboolean
load (AttuneTable              *self,
      AttuneSource             *source,
      const AttuneTableOptions *options,
      GCancellable             *cancellable,
      GError                  **error)
{
  AttuneSurvey survey;
  gsize n_cells;

  if (options != NULL)
    self->options = *options;
  self->encoding = g_strdup (self->options.encoding);
  if (!refuse_known_format (source, self->source_name, error)
      || !attune_source_to_utf8 (source, self->source_name, &self->encoding, cancellable, error))
    return FALSE;
  self->options.encoding = self->encoding;
  self->options.format = ATTUNE_FORMAT_DELIMITED;

  attune_dialect_detect (source->data, source->length, &self->options, &survey, cancellable);
  if (survey.fault != ATTUNE_SCAN_END)
    {
      set_fault_error (source, self->source_name, &survey, error);
      return FALSE;
    }
  if (survey.n_records == 0)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_EMPTY,
                   _("%s: the file is empty; choose one with a row for each "
                     "text"), self->source_name);
      return FALSE;
    }

  self->n_records = (guint) survey.n_records;
  self->n_columns = survey.n_columns;
  n_cells = (gsize) self->n_records * self->n_columns;
  self->offsets = g_try_new (guint32, n_cells + 1);
  self->lines = g_try_new (guint32, self->n_records);
  if (self->offsets == NULL || self->lines == NULL)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: there is no memory for the rows of this file; split it"),
                   self->source_name);
      return FALSE;
    }
  if (!fill_cells (self, source, cancellable, error))
    return FALSE;

  self->has_header = self->options.header == ATTUNE_HEADER_YES;
  if (self->options.header == ATTUNE_HEADER_DETECT)
    self->has_header = attune_table_header_detect (self);
  self->options.header = self->has_header ? ATTUNE_HEADER_YES : ATTUNE_HEADER_NO;
  if (self->n_records == (self->has_header ? 1 : 0))
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_EMPTY,
                   _("%s: there are no rows below the header; choose a file with a row for each "
                     "text"),
                   self->source_name);
      return FALSE;
    }
  return name_columns (self, error);
}

/**
 * attune_table_read:
 * @options: (nullable): what is known of the file; what is not is detected
 *
 * Reads a whole file. Errors are of the domains ATTUNE_DATASET_ERROR and G_IO_ERROR and name the
 * file, and the line and column where there is one.
 *
 * Returns: (transfer full): the table, with one row or more, or NULL
 */
AttuneTable *
attune_table_read (GFile                    *file,
                   const AttuneTableOptions *options,
                   GCancellable             *cancellable,
                   GError                  **error)
{
  g_autoptr (AttuneTable) self = g_object_new (ATTUNE_TYPE_TABLE, NULL);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_auto (AttuneSource) source = { NULL, 0 };
  g_autofree char *base = g_file_get_basename (file);

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self->file = g_object_ref (file);
  self->source_name = g_filename_display_name (base != NULL ? base : "?");
  if (!attune_source_read (&source, file, self->source_name, checksum, cancellable, error))
    return NULL;
  self->n_bytes = source.length;
  self->sha256 = g_strdup (g_checksum_get_string (checksum));
  return load (self, &source, options, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * attune_table_read_bytes:
 * @source_name: how messages call it
 *
 * As attune_table_read(), of bytes that are in memory; attune_table_get_file() is NULL then.
 */
AttuneTable *
attune_table_read_bytes (GBytes                   *bytes,
                         const char               *source_name,
                         const AttuneTableOptions *options,
                         GCancellable             *cancellable,
                         GError                  **error)
{
  g_autoptr (AttuneTable) self = g_object_new (ATTUNE_TYPE_TABLE, NULL);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_auto (AttuneSource) source = { NULL, 0 };

  g_return_val_if_fail (bytes != NULL && source_name != NULL, NULL);

  self->source_name = g_filename_display_name (source_name);
  if (!attune_source_copy (&source, bytes, self->source_name, checksum, cancellable, error))
    return NULL;
  self->n_bytes = source.length;
  self->sha256 = g_strdup (g_checksum_get_string (checksum));
  return load (self, &source, options, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

/* (nullable) (transfer none) */
GFile *
attune_table_get_file (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  return self->file;
}

/* The file's name for display, without its folder. */
const char *
attune_table_get_source_name (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  return self->source_name;
}

/* "CSV", "TSV", … */
const char *
attune_table_get_format (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  switch (self->options.format)
    {
    case ATTUNE_FORMAT_LABEL_FIRST:
      return _("label, then text");
    case ATTUNE_FORMAT_FASTTEXT:
      return "fastText";
    case ATTUNE_FORMAT_JSON_LINES:
      return "JSON Lines";
    case ATTUNE_FORMAT_JSON:
      return "JSON";
    case ATTUNE_FORMAT_PARQUET:
      return "Parquet";
    case ATTUNE_FORMAT_FOLDERS:
      return _("folders of texts");
    case ATTUNE_FORMAT_DETECT:
    case ATTUNE_FORMAT_DELIMITED:
      break;
    }
  switch (self->options.delimiter)
    {
    case '\t':
      return "TSV";
    case ';':
      return "CSV (;)";
    case '|':
      return "CSV (|)";
    default:
      return "CSV";
    }
}

/* Of the file's bytes as they are on disk, in hexadecimal. */
const char *
attune_table_get_sha256 (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  return self->sha256;
}

guint64
attune_table_get_n_bytes (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), 0);
  return self->n_bytes;
}

/* What the file was read as; (transfer none), valid as long as the table. */
const AttuneTableOptions *
attune_table_get_options (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  return &self->options;
}

/* The header is none. */
guint
attune_table_get_n_rows (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), 0);
  return self->n_records - (self->has_header ? 1 : 0);
}

guint
attune_table_get_n_columns (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), 0);
  return self->n_columns;
}

/* From the header, else "Column 1", … */
const char *
attune_table_get_column_name (AttuneTable *self,
                              guint        column)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  g_return_val_if_fail (column < self->n_columns, NULL);
  return self->column_names[column];
}

gboolean
attune_table_is_list (AttuneTable *self,
                      guint        column)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), FALSE);
  g_return_val_if_fail (column < self->n_columns, FALSE);
  return self->lists != NULL && self->lists[column];
}

/* (nullable) (transfer none) */
const char * const *
attune_table_get_class_names (AttuneTable *self,
                              guint        column)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  g_return_val_if_fail (column < self->n_columns, NULL);
  return self->class_names != NULL ? (const char * const *) self->class_names[column] : NULL;
}

/**
 * attune_table_find_column:
 * @name_or_number: a name, its case counting only where two differ in nothing else; else a number
 *   from 1
 *
 * Returns: the column, from 0, or -1
 */
gint
attune_table_find_column (AttuneTable *self,
                          const char  *name_or_number)
{
  g_autofree char *wanted = NULL;
  guint64 number;

  g_return_val_if_fail (ATTUNE_IS_TABLE (self), -1);
  g_return_val_if_fail (name_or_number != NULL, -1);

  for (guint i = 0; i < self->n_columns; i++)
    if (g_str_equal (self->column_names[i], name_or_number))
      return (gint) i;
  wanted = g_utf8_casefold (name_or_number, -1);
  for (guint i = 0; i < self->n_columns; i++)
    {
      g_autofree char *name = g_utf8_casefold (self->column_names[i], -1);

      if (g_str_equal (name, wanted))
        return (gint) i;
    }
  if (g_ascii_string_to_unsigned (name_or_number, 10, 1, self->n_columns, &number, NULL))
    return (gint) number - 1;
  return -1;
}

/**
 * attune_table_get_cell:
 * @length: (out) (optional): in bytes
 *
 * Returns: (transfer none): valid UTF-8, closed by a NUL and holding none
 */
const char *
attune_table_get_cell (AttuneTable *self,
                       guint        row,
                       guint        column,
                       gsize       *length)
{
  gsize cell;

  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  g_return_val_if_fail (row < self->n_records - (self->has_header ? 1 : 0), NULL);
  g_return_val_if_fail (column < self->n_columns, NULL);

  cell = ((gsize) row + (self->has_header ? 1 : 0)) * self->n_columns + column;
  if (length != NULL)
    *length = self->offsets[cell + 1] - self->offsets[cell] - 1;
  return self->cells + self->offsets[cell];
}

/* The line of the file, from 1, on which a row begins. */
guint64
attune_table_get_line (AttuneTable *self,
                       guint        row)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), 0);
  g_return_val_if_fail (row < self->n_records - (self->has_header ? 1 : 0), 0);
  return self->lines[row + (self->has_header ? 1 : 0)];
}
