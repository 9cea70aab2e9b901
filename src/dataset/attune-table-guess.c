/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which column holds the texts and which the labels: by name, else by what a sample of the rows
 * holds. Texts are long and differ; labels are short, few and repeat.
 */
#include "config.h"

#include "attune-table.h"

#include <string.h>

#include "attune-column-names.h"

#define ROWS_LOOKED_AT 2000u
#define LONGEST_LABEL 50.0

typedef struct {
  guint n;               /* rows looked at */
  guint n_empty;
  guint n_distinct;      /* empty ones not counted */
  double average_length; /* bytes, of those that are not empty */
} ColumnFacts;

static ColumnFacts
look_at_column (AttuneTable *table,
                guint        column)
{
  guint n_rows = attune_table_get_n_rows (table);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  ColumnFacts facts = { .n = MIN (n_rows, ROWS_LOOKED_AT) };
  double total = 0;

  for (guint i = 0; i < facts.n; i++)
    {
      guint row = (guint) ((guint64) i * n_rows / facts.n);
      gsize length;
      const char *cell = attune_table_get_cell (table, row, column, &length);

      if (length == 0)
        {
          facts.n_empty++;
          continue;
        }
      total += (double) length;
      g_hash_table_add (seen, (gpointer) cell);
    }
  facts.n_distinct = g_hash_table_size (seen);
  if (facts.n > facts.n_empty)
    facts.average_length = total / (facts.n - facts.n_empty);
  return facts;
}

/* Whether the file itself names the columns. */
static gboolean
has_names (AttuneTable *table)
{
  const AttuneTableOptions *options = attune_table_get_options (table);

  return options->format != ATTUNE_FORMAT_DELIMITED || options->header == ATTUNE_HEADER_YES;
}

static gint
find_by_name (AttuneTable      *table,
              AttuneColumnRole  role,
              gint              taken,
              gint              taken_too)
{
  gint best = -1, best_rank = G_MAXINT;

  for (guint i = 0; i < attune_table_get_n_columns (table); i++)
    {
      gint rank = attune_column_name_rank (attune_table_get_column_name (table, i), role);

      if (rank >= 0 && rank < best_rank && (gint) i != taken && (gint) i != taken_too)
        {
          best = (gint) i;
          best_rank = rank;
        }
    }
  return best;
}

/**
 * attune_table_guess_text_column:
 *
 * Returns: the column that most likely holds the texts; -1 if every column is empty
 */
gint
attune_table_guess_text_column (AttuneTable *self)
{
  gint best = -1;
  double best_score = 0;

  g_return_val_if_fail (ATTUNE_IS_TABLE (self), -1);

  if (has_names (self))
    best = find_by_name (self, ATTUNE_COLUMN_TEXT, -1, -1);
  if (best >= 0)
    return best;
  for (guint i = 0; i < attune_table_get_n_columns (self); i++)
    {
      ColumnFacts facts = look_at_column (self, i);
      double score = facts.average_length * facts.n_distinct;

      if (score > best_score)
        {
          best = (gint) i;
          best_score = score;
        }
    }
  return best;
}

/* Smaller is likelier, below 0 impossible: the share of distinct values, and of missing ones. A
 * column of one value comes last; it may be a data set that has but one class. */
static double
label_doubt (const ColumnFacts *facts)
{
  guint n_filled = facts->n - facts->n_empty;

  if (facts->n_distinct == 0 || facts->average_length > LONGEST_LABEL)
    return -1;
  if (facts->n_distinct == 1)
    return 10;
  if (facts->n_distinct > 2 && facts->n_distinct * 2 > n_filled)
    return -1;
  return (double) facts->n_distinct / n_filled + 4.0 * facts->n_empty / facts->n;
}

/**
 * attune_table_guess_label_column:
 * @text_column: the column of the texts, which is not it; -1 if none is known
 * @pair_column: likewise, that of second texts
 *
 * Returns: the column that most likely holds the labels, or -1 if none looks like it
 */
gint
attune_table_guess_label_column (AttuneTable *self,
                                 gint         text_column,
                                 gint         pair_column)
{
  gint best = -1;
  double best_doubt = G_MAXDOUBLE;

  g_return_val_if_fail (ATTUNE_IS_TABLE (self), -1);

  if (has_names (self))
    best = find_by_name (self, ATTUNE_COLUMN_LABEL, text_column, pair_column);
  for (guint i = 0; best < 0 && i < attune_table_get_n_columns (self); i++)
    if (attune_table_get_class_names (self, i) != NULL && (gint) i != text_column
        && (gint) i != pair_column)
      best = (gint) i;
  if (best >= 0)
    return best;
  for (guint i = 0; i < attune_table_get_n_columns (self); i++)
    {
      ColumnFacts facts = look_at_column (self, i);
      double doubt = label_doubt (&facts);

      if ((gint) i != text_column && (gint) i != pair_column && doubt >= 0 && doubt < best_doubt)
        {
          best = (gint) i;
          best_doubt = doubt;
        }
    }
  return best;
}
