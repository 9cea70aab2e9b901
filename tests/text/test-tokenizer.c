/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer as others use it: special tokens, stages of the upstream unit tests, truncation,
 * threads, locales, and texts that are meant to hurt.
 */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "vectors.h"

static char *
ids_as_text (AttuneEncoding *encoding)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < encoding->ids->len; i++)
    g_string_append_printf (out, "%s%d", i == 0 ? "" : " ",
                            g_array_index (encoding->ids, gint32, i));

  return g_string_free_and_steal (out);
}

static void
assert_encodes (AttuneTokenizer *tokenizer,
                const char      *text,
                const char      *pair,
                guint            max_length,
                const char      *expected)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autofree char *ids = NULL;

  g_assert_true (attune_tokenizer_encode (tokenizer, text, -1, pair, -1, max_length, encoding,
                                          NULL));
  ids = ids_as_text (encoding);
  g_assert_cmpstr (ids, ==, expected);
}

/* "stage" says which part of the tokens to compare; vocabularies get the special tokens we insist
 * on behind their own. */
static void
check_upstream_case (yyjson_val *line,
                     gpointer    user_data)
{
  yyjson_val *options = yyjson_obj_get (line, "options");
  yyjson_val *strip = yyjson_obj_get (options, "strip_accents");
  yyjson_val *tokens = yyjson_obj_get (line, "tokens");
  const char *text = yyjson_get_str (yyjson_obj_get (line, "text"));
  const AttuneTokenizerOptions tokenizer_options = {
    yyjson_get_bool (yyjson_obj_get (options, "lower")),
    strip == NULL ? ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE
                  : (AttuneStripAccents) yyjson_get_bool (strip),
    TRUE,
  };
  yyjson_val *given = yyjson_obj_get (line, "vocab_tokens");
  g_autoptr (GString) vocabulary = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  yyjson_val *token;
  size_t i, n;

  yyjson_arr_foreach (given, i, n, token)
    g_string_append_printf (vocabulary, "%s\n", yyjson_get_str (token));
  g_string_append (vocabulary, given != NULL ? "[PAD]\n" : "[PAD]\n[UNK]\n[CLS]\n[SEP]\n");
  /* Where only splitting is looked at, each expected word is a token. */
  if (given == NULL)
    {
      yyjson_arr_foreach (tokens, i, n, token)
        {
          g_autofree char *as_line = g_strdup_printf ("\n%s\n", yyjson_get_str (token));

          if (strstr (vocabulary->str, as_line) == NULL)
            g_string_append (vocabulary, as_line + 1);
        }
    }

  bytes = g_bytes_new (vocabulary->str, vocabulary->len);
  tokenizer = attune_tokenizer_new_wordpiece (bytes, "upstream", &tokenizer_options, &error);
  g_assert_no_error (error);
  attune_tokenizer_encode (tokenizer, text, -1, NULL, 0, G_MAXUINT, encoding, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (encoding->ids->len, ==, yyjson_arr_size (tokens) + 2);
  yyjson_arr_foreach (tokens, i, n, token)
    {
      const gint32 id = g_array_index (encoding->ids, gint32, i + 1);

      g_assert_cmpstr (attune_tokenizer_get_token (tokenizer, id), ==, yyjson_get_str (token));
    }
  if (yyjson_obj_get (line, "ids") != NULL)
    assert_ids (encoding, yyjson_obj_get (line, "ids"), FALSE, text);
}

static void
test_upstream_cases (void)
{
  g_autofree char *path = fixture_path ("upstream-unit-cases.jsonl");

  for_each_line (path, check_upstream_case, NULL);
}

static void
test_special_tokens_in_texts (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();

  assert_encodes (tokenizer, "a[MASK]b", NULL, G_MAXUINT, "101 1037 103 1038 102");
  assert_encodes (tokenizer, "[PAD][UNK][CLS][SEP]", NULL, G_MAXUINT, "101 0 100 101 102 102");
  /* Exact case, and not across a character that cleaning removes. */
  assert_encodes (tokenizer, "[mask]", NULL, G_MAXUINT, "101 1031 7308 1033 102");
  assert_encodes (tokenizer, "[MASK", NULL, G_MAXUINT, "101 1031 7308 102");
  assert_encodes (tokenizer, "[[MASK]]", NULL, G_MAXUINT, "101 1031 103 1033 102");
}

static void
test_empty_texts (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();

  assert_encodes (tokenizer, "", NULL, G_MAXUINT, "101 102");
  assert_encodes (tokenizer, "\xe2\x80\x8b", NULL, G_MAXUINT, "101 102");
  assert_encodes (tokenizer, "a", "", G_MAXUINT, "101 1037 102");
  assert_encodes (tokenizer, "a", " ", G_MAXUINT, "101 1037 102 102");
  assert_encodes (tokenizer, "", "a", G_MAXUINT, "101 102 1037 102");
}

static void
test_nul_is_data (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autofree char *ids = NULL;

  g_assert_true (attune_tokenizer_encode (tokenizer, "he\0llo a", 8, NULL, 0, G_MAXUINT, encoding,
                                          NULL));
  ids = ids_as_text (encoding);
  g_assert_cmpstr (ids, ==, "101 7592 1037 102");
  g_assert_cmpuint (g_array_index (encoding->spans, AttuneSpan, 1).start, ==, 0);
  g_assert_cmpuint (g_array_index (encoding->spans, AttuneSpan, 1).end, ==, 6);
}

static void
test_truncates_one_text (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();

  assert_encodes (tokenizer, "a b c", NULL, 5, "101 1037 1038 1039 102");
  assert_encodes (tokenizer, "a b c", NULL, 4, "101 1037 1038 102");
  assert_encodes (tokenizer, "a b c", NULL, 2, "101 102");
  assert_encodes (tokenizer, "a b c", NULL, 1, "101");
  assert_encodes (tokenizer, "a b c", NULL, 0, "");

  g_assert_true (attune_tokenizer_encode (tokenizer, "a b c", -1, NULL, 0, 3, encoding, NULL));
  g_assert_cmpuint (encoding->ids->len, ==, 3);
  g_assert_cmpuint (encoding->n_tokens_full, ==, 5);
}

static void
test_truncates_two_texts (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();

  /* Only the longer. */
  assert_encodes (tokenizer, "a", "b b b b b", 7, "101 1037 102 1038 1038 1038 102");
  assert_encodes (tokenizer, "a a a a a", "b", 7, "101 1037 1037 1037 102 1038 102");
  /* Both: the odd one to the longer, to the second if they are equal. */
  assert_encodes (tokenizer, "a a a", "b b b", 8, "101 1037 1037 102 1038 1038 1038 102");
  assert_encodes (tokenizer, "a a a a", "b b b", 8, "101 1037 1037 1037 102 1038 1038 102");
  /* Both reach max_length, so they count as equal. */
  assert_encodes (tokenizer, "a a a a a a", "b b b b", 4, "101 102 1038 102");
  assert_encodes (tokenizer, "a a", "b b", 3, "101 102 102");
  assert_encodes (tokenizer, "a a", "b b", 2, "101 102");
  assert_encodes (tokenizer, "a a", "b b", 0, "");
}

static void
test_refuses_what_is_not_utf8 (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_tokenizer_encode (tokenizer, "a b \xff", -1, NULL, 0, 8, encoding,
                                           &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING);
  g_assert_nonnull (strstr (error->message, "byte 5"));
  g_assert_cmpuint (encoding->ids->len, ==, 0);
  g_clear_error (&error);

  /* Cut off in the middle of a character: what follows it must not be read. */
  g_assert_false (attune_tokenizer_encode (tokenizer, "a", 1, "\xc3\xa9", 1, 8, encoding, &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING);
}

/* Quadratic work would take hours here. */
static void
test_huge_words (void)
{
  static const char * const fillings[] = {
    "a", "\xc3\xa9", "[", "a\xcc\x81", "\xe3\x80\xae", "[MASK]", ",", "\xe5\x8d\x9a",
  };
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  const gsize size = 10 << 20;

  for (gsize i = 0; i < G_N_ELEMENTS (fillings); i++)
    {
      g_autoptr (GString) text = g_string_sized_new (size + 8);

      while (text->len < size)
        g_string_append (text, fillings[i]);
      g_assert_true (attune_tokenizer_encode (tokenizer, text->str, (gssize) text->len, NULL, 0, 16,
                                              encoding, NULL));
      g_assert_cmpuint (encoding->ids->len, <=, 16);
      g_assert_cmpuint (encoding->ids->len, >, 2);
    }
}

static void
test_locale_does_not_matter (void)
{
  static const char * const locales[] = { "tr_TR.UTF-8", "tr_TR", "az_AZ.UTF-8", "el_GR.UTF-8" };
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  gboolean any = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      if (setlocale (LC_ALL, locales[i]) == NULL)
        continue;
      any = TRUE;
      assert_encodes (tokenizer, "I TITLE \xc4\xb0 \xce\xa3", NULL, G_MAXUINT,
                      "101 1045 2516 1045 1173 102");
    }
  setlocale (LC_ALL, "C");
  assert_encodes (tokenizer, "I TITLE \xc4\xb0 \xce\xa3", NULL, G_MAXUINT,
                  "101 1045 2516 1045 1173 102");
  if (!any)
    g_test_skip ("needs the locale tr_TR.UTF-8 or el_GR.UTF-8");
}

typedef struct {
  AttuneTokenizer *tokenizer;
  GPtrArray *texts;
} ThreadWork;

static gpointer
encode_all (gpointer data)
{
  ThreadWork *work = data;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < work->texts->len; i++)
    {
      g_assert_true (attune_tokenizer_encode (work->tokenizer, work->texts->pdata[i], -1, NULL, 0,
                                              64, encoding, NULL));
      g_checksum_update (checksum, (const guchar *) encoding->ids->data,
                         (gssize) (encoding->ids->len * sizeof (gint32)));
      g_checksum_update (checksum, (const guchar *) encoding->spans->data,
                         (gssize) (encoding->spans->len * sizeof (AttuneSpan)));
    }

  return g_strdup (g_checksum_get_string (checksum));
}

static void
collect_text (yyjson_val *line,
              gpointer    user_data)
{
  g_ptr_array_add (user_data, g_strdup (yyjson_get_str (yyjson_obj_get (line, "text"))));
}

static void
test_threads_share_a_tokenizer (void)
{
  g_autofree char *path = fixture_path ("hf-fuzz.jsonl");
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  ThreadWork work = { tokenizer, texts };
  g_autofree char *alone = NULL;
  GThread *threads[4];

  for (guint i = 0; i < 8; i++)
    for_each_line (path, collect_text, texts);
  alone = encode_all (&work);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("encode", encode_all, &work);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *together = g_thread_join (threads[i]);

      g_assert_cmpstr (together, ==, alone);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tokenizer/upstream-cases", test_upstream_cases);
  g_test_add_func ("/tokenizer/special-tokens-in-texts", test_special_tokens_in_texts);
  g_test_add_func ("/tokenizer/empty-texts", test_empty_texts);
  g_test_add_func ("/tokenizer/nul-is-data", test_nul_is_data);
  g_test_add_func ("/tokenizer/truncates-one-text", test_truncates_one_text);
  g_test_add_func ("/tokenizer/truncates-two-texts", test_truncates_two_texts);
  g_test_add_func ("/tokenizer/refuses-what-is-not-utf8", test_refuses_what_is_not_utf8);
  g_test_add_func ("/tokenizer/huge-words", test_huge_words);
  g_test_add_func ("/tokenizer/locale-does-not-matter", test_locale_does_not_matter);
  g_test_add_func ("/tokenizer/threads-share-a-tokenizer", test_threads_share_a_tokenizer);

  return g_test_run ();
}
