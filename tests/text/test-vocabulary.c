/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading vocab.txt: what is a token, and what is said about files that are no vocabulary.
 */
#include "config.h"

#include <string.h>

#include "vectors.h"

#define SPECIALS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n"

static AttuneTokenizer *
read_vocabulary (const char  *text,
                 gssize       length,
                 GError     **error)
{
  const AttuneTokenizerOptions options = { TRUE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE };
  g_autoptr (GBytes) bytes = g_bytes_new (text, length < 0 ? strlen (text) : (gsize) length);

  return attune_tokenizer_new_wordpiece (bytes, "some/vocab.txt", &options, error);
}

static void
test_lines (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer =
    read_vocabulary (SPECIALS "one\r\n\ntwo \t\nx\xe2\x80\xa8y\n##ing", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (attune_tokenizer_get_n_tokens (tokenizer), ==, 9);
  g_assert_cmpstr (attune_tokenizer_get_token (tokenizer, 4), ==, "one");
  g_assert_cmpstr (attune_tokenizer_get_token (tokenizer, 5), ==, "");
  g_assert_cmpstr (attune_tokenizer_get_token (tokenizer, 6), ==, "two");
  g_assert_cmpstr (attune_tokenizer_get_token (tokenizer, 7), ==, "x\xe2\x80\xa8y");
  g_assert_null (attune_tokenizer_get_token (tokenizer, 9));
  g_assert_null (attune_tokenizer_get_token (tokenizer, -1));
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "##ing"), ==, 8);
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "##in"), ==, -1);
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "ing"), ==, -1);
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, ""), ==, -1);
}

static void
test_keeps_the_file (void)
{
  const char *text = SPECIALS "one \r\ntwo\n";
  g_autoptr (AttuneTokenizer) tokenizer = read_vocabulary (text, -1, NULL);
  gsize size;
  const char *kept = g_bytes_get_data (attune_tokenizer_get_vocabulary (tokenizer), &size);

  g_assert_cmpmem (kept, size, text, strlen (text));
  g_assert_true (attune_tokenizer_get_options (tokenizer)->lowercase);
}

static void
assert_refused (const char *text,
                gssize      length,
                const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_vocabulary (text, length, &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY);
  g_assert_nonnull (strstr (error->message, "some/vocab.txt"));
  if (strstr (error->message, message) == NULL)
    g_test_message ("“%s” does not say “%s”", error->message, message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_refuses (void)
{
  g_autoptr (GString) too_many = g_string_new (SPECIALS);
  g_autofree char *too_large = g_malloc0 (16 << 20);

  assert_refused ("", 0, "[UNK]");
  assert_refused ("[PAD]\n[UNK]\n[CLS]\n", -1, "[SEP]");
  assert_refused ("[PAD]\n[unk]\n[CLS]\n[SEP]\n", -1, "[UNK]");
  assert_refused (SPECIALS "one\ntwo\none\n", -1, "Line 7");
  assert_refused (SPECIALS "one\ntwo\none \n", -1, "line 5");
  assert_refused (SPECIALS "one\n\xff\n", -1, "Line 6");
  assert_refused (SPECIALS "a\0b\n", sizeof SPECIALS + 3, "Line 5");
  assert_refused (too_large, 16 << 20, "16 MiB");
  for (guint i = 0; i < 1000000; i++)
    g_string_append_printf (too_many, "%x\n", i);
  assert_refused (too_many->str, (gssize) too_many->len, "1000000");
}

/* One token of the largest size: as many nodes as the trie may have. */
static void
test_holds_the_largest (void)
{
  const gsize size = (16 << 20) - 1;
  g_autofree char *text = g_malloc (size);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (text, SPECIALS, strlen (SPECIALS));
  memset (text + strlen (SPECIALS), 'a', size - strlen (SPECIALS));
  tokenizer = read_vocabulary (text, (gssize) size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_tokenizer_get_n_tokens (tokenizer), ==, 5);
}

static void
test_real_vocabulary (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();

  g_assert_cmpuint (attune_tokenizer_get_n_tokens (tokenizer), ==, 30522);
  for (gint32 id = 0; id < 30522; id++)
    {
      const char *token = attune_tokenizer_get_token (tokenizer, id);

      g_assert_cmpint (attune_tokenizer_lookup (tokenizer, token), ==, id);
    }
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "[MASK]"), ==, 103);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vocabulary/lines", test_lines);
  g_test_add_func ("/vocabulary/keeps-the-file", test_keeps_the_file);
  g_test_add_func ("/vocabulary/refuses", test_refuses);
  g_test_add_func ("/vocabulary/holds-the-largest", test_holds_the_largest);
  g_test_add_func ("/vocabulary/real-vocabulary", test_real_vocabulary);

  return g_test_run ();
}
