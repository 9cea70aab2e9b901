/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a line of events.jsonl: what is accepted must be written and read again the same,
 * and a run must live through it.
 */
#include "config.h"

#include <stdint.h>

#include "attune-run.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *line = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneEvent) event = attune_event_parse (line, (gssize) size, &error);
  g_autoptr (AttuneEvent) again = NULL;
  g_autoptr (AttuneRun) run = NULL;
  g_autofree char *json = NULL;
  g_autofree char *second = NULL;

  g_assert_true ((event == NULL) == (error != NULL));
  if (event == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  json = attune_event_to_json (event);
  again = attune_event_parse (json, -1, &error);
  g_assert_no_error (error);
  second = attune_event_to_json (again);
  g_assert_cmpstr (json, ==, second);

  run = attune_run_new ("fuzz");
  attune_run_apply_event (run, event);
  attune_run_apply_event (run, again);
  g_assert_cmpfloat (attune_run_get_fraction (run), <=, 1);
  return 0;
}
