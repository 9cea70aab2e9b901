/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is read of a Parquet file, and why not the rest: codecs, encryption, structures, bytes that
 * are no text. A file without any text that is read is refused for the first of these reasons.
 */
#include "config.h"

#include "attune-parquet-file.h"

#include <glib/gi18n.h>

#include "attune-parquet-codec.h"
#include "attune-parquet-cursor.h"
#include "attune-table.h"

#define ROWS_LOOKED_AT 256

void
attune_parquet_file_clear (AttuneParquetFile *self)
{
  g_clear_pointer (&self->columns, g_array_unref);
  attune_parquet_footer_clear (&self->footer);
}

/* Of columns that will be read; where there are none, of all, for then that is why. */
static gboolean
check_codecs (AttuneParquetFile *self,
              gboolean           is_any_used,
              GError           **error)
{
  for (guint i = 0; i < self->columns->len; i++)
    for (guint group = 0; group < self->footer.rows->len; group++)
      {
        const AttuneParquetColumn *column = attune_parquet_file_column (self, i);
        const AttuneParquetChunk *chunk = column->n_leaves > 0
                                            ? attune_parquet_file_chunk (self, group, column->leaf)
                                            : NULL;
        const char *codec;

        if (chunk == NULL || chunk->is_encrypted
            || (is_any_used && column->use != ATTUNE_PARQUET_USED))
          continue;
        if (chunk->is_elsewhere)
          {
            g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                         _("%s: column “%s” lies in another file; open that one, or write all into "
                           "one file"), self->input.source_name, column->name);
            return FALSE;
          }
        if (attune_parquet_codec_is_supported (chunk->codec))
          continue;
        codec = attune_parquet_codec_name (chunk->codec);
        g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                     _("%s: column “%s” is compressed with %s, which cannot be read; write the "
                       "file with Snappy, gzip or zstd"),
                     self->input.source_name, column->name,
                     codec != NULL ? codec : _("an unknown codec"));
        return FALSE;
      }
  return TRUE;
}

/* Whether the first values of a column are text, where nothing says so. A fault is left for the
 * reading of the rows to find. */
static gboolean
looks_like_text (AttuneParquetFile   *self,
                 AttuneParquetColumn *column)
{
  AttuneParquetCursor cursor;
  gboolean is_text = TRUE;
  guint group = 0;

  while (group < self->footer.rows->len && attune_parquet_file_rows (self, group) == 0)
    group++;
  if (group == self->footer.rows->len)
    return TRUE;
  attune_parquet_cursor_init (&cursor, &self->input, column);
  if (attune_parquet_cursor_start (&cursor, attune_parquet_file_chunk (self, group, column->leaf), NULL))
    for (gint64 row = 0; row < MIN (attune_parquet_file_rows (self, group), ROWS_LOOKED_AT) && is_text; row++)
      {
        const char *cell;
        gsize length;

        if (!attune_parquet_cursor_next (&cursor, 1, &cell, &length, NULL))
          break;
        is_text = cell == NULL || g_utf8_validate_len (cell, length, NULL);
      }
  attune_parquet_cursor_clear (&cursor);
  return is_text;
}

static gboolean
has_texts (AttuneParquetFile *self)
{
  for (guint i = 0; i < self->columns->len; i++)
    if (attune_parquet_file_column (self, i)->use == ATTUNE_PARQUET_USED
        && attune_parquet_element_is_text (&attune_parquet_file_column (self, i)->element))
      return TRUE;
  return FALSE;
}

/* Where something is left out and what is left holds no texts, the reason is what a person needs
 * to know. Numbers alone are a table, too. */
static gboolean
refuse_without_texts (AttuneParquetFile *self,
                      GError           **error)
{
  g_autofree char *reason = NULL;

  for (guint i = 0; i < self->columns->len && reason == NULL; i++)
    if (attune_parquet_file_column (self, i)->use != ATTUNE_PARQUET_USED)
      reason = attune_parquet_column_reason (attune_parquet_file_column (self, i));
  if (reason == NULL)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT, "%s: %s",
               self->input.source_name, reason);
  return FALSE;
}

/* Decides what is read. */
static gboolean
choose_columns (AttuneParquetFile *self,
                GError           **error)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      self->n_leaves = MAX (self->n_leaves, attune_parquet_file_column (self, i)->leaf
                                              + attune_parquet_file_column (self, i)->n_leaves);
      self->n_used += attune_parquet_file_column (self, i)->use == ATTUNE_PARQUET_USED;
    }
  if (!check_codecs (self, self->n_used > 0, error))
    return FALSE;
  self->n_used = 0;
  for (guint i = 0; i < self->columns->len; i++)
    {
      AttuneParquetColumn *column = attune_parquet_file_column (self, i);

      if (column->use == ATTUNE_PARQUET_USED && column->is_guess
          && !looks_like_text (self, column))
        column->use = ATTUNE_PARQUET_IS_BINARY;
      self->n_used += column->use == ATTUNE_PARQUET_USED;
    }
  return has_texts (self) || refuse_without_texts (self, error);
}

gboolean
attune_parquet_file_open (AttuneParquetFile *self,
                          gsize              length,
                          GError           **error)
{
  if (!attune_parquet_footer_read (&self->footer, self->input.data, length, self->input.pieces,
                                   self->input.source_name, error))
    return FALSE;
  self->input.end = self->footer.start;
  self->columns = attune_parquet_schema_read (&self->footer, self->input.source_name, error);
  return self->columns != NULL && choose_columns (self, error);
}

char *
attune_parquet_file_describe_left_out (AttuneParquetFile *self)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_null_terminated (0, g_free, TRUE);

  for (guint i = 0; i < self->columns->len; i++)
    if (attune_parquet_file_column (self, i)->use != ATTUNE_PARQUET_USED)
      g_ptr_array_add (reasons, attune_parquet_column_reason (attune_parquet_file_column (self, i)));
  return reasons->len > 0 ? g_strjoinv (". ", (char **) reasons->pdata) : NULL;
}
