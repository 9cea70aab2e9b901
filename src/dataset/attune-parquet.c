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

#include "attune-parquet-codec.h"
#include "attune-parquet-cursor.h"
#include "attune-parquet-names.h"
#include "attune-reader.h"
#include "attune-scanner.h"
#include "attune-table-builder.h"
#include "attune-table-private.h"

/* What a file may unpack to: a thousand times its size, and of small files this much at least. */
#define MOST_RATIO 1024u
#define FREE_BYTES ((guint64) 64 * 1024 * 1024)
#define FREE_CELLS ((guint64) 1 << 20)
#define ROWS_LOOKED_AT 256
#define SAY_EVERY 4096u

typedef struct {
  AttuneParquetInput input;
  AttuneParquetFooter footer;
  GArray *columns;               /* AttuneParquetColumn */
  guint n_leaves;
  AttuneParquetCursor *cursors;  /* (n_used,) */
  guint n_used;
  double n_rows;                 /* of all row groups */
  gsize head_bytes;              /* of cells, which are enough; 0 for all rows */
  gsize n_taken;                 /* of cells */
  AttuneSource *source;          /* (nullable): the bytes, if they may be given back */
  const AttuneProgress *progress;
} Reading;

static void
reading_clear (Reading *self)
{
  for (guint i = 0; i < self->n_used && self->cursors != NULL; i++)
    attune_parquet_cursor_clear (&self->cursors[i]);
  g_clear_pointer (&self->cursors, g_free);
  g_clear_pointer (&self->columns, g_array_unref);
  attune_parquet_footer_clear (&self->footer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static AttuneParquetColumn *
column_at (Reading *self,
           guint    i)
{
  return &g_array_index (self->columns, AttuneParquetColumn, i);
}

static const AttuneParquetChunk *
chunk_at (Reading *self,
          guint    group,
          guint    leaf)
{
  return &g_array_index (self->footer.chunks, AttuneParquetChunk, group * self->n_leaves + leaf);
}

static gint64
rows_of (Reading *self,
         guint    group)
{
  return g_array_index (self->footer.rows, gint64, group);
}

/* Of columns that will be read; where there are none, of all, for then that is why. */
static gboolean
check_codecs (Reading  *self,
              gboolean  is_any_used,
              GError  **error)
{
  for (guint i = 0; i < self->columns->len; i++)
    for (guint group = 0; group < self->footer.rows->len; group++)
      {
        const AttuneParquetColumn *column = column_at (self, i);
        const AttuneParquetChunk *chunk = column->n_leaves > 0
                                            ? chunk_at (self, group, column->leaf)
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
looks_like_text (Reading             *self,
                 AttuneParquetColumn *column)
{
  AttuneParquetCursor cursor;
  gboolean is_text = TRUE;
  guint group = 0;

  while (group < self->footer.rows->len && rows_of (self, group) == 0)
    group++;
  if (group == self->footer.rows->len)
    return TRUE;
  attune_parquet_cursor_init (&cursor, &self->input, column);
  if (attune_parquet_cursor_start (&cursor, chunk_at (self, group, column->leaf), NULL))
    for (gint64 row = 0; row < MIN (rows_of (self, group), ROWS_LOOKED_AT) && is_text; row++)
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
has_texts (Reading *self)
{
  for (guint i = 0; i < self->columns->len; i++)
    if (column_at (self, i)->use == ATTUNE_PARQUET_USED
        && attune_parquet_element_is_text (&column_at (self, i)->element))
      return TRUE;
  return FALSE;
}

/* Where something is left out and what is left holds no texts, the reason is what a person needs
 * to know. Numbers alone are a table, too. */
static gboolean
refuse_without_texts (Reading *self,
                      GError **error)
{
  g_autofree char *reason = NULL;

  for (guint i = 0; i < self->columns->len && reason == NULL; i++)
    if (column_at (self, i)->use != ATTUNE_PARQUET_USED)
      reason = attune_parquet_column_reason (column_at (self, i));
  if (reason == NULL)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT, "%s: %s",
               self->input.source_name, reason);
  return FALSE;
}

/* Decides what is read. */
static gboolean
choose_columns (Reading *self,
                GError **error)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      self->n_leaves = MAX (self->n_leaves, column_at (self, i)->leaf
                                              + column_at (self, i)->n_leaves);
      self->n_used += column_at (self, i)->use == ATTUNE_PARQUET_USED;
    }
  if (!check_codecs (self, self->n_used > 0, error))
    return FALSE;
  self->n_used = 0;
  for (guint i = 0; i < self->columns->len; i++)
    {
      AttuneParquetColumn *column = column_at (self, i);

      if (column->use == ATTUNE_PARQUET_USED && column->is_guess
          && !looks_like_text (self, column))
        column->use = ATTUNE_PARQUET_IS_BINARY;
      self->n_used += column->use == ATTUNE_PARQUET_USED;
    }
  return has_texts (self) || refuse_without_texts (self, error);
}

/* Columns of the builder and a cursor for each. */
static gboolean
open_columns (Reading            *self,
              AttuneTableBuilder *builder,
              GError            **error)
{
  g_autoptr (AttuneParquetNames) names = attune_parquet_names_parse (self->footer.features,
                                                                     self->footer.features_length);
  guint n_open = 0;

  self->cursors = g_new0 (AttuneParquetCursor, self->n_used);
  for (guint i = 0; i < self->columns->len; i++)
    if (column_at (self, i)->use == ATTUNE_PARQUET_USED)
      attune_parquet_cursor_init (&self->cursors[n_open++], &self->input, column_at (self, i));
  for (guint i = 0; i < self->n_used; i++)
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
      || !attune_parquet_input_spend (&self->input, length, error))
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
                   self->input.source_name, row, self->cursors[i].column->name);
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
  for (guint i = 0; i < self->n_used; i++)
    {
      self->cursors[i].pages.row = *row;
      if (!attune_parquet_cursor_start (&self->cursors[i],
                                        chunk_at (self, group, self->cursors[i].column->leaf),
                                        error))
        return FALSE;
    }
  for (gint64 n = rows_of (self, group); n > 0; n--, (*row)++)
    {
      if (is_enough (self))
        return TRUE;
      if (*row % SAY_EVERY == 0)
        attune_progress_say (self->progress, (double) *row / self->n_rows);
      for (guint i = 0; i < self->n_used; i++)
        if (!add_cell (self, builder, i, *row, error))
          return FALSE;
    }
  for (guint i = 0; i < self->n_used; i++)
    if (!attune_parquet_cursor_is_at_end (&self->cursors[i]))
      return attune_parquet_pages_fail (&self->cursors[i].pages,
                                        _("it has more rows than the other columns"), error);
  return TRUE;
}

/* (nullable) (transfer full): sentences on the columns that the table does not have. */
static char *
describe_left_out (Reading *self)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_null_terminated (0, g_free, TRUE);

  for (guint i = 0; i < self->columns->len; i++)
    if (column_at (self, i)->use != ATTUNE_PARQUET_USED)
      g_ptr_array_add (reasons, attune_parquet_column_reason (column_at (self, i)));
  return reasons->len > 0 ? g_strjoinv (". ", (char **) reasons->pdata) : NULL;
}

/* (transfer full): for each row group where the first page of those behind it begins. */
static guint64 *
find_first_pages (Reading *self)
{
  guint64 *first = g_new (guint64, self->footer.rows->len + 1);
  guint64 least = 0;

  /* Of the last one everything is kept; there is nothing to be won any more. */
  for (guint group = self->footer.rows->len; group-- > 0;)
    {
      first[group] = least;
      if (group + 1 == self->footer.rows->len)
        least = G_MAXUINT64;
      for (guint i = 0; i < self->n_used; i++)
        {
          const AttuneParquetChunk *chunk = chunk_at (self, group, self->cursors[i].column->leaf);

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

  for (guint group = 0; group < self->footer.rows->len && !is_enough (self); group++)
    {
      if (!read_group (self, builder, group, &row, error))
        return FALSE;
      if (self->source != NULL)
        attune_source_release (self->source, MIN ((gsize) first[group], self->footer.start));
    }
  attune_progress_say (self->progress, 1);
  return TRUE;
}

/* What there is in self->input.data. */
static AttuneTable *
read_table (Reading *self,
            gsize    length,
            char   **left_out,
            GError **error)
{
  AttuneTableOptions options = { .format = ATTUNE_FORMAT_PARQUET };
  g_autoptr (AttuneTableBuilder) builder = attune_table_builder_new (self->input.source_name);

  if (left_out != NULL)
    *left_out = NULL;
  self->input.cells_left = MAX (FREE_CELLS, (guint64) length * MOST_RATIO);
  self->input.bytes_left = MAX (FREE_BYTES, (guint64) length * MOST_RATIO);
  if (!attune_parquet_footer_read (&self->footer, self->input.data, length, self->input.pieces,
                                   self->input.source_name, error))
    return NULL;
  self->input.end = self->footer.start;
  for (guint group = 0; group < self->footer.rows->len; group++)
    self->n_rows += (double) rows_of (self, group);
  self->columns = attune_parquet_schema_read (&self->footer, self->input.source_name, error);
  if (self->columns == NULL || !choose_columns (self, error)
      || !open_columns (self, builder, error) || !read_groups (self, builder, error))
    return NULL;
  if (left_out != NULL)
    *left_out = describe_left_out (self);
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
    .input = { .source_name = source_name, .data = (const guint8 *) data,
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
    .input = { .source_name = source_name, .data = (const guint8 *) data, .pieces = pieces,
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
    .input = { .source_name = reading->name, .data = (const guint8 *) reading->source.data,
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
