/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vocabularies made from texts: which words get in, in which order, and that what is read with them
 * are whole words.
 */
#include "config.h"

#include <string.h>

#include "attune-word-counter.h"

static AttuneWordCounter *
count (const char * const *texts)
{
  AttuneWordCounter *counter = attune_word_counter_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_assert_true (attune_word_counter_add (counter, texts[i], strlen (texts[i]), &error));
      g_assert_no_error (error);
    }
  return counter;
}

static void
assert_words (const char * const *texts,
              guint               min_count,
              guint               max_words,
              const char         *wanted)
{
  g_autoptr (AttuneWordCounter) counter = count (texts);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer =
    attune_word_counter_create_tokenizer (counter, min_count, max_words, &error);
  g_autoptr (GString) words = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint id = 5; id < attune_tokenizer_get_n_tokens (tokenizer); id++)
    g_string_append_printf (words, "%s ", attune_tokenizer_get_token (tokenizer, (gint32) id));
  g_assert_cmpstr (words->str, ==, wanted);
}

static void
test_order (void)
{
  static const char * const texts[] = { "A cat, a dog.", "The CAT and the bird", NULL };
  static const char * const turned[] = { "bird the And CAT the", "dog. A cat, a", NULL };

  assert_words (texts, 1, 100, "a cat the , . and bird dog ");
  assert_words (turned, 1, 100, "a cat the , . and bird dog ");
  assert_words (texts, 2, 100, "a cat the ");
  assert_words (texts, 1, 2, "a cat ");
  assert_words (texts, 9, 2, "");
}

static void
test_other_scripts (void)
{
  static const char * const chinese[] = { "酒店很好", "酒店不好。", NULL };
  static const char * const accents[] = { "El él ÉL", NULL };

  assert_words (chinese, 2, 100, "好 店 酒 ");
  assert_words (accents, 1, 100, "él el ");
}

static void
test_reads_whole_words (void)
{
  static const char * const texts[] = { "walk walked", NULL };
  g_autoptr (AttuneWordCounter) counter = count (texts);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer =
    attune_word_counter_create_tokenizer (counter, 1, 100, &error);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  const char *text = "Walking WALKED [walk]";
  static const char * const wanted[] = { "[CLS]", "[UNK]", "walked", "[UNK]", "walk", "[UNK]", "[SEP]" };

  g_assert_no_error (error);
  g_assert_true (attune_tokenizer_encode (tokenizer, text, -1, NULL, 0, 100, encoding, &error));
  g_assert_cmpuint (encoding->ids->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < encoding->ids->len; i++)
    g_assert_cmpstr (attune_tokenizer_get_token (tokenizer, g_array_index (encoding->ids, gint32, i)),
                     ==, wanted[i]);
}

/* Words that no vocabulary can hold are passed over; what is no text is refused. */
static void
test_odd_texts (void)
{
  g_autoptr (AttuneWordCounter) counter = attune_word_counter_new ();
  g_autofree char *endless = g_strnfill (5000, 'a');
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL;

  g_assert_true (attune_word_counter_add (counter, endless, 5000, &error));
  g_assert_true (attune_word_counter_add (counter, "", 0, &error));
  g_assert_true (attune_word_counter_add (counter, "a\0b", 3, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (attune_word_counter_get_n_words (counter), <=, 2);
  g_assert_false (attune_word_counter_add (counter, "ab\xff", 3, &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING);
  g_clear_error (&error);
  tokenizer = attune_word_counter_create_tokenizer (counter, 1, 100, &error);
  g_assert_no_error (error);
  g_assert_nonnull (tokenizer);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/word-counter/order", test_order);
  g_test_add_func ("/word-counter/other-scripts", test_other_scripts);
  g_test_add_func ("/word-counter/reads-whole-words", test_reads_whole_words);
  g_test_add_func ("/word-counter/odd-texts", test_odd_texts);

  return g_test_run ();
}
