/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A header is told from a first row by known names, or by being unlike what is below it: a word
 * above numbers, a value of its own above values that repeat, a short one above long texts.
 */
#include "config.h"

#include "attune-table-header.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-column-names.h"

#define ROWS_LOOKED_AT 1000u
#define LONGEST_NAME 64u

static gboolean
is_number (const char *text)
{
  char *end;

  if (*text == '\0')
    return FALSE;
  g_ascii_strtod (text, &end);
  while (g_ascii_isspace (*end))
    end++;
  return *end == '\0';
}

/* What a column says: above 0 for a header, below 0 against it. */
static int
judge_column (AttuneTable *table,
              guint        column)
{
  guint n_rows = MIN (attune_table_get_n_rows (table), ROWS_LOOKED_AT);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gsize first_length, total_length = 0;
  const char *first = attune_table_get_cell (table, 0, column, &first_length);
  guint n_filled = 0, n_numbers = 0;

  if (first_length == 0)
    return 0;
  for (guint row = 1; row < n_rows; row++)
    {
      gsize length;
      const char *cell = attune_table_get_cell (table, row, column, &length);

      if (length == 0)
        continue;
      n_filled++;
      n_numbers += is_number (cell);
      total_length += length;
      g_hash_table_add (seen, (gpointer) cell);
    }
  if (n_filled == 0)
    return 0;
  if (is_number (first) || first_length > LONGEST_NAME)
    return -2;
  if (g_hash_table_contains (seen, first))
    return -2;
  if (n_numbers == n_filled)
    return 2;
  if (n_filled >= 10 && g_hash_table_size (seen) * 5 <= n_filled)
    return 2;
  if (total_length / n_filled > first_length * 3)
    return 1;
  return 0;
}

gboolean
attune_table_header_detect (AttuneTable *table)
{
  guint n_columns = attune_table_get_n_columns (table);
  gboolean named = FALSE;
  int verdict = 0;

  for (guint column = 0; column < n_columns; column++)
    {
      gsize length;
      const char *name = attune_table_get_cell (table, 0, column, &length);

      if (length > LONGEST_NAME || is_number (name))
        {
          named = FALSE;
          break;
        }
      named |= attune_column_name_rank (name, ATTUNE_COLUMN_TEXT) >= 0
               || attune_column_name_rank (name, ATTUNE_COLUMN_LABEL) >= 0;
    }
  for (guint column = 0; column < n_columns; column++)
    verdict += judge_column (table, column);
  return verdict > 0 || (named && verdict == 0);
}

gboolean
attune_table_header_check (char      **names,
                           const char *source_name,
                           GError    **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; names[i] != NULL; i++)
    {
      gpointer other = g_hash_table_lookup (seen, names[i]);

      if (other != NULL)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                       _("%s: line 1: columns %u and %u are both called “%s”; rename one of them"),
                       source_name, GPOINTER_TO_UINT (other), i + 1, names[i]);
          return FALSE;
        }
      g_hash_table_insert (seen, names[i], GUINT_TO_POINTER (i + 1));
    }
  return TRUE;
}
