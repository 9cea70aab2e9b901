/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cells to labels where a row may have several. The guess wants labels that also occur apart from
 * each other: "8,20" beside "8" and "20" are two labels, "Acme, Inc." is one. Any thread.
 */
#include "config.h"

#include "attune-label-cells.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-column-names.h"

#define ROWS_LOOKED_AT 5000u
#define LONGEST_LABEL 50u
#define FEWEST_COLUMNS 3u
#define SPACES " \t\r\n"
#define MOST_SHOWN 40 /* characters of a cell in a message */

/* Label cells of an even sample, once each. (transfer full) (element-type utf8 unowned) */
static GHashTable *
sample_cells (AttuneTable *table,
              guint        column)
{
  GHashTable *cells = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_rows = attune_table_get_n_rows (table), n = MIN (n_rows, ROWS_LOOKED_AT);

  for (guint i = 0; i < n; i++)
    {
      guint row = (guint) ((guint64) i * n_rows / n);
      const char *cell = attune_table_get_cell (table, row, column, NULL);

      if (cell[strspn (cell, SPACES)] != '\0')
        g_hash_table_add (cells, (gpointer) cell);
    }
  return cells;
}

/* The parts of a cell that are not empty, without spaces around; NULL if one is no label. */
static char **
split_cell (const char *cell,
            char        separator)
{
  const char delimiter[] = { separator, '\0' };
  g_auto (GStrv) parts = g_strsplit (cell, delimiter, -1);
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();
  guint n = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_strstrip (parts[i]);
      if (strlen (parts[i]) > LONGEST_LABEL)
        return NULL;
      if (*parts[i] != '\0')
        {
          g_strv_builder_add (labels, parts[i]);
          n++;
        }
    }
  return n > 0 ? g_strv_builder_end (labels) : NULL;
}

typedef struct {
  guint n_cells;     /* different ones */
  guint n_joined;    /* of them with a separator */
  guint n_broken;    /* of those, with a part that can be no label */
  guint n_known;     /* of those, whose parts all occur elsewhere too */
  guint n_parts;     /* different ones, of all cells */
  guint n_alone;     /* of them also the whole of a cell */
} Parts;

static Parts
count_parts (GHashTable *cells,
             char        separator)
{
  g_autoptr (GHashTable) uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Parts parts = { .n_cells = g_hash_table_size (cells) };
  GHashTableIter iter;
  gpointer key;

  for (guint pass = 0; pass < 2; pass++)
    {
      g_hash_table_iter_init (&iter, cells);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        {
          g_auto (GStrv) items = split_cell (key, separator);
          gboolean joined = strchr (key, separator) != NULL, known = TRUE;

          for (guint i = 0; items != NULL && items[i] != NULL; i++)
            {
              guint n = GPOINTER_TO_UINT (g_hash_table_lookup (uses, items[i]));

              if (pass == 0)
                g_hash_table_insert (uses, g_strdup (items[i]), GUINT_TO_POINTER (n + 1));
              else
                known = known && n > 1;
            }
          if (pass == 0)
            {
              parts.n_joined += joined;
              parts.n_broken += joined && items == NULL;
            }
          else if (joined && items != NULL)
            parts.n_known += known;
        }
    }
  parts.n_parts = g_hash_table_size (uses);
  g_hash_table_iter_init (&iter, uses);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    parts.n_alone += g_hash_table_contains (cells, key);
  return parts;
}

AttuneSeveral
attune_label_cells_look (AttuneTable *table,
                         gint         column,
                         char        *separator)
{
  static const char separators[] = { '|', ';', ',' };
  g_autoptr (GHashTable) cells = NULL;

  *separator = '\0';
  if (column < 0)
    return ATTUNE_SEVERAL_NO;
  cells = sample_cells (table, (guint) column);
  if (attune_table_is_list (table, (guint) column))
    {
      *separator = ATTUNE_LIST_SEPARATOR;
      return count_parts (cells, *separator).n_joined > 0 ? ATTUNE_SEVERAL_LIKELY
                                                          : ATTUNE_SEVERAL_POSSIBLE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (separators); i++)
    {
      Parts parts = count_parts (cells, separators[i]);
      gboolean certain = separators[i] == '|'; /* hardly ever part of a name */

      if (parts.n_joined == 0 || parts.n_broken > 0)
        continue;
      if (certain ? parts.n_known * 2 >= parts.n_joined || parts.n_alone > 0
                  : parts.n_known * 10 >= parts.n_joined * 9 && parts.n_alone * 2 >= parts.n_parts
                      && parts.n_parts < parts.n_cells)
        {
          *separator = separators[i];
          return ATTUNE_SEVERAL_LIKELY;
        }
      if (parts.n_known * 2 >= parts.n_joined && parts.n_alone > 0)
        {
          *separator = separators[i];
          return ATTUNE_SEVERAL_POSSIBLE;
        }
    }
  return ATTUNE_SEVERAL_NO;
}

/* 1 or 0 as people and programs write it; -1 for all else. */
static gint
parse_flag (const char *cell)
{
  static const char *const words[][2] = {
    { "0", "1" }, { "0.0", "1.0" }, { "false", "true" }, { "no", "yes" },
  };
  g_autofree char *text = NULL;

  if ((*cell == '0' || *cell == '1') && cell[1] == '\0')
    return *cell - '0';
  text = g_strstrip (g_ascii_strdown (cell, -1));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (gint flag = 0; flag < 2; flag++)
      if (g_str_equal (text, words[i][flag]))
        return flag;
  return -1;
}

static gboolean
holds_flags (AttuneTable *table,
             guint        column)
{
  guint n_rows = attune_table_get_n_rows (table), n = MIN (n_rows, ROWS_LOOKED_AT);

  for (guint i = 0; i < n; i++)
    {
      const char *cell = attune_table_get_cell (table, (guint) ((guint64) i * n_rows / n), column,
                                                NULL);

      if ((*cell != '0' && *cell != '1') || cell[1] != '\0')
        return FALSE;
    }
  return n > 0;
}

gboolean
attune_label_cells_find_columns (AttuneTable   *table,
                                 AttuneColumns *columns)
{
  AttuneColumns found = *columns;

  if (attune_table_get_options (table)->format == ATTUNE_FORMAT_DELIMITED
      && attune_table_get_options (table)->header != ATTUNE_HEADER_YES)
    return FALSE;
  found.label = -1;
  found.n_more = 0;
  for (gint i = 0; i < (gint) attune_table_get_n_columns (table); i++)
    {
      const char *name = attune_table_get_column_name (table, (guint) i);
      gint rank = attune_column_name_rank (name, ATTUNE_COLUMN_LABEL);

      if (i == columns->text || i == columns->pair)
        continue;
      /* Where a column says that it is the label, it is. */
      if (rank >= 0 && rank < ATTUNE_COLUMN_NAME_WORDS)
        return FALSE;
      if (!holds_flags (table, (guint) i))
        continue;
      if (found.label < 0)
        found.label = i;
      else if (found.n_more < G_N_ELEMENTS (found.more))
        found.more[found.n_more++] = i;
    }
  if (found.label < 0 || found.n_more + 1 < FEWEST_COLUMNS)
    return FALSE;
  *columns = found;
  return TRUE;
}

static AttuneRowLabels
read_flags (AttuneTable          *table,
            const AttuneColumns  *columns,
            guint                 row,
            AttuneLabelFunc       func,
            gpointer              user_data,
            GError              **error)
{
  guint n_empty = 0;

  for (guint i = 0; i <= columns->n_more; i++)
    {
      guint column = (guint) (i == 0 ? columns->label : columns->more[i - 1]);
      const char *cell = attune_table_get_cell (table, row, column, NULL);
      const char *name = attune_table_get_column_name (table, column);
      gint flag = parse_flag (cell);

      if (cell[strspn (cell, SPACES)] == '\0')
        n_empty++;
      else if (flag < 0)
        {
          g_autofree char *shown = g_utf8_truncate_middle (cell, MOST_SHOWN);

          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                       _("%s: line %" PRIu64 ": “%s” in column “%s”, which as one of several "
                         "label columns must hold 0 or 1"),
                       attune_table_get_row_source_name (table, row),
                       attune_table_get_line (table, row), shown, name);
          return ATTUNE_ROW_REFUSED;
        }
      else if (flag > 0 && !func (name, user_data))
        return ATTUNE_ROW_REFUSED;
    }
  return n_empty > columns->n_more ? ATTUNE_ROW_UNKNOWN : ATTUNE_ROW_LABELLED;
}

/* An empty cell says nothing, but an empty list says that there is no label. */
AttuneRowLabels
attune_label_cells_foreach (AttuneTable          *table,
                            const AttuneColumns  *columns,
                            guint                 row,
                            GString              *scratch,
                            AttuneLabelFunc       func,
                            gpointer              user_data,
                            GError              **error)
{
  const char *part, *end;
  gsize length;
  gboolean any = FALSE;

  if (columns->n_more > 0)
    return read_flags (table, columns, row, func, user_data, error);

  part = attune_table_get_cell (table, row, (guint) columns->label, &length);
  end = part + length;
  while (part < end)
    {
      const char *stop = columns->separator != '\0'
                           ? memchr (part, columns->separator, (gsize) (end - part))
                           : NULL;
      const char *next = stop != NULL ? stop : end;

      g_string_truncate (scratch, 0);
      g_string_append_len (scratch, part, next - part);
      g_strstrip (scratch->str);
      if (*scratch->str != '\0')
        {
          any = TRUE;
          if (!func (scratch->str, user_data))
            return ATTUNE_ROW_REFUSED;
        }
      part = next + 1;
    }
  return any || columns->separator == ATTUNE_LIST_SEPARATOR ? ATTUNE_ROW_LABELLED
                                                            : ATTUNE_ROW_UNKNOWN;
}
