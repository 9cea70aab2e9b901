/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * McNemar's test and the interval of the difference of two accuracies measured on the same rows.
 * Pure functions, any thread.
 */
#include "config.h"

#include "attune-paired-test.h"

#include <math.h>

/* 97.5 % quantile of the normal distribution. */
#define NORMAL_QUANTILE 1.959963984540054

/* Twice the lower tail of a fair coin thrown n times, at most 1. */
static double
exact_p_value (guint64 fewer,
               guint64 n)
{
  double term = ldexp (1.0, -(int) n);
  double sum = 0.0;

  for (guint64 i = 0; i <= fewer; i++)
    {
      sum += term;
      term *= (double) (n - i) / (double) (i + 1);
    }
  return MIN (2.0 * sum, 1.0);
}

/**
 * attune_paired_test_compute:
 * @self: (out caller-allocates): all of it is set
 * @n_rows: that both answered
 * @n_only_first: rows that only the first has right, b
 * @n_only_second: rows that only the second has right, c
 *
 * McNemar 1947: were both equally good, each of the b + c rows would be as likely to be the one's as
 * the other's. Below 25 such rows the probability of a split as uneven is summed exactly, from the
 * binomial distribution; above, (|b - c| - 1)² / (b + c) follows chi square of one degree of freedom
 * (Edwards 1948), whose upper tail is erfc (√(x / 2)). The same as mcnemar() of statsmodels, except
 * that an even split gives 0 there, not 1 / (b + c).
 *
 * The interval of (c - b) / n is Wald's with half a row added to each of the four counts (Agresti
 * and Min 2005), which holds its 95 % for few rows as well.
 */
void
attune_paired_test_compute (AttunePairedTest *self,
                            guint64           n_rows,
                            guint64           n_only_first,
                            guint64           n_only_second)
{
  const guint64 n = n_only_first + n_only_second;
  const double b = (double) n_only_first, c = (double) n_only_second;
  double rows, centre, half;

  *self = (AttunePairedTest) {
    .n_rows = n_rows,
    .n_only_first = n_only_first,
    .n_only_second = n_only_second,
    .exact = n < ATTUNE_PAIRED_TEST_EXACT_BELOW,
    .statistic = NAN,
    .p_value = 1.0,
    .low = -1.0,
    .high = 1.0,
  };
  if (n_rows == 0)
    return;

  if (self->exact)
    self->p_value = exact_p_value (MIN (n_only_first, n_only_second), n);
  else
    {
      const double distance = MAX (fabs (b - c) - 1.0, 0.0);

      self->statistic = distance * distance / (b + c);
      self->p_value = erfc (sqrt (self->statistic / 2.0));
    }

  rows = (double) n_rows + 2.0;
  centre = (c - b) / rows;
  half = NORMAL_QUANTILE * sqrt ((b + c + 1.0 - (c - b) * (c - b) / rows)) / rows;
  self->difference = (c - b) / (double) n_rows;
  self->low = MAX (centre - half, -1.0);
  self->high = MIN (centre + half, 1.0);
}

void
attune_paired_test_count (AttunePairedTest *self,
                          const guint8     *first,
                          const guint8     *second,
                          guint64           n_rows)
{
  guint64 n_only_first = 0, n_only_second = 0;

  for (guint64 i = 0; i < n_rows; i++)
    {
      n_only_first += first[i] && !second[i];
      n_only_second += !first[i] && second[i];
    }
  attune_paired_test_compute (self, n_rows, n_only_first, n_only_second);
}

void
attune_right_rows_from_logits (const gint32 *labels,
                               const float  *logits,
                               guint64       n_rows,
                               guint         n_classes,
                               guint8       *right)
{
  for (guint64 i = 0; i < n_rows; i++)
    {
      const float *row = logits + i * n_classes;
      gboolean finite = TRUE;
      gint32 guess = 0;

      for (guint c = 0; c < n_classes; c++)
        {
          finite = finite && isfinite (row[c]);
          if (row[c] > row[guess])
            guess = (gint32) c;
        }
      right[i] = finite && guess == labels[i];
    }
}

void
attune_right_rows_from_label_sets (const gint32 *sets,
                                   const guint  *offsets,
                                   const float  *logits,
                                   guint64       n_rows,
                                   guint         n_classes,
                                   guint8       *right)
{
  for (guint64 i = 0; i < n_rows; i++)
    {
      guint at = offsets[i];

      right[i] = TRUE;
      for (guint c = 0; c < n_classes; c++)
        {
          const float logit = logits[i * n_classes + c];
          const gboolean has_label = at < offsets[i + 1] && sets[at] == (gint32) c;

          at += has_label;
          right[i] &= isfinite (logit) && (logit > 0.0f) == has_label;
        }
    }
}
