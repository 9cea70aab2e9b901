/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How good predictions are: plain arrays in, numbers out. N rows, C classes.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rows of one label that were predicted to be of one class. */
typedef struct {
  guint label;
  guint prediction;
  guint64 n_rows;
} AttuneConfusion;

/* Of texts with several labels: right is a row all of whose labels were found and no other (subset
 * accuracy), loss the mean binary cross entropy of all N × C answers, and there is neither a
 * correlation, nor a calibration error, nor a confusion of one label with another. */
typedef struct {
  gboolean multi_label;
  guint n_classes;
  guint64 n_rows;
  guint64 n_correct;
  double accuracy;
  double accuracy_low;       /* 95 % Wilson score interval */
  double accuracy_high;
  double loss;               /* mean cross entropy; NaN without probabilities */
  double f1_macro;           /* mean over classes that occur as label or prediction, as scikit-learn;
                                with several labels over all */
  double f1_micro;           /* over all answers together; the accuracy where there is one label */
  double mcc;                /* multi-class Matthews correlation (Gorodkin 2004), or NaN */
  double calibration_error;  /* expected, 15 bins (Guo 2017); NaN without probabilities */
  guint64 *support;          /* (C,) */
  guint64 *n_predicted;      /* (C,) rows that were given the label */
  guint64 *n_right;          /* (C,) of them those that have it */
  double *precision;         /* (C,) 0 where undefined, as scikit-learn's zero_division=0 */
  double *recall;            /* (C,) */
  double *f1;                /* (C,) */
  AttuneConfusion *confusions; /* those that occur, by label and then by prediction */
  gsize n_confusions;
} AttuneMetrics;

/* labels (N,); logits (N, C). Ties go to the lower id. A row with a non-finite logit counts as
 * wrong with prediction 0. */
AttuneMetrics *attune_metrics_new_from_logits      (const gint32  *labels,
                                                    const float   *logits,
                                                    guint64        n_rows,
                                                    guint          n_classes);
AttuneMetrics *attune_metrics_new_from_predictions (const gint32  *labels,
                                                    const gint32  *predictions,
                                                    guint64        n_rows,
                                                    guint          n_classes);
/* sets: the labels of row i are sets[offsets[i]] … sets[offsets[i + 1] - 1], offsets (N + 1,).
 * A label is given where its logit is above 0, its probability above one half. A row with a
 * non-finite logit counts as given none, and never as right. */
AttuneMetrics *attune_metrics_new_from_label_sets  (const gint32  *sets,
                                                    const guint   *offsets,
                                                    const float   *logits,
                                                    guint64        n_rows,
                                                    guint          n_classes);
AttuneMetrics *attune_metrics_copy                 (const AttuneMetrics *self);
void           attune_metrics_free                 (AttuneMetrics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneMetrics, attune_metrics_free)

/* The classes in which most mistakes end or begin, at most @most, in the order of their ids.
 * Returns: (transfer full) (array length=n): class ids */
guint         *attune_metrics_list_confused        (const AttuneMetrics *self,
                                                    guint          most,
                                                    guint         *n);
/* (n, n) rows of each label and prediction among classes (n,), in ascending order.
 * Returns: (transfer full) */
guint64       *attune_metrics_make_matrix          (const AttuneMetrics *self,
                                                    const guint   *classes,
                                                    guint          n);

void           attune_wilson_interval              (guint64        n_correct,
                                                    guint64        n_rows,
                                                    double        *low,
                                                    double        *high);
/* probabilities (C,) from logits (C,), numerically stable. */
void           attune_softmax                      (const float   *logits,
                                                    guint          n_classes,
                                                    float         *probabilities);
/* The same of labels that do not exclude each other. */
void           attune_sigmoid                      (const float   *logits,
                                                    guint          n_classes,
                                                    float         *probabilities);

G_END_DECLS
