/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What several runs of the same settings scored: mean and spread, and the difference of two such
 * groups. Plain arrays in, numbers out.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint n;
  double mean;
  double deviation; /* sample standard deviation (n - 1); NaN of fewer than two */
  double minimum;
  double maximum;
} AttuneSpread;

typedef struct {
  double difference; /* mean of the second group less that of the first */
  double low;        /* 95 % interval; NaN when it cannot be told */
  double high;
  double p_value;    /* two-sided; NaN likewise */
  double freedom;    /* degrees of it; NaN likewise */
} AttuneMeanDifference;

/* values (n,); all NaN for none. */
void   attune_spread_compute           (AttuneSpread         *self,
                                        const double         *values,
                                        guint                 n);
void   attune_mean_difference_compute  (AttuneMeanDifference *self,
                                        const AttuneSpread   *first,
                                        const AttuneSpread   *second);

/* Upper tail of Student's t beyond |t|, twice; and the t whose two tails are p. */
double attune_student_two_tails        (double                t,
                                        double                freedom);
double attune_student_quantile         (double                two_tails,
                                        double                freedom);

G_END_DECLS
