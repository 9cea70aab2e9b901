/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong with texts: nothing in them, characters lost in an earlier conversion, and
 * texts that occur again, in training or between training and validation.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-check-parts.h"

#define CANCEL_EVERY 4096u

/* Whether there is nothing in a text that a tokenizer would keep. */
static gboolean
text_is_blank (const char *text,
               gsize       length)
{
  const char *end = text + length;

  if (length > 0 && g_ascii_isgraph (*text))
    return FALSE;
  for (; text < end; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);
      GUnicodeType type = g_unichar_type (c);

      if (!g_unichar_isspace (c) && type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT
          && type != G_UNICODE_PRIVATE_USE && c != 0xfffd)
        return FALSE;
    }
  return TRUE;
}

/* Whether a row has no text at all, in either column. */
static gboolean
row_is_blank (AttuneDataset *dataset,
              guint          row)
{
  gsize length, pair_length;
  const char *text = attune_dataset_get_text (dataset, row, &length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);

  return text_is_blank (text, length) && (pair == NULL || text_is_blank (pair, pair_length));
}

static void
report_duplicates (GPtrArray     *findings,
                   AttuneDataset *dataset,
                   AttuneFound   *repeats,
                   AttuneFound   *conflicts)
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
                                                    "split keeps them on one side", n), n));
  n = conflicts->count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "conflicting-duplicates", conflicts,
                         g_strdup_printf (ngettext ("%'u text occurs with different labels",
                                                    "%'u texts occur with different "
                                                    "labels", n), n));
}

/* Labels that differ among rows of one text; a text counts once. The example is the later row. */
static gboolean
find_duplicates (GPtrArray       *findings,
                 AttuneDataset   *dataset,
                 AttuneTextIndex *index,
                 const guint8    *blank,
                 GCancellable    *cancellable)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  const gint32 *labels = attune_dataset_get_labels (dataset);
  g_auto (AttuneFound) repeats = attune_found_new ();
  g_auto (AttuneFound) conflicts = attune_found_new ();
  g_autofree guint8 *conflicting = g_new0 (guint8, MAX (n_rows, 1)); /* by first row */

  for (guint row = 0; row < n_rows; row++)
    {
      guint first = attune_text_index_get_first (index, row);

      if (row % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (first == row || blank[row])
        continue;
      attune_found_add (&repeats, row);
      if (labels[row] != labels[first] && labels[row] != ATTUNE_LABEL_NONE
          && labels[first] != ATTUNE_LABEL_NONE && !conflicting[first])
        {
          conflicting[first] = TRUE;
          attune_found_add (&conflicts, row);
        }
    }
  report_duplicates (findings, dataset, &repeats, &conflicts);
  return TRUE;
}

gboolean
attune_check_texts (GPtrArray       *findings,
                    AttuneDataset   *dataset,
                    AttuneTextIndex *index,
                    GCancellable    *cancellable)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  g_autofree guint8 *blank = g_new0 (guint8, MAX (n_rows, 1));
  g_auto (AttuneFound) empty = attune_found_new ();
  g_auto (AttuneFound) damaged = attune_found_new ();
  guint n;

  for (guint row = 0; row < n_rows; row++)
    {
      gsize length;
      const char *text = attune_dataset_get_text (dataset, row, &length);

      if (row % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      blank[row] = row_is_blank (dataset, row);
      if (blank[row])
        attune_found_add (&empty, row);
      else if (memmem (text, length, "\xef\xbf\xbd", 3) != NULL)
        attune_found_add (&damaged, row);
    }

  n = empty.count;
  if (n > 0)
    attune_check_report (findings,
                         n == n_rows ? ATTUNE_SEVERITY_BLOCKS : ATTUNE_SEVERITY_WARNING,
                         "empty-texts", &empty,
                         n == n_rows
                           ? g_strdup (_("Every text is empty; choose another text column"))
                           : g_strdup_printf (ngettext ("%'u text is empty or has nothing visible "
                                                        "in it",
                                                        "%'u texts are empty or have nothing "
                                                        "visible in them", n), n));
  n = damaged.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_INFO, "damaged-texts", &damaged,
                         g_strdup_printf (ngettext ("%'u text holds the character “�”, lost in an "
                                                    "earlier conversion",
                                                    "%'u texts hold the character “�”, lost in an "
                                                    "earlier conversion", n), n));
  return find_duplicates (findings, dataset, index, blank, cancellable);
}

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
  g_auto (AttuneFound) found = attune_found_new ();
  g_autofree char *example = NULL;
  guint n;

  for (guint i = 0; i < n_labels; i++)
    if (counts[i] > 0 && validation_counts[i] == 0)
      {
        if (found.count == 0)
          example = g_utf8_truncate_middle (names[i], 40);
        found.count++;
      }
  n = found.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "validation-lacks-classes", &found,
                         g_strdup_printf (ngettext ("%'u class has no row in the validation data, "
                                                    "“%s”",
                                                    "%'u classes have no row in the validation "
                                                    "data, such as “%s”", n), n, example));
}

gboolean
attune_check_validation (GPtrArray       *findings,
                         AttuneDataset   *dataset,
                         AttuneTextIndex *index,
                         AttuneDataset   *validation,
                         GCancellable    *cancellable)
{
  guint n_rows = attune_dataset_get_n_rows (validation);
  g_auto (AttuneFound) overlap = attune_found_new ();
  g_auto (AttuneFound) missing = attune_found_new ();
  guint n;

  for (guint row = 0; row < n_rows; row++)
    {
      if (row % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (attune_dataset_get_label (validation, row) == ATTUNE_LABEL_NONE)
        attune_found_add (&missing, row);
      if (!row_is_blank (validation, row)
          && attune_text_index_find (index, validation, row) != ATTUNE_NO_ROW)
        attune_found_add (&overlap, row);
    }
  n = overlap.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "validation-overlap", &overlap,
                         g_strdup_printf (ngettext ("%'u of %'u validation texts is in the "
                                                    "training data too, so the accuracy will look "
                                                    "better than it is",
                                                    "%'u of %'u validation texts are in the "
                                                    "training data too, so the accuracy will look "
                                                    "better than it is",
                                                    n), n, n_rows));
  n = missing.count;
  if (n > 0)
    attune_check_report (findings, ATTUNE_SEVERITY_WARNING, "validation-missing-labels", &missing,
                         g_strdup_printf (ngettext ("%'u validation row has no label and is not "
                                                    "measured",
                                                    "%'u validation rows have no label and are not "
                                                    "measured", n), n));
  check_lacking_classes (findings, dataset, validation);
  return TRUE;
}
