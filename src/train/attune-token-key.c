/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name under which tokens are kept. It holds the sha256 of the file, and for what a reader made
 * of it (encoding, delimiter, columns, rows) a checksum of the texts themselves, chunk by chunk:
 * reading the same file in another way, or with a later reader, is another key.
 */
#include "config.h"

#include <zlib.h>

#include "attune-token-cache.h"

/* Raised when the same text becomes other tokens. */
#define TOKENIZER_VERSION 1

typedef struct {
  AttuneDataset *dataset;
  GChecksum *checksum;
} Key;

static gsize
weigh (guint    row,
       gpointer data)
{
  Key *self = data;
  gsize text_length = 0;
  gsize pair_length = 0;

  attune_dataset_get_text (self->dataset, row, &text_length);
  attune_dataset_get_pair (self->dataset, row, &pair_length);
  return text_length + pair_length;
}

static uLong
add_text (uLong       crc,
          const char *text,
          gsize       length)
{
  guint64 as_bytes = length;

  crc = crc32_z (crc, (const Bytef *) &as_bytes, sizeof as_bytes);
  return length > 0 ? crc32_z (crc, (const Bytef *) text, length) : crc;
}

static gpointer
sum_chunk (guint      first,
           guint      n,
           gpointer   data,
           GError   **error)
{
  Key *self = data;
  guint32 *result = g_new (guint32, 1);
  uLong crc = 0;

  for (guint row = first; row < first + n; row++)
    {
      gsize text_length = 0;
      gsize pair_length = 0;
      const char *text = attune_dataset_get_text (self->dataset, row, &text_length);
      const char *pair = attune_dataset_get_pair (self->dataset, row, &pair_length);

      crc = add_text (crc, text, text_length);
      crc = add_text (crc, pair, pair_length);
    }
  *result = (guint32) crc;
  return result;
}

static gboolean
take_sum (gpointer   result,
          guint      first,
          guint      n,
          gpointer   data,
          GError   **error)
{
  Key *self = data;

  g_checksum_update (self->checksum, result, sizeof (guint32));
  g_free (result);
  return TRUE;
}

static void
add_tokenizer (GChecksum       *checksum,
               AttuneTokenizer *tokenizer)
{
  const AttuneTokenizerOptions *options = attune_tokenizer_get_options (tokenizer);
  GBytes *vocabulary = attune_tokenizer_get_vocabulary (tokenizer);
  GBytes *source = vocabulary != NULL ? vocabulary : attune_tokenizer_get_source (tokenizer);
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (source, &length);
  g_autofree char *line = g_strdup_printf ("%s %d %d %d %d %" G_GSIZE_FORMAT "\n",
                                           vocabulary != NULL ? "wordpiece" : "tokenizer.json",
                                           TOKENIZER_VERSION, options->lowercase,
                                           options->strip_accents,
                                           options->tokenize_chinese_chars, length);

  g_checksum_update (checksum, (const guchar *) line, -1);
  g_checksum_update (checksum, bytes, (gssize) length);
}

char *
attune_token_cache_create_key (AttuneDataset           *dataset,
                               AttuneTokenizer         *tokenizer,
                               const AttuneRowThreads  *threads,
                               GCancellable            *cancellable)
{
  static const AttuneRowWork work = { weigh, sum_chunk, take_sum, g_free };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *sha256 = attune_table_get_sha256 (attune_dataset_get_table (dataset));
  const AttuneColumns *columns = attune_dataset_get_columns (dataset);
  guint n_rows = attune_dataset_get_n_rows (dataset);
  Key key = { dataset, checksum };
  g_autofree char *line = NULL;

  if (sha256 == NULL)
    return NULL;
  line = g_strdup_printf ("tokens of %s\n%u rows, columns %d %d\n", sha256, n_rows, columns->text,
                          columns->pair);
  g_checksum_update (checksum, (const guchar *) line, -1);
  add_tokenizer (checksum, tokenizer);
  if (!attune_row_chunks_run (&work, n_rows, &key, threads, cancellable, NULL))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
