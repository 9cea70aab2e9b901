/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The readers of JSON and JSON lines. The rows are gone through twice, each parsed by itself: first
 * to learn which columns there are, then for the cells. A member of an object within a row is the
 * column "outer.inner", a list of plain values a list column; what is more than that is left out, and
 * said. Numbers stay as they are written. Any thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>
#include <yyjson.h>

#include "attune-data-names.h"
#include "attune-json-rows.h"
#include "attune-json-shape.h"
#include "attune-reader.h"
#include "attune-scanner.h"
#include "attune-table-builder.h"

static gboolean
set_syntax_error (const AttuneReading   *reading,
                  const AttuneJsonSlice *slice,
                  gsize                  offset,
                  GError               **error)
{
  guint64 line, column;

  attune_text_locate (reading->source.data, slice->start + MIN (offset, slice->length), &line,
                      &column);
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
               _("%s: line %" PRIu64 ", column %" PRIu64 ": from here on this is not JSON; correct "
                 "it, or check that the file is whole"), reading->name, line, column);
  return FALSE;
}

static gboolean
is_cancelled (AttuneReading *reading,
              gsize          at,
              guint          n_rows,
              double         from,
              GError       **error)
{
  if (n_rows % 1024 != 0)
    return FALSE;
  attune_progress_say (reading->progress,
                       from + 0.5 * (double) at / MAX (reading->source.length, 1));
  return g_cancellable_set_error_if_cancelled (reading->cancellable, error);
}

/* A row as a document; NULL with an error. */
static yyjson_doc *
parse_row (const AttuneReading   *reading,
           AttuneJsonRows        *rows,
           const AttuneJsonSlice *slice,
           GError               **error)
{
  gsize offset = 0;
  yyjson_doc *doc;

  if (slice->length > ATTUNE_LARGEST_FIELD)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: line %" PRIu64 ": the row that begins here is longer than 64 MB, the most "
                     "that one may be; check its brackets"), reading->name, slice->line);
      return NULL;
    }
  doc = attune_json_rows_parse (rows, reading->source.data + slice->start, slice->length, &offset);
  if (doc == NULL)
    {
      set_syntax_error (reading, slice, offset, error);
      return NULL;
    }
  return doc;
}

static gboolean
set_no_object_error (const AttuneReading   *reading,
                     const AttuneJsonSlice *slice,
                     GError               **error)
{
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               _("%s: line %" PRIu64 ": what begins here is not an object with a name for each "
                 "value, so there are no columns; choose a file with an object for each text"),
               reading->name, slice->line);
  return FALSE;
}

typedef gboolean (*RowFunc) (AttuneReading         *reading,
                             AttuneJsonRows        *rows,
                             yyjson_val            *row,
                             const AttuneJsonSlice *slice,
                             GError               **error);

/* Goes through the rows of a text that has them. */
static gboolean
for_each_row (AttuneReading   *reading,
              AttuneJsonRows  *rows,
              AttuneJsonShape  shape,
              AttuneJsonCursor cursor,
              RowFunc          func,
              double           from,
              GError         **error)
{
  AttuneJsonSlice slice;
  gboolean broken;
  guint n = 0;

  for (; attune_json_next_row (&cursor, shape, n, &slice, &broken); n++)
    {
      yyjson_doc *doc;
      gboolean ok;

      if (is_cancelled (reading, cursor.at, n, from, error))
        return FALSE;
      doc = parse_row (reading, rows, &slice, error);
      if (doc == NULL)
        return FALSE;
      ok = yyjson_is_obj (yyjson_doc_get_root (doc))
             ? func (reading, rows, yyjson_doc_get_root (doc), &slice, error)
             : set_no_object_error (reading, &slice, error);
      yyjson_doc_free (doc);
      if (!ok)
        return FALSE;
    }
  if (!broken || (reading->is_head && n > 0))
    return TRUE;
  slice = (AttuneJsonSlice) { .start = cursor.at, .length = cursor.length - cursor.at };
  return set_syntax_error (reading, &slice, 0, error);
}

static gboolean
learn_row (AttuneReading         *reading,
           AttuneJsonRows        *rows,
           yyjson_val            *row,
           const AttuneJsonSlice *slice,
           GError               **error)
{
  if (attune_json_rows_learn (rows, row))
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
               _("%s: line %" PRIu64 ": up to here there are more than 16,384 different names, the "
                 "most columns that can be read; leave some out"), reading->name, slice->line);
  return FALSE;
}

static gboolean
add_row (AttuneReading         *reading,
         AttuneJsonRows        *rows,
         yyjson_val            *row,
         const AttuneJsonSlice *slice,
         GError               **error)
{
  /* Faults were found when the rows were learnt, so that no message looks back. */
  attune_source_release (&reading->source, slice->start);
  return attune_json_rows_add (rows, row, slice->line, error);
}

static void
note_left_out (AttuneReading  *reading,
               AttuneJsonRows *rows)
{
  g_autofree char *names = attune_json_rows_describe_left_out (rows);

  if (names != NULL)
    attune_reading_add_note (reading, "columns-left-out",
                             g_strdup_printf (_("Left out, for they hold lists of lists or of "
                                                "objects: %s"), names));
}

/* Whether there are columns; what they are is told to the builder. */
static gboolean
begin_rows (AttuneReading  *reading,
            AttuneJsonRows *rows,
            GError        **error)
{
  note_left_out (reading, rows);
  if (attune_json_rows_get_n_columns (rows) == 0)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_EMPTY,
                   _("%s: there are no rows with plain values in this file; choose one with an "
                     "object for each text"), reading->name);
      return FALSE;
    }
  return attune_json_rows_begin (rows, error);
}

/* The columns of a text that has them one after the other: (element-type GArray of
 * AttuneJsonSlice), by name. NULL with an error. */
static GPtrArray *
find_columns (AttuneReading    *reading,
              AttuneJsonRows   *rows,
              AttuneJsonCursor  cursor,
              GError          **error)
{
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  AttuneJsonSlice key, slice;
  gboolean broken;

  while (attune_json_cursor_next_item (&cursor, '}', columns->len, &key, &broken))
    {
      char close = attune_json_cursor_skip_space (&cursor) == '[' ? ']' : '}';
      g_autoptr (GArray) cells = g_array_new (FALSE, FALSE, sizeof (AttuneJsonSlice));
      AttuneJsonSlice inner;

      if (columns->len >= ATTUNE_MOST_COLUMNS
          || !attune_json_rows_name_column (rows, cursor.data + key.start, key.length))
        {
          broken = TRUE;
          break;
        }
      cursor.at++;
      while (attune_json_cursor_next_item (&cursor, close, cells->len, &inner, &broken)
             && !(broken = !attune_json_cursor_take_value (&cursor, &slice)))
        {
          if (is_cancelled (reading, cursor.at, cells->len, 0, error))
            return NULL;
          g_array_append_val (cells, slice);
        }
      g_ptr_array_add (columns, g_steal_pointer (&cells));
      if (broken)
        break;
    }
  if (!broken)
    return g_steal_pointer (&columns);
  slice = (AttuneJsonSlice) { .start = cursor.at, .length = cursor.length - cursor.at };
  set_syntax_error (reading, &slice, 0, error);
  return NULL;
}

/* Goes through the cells of columns row by row. */
static gboolean
for_each_cell (AttuneReading  *reading,
               AttuneJsonRows *rows,
               GPtrArray      *columns,
               gboolean        add,
               GError        **error)
{
  const GArray *first = g_ptr_array_index (columns, 0);

  for (guint row = 0; row < first->len; row++)
    for (guint i = 0; i < columns->len; i++)
      {
        const GArray *cells = g_ptr_array_index (columns, i);
        const AttuneJsonSlice *slice = &g_array_index (cells, AttuneJsonSlice, row);
        yyjson_doc *doc;
        gboolean ok;

        if (is_cancelled (reading, slice->start, row, 0.5, error))
          return FALSE;
        doc = parse_row (reading, rows, slice, error);
        if (doc == NULL)
          return FALSE;
        ok = !add || attune_json_rows_add_cell (rows, i, yyjson_doc_get_root (doc), slice->line,
                                                error);
        if (!add)
          attune_json_rows_learn_cell (rows, i, yyjson_doc_get_root (doc));
        yyjson_doc_free (doc);
        if (!ok)
          return FALSE;
      }
  return TRUE;
}

static gboolean
read_columns (AttuneReading    *reading,
              AttuneJsonRows   *rows,
              AttuneJsonCursor  cursor,
              GError          **error)
{
  g_autoptr (GPtrArray) columns = find_columns (reading, rows, cursor, error);

  if (columns == NULL)
    return FALSE;
  for (guint i = 1; i < columns->len; i++)
    {
      const GArray *first = g_ptr_array_index (columns, 0), *other = g_ptr_array_index (columns, i);

      if (other->len != first->len)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX,
                       _("%s: the first column has %u values and column %u has %u; there must be as "
                         "many in each"), reading->name, first->len, i + 1, other->len);
          return FALSE;
        }
    }
  return for_each_cell (reading, rows, columns, FALSE, error) && begin_rows (reading, rows, error)
         && for_each_cell (reading, rows, columns, TRUE, error);
}

static AttuneTable *
read_json (AttuneReading *reading,
           GError       **error)
{
  g_autoptr (AttuneJsonRows) rows = attune_json_rows_new (reading->name);
  AttuneJsonCursor cursor;
  AttuneJsonShape shape = attune_json_find_shape (reading->source.data, reading->source.length,
                                                  reading->is_head, &cursor);

  if (reading->options.format == ATTUNE_FORMAT_JSON_LINES || shape == ATTUNE_JSON_NONE)
    {
      shape = ATTUNE_JSON_LINES;
      cursor = (AttuneJsonCursor) { reading->source.data, reading->source.length, 0, 1 };
    }
  if (shape == ATTUNE_JSON_COLUMNS)
    {
      if (!read_columns (reading, rows, cursor, error))
        return NULL;
    }
  else if (!for_each_row (reading, rows, shape, cursor, learn_row, 0, error)
           || !begin_rows (reading, rows, error)
           || !for_each_row (reading, rows, shape, cursor, add_row, 0.5, error))
    return NULL;
  return attune_table_builder_finish (attune_json_rows_steal_builder (rows), reading->file, NULL,
                                      reading->n_bytes, &reading->options, error);
}

static gboolean
is_called_json (const AttuneReading *reading)
{
  g_autofree char *kind = attune_data_name_get_kind (reading->name);

  return g_str_has_prefix (kind, "json") || g_str_equal (kind, "ndjson");
}

static AttuneJsonShape
detect_shape (const AttuneReading *reading)
{
  AttuneJsonCursor rows;
  AttuneJsonShape shape = attune_json_find_shape (reading->source.data, reading->source.length,
                                                  reading->is_head, &rows);

  /* A bracket alone may begin a text; and a broken row need not keep what is called JSON from being
   * it. */
  if (shape == ATTUNE_JSON_ARRAY && attune_json_cursor_skip_space (&rows) != '{'
      && !is_called_json (reading))
    return ATTUNE_JSON_NONE;
  if (shape == ATTUNE_JSON_NONE && attune_json_cursor_skip_space (&rows) == '{'
      && is_called_json (reading))
    return ATTUNE_JSON_LINES;
  return shape;
}

static gboolean
detect_json_lines (const AttuneReading *reading)
{
  return detect_shape (reading) == ATTUNE_JSON_LINES;
}

static gboolean
detect_json (const AttuneReading *reading)
{
  return detect_shape (reading) > ATTUNE_JSON_LINES;
}

const AttuneReader attune_reader_json_lines = {
  ATTUNE_FORMAT_JSON_LINES, detect_json_lines, read_json,
};

const AttuneReader attune_reader_json = {
  ATTUNE_FORMAT_JSON, detect_json, read_json,
};
