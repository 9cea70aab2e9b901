/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWorker: the trainer thread and its mailbox. Everything here may be called from the main
 * thread; tasks return on their own contexts.
 */
#pragma once

#include "attune-predict-job.h"
#include "attune-session.h"

G_BEGIN_DECLS

typedef struct _AttuneWorker AttuneWorker;

/* queue must outlive the worker. */
AttuneWorker *attune_worker_new      (const char          *engine_directory,
                                      AttuneEventQueue    *queue);
/* Stops and keeps a run under way, answers what is waiting, and joins the thread. */
void          attune_worker_free     (AttuneWorker        *self);

/* Takes request and folder; cancellable ends its long phases early. */
void          attune_worker_train    (AttuneWorker        *self,
                                      guint                run_id,
                                      AttuneTrainRequest  *request,
                                      AttuneRunFolder     *folder,
                                      GCancellable        *cancellable);
void          attune_worker_pause    (AttuneWorker        *self);
void          attune_worker_continue (AttuneWorker        *self);
void          attune_worker_stop     (AttuneWorker        *self,
                                      const char          *reason);
/* Takes job; its task returns an AttunePredictions. */
void          attune_worker_predict  (AttuneWorker        *self,
                                      AttunePredictJob    *job);
/* Takes task and request; it returns an AttuneEstimate (g_free). */
void          attune_worker_estimate (AttuneWorker        *self,
                                      GTask               *task,
                                      AttuneTrainRequest  *request);
/* Takes task and request; it returns an AttuneRateCurve. Events of id until then. */
void          attune_worker_find_rate (AttuneWorker          *self,
                                      guint                   id,
                                      GTask                  *task,
                                      AttuneTrainRequest     *request,
                                      const AttuneRateRange  *range);
/* Takes task; it returns a GPtrArray of AttuneDeviceInfo. */
void          attune_worker_devices  (AttuneWorker        *self,
                                      GTask               *task);
/* From now on the thread, and what the engine starts from it, gives way to the window's. */
void          attune_worker_yield    (AttuneWorker        *self);

G_END_DECLS
