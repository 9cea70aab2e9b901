/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All base lines learn from the training rows and are judged on the validation rows. Rows without a
 * label are left out. Runs in the calling thread, for a few seconds on 67,000 short texts.
 */
#include "config.h"

#include "attune-baselines.h"

#include <math.h>

#include "attune-logistic-regression.h"
#include "attune-naive-bayes.h"

#define SMOOTHING 0.3

/* Above this many sets of labels learning takes too long, and would learn nothing. */
#define MOST_SETS 4000

/* Rows between two looks at the cancellable. */
#define ROWS_PER_CHECK 256

/* What the base lines tell apart: labels, or sets of labels by the order in which training has them. */
typedef struct {
  guint n;
  GHashTable *sets;  /* GBytes of ids → number + 1; NULL: one label a row */
} Kinds;

static GBytes *
get_set (AttuneDataset *dataset,
         guint          row)
{
  guint n;
  const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);

  return g_bytes_new (set, n * sizeof *set);
}

/* -1 for a row without a label and for a set that training never had. */
static gint32
get_kind (const Kinds   *kinds,
          AttuneDataset *dataset,
          guint          row)
{
  g_autoptr (GBytes) set = NULL;

  if (kinds->sets == NULL)
    return attune_dataset_get_label (dataset, row);
  set = get_set (dataset, row);
  return (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (kinds->sets, set)) - 1;
}

static void
kinds_init (Kinds         *self,
            AttuneDataset *train,
            const GArray  *rows)
{
  *self = (Kinds) { .n = attune_dataset_get_n_labels (train) };
  if (attune_dataset_get_task (train) != ATTUNE_TASK_MULTI_LABEL)
    return;
  self->sets = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                      NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      const guint row = g_array_index (rows, guint, i);
      g_autoptr (GBytes) set = get_set (train, row);

      if (attune_dataset_is_labelled (train, row) && !g_hash_table_contains (self->sets, set))
        g_hash_table_insert (self->sets, g_steal_pointer (&set),
                             GUINT_TO_POINTER (g_hash_table_size (self->sets) + 1));
    }
  self->n = g_hash_table_size (self->sets);
}

static void
kinds_clear (Kinds *self)
{
  g_clear_pointer (&self->sets, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Kinds, kinds_clear)

static gint32
most_frequent_kind (const Kinds   *kinds,
                    AttuneDataset *train,
                    const GArray  *rows)
{
  g_autofree guint64 *counts = g_new0 (guint64, MAX (kinds->n, 1));
  gint32 majority = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const guint row = g_array_index (rows, guint, i);
      const gint32 kind = get_kind (kinds, train, row);

      if (kind >= 0 && attune_dataset_is_labelled (train, row))
        counts[kind]++;
    }
  for (guint kind = 1; kind < kinds->n; kind++)
    {
      if (counts[kind] > counts[majority])
        majority = (gint32) kind;
    }

  return majority;
}

/* The row's ids without [CLS] and [SEP] at the ends; between text and pair one [SEP] stays. */
static gboolean
encode_row (AttuneDataset    *dataset,
            guint             row,
            AttuneTokenizer  *tokenizer,
            AttuneEncoding   *encoding,
            const gint32    **ids,
            gsize            *n_ids,
            GError          **error)
{
  gsize text_length = 0, pair_length = 0;
  const char *text = attune_dataset_get_text (dataset, row, &text_length);
  const char *pair = attune_dataset_get_pair (dataset, row, &pair_length);

  if (!attune_tokenizer_encode (tokenizer, text, (gssize) text_length, pair, (gssize) pair_length,
                                G_MAXUINT, encoding, error))
    return FALSE;

  *ids = &g_array_index (encoding->ids, gint32, 1);
  *n_ids = encoding->ids->len - 2;

  return TRUE;
}

static gboolean
learn (AttuneNaiveBayes  *bayes,
       AttuneLogisticRegression *regression,
       const Kinds       *kinds,
       AttuneDataset     *train,
       const GArray      *rows,
       AttuneTokenizer   *tokenizer,
       GCancellable      *cancellable,
       GError           **error)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      const guint row = g_array_index (rows, guint, i);
      const gint32 kind = get_kind (kinds, train, row);
      const gint32 *ids;
      gsize n_ids;

      if (i % ROWS_PER_CHECK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (kind < 0 || !attune_dataset_is_labelled (train, row))
        continue;
      if (!encode_row (train, row, tokenizer, encoding, &ids, &n_ids, error))
        return FALSE;
      attune_naive_bayes_add (bayes, ids, n_ids, kind);
      attune_logistic_regression_add (regression, ids, n_ids, kind);
    }

  return attune_logistic_regression_fit (regression, cancellable, error);
}

static gboolean
judge (AttuneNaiveBayes  *bayes,
       AttuneLogisticRegression *regression,
       const Kinds       *kinds,
       gint32             majority,
       AttuneDataset     *validation,
       const GArray      *rows,
       AttuneTokenizer   *tokenizer,
       GCancellable      *cancellable,
       AttuneBaselines   *baselines,
       GError           **error)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  guint64 n_rows = 0, n_majority = 0, n_bayes = 0, n_regression = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const guint row = g_array_index (rows, guint, i);
      const gint32 kind = get_kind (kinds, validation, row);
      const gint32 *ids;
      gsize n_ids;

      if (i % ROWS_PER_CHECK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!attune_dataset_is_labelled (validation, row))
        continue;
      if (!encode_row (validation, row, tokenizer, encoding, &ids, &n_ids, error))
        return FALSE;
      n_rows++;
      n_majority += kind == majority;
      if (bayes == NULL)
        continue;
      n_bayes += kind == attune_naive_bayes_predict (bayes, ids, n_ids);
      n_regression += kind >= 0
                      && kind == attune_logistic_regression_predict (regression, ids, n_ids);
    }

  baselines->majority_accuracy = n_rows > 0 ? (double) n_majority / (double) n_rows : NAN;
  baselines->naive_bayes_accuracy = n_rows > 0 && bayes != NULL ? (double) n_bayes / (double) n_rows
                                                                : NAN;
  baselines->logistic_regression_accuracy = n_rows > 0 && bayes != NULL && kinds->n > 1
                                              ? (double) n_regression / (double) n_rows : NAN;

  return TRUE;
}

/* The two datasets have the same labels and the same task. majority_label is the training rows' most
 * frequent one, ties to the lower id. Without a labelled validation row all accuracies are NaN, and
 * with too many different sets of labels those of what learns. Fails with G_IO_ERROR_CANCELLED, or as
 * attune_tokenizer_encode() does. */
gboolean
attune_baselines_compute (AttuneDataset    *train,
                          const GArray     *train_rows,
                          AttuneDataset    *validation,
                          const GArray     *validation_rows,
                          AttuneTokenizer  *tokenizer,
                          GCancellable     *cancellable,
                          AttuneBaselines  *baselines,
                          GError          **error)
{
  g_auto (Kinds) kinds = { 0 };
  g_autoptr (AttuneNaiveBayes) bayes = NULL;
  g_autoptr (AttuneLogisticRegression) regression = NULL;
  AttuneBaselines computed = { 0 };
  gint32 majority;

  kinds_init (&kinds, train, train_rows);
  if (kinds.sets == NULL || kinds.n <= MOST_SETS)
    {
      bayes = attune_naive_bayes_new (MAX (kinds.n, 1), SMOOTHING);
      regression = attune_logistic_regression_new (MAX (kinds.n, 1));
    }
  majority = most_frequent_kind (&kinds, train, train_rows);
  computed.majority_label = kinds.sets == NULL ? majority : -1;
  if ((bayes != NULL && !learn (bayes, regression, &kinds, train, train_rows, tokenizer, cancellable, error)) ||
      !judge (bayes, regression, &kinds, majority, validation, validation_rows, tokenizer, cancellable,
              &computed, error))
    return FALSE;

  *baselines = computed;

  return TRUE;
}
