/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tokenizer.json of every kind: ids, types, places and lengths against those of the reference
 * library, whatever is made of the file afterwards, and what is refused.
 */
#include "config.h"

#include <string.h>

#include <gio/gio.h>
#include <yyjson.h>

#include "attune-model-folder.h"
#include "attune-tokenizer-files.h"

static char *
fixture (const char *name,
         const char *file)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizers", name, file, NULL);
}

static AttuneTokenizer *
load (const char *json,
      gssize      length,
      GPtrArray  *warnings,
      GError    **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, length < 0 ? strlen (json) : (gsize) length);
  const AttuneTokenizerFiles files = { .tokenizer_json = bytes };

  return attune_tokenizer_files_load_bytes (&files, "folder", warnings, error);
}

static AttuneTokenizer *
load_fixture (const char *name)
{
  g_autofree char *path = fixture (name, "tokenizer.json");
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  AttuneTokenizer *tokenizer;
  gsize length;

  g_file_get_contents (path, &json, &length, &error);
  g_assert_no_error (error);
  tokenizer = load (json, (gssize) length, warnings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 0);

  return tokenizer;
}

static char *
print_expected (yyjson_val *line)
{
  GString *out = g_string_new (NULL);
  yyjson_val *ids = yyjson_obj_get (line, "ids");
  yyjson_val *types = yyjson_obj_get (line, "type_ids");
  yyjson_val *spans = yyjson_obj_get (line, "spans");

  for (gsize i = 0; i < yyjson_arr_size (ids); i++)
    {
      yyjson_val *span = yyjson_arr_get (spans, i);

      g_string_append_printf (out, "%d/%d@%d-%d ", yyjson_get_int (yyjson_arr_get (ids, i)),
                              yyjson_get_int (yyjson_arr_get (types, i)),
                              yyjson_get_int (yyjson_arr_get (span, 0)),
                              yyjson_get_int (yyjson_arr_get (span, 1)));
    }
  g_string_append_printf (out, "of %d", yyjson_get_int (yyjson_obj_get (line, "n_full")));

  return g_string_free_and_steal (out);
}

static char *
print_encoding (AttuneEncoding *encoding)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < encoding->ids->len; i++)
    {
      const AttuneSpan span = g_array_index (encoding->spans, AttuneSpan, i);

      g_string_append_printf (out, "%d/%d@%u-%u ", g_array_index (encoding->ids, gint32, i),
                              g_array_index (encoding->type_ids, guint8, i), span.start, span.end);
    }
  g_string_append_printf (out, "of %u", encoding->n_tokens_full);

  return g_string_free_and_steal (out);
}

static void
check_line (AttuneTokenizer *tokenizer,
            AttuneEncoding  *encoding,
            yyjson_val      *line)
{
  yyjson_val *text = yyjson_obj_get (line, "text");
  yyjson_val *pair = yyjson_obj_get (line, "pair");
  yyjson_val *max_length = yyjson_obj_get (line, "max_length");
  g_autofree char *expected = print_expected (line);
  g_autofree char *got = NULL;
  g_autoptr (GError) error = NULL;

  attune_tokenizer_encode (tokenizer, yyjson_get_str (text), (gssize) yyjson_get_len (text),
                           yyjson_get_str (pair), (gssize) yyjson_get_len (pair),
                           max_length != NULL ? (guint) yyjson_get_int (max_length) : G_MAXUINT,
                           encoding, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (encoding->type_ids->len, ==, encoding->ids->len);
  g_assert_cmpuint (encoding->spans->len, ==, encoding->ids->len);
  g_assert_cmpint (encoding->pair_start == G_MAXUINT, ==, pair == NULL);
  got = print_encoding (encoding);
  if (!g_str_equal (got, expected))
    g_test_message ("differs: “%s” “%s”", yyjson_get_str (text),
                    pair != NULL ? yyjson_get_str (pair) : "");
  g_assert_cmpstr (got, ==, expected);
}

static void
test_vectors (gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = fixture (name, "vectors.jsonl");
  g_autoptr (AttuneTokenizer) tokenizer = load_fixture (name);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autofree char *contents = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_cmpuint (size, >, 0);
  for (char *line = contents; line < contents + size;)
    {
      char *end = memchr (line, '\n', (gsize) (contents + size - line));
      yyjson_doc *document = yyjson_read (line, (gsize) (end - line), 0);

      g_assert_nonnull (document);
      check_line (tokenizer, encoding, yyjson_doc_get_root (document));
      yyjson_doc_free (document);
      line = end + 1;
    }
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *folder = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_test_init (&argc, &argv, NULL);

  folder = g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizers", NULL);
  dir = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *vectors = fixture (name, "vectors.jsonl");
      g_autofree char *test = g_strdup_printf ("/tokenizer-json/vectors/%s", name);

      if (g_file_test (vectors, G_FILE_TEST_IS_REGULAR))
        g_test_add_data_func_full (test, g_strdup (name), test_vectors, g_free);
    }

  return g_test_run ();
}
