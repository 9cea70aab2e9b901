/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong between the data that is trained on and that which is measured on: texts in
 * both, rows and classes that cannot be measured, a side without rows.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-check-parts.h"

#define CANCEL_EVERY 4096u
#define MOST_SHOWN 40 /* characters of a label in a message */

/* Classes that are trained but never measured. */
static void
check_lacking_classes (GPtrArray     *findings,
                       AttuneDataset *dataset,
                       AttuneDataset *validation)
{
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char *const *names = attune_dataset_get_label_names (dataset);
  const guint *validation_counts = attune_dataset_get_label_counts (validation);
  guint n_labels = MIN (attune_dataset_get_n_labels (dataset),
                        attune_dataset_get_n_labels (validation));
  g_auto (AttuneFound) lacking = attune_found_new ();
  g_auto (AttuneFound) untrained = attune_found_new ();
  const char *example = NULL, *untrained_example = NULL;
  g_autofree char *shown = NULL;
  guint n;

  for (guint i = 0; i < n_labels; i++)
    if (counts[i] > 0 && validation_counts[i] == 0)
      {
        example = lacking.count == 0 ? names[i] : example;
        lacking.count++;
      }
    else if (counts[i] == 0 && validation_counts[i] > 0)
      {
        untrained_example = untrained.count == 0 ? names[i] : untrained_example;
        untrained.count++;
      }
  n = lacking.count;
  if (n > 0)
    {
      shown = g_utf8_truncate_middle (example, MOST_SHOWN);
      attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "validation-lacks-classes", &lacking,
                           g_strdup_printf (ngettext ("%'u class has no row in the validation "
                                                      "data, “%s”",
                                                      "%'u classes have no row in the validation "
                                                      "data, such as “%s”", n), n, shown));
    }
  n = untrained.count;
  if (n > 0)
    {
      g_free (shown);
      shown = g_utf8_truncate_middle (untrained_example, MOST_SHOWN);
      attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "validation-adds-classes", &untrained,
                           g_strdup_printf (ngettext ("%'u class of the validation data has no row "
                                                      "to learn from, “%s”",
                                                      "%'u classes of the validation data have no "
                                                      "row to learn from, such as “%s”", n),
                                            n, shown));
    }
}

gboolean
attune_check_validation (GPtrArray       *findings,
                         AttuneDataset   *dataset,
                         AttuneTextIndex *index,
                         AttuneDataset   *validation,
                         GCancellable    *cancellable)
{
  g_autofree guint8 *is_shared = g_new0 (guint8, MAX (attune_dataset_get_n_rows (dataset), 1));
  guint n_rows = attune_dataset_get_n_rows (validation), n_training = 0, n;
  g_auto (AttuneFound) overlap = attune_found_new ();
  g_auto (AttuneFound) missing = attune_found_new ();

  for (guint row = 0; row < n_rows; row++)
    {
      guint first;

      if (row % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (attune_dataset_is_dropped (validation, row))
        continue;
      if (!attune_dataset_is_labelled (validation, row))
        attune_found_add (&missing, row);
      if (attune_check_row_is_blank (validation, row))
        continue;
      first = attune_text_index_find (index, validation, row);
      if (first == ATTUNE_NO_ROW)
        continue;
      attune_found_add (&overlap, row);
      is_shared[first] = TRUE;
    }
  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    n_training += is_shared[attune_text_index_get_first (index, row)];

  n = overlap.count;
  n_rows -= attune_dataset_get_n_dropped (validation);
  if (n > 0)
    {
      AttuneFinding *finding = attune_check_report (
        findings, ATTUNE_SEVERITY_WARNING, "validation-overlap", &overlap,
        g_strdup_printf (ngettext ("%'u of %'u validation texts is in the training data too, so "
                                   "the accuracy will look better than it is",
                                   "%'u of %'u validation texts are in the training data too, so "
                                   "the accuracy will look better than it is", n), n, n_rows));

      finding->of_validation = TRUE;
      finding->remedy = attune_remedy_new_drop (ATTUNE_DROP_OVERLAP, n_training);
    }
  n = missing.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "validation-missing-labels", &missing,
                         g_strdup_printf (ngettext ("%'u validation row has no label and is not "
                                                    "measured",
                                                    "%'u validation rows have no label and are not "
                                                    "measured", n), n))
      ->of_validation = TRUE;
  check_lacking_classes (findings, dataset, validation);
  return TRUE;
}

/**
 * attune_check_split:
 *
 * What a split that was asked for could not do. Codes: split-empty, split-lacks-classes.
 */
void
attune_check_split (GPtrArray         *findings,
                    AttuneDataset     *dataset,
                    const AttuneSplit *split)
{
  guint n_labels = attune_dataset_get_n_labels (dataset), n;
  const guint *counts = attune_dataset_get_label_counts (dataset);
  g_autofree guint *held_out = g_new0 (guint, n_labels + 1);
  g_auto (AttuneFound) found = attune_found_new ();
  g_autofree char *example = NULL;

  if (split->share <= 0)
    return;
  for (guint i = 0; i < split->validation->len; i++)
    {
      guint row = g_array_index (split->validation, guint, i), n_set;
      const gint32 *set = attune_dataset_get_label_set (dataset, row, &n_set);

      for (guint j = 0; j < n_set; j++)
        held_out[set[j]]++;
    }
  if (split->validation->len == 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "split-empty", &found,
                         g_strdup (_("Nothing can be held out to measure on: rows with equal texts "
                                     "stay together, and each class keeps a row to learn from; add "
                                     "rows or choose a file to validate with")));
  else
    {
      for (guint i = 0; i < n_labels; i++)
        if (counts[i] > 0 && held_out[i] == 0 && found.count++ == 0)
          example = g_utf8_truncate_middle (attune_dataset_get_label_names (dataset)[i],
                                            MOST_SHOWN);
      n = found.count;
      if (n > 0)
        attune_check_report (findings, ATTUNE_SEVERITY_INFO, "split-lacks-classes", &found,
                             g_strdup_printf (ngettext ("%'u class is too small for the share held "
                                                        "out and is not measured, “%s”",
                                                        "%'u classes are too small for the share "
                                                        "held out and are not measured, such as "
                                                        "“%s”", n), n, example));
    }
  attune_check_sort (findings);
}
