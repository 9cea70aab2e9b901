/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong with texts as seen beside each other: texts that occur again, with another
 * label, or nearly again; a text column in which hardly anything differs, or that is the label.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-check-parts.h"

#define CANCEL_EVERY 4096u
#define ROWS_TO_JUDGE 20u
#define FEW_TEXTS 50u /* one different text in so many rows is few */

guint8 *
attune_check_find_conflicts (AttuneDataset   *dataset,
                             AttuneTextIndex *index)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  guint8 *conflicting = g_new0 (guint8, MAX (n_rows, 1));
  g_autofree guint *labelled = g_new0 (guint, MAX (n_rows, 1)); /* by first row: row + 1 with labels */

  for (guint row = 0; row < n_rows; row++)
    {
      guint first = attune_text_index_get_first (index, row);

      if (!attune_dataset_is_labelled (dataset, row))
        continue;
      if (labelled[first] == 0)
        labelled[first] = row + 1;
      else if (!attune_dataset_has_equal_labels (dataset, row, dataset, labelled[first] - 1))
        conflicting[first] = TRUE;
    }
  return conflicting;
}

static void
report_duplicates (GPtrArray     *findings,
                   AttuneDataset *dataset,
                   AttuneFound   *repeats)
{
  guint n = repeats->count;

  if (n > 0)
    attune_check_report (findings,
                         (guint64) n * 20 > attune_dataset_get_n_rows (dataset)
                           ? ATTUNE_SEVERITY_WARNING
                           : ATTUNE_SEVERITY_INFO,
                         "duplicates", repeats,
                         g_strdup_printf (ngettext ("%'u row repeats the text of an earlier one; a "
                                                    "split keeps them on one side",
                                                    "%'u rows repeat the text of an earlier one; a "
                                                    "split keeps them on one side", n), n))
      ->remedy = attune_remedy_new_drop (ATTUNE_DROP_DUPLICATES, n);
}

/* n_rows: of these texts. */
static void
report_conflicts (GPtrArray   *findings,
                  AttuneFound *conflicts,
                  guint        n_rows)
{
  guint n = conflicts->count;

  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "conflicting-duplicates", conflicts,
                         g_strdup_printf (ngettext ("%'u text occurs with different labels",
                                                    "%'u texts occur with different "
                                                    "labels", n), n))
      ->remedy = attune_remedy_new_drop (ATTUNE_DROP_CONFLICTING, n_rows);
}

/* Rows of one text one after the other. */
static gint
compare_texts_cb (gconstpointer a,
                  gconstpointer b,
                  gpointer      index)
{
  guint p = *(const guint *) a, q = *(const guint *) b;
  guint first = attune_text_index_get_first (index, p);
  guint other = attune_text_index_get_first (index, q);

  if (first != other)
    return first < other ? -1 : 1;
  return p < q ? -1 : p > q;
}

/* A text with two labels counts once; shown are all its rows, the reader wants to compare. */
static gboolean
find_duplicates (GPtrArray       *findings,
                 AttuneDataset   *dataset,
                 AttuneTextIndex *index,
                 const guint8    *blank,
                 GCancellable    *cancellable)
{
  guint n_rows = attune_dataset_get_n_rows (dataset), n_conflicting = 0;
  g_auto (AttuneFound) repeats = attune_found_new ();
  g_auto (AttuneFound) conflicts = attune_found_new ();
  g_autofree guint8 *conflicting = attune_check_find_conflicts (dataset, index);

  for (guint row = 0; row < n_rows; row++)
    {
      guint first = attune_text_index_get_first (index, row);

      if (row % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (blank[row])
        continue;
      if (first != row)
        attune_found_add (&repeats, row);
      if (conflicting[first])
        {
          attune_found_add (&conflicts, row);
          n_conflicting += first == row;
        }
    }
  /* Conflicts first: dropping repeats keeps the first label of each, and so decides them. */
  n_rows = conflicts.count;
  conflicts.count = n_conflicting;
  g_array_sort_with_data (conflicts.rows, compare_texts_cb, index);
  report_conflicts (findings, &conflicts, n_rows);
  report_duplicates (findings, dataset, &repeats);
  return TRUE;
}

/* Rows that are the first of their text, but not of those that differ from it in case and white
 * space only. */
static gboolean
find_near_duplicates (GPtrArray       *findings,
                      AttuneDataset   *dataset,
                      AttuneTextIndex *index,
                      const guint8    *blank,
                      GCancellable    *cancellable)
{
  g_autoptr (AttuneTextIndex) folded = attune_text_index_new_folded (dataset, cancellable);
  g_auto (AttuneFound) found = attune_found_new ();
  guint n;

  if (folded == NULL)
    return FALSE;
  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    if (!blank[row] && attune_text_index_get_first (index, row) == row
        && attune_text_index_get_first (folded, row) != row)
      attune_found_add (&found, row);
  n = found.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_INFO, "near-duplicates", &found,
                         g_strdup_printf (ngettext ("%'u text differs from an earlier one in case "
                                                    "or spaces only; a split keeps them on one "
                                                    "side",
                                                    "%'u texts differ from earlier ones in case or "
                                                    "spaces only; a split keeps them on one side",
                                                    n), n));
  return TRUE;
}

/* Whether a row's text is but the name of its label. */
static gboolean
text_is_its_label (AttuneDataset *dataset,
                   guint          row)
{
  gint32 label = attune_dataset_get_label (dataset, row);
  gsize length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  const char *name;

  if (label == ATTUNE_LABEL_NONE)
    return FALSE;
  name = attune_dataset_get_label_names (dataset)[label];
  return strlen (name) == length && memcmp (name, text, length) == 0;
}

/* What the text column is, if it is no text column. */
static void
check_text_column (GPtrArray       *findings,
                   AttuneDataset   *dataset,
                   AttuneTextIndex *index,
                   const guint8    *blank)
{
  const char *column = attune_table_get_column_name (
    attune_dataset_get_table (dataset), (guint) attune_dataset_get_columns (dataset)->text);
  guint n_used = 0, n_texts = 0, n_labels = 0;
  g_auto (AttuneFound) found = attune_found_new ();

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    if (!blank[row])
      {
        n_used++;
        n_labels += text_is_its_label (dataset, row);
        if (attune_text_index_get_first (index, row) == row)
          {
            n_texts++;
            attune_found_add (&found, row);
          }
      }
  if (n_used < 2)
    return;
  if (n_texts == 1)
    attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "equal-texts", &found,
                         g_strdup_printf (_("All texts are equal, so there is nothing to tell "
                                            "classes apart by: is “%s” really the text column?"),
                                          column));
  else if ((guint64) n_labels * 10 >= (guint64) n_used * 9)
    attune_check_report (findings, ATTUNE_SEVERITY_BLOCKS, "text-is-label", &found,
                         g_strdup_printf (_("The texts are the labels: is “%s” really the text "
                                            "column?"), column));
  else if (n_used >= ROWS_TO_JUDGE && attune_dataset_get_columns (dataset)->pair < 0
           && (guint64) n_texts * FEW_TEXTS <= MAX (n_used, 4 * FEW_TEXTS))
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "few-texts", &found,
                         g_strdup_printf (_("Only %'u different texts in %'u rows: is “%s” really "
                                            "the text column?"), n_texts, n_used, column));
}

gboolean
attune_check_repeats (GPtrArray       *findings,
                      AttuneDataset   *dataset,
                      AttuneTextIndex *index,
                      GCancellable    *cancellable)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  g_autofree guint8 *blank = g_new (guint8, MAX (n_rows, 1)); /* or dropped */

  for (guint row = 0; row < n_rows; row++)
    blank[row] = attune_dataset_is_dropped (dataset, row)
                 || attune_check_row_is_blank (dataset, row);
  check_text_column (findings, dataset, index, blank);
  return find_duplicates (findings, dataset, index, blank, cancellable)
         && find_near_duplicates (findings, dataset, index, blank, cancellable);
}
