/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as run.json, queue.json and predictions.json: refused with a sentence or read, and what is read
 * can be written and read again.
 */
#include "config.h"

#include <stdint.h>

#include "attune-run-predictions.h"
#include "attune-waiting-runs.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_as_record (const char *text,
                gsize       size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunRecord) record = attune_run_record_parse (text, size, "fuzz", &error);
  g_autoptr (AttuneRunRecord) again = NULL;
  g_autofree char *json = NULL;
  g_autofree char *second = NULL;

  g_assert_true ((record == NULL) == (error != NULL));
  if (record == NULL)
    return;
  json = attune_run_record_to_json (record);
  again = attune_run_record_parse (json, strlen (json), "fuzz", &error);
  g_assert_no_error (error);
  second = attune_run_record_to_json (again);
  g_assert_cmpstr (json, ==, second);
}

static void
read_as_queue (const char *text,
               gsize       size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = attune_waiting_runs_parse (text, size, "fuzz", &error);

  g_assert_true ((records == NULL) == (error != NULL));
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      g_autofree char *json = attune_run_record_to_json (g_ptr_array_index (records, i));

      g_assert_nonnull (json);
    }
}

static void
read_as_predictions (const char *text,
                     gsize       size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunPredictions) predictions = attune_run_predictions_parse (text, size, "fuzz",
                                                                               &error);

  g_assert_true ((predictions == NULL) == (error != NULL));
  for (guint64 i = 0; predictions != NULL && i < predictions->n_rows; i++)
    {
      g_assert_nonnull (predictions->texts[i]);
      if (predictions->labels != NULL)
        g_assert_cmpint (predictions->labels[i], <, predictions->n_classes);
      else
        for (guint j = predictions->set_offsets[i]; j < predictions->set_offsets[i + 1]; j++)
          g_assert_cmpint (predictions->sets[j], <, predictions->n_classes);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  read_as_record ((const char *) data, size);
  read_as_queue ((const char *) data, size);
  read_as_predictions ((const char *) data, size);
  return 0;
}
