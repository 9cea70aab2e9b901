/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of AttuneSession, shared by its files: the run as a whole, preparing it, its steps,
 * its evaluations.
 */
#pragma once

#include "attune-baseline-task.h"
#include "attune-batches.h"
#include "attune-checkpoint-saver.h"
#include "attune-metrics.h"
#include "attune-schedule.h"
#include "attune-session.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_STAGE_LOAD,
  ATTUNE_STAGE_TOKENIZE,
  ATTUNE_STAGE_BEGIN,
  ATTUNE_STAGE_TRAIN,
  ATTUNE_STAGE_EVALUATE,
  ATTUNE_STAGE_OVER,
} AttuneStage;

/* What a step's event needs once the engine hands over its numbers. */
typedef struct {
  gint64 step;
  double learning_rate;
  guint n_rows;
} AttunePendingStep;

/* Time and rows at the end of a step, for speeds. */
typedef struct {
  double seconds; /* spent in steps: no evaluation, saving, pause */
  guint64 n_rows;
} AttuneSpeedMark;

/* One side of the data, encoded: row i of it is row rows[i] of the data set. */
typedef struct {
  AttuneDataset *dataset;
  GArray *rows;              /* guint (N,), all with a label */
  AttuneEncodedRows *whole;  /* all of the data set, while tokenizing; NULL: rows alone */
  AttuneEncodedRows *encoded;
  gint32 *labels;            /* (N,); of several labels the rarest */
  gboolean multi_label;
} AttuneSide;

struct _AttuneSession
{
  guint run_id;
  AttuneTrainRequest *request;
  AttuneRunFolder *folder;
  AttuneEngineHost *host;
  AttuneEventQueue *queue;
  GCancellable *cancellable;
  void (*listener) (const AttuneEvent *event, gpointer data); /* nullable: hears it first */
  gpointer listener_data;
  AttuneStage stage;
  char *stop_reason;         /* set: stop at the end of the step */
  gboolean is_interrupted;   /* by the cancellable, and the reason to stop is on its way */
  GError *disk_error;        /* an event could not be written */

  gint64 begun_at;           /* monotonic microseconds */
  gint64 paused_at;          /* 0: not paused */
  gint64 paused_for;

  AttuneModelFolder *model;
  AttuneModelConfig *model_config; /* with the dropouts of this run */
  AttuneSafetensors *head;
  AttuneCheckpoint *checkpoint; /* that the run goes on from; NULL: from the start */
  AttuneCheckpointSaver *saver; /* NULL until the run has begun */
  gint64 saved_step;         /* of the newest checkpoint that was begun */
  gboolean disk_full;        /* that was said */
  const AttuneEngineDevice *device;
  AttuneEngineProbe probe;   /* of the device */
  AttuneEnginePrecision precision;
  AttuneClassifier *classifier;
  guint max_length;          /* of this run, in tokens */
  AttuneTextCut cut;         /* what is read of texts that are longer */
  AttuneBaselineTask *baselines;
  gboolean baselines_said;

  gint64 progress_at;        /* when progress was said last; 0: not yet */

  AttuneSide train;
  AttuneSide validation;     /* rows NULL: nothing to evaluate on */
  guint *lengths;            /* (train N,) */
  float *class_weights;      /* (C,) or NULL */

  AttuneBatches batches;
  AttuneSchedule schedule;
  AttuneEngineStep settings; /* what all steps have in common */
  guint *order;              /* of order_epoch */
  guint order_epoch;
  gint64 step;               /* steps begun and given to the engine as a whole */
  guint position;            /* rows of the step under way that the engine has */
  guint part;                /* engine calls of the step under way */
  guint part_size;           /* rows of one engine call; halved when memory runs out */
  AttunePackedBatch packed;
  GQueue pending;            /* AttunePendingStep */

  gint64 collected;          /* steps whose numbers are known */
  double step_seconds;       /* spent in steps so far */
  gint64 slice_at;           /* since when that is not counted yet; 0 outside of steps */
  guint64 step_rows;
  GArray *marks;             /* AttuneSpeedMark per step */
  double loss_sum;           /* since the last step event */
  guint64 n_correct;
  guint64 n_seen;
  guint n_summed;

  guint *eval_order;         /* validation rows, longest first */
  guint eval_position;
  guint eval_rows;           /* most rows of one engine call */
  float *eval_logits;        /* (validation N, C) */
  gint64 evaluated_step;     /* -1: none yet */
  AttuneMetrics *best;
  gint64 best_step;
  gint64 kept_best_step;     /* of what best/ held when the run was resumed: it may be ahead of the
                              * checkpoint, and better than what there is until it is reached again */
  AttunePlateau plateau;     /* of the learning rate */
  guint n_without_gain;
};

/* attune-session.c */
AttuneEvent *attune_session_create_event (AttuneSession    *self,
                                          AttuneEventType   type);
/* Takes event; to the file, then to the queue, where there are any. A full disk ends the run. */
void         attune_session_say          (AttuneSession    *self,
                                          AttuneEvent      *event);
/* Seconds of the run, pauses excluded. */
double       attune_session_get_time     (AttuneSession    *self);
void         attune_session_say_phase    (AttuneSession    *self,
                                          const char       *name);
/* How far the phase has come, at most ten times a second. On any thread, one at a time. */
void         attune_session_say_progress (AttuneSession    *self,
                                          const char       *phase,
                                          double            fraction);
void         attune_session_warn         (AttuneSession    *self,
                                          const char       *code,
                                          const char       *message);
/* Ends the run as failed; takes error. */
void         attune_session_fail         (AttuneSession    *self,
                                          GError           *error);
/* Ends the run as finished, or as stopped when there is a reason to. */
void         attune_session_end          (AttuneSession    *self);
gboolean     attune_session_save_best    (AttuneSession    *self,
                                          GError          **error);

/* attune-session-prepare.c */
gboolean     attune_session_load         (AttuneSession    *self,
                                          GError          **error);
/* Divides the rows; the two after it work on what the sides then hold. */
void         attune_session_split        (AttuneSession    *self);
gboolean     attune_session_encode       (AttuneSession    *self,
                                          GError          **error);
gboolean     attune_session_create_classifier (AttuneSession *self,
                                          GError          **error);
/* rows: guint, NULL for all; those without a label are left out. */
void         attune_side_fill            (AttuneSide       *side,
                                          AttuneDataset    *dataset,
                                          const GArray     *rows);
void         attune_side_clear           (AttuneSide       *side);
/* Rows of it with what they should be answered. */
void         attune_side_pack            (AttuneSide       *side,
                                          AttunePackedBatch *packed,
                                          const guint      *positions,
                                          guint             n);
/* What a micro-batch's sum of losses is divided by, in a step of n_micro_batches: positions (n,) of
 * all its rows, of which one call of the engine may take a part. */
double       attune_side_get_denominator (AttuneSide       *side,
                                          const float      *class_weights,
                                          const guint      *positions,
                                          guint             n,
                                          guint             n_micro_batches);

/* attune-session-tokens.c */
/* The tokens of both sides, and the maximum length that they are cut to. */
gboolean     attune_session_tokenize     (AttuneSession    *self,
                                          GError          **error);

/* attune-session-begin.c */
gboolean     attune_session_begin        (AttuneSession    *self,
                                          GError          **error);

/* attune-session-checkpoint.c */
/* How many of the newest checkpoints are to be kept; 0 where none are saved. */
guint        attune_session_count_kept   (AttuneSession    *self);
/* Looks for what a resumed run goes on from, and sets its clock. */
void         attune_session_find_checkpoint (AttuneSession *self);
/* Puts the session where the checkpoint was taken; the classifier has its weights already. */
gboolean     attune_session_restore      (AttuneSession    *self,
                                          GError          **error);
/* Whether the disk has room for what the settings will have kept. A warning, or an error where not
 * even one checkpoint and the best weights fit. */
gboolean     attune_session_check_space  (AttuneSession    *self,
                                          GError          **error);
gboolean     attune_session_wants_checkpoint (AttuneSession *self);
/* Of a step all of whose numbers are known. What the disk refuses is a warning. */
gboolean     attune_session_save_checkpoint (AttuneSession *self,
                                          GError          **error);
/* At the end, whatever its reason: unless none are wanted, or it is there already. */
gboolean     attune_session_save_last    (AttuneSession    *self,
                                          GError          **error);
/* Says how saves have ended; wait: until none is under way. */
gboolean     attune_session_tell_saved   (AttuneSession    *self,
                                          gboolean          wait,
                                          GError          **error);

/* attune-session-steps.c */
gboolean     attune_session_train        (AttuneSession    *self,
                                          GError          **error);
/* Takes the numbers of finished steps; with wait of all begun. */
gboolean     attune_session_collect      (AttuneSession    *self,
                                          gboolean          wait,
                                          GError          **error);
/* Rows a second without the first tenth of the steps; NaN before there are any. */
double       attune_session_get_speed    (AttuneSession    *self);

/* attune-session-evaluate.c */
gboolean     attune_session_wants_evaluation (AttuneSession *self);
void         attune_session_begin_evaluation (AttuneSession *self);
gboolean     attune_session_evaluate     (AttuneSession    *self,
                                          GError          **error);

G_END_DECLS
