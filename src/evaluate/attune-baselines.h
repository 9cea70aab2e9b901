/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model must beat: always the most frequent label; multinomial naive Bayes over word pieces
 * (uni- and bigrams, 0.3 smoothing); logistic regression over the same, weighed by tf-idf. Where rows may have several labels, each set of labels
 * that occurs, the empty one too, is taken for a label: the base lines give the most frequent set,
 * and the set that the others find likeliest, and are right where it is the whole set.
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"
#include "attune-tokenizer.h"

G_BEGIN_DECLS

typedef struct {
  gint32 majority_label; /* with several labels a row: -1 */
  double majority_accuracy;
  double naive_bayes_accuracy;
  double logistic_regression_accuracy;
} AttuneBaselines;

/* Row numbers into train and validation (guint). Long: call off the main thread. */
gboolean attune_baselines_compute (AttuneDataset    *train,
                                   const GArray     *train_rows,
                                   AttuneDataset    *validation,
                                   const GArray     *validation_rows,
                                   AttuneTokenizer  *tokenizer,
                                   GCancellable     *cancellable,
                                   AttuneBaselines  *baselines,
                                   GError          **error);

G_END_DECLS
