/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTable: what is asked of a table that has been read. Reading is attune-table-read.c. Any
 * thread; it never changes.
 */
#include "config.h"

#include "attune-table.h"

#include <glib/gi18n.h>

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
  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->notes, g_ptr_array_unref);

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

/* (nullable) (transfer none) */
GFile *
attune_table_get_file (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  return self->file;
}

/* The file's name for display, without its folder; of several, the first one's and how many. */
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
    case ':':
      return "CSV (:)";
    case '^':
      return "CSV (^)";
    case '~':
      return "CSV (~)";
    case '\x01':
      return "CSV (U+0001)";
    case '\x1f':
      return "CSV (U+001F)";
    default:
      return "CSV";
    }
}

/* Of the file's bytes as they are on disk, in hexadecimal. Of several files it is that of a text with
 * a line "sum, two spaces, name" for each, in the order in which they were read: what sha256sum of
 * what sha256sum prints for them is, in their own folder. */
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

/* (nullable): what belongs to a record if the table is of several files. */
static const AttuneTablePart *
find_part (AttuneTable *self,
           guint        record)
{
  guint low = 0, high = self->parts != NULL ? self->parts->len : 0;

  if (high == 0)
    return NULL;
  while (high - low > 1)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (self->parts, AttuneTablePart, middle).first_record <= record)
        low = middle;
      else
        high = middle;
    }
  return &g_array_index (self->parts, AttuneTablePart, low);
}

/**
 * attune_table_get_row_source_name:
 *
 * Returns: (transfer none): the name, for display, of the file that a row is in
 */
const char *
attune_table_get_row_source_name (AttuneTable *self,
                                  guint        row)
{
  const AttuneTablePart *part;

  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  part = find_part (self, row + (self->has_header ? 1 : 0));
  return part != NULL ? part->source_name : self->source_name;
}

/* What the table was read from; 0 if it was no file. */
guint
attune_table_get_n_files (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), 0);
  return self->parts != NULL ? self->parts->len : self->file != NULL ? 1 : 0;
}

/**
 * attune_table_get_nth_file:
 * @sha256: (out) (optional) (transfer none): its sum
 *
 * Returns: (transfer none)
 */
GFile *
attune_table_get_nth_file (AttuneTable *self,
                           guint        n,
                           const char **sha256)
{
  const AttuneTablePart *part = NULL;

  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  g_return_val_if_fail (n < attune_table_get_n_files (self), NULL);
  if (self->parts != NULL)
    part = &g_array_index (self->parts, AttuneTablePart, n);
  if (sha256 != NULL)
    *sha256 = part != NULL ? part->sha256 : self->sha256;
  return part != NULL ? part->file : self->file;
}

/* (nullable) (transfer none) (element-type AttuneNote): what to know of how it was read. */
GPtrArray *
attune_table_get_notes (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), NULL);
  return self->notes;
}

/* Whether this is but the beginning of the file. */
gboolean
attune_table_is_head (AttuneTable *self)
{
  g_return_val_if_fail (ATTUNE_IS_TABLE (self), FALSE);
  return self->is_head;
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
