/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a vocab.txt. What is taken for one is asked for each token, and encodes itself.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-tokenizer.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  const AttuneTokenizerOptions options = { FALSE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE };
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer =
    attune_tokenizer_new_wordpiece (bytes, "fuzz", &options, &error);
  g_autoptr (AttuneEncoding) encoding = NULL;
  guint n_tokens;

  g_assert_true ((tokenizer == NULL) == (error != NULL));
  if (tokenizer == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  n_tokens = attune_tokenizer_get_n_tokens (tokenizer);
  for (guint id = 0; id < n_tokens; id++)
    {
      const char *token = attune_tokenizer_get_token (tokenizer, (gint32) id);

      if (*token != '\0')
        g_assert_cmpint (attune_tokenizer_lookup (tokenizer, token), ==, (gint32) id);
    }
  g_assert_null (attune_tokenizer_get_token (tokenizer, (gint32) n_tokens));

  encoding = attune_encoding_new ();
  if (attune_tokenizer_encode (tokenizer, (const char *) data, (gssize) size, NULL, 0, G_MAXUINT,
                               encoding, NULL))
    {
      for (guint i = 0; i < encoding->ids->len; i++)
        g_assert_cmpuint (g_array_index (encoding->ids, guint32, i), <, n_tokens);
    }

  return 0;
}
