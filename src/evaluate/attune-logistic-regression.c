/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A feature counts as ln ((1 + rows) / (1 + rows that have it)) + 1, and rows have length 1: the
 * tf-idf of scikit-learn's TfidfVectorizer with binary counts. Features of one row only are left
 * out, and more where there would be more weights than memory should take. The strictness is that
 * which does best on the usual sets.
 */
#include "config.h"

#include "attune-logistic-regression.h"

#include <math.h>

#include "attune-key-index.h"
#include "attune-logistic-solver.h"
#include "attune-ngrams.h"

#define STRICTNESS 10
#define TOLERANCE 1e-5
#define MOST_ITERATIONS 200
#define FEWEST_ROWS 2
/* Numbers; the solver has sixteen copies of them. */
#define MOST_WEIGHTS 2000000

struct _AttuneLogisticRegression {
  guint n_classes;
  AttuneKeyIndex features; /* of all rows to its number there */
  GArray *row_counts;      /* guint32 (features,): rows that have it */
  GArray *offsets;         /* gsize (N+1,) */
  GArray *columns;         /* guint32; those of rows that were added, before fit by all features */
  GArray *labels;          /* gint32 (N,) */
  guint32 *kept;           /* (features,): number among those that are kept, or NONE */
  float *rarity;           /* (kept,) */
  guint n_kept;
  guint n_sets;
  double *weights;         /* ((kept + 1) K,); NULL: nothing learned */
  GArray *row_features;    /* guint64, of the row at hand */
  GArray *row_columns;     /* guint32 */
  GArray *row_values;      /* float */
  double *scores;          /* (K,) */
};

AttuneLogisticRegression *
attune_logistic_regression_new (guint n_classes)
{
  AttuneLogisticRegression *self = g_new0 (AttuneLogisticRegression, 1);
  const gsize start = 0;

  self->n_classes = n_classes;
  self->n_sets = attune_logistic_count_sets (n_classes);
  attune_key_index_init (&self->features);
  self->row_counts = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->offsets = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->columns = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->row_features = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->row_columns = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->row_values = g_array_new (FALSE, FALSE, sizeof (float));
  self->scores = g_new0 (double, MAX (self->n_sets, 1));
  g_array_append_val (self->offsets, start);
  return self;
}

void
attune_logistic_regression_free (AttuneLogisticRegression *self)
{
  if (self == NULL)
    return;

  attune_key_index_clear (&self->features);
  g_array_unref (self->row_counts);
  g_array_unref (self->offsets);
  g_array_unref (self->columns);
  g_array_unref (self->labels);
  g_array_unref (self->row_features);
  g_array_unref (self->row_columns);
  g_array_unref (self->row_values);
  g_free (self->kept);
  g_free (self->rarity);
  g_free (self->weights);
  g_free (self->scores);
  g_free (self);
}

void
attune_logistic_regression_add (AttuneLogisticRegression *self,
                                const gint32             *ids,
                                gsize                     n_ids,
                                gint32                    label)
{
  gsize end;

  g_return_if_fail (label >= 0 && (guint) label < self->n_classes);

  attune_ngrams_collect (self->row_features, ids, n_ids);
  for (guint i = 0; i < self->row_features->len; i++)
    {
      const guint32 one = 1;
      const guint32 feature =
        attune_key_index_insert (&self->features, g_array_index (self->row_features, guint64, i));

      if (feature == self->row_counts->len)
        g_array_append_val (self->row_counts, one);
      else
        g_array_index (self->row_counts, guint32, feature)++;
      g_array_append_val (self->columns, feature);
    }
  end = self->columns->len;
  g_array_append_val (self->offsets, end);
  g_array_append_val (self->labels, label);
}

/* Numbers the features that enough rows have: as few as it takes to have room for their weights. */
static void
choose_features (AttuneLogisticRegression *self)
{
  const guint n_rows = self->labels->len;
  g_autofree guint *n_with = g_new0 (guint, (gsize) n_rows + 1); /* features that so many rows have */
  guint fewest = n_rows + 1, n_kept = 0;

  for (guint i = 0; i < self->row_counts->len; i++)
    n_with[g_array_index (self->row_counts, guint32, i)]++;
  while (fewest > FEWEST_ROWS
         && (guint64) (n_kept + n_with[fewest - 1] + 1) * self->n_sets <= MOST_WEIGHTS)
    n_kept += n_with[--fewest];

  self->kept = g_new (guint32, MAX (self->row_counts->len, 1));
  self->rarity = g_new (float, MAX (n_kept, 1));
  for (guint i = 0; i < self->row_counts->len; i++)
    {
      const guint32 count = g_array_index (self->row_counts, guint32, i);

      self->kept[i] = count >= fewest ? self->n_kept : ATTUNE_KEY_INDEX_NONE;
      if (count >= fewest)
        self->rarity[self->n_kept++] = (float) (log ((1.0 + n_rows) / (1.0 + count)) + 1);
    }
}

/* A row's features, numbered among all, as a row of length 1: row_columns and row_values. */
static void
weigh_row (AttuneLogisticRegression *self,
           const guint32            *features,
           gsize                     n)
{
  double squares = 0;

  g_array_set_size (self->row_columns, 0);
  g_array_set_size (self->row_values, 0);
  for (gsize i = 0; i < n; i++)
    if (features[i] != ATTUNE_KEY_INDEX_NONE && self->kept[features[i]] != ATTUNE_KEY_INDEX_NONE)
      {
        const guint32 column = self->kept[features[i]];

        g_array_append_val (self->row_columns, column);
        g_array_append_val (self->row_values, self->rarity[column]);
        squares += (double) self->rarity[column] * self->rarity[column];
      }
  for (guint i = 0; i < self->row_values->len; i++)
    g_array_index (self->row_values, float, i) /= (float) sqrt (squares);
}

gboolean
attune_logistic_regression_fit (AttuneLogisticRegression  *self,
                                GCancellable              *cancellable,
                                GError                   **error)
{
  g_autoptr (GArray) offsets = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (float));
  g_autofree double *weights = NULL;
  AttuneLogisticProblem problem;
  gsize end = 0;

  g_return_val_if_fail (self->kept == NULL, FALSE);

  if (self->labels->len == 0 || self->n_classes < 2
      || (guint64) self->n_sets * 2 > MOST_WEIGHTS)
    return TRUE;
  choose_features (self);
  g_array_append_val (offsets, end);
  for (guint row = 0; row < self->labels->len; row++)
    {
      const gsize start = g_array_index (self->offsets, gsize, row);

      weigh_row (self, &g_array_index (self->columns, guint32, start),
                 g_array_index (self->offsets, gsize, row + 1) - start);
      g_array_append_vals (columns, self->row_columns->data, self->row_columns->len);
      g_array_append_vals (values, self->row_values->data, self->row_values->len);
      end = columns->len;
      g_array_append_val (offsets, end);
    }
  g_array_set_size (self->columns, 0);

  problem = (AttuneLogisticProblem) {
    .n_rows = self->labels->len,
    .n_features = self->n_kept,
    .n_classes = self->n_classes,
    .offsets = (const gsize *) (gpointer) offsets->data,
    .columns = (const guint32 *) (gpointer) columns->data,
    .values = (const float *) (gpointer) values->data,
    .labels = (const gint32 *) (gpointer) self->labels->data,
    .strictness = STRICTNESS,
    .tolerance = TOLERANCE,
    .most_iterations = MOST_ITERATIONS,
  };
  weights = g_new (double, ((gsize) self->n_kept + 1) * self->n_sets);
  if (!attune_logistic_solve (&problem, weights, cancellable, error))
    return FALSE;
  self->weights = g_steal_pointer (&weights);
  return TRUE;
}

gint32
attune_logistic_regression_predict (AttuneLogisticRegression *self,
                                    const gint32             *ids,
                                    gsize                     n_ids)
{
  g_autoptr (GArray) known = NULL;
  guint best = 0;

  if (self->weights == NULL)
    return -1;
  known = g_array_new (FALSE, FALSE, sizeof (guint32));
  attune_ngrams_collect (self->row_features, ids, n_ids);
  for (guint i = 0; i < self->row_features->len; i++)
    {
      const guint32 feature =
        attune_key_index_lookup (&self->features, g_array_index (self->row_features, guint64, i));

      g_array_append_val (known, feature);
    }
  weigh_row (self, (const guint32 *) (gpointer) known->data, known->len);
  attune_logistic_score (self->weights, self->n_kept, self->n_sets,
                         (const guint32 *) (gpointer) self->row_columns->data,
                         (const float *) (gpointer) self->row_values->data, self->row_values->len,
                         self->scores);
  if (self->n_sets == 1)
    return self->scores[0] > 0;
  for (guint k = 1; k < self->n_sets; k++)
    if (self->scores[k] > self->scores[best])
      best = k;
  return (gint32) best;
}
