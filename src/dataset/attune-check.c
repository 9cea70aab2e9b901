/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data check: runs its parts and sorts what they found, worst first. No finding changes the
 * data; what is to be done about it is the user's to say. Meant for a worker thread.
 */
#include "config.h"

#include "attune-check.h"

#include <glib/gi18n.h>

#include "attune-check-parts.h"

#define MOST_ROWS 1000u

void
attune_finding_free (AttuneFinding *self)
{
  g_free (self->message);
  attune_remedy_free (self->remedy);
  g_array_unref (self->rows);
  g_free (self);
}

AttuneFound
attune_found_new (void)
{
  return (AttuneFound) { 0, g_array_new (FALSE, FALSE, sizeof (guint)) };
}

void
attune_found_clear (AttuneFound *self)
{
  g_clear_pointer (&self->rows, g_array_unref);
}

void
attune_found_add (AttuneFound *self,
                  guint        row)
{
  self->count++;
  if (self->rows->len < MOST_ROWS)
    g_array_append_val (self->rows, row);
}

AttuneFinding *
attune_check_report (GPtrArray      *findings,
                     AttuneSeverity  severity,
                     const char     *code,
                     AttuneFound    *found,
                     char           *message)
{
  AttuneFinding *finding = g_new0 (AttuneFinding, 1);

  finding->severity = severity;
  finding->code = code;
  finding->message = message;
  finding->count = found->count;
  finding->rows = g_steal_pointer (&found->rows);
  g_ptr_array_add (findings, finding);
  return finding;
}

static gint
compare_findings_cb (gconstpointer a,
                     gconstpointer b)
{
  const AttuneFinding *p = *(AttuneFinding *const *) a, *q = *(AttuneFinding *const *) b;

  return (gint) p->severity - (gint) q->severity;
}

void
attune_check_sort (GPtrArray *findings)
{
  g_ptr_array_sort (findings, compare_findings_cb);
}

/* "blocks", "warning", "info": for programs. */
const char *
attune_severity_get_name (AttuneSeverity severity)
{
  return severity == ATTUNE_SEVERITY_BLOCKS    ? "blocks"
         : severity == ATTUNE_SEVERITY_WARNING ? "warning"
                                               : "info";
}

/**
 * attune_check_run:
 * @validation: (nullable): rows to validate on, of a file of their own
 *
 * Dropped rows are not looked at. Codes: one-class, missing-labels, minus-one-labels, id-labels,
 * number-labels, several-labels, several-labels-possible, label-names, similar-labels,
 * tiny-classes, imbalance, empty-texts, damaged-texts,
 * special-tokens, control-characters, markup, equal-texts, text-is-label, few-texts, duplicates,
 * conflicting-duplicates, near-duplicates, validation-overlap, validation-missing-labels,
 * validation-lacks-classes, validation-adds-classes; and the codes of the table's notes.
 *
 * Returns: (transfer full) (element-type AttuneFinding): NULL only when cancelled
 */
GPtrArray *
attune_check_run (AttuneDataset *dataset,
                  AttuneDataset *validation,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (AttuneTextIndex) index = NULL;

  g_return_val_if_fail (ATTUNE_IS_DATASET (dataset), NULL);

  findings = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);
  attune_check_reading (findings, dataset);
  attune_check_labels (findings, dataset);
  attune_check_kinds (findings, dataset);
  attune_check_label_names (findings, dataset);
  index = attune_text_index_new (dataset, cancellable);
  if (index == NULL
      || !attune_check_texts (findings, dataset, cancellable)
      || !attune_check_repeats (findings, dataset, index, cancellable)
      || (validation != NULL
          && !attune_check_validation (findings, dataset, index, validation, cancellable)))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _("The data check was cancelled"));
      return NULL;
    }
  attune_check_sort (findings);
  return g_steal_pointer (&findings);
}
