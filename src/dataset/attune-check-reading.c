/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of the check that passes on what the readers noted: a guessed encoding, columns that were
 * left out.
 */
#include "config.h"

#include "attune-check-parts.h"

void
attune_check_reading (GPtrArray     *findings,
                      AttuneDataset *dataset)
{
  GPtrArray *notes = attune_table_get_notes (attune_dataset_get_table (dataset));

  for (guint i = 0; notes != NULL && i < notes->len; i++)
    {
      const AttuneNote *note = g_ptr_array_index (notes, i);
      g_auto (AttuneFound) none = attune_found_new ();

      attune_check_report (findings, ATTUNE_SEVERITY_INFO, note->code, &none,
                           g_strdup (note->message));
    }
}
