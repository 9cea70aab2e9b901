/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of rows in an epoch and their packing. Chance comes from a counter-based generator
 * (SplitMix64, Steele et al. 2014, as a function of key and counter), so no state is ever saved and
 * a resumed run sees the same batches. Length groups are those of transformers'
 * LengthGroupedSampler: shuffle, cut into mega-batches of 50 batches, sort each by length, longest row of all first.
 */
#include "config.h"

#include "attune-batches.h"

#define MEGA_BATCH 50

static guint64
mix (guint64 x)
{
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static guint64
random_at (guint64 key,
           guint64 counter)
{
  return mix (key + (counter + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
}

/* 0 … n-1; the bias of the high product is below 2^-32 for every n that fits a guint. */
static guint
bounded (guint64 random,
         guint   n)
{
  return (guint) (((__uint128_t) random * n) >> 64);
}

/**
 * attune_batches_init:
 * @n_rows: at least 1
 *
 * As current versions of Trainer, the rest of an epoch that does not fill a step makes a step of
 * its own, so every row is used once in each epoch.
 */
void
attune_batches_init (AttuneBatches  *self,
                     AttuneSampling  sampling,
                     guint64         seed,
                     guint           n_rows,
                     guint           batch_size,
                     guint           accumulation)
{
  g_return_if_fail (n_rows > 0 && batch_size > 0 && accumulation > 0);

  self->sampling = sampling;
  self->labels = NULL;
  self->n_labels = 0;
  self->seed = seed;
  self->n_rows = n_rows;
  self->batch_size = batch_size;
  self->accumulation = accumulation;
  self->n_batches = (n_rows - 1) / batch_size + 1;
  self->steps_per_epoch = (self->n_batches - 1) / accumulation + 1;
}

static gint
compare_longest_first (gconstpointer a,
                       gconstpointer b,
                       gpointer      lengths)
{
  guint length_a = ((const guint *) lengths)[*(const guint *) a];
  guint length_b = ((const guint *) lengths)[*(const guint *) b];

  return length_a < length_b ? 1 : length_a > length_b ? -1 : 0;
}

/* Sorts mega-batch by mega-batch; g_sort_array() is stable, so ties keep their random order. The
 * longest row of all goes first, so that running out of memory shows in the first step. */
static void
group_by_length (const AttuneBatches *self,
                 const guint         *lengths,
                 guint               *order)
{
  guint batch = self->batch_size * self->accumulation;
  guint mega = batch * CLAMP (self->n_rows / (batch * 4), 1, MEGA_BATCH);
  guint longest = 0;

  for (guint start = 0; start < self->n_rows; start += mega)
    {
      g_sort_array (order + start, MIN (mega, self->n_rows - start), sizeof *order,
                    compare_longest_first, (gpointer) lengths);
      if (lengths[order[start]] > lengths[order[longest]])
        longest = start;
    }
  if (longest > 0)
    {
      guint first = order[0];

      order[0] = order[longest];
      order[longest] = first;
    }
}

static void
shuffle (guint   *rows,
         guint    n,
         guint64  key)
{
  for (guint i = n; i > 1; i--)
    {
      guint j = bounded (random_at (key, i - 1), i);
      guint kept = rows[i - 1];

      rows[i - 1] = rows[j];
      rows[j] = kept;
    }
}

/* As many rows as there are, equally many of each label: of frequent ones some are left out, of rare
 * ones all come several times. */
static void
balance (const AttuneBatches *self,
         guint64              key,
         guint               *order)
{
  g_autofree guint *begins = g_new0 (guint, self->n_labels + 1);
  g_autofree guint *filled = g_new0 (guint, self->n_labels);
  g_autofree guint *present = g_new (guint, MAX (self->n_labels, 1));
  g_autofree guint *by_label = g_new (guint, self->n_rows);
  guint n_present = 0;

  for (guint i = 0; i < self->n_rows; i++)
    begins[self->labels[i] + 1]++;
  for (guint label = 0; label < self->n_labels; label++)
    {
      if (begins[label + 1] > 0)
        present[n_present++] = label;
      begins[label + 1] += begins[label];
    }
  for (guint i = 0; i < self->n_rows; i++)
    by_label[begins[self->labels[i]] + filled[self->labels[i]]++] = i;
  for (guint k = 0; k < n_present; k++)
    shuffle (by_label + begins[present[k]], filled[present[k]], mix (key + present[k] + 1));
  for (guint i = 0; i < self->n_rows; i++)
    {
      guint label = present[i % n_present];

      order[i] = by_label[begins[label] + i / n_present % filled[label]];
    }
}

guint *
attune_batches_order (const AttuneBatches *self,
                      const guint         *lengths,
                      guint                epoch)
{
  guint64 key = mix (mix (self->seed + G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) + epoch);
  guint *order = g_new (guint, self->n_rows);

  for (guint i = 0; i < self->n_rows; i++)
    order[i] = i;
  if (self->sampling == ATTUNE_SAMPLING_SEQUENTIAL)
    return order;
  if (self->sampling == ATTUNE_SAMPLING_BALANCED)
    balance (self, key, order);
  shuffle (order, self->n_rows, key);
  if (self->sampling == ATTUNE_SAMPLING_GROUP_BY_LENGTH || self->sampling == ATTUNE_SAMPLING_BALANCED)
    group_by_length (self, lengths, order);
  return order;
}

void
attune_packed_batch_init (AttunePackedBatch *self)
{
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->offsets = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->type_ids = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->targets = g_array_new (FALSE, TRUE, sizeof (float));
  self->texts = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->batch = (AttuneEngineBatch) { 0 };
}

void
attune_packed_batch_clear (AttunePackedBatch *self)
{
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->offsets, g_array_unref);
  g_clear_pointer (&self->type_ids, g_array_unref);
  g_clear_pointer (&self->labels, g_array_unref);
  g_clear_pointer (&self->targets, g_array_unref);
  g_clear_pointer (&self->texts, g_array_unref);
}

/**
 * attune_packed_batch_fill:
 *
 * self->batch is valid until the next fill or clear.
 */
void
attune_packed_batch_fill (AttunePackedBatch       *self,
                          const AttuneEncodedRows *encoded,
                          const gint32            *labels,
                          const guint             *rows,
                          guint                    n)
{
  gint32 offset = 0;
  gint32 n_sequences = 0;

  self->n_rows = n;
  g_array_set_size (self->texts, 0);
  g_array_append_val (self->texts, n_sequences);
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->offsets, 0);
  g_array_set_size (self->type_ids, 0);
  g_array_set_size (self->labels, 0);
  g_array_append_val (self->offsets, offset);
  for (guint i = 0; i < n; i++)
    {
      guint64 start = encoded->offsets[rows[i]];
      guint length = attune_encoded_rows_get_length (encoded, rows[i]);

      g_array_append_vals (self->ids, encoded->ids + start, length);
      if (encoded->type_ids != NULL)
        g_array_append_vals (self->type_ids, encoded->type_ids + start, length);
      if (labels != NULL)
        g_array_append_val (self->labels, labels[rows[i]]);
      for (guint left = length, part; left > 0; left -= part)
        {
          part = encoded->window > 0 ? MIN (left, encoded->window) : left;
          offset += (gint32) part;
          g_array_append_val (self->offsets, offset);
          n_sequences++;
        }
      g_array_append_val (self->texts, n_sequences);
    }
  self->batch = (AttuneEngineBatch) {
    .ids = (const int32_t *) self->ids->data,
    .n_tokens = self->ids->len,
    .offsets = (const int32_t *) self->offsets->data,
    .n_sequences = (size_t) n_sequences,
    .type_ids = encoded->type_ids != NULL ? (const uint8_t *) self->type_ids->data : NULL,
    .labels = labels != NULL ? (const int32_t *) self->labels->data : NULL,
    .texts = (guint) n_sequences > n ? (const int32_t *) self->texts->data : NULL,
    .n_texts = n,
  };
}

void
attune_packed_batch_set_targets (AttunePackedBatch *self,
                                 AttuneDataset     *dataset,
                                 const guint       *numbers,
                                 const guint       *rows)
{
  guint n_labels = attune_dataset_get_n_labels (dataset);
  guint n = self->n_rows;

  g_array_set_size (self->targets, 0);
  g_array_set_size (self->targets, n * n_labels);
  for (guint i = 0; i < n; i++)
    {
      guint n_set;
      const gint32 *set = attune_dataset_get_label_set (dataset, numbers[rows[i]], &n_set);

      for (guint j = 0; j < n_set; j++)
        g_array_index (self->targets, float, i * n_labels + (guint) set[j]) = 1;
    }
  self->batch.labels = NULL;
  self->batch.targets = (const float *) self->targets->data;
}
