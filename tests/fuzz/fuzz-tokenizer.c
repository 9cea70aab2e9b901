/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a text, or as a text and its pair. The first byte chooses the options, the second
 * the maximum length; a byte 0xfe ends the text and begins the pair.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-tokenizer.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char vocabulary[] =
  "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nab\nabc\n##a\n##b\n##c\n##ab\n1\n##1\n,\n[\n]\n"
  "\xe4\xb8\xad\n\xc3\xa9\n##\xc3\xa9\n"
  "\xcc\x81\n##\xcc\x81\n\xf0\x9f\x98\x80\n##\xf0\x9d\x85\xa5\n";

/* What the standard calls UTF-8; GLib's own check takes U+0000 for an end. */
static gboolean
is_utf8 (const char *text,
         gsize       length)
{
  while (length > 0)
    {
      const char *end;

      if (g_utf8_validate_len (text, length, &end))
        return TRUE;
      if (*end != '\0')
        return FALSE;
      length -= (gsize) (end - text) + 1;
      text = end + 1;
    }

  return TRUE;
}

static void
check_encoding (AttuneEncoding *encoding,
                gsize           text_length,
                gsize           pair_length,
                guint           max_length)
{
  g_assert_cmpuint (encoding->ids->len, <=, max_length);
  g_assert_cmpuint (encoding->ids->len, <=, encoding->n_tokens_full);
  g_assert_cmpuint (encoding->type_ids->len, ==, encoding->ids->len);
  g_assert_cmpuint (encoding->spans->len, ==, encoding->ids->len);
  for (guint i = 0; i < encoding->ids->len; i++)
    {
      const gint32 id = g_array_index (encoding->ids, gint32, i);
      const guint8 type_id = g_array_index (encoding->type_ids, guint8, i);
      const AttuneSpan span = g_array_index (encoding->spans, AttuneSpan, i);

      g_assert_true (id >= 0 && id < 25);
      g_assert_cmpuint (type_id, <=, 1);
      g_assert_cmpuint (span.start, <=, span.end);
      g_assert_cmpuint (span.end, <=, type_id == 0 ? text_length : pair_length);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (vocabulary, sizeof vocabulary - 1);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *pair = NULL;
  AttuneTokenizerOptions options;
  const uint8_t *separator;
  gsize text_length, pair_length = 0;
  guint max_length;
  gboolean encoded;

  if (size < 2)
    return 0;

  options.lowercase = data[0] & 1;
  options.strip_accents = (AttuneStripAccents) (data[0] >> 1) % 3 - 1;
  options.tokenize_chinese_chars = data[0] >> 3 & 1;
  max_length = data[1] == 0xff ? G_MAXUINT : (guint) data[1];
  tokenizer = attune_tokenizer_new_wordpiece (bytes, "fuzz", &options, &error);
  g_assert_no_error (error);

  /* Copies of just the size, so that reading beyond them is seen. */
  separator = memchr (data + 2, 0xfe, size - 2);
  text_length = (separator != NULL ? (gsize) (separator - data) : size) - 2;
  text = g_memdup2 (data + 2, text_length);
  if (separator != NULL)
    {
      pair_length = size - text_length - 3;
      pair = g_memdup2 (separator + 1, pair_length);
    }

  encoded = attune_tokenizer_encode (tokenizer, text, (gssize) text_length, pair,
                                     (gssize) pair_length, max_length, encoding, &error);
  g_assert_true (encoded == (error == NULL));
  g_assert_true (encoded == (is_utf8 (text, text_length) && is_utf8 (pair, pair_length)));
  check_encoding (encoding, text_length, pair_length, max_length);

  return 0;
}
