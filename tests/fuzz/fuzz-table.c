/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a table: read with everything detected, then with a dialect chosen by the first
 * byte, every cell touched, columns guessed, and the rest of the room run over what came out.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-check.h"
#include "attune-split.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
touch_cells (AttuneTable *table)
{
  guint n_columns = attune_table_get_n_columns (table);

  for (guint row = 0; row < attune_table_get_n_rows (table); row++)
    {
      g_assert_cmpuint (attune_table_get_line (table, row), >, 0);
      for (guint column = 0; column < n_columns; column++)
        {
          gsize length;
          const char *cell = attune_table_get_cell (table, row, column, &length);

          g_assert_cmpuint (strlen (cell), ==, length);
          g_assert_true (g_utf8_validate_len (cell, length, NULL));
        }
    }
  for (guint column = 0; column < n_columns; column++)
    g_assert_true (g_utf8_validate (attune_table_get_column_name (table, column), -1, NULL));
}

/* Every way of having several labels, on whatever there is. */
static void
read_sets (AttuneTable *table)
{
  static const char separators[] = { 0, ',', '|', ATTUNE_LIST_SEPARATOR };
  gint n_columns = (gint) attune_table_get_n_columns (table);

  for (guint i = 0; i < G_N_ELEMENTS (separators); i++)
    {
      AttuneColumns columns = ATTUNE_COLUMNS_GUESS;
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneDataset) dataset = NULL;
      g_autoptr (AttuneDataset) head = NULL;

      columns.task = ATTUNE_TASK_MULTI_LABEL;
      columns.separator = separators[i];
      if (i == 3 && n_columns > 2)
        columns = (AttuneColumns) { .text = 0, .pair = -1, .label = 1, .n_more = 1, .more = { 2 } };
      dataset = attune_dataset_new (table, &columns, NULL, &error);
      g_assert_true ((dataset == NULL) == (error != NULL));
      if (dataset == NULL)
        continue;
      head = attune_dataset_new_head (dataset, attune_dataset_get_n_rows (dataset) / 2);
      for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
        {
          guint n;
          const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);

          for (guint j = 0; j < n; j++)
            g_assert_true (set[j] >= 0
                           && (guint) set[j] < attune_dataset_get_n_labels (dataset)
                           && (j == 0 || set[j] > set[j - 1]));
        }
    }
}

static void
read_as (GBytes                   *bytes,
         const AttuneTableOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = attune_table_read_bytes (bytes, "fuzz", options, NULL, &error);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (AttuneSplit) split = NULL;

  g_assert_true ((table == NULL) == (error != NULL));
  if (table == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }
  touch_cells (table);
  read_sets (table);

  dataset = attune_dataset_new (table, &ATTUNE_COLUMNS_GUESS, NULL, &error);
  g_assert_true ((dataset == NULL) == (error != NULL));
  if (dataset == NULL)
    return;
  findings = attune_check_run (dataset, dataset, NULL, NULL);
  g_assert_nonnull (findings);
  split = attune_split_new (dataset, 0.25, 7);
  g_assert_cmpuint (split->train->len + split->validation->len, <=,
                    attune_dataset_get_n_rows (dataset));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static const char delimiters[] = { 0, ',', '\t', ';', '|' };
  static const char *const encodings[] = { NULL, "UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-1",
                                           "GB18030", "SHIFT_JIS" };
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  AttuneTableOptions options = { 0 };

  read_as (bytes, NULL);
  if (size > 0)
    {
      options.delimiter = delimiters[data[0] % G_N_ELEMENTS (delimiters)];
      options.quoting = (AttuneQuoting) (data[0] / 5 % 3);
      options.header = (AttuneHeader) (data[0] / 15 % 3);
      options.encoding = encodings[data[0] / 45 % G_N_ELEMENTS (encodings)];
      read_as (bytes, &options);
    }
  return 0;
}
