/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSession: one run while it trains, as a state machine that the trainer thread advances by a
 * micro-batch at a time, so that other requests are served in between. Trainer thread only, but for
 * what is said of cancelling.
 */
#pragma once

#include "attune-classifier.h"
#include "attune-event-queue.h"
#include "attune-run-folder.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

/* An AttuneTrainJob owned by the trainer thread. */
typedef struct {
  AttuneDataset *dataset;    /* already cut to the first rows asked for */
  AttuneDataset *validation; /* nullable */
  char *model;
  char *model_path;
  char *head;                /* nullable */
  AttuneTrainConfig *config; /* nobody else's */
  char *title;
  guint n_rows;
  char *split_sha256;        /* nullable */
  AttuneRunRecord *resumed;  /* nullable: the run to go on with, as it began */
  gboolean changed;          /* whether settings are others than in that record */
} AttuneTrainRequest;

AttuneTrainRequest *attune_train_request_new  (const AttuneTrainJob *job,
                                               GError              **error);
void                attune_train_request_free (AttuneTrainRequest   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTrainRequest, attune_train_request_free)
/* Of the data sets and the settings, as run.json has it. (transfer full) */
AttuneRunSource    *attune_train_request_describe_source (const AttuneTrainRequest *self);

typedef struct _AttuneSession AttuneSession;

/* Takes request and folder. cancellable ends the long phases before training early. Without a
 * folder it must not be advanced, and without a queue it says nothing: what an estimate and a
 * range test are made with. */
AttuneSession    *attune_session_new            (guint               run_id,
                                                 AttuneTrainRequest *request,
                                                 AttuneRunFolder    *folder,
                                                 AttuneEngineHost   *host,
                                                 AttuneEventQueue   *queue,
                                                 GCancellable       *cancellable);
void              attune_session_free           (AttuneSession      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSession, attune_session_free)

/* One micro-batch or one piece of another phase. FALSE when the run is over. */
gboolean          attune_session_advance        (AttuneSession      *self);
void              attune_session_pause          (AttuneSession      *self);
void              attune_session_continue       (AttuneSession      *self);
/* Whether there is nothing to advance until it is continued or stopped. */
gboolean          attune_session_is_waiting     (AttuneSession      *self);
/* The run ends at the end of its step; what was learnt is kept. */
void              attune_session_stop           (AttuneSession      *self,
                                                 const char         *reason);
guint             attune_session_get_run_id     (AttuneSession      *self);
/* NULL until the weights are loaded. */
AttuneClassifier *attune_session_get_classifier (AttuneSession      *self);

G_END_DECLS
