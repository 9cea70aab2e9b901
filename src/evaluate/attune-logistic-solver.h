/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits logistic regression to sparse rows by L-BFGS: plain arrays in and out. The same rows give the
 * same weights. N rows, F features, C classes; K = C sets of weights, of two classes K = 1.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  guint n_rows;
  guint n_features;
  guint n_classes;        /* >= 2 */
  const gsize *offsets;   /* (N+1,) */
  const guint32 *columns; /* (offsets[N],) */
  const float *values;    /* (offsets[N],) */
  const gint32 *labels;   /* (N,) */
  double strictness;      /* the sum of losses counts this much beside half the squared weights */
  double tolerance;       /* ends where no component of the gradient of the mean loss is larger */
  guint most_iterations;
} AttuneLogisticProblem;

/* Of K sets. */
guint    attune_logistic_count_sets (guint                        n_classes);
/* weights (F+1, K), the last row being the intercepts, which are not kept small. */
gboolean attune_logistic_solve      (const AttuneLogisticProblem *problem,
                                     double                      *weights,
                                     GCancellable                *cancellable,
                                     GError                     **error);
/* scores (K,) of one row. */
void     attune_logistic_score      (const double                *weights,
                                     guint                        n_features,
                                     guint                        n_sets,
                                     const guint32               *columns,
                                     const float                 *values,
                                     gsize                        n,
                                     double                      *scores);

G_END_DECLS
