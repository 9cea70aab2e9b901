/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokenizing a data set once into packed arrays, on several threads. Rows longer than the maximum
 * are cut by the tokenizer itself, which knows how to cut pairs. Any thread; long for large data,
 * so off the main one.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-encoded-rows-private.h"
#include "attune-token-cache.h"

/* Tokenizing this much is as fast as looking it up. */
#define FEWEST_CACHED_TOKENS 65536
#define MOST_TOKENS (G_MAXUINT / 8)

typedef struct {
  AttuneDataset *dataset;
  const GArray *rows; /* NULL: all */
  AttuneTokenizer *tokenizer;
  guint max_length;
  gboolean has_pairs;
  AttuneEncodedRows *result;
  GArray *ids;        /* gint32, of all chunks so far */
  GArray *type_ids;   /* guint8 */
} Encoder;

/* What one chunk became. */
typedef struct {
  GArray *ids;
  GArray *type_ids;
  guint lengths[];    /* after truncation, then without: 2 n */
} Chunk;

gboolean
attune_encode_row (AttuneDataset    *dataset,
                   guint             row,
                   AttuneTokenizer  *tokenizer,
                   guint             max_length,
                   AttuneEncoding   *encoding,
                   GError          **error)
{
  gsize text_length = 0;
  gsize pair_length = 0;
  const char *text = attune_dataset_get_text (dataset, row, &text_length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);

  if (attune_tokenizer_encode (tokenizer, text, (gssize) text_length, pair, (gssize) pair_length,
                               max_length, encoding, error))
    return TRUE;
  g_prefix_error (error, "%u: ", row + 1);
  return FALSE;
}

static guint
get_row (const Encoder *self,
         guint          i)
{
  return self->rows != NULL ? g_array_index (self->rows, guint, i) : i;
}

static gsize
weigh (guint    i,
       gpointer data)
{
  Encoder *self = data;
  gsize text_length = 0;
  gsize pair_length = 0;

  attune_dataset_get_text (self->dataset, get_row (self, i), &text_length);
  attune_dataset_get_pair (self->dataset, get_row (self, i), &pair_length);
  return text_length + pair_length;
}

static void
free_chunk (gpointer data)
{
  Chunk *chunk = data;

  g_array_unref (chunk->ids);
  g_array_unref (chunk->type_ids);
  g_free (chunk);
}

static gpointer
encode_chunk (guint      first,
              guint      n,
              gpointer   data,
              GError   **error)
{
  Encoder *self = data;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  Chunk *chunk = g_malloc0 (sizeof *chunk + 2 * (gsize) n * sizeof (guint));

  chunk->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  chunk->type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  for (guint i = 0; i < n; i++)
    {
      if (!attune_encode_row (self->dataset, get_row (self, first + i), self->tokenizer,
                              self->max_length, encoding, error))
        {
          free_chunk (chunk);
          return NULL;
        }
      g_array_append_vals (chunk->ids, encoding->ids->data, encoding->ids->len);
      if (self->has_pairs)
        g_array_append_vals (chunk->type_ids, encoding->type_ids->data, encoding->type_ids->len);
      chunk->lengths[i] = encoding->ids->len;
      chunk->lengths[n + i] = encoding->n_tokens_full;
    }
  return chunk;
}

static gboolean
take_chunk (gpointer   result,
            guint      first,
            guint      n,
            gpointer   data,
            GError   **error)
{
  Encoder *self = data;
  Chunk *chunk = result;

  g_array_append_vals (self->ids, chunk->ids->data, chunk->ids->len);
  g_array_append_vals (self->type_ids, chunk->type_ids->data, chunk->type_ids->len);
  for (guint i = 0; i < n; i++)
    {
      self->result->offsets[first + i + 1] = self->result->offsets[first + i] + chunk->lengths[i];
      self->result->full[first + i] = chunk->lengths[n + i];
    }
  free_chunk (chunk);
  if (self->ids->len <= MOST_TOKENS)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
               _("The data has more than 500 million tokens, the most that can be "
                 "learned from at once; leave out rows or shorten the texts"));
  return FALSE;
}

/**
 * attune_encoded_rows_new_for_rows:
 * @rows: (nullable): guint row numbers of @dataset, or %NULL for all
 * @max_length: longest row in tokens, specials included; 0 for no limit below 65535
 * @threads: (nullable): %NULL for all processors
 *
 * Row i of the result is row rows[i] of @dataset. The result does not depend on @threads.
 *
 * Returns: (transfer full): the rows, or %NULL when cancelled or when a text is not UTF-8
 */
AttuneEncodedRows *
attune_encoded_rows_new_for_rows (AttuneDataset           *dataset,
                                  const GArray            *rows,
                                  AttuneTokenizer         *tokenizer,
                                  guint                    max_length,
                                  const AttuneRowThreads  *threads,
                                  GCancellable            *cancellable,
                                  GError                 **error)
{
  static const AttuneRowWork work = { weigh, encode_chunk, take_chunk, free_chunk };
  guint n_rows = rows != NULL ? rows->len : attune_dataset_get_n_rows (dataset);
  g_autoptr (AttuneEncodedRows) result = attune_encoded_rows_create (n_rows);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  Encoder encoder = {
    .dataset = dataset,
    .rows = rows,
    .tokenizer = tokenizer,
    .max_length = max_length == 0 ? ATTUNE_LONGEST_ROW : MIN (max_length, ATTUNE_LONGEST_ROW),
    .has_pairs = attune_dataset_get_columns (dataset)->pair >= 0,
    .result = result,
    .ids = ids,
    .type_ids = type_ids,
  };

  if (!attune_row_chunks_run (&work, n_rows, &encoder, threads, cancellable, error))
    return NULL;
  result->ids = (gint32 *) g_array_steal (ids, NULL);
  if (encoder.has_pairs)
    result->type_ids = (guint8 *) g_array_steal (type_ids, NULL);
  return g_steal_pointer (&result);
}

AttuneEncodedRows *
attune_encoded_rows_new (AttuneDataset    *dataset,
                         AttuneTokenizer  *tokenizer,
                         guint             max_length,
                         GCancellable     *cancellable,
                         GError          **error)
{
  return attune_encoded_rows_new_for_rows (dataset, NULL, tokenizer, max_length, NULL, cancellable,
                                           error);
}

/**
 * attune_encoded_rows_new_cached:
 * @threads: (nullable): %NULL for all processors
 *
 * What is not in the cache, or is damaged there, is tokenized and put into it; a cache that cannot
 * be written is done without.
 *
 * Returns: (transfer full): as attune_encoded_rows_new() with a maximum length of 0
 */
AttuneEncodedRows *
attune_encoded_rows_new_cached (AttuneDataset           *dataset,
                                AttuneTokenizer         *tokenizer,
                                const AttuneRowThreads  *threads,
                                GCancellable            *cancellable,
                                GError                 **error)
{
  g_autofree char *folder = attune_token_cache_get_folder ();
  AttuneRowThreads quiet = threads != NULL ? *threads : (AttuneRowThreads) { 0 };
  g_autofree char *key = NULL;
  AttuneEncodedRows *rows = NULL;

  /* Done within moments; what takes its time is to come. */
  quiet.progress = NULL;
  key = attune_token_cache_create_key (dataset, tokenizer, &quiet, cancellable);
  if (key != NULL)
    rows = attune_token_cache_load (folder, key, attune_dataset_get_n_rows (dataset),
                                    attune_dataset_get_columns (dataset)->pair >= 0,
                                    attune_tokenizer_get_n_tokens (tokenizer));
  if (rows != NULL)
    return rows;
  rows = attune_encoded_rows_new_for_rows (dataset, NULL, tokenizer, 0, threads, cancellable,
                                           error);
  if (rows != NULL && key != NULL && rows->offsets[rows->n_rows] >= FEWEST_CACHED_TOKENS)
    attune_token_cache_store (folder, key, rows);
  return rows;
}
