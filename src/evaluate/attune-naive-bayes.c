/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counts are kept only where they are not 0, chained by feature, so that many classes cost no more
 * memory than few. A row's score for a class is
 *   log P(class) + Σ over its known features of log ((count + s) / (total + s · features)),
 * summed up as if all counts were 0 and corrected by log (1 + count / s) where they are not.
 */
#include "config.h"

#include "attune-naive-bayes.h"

#include <math.h>

#include "attune-key-index.h"
#include "attune-ngrams.h"

#define NO_COUNT G_MAXUINT32

/* How many training rows of a class have a feature. */
typedef struct {
  guint32 class;
  guint32 count;
  guint32 next; /* of the same feature, or NO_COUNT */
} ClassCount;

struct _AttuneNaiveBayes {
  guint n_classes;
  double smoothing;

  AttuneKeyIndex features;    /* id, or pair of ids, to the feature's number */
  GArray *first_counts;       /* guint32 (features,) */
  AttuneKeyIndex count_index; /* feature and class to the number of the ClassCount */
  GArray *counts;             /* ClassCount */

  guint64 n_rows;
  guint64 *class_rows;   /* (C,) */
  guint64 *class_totals; /* (C,) features counted */

  GArray *row_features; /* guint64, of the row at hand */
  double *scores;       /* (C,) */
};

AttuneNaiveBayes *
attune_naive_bayes_new (guint  n_classes,
                        double smoothing)
{
  AttuneNaiveBayes *self = g_new0 (AttuneNaiveBayes, 1);

  self->n_classes = n_classes;
  self->smoothing = smoothing;
  attune_key_index_init (&self->features);
  self->first_counts = g_array_new (FALSE, FALSE, sizeof (guint32));
  attune_key_index_init (&self->count_index);
  self->counts = g_array_new (FALSE, FALSE, sizeof (ClassCount));
  self->class_rows = g_new0 (guint64, n_classes);
  self->class_totals = g_new0 (guint64, n_classes);
  self->row_features = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->scores = g_new0 (double, n_classes);

  return self;
}

void
attune_naive_bayes_free (AttuneNaiveBayes *self)
{
  if (self == NULL)
    return;

  attune_key_index_clear (&self->features);
  attune_key_index_clear (&self->count_index);
  g_array_unref (self->first_counts);
  g_array_unref (self->counts);
  g_array_unref (self->row_features);
  g_free (self->class_rows);
  g_free (self->class_totals);
  g_free (self->scores);
  g_free (self);
}

static void
count_feature (AttuneNaiveBayes *self,
               guint64           key,
               guint32           class)
{
  const guint32 feature = attune_key_index_insert (&self->features, key);
  guint32 count;

  if (feature == self->first_counts->len)
    {
      const guint32 none = NO_COUNT;

      g_array_append_val (self->first_counts, none);
    }

  count = attune_key_index_insert (&self->count_index, (guint64) feature << 32 | class);
  if (count == self->counts->len)
    {
      guint32 *first = &g_array_index (self->first_counts, guint32, feature);
      const ClassCount new_count = { class, 0, *first };

      g_array_append_val (self->counts, new_count);
      *first = count;
    }
  g_array_index (self->counts, ClassCount, count).count++;
}

/* Learns a row: ids (n_ids,) without special tokens. */
void
attune_naive_bayes_add (AttuneNaiveBayes *self,
                        const gint32     *ids,
                        gsize             n_ids,
                        gint32            label)
{
  g_return_if_fail (label >= 0 && (guint) label < self->n_classes);

  attune_ngrams_collect (self->row_features, ids, n_ids);
  for (guint i = 0; i < self->row_features->len; i++)
    count_feature (self, g_array_index (self->row_features, guint64, i), (guint32) label);

  self->n_rows++;
  self->class_rows[label]++;
  self->class_totals[label] += self->row_features->len;
}

/* The most probable class of a row; ties go to the lower id. Features never learnt do not count. */
gint32
attune_naive_bayes_predict (AttuneNaiveBayes *self,
                            const gint32     *ids,
                            gsize             n_ids)
{
  guint64 n_known = 0;
  gint32 best = 0;

  for (guint c = 0; c < self->n_classes; c++)
    self->scores[c] = 0.0;

  attune_ngrams_collect (self->row_features, ids, n_ids);
  for (guint i = 0; i < self->row_features->len; i++)
    {
      const guint32 feature =
        attune_key_index_lookup (&self->features, g_array_index (self->row_features, guint64, i));

      if (feature == ATTUNE_KEY_INDEX_NONE)
        continue;

      n_known++;
      for (guint32 next = g_array_index (self->first_counts, guint32, feature); next != NO_COUNT;)
        {
          const ClassCount *count = &g_array_index (self->counts, ClassCount, next);

          self->scores[count->class] += log1p (count->count / self->smoothing);
          next = count->next;
        }
    }

  for (guint c = 0; c < self->n_classes; c++)
    {
      const double total =
        (double) self->class_totals[c] + self->smoothing * self->features.n_keys;

      if (self->class_rows[c] == 0)
        {
          self->scores[c] = -INFINITY;
        }
      else
        {
          self->scores[c] += log ((double) self->class_rows[c] / (double) self->n_rows);
          if (n_known > 0)
            self->scores[c] += (double) n_known * (log (self->smoothing) - log (total));
        }
      if (self->scores[c] > self->scores[best])
        best = (gint32) c;
    }

  return best;
}
