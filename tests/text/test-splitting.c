/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cleaning and splitting: every code point against the reference, and the seams between the fast
 * way through ASCII and the general one.
 */
#include "config.h"

#include <string.h>

#include "attune-word-splitter.h"

static void
append_word (const AttuneWord *word,
             gpointer          user_data)
{
  GString *out = user_data;

  g_string_append_len (out, word->bytes, (gssize) word->length);
  g_string_append_c (out, ' ');
}

static char *
words_of (const AttuneSplitOptions *options,
          const char               *text)
{
  GString *out = g_string_new (NULL);
  gsize bad_byte;

  g_assert_true (attune_split_words (options, text, 0, strlen (text), append_word, out, &bad_byte));

  return g_string_free_and_steal (out);
}

/* Made as tests/fixtures/tokenizer/README.md says. */
static const struct {
  const char *path;
  AttuneSplitOptions options;
  const char *sha256;
} digests[] = {
  { "/splitting/code-points/uncased", { TRUE, TRUE, TRUE },
    "d5a9ce7b7adba96ec8608dc924e71fd6c8245231f744f19b790a682c47e6a875" },
  { "/splitting/code-points/cased", { FALSE, FALSE, TRUE },
    "320ea4ba54d015a226c80fa379eefba873dd23147b60b56bc6789438e413a08c" },
  { "/splitting/code-points/strip-only", { FALSE, TRUE, FALSE },
    "5fcce7f3ecb4ca4738dbb4a2527ce4676b25934bad084c6a5e201bb79b7d301b" },
  { "/splitting/code-points/lowercase-only", { TRUE, FALSE, FALSE },
    "47b70f37542cfaa9e31436a5d013c02307f3c81fa63e700313bc7cd213682c25" },
};

static void
test_code_points (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gunichar c = 0; c <= 0x10ffff; c++)
    {
      char text[8] = "x";
      gsize length = 1, bad_byte;

      if (c >= 0xd800 && c <= 0xdfff)
        continue;
      length += (gsize) g_unichar_to_utf8 (c, text + 1);
      text[length++] = 'y';
      g_assert_true (attune_split_words (&digests[i].options, text, 0, length, append_word, out,
                                         &bad_byte));
      g_string_append_c (out, '\n');
      if (out->len > 65536)
        {
          g_checksum_update (checksum, (const guchar *) out->str, (gssize) out->len);
          g_string_truncate (out, 0);
        }
    }
  g_checksum_update (checksum, (const guchar *) out->str, (gssize) out->len);

  g_assert_cmpstr (g_checksum_get_string (checksum), ==, digests[i].sha256);
}

static void
test_seams (void)
{
  static const struct {
    const char *text;
    const char *words;
  } cases[] = {
    { "", "" },
    { " \t\n\r ", "" },
    { "Hello", "hello " },
    { "a b", "a b " },
    { "a,b", "a , b " },
    { "$a$", "$ a $ " },
    { "ab\xc3\xa9" "cd", "abecd " },               /* é inside a word */
    { "\xc3\xa9" "cd ef", "ecd ef " },             /* é before one */
    { "ab\x01" "cd", "abcd " },                    /* a control glues */
    { "ab\x01 cd", "ab cd " },
    { "e\xcc\x81" "f", "ef " },                    /* decomposed accent */
    { "a\xe5\x8d\x9a" "b", "a \xe5\x8d\x9a b " },  /* 博 */
    { "\xc4\xb0stanbul", "istanbul " },            /* İ */
    { "\xc4\xb1", "\xc4\xb1 " },                   /* ı stays */
    { "\xce\xa3\xce\x91\xce\xa3", "\xcf\x83\xce\xb1\xcf\x83 " }, /* no final sigma */
    { "a\xc2\xa0" "b\xe2\x80\xa8" "c", "a b c " }, /* U+00A0 and U+2028 are spaces */
    { "a\xe2\x80\x94" "b", "a \xe2\x80\x94 b " },  /* em dash */
    { "\xe2\x82\xac" "5", "\xe2\x82\xac" "5 " },   /* € is no punctuation */
  };
  const AttuneSplitOptions uncased = { TRUE, TRUE, TRUE };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = words_of (&uncased, cases[i].text);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

/* U+302E (class 224) goes behind U+1D165 (class 216); equal classes keep their order, and none
 * passes a letter. */
static void
test_canonical_order (void)
{
  const AttuneSplitOptions strip = { FALSE, TRUE, TRUE };
  const AttuneSplitOptions keep = { FALSE, FALSE, TRUE };
  const char *text = "a\xe3\x80\xae\xf0\x9d\x85\xa5z\xe3\x80\xaf\xe3\x80\xae";
  g_autofree char *ordered = words_of (&strip, text);
  g_autofree char *kept = words_of (&keep, text);
  g_autofree char *between = words_of (&strip, "\xe3\x80\xae \xf0\x9d\x85\xa5,\xe3\x80\xae");

  g_assert_cmpstr (ordered, ==, "a\xf0\x9d\x85\xa5\xe3\x80\xaez\xe3\x80\xaf\xe3\x80\xae ");
  g_assert_cmpstr (kept, ==, "a\xe3\x80\xae\xf0\x9d\x85\xa5z\xe3\x80\xaf\xe3\x80\xae ");
  g_assert_cmpstr (between, ==, "\xe3\x80\xae \xf0\x9d\x85\xa5 , \xe3\x80\xae ");
}

static void
expect_long_word (const AttuneWord *word,
                  gpointer          user_data)
{
  AttuneWord *seen = user_data;

  g_assert_cmpuint (seen->n_characters, ==, 0);
  *seen = *word;
}

static void
test_long_words (void)
{
  static const char * const letters[] = { "x", "\xc3\xa6", "\xe0\xb8\x81", "\xf0\x90\x90\x80" };
  const AttuneSplitOptions uncased = { TRUE, TRUE, TRUE };

  for (gsize i = 0; i < G_N_ELEMENTS (letters); i++)
    for (guint n = 99; n <= 102; n++)
      {
        g_autoptr (GString) text = g_string_new (NULL);
        AttuneWord word = { 0 };
        gsize bad_byte;

        for (guint j = 0; j < n; j++)
          g_string_append (text, letters[i]);
        g_assert_true (attune_split_words (&uncased, text->str, 0, text->len, expect_long_word,
                                           &word, &bad_byte));
        g_assert_cmpuint (word.n_characters, ==, MIN (n, ATTUNE_MAX_WORD_CHARACTERS + 1));
        g_assert_cmpuint (word.span.start, ==, 0);
        g_assert_cmpuint (word.span.end, ==, text->len);
      }
}

static void
test_refuses_what_is_not_utf8 (void)
{
  static const struct {
    const char *text;
    gsize bad_byte;
  } cases[] = {
    { "ab\xff", 2 }, { "\x80", 0 }, { "a\xc3", 1 }, { "\xc0\x80", 0 }, { "\xe0\x80\x80", 0 },
    { "a\xed\xa0\x80", 1 }, { "\xf4\x90\x80\x80", 0 }, { "\xf0\x9f\x98", 0 }, { "\xc3(", 0 },
    { "\xf8\x88\x80\x80\x80", 0 },
  };
  const AttuneSplitOptions cased = { FALSE, FALSE, TRUE };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      const gsize length = strlen (cases[i].text);
      /* A copy of just this size, so that a sanitizer sees a read beyond it. */
      g_autofree char *text = g_memdup2 (cases[i].text, length);
      gsize bad_byte;

      g_assert_false (attune_split_words (&cased, text, 0, length, append_word, out, &bad_byte));
      g_assert_cmpuint (bad_byte, ==, cases[i].bad_byte);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++)
    g_test_add_data_func (digests[i].path, GSIZE_TO_POINTER (i), test_code_points);
  g_test_add_func ("/splitting/seams", test_seams);
  g_test_add_func ("/splitting/canonical-order", test_canonical_order);
  g_test_add_func ("/splitting/long-words", test_long_words);
  g_test_add_func ("/splitting/refuses-what-is-not-utf8", test_refuses_what_is_not_utf8);

  return g_test_run ();
}
