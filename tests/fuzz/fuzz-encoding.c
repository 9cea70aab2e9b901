/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as text of an encoding that is to be found out, and of some that are named: what comes
 * out is UTF-8 without NUL, or there is an error that is.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-source.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static const char *const encodings[] = { NULL, "UTF-16", "GB18030", "BIG5", "SHIFT_JIS", "EUC-KR",
                                           "WINDOWS-1252", "UTF-32", "ISO-2022-JP", "UTF-7" };
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_auto (AttuneSource) source = { 0 };
      g_autofree char *encoding = g_strdup (encodings[i]);
      g_autoptr (GError) error = NULL;
      gboolean guessed, ok;

      g_assert_true (attune_source_copy (&source, bytes, "fuzz", NULL, NULL));
      ok = attune_source_to_utf8 (&source, "fuzz", &encoding, &guessed, NULL, &error);
      g_assert_true (ok == (error == NULL));
      if (ok)
        g_assert_true (g_utf8_validate_len (source.data, source.length, NULL));
      else
        g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  return 0;
}
