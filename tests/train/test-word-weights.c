/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From scores of tokens to weights of words, with each kind of tokenizer: the same words whatever
 * pieces they are read in.
 */
#include "config.h"

#include <string.h>

#include "attune-encoding.h"
#include "attune-tokenizer-files.h"
#include "attune-word-weights.h"

static AttuneTokenizer *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizers", name,
                                                 "tokenizer.json", NULL);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AttuneTokenizer *tokenizer;
  AttuneTokenizerFiles files;
  char *json;
  gsize length;

  g_file_get_contents (path, &json, &length, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_take (json, length);
  files = (AttuneTokenizerFiles) { .tokenizer_json = bytes };
  tokenizer = attune_tokenizer_files_load_bytes (&files, "folder", warnings, &error);
  g_assert_no_error (error);
  return tokenizer;
}

/* "|one|two" for the words found; every token scores 1. */
static char *
find_words (AttuneTokenizer *tokenizer,
            const char      *text)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  AttunePredictions *predictions = g_new0 (AttunePredictions, 1);
  g_autoptr (GError) error = NULL;
  g_autofree float *scores = NULL;
  GString *words = g_string_new (NULL);
  float strongest = 0;

  attune_tokenizer_encode (tokenizer, text, -1, NULL, 0, 65535, encoding, &error);
  g_assert_no_error (error);
  scores = g_new (float, encoding->ids->len);
  for (guint i = 0; i < encoding->ids->len; i++)
    scores[i] = 1;
  attune_word_weights_fill (predictions, encoding, text, scores);
  for (guint i = 0; i < predictions->n_words; i++)
    {
      g_string_append_printf (words, "|%.*s",
                              (int) (predictions->word_end[i] - predictions->word_start[i]),
                              text + predictions->word_start[i]);
      strongest = MAX (strongest, predictions->word_weight[i]);
      g_assert_cmpfloat (predictions->word_weight[i], >, 0);
    }
  g_assert_cmpfloat_with_epsilon (strongest, 1, 1e-6);
  attune_predictions_free (predictions);
  return g_string_free (words, FALSE);
}

static void
test_words_of_every_tokenizer (gconstpointer data)
{
  static const struct { const char *text, *words; } cases[] = {
    { "Unbelievable stories, honestly!", "|Unbelievable|stories|,|honestly|!" },
    { "  two  spaces and a tab\there\nand there", "|two|spaces|and|a|tab|here|and|there" },
    { "a well-known (quoted) \"word\" costs 3.50", "|a|well|-|known|(|quoted|)|\"|word|\"|costs|3|.|50" },
    { "Übermäßig naïve façade", "|Übermäßig|naïve|façade" },
    { "Скажите пожалуйста", "|Скажите|пожалуйста" },
  };
  g_autoptr (AttuneTokenizer) tokenizer = load (data);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = find_words (tokenizer, cases[i].text);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

/* Each token by itself, for there are no spaces: whatever the pieces, more than one word. */
static void
test_scripts_without_spaces (gconstpointer data)
{
  static const char * const texts[] = { "我们住了三天", "とても良い映画でした", "ดีมากจริงๆ" };
  g_autoptr (AttuneTokenizer) tokenizer = load (data);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *words = find_words (tokenizer, texts[i]);
      guint n = 0;

      for (const char *at = words; *at != '\0'; at++)
        n += *at == '|';
      g_test_message ("%s", words);
      g_assert_cmpuint (n, >, 3);
    }
}

int
main (int   argc,
      char *argv[])
{
  static const char * const names[] = { "roberta", "roberta-prefix", "modernbert", "xlm-roberta",
                                        "unigram-bytes" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *words = g_strconcat ("/train/word-weights/words/", names[i], NULL);
      g_autofree char *scripts = g_strconcat ("/train/word-weights/scripts/", names[i], NULL);

      g_test_add_data_func (words, names[i], test_words_of_every_tokenizer);
      /* To the small vocabularies of the others much is unknown, and what is has one place, also
       * where it is given byte by byte. */
      if (!g_str_equal (names[i], "xlm-roberta") && !g_str_equal (names[i], "unigram-bytes"))
        g_test_add_data_func (scripts, names[i], test_scripts_without_spaces);
    }
  return g_test_run ();
}
