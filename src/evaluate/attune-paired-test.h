/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether one model is right more often than another on the same rows, or whether chance explains
 * it. Counts and plain arrays in, numbers out.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Fewer discordant rows than this are tested exactly. */
#define ATTUNE_PAIRED_TEST_EXACT_BELOW 25

typedef struct {
  guint64 n_rows;
  guint64 n_only_first;  /* rows that the first alone has right: b */
  guint64 n_only_second; /* rows that the second alone has right: c */
  gboolean exact;        /* tested by the binomial distribution */
  double statistic;      /* chi square with continuity correction; NaN when exact */
  double p_value;        /* two-sided; 1 when the two are never of different opinion */
  double difference;     /* accuracy of the second less that of the first */
  double low;            /* 95 % interval of the difference */
  double high;
} AttunePairedTest;

void attune_paired_test_compute (AttunePairedTest *self,
                                 guint64           n_rows,
                                 guint64           n_only_first,
                                 guint64           n_only_second);
/* first and second (N,): whether each has row i right. */
void attune_paired_test_count   (AttunePairedTest *self,
                                 const guint8     *first,
                                 const guint8     *second,
                                 guint64           n_rows);

/* right (N,): 1 where the answer to a row is right, as attune_metrics_new_from_logits() and
 * attune_metrics_new_from_label_sets() count it; a row with a non-finite logit never is. */
void attune_right_rows_from_logits     (const gint32 *labels,
                                        const float  *logits,
                                        guint64       n_rows,
                                        guint         n_classes,
                                        guint8       *right);
void attune_right_rows_from_label_sets (const gint32 *sets,
                                        const guint  *offsets,
                                        const float  *logits,
                                        guint64       n_rows,
                                        guint         n_classes,
                                        guint8       *right);

G_END_DECLS
