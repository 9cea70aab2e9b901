/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a Parquet file, as they are and again with the marks at both ends and the length of
 * the footer put right, without which little of the reader is reached. What opens must be a whole
 * table, and a head of it the same table's beginning.
 */
#define _GNU_SOURCE /* memfd_create */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attune-dataset.h"
#include "attune-parquet.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
touch_cells (AttuneTable *table)
{
  guint n_columns = attune_table_get_n_columns (table);

  for (guint row = 0; row < attune_table_get_n_rows (table); row++)
    for (guint column = 0; column < n_columns; column++)
      {
        gsize length;
        const char *cell = attune_table_get_cell (table, row, column, &length);

        g_assert_cmpuint (strlen (cell), ==, length);
        g_assert_true (g_utf8_validate_len (cell, length, NULL));
      }
  for (guint column = 0; column < n_columns; column++)
    g_assert_true (g_utf8_validate (attune_table_get_column_name (table, column), -1, NULL));
}

/* The first rows alone, from a file in memory, against all rows (nullable). */
static void
read_head (AttuneTable *whole,
           const char  *data,
           gsize        length,
           gsize        n_bytes)
{
  static int fd = -1;
  g_autofree char *path = NULL;
  g_autofree char *left_out = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttunePieces) pieces = NULL;
  g_autoptr (AttuneTable) head = NULL;
  double share;

  if (fd < 0)
    fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_assert_true (fd >= 0 && ftruncate (fd, 0) == 0);
  g_assert_cmpint (pwrite (fd, data, length, 0), ==, (gssize) length);
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  pieces = attune_pieces_open (path, "fuzz", &error);
  g_assert_no_error (error);
  head = attune_parquet_read_head (pieces, n_bytes, "fuzz", NULL, &share, &left_out, &error);
  g_assert_true ((head == NULL) == (error != NULL));
  if (head == NULL)
    {
      g_assert_null (whole);
      return;
    }
  touch_cells (head);
  g_assert_true (share > 0 && share <= 1);
  if (whole == NULL)
    return;
  g_assert_cmpuint (attune_table_get_n_columns (head), ==, attune_table_get_n_columns (whole));
  g_assert_cmpuint (attune_table_get_n_rows (head), <=, attune_table_get_n_rows (whole));
  for (guint row = 0; row < attune_table_get_n_rows (head); row++)
    for (guint column = 0; column < attune_table_get_n_columns (head); column++)
      g_assert_cmpstr (attune_table_get_cell (head, row, column, NULL), ==,
                       attune_table_get_cell (whole, row, column, NULL));
}

static void
read_file (const char *data,
           gsize       length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *left_out = NULL;
  g_autoptr (AttuneTable) table = attune_parquet_read (data, length, "fuzz", NULL, NULL,
                                                       &left_out, &error);
  g_autoptr (AttuneDataset) dataset = NULL;

  g_assert_true ((table == NULL) == (error != NULL));
  read_head (table, data, length, 1);
  read_head (table, data, length, 200);
  if (table == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }
  g_assert_true (left_out == NULL || g_utf8_validate (left_out, -1, NULL));
  touch_cells (table);
  dataset = attune_dataset_new (table, NULL, NULL, &error);
  g_assert_true ((dataset == NULL) == (error != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *copy = NULL;
  guint32 footer;

  read_file ((const char *) data, size);
  if (size < 12)
    return 0;
  copy = g_memdup2 (data, size);
  memcpy (copy, "PAR1", 4);
  memcpy (copy + size - 4, "PAR1", 4);
  memcpy (&footer, copy + size - 8, 4);
  footer = GUINT32_TO_LE (MIN (GUINT32_FROM_LE (footer), (guint32) size - 12));
  memcpy (copy + size - 8, &footer, 4);
  read_file (copy, size);
  return 0;
}
