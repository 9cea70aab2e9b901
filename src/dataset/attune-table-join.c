/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables end to end. The first one grows; each of the others is freed once it is copied, so that no
 * more than one of them is held twice. Where columns have names they are put in the order of the
 * first table. Any thread.
 */
#include "config.h"

#include "attune-table-join.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-scanner.h"
#include "attune-source.h"
#include "attune-table-private.h"

struct _AttuneTableJoin {
  AttuneTable *table; /* NULL before the first */
  GString *sums;
};

static void
part_clear (AttuneTablePart *part)
{
  g_free (part->source_name);
  g_clear_object (&part->file);
  g_free (part->sha256);
}

AttuneTableJoin *
attune_table_join_new (void)
{
  AttuneTableJoin *self = g_new0 (AttuneTableJoin, 1);

  self->sums = g_string_new (NULL);
  return self;
}

void
attune_table_join_free (AttuneTableJoin *self)
{
  g_clear_object (&self->table);
  g_string_free (self->sums, TRUE);
  g_free (self);
}

static gboolean
has_names (AttuneTable *table)
{
  return table->has_header || table->options.format != ATTUNE_FORMAT_DELIMITED;
}

static void
note_part (AttuneTableJoin *self,
           AttuneTable     *table,
           guint            first_record)
{
  AttuneTablePart part = { first_record, g_strdup (table->source_name), NULL,
                           g_strdup (table->sha256) };
  g_autofree char *base = table->file != NULL ? g_file_get_basename (table->file) : NULL;

  g_set_object (&part.file, table->file);
  g_array_append_val (self->table->parts, part);
  g_string_append_printf (self->sums, "%s  %s\n", table->sha256,
                          base != NULL ? base : table->source_name);
}

/* Which column of a table is which of the first one's; NULL with an error if they are others. */
static guint *
map_columns (AttuneTableJoin *self,
             AttuneTable     *table,
             GError         **error)
{
  AttuneTable *first = self->table;
  const char *first_name = g_array_index (first->parts, AttuneTablePart, 0).source_name;
  g_autofree guint *map = g_new (guint, first->n_columns);
  gboolean by_name = has_names (first) && has_names (table);

  if (table->n_columns != first->n_columns)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                   ngettext ("%s has %u column and %s has %u; open them one by one",
                             "%s has %u columns and %s has %u; open them one by one",
                             table->n_columns),
                   table->source_name, table->n_columns, first_name, first->n_columns);
      return NULL;
    }
  for (guint i = 0; i < first->n_columns; i++)
    {
      guint j = i;

      for (j = 0; by_name && j < table->n_columns; j++)
        if (g_str_equal (table->column_names[j], first->column_names[i]))
          break;
      if (j == table->n_columns)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                       _("%s has no column “%s”, which %s has; open them one by one"),
                       table->source_name, first->column_names[i], first_name);
          return NULL;
        }
      map[i] = by_name ? j : i;
    }
  return g_steal_pointer (&map);
}

/* Numbers that a file names must be those of the first one. */
static gboolean
check_class_names (AttuneTableJoin *self,
                   AttuneTable     *table,
                   const guint     *map,
                   GError         **error)
{
  AttuneTable *first = self->table;

  for (guint i = 0; i < first->n_columns; i++)
    {
      const char * const *names = attune_table_get_class_names (first, i);
      const char * const *others = attune_table_get_class_names (table, map[i]);

      if (names == others || (names != NULL && others != NULL && g_strv_equal (names, others)))
        continue;
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                   _("%s calls the numbers in column “%s” otherwise than %s; open them one by one"),
                   table->source_name, first->column_names[i],
                   g_array_index (first->parts, AttuneTablePart, 0).source_name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
make_room (AttuneTable *first,
           AttuneTable *table,
           guint        n_rows,
           GError     **error)
{
  gsize n_cells = (gsize) first->n_records * first->n_columns;
  guint64 n_more_cells = (guint64) n_rows * first->n_columns;
  guint64 n_bytes = (guint64) first->offsets[n_cells]
                    + table->offsets[(gsize) table->n_records * table->n_columns];
  char *cells = NULL;
  guint32 *offsets = NULL, *lines = NULL;

  if (n_bytes <= ATTUNE_LARGEST_FILE && n_cells + n_more_cells <= ATTUNE_MOST_CELLS)
    {
      cells = g_try_realloc (first->cells, n_bytes + 1);
      first->cells = cells != NULL ? cells : first->cells;
      offsets = g_try_realloc_n (first->offsets, n_cells + n_more_cells + 1, sizeof (guint32));
      first->offsets = offsets != NULL ? offsets : first->offsets;
      lines = g_try_realloc_n (first->lines, (gsize) first->n_records + n_rows, sizeof (guint32));
      first->lines = lines != NULL ? lines : first->lines;
    }
  if (cells != NULL && offsets != NULL && lines != NULL)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
               _("%s: with the files before it, this is more than can be read; open fewer of them"),
               table->source_name);
  return FALSE;
}

static void
append_rows (AttuneTable *first,
             AttuneTable *table,
             const guint *map,
             guint        n_rows)
{
  gsize cell = (gsize) first->n_records * first->n_columns;
  guint32 at = first->offsets[cell];

  for (guint row = 0; row < n_rows; row++)
    {
      first->lines[first->n_records + row] = (guint32) attune_table_get_line (table, row);
      for (guint i = 0; i < first->n_columns; i++)
        {
          gsize length;
          const char *text = attune_table_get_cell (table, row, map[i], &length);

          first->offsets[cell++] = at;
          memcpy (first->cells + at, text, length + 1);
          at += (guint32) length + 1;
        }
    }
  first->offsets[cell] = at;
  first->n_records += n_rows;
  first->n_bytes += table->n_bytes;
}

static void
take_notes (AttuneTable *first,
            AttuneTable *table)
{
  if (first->notes == NULL)
    first->notes = g_steal_pointer (&table->notes);
  else if (table->notes != NULL)
    g_ptr_array_extend_and_steal (first->notes, g_steal_pointer (&table->notes));
}

gboolean
attune_table_join_add (AttuneTableJoin *self,
                       AttuneTable     *table,
                       GError         **error)
{
  g_autoptr (AttuneTable) owned = table;
  g_autofree guint *map = NULL;
  guint n_rows = attune_table_get_n_rows (table);

  if (self->table == NULL)
    {
      self->table = g_steal_pointer (&owned);
      self->table->parts = g_array_new (FALSE, TRUE, sizeof (AttuneTablePart));
      g_array_set_clear_func (self->table->parts, (GDestroyNotify) part_clear);
      note_part (self, table, 0);
      return TRUE;
    }

  map = map_columns (self, table, error);
  if (map == NULL || !check_class_names (self, table, map, error)
      || !make_room (self->table, table, n_rows, error))
    return FALSE;
  note_part (self, table, self->table->n_records);
  for (guint i = 0; table->lists != NULL && i < table->n_columns; i++)
    if (table->lists[map[i]] && self->table->lists != NULL)
      self->table->lists[i] = TRUE;
  append_rows (self->table, table, map, n_rows);
  take_notes (self->table, table);
  return TRUE;
}

void
attune_table_join_expect (AttuneTableJoin    *self,
                          AttuneTableOptions *options)
{
  const AttuneTableOptions *found = &self->table->options;

  if (found->format != ATTUNE_FORMAT_DELIMITED)
    return;
  options->format = found->format;
  options->header = found->header;
}

AttuneTable *
attune_table_join_end (AttuneTableJoin *self,
                       const char      *source_name)
{
  g_autoptr (AttuneTableJoin) owned = self;
  AttuneTable *table = self->table;
  guint n = table->parts->len;

  g_free (table->sha256);
  table->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->sums->str,
                                                 (gssize) self->sums->len);
  g_free (table->source_name);
  if (source_name != NULL)
    table->source_name = g_filename_display_name (source_name);
  else
    table->source_name
      = g_strdup_printf (ngettext ("%s and %u other", "%s and %u others", n - 1),
                         g_array_index (table->parts, AttuneTablePart, 0).source_name, n - 1);
  return g_steal_pointer (&self->table);
}
