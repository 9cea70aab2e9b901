/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRateFinder: a learning rate range test, the first steps of a run at ever larger learning
 * rates, with its settings, batches and engine. Nothing is written; the weights are thrown away.
 * Trainer thread only; a micro-batch at a time, as AttuneSession.
 */
#pragma once

#include "attune-session.h"

G_BEGIN_DECLS

typedef struct _AttuneRateFinder AttuneRateFinder;

/* Takes request and task; the latter returns an AttuneRateCurve. queue gets the events under id. */
AttuneRateFinder *attune_rate_finder_new     (guint                   id,
                                              AttuneTrainRequest     *request,
                                              const AttuneRateRange  *range,
                                              AttuneEngineHost       *host,
                                              AttuneEventQueue       *queue,
                                              GTask                  *task);
void              attune_rate_finder_free    (AttuneRateFinder       *self);
/* FALSE when it is over and its task has returned. */
gboolean          attune_rate_finder_advance (AttuneRateFinder       *self);
/* Ends it with this error, which it takes, and frees it. */
void              attune_rate_finder_abort   (AttuneRateFinder       *self,
                                              GError                 *error);

G_END_DECLS
