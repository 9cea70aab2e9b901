/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRun: one run as the main thread sees it: its folder, its state as properties, its history
 * as arrays that plots read. Fed by events only, live or replayed; main thread only.
 *
 * Properties (all notify): state (AttuneRunState), title, folder (GFile), phase (string),
 * phase-progress (0..1, -1 when unknown), step, steps, epoch (double), n-epochs (double), fraction (0..1), seconds-left (double, negative when
 * unknown; moving window, pauses excluded), samples-per-second, best-accuracy (NaN before the first
 * evaluation), best-step, device, precision, threads, fp32-gflops, bf16-gflops (of the device,
 * before training; 0 when not measured), paths (nullable), message (why it stopped or failed), notes
 * (nullable; what a person wrote about it).
 * Signals: "event" (AttuneRun, const AttuneEvent *) for each event, before notifies.
 */
#pragma once

#include <gio/gio.h>

#include "attune-amendments.h"
#include "attune-dataset.h"
#include "attune-event.h"
#include "attune-metrics.h"
#include "attune-train-config.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_RUN_DRAFT,       /* not started; has no folder */
  ATTUNE_RUN_RUNNING,
  ATTUNE_RUN_PAUSED,
  ATTUNE_RUN_FINISHED,
  ATTUNE_RUN_STOPPED,     /* by the person; what was learnt is kept */
  ATTUNE_RUN_FAILED,
  ATTUNE_RUN_INTERRUPTED, /* the program ended before the run did */
} AttuneRunState;

#define ATTUNE_TYPE_RUN_STATE (attune_run_state_get_type ())
GType attune_run_state_get_type (void);

#define ATTUNE_TYPE_RUN (attune_run_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRun, attune_run, ATTUNE, RUN, GObject)

/* What a run was made from; recorded in run.json. */
typedef struct {
  char **data_paths;       /* files, or one folder; NULL if it was read from no file */
  char **data_sums;        /* their SHA-256, in the same order; nullable in earlier records */
  char *data_sha256;       /* of all, see attune_table_get_sha256() */
  AttuneTableOptions reading; /* of the data; encoding is owned, NULL to be detected */
  char **validation_paths; /* nullable */
  AttuneTableOptions validation_reading; /* as reading */
  char *text_column;
  char *pair_column;     /* nullable */
  char *label_column;
  char **more_label_columns; /* nullable: further ones, each of 0 and 1 */
  char *label_separator; /* nullable: between the labels of a cell */
  AttuneTask task;
  char *model;           /* name in the store or folder */
  guint n_rows;          /* 0: all */
  AttuneAmendments *amendments; /* nullable: of the data as it is in the file */
  char **plain_labels;   /* nullable: the labels before they were amended, in the order of their ids */
  double validation_split;
  gint64 split_seed;     /* of a share that was held out */
  char *split_sha256;    /* nullable: attune_split_digest() of the rows held out */
} AttuneRunSource;

/* As config.json of transformers calls it. */
const char     *attune_task_get_problem_type (AttuneTask       task);
void            attune_run_source_free       (AttuneRunSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunSource, attune_run_source_free)

/* Parallel arrays over steps and over evaluations; double unless said. Borrowed, they grow. */
typedef struct {
  GArray *step;            /* of each step event */
  GArray *step_time;
  GArray *loss;            /* may hold NaN and infinities */
  GArray *learning_rate;
  GArray *grad_norm;
  GArray *train_accuracy;
  GArray *eval_step;
  GArray *eval_time;
  GArray *eval_loss;
  GArray *eval_accuracy;
  GArray *eval_f1_macro;
  GArray *eval_f1_micro;
  GArray *eval_mcc;
  double majority_accuracy;    /* NaN until known */
  double naive_bayes_accuracy; /* NaN until known */
  double logistic_regression_accuracy; /* the same; always of runs that did not compute it yet */
  double steps_per_epoch;
} AttuneRunHistory;

/* The best evaluation's predictions, kept in the run as predictions.json. N rows, C classes. */
typedef struct {
  guint64 n_rows;
  guint n_classes;
  char **texts;    /* (N,) as in the data, shortened to 2000 bytes */
  char **pairs;    /* (N,) or NULL */
  gint32 *labels;  /* (N,); NULL where texts have several: then those of text i are */
  float *logits;   /* (N, C) */
  gint32 *sets;    /* sets[set_offsets[i]] … sets[set_offsets[i + 1] - 1], ascending */
  guint *set_offsets; /* (N + 1,) or NULL */
} AttuneRunPredictions;

void            attune_run_predictions_free  (AttuneRunPredictions *self);
/* How good they are; long for large sets. (transfer full) */
AttuneMetrics  *attune_run_predictions_measure (const AttuneRunPredictions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunPredictions, attune_run_predictions_free)

/* $XDG_DATA_HOME/attune/runs, $ATTUNE_RUNS when set. (transfer full) */
char           *attune_run_get_runs_path     (void);

AttuneRun      *attune_run_new               (const char      *title);
/* Reads run.json and replays events.jsonl. A run without an end is INTERRUPTED. */
AttuneRun      *attune_run_open              (const char      *folder,
                                              GError         **error);
/* (transfer full) (element-type AttuneRun): all readable runs below runs path, newest first. */
GPtrArray      *attune_run_list              (GError         **error);

/* A run that attune_run_list() brought knows its record, state, progress and, once it was
 * evaluated, its best accuracy. The rest is there when all its events have been read. */
gboolean        attune_run_is_loaded         (AttuneRun       *self);
void            attune_run_load              (AttuneRun       *self);
void            attune_run_load_async        (AttuneRun           *self,
                                              GCancellable        *cancellable,
                                              GAsyncReadyCallback  callback,
                                              gpointer             user_data);
gboolean        attune_run_load_finish       (AttuneRun       *self,
                                              GAsyncResult    *result,
                                              GError         **error);
/* (nullable) (element-type double): accuracy of each evaluation. Looked up off the main thread the
 * first time it is asked for; then notified as a change of best-accuracy. */
const GArray   *attune_run_get_accuracies    (AttuneRun       *self);

void            attune_run_apply_event       (AttuneRun         *self,
                                              const AttuneEvent *event);

AttuneRunState  attune_run_get_state         (AttuneRun *self);
const char     *attune_run_get_title         (AttuneRun *self);
void            attune_run_set_title         (AttuneRun *self, const char *title);
const char     *attune_run_get_notes         (AttuneRun *self); /* nullable */
/* What a person calls it and says of it: at once in the properties, then on disk, in notes.json.
 * An empty title is the one that it was started with. */
void            attune_run_annotate_async    (AttuneRun           *self,
                                              const char          *title,
                                              const char          *notes,
                                              GAsyncReadyCallback  callback,
                                              gpointer             user_data);
gboolean        attune_run_annotate_finish   (AttuneRun       *self,
                                              GAsyncResult    *result,
                                              GError         **error);
const char     *attune_run_get_folder        (AttuneRun *self); /* nullable path */
void            attune_run_set_folder        (AttuneRun *self, const char *folder);
double          attune_run_get_fraction      (AttuneRun *self);
double          attune_run_get_seconds_left  (AttuneRun *self);
double          attune_run_get_best_accuracy (AttuneRun *self);
gint64          attune_run_get_best_step     (AttuneRun *self);
gint64          attune_run_get_step          (AttuneRun *self);
gint64          attune_run_get_steps         (AttuneRun *self);
double          attune_run_get_epoch         (AttuneRun *self);
const char     *attune_run_get_phase         (AttuneRun *self);
/* How far it has come, 0 to 1; -1 when that is not known. */
double          attune_run_get_phase_progress (AttuneRun *self);
const char     *attune_run_get_message       (AttuneRun *self);
gint64          attune_run_get_created       (AttuneRun *self); /* Unix seconds */
const AttuneRunHistory *
                attune_run_get_history       (AttuneRun *self);
const char * const *
                attune_run_get_classes       (AttuneRun *self); /* nullable before it starts */
gboolean        attune_run_is_multi_label    (AttuneRun *self);
gboolean        attune_run_has_pairs         (AttuneRun *self);
AttuneTrainConfig *
                attune_run_get_config        (AttuneRun *self);
const AttuneRunSource *
                attune_run_get_source        (AttuneRun *self); /* nullable for a draft */
gboolean        attune_run_can_classify      (AttuneRun *self); /* best/ exists or it is training */
/* Reads predictions.json; long for large sets, call off the main thread. */
AttuneRunPredictions *
                attune_run_load_predictions  (const char *folder,
                                              GError    **error);
/* Moves the folder to the trash, or removes it. */
gboolean        attune_run_delete            (AttuneRun *self,
                                              GError   **error);

G_END_DECLS
