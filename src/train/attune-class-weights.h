/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The weight of each class in the loss, and the denominator that follows from it.
 */
#pragma once

#include "attune-train-config.h"

G_BEGIN_DECLS

/* (n_classes,) floats, or NULL with no error for "none". counts (n_classes,): rows of each label
 * that are trained on. */
float  *attune_class_weights_new       (AttuneTrainConfig    *config,
                                        const guint          *counts,
                                        guint                 n_classes,
                                        GError              **error);
/* What the weighted losses of a micro-batch are divided by: their weights' sum times the number of
 * micro-batches of the step. labels (n,); weights nullable. */
double  attune_class_weights_denominator (const float        *weights,
                                          const gint32       *labels,
                                          guint               n,
                                          guint               n_micro_batches);

G_END_DECLS
