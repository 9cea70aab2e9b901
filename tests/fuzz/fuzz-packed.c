/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes behind the marks of gzip and zstd: unpacked whole, and as the beginning of something
 * longer, then read as whatever comes out.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-source.h"
#include "attune-table.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (GError) table_error = NULL;

  for (int may_be_cut = 0; may_be_cut < 2; may_be_cut++)
    {
      g_auto (AttuneSource) source = { 0 };
      g_autoptr (GError) error = NULL;
      gboolean ok;

      g_assert_true (attune_source_copy (&source, bytes, "fuzz", NULL, NULL));
      ok = attune_source_unpack (&source, "fuzz", may_be_cut, NULL, &error);
      g_assert_true (ok == (error == NULL));
      if (ok)
        g_assert_cmpint (source.data[source.length], ==, '\0');
    }
  table = attune_table_read_bytes (bytes, "fuzz.gz", NULL, NULL, &table_error);
  g_assert_true ((table == NULL) == (table_error != NULL));
  return 0;
}
