/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokenizing a data set once into packed arrays. Rows longer than the maximum are cut by the
 * tokenizer itself, which knows how to cut pairs. Any thread; long for large data, so off the main
 * one.
 */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "attune-encoded-rows-private.h"

#define LONGEST 65535

static AttuneEncodedRows *
create (guint n_rows)
{
  AttuneEncodedRows *self = g_new0 (AttuneEncodedRows, 1);

  self->n_rows = n_rows;
  self->offsets = g_new0 (guint64, (gsize) n_rows + 1);
  self->full = g_new0 (guint, n_rows);
  self->ref_count = 1;
  return self;
}

static gboolean
encode_row (AttuneDataset    *dataset,
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

/**
 * attune_encoded_rows_new_for_rows:
 * @rows: (nullable): guint row numbers of @dataset, or %NULL for all
 * @max_length: longest row in tokens, specials included; 0 for no limit below 65535
 *
 * Row i of the result is row rows[i] of @dataset.
 *
 * Returns: (transfer full): the rows, or %NULL when cancelled or when a text is not UTF-8
 */
AttuneEncodedRows *
attune_encoded_rows_new_for_rows (AttuneDataset    *dataset,
                                  const GArray     *rows,
                                  AttuneTokenizer  *tokenizer,
                                  guint             max_length,
                                  GCancellable     *cancellable,
                                  GError          **error)
{
  guint n_rows = rows != NULL ? rows->len : attune_dataset_get_n_rows (dataset);
  g_autoptr (AttuneEncodedRows) self = create (n_rows);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  gboolean has_pairs = attune_dataset_get_columns (dataset)->pair >= 0;
  guint limit = max_length == 0 ? LONGEST : MIN (max_length, LONGEST);

  for (guint i = 0; i < n_rows; i++)
    {
      guint row = rows != NULL ? g_array_index (rows, guint, i) : i;

      if ((i & 0xff) == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!encode_row (dataset, row, tokenizer, limit, encoding, error))
        return NULL;
      g_array_append_vals (ids, encoding->ids->data, encoding->ids->len);
      if (has_pairs)
        g_array_append_vals (type_ids, encoding->type_ids->data, encoding->type_ids->len);
      self->offsets[i + 1] = self->offsets[i] + encoding->ids->len;
      self->full[i] = encoding->n_tokens_full;
      if (ids->len > G_MAXUINT / 8)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE,
                       _("The data has more than 500 million tokens, the most that can be "
                         "learned from at once; leave out rows or shorten the texts"));
          return NULL;
        }
    }
  self->ids = (gint32 *) g_array_steal (ids, NULL);
  if (has_pairs)
    self->type_ids = (guint8 *) g_array_steal (type_ids, NULL);
  return g_steal_pointer (&self);
}

AttuneEncodedRows *
attune_encoded_rows_new (AttuneDataset    *dataset,
                         AttuneTokenizer  *tokenizer,
                         guint             max_length,
                         GCancellable     *cancellable,
                         GError          **error)
{
  return attune_encoded_rows_new_for_rows (dataset, NULL, tokenizer, max_length, cancellable,
                                           error);
}

/**
 * attune_encoded_rows_shorten:
 * @rows: (nullable): the rows @self was made of, as when it was made
 *
 * Returns: (transfer full): @self when nothing in it is longer than @max_length, else a copy in
 *   which only the longer rows are tokenized anew
 */
AttuneEncodedRows *
attune_encoded_rows_shorten (AttuneEncodedRows  *self,
                             AttuneDataset      *dataset,
                             const GArray       *rows,
                             AttuneTokenizer    *tokenizer,
                             guint               max_length,
                             GError            **error)
{
  g_autoptr (AttuneEncodedRows) copy = create (self->n_rows);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  gsize n_tokens = 0;

  for (guint i = 0; i < self->n_rows; i++)
    {
      copy->full[i] = self->full[i];
      n_tokens += MIN (attune_encoded_rows_get_length (self, i), max_length);
      copy->offsets[i + 1] = n_tokens;
    }
  if (n_tokens == self->offsets[self->n_rows])
    return attune_encoded_rows_ref (self);

  copy->ids = g_new (gint32, n_tokens);
  if (self->type_ids != NULL)
    copy->type_ids = g_new (guint8, n_tokens);
  for (guint i = 0; i < self->n_rows; i++)
    {
      guint length = (guint) (copy->offsets[i + 1] - copy->offsets[i]);
      const gint32 *ids = self->ids + self->offsets[i];
      const guint8 *type_ids = self->type_ids != NULL ? self->type_ids + self->offsets[i] : NULL;

      if (length < attune_encoded_rows_get_length (self, i))
        {
          guint row = rows != NULL ? g_array_index (rows, guint, i) : i;

          if (!encode_row (dataset, row, tokenizer, max_length, encoding, error))
            return NULL;
          g_assert (encoding->ids->len == length);
          ids = (const gint32 *) encoding->ids->data;
          type_ids = (const guint8 *) encoding->type_ids->data;
        }
      memcpy (copy->ids + copy->offsets[i], ids, length * sizeof *ids);
      if (copy->type_ids != NULL)
        memcpy (copy->type_ids + copy->offsets[i], type_ids, length);
    }
  return g_steal_pointer (&copy);
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
  g_autofree guint *counts = g_new0 (guint, LONGEST + 1);
  guint64 seen = 0;
  guint length = 0;

  for (guint i = 0; i < n; i++)
    counts[MIN (lengths[i], LONGEST)]++;
  while (length < LONGEST && (seen + counts[length]) * 100 < (guint64) n * 99)
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
