/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model must beat: always the most frequent label, and multinomial naive Bayes over word
 * pieces (uni- and bigrams, 0.3 smoothing).
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"
#include "attune-tokenizer.h"

G_BEGIN_DECLS

typedef struct {
  gint32 majority_label;
  double majority_accuracy;
  double naive_bayes_accuracy;
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
