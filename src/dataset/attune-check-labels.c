/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong with labels: none, one, far too many, far apart in number, and names that are
 * likely to be one name written in two ways.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-check-parts.h"

#define TINY_CLASS 5u
#define ROWS_TO_JUDGE 20u
#define MAJORITY_SHARE 0.8
#define MOST_SHOWN 40 /* characters of a label in a message */

/* The rows of the labels that are marked. */
static void
add_rows_of (AttuneFound   *found,
             AttuneDataset *dataset,
             const guint8  *marked)
{
  const gint32 *labels = attune_dataset_get_labels (dataset);

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    if (labels[row] != ATTUNE_LABEL_NONE && marked[labels[row]])
      attune_found_add (found, row);
}

static void
check_missing (GPtrArray     *findings,
               AttuneDataset *dataset)
{
  g_auto (AttuneFound) found = attune_found_new ();
  guint n;

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    if (attune_dataset_get_label (dataset, row) == ATTUNE_LABEL_NONE)
      attune_found_add (&found, row);
  n = found.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "missing-labels", &found,
                         g_strdup_printf (ngettext ("%'u row has no label and is left out of "
                                                    "training",
                                                    "%'u rows have no label and are left out of "
                                                    "training", n), n));
}

/* One class in use or none; classes that hold next to nothing; one that holds nearly all. */
static void
check_sizes (GPtrArray     *findings,
             AttuneDataset *dataset)
{
  guint n_labels = attune_dataset_get_n_labels (dataset);
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autofree guint8 *tiny = g_new0 (guint8, n_labels + 1);
  g_auto (AttuneFound) found = attune_found_new ();
  guint n_used = 0, n_tiny = 0, largest = 0;
  g_autofree char *majority_name = NULL;
  guint64 n_rows = 0;

  for (guint i = 0; i < n_labels; i++)
    {
      n_rows += counts[i];
      n_used += counts[i] > 0;
      tiny[i] = counts[i] > 0 && counts[i] < TINY_CLASS;
      n_tiny += tiny[i];
      if (counts[i] > counts[largest])
        largest = i;
    }
  if (n_used > 0)
    majority_name = g_utf8_truncate_middle (names[largest], MOST_SHOWN);

  if (n_used < 2)
    {
      found.count = n_used;
      attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "one-class", &found,
                           n_used == 0
                             ? g_strdup (_("No row has a label, so there is nothing to learn"))
                             : g_strdup_printf (_("All rows have the label “%s”, and two classes "
                                                  "at least are needed"), majority_name));
      return;
    }
  if (n_tiny > 0 && n_tiny * 2 <= n_used)
    {
      add_rows_of (&found, dataset, tiny);
      found.count = n_tiny;
      attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "tiny-classes", &found,
                           g_strdup_printf (ngettext ("%'u class has fewer than %u rows, too few "
                                                      "to learn or to measure it",
                                                      "%'u classes have fewer than %u rows, too "
                                                      "few to learn or to measure them", n_tiny),
                                            n_tiny, TINY_CLASS));
    }
  else if (n_tiny > 0)
    {
      found.count = n_tiny;
      attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "tiny-classes", &found,
                           g_strdup_printf (ngettext ("%'u of %'u classes has fewer than %u rows; "
                                                      "label more rows or merge classes",
                                                      "%'u of %'u classes have fewer than %u rows; "
                                                      "label more rows or merge classes", n_tiny),
                                            n_tiny, n_used, TINY_CLASS));
    }
  if (counts[largest] > MAJORITY_SHARE * (double) n_rows && n_rows >= ROWS_TO_JUDGE)
    {
      g_auto (AttuneFound) majority = attune_found_new ();

      majority.count = counts[largest];
      attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "imbalance", &majority,
                           g_strdup_printf (_("%.1f %% of rows have the label “%s”: always "
                                              "answering it would be that accurate, so watch "
                                              "macro-F1"),
                                            100.0 * counts[largest] / (double) n_rows,
                                            majority_name));
    }
}

/* Columns that are numbers of rows or measurements rather than classes. */
static void
check_kind (GPtrArray     *findings,
            AttuneDataset *dataset)
{
  guint n_labels = attune_dataset_get_n_labels (dataset), n_fractions = 0, n_numbers = 0;
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  const char *column = attune_table_get_column_name (
    attune_dataset_get_table (dataset), (guint) attune_dataset_get_columns (dataset)->label);
  g_auto (AttuneFound) found = attune_found_new ();
  guint64 n_rows = 0;

  for (guint i = 0; i < n_labels; i++)
    {
      char *end;
      double value = g_ascii_strtod (names[i], &end);
      gboolean is_number = end != names[i] && *end == '\0';

      n_rows += counts[i];
      n_numbers += is_number;
      n_fractions += is_number && value != (double) (gint64) CLAMP (value, -1e15, 1e15);
      if (is_number && value == -1)
        {
          g_autofree guint8 *marked = g_new0 (guint8, n_labels);
          g_auto (AttuneFound) hidden = attune_found_new ();

          marked[i] = TRUE;
          add_rows_of (&hidden, dataset, marked);
          if (hidden.count > 0)
            attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "minus-one-labels", &hidden,
                                 g_strdup_printf (ngettext ("%'u row has the label -1, which often "
                                                            "stands for “unknown”",
                                                            "%'u rows have the label -1, which "
                                                            "often stands for "
                                                            "“unknown”", counts[i]),
                                                  counts[i]));
        }
    }

  found.count = n_labels;
  if (n_rows >= ROWS_TO_JUDGE / 2 && n_labels >= n_rows)
    attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "id-labels", &found,
                         g_strdup_printf (_("%'u classes for %'u rows: is “%s” really the label "
                                            "column?"),
                                          n_labels, (guint) n_rows, column));
  else if (n_rows >= ROWS_TO_JUDGE && (guint64) n_labels * 2 > n_rows)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "id-labels", &found,
                         g_strdup_printf (_("%'u classes for %'u rows: is “%s” really the label "
                                            "column?"),
                                          n_labels, (guint) n_rows, column));
  else if (n_fractions > 0 && n_numbers == n_labels && n_labels > 2)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "number-labels", &found,
                         g_strdup_printf (_("The labels in “%s” are measurements such as %s, and "
                                            "each value becomes a class of its own"),
                                          column, names[n_labels - 1]));
}

void
attune_check_labels (GPtrArray     *findings,
                     AttuneDataset *dataset)
{
  check_missing (findings, dataset);
  check_sizes (findings, dataset);
  check_kind (findings, dataset);
}

/* "1" of "1.0" and "1,00". */
static void
drop_empty_fraction (char *name)
{
  char *mark = name + strspn (name, "+-0123456789");

  if (mark > name && (*mark == '.' || *mark == ',') && mark[1] == '0'
      && mark[1 + strspn (mark + 1, "0")] == '\0')
    *mark = '\0';
}

/* What is left of a name when the ways of writing it are taken away: spaces and what joins words,
 * case, the forms of Unicode, a fraction of nought. */
static char *
fold_name (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *folded = g_utf8_casefold (composed != NULL ? composed : name, -1);
  g_autofree char *trimmed = g_strstrip (g_strdup (folded));
  GString *out = g_string_new (NULL);
  gboolean is_number = g_ascii_isdigit (*trimmed) || g_ascii_isdigit (trimmed[*trimmed != '\0']);

  if (is_number)
    drop_empty_fraction (trimmed);
  for (const char *p = trimmed; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* "-1" is not "1", "1 2" not "12". */
      if (is_number
          || (!g_unichar_isspace (c) && !g_unichar_iszerowidth (c) && c != '_' && c != '-'))
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

void
attune_check_label_names (GPtrArray     *findings,
                          AttuneDataset *dataset)
{
  guint n_labels = attune_dataset_get_n_labels (dataset);
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree guint8 *marked = g_new0 (guint8, n_labels + 1);
  g_auto (AttuneFound) found = attune_found_new ();
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  guint n_pairs = 0;

  for (guint i = 0; i < n_labels; i++)
    {
      char *folded = fold_name (names[i]);
      guint other = GPOINTER_TO_UINT (g_hash_table_lookup (seen, folded));

      if (other == 0)
        {
          g_hash_table_insert (seen, folded, GUINT_TO_POINTER (i + 1));
          continue;
        }
      g_free (folded);
      marked[counts[i] < counts[other - 1] ? i : other - 1] = TRUE;
      if (n_pairs++ == 0)
        {
          one = g_utf8_truncate_middle (names[other - 1], MOST_SHOWN);
          two = g_utf8_truncate_middle (names[i], MOST_SHOWN);
        }
    }
  if (n_pairs == 0)
    return;
  add_rows_of (&found, dataset, marked);
  found.count = n_pairs;
  attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "similar-labels", &found,
                       g_strdup_printf (ngettext ("%'u label differs from another only in how it "
                                                  "is written, “%s” and “%s”",
                                                  "%'u labels differ from others only in how they "
                                                  "are written, such as “%s” and “%s”", n_pairs),
                                        n_pairs, one, two));
}
