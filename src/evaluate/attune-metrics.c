/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Accuracy with its interval, F1, Matthews correlation, calibration and cross entropy by the
 * definitions of scikit-learn 1.9, from counts that are exact. Pure functions, any thread.
 */
#include "config.h"

#include "attune-metrics-private.h"

#include <math.h>
#include <stdlib.h>

#define CALIBRATION_BINS 15

/* 97.5 % quantile of the normal distribution. */
#define NORMAL_QUANTILE 1.959963984540054

/* What is summed up row by row. Of a bin: right rows and the sum of confidences. */
typedef struct {
  GArray *pairs;          /* guint64: label in the upper half, prediction in the lower, of each row */
  guint64 bin_correct[CALIBRATION_BINS];
  double bin_confidence[CALIBRATION_BINS];
  double loss;
  gboolean has_probabilities; /* for every row */
} Tally;

AttuneMetrics *
attune_metrics_new (guint n_classes)
{
  AttuneMetrics *self = g_new0 (AttuneMetrics, 1);

  self->n_classes = n_classes;
  self->support = g_new0 (guint64, n_classes);
  self->n_predicted = g_new0 (guint64, n_classes);
  self->n_right = g_new0 (guint64, n_classes);
  self->precision = g_new0 (double, n_classes);
  self->recall = g_new0 (double, n_classes);
  self->f1 = g_new0 (double, n_classes);

  return self;
}

static void
count_row (AttuneMetrics *self,
           Tally         *tally,
           gint32         label,
           gint32         prediction,
           gboolean       correct)
{
  const guint64 pair = (guint64) label << 32 | (guint32) prediction;

  self->n_rows++;
  self->support[label]++;
  g_array_append_val (tally->pairs, pair);
  self->n_predicted[prediction]++;
  if (correct)
    {
      self->n_correct++;
      self->n_right[label]++;
    }
}

/* Gorodkin 2004 in the form of counts, as scikit-learn's matthews_corrcoef: 0 where undefined. */
static double
matthews_correlation (const AttuneMetrics *self)
{
  const double n = (double) self->n_rows;
  double both = 0.0, labels = 0.0, predictions = 0.0;
  double labels_variance, predictions_variance;

  for (guint c = 0; c < self->n_classes; c++)
    {
      const double t = (double) self->support[c];
      const double p = (double) self->n_predicted[c];

      both += t * p;
      labels += t * t;
      predictions += p * p;
    }

  labels_variance = n * n - labels;
  predictions_variance = n * n - predictions;
  if (labels_variance <= 0.0 || predictions_variance <= 0.0)
    return 0.0;

  return ((double) self->n_correct * n - both) /
         (sqrt (labels_variance) * sqrt (predictions_variance));
}

/* Of several labels also those that never occur count, as nought. */
void
attune_metrics_compute_scores (AttuneMetrics *self)
{
  guint n_occurring = 0;
  guint64 n_right = 0, n_all = 0;

  for (guint c = 0; c < self->n_classes; c++)
    {
      const double right = (double) self->n_right[c];
      const guint64 occurrences = self->n_predicted[c] + self->support[c];

      n_right += self->n_right[c];
      n_all += occurrences;

      if (self->n_predicted[c] > 0)
        self->precision[c] = right / (double) self->n_predicted[c];
      if (self->support[c] > 0)
        self->recall[c] = right / (double) self->support[c];
      if (occurrences > 0)
        {
          self->f1[c] = 2.0 * right / (double) occurrences;
          self->f1_macro += self->f1[c];
          n_occurring++;
        }
    }

  if (self->n_rows > 0)
    self->accuracy = (double) self->n_correct / (double) self->n_rows;
  attune_wilson_interval (self->n_correct, self->n_rows, &self->accuracy_low, &self->accuracy_high);
  if (self->multi_label)
    n_occurring = self->n_classes;
  if (n_occurring > 0)
    self->f1_macro /= n_occurring;
  self->f1_micro = n_all > 0 ? 2.0 * (double) n_right / (double) n_all : 0.0;
}

/* Guo et al. 2017: bins ]0, 1/15], ]1/15, 2/15] and so on by confidence; the distance of each bin's
 * accuracy from its mean confidence, weighted by its rows. */
static double
calibration_error (const AttuneMetrics *self,
                   const Tally         *tally)
{
  double error = 0.0;

  for (guint bin = 0; bin < CALIBRATION_BINS; bin++)
    error += fabs ((double) tally->bin_correct[bin] - tally->bin_confidence[bin]);

  return error / (double) self->n_rows;
}

static int
compare_pairs (gconstpointer a,
               gconstpointer b)
{
  const guint64 first = *(const guint64 *) a;
  const guint64 second = *(const guint64 *) b;

  return (first > second) - (first < second);
}

/* Of many classes nearly all pairs never occur, so only those that do are kept. */
static void
collect_confusions (AttuneMetrics *self,
                    GArray        *pairs)
{
  const guint64 *sorted = (const guint64 *) pairs->data;
  GArray *found = g_array_new (FALSE, FALSE, sizeof (AttuneConfusion));

  g_array_sort (pairs, compare_pairs);
  for (guint i = 0; i < pairs->len; i++)
    {
      if (i > 0 && sorted[i] == sorted[i - 1])
        g_array_index (found, AttuneConfusion, found->len - 1).n_rows++;
      else
        {
          const AttuneConfusion confusion = {
            .label = (guint) (sorted[i] >> 32),
            .prediction = (guint) (sorted[i] & G_MAXUINT32),
            .n_rows = 1,
          };

          g_array_append_val (found, confusion);
        }
    }
  self->confusions = (AttuneConfusion *) (gpointer) g_array_steal (found, &self->n_confusions);
  g_array_unref (found);
}

static AttuneMetrics *
finish (AttuneMetrics *self,
        Tally         *tally)
{
  attune_metrics_compute_scores (self);
  self->mcc = matthews_correlation (self);
  collect_confusions (self, tally->pairs);

  self->loss = NAN;
  self->calibration_error = NAN;
  if (tally->has_probabilities && self->n_rows > 0)
    {
      self->loss = tally->loss / (double) self->n_rows;
      self->calibration_error = calibration_error (self, tally);
    }

  g_array_unref (tally->pairs);

  return self;
}

static Tally
tally_init (gboolean has_probabilities)
{
  return (Tally) {
    .pairs = g_array_new (FALSE, FALSE, sizeof (guint64)),
    .has_probabilities = has_probabilities,
  };
}

static gboolean
all_finite (const float *logits,
            guint        n_classes)
{
  for (guint c = 0; c < n_classes; c++)
    {
      if (!isfinite (logits[c]))
        return FALSE;
    }

  return TRUE;
}

/* Adds a row of finite logits to loss and calibration. */
static void
count_probabilities (Tally       *tally,
                     const float *logits,
                     guint        n_classes,
                     gint32       label,
                     gint32       prediction)
{
  double sum = 0.0;
  double confidence;
  guint bin;

  for (guint c = 0; c < n_classes; c++)
    sum += exp ((double) logits[c] - (double) logits[prediction]);

  tally->loss += log (sum) + (double) logits[prediction] - (double) logits[label];

  confidence = 1.0 / sum;
  bin = (guint) CLAMP (ceil (confidence * CALIBRATION_BINS) - 1.0, 0.0, CALIBRATION_BINS - 1.0);
  tally->bin_correct[bin] += label == prediction;
  tally->bin_confidence[bin] += confidence;
}

/* Rows whose label is not one of the classes, as ATTUNE_LABEL_NONE, are left out. If any row has a
 * logit that is not finite, loss and calibration error are NaN. Free with attune_metrics_free(). */
AttuneMetrics *
attune_metrics_new_from_logits (const gint32 *labels,
                                const float  *logits,
                                guint64       n_rows,
                                guint         n_classes)
{
  AttuneMetrics *self;
  Tally tally;

  g_return_val_if_fail (n_classes > 0, NULL);

  self = attune_metrics_new (n_classes);
  tally = tally_init (TRUE);
  for (guint64 row = 0; row < n_rows; row++)
    {
      const float *row_logits = logits + row * n_classes;
      const gint32 label = labels[row];
      gint32 prediction = 0;

      if (label < 0 || (guint) label >= n_classes)
        continue;

      if (!all_finite (row_logits, n_classes))
        {
          tally.has_probabilities = FALSE;
          count_row (self, &tally, label, 0, FALSE);
          continue;
        }

      for (guint c = 1; c < n_classes; c++)
        {
          if (row_logits[c] > row_logits[prediction])
            prediction = (gint32) c;
        }
      count_row (self, &tally, label, prediction, label == prediction);
      count_probabilities (&tally, row_logits, n_classes, label, prediction);
    }

  return finish (self, &tally);
}

/* Rows whose label is not one of the classes are left out; a prediction that is none is wrong, and
 * counted as class 0. Free with attune_metrics_free(). */
AttuneMetrics *
attune_metrics_new_from_predictions (const gint32 *labels,
                                     const gint32 *predictions,
                                     guint64       n_rows,
                                     guint         n_classes)
{
  AttuneMetrics *self;
  Tally tally;

  g_return_val_if_fail (n_classes > 0, NULL);

  self = attune_metrics_new (n_classes);
  tally = tally_init (FALSE);
  for (guint64 row = 0; row < n_rows; row++)
    {
      const gboolean exists = predictions[row] >= 0 && (guint) predictions[row] < n_classes;

      if (labels[row] >= 0 && (guint) labels[row] < n_classes)
        count_row (self, &tally, labels[row], exists ? predictions[row] : 0,
                   labels[row] == predictions[row]);
    }

  return finish (self, &tally);
}

AttuneMetrics *
attune_metrics_copy (const AttuneMetrics *self)
{
  AttuneMetrics *copy = g_memdup2 (self, sizeof *self);
  const gsize n = self->n_classes;

  copy->support = g_memdup2 (self->support, n * sizeof *self->support);
  copy->n_predicted = g_memdup2 (self->n_predicted, n * sizeof *self->n_predicted);
  copy->n_right = g_memdup2 (self->n_right, n * sizeof *self->n_right);
  copy->precision = g_memdup2 (self->precision, n * sizeof *self->precision);
  copy->recall = g_memdup2 (self->recall, n * sizeof *self->recall);
  copy->f1 = g_memdup2 (self->f1, n * sizeof *self->f1);
  copy->confusions = g_memdup2 (self->confusions, self->n_confusions * sizeof *self->confusions);

  return copy;
}

void
attune_metrics_free (AttuneMetrics *self)
{
  if (self == NULL)
    return;

  g_free (self->support);
  g_free (self->n_predicted);
  g_free (self->n_right);
  g_free (self->precision);
  g_free (self->recall);
  g_free (self->f1);
  g_free (self->confusions);
  g_free (self);
}

typedef struct {
  guint class;
  guint64 mistakes;
} Mistakes;

static int
compare_most_mistakes_first (gconstpointer a,
                             gconstpointer b)
{
  const Mistakes *first = a, *second = b;

  if (first->mistakes != second->mistakes)
    return first->mistakes > second->mistakes ? -1 : 1;
  return (first->class > second->class) - (first->class < second->class);
}

static int
compare_classes (gconstpointer a,
                 gconstpointer b)
{
  const guint first = *(const guint *) a, second = *(const guint *) b;

  return (first > second) - (first < second);
}

guint *
attune_metrics_list_confused (const AttuneMetrics *self,
                              guint                most,
                              guint               *n)
{
  g_autofree Mistakes *mistakes = g_new (Mistakes, self->n_classes);
  guint *classes;

  for (guint c = 0; c < self->n_classes; c++)
    mistakes[c] = (Mistakes) { .class = c };
  for (gsize i = 0; i < self->n_confusions; i++)
    {
      const AttuneConfusion *confusion = &self->confusions[i];

      if (confusion->label == confusion->prediction)
        continue;
      mistakes[confusion->label].mistakes += confusion->n_rows;
      mistakes[confusion->prediction].mistakes += confusion->n_rows;
    }
  qsort (mistakes, self->n_classes, sizeof *mistakes, compare_most_mistakes_first);

  *n = MIN (most, self->n_classes);
  classes = g_new (guint, *n);
  for (guint i = 0; i < *n; i++)
    classes[i] = mistakes[i].class;
  qsort (classes, *n, sizeof *classes, compare_classes);

  return classes;
}

guint64 *
attune_metrics_make_matrix (const AttuneMetrics *self,
                            const guint         *classes,
                            guint                n)
{
  guint64 *matrix = g_new0 (guint64, (gsize) n * n);
  g_autofree guint *places = g_new0 (guint, self->n_classes); /* from 1; 0: not among them */

  for (guint i = 0; i < n; i++)
    places[classes[i]] = i + 1;
  for (gsize i = 0; i < self->n_confusions; i++)
    {
      const AttuneConfusion *confusion = &self->confusions[i];
      const guint row = places[confusion->label], column = places[confusion->prediction];

      if (row > 0 && column > 0)
        matrix[(gsize) (row - 1) * n + column - 1] = confusion->n_rows;
    }

  return matrix;
}

/* 95 % score interval of n_correct out of n_rows (Wilson 1927), without continuity correction;
 * 0 to 1 if there are no rows. */
void
attune_wilson_interval (guint64  n_correct,
                        guint64  n_rows,
                        double  *low,
                        double  *high)
{
  const double z = NORMAL_QUANTILE;
  double n, p, centre, half;

  *low = 0.0;
  *high = 1.0;
  if (n_rows == 0)
    return;

  n = (double) n_rows;
  p = (double) n_correct / n;
  centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
  half = z / (1.0 + z * z / n) * sqrt (p * (1.0 - p) / n + z * z / (4.0 * n * n));

  /* The ends meet 0 and 1 exactly, which rounding would miss. */
  if (n_correct > 0)
    *low = MAX (centre - half, 0.0);
  if (n_correct < n_rows)
    *high = MIN (centre + half, 1.0);
}

/* Logits that are not finite give probabilities that are NaN. */
void
attune_softmax (const float *logits,
                guint        n_classes,
                float       *probabilities)
{
  double largest = -INFINITY;
  double sum = 0.0;

  for (guint c = 0; c < n_classes; c++)
    largest = fmax (largest, (double) logits[c]);
  for (guint c = 0; c < n_classes; c++)
    sum += exp ((double) logits[c] - largest);
  for (guint c = 0; c < n_classes; c++)
    probabilities[c] = (float) (exp ((double) logits[c] - largest) / sum);
}
