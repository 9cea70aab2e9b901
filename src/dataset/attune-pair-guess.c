/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A pair is taken for one by its columns' names, for a title and a body look alike from within: by
 * names that are known to come in pairs, or by two names that count ("#1 String", "#2 String"). Both
 * must hold texts.
 */
#include "config.h"

#include "attune-pair-guess.h"

#include <string.h>

#define ROWS_LOOKED_AT 500u
#define SHORTEST_TEXT 8.0 /* bytes, on average */

static const char *const known_pairs[][2] = {
  { "sentence1", "sentence2" }, { "premise", "hypothesis" }, { "question1", "question2" },
  { "text_a", "text_b" },       { "text1", "text2" },        { "text", "text_pair" },
  { "question", "sentence" },   { "question", "context" },   { "question", "passage" },
  { "query", "passage" },       { "query", "document" },
};

/* Names that are the same but for a 1 and a 2, or an a and a b, that stands for itself. */
static gboolean
names_count (const char *a,
             const char *b)
{
  gsize n = strlen (a), at = 0;
  gboolean digits, letters;

  if (strlen (b) != n)
    return FALSE;
  while (at < n && a[at] == b[at])
    at++;
  if (at == n || strcmp (a + at + 1, b + at + 1) != 0)
    return FALSE;
  digits = a[at] == '1' && b[at] == '2' && !g_ascii_isdigit (a[at + 1])
           && (at == 0 || !g_ascii_isdigit (a[at - 1]));
  letters = g_ascii_tolower (a[at]) == 'a' && g_ascii_tolower (b[at]) == 'b'
            && !g_ascii_isalnum (a[at + 1]) && at > 0 && !g_ascii_isalnum (a[at - 1]);
  return digits || letters;
}

/* Smaller is surer, -1 no pair. */
static gint
rank_names (const char *a,
            const char *b)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_pairs); i++)
    if (g_ascii_strcasecmp (a, known_pairs[i][0]) == 0
        && g_ascii_strcasecmp (b, known_pairs[i][1]) == 0)
      return (gint) i;
  return names_count (a, b) ? (gint) G_N_ELEMENTS (known_pairs) : -1;
}

/* Long cells that mostly differ; numbers of rows do, too, but they are short. */
static gboolean
holds_texts (AttuneTable *table,
             guint        column)
{
  guint n_rows = attune_table_get_n_rows (table), n = MIN (n_rows, ROWS_LOOKED_AT), n_letters = 0;
  double total = 0;

  for (guint i = 0; i < n; i++)
    {
      gsize length;
      const char *cell = attune_table_get_cell (table, (guint) ((guint64) i * n_rows / n), column,
                                                &length);

      total += (double) length;
      n_letters += strspn (cell, "0123456789.,-+eE ") < length;
    }
  return n > 0 && total / n >= SHORTEST_TEXT && n_letters * 2 > n;
}

gboolean
attune_table_guess_pair (AttuneTable *table,
                         gint         label,
                         gint        *text,
                         gint        *pair)
{
  gint n = (gint) attune_table_get_n_columns (table), best = G_MAXINT, first = -1, second = -1;

  if (attune_table_get_options (table)->format == ATTUNE_FORMAT_DELIMITED
      && attune_table_get_options (table)->header != ATTUNE_HEADER_YES)
    return FALSE;
  for (gint i = 0; i < n; i++)
    for (gint j = 0; j < n; j++)
      {
        gint rank;

        if (i == j || i == label || j == label || (*text >= 0 && i != *text))
          continue;
        rank = rank_names (attune_table_get_column_name (table, (guint) i),
                           attune_table_get_column_name (table, (guint) j));
        if (rank >= 0 && rank < best && holds_texts (table, (guint) i)
            && holds_texts (table, (guint) j))
          {
            best = rank;
            first = i;
            second = j;
          }
      }
  if (first < 0)
    return FALSE;
  *text = first;
  *pair = second;
  return TRUE;
}
