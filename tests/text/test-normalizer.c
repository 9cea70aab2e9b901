/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Normalisation and classes of characters: every code point against the reference.
 */
#include "config.h"

#include <string.h>

#include "attune-character-ranges.h"
#include "attune-normalizer.h"
#include "attune-pattern.h"

static void
test_ranges (void)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gunichar c = 0; c <= 0x10ffff; c++)
    {
      const guchar bits = (guchar) attune_character_range_bits (c);

      if (c < 0xd800 || c > 0xdfff)
        g_checksum_update (checksum, &bits, 1);
    }

  /* Of the bytes of LETTER | NUMBER | NUMERIC | WORD | MARK, as the reference splits and strips. */
  g_assert_cmpstr (g_checksum_get_string (checksum), ==,
                   "dc7a71f36804095bb44af2acf0505a1bb18fed8a71db3013bb63366b348e69a7");
}

/* SHA-256 of normalize_str ("x" + c + "\u0301\u0334y") + "\n" for every code point c. */
static const struct {
  const char *path;
  AttuneNormalizerKind kind;
  const char *sha256;
} digests[] = {
  { "/normalizer/code-points/nfc", ATTUNE_NORMALIZER_NFC,
    "fa8fab760d838ec07e19e3506cb1e89e268be16e8b4501fa651c8bf0c8a648cb" },
  { "/normalizer/code-points/nfd", ATTUNE_NORMALIZER_NFD,
    "4512f0e9f3bc0529522e30e22b4c26e1f6abdbec92cfd3e840515d0f913b6998" },
  { "/normalizer/code-points/nfkc", ATTUNE_NORMALIZER_NFKC,
    "7ac47fe9d74ad88a5b8c6ebb89bd860aa73cb59662432803949659e5e394d954" },
  { "/normalizer/code-points/nfkd", ATTUNE_NORMALIZER_NFKD,
    "04b31137726ced12588a9e6cf4629c2c9d77ca965f2c1bd95093ce8aa1a5e90f" },
  { "/normalizer/code-points/lowercase", ATTUNE_NORMALIZER_LOWERCASE,
    "37cf922723fff78235abd2cc556fac176f86e7523e920c04dc4a6ca97d9d87ee" },
  { "/normalizer/code-points/strip-accents", ATTUNE_NORMALIZER_STRIP_ACCENTS,
    "8ad2e53a9cdacaec9a8f0a4ebdba49e98b2630c197783200ef1f2acb8e553a9b" },
};

static void
test_code_points (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  const AttuneNormalizerSpec spec = { .kind = digests[i].kind };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  AttuneNormalizer *normalizer = attune_normalizer_new (&spec, 1, "test", NULL);
  AttunePassage passage;

  attune_passage_init (&passage);
  for (gunichar c = 0; c <= 0x10ffff; c++)
    {
      char text[16] = "x";
      gsize length = 1, bad_byte;

      if (c >= 0xd800 && c <= 0xdfff)
        continue;
      length += (gsize) g_unichar_to_utf8 (c, text + 1);
      memcpy (text + length, "\xcc\x81\xcc\xb4y", 5);
      length += 5;
      g_assert_true (attune_passage_start (&passage, text, length, &bad_byte));
      attune_normalizer_run (normalizer, &passage);
      g_checksum_update (checksum, (const guchar *) passage.now.bytes,
                         (gssize) passage.now.length);
      g_checksum_update (checksum, (const guchar *) "\n", 1);
    }
  attune_passage_clear (&passage);
  attune_normalizer_free (normalizer);

  g_assert_cmpstr (g_checksum_get_string (checksum), ==, digests[i].sha256);
}

/* Where each byte of the normalised text comes from. */
static void
test_places (void)
{
  const AttuneNormalizerSpec specs[] = {
    { .kind = ATTUNE_NORMALIZER_NFC },
    { .kind = ATTUNE_NORMALIZER_REPLACE,
      .pattern = { .kind = ATTUNE_PATTERN_TEXT, .text = { "b", 1 } }, .content = { "xyz", 3 } },
    { .kind = ATTUNE_NORMALIZER_PREPEND, .content = { "_", 1 } },
  };
  static const char normalised[] = "_\xc3\xa9xyzc";
  static const AttuneSpan places[] = {
    { 0, 1 }, { 0, 1 }, { 0, 1 }, { 3, 4 }, { 3, 4 }, { 3, 4 }, { 4, 5 },
  };
  AttuneNormalizer *normalizer = attune_normalizer_new (specs, G_N_ELEMENTS (specs), "test", NULL);
  AttunePassage passage;
  gsize bad_byte;

  attune_passage_init (&passage);
  g_assert_true (attune_passage_start (&passage, "e\xcc\x81" "bc", 5, &bad_byte));
  attune_normalizer_run (normalizer, &passage);
  g_assert_cmpmem (passage.now.bytes, passage.now.length, normalised, sizeof normalised - 1);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_assert_cmpuint (passage.now.spans[i].start, ==, places[i].start);
      g_assert_cmpuint (passage.now.spans[i].end, ==, places[i].end);
    }
  attune_passage_clear (&passage);
  attune_normalizer_free (normalizer);
}

/* Matches of the expression of GPT-2, with a bar between them. */
static void
test_gpt2 (void)
{
  static const char *const cases[] = {
    "It|'s| we|'re| don|'t|!'|S",
    " a|  | b",
    "a| \n\t|\t|b",
    "x|  \n",
    "12| 345|abc| 6|x",
    "!?'|s",
    "it| '| '|ll",
    "\xe6\x98\xa0\xe7\x94\xbb|\xef\xbc\x8c|\xc2\xbd|\xe0\xb8\x81\xe0\xb8\xb3",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) text = g_string_new (cases[i]);
      g_autoptr (GString) got = g_string_new (NULL);

      g_string_replace (text, "|", "", 0);
      for (gsize from = 0, end; from < text->len; from = end)
        {
          end = attune_pattern_end_gpt2 (text->str, from, text->len);
          if (from > 0)
            g_string_append_c (got, '|');
          g_string_append_len (got, text->str + from, (gssize) (end - from));
        }
      g_assert_cmpstr (got->str, ==, cases[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/normalizer/ranges", test_ranges);
  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++)
    g_test_add_data_func (digests[i].path, GSIZE_TO_POINTER (i), test_code_points);
  g_test_add_func ("/normalizer/places", test_places);
  g_test_add_func ("/normalizer/gpt2", test_gpt2);

  return g_test_run ();
}
