/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a tokenizer.json; what follows the first NUL is a text to encode with it, and what
 * follows the second another. What is accepted must encode within its vocabulary and the texts, and
 * be read again as it is written.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-tokenizer-files.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What takes each step of each kind somewhere. */
static const char usual[] = "  a b\xc3\xa9 e\xcc\x81 It's 12\t\xef\xbc\xa1\xe3\x80\x80\xe6\x98\xa0\n<mask> </s>";

static void
check_encoding (AttuneTokenizer *tokenizer,
                const char      *text,
                gsize            length,
                const char      *pair,
                gsize            pair_length,
                guint            max_length)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GError) error = NULL;
  const gint32 n_tokens = (gint32) attune_tokenizer_get_n_tokens (tokenizer);

  if (!attune_tokenizer_encode (tokenizer, text, (gssize) length, pair, (gssize) pair_length,
                                max_length, encoding, &error))
    {
      g_assert_nonnull (error);
      g_assert_cmpuint (encoding->ids->len, ==, 0);
      return;
    }

  g_assert_cmpuint (encoding->ids->len, <=, max_length);
  g_assert_cmpuint (encoding->ids->len, ==, encoding->spans->len);
  g_assert_cmpuint (encoding->ids->len, ==, encoding->type_ids->len);
  for (guint i = 0; i < encoding->ids->len; i++)
    {
      const AttuneSpan span = g_array_index (encoding->spans, AttuneSpan, i);
      const gint32 id = g_array_index (encoding->ids, gint32, i);

      g_assert_true (id >= 0 && id < n_tokens);
      g_assert_cmpuint (span.start, <=, span.end);
      g_assert_cmpuint (span.end, <=, i >= encoding->pair_start ? pair_length : length);
      g_assert_cmpuint (g_array_index (encoding->type_ids, guint8, i), <=, 1);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  const char *text = size > 0 ? memchr (data, 0, size) : NULL;
  const gsize json_length = text != NULL ? (gsize) (text - (const char *) data) : size;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) json = g_bytes_new (data, json_length);
  AttuneTokenizerFiles files = { .tokenizer_json = json };
  g_autoptr (AttuneTokenizer) tokenizer = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  tokenizer = attune_tokenizer_files_load_bytes (&files, "fuzz", warnings, &error);
  g_assert_true ((tokenizer == NULL) == (error != NULL));
  if (tokenizer == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  check_encoding (tokenizer, usual, sizeof usual - 1, NULL, 0, G_MAXUINT);
  check_encoding (tokenizer, usual, sizeof usual - 1, usual, sizeof usual - 1, 9);
  if (text != NULL && json_length + 1 < size)
    {
      const gsize rest = size - json_length - 1;
      const char *pair = memchr (text + 1, 0, rest);
      const gsize length = pair != NULL ? (gsize) (pair - text - 1) : rest;

      check_encoding (tokenizer, text + 1, length, NULL, 0, 16);
      if (pair != NULL)
        check_encoding (tokenizer, text + 1, length, pair + 1, rest - length - 1, 16);
    }

  files.tokenizer_json = attune_tokenizer_get_source (tokenizer);
  files.tokenizer_config = attune_tokenizer_get_config (tokenizer);
  if (files.tokenizer_json != NULL)
    {
      again = attune_tokenizer_files_load_bytes (&files, "fuzz", warnings, &error);
      g_assert_no_error (error);
    }

  return 0;
}
