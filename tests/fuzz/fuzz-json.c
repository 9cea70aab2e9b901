/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as JSON: as what they are taken for, as JSON lines and as JSON, whole and as the
 * beginning of something longer; every cell touched.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-json-shape.h"
#include "attune-reader.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
touch (AttuneTable *table)
{
  for (guint row = 0; row < attune_table_get_n_rows (table); row++)
    for (guint column = 0; column < attune_table_get_n_columns (table); column++)
      {
        gsize length;
        const char *cell = attune_table_get_cell (table, row, column, &length);

        g_assert_cmpuint (strlen (cell), ==, length);
        g_assert_true (g_utf8_validate_len (cell, length, NULL));
      }
  attune_table_guess_label_column (table, attune_table_guess_text_column (table), -1);
}

static void
read_as (GBytes       *bytes,
         AttuneFormat  format,
         gboolean      is_head)
{
  g_auto (AttuneReading) reading = { .name = "fuzz.json", .is_head = is_head };
  const AttuneReader *reader = format == ATTUNE_FORMAT_JSON ? &attune_reader_json
                                                            : &attune_reader_json_lines;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  gboolean guessed;

  reading.options.format = format;
  reading.encoding = g_strdup ("UTF-8");
  if (!attune_source_copy (&reading.source, bytes, reading.name, NULL, NULL)
      || !attune_source_to_utf8 (&reading.source, reading.name, &reading.encoding, &guessed, NULL,
                                 NULL))
    return;
  reading.options.encoding = reading.encoding;
  reader->detect (&reading);
  table = reader->read (&reading, &error);
  g_assert_true ((table == NULL) == (error != NULL));
  if (table != NULL)
    touch (table);
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  for (int is_head = 0; is_head < 2; is_head++)
    {
      read_as (bytes, ATTUNE_FORMAT_JSON_LINES, is_head);
      read_as (bytes, ATTUNE_FORMAT_JSON, is_head);
    }
  return 0;
}
