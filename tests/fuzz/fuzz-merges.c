/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as RoBERTa's vocab.json and merges.txt, parted at the first NUL, with a
 * tokenizer_config.json after the second. What is accepted must encode.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-tokenizer-files.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The bytes up to the next NUL or the end, which *data is moved behind. */
static GBytes *
take_part (const uint8_t **data,
           size_t         *size)
{
  const uint8_t *end = *size > 0 ? memchr (*data, 0, *size) : NULL;
  const size_t length = end != NULL ? (size_t) (end - *data) : *size;
  GBytes *part = g_bytes_new (*data, length);

  *data += end != NULL ? length + 1 : length;
  *size -= end != NULL ? length + 1 : length;

  return part;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) vocab = take_part (&data, &size);
  g_autoptr (GBytes) merges = take_part (&data, &size);
  g_autoptr (GBytes) config = size > 0 ? take_part (&data, &size) : NULL;
  const AttuneTokenizerFiles files = { .vocab_json = vocab, .merges = merges,
                                       .tokenizer_config = config };
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;

  tokenizer = attune_tokenizer_files_load_bytes (&files, "fuzz", warnings, &error);
  g_assert_true ((tokenizer == NULL) == (error != NULL));
  if (tokenizer == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_true (attune_tokenizer_encode (tokenizer, "a bab\xc3\xa9 <mask>", -1, "ab", -1, 12,
                                          encoding, NULL));
  for (guint i = 0; i < encoding->ids->len; i++)
    g_assert_cmpint (g_array_index (encoding->ids, gint32, i), <,
                     (gint32) attune_tokenizer_get_n_tokens (tokenizer));

  return 0;
}
