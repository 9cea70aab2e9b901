/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEstimator: what a run would cost, measured with a few real steps on real rows, in about a
 * second; speeds are remembered per model, length and batch. Trainer thread only.
 */
#pragma once

#include "attune-session.h"

G_BEGIN_DECLS

typedef struct _AttuneEstimator AttuneEstimator;

AttuneEstimator *attune_estimator_new     (AttuneEngineHost          *host);
void             attune_estimator_free    (AttuneEstimator           *self);
/* Takes request. */
gboolean         attune_estimator_measure (AttuneEstimator           *self,
                                           AttuneTrainRequest        *request,
                                           GCancellable              *cancellable,
                                           AttuneEstimate            *estimate,
                                           GError                   **error);

G_END_DECLS
