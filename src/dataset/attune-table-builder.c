/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table cell by cell; see attune-table-builder.h. The block of cells grows by half and is cut to
 * its size at the end, so that for a moment it may take half more than it holds.
 */
#include "config.h"

#include "attune-table-builder.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-scanner.h"
#include "attune-source.h"
#include "attune-table-header.h"
#include "attune-table-private.h"

typedef struct {
  char *name;
  gboolean is_list;
  char **class_names;
} Column;

struct _AttuneTableBuilder {
  char *source_name;
  GArray *columns; /* Column */
  char *cells;
  gsize n_bytes;
  gsize room;
  GArray *offsets; /* guint32 */
  GArray *lines;   /* guint32 */
  guint column;    /* of the next cell */
};

static void
column_clear (Column *column)
{
  g_free (column->name);
  g_strfreev (column->class_names);
}

AttuneTableBuilder *
attune_table_builder_new (const char *source_name)
{
  AttuneTableBuilder *self = g_new0 (AttuneTableBuilder, 1);

  self->source_name = g_strdup (source_name);
  self->columns = g_array_new (FALSE, TRUE, sizeof (Column));
  g_array_set_clear_func (self->columns, (GDestroyNotify) column_clear);
  self->offsets = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->lines = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

void
attune_table_builder_free (AttuneTableBuilder *self)
{
  g_free (self->source_name);
  g_array_unref (self->columns);
  g_free (self->cells);
  g_clear_pointer (&self->offsets, g_array_unref);
  g_clear_pointer (&self->lines, g_array_unref);
  g_free (self);
}

gboolean
attune_table_builder_add_column (AttuneTableBuilder *self,
                                 const char         *name,
                                 gboolean            is_list,
                                 const char * const *class_names,
                                 GError            **error)
{
  Column column = { NULL, is_list, g_strdupv ((char **) class_names) };

  g_return_val_if_fail (self->offsets->len == 0, FALSE);

  if (self->columns->len == ATTUNE_MOST_COLUMNS)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                   _("%s: the table has more than 16,384 columns, the most that can be read; leave "
                     "some out"), self->source_name);
      g_strfreev (column.class_names);
      return FALSE;
    }
  column.name = name != NULL && *name != '\0'
                  ? g_utf8_make_valid (name, -1)
                  : g_strdup_printf (_("Column %u"), self->columns->len + 1);
  g_array_append_val (self->columns, column);
  return TRUE;
}

guint
attune_table_builder_get_n_columns (AttuneTableBuilder *self)
{
  return self->columns->len;
}

/* Whole rows. */
guint
attune_table_builder_get_n_rows (AttuneTableBuilder *self)
{
  return self->lines->len - (self->column > 0 ? 1 : 0);
}

static gboolean
set_too_large (AttuneTableBuilder *self,
               const char         *message,
               guint64             line,
               GError            **error)
{
  g_autofree char *where = g_strdup_printf (_("line %" PRIu64), line);

  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE, "%s: %s: %s",
               self->source_name, where, message);
  return FALSE;
}

static gboolean
make_room (AttuneTableBuilder *self,
           gsize               length,
           guint64             line,
           GError            **error)
{
  gsize wanted = self->n_bytes + length + 1;
  gsize room = self->room;
  char *cells;

  if (wanted > ATTUNE_LARGEST_FILE)
    return set_too_large (self, _("the texts up to here take 4 GB, the most that can be read; split "
                                  "the file"), line, error);
  if (self->offsets->len >= ATTUNE_MOST_CELLS)
    return set_too_large (self, _("the table has more than 536,870,912 cells up to here, the most "
                                  "that can be read; leave out columns or split the file"),
                          line, error);
  if (wanted <= room)
    return TRUE;

  room = MAX (wanted, MAX (room + room / 2, 64 * 1024));
  cells = g_try_realloc (self->cells, room);
  if (cells == NULL)
    return set_too_large (self, _("there is no memory for the rows from here on; close other "
                                  "programs or split the file"), line, error);
  self->cells = cells;
  self->room = room;
  return TRUE;
}

gboolean
attune_table_builder_add_cell (AttuneTableBuilder *self,
                               const char         *data,
                               gsize               length,
                               guint64             line,
                               GError            **error)
{
  guint32 offset = (guint32) self->n_bytes;
  const char *end = NULL;

  g_return_val_if_fail (self->columns->len > 0, FALSE);

  if (length > ATTUNE_LARGEST_FIELD)
    return set_too_large (self, _("a text here is longer than 64 MB, the most that one may be"),
                          line, error);
  if (!g_utf8_validate_len (data, length, &end))
    {
      g_autofree char *where = g_strdup_printf (_("line %" PRIu64), line);
      const char *name = g_array_index (self->columns, Column, self->column).name;

      g_set_error (error, ATTUNE_DATASET_ERROR,
                   *end == '\0' ? ATTUNE_DATASET_ERROR_SYNTAX : ATTUNE_DATASET_ERROR_ENCODING,
                   *end == '\0'
                     ? _("%s: %s: column “%s” holds a NUL byte, which is no text; remove it")
                     : _("%s: %s: column “%s” holds bytes that are not UTF-8; save the file as "
                         "UTF-8"),
                   self->source_name, where, name);
      return FALSE;
    }
  if (!make_room (self, length, line, error))
    return FALSE;

  if (self->column == 0)
    {
      guint32 first = (guint32) MIN (line, G_MAXUINT32);

      g_array_append_val (self->lines, first);
    }
  g_array_append_val (self->offsets, offset);
  if (length > 0)
    memcpy (self->cells + self->n_bytes, data, length);
  self->cells[self->n_bytes + length] = '\0';
  self->n_bytes += length + 1;
  self->column = (self->column + 1) % self->columns->len;
  return TRUE;
}

static void
move_columns (AttuneTableBuilder *self,
              AttuneTable        *table)
{
  guint n = self->columns->len;

  table->n_columns = n;
  table->column_names = g_new0 (char *, n + 1);
  table->lists = g_new0 (gboolean, n + 1);
  table->class_names = g_new0 (char **, n + 1);
  for (guint i = 0; i < n; i++)
    {
      Column *column = &g_array_index (self->columns, Column, i);

      table->column_names[i] = g_steal_pointer (&column->name);
      table->lists[i] = column->is_list;
      table->class_names[i] = g_steal_pointer (&column->class_names);
    }
}

AttuneTable *
attune_table_builder_finish (AttuneTableBuilder       *self,
                             GFile                    *file,
                             const char               *sha256,
                             guint64                   n_bytes,
                             const AttuneTableOptions *options,
                             GError                  **error)
{
  g_autoptr (AttuneTableBuilder) builder = self;
  g_autoptr (AttuneTable) table = NULL;
  guint32 end = (guint32) self->n_bytes;

  g_return_val_if_fail (self->column == 0, NULL);

  if (self->lines->len == 0)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_EMPTY,
                   _("%s: there are no rows in this file; choose one with a row for each text"),
                   self->source_name);
      return NULL;
    }

  table = g_object_new (ATTUNE_TYPE_TABLE, NULL);
  table->file = file != NULL ? g_object_ref (file) : NULL;
  table->source_name = g_strdup (self->source_name);
  table->sha256 = g_strdup (sha256);
  table->n_bytes = n_bytes;
  table->options = *options;
  table->encoding = g_strdup (options->encoding != NULL ? options->encoding : "UTF-8");
  table->options.encoding = table->encoding;
  table->options.header = ATTUNE_HEADER_NO;
  table->n_records = self->lines->len;
  move_columns (self, table);
  g_array_append_val (self->offsets, end);
  table->offsets = (guint32 *) (gpointer) g_array_free (g_steal_pointer (&self->offsets), FALSE);
  table->lines = (guint32 *) (gpointer) g_array_free (g_steal_pointer (&self->lines), FALSE);
  table->cells = g_realloc (g_steal_pointer (&self->cells), self->n_bytes);
  if (!attune_table_header_check (table->column_names, table->source_name, error))
    return NULL;
  return g_steal_pointer (&table);
}
