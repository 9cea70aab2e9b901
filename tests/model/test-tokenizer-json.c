/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tokenizer.json of every kind: ids, types, places and lengths against those of the reference
 * library, whatever is made of the file afterwards, and what is refused.
 */
#include "config.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
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

static void
assert_same (AttuneTokenizer *a,
             AttuneTokenizer *b,
             const char      *text,
             const char      *pair)
{
  g_autoptr (AttuneEncoding) first = attune_encoding_new ();
  g_autoptr (AttuneEncoding) second = attune_encoding_new ();
  g_autofree char *of_first = NULL, *of_second = NULL;

  g_assert_true (attune_tokenizer_encode (a, text, -1, pair, -1, 20, first, NULL));
  g_assert_true (attune_tokenizer_encode (b, text, -1, pair, -1, 20, second, NULL));
  of_first = print_encoding (first);
  of_second = print_encoding (second);
  g_assert_cmpstr (of_first, ==, of_second);
}

static char *
read_file (const char *folder,
           const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);

  return text;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* What a run's folder gets says the same when it is read again. */
static void
test_written (gconstpointer data)
{
  static const char *const texts[] = { "", "don't  e\xcc\x81 \xe6\x98\xa0\xe7\x94\xbb<mask> x",
                                       "newtoken FILM, \xef\xbc\xa1 </s> 12 \xf0\x9f\x91\x8d" };
  g_autofree char *folder = g_dir_make_tmp ("attune-tokenizer-XXXXXX", NULL);
  g_autoptr (AttuneTokenizer) tokenizer = load_fixture (data);
  g_autoptr (AttuneTokenizer) again = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *config = NULL, *map = NULL, *vocab = NULL;

  g_assert_true (attune_tokenizer_files_write (folder, tokenizer, 77, &error));
  g_assert_no_error (error);
  config = read_file (folder, "tokenizer_config.json");
  map = read_file (folder, "special_tokens_map.json");
  vocab = read_file (folder, "vocab.txt");
  g_assert_nonnull (strstr (config, "\"model_max_length\": 77"));
  g_assert_nonnull (strstr (config, "\"tokenizer_class\""));
  g_assert_nonnull (strstr (map, "\"mask_token\""));
  g_assert_null (vocab);

  again = attune_tokenizer_files_load (folder, 77, warnings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      assert_same (tokenizer, again, texts[i], NULL);
      assert_same (tokenizer, again, texts[i], texts[(i + 1) % G_N_ELEMENTS (texts)]);
    }
  remove_folder (folder);
}

static void
write_file (const char *folder,
            const char *file,
            const char *text)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* vocab.json and merges.txt are what tokenizer.json says, and are enough without it. */
static void
test_merges (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-tokenizer-XXXXXX", NULL);
  g_autofree char *json = g_build_filename (folder, "tokenizer.json", NULL);
  g_autofree char *vocab = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  g_autofree char *path = fixture ("roberta", "tokenizer.json");
  g_autofree char *text = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL, again = NULL, alone = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  write_file (folder, "tokenizer.json", text);
  write_file (folder, "tokenizer_config.json", "{\"tokenizer_class\": \"RobertaTokenizer\"}");
  tokenizer = attune_tokenizer_files_load (folder, 0, warnings, &error);
  g_assert_no_error (error);
  g_assert_true (attune_tokenizer_files_write (folder, tokenizer, 512, &error));
  g_assert_cmpint (g_unlink (json), ==, 0);

  again = attune_tokenizer_files_load (folder, 514, warnings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 0);
  assert_same (tokenizer, again, "We've seen it <mask>  </s>12", "a");
  alone = attune_tokenizer_files_load_merges (vocab, merges, &error);
  g_assert_no_error (error);
  assert_same (tokenizer, alone, "We've seen it <mask>  </s>12", "a");

  /* What came without a configuration gets RoBERTa's own files, too. */
  g_assert_cmpint (g_unlink (merges), ==, 0);
  g_assert_true (attune_tokenizer_files_write (folder, alone, 512, &error));
  g_assert_true (g_file_test (merges, G_FILE_TEST_IS_REGULAR));

  write_file (folder, "merges.txt", "#version: 0.2\na b\nnospace\n");
  g_assert_null (attune_tokenizer_files_load_merges (vocab, merges, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "Line 3"));
  g_clear_error (&error);
  write_file (folder, "merges.txt", "#version: 0.2\nqq zz\n");
  g_assert_null (attune_tokenizer_files_load_merges (vocab, merges, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "Merge 1"));
  g_clear_error (&error);
  write_file (folder, "vocab.json", "{\"a\": 0}");
  g_assert_null (attune_tokenizer_files_load_merges (vocab, merges, &error));
  g_assert_nonnull (strstr (error->message, "lacks the token “<s>”"));
  remove_folder (folder);
}

/* Truncation and padding of the file are of no concern, and are not written again. */
static void
test_truncation_ignored (void)
{
  g_autofree char *path = fixture ("modernbert", "tokenizer.json");
  g_autofree char *text = NULL;
  g_autoptr (GString) json = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = load_fixture ("modernbert"), cut = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const char *source;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  json = g_string_new (text);
  g_assert_cmpuint (g_string_replace (json, "\"truncation\":null,\"padding\":null",
                                      "\"truncation\":{\"max_length\":3},"
                                      "\"padding\":{\"strategy\":{\"Fixed\":128}}", 1), ==, 1);
  cut = load (json->str, -1, warnings, NULL);
  g_assert_nonnull (cut);
  assert_same (tokenizer, cut, "A tokenizer divides a text into the pieces", NULL);
  source = g_bytes_get_data (attune_tokenizer_get_source (cut), NULL);
  g_assert_nonnull (strstr (source, "\"truncation\": null"));
  g_assert_nonnull (strstr (source, "\"padding\": null"));
}

static const struct {
  const char *old, *new; /* in the tokenizer.json of "roberta" */
  const char *says;
} refused[] = {
  { "\"type\":\"BPE\"", "\"type\":\"WordLevel\"", "model that Attune does not know: WordLevel" },
  { "\"normalizer\":null", "\"normalizer\":{\"type\":\"Nmt\"}",
    "normalizer that Attune does not know: Nmt" },
  { "\"normalizer\":null",
    "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a+)+b\"},\"content\":\"\"}",
    "(a+)+b" },
  { "\"normalizer\":null",
    "\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAEAAA==\"}",
    "precompiled_charsmap" },
  { "\"pre_tokenizer\":{\"type\":\"ByteLevel\"", "\"pre_tokenizer\":{\"type\":\"UnicodeScripts\"",
    "UnicodeScripts" },
  { "\"type\":\"RobertaProcessing\"", "\"type\":\"Odd\"", "post_processor that Attune" },
  { "\"cls\":[\"<s>\",0]", "\"cls\":[\"<s>\",99999]", "adds tokens that it has not" },
  { "\"dropout\":null", "\"dropout\":0.1", "dropout" },
  { "\"!\":5,", "\"!\":6,", "a token or an id twice" },
  { "\"!\":5,", "\"!\":-5,", "numbers that cannot be" },
  { "\"!\":5,", "\"!\":4000000,", "numbers that cannot be" },
  { "\"merges\":[", "\"merges\":[[\"nothing\",\"at all\"],", "Merge 1" },
  { "\"unk_token\":null", "\"unk_token\":\"[UNK]\"", "model" },
  { "\"post_processor\":{\"type\":\"RobertaProcessing\"",
    "\"post_processor\":null,\"old\":{\"type\":\"RobertaProcessing\"", "0 special tokens before" },
};

static void
test_refused (void)
{
  g_autofree char *path = fixture ("roberta", "tokenizer.json");
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GString) json = g_string_new (text);
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (g_string_replace (json, refused[i].old, refused[i].new, 1), ==, 1);
      g_assert_null (load (json->str, -1, warnings, &error));
      g_assert_nonnull (error);
      if (strstr (error->message, refused[i].says) == NULL)
        g_error ("“%s” does not say “%s”", error->message, refused[i].says);
    }
}

/* A normalizer that multiplies a text at each of its steps is stopped. */
static void
test_growth (void)
{
  g_autofree char *path = fixture ("modernbert", "tokenizer.json");
  g_autofree char *text = NULL;
  g_autoptr (GString) json = NULL;
  g_autoptr (GString) steps = g_string_new ("\"normalizer\":{\"type\":\"Sequence\","
                                            "\"normalizers\":[");
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  json = g_string_new (text);
  for (guint i = 0; i < 8; i++)
    g_string_append_printf (steps, "%s{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},"
                            "\"content\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", i > 0 ? "," : "");
  g_string_append (steps, "]}");
  g_assert_cmpuint (g_string_replace (json, "\"normalizer\":{\"type\":\"NFC\"}", steps->str, 1), ==,
                    1);
  tokenizer = load (json->str, -1, warnings, &error);
  g_assert_no_error (error);
  g_assert_false (attune_tokenizer_encode (tokenizer, "banana", -1, NULL, 0, 9, encoding, &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING);
  g_clear_error (&error);
  g_assert_true (attune_tokenizer_encode (tokenizer, "bonbon", -1, NULL, 0, 9, encoding, &error));

  g_string_replace (json, "\"content\":\"newtoken\"", "\"content\":\"banana\"", 1);
  g_clear_pointer (&tokenizer, attune_tokenizer_unref);
  tokenizer = load (json->str, -1, warnings, &error);
  g_assert_null (tokenizer);
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY);
}

/* One word of millions of characters: what took quadratic time would not end. */
static void
test_long_word (gconstpointer data)
{
  static const char *const parts[] = { "a", "ab", "e\xcc\x81", "\xcc\x81\xcc\xa3", "|||",
                                       "\xe6\x98\xa0", "[MASK" };
  g_autoptr (AttuneTokenizer) tokenizer = load_fixture (data);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      while (text->len < 1 << 20)
        g_string_append (text, parts[i]);
      g_assert_true (attune_tokenizer_encode (tokenizer, text->str, (gssize) text->len, NULL, 0, 16,
                                              encoding, NULL));
      g_assert_cmpuint (encoding->ids->len, <=, 16);
    }
}

static void
test_not_utf8 (gconstpointer data)
{
  g_autoptr (AttuneTokenizer) tokenizer = load_fixture (data);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_tokenizer_encode (tokenizer, "a b \xff", -1, NULL, 0, 8, encoding, &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING);
  g_assert_nonnull (strstr (error->message, "byte 5"));
  g_assert_cmpuint (encoding->ids->len, ==, 0);
}

/* An encoding that went from one tokenizer to another remembers no word of the first. */
static void
test_two_tokenizers (void)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (AttuneEncoding) fresh = attune_encoding_new ();
  g_autoptr (AttuneTokenizer) second = load_fixture ("modernbert");
  g_autoptr (AttuneTokenizer) first = load_fixture ("roberta");
  g_autofree char *got = NULL, *expected = NULL;

  attune_tokenizer_encode (first, "the film is slow", -1, NULL, 0, 40, encoding, NULL);
  g_clear_pointer (&first, attune_tokenizer_unref);
  attune_tokenizer_encode (second, "the film is slow", -1, NULL, 0, 40, encoding, NULL);
  attune_tokenizer_encode (second, "the film is slow", -1, NULL, 0, 40, fresh, NULL);
  got = print_encoding (encoding);
  expected = print_encoding (fresh);
  g_assert_cmpstr (got, ==, expected);
}

int
main (int    argc,
      char **argv)
{
  static const char *const kinds[] = { "xlm-roberta", "modernbert", "wordpiece-added" };
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
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *written = g_strdup_printf ("/tokenizer-json/written/%s", kinds[i]);
      g_autofree char *long_word = g_strdup_printf ("/tokenizer-json/long-word/%s", kinds[i]);
      g_autofree char *not_utf8 = g_strdup_printf ("/tokenizer-json/not-utf8/%s", kinds[i]);

      g_test_add_data_func (written, kinds[i], test_written);
      g_test_add_data_func (long_word, kinds[i], test_long_word);
      g_test_add_data_func (not_utf8, kinds[i], test_not_utf8);
    }
  g_test_add_func ("/tokenizer-json/merges", test_merges);
  g_test_add_func ("/tokenizer-json/truncation-ignored", test_truncation_ignored);
  g_test_add_func ("/tokenizer-json/refused", test_refused);
  g_test_add_func ("/tokenizer-json/growth", test_growth);
  g_test_add_func ("/tokenizer-json/two-tokenizers", test_two_tokenizers);

  return g_test_run ();
}
