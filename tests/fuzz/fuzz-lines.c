/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as lines that begin with their label, and as fastText; every cell touched.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-table.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static const AttuneFormat formats[] = { ATTUNE_FORMAT_DETECT, ATTUNE_FORMAT_LABEL_FIRST,
                                          ATTUNE_FORMAT_FASTTEXT };
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      const AttuneTableOptions options = { .format = formats[i] };
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) table = attune_table_read_bytes (bytes, "fuzz.txt", &options, NULL,
                                                               &error);

      g_assert_true ((table == NULL) == (error != NULL));
      for (guint row = 0; table != NULL && row < attune_table_get_n_rows (table); row++)
        for (guint column = 0; column < attune_table_get_n_columns (table); column++)
          {
            gsize length;
            const char *cell = attune_table_get_cell (table, row, column, &length);

            g_assert_cmpuint (strlen (cell), ==, length);
            g_assert_true (g_utf8_validate_len (cell, length, NULL));
          }
    }
  return 0;
}
