/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as the tokenizer's files of a model folder: the first byte decides whether the rest is
 * tokenizer.json, tokenizer_config.json, or both parted at the first NUL, with or without a sound
 * vocab.txt. What is accepted must encode.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-tokenizer-files.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char sound[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\n";

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) vocabulary = g_bytes_new_static (sound, sizeof sound - 1);
  g_autoptr (GBytes) first = NULL, second = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTokenizerFiles files = { NULL };
  const uint8_t *parting;
  guint kind;

  if (size == 0)
    return 0;

  kind = data[0];
  data++;
  size--;
  parting = size > 0 ? memchr (data, 0, size) : NULL;
  if (parting != NULL)
    {
      first = g_bytes_new (data, parting - data);
      second = g_bytes_new (parting + 1, size - (parting - data) - 1);
    }
  else if (kind & 1)
    first = g_bytes_new (data, size);
  else
    second = g_bytes_new (data, size);

  files.vocab_txt = kind & 2 ? vocabulary : NULL;
  files.tokenizer_json = first;
  files.tokenizer_config = second;
  tokenizer = attune_tokenizer_files_load_bytes (&files, "fuzz", warnings, &error);
  g_assert_true ((tokenizer == NULL) == (error != NULL));
  if (tokenizer == NULL)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  else
    {
      g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();

      g_assert_true (attune_tokenizer_encode (tokenizer, "A á [MASK]", -1, NULL, -1, 16, encoding,
                                              NULL));
      for (guint i = 0; i < encoding->ids->len; i++)
        g_assert_cmpint (g_array_index (encoding->ids, gint32, i), <,
                         (gint32) attune_tokenizer_get_n_tokens (tokenizer));
    }

  return 0;
}
