/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of this room share: tables from literals, and tables as text to compare.
 */
#pragma once

#include "attune-dataset.h"

#define READ(literal, options, error) \
  read_text ("" literal, sizeof (literal) - 1, (options), (error))

static inline AttuneTable *
read_text (const char               *text,
           gsize                     length,
           const AttuneTableOptions *options,
           GError                  **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);

  return attune_table_read_bytes (bytes, "test.csv", options, NULL, error);
}

/* Rows end with "/", cells with "|"; line ends within cells show as "^n" and "^r". */
static inline char *
dump_table (AttuneTable *table)
{
  GString *out = g_string_new (NULL);

  for (guint row = 0; row < attune_table_get_n_rows (table); row++)
    {
      for (guint column = 0; column < attune_table_get_n_columns (table); column++)
        {
          gsize length;
          const char *cell = attune_table_get_cell (table, row, column, &length);

          for (gsize i = 0; i < length; i++)
            if (cell[i] == '\n')
              g_string_append (out, "^n");
            else if (cell[i] == '\r')
              g_string_append (out, "^r");
            else
              g_string_append_c (out, cell[i]);
          g_string_append_c (out, '|');
        }
      g_string_append_c (out, '/');
    }
  return g_string_free (out, FALSE);
}

/* "text,label" rows below a header. */
static inline AttuneDataset *
dataset_from_rows (const char *rows)
{
  g_autofree char *text = g_strconcat ("text,label\n", rows, NULL);
  g_autoptr (GError) error = NULL;
  AttuneTableOptions options = { .delimiter = ',', .quoting = ATTUNE_QUOTING_RFC4180,
                                 .header = ATTUNE_HEADER_YES, .encoding = "UTF-8" };
  g_autoptr (AttuneTable) table = read_text (text, strlen (text), &options, &error);
  AttuneDataset *dataset;

  g_assert_no_error (error);
  dataset = attune_dataset_new (table, &(AttuneColumns) { 0, -1, 1 }, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}
