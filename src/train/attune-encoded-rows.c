/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encoded rows as plain data: sharing them, taking some of them and cutting those to a maximum,
 * proposing that maximum. Making them is attune-row-encoder.c. Any thread.
 */
#include "config.h"

#include "attune-encoded-rows-private.h"

AttuneEncodedRows *
attune_encoded_rows_create (guint n_rows)
{
  AttuneEncodedRows *self = g_new0 (AttuneEncodedRows, 1);

  self->n_rows = n_rows;
  self->offsets = g_new0 (guint64, (gsize) n_rows + 1);
  self->full = g_new0 (guint, n_rows);
  self->ref_count = 1;
  return self;
}

/* Of two texts the tokenizer knows which to cut. */
static gboolean
cut_row (const AttuneEncodedRows  *self,
         guint                     index,
         AttuneDataset            *dataset,
         guint                     row,
         AttuneTokenizer          *tokenizer,
         const AttuneTextCut      *cut,
         GArray                   *places,
         AttuneEncoding           *encoding,
         AttuneEncodedRows        *result,
         guint                     i,
         GError                  **error)
{
  const gint32 *ids = self->ids + self->offsets[index];
  gint32 *target = result->ids + result->offsets[i];
  guint length = attune_encoded_rows_get_length (result, i);

  if (self->type_ids == NULL)
    {
      g_array_set_size (places, length);
      attune_text_cut_pick (cut, attune_encoded_rows_get_length (self, index),
                            (guint *) places->data);
      for (guint i_token = 0; i_token < length; i_token++)
        target[i_token] = ids[g_array_index (places, guint, i_token)];
      return TRUE;
    }
  if (!attune_encode_row (dataset, row, tokenizer, length, encoding, error))
    return FALSE;
  g_assert (encoding->ids->len == length);
  memcpy (target, encoding->ids->data, length * sizeof *ids);
  memcpy (result->type_ids + result->offsets[i], encoding->type_ids->data, length);
  return TRUE;
}

/**
 * attune_encoded_rows_select:
 * @indices: (nullable): guint numbers of rows of @self, or %NULL for all
 * @rows: (nullable): the rows of @dataset they were made of; %NULL when the numbers are the same
 * @cut: what is left of longer rows; of pairs of texts always their heads
 *
 * Equal to encoding @rows anew, and much faster.
 *
 * Returns: (transfer full): @self itself when it is to be taken whole and nothing is longer than
 *   the maximum length of @cut; %NULL when a text is not UTF-8
 */
AttuneEncodedRows *
attune_encoded_rows_select (AttuneEncodedRows  *self,
                            const GArray       *indices,
                            AttuneDataset      *dataset,
                            const GArray       *rows,
                            AttuneTokenizer    *tokenizer,
                            const AttuneTextCut *cut,
                            GError            **error)
{
  guint n_rows = indices != NULL ? indices->len : self->n_rows;
  g_autoptr (AttuneEncodedRows) result = attune_encoded_rows_create (n_rows);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  gboolean whole = n_rows == self->n_rows;
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  gsize n_tokens = 0;

  g_return_val_if_fail (self->type_ids == NULL || cut->kind == ATTUNE_LONG_TEXTS_HEAD, NULL);

  result->window = attune_text_cut_get_window (cut);
  for (guint i = 0; i < n_rows; i++)
    {
      guint index = indices != NULL ? g_array_index (indices, guint, i) : i;
      guint length = attune_encoded_rows_get_length (self, index);

      result->full[i] = self->full[index];
      n_tokens += attune_text_cut_get_length (cut, length);
      result->offsets[i + 1] = n_tokens;
      whole = whole && index == i && length <= cut->max_length;
    }
  if (whole)
    return attune_encoded_rows_ref (self);

  result->ids = g_new (gint32, n_tokens);
  if (self->type_ids != NULL)
    result->type_ids = g_new (guint8, n_tokens);
  for (guint i = 0; i < n_rows; i++)
    {
      guint index = indices != NULL ? g_array_index (indices, guint, i) : i;
      guint length = attune_encoded_rows_get_length (result, i);

      if (attune_encoded_rows_get_length (self, index) > cut->max_length)
        {
          guint row = rows != NULL ? g_array_index (rows, guint, i) : index;

          if (!cut_row (self, index, dataset, row, tokenizer, cut, places, encoding, result, i,
                        error))
            return NULL;
          continue;
        }
      memcpy (result->ids + result->offsets[i], self->ids + self->offsets[index],
              length * sizeof *self->ids);
      if (self->type_ids != NULL)
        memcpy (result->type_ids + result->offsets[i], self->type_ids + self->offsets[index],
                length);
    }
  return g_steal_pointer (&result);
}

AttuneEncodedRows *
attune_encoded_rows_ref (AttuneEncodedRows *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
attune_encoded_rows_unref (AttuneEncodedRows *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_free (self->ids);
  g_free (self->offsets);
  g_free (self->type_ids);
  g_free (self->full);
  g_free (self);
}

/* In tokens, specials included, after truncation. */
guint
attune_encoded_rows_get_length (const AttuneEncodedRows *self,
                                guint                    row)
{
  return (guint) (self->offsets[row + 1] - self->offsets[row]);
}

/* The 99th percentile: the smallest length that at least 99 % do not exceed. */
guint
attune_propose_max_length (const guint *lengths,
                           guint        n,
                           guint        limit)
{
  g_autofree guint *counts = g_new0 (guint, ATTUNE_LONGEST_ROW + 1);
  guint64 seen = 0;
  guint length = 0;

  for (guint i = 0; i < n; i++)
    counts[MIN (lengths[i], ATTUNE_LONGEST_ROW)]++;
  while (length < ATTUNE_LONGEST_ROW && (seen + counts[length]) * 100 < (guint64) n * 99)
    seen += counts[length++];
  length = (MAX (length, 1) + 15) / 16 * 16;
  return MIN (length, limit);
}

guint
attune_encoded_rows_propose_max_length (const AttuneEncodedRows *self,
                                        guint                    limit)
{
  return attune_propose_max_length (self->full, self->n_rows, limit);
}
