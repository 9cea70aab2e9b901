/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parquet files as tables; see attune-parquet.h. The columns of a row group are read side by side,
 * a page of each at a time, so that besides the table there is one unpacked page a column; behind a
 * row group that has been read the memory of the file is given back. For a head, only the pages that
 * its rows are in are read.
 */
#include "config.h"

#include "attune-parquet.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-parquet-cursor.h"
#include "attune-parquet-file.h"
#include "attune-parquet-names.h"
#include "attune-reader.h"
#include "attune-table-builder.h"
#include "attune-table-private.h"

/* What a file may unpack to: a thousand times its size, and of small files this much at least. */
#define MOST_RATIO 1024u
#define FREE_BYTES ((guint64) 64 * 1024 * 1024)
#define FREE_CELLS ((guint64) 1 << 20)
#define SAY_EVERY 4096u

typedef struct {
  AttuneParquetFile file;
  AttuneParquetCursor *cursors;  /* (file.n_used,) */
  double n_rows;                 /* of all row groups */
  gsize head_bytes;              /* of cells, which are enough; 0 for all rows */
  gsize n_taken;                 /* of cells */
  AttuneSource *source;          /* (nullable): the bytes, if they may be given back */
  const AttuneProgress *progress;
} Reading;

static void
reading_clear (Reading *self)
{
  for (guint i = 0; i < self->file.n_used && self->cursors != NULL; i++)
    attune_parquet_cursor_clear (&self->cursors[i]);
  g_clear_pointer (&self->cursors, g_free);
  attune_parquet_file_clear (&self->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

/* Columns of the builder and a cursor for each. */
static gboolean
open_columns (Reading            *self,
              AttuneTableBuilder *builder,
              GError            **error)
{
  g_autoptr (AttuneParquetNames) names = attune_parquet_names_parse (self->file.footer.features,
                                                                     self->file.footer.features_length);
  guint n_open = 0;

  self->cursors = g_new0 (AttuneParquetCursor, self->file.n_used);
  for (guint i = 0; i < self->file.columns->len; i++)
    if (attune_parquet_file_column (&self->file, i)->use == ATTUNE_PARQUET_USED)
      attune_parquet_cursor_init (&self->cursors[n_open++], &self->file.input, attune_parquet_file_column (&self->file, i));
  for (guint i = 0; i < self->file.n_used; i++)
    {
      const AttuneParquetColumn *column = self->cursors[i].column;
      g_auto (GStrv) classes = names != NULL ? attune_parquet_names_get (names, column->name)
                                             : NULL;

      if (!attune_table_builder_add_column (builder, column->name, column->max_repetition > 0,
                                            (const char * const *) classes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_cell (Reading            *self,
          AttuneTableBuilder *builder,
          guint               i,
          guint64             row,
          GError            **error)
{
  const char *cell;
  gsize length;
  GError *local_error = NULL;

  if (!attune_parquet_cursor_next (&self->cursors[i], row, &cell, &length, error)
      || !attune_parquet_input_spend (&self->file.input, length, error))
    return FALSE;
  self->n_taken += length + 1;
  if (attune_table_builder_add_cell (builder, cell != NULL ? cell : "", length, row, &local_error))
    return TRUE;
  /* Its words are for lines of text. */
  if (g_error_matches (local_error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING)
      || g_error_matches (local_error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX))
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, local_error->code,
                   local_error->code == ATTUNE_DATASET_ERROR_ENCODING
                     ? _("%s: row %" PRIu64 ": column “%s” holds bytes that are not UTF-8; write "
                         "the file again with texts in UTF-8")
                     : _("%s: row %" PRIu64 ": column “%s” holds a NUL character, which is no "
                         "text; write the file again without"),
                   self->file.input.source_name, row, self->cursors[i].column->name);
      g_error_free (local_error);
      return FALSE;
    }
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
is_enough (const Reading *self)
{
  return self->head_bytes > 0 && self->n_taken >= self->head_bytes;
}

static gboolean
read_group (Reading            *self,
            AttuneTableBuilder *builder,
            guint               group,
            guint64            *row,
            GError            **error)
{
  for (guint i = 0; i < self->file.n_used; i++)
    {
      self->cursors[i].pages.row = *row;
      if (!attune_parquet_cursor_start (&self->cursors[i],
                                        attune_parquet_file_chunk (&self->file, group, self->cursors[i].column->leaf),
                                        error))
        return FALSE;
    }
  for (gint64 n = attune_parquet_file_rows (&self->file, group); n > 0; n--, (*row)++)
    {
      if (is_enough (self))
        return TRUE;
      if (*row % SAY_EVERY == 0)
        attune_progress_say (self->progress, (double) *row / self->n_rows);
      for (guint i = 0; i < self->file.n_used; i++)
        if (!add_cell (self, builder, i, *row, error))
          return FALSE;
    }
  for (guint i = 0; i < self->file.n_used; i++)
    if (!attune_parquet_cursor_is_at_end (&self->cursors[i]))
      return attune_parquet_pages_fail (&self->cursors[i].pages,
                                        _("it has more rows than the other columns"), error);
  return TRUE;
}

/* (transfer full): for each row group where the first page of those behind it begins. */
static guint64 *
find_first_pages (Reading *self)
{
  guint64 *first = g_new (guint64, self->file.footer.rows->len + 1);
  guint64 least = 0;

  /* Of the last one everything is kept; there is nothing to be won any more. */
  for (guint group = self->file.footer.rows->len; group-- > 0;)
    {
      first[group] = least;
      if (group + 1 == self->file.footer.rows->len)
        least = G_MAXUINT64;
      for (guint i = 0; i < self->file.n_used; i++)
        {
          const AttuneParquetChunk *chunk = attune_parquet_file_chunk (&self->file, group, self->cursors[i].column->leaf);

          least = MIN (least, (guint64) MAX (attune_parquet_chunk_start (chunk), 0));
        }
    }
  return first;
}

static gboolean
read_groups (Reading            *self,
             AttuneTableBuilder *builder,
             GError            **error)
{
  g_autofree guint64 *first = find_first_pages (self);
  guint64 row = 1;

  for (guint group = 0; group < self->file.footer.rows->len && !is_enough (self); group++)
    {
      if (!read_group (self, builder, group, &row, error))
        return FALSE;
      if (self->source != NULL)
        attune_source_release (self->source, MIN ((gsize) first[group], self->file.footer.start));
    }
  attune_progress_say (self->progress, 1);
  return TRUE;
}

/* What there is in self->file.input.data. */
static AttuneTable *
read_table (Reading *self,
            gsize    length,
            char   **left_out,
            GError **error)
{
  AttuneTableOptions options = { .format = ATTUNE_FORMAT_PARQUET };
  g_autoptr (AttuneTableBuilder) builder = attune_table_builder_new (self->file.input.source_name);

  if (left_out != NULL)
    *left_out = NULL;
  self->file.input.cells_left = MAX (FREE_CELLS, (guint64) length * MOST_RATIO);
  self->file.input.bytes_left = MAX (FREE_BYTES, (guint64) length * MOST_RATIO);
  if (!attune_parquet_file_open (&self->file, length, error))
    return NULL;
  for (guint group = 0; group < self->file.footer.rows->len; group++)
    self->n_rows += (double) attune_parquet_file_rows (&self->file, group);
  if (!open_columns (self, builder, error) || !read_groups (self, builder, error))
    return NULL;
  if (left_out != NULL)
    *left_out = attune_parquet_file_describe_left_out (&self->file);
  return attune_table_builder_finish (g_steal_pointer (&builder), NULL, NULL, length, &options,
                                      error);
}

AttuneTable *
attune_parquet_read (const char           *data,
                     gsize                 length,
                     const char           *source_name,
                     const AttuneProgress *progress,
                     GCancellable         *cancellable,
                     char                **left_out,
                     GError              **error)
{
  g_auto (Reading) reading = {
    .file.input = { .source_name = source_name, .data = (const guint8 *) data,
               .cancellable = cancellable },
    .progress = progress,
  };

  return read_table (&reading, length, left_out, error);
}

AttuneTable *
attune_parquet_read_head (AttunePieces  *pieces,
                          gsize          n_bytes,
                          const char    *source_name,
                          GCancellable  *cancellable,
                          double        *share,
                          char         **left_out,
                          GError       **error)
{
  gsize length;
  const char *data = attune_pieces_get_data (pieces, &length);
  g_auto (Reading) reading = {
    .file.input = { .source_name = source_name, .data = (const guint8 *) data, .pieces = pieces,
               .cancellable = cancellable },
    .head_bytes = n_bytes,
  };
  g_autoptr (AttuneTable) table = read_table (&reading, length, left_out, error);

  if (table == NULL || !attune_pieces_check (pieces, error))
    return NULL;
  *share = attune_table_get_n_rows (table) / reading.n_rows;
  return g_steal_pointer (&table);
}

/* By how the bytes begin; encrypted ones, too, to be refused as such. */
static gboolean
detect (const AttuneReading *reading)
{
  return reading->source.length >= 4
         && (memcmp (reading->source.data, "PAR1", 4) == 0
             || memcmp (reading->source.data, "PARE", 4) == 0);
}

/* The whole file, whose bytes are not needed afterwards. */
static AttuneTable *
read_whole (AttuneReading *reading,
            char         **left_out,
            GError       **error)
{
  g_auto (Reading) whole = {
    .file.input = { .source_name = reading->name, .data = (const guint8 *) reading->source.data,
               .cancellable = reading->cancellable },
    .source = &reading->source,
    .progress = reading->progress,
  };

  return read_table (&whole, reading->source.length, left_out, error);
}

/* The rows of as many bytes of cells as there are bytes of the file. */
static AttuneTable *
read_head (AttuneReading *reading,
           char         **left_out,
           GError       **error)
{
  g_autoptr (AttunePieces) pieces = attune_pieces_open (g_file_peek_path (reading->file),
                                                        reading->name, error);
  AttuneTable *table;
  double share = 1;
  gsize length;

  if (pieces == NULL)
    return NULL;
  table = attune_parquet_read_head (pieces, reading->source.length, reading->name,
                                    reading->cancellable, &share, left_out, error);
  attune_pieces_get_data (pieces, &length);
  reading->is_head = share < 1;
  reading->n_bytes = (guint64) (share * (double) length);
  return table;
}

static AttuneTable *
read_parquet (AttuneReading *reading,
              GError       **error)
{
  g_autofree char *left_out = NULL;
  AttuneTable *table = reading->is_head ? read_head (reading, &left_out, error)
                                        : read_whole (reading, &left_out, error);

  if (left_out != NULL)
    attune_reading_add_note (reading, "columns-left-out",
                             g_strdup_printf (_("Not all columns are read: %s"), left_out));
  g_set_str (&reading->encoding, "UTF-8");
  reading->options.encoding = reading->encoding;
  return table;
}

const AttuneReader attune_reader_parquet = { ATTUNE_FORMAT_PARQUET, detect, read_parquet };
