/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as notes.json: refused with a sentence, or read as notes that can be written and read
 * again the same.
 */
#include "config.h"

#include <stdint.h>

#include "attune-run-notes.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunNotes) notes = attune_run_notes_parse ((const char *) data, size, "fuzz",
                                                             &error);
  g_autoptr (AttuneRunNotes) again = NULL;
  g_autofree char *json = NULL;

  g_assert_true ((notes == NULL) == (error != NULL));
  if (notes == NULL)
    return 0;
  json = attune_run_notes_to_json (notes);
  again = attune_run_notes_parse (json, strlen (json), "fuzz", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (notes->title, ==, again->title);
  g_assert_cmpstr (notes->text, ==, again->text);
  if (notes->title != NULL)
    g_assert_true (g_utf8_validate (notes->title, -1, NULL));
  return 0;
}
