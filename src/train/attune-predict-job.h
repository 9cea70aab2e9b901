/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttunePredictJob: texts on their way through a classifier, a batch at a time, so that training
 * goes on between the batches of a long list. Made on the main thread, worked on by the trainer
 * thread.
 */
#pragma once

#include "attune-classifier.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

typedef struct _AttunePredictJob AttunePredictJob;

/* Whose weights: the run under way with that id if it is still there, else a run's best/, else a
 * model folder. */
typedef struct {
  guint run_id;      /* 0: none */
  char *run_folder;  /* nullable */
  char *model_path;  /* nullable */
  char *head;        /* nullable */
} AttunePredictTarget;

/* Takes task and the strings of target; copies texts. */
AttunePredictJob          *attune_predict_job_new        (GTask                     *task,
                                                          const AttunePredictTarget *target,
                                                          const AttunePredictText   *texts,
                                                          guint64                    n_texts,
                                                          guint                      max_length,
                                                          gint                       attribute);
void                       attune_predict_job_free       (AttunePredictJob          *self);
const AttunePredictTarget *attune_predict_job_get_target (AttunePredictJob          *self);
GTask                     *attune_predict_job_get_task   (AttunePredictJob          *self);
/* Whether characters must be tokenized. */
gboolean                   attune_predict_job_has_text   (AttunePredictJob          *self);
/* Takes classifier; tokenizes. FALSE when the task has returned an error. */
gboolean                   attune_predict_job_begin      (AttunePredictJob          *self,
                                                          AttuneClassifier          *classifier);
gboolean                   attune_predict_job_is_begun   (AttunePredictJob          *self);
/* One batch. FALSE when the task has returned. */
gboolean                   attune_predict_job_advance    (AttunePredictJob          *self);

G_END_DECLS
