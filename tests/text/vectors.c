/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the fixtures, and comparing encodings with them.
 */
#include "config.h"

#include "vectors.h"

#include <string.h>

void
for_each_line (const char *path,
               void      (*func) (yyjson_val *line, gpointer user_data),
               gpointer    user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize size;
  guint n_lines = 0;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  for (char *line = contents; line < contents + size;)
    {
      char *end = memchr (line, '\n', (gsize) (contents + size - line));
      yyjson_doc *document;

      g_assert_nonnull (end);
      document = yyjson_read (line, (gsize) (end - line), 0);
      g_assert_nonnull (document);
      func (yyjson_doc_get_root (document), user_data);
      yyjson_doc_free (document);
      line = end + 1;
      n_lines++;
    }
  g_assert_cmpuint (n_lines, >, 0);
}

AttuneTokenizer *
open_vocabulary (const char         *path,
                 gboolean            lowercase,
                 AttuneStripAccents  strip_accents,
                 gboolean            chinese)
{
  const AttuneTokenizerOptions options = { lowercase, strip_accents, chinese };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *contents;
  gsize size;
  AttuneTokenizer *tokenizer;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_take (contents, size);
  tokenizer = attune_tokenizer_new_wordpiece (bytes, path, &options, &error);
  g_assert_no_error (error);

  return tokenizer;
}

AttuneTokenizer *
open_uncased (void)
{
  g_autofree char *path = fixture_path ("bert-base-uncased.txt");

  return open_vocabulary (path, TRUE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE);
}

char *
fixture_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizer", name, NULL);
}

char *
shared_path (const char *name)
{
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autofree char *path = NULL;

  if (shared != NULL)
    path = g_build_filename (shared, "datasets", name, NULL);
  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *message = g_strdup_printf ("needs ATTUNE_SHARED with datasets/%s", name);

      g_test_skip (message);
      return NULL;
    }

  return g_steal_pointer (&path);
}

void
assert_ids (AttuneEncoding *encoding,
            yyjson_val     *ids,
            gboolean        with_specials,
            const char     *text)
{
  const guint skip = with_specials ? 0 : 1;
  g_autoptr (GString) got = g_string_new (NULL);
  g_autoptr (GString) want = g_string_new (NULL);
  yyjson_val *id;
  size_t i, n;

  for (guint j = skip; j + skip < encoding->ids->len; j++)
    g_string_append_printf (got, "%d ", g_array_index (encoding->ids, gint32, j));
  yyjson_arr_foreach (ids, i, n, id)
    g_string_append_printf (want, "%d ", yyjson_get_int (id));
  if (!g_str_equal (got->str, want->str))
    g_test_message ("differs: %s", text);
  g_assert_cmpstr (got->str, ==, want->str);
}
