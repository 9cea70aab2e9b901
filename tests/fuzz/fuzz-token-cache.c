/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a file of the token cache. Its checksum is put right first, or nothing else would
 * ever be looked at; what is then believed must be whole.
 */
#define _GNU_SOURCE /* memfd_create */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <glib/gstdio.h>

#include "attune-token-cache-private.h"

#define N_VOCABULARY 300
#define MOST_ROWS 65536

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_all_of (const AttuneEncodedRows *rows)
{
  for (guint i = 0; i < rows->n_rows; i++)
    {
      g_assert_cmpuint (rows->offsets[i], <=, rows->offsets[i + 1]);
      g_assert_cmpuint (attune_encoded_rows_get_length (rows, i), <=, rows->full[i]);
      for (guint64 at = rows->offsets[i]; at < rows->offsets[i + 1]; at++)
        {
          g_assert_cmpint (rows->ids[at], >=, 0);
          g_assert_cmpint (rows->ids[at], <, N_VOCABULARY);
          g_assert_true (rows->type_ids == NULL || rows->type_ids[at] <= 1);
        }
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree uint8_t *bytes = g_malloc (size + 1);
  g_autoptr (AttuneEncodedRows) rows = NULL;
  g_autofd int fd = memfd_create ("tokens", MFD_CLOEXEC);
  AttuneTokenHeader header = { 0 };

  g_assert_cmpint (fd, >=, 0);
  if (size > 0)
    memcpy (bytes, data, size);
  if (size >= sizeof header)
    {
      memcpy (&header, bytes, sizeof header);
      header.checksum = 0;
      memcpy (bytes, &header, sizeof header);
      header.checksum = (guint32) crc32_z (0, bytes, size);
      memcpy (bytes, &header, sizeof header);
    }
  g_assert_cmpint (write (fd, bytes, size), ==, (gssize) size);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  rows = attune_token_cache_read (fd, header.key, MIN (header.n_rows, MOST_ROWS),
                                  header.has_types != 0, N_VOCABULARY);
  if (rows != NULL)
    read_all_of (rows);

  return 0;
}
