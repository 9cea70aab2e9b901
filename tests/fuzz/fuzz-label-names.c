/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a file of label names: what is believed is a list of different names of one line each.
 */
#define _GNU_SOURCE /* memfd_create */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "attune-label-names.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofd int fd = memfd_create ("labels", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  gboolean has_number = FALSE;
  guint n, id;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  names = attune_label_names_read (file, &error);
  g_assert_true ((names == NULL) == (error != NULL));
  if (names == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  n = g_strv_length (names);
  g_assert_cmpuint (n, >, 0);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (*names[i] != '\0' && strchr (names[i], '\n') == NULL);
      g_assert_true (g_utf8_validate (names[i], -1, NULL));
      g_assert_true (g_hash_table_add (seen, names[i]));
      if (attune_label_parse_id (names[i], G_MAXINT32, &id))
        {
          g_autofree char *back = g_strdup_printf ("%u", id);

          g_assert_cmpstr (back, ==, names[i]);
          has_number = TRUE;
        }
    }
  g_assert_true (attune_label_names_have_ids ((const char *const *) names) == !has_number);
  return 0;
}
