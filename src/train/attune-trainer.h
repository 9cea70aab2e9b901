/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTrainer: the main thread's handle on the trainer thread, which owns every engine object.
 * Training, classifying and measuring are messages to that thread; classifying is served between
 * steps, also while paused. Results and events arrive on the GMainContext that was the thread
 * default when the trainer was made, events at most 20 times a second.
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"
#include "attune-metrics.h"
#include "attune-rate-curve.h"
#include "attune-run.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TRAINER (attune_trainer_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTrainer, attune_trainer, ATTUNE, TRAINER, GObject)

/* Nothing is loaded until the first request. engine_directory: NULL for the usual place. */
AttuneTrainer *attune_trainer_new (const char *engine_directory);
/* Lets whatever else this computer is asked for go first, a window above all. To be called before
 * the first request, for threads that compute take it over when they are started. */
void           attune_trainer_yield (AttuneTrainer *self);
/* Asks the thread to stop and keep, and joins it. Called by dispose as well. */
void           attune_trainer_shutdown (AttuneTrainer *self);

/* All that a run needs. Filled by the caller, copied by start. */
typedef struct {
  AttuneDataset *dataset;
  AttuneDataset *validation;    /* nullable: split from dataset by validation_split and seed */
  const char *model;            /* name in the store or a HF folder */
  const char *head;             /* nullable: safetensors with classifier.weight and .bias */
  AttuneTrainConfig *config;
  const char *folder;           /* where the run goes; made if absent */
  const char *title;
  guint n_rows;                 /* only the first N rows; 0 all */
  const char *split_sha256;     /* nullable: of the rows held out by the run that this repeats; a
                                 * warning says so if they are others now */
  gboolean resume;              /* folder holds the run that is to go on: the data must be its own,
                                 * config its settings, but for those that may change, see
                                 * attune_run_data_read() */
} AttuneTrainJob;

/* Refuses at once (FALSE) what can be known without reading weights: a folder that holds a run or
 * cannot be written, contradicting settings, one class, a run under way. Everything later arrives
 * as an event (run_failed with code and message). run: gets the events applied. */
gboolean       attune_trainer_start    (AttuneTrainer        *self,
                                        AttuneRun            *run,
                                        const AttuneTrainJob *job,
                                        GError              **error);
void           attune_trainer_pause    (AttuneTrainer *self);
void           attune_trainer_continue (AttuneTrainer *self);
/* Finishes the step, evaluates nothing more, writes best/ if there is none, says run_stopped. */
void           attune_trainer_stop     (AttuneTrainer *self,
                                        const char    *reason);
/* The run under way, paused included; NULL when idle; notified as property "run". (transfer none) */
AttuneRun     *attune_trainer_get_run  (AttuneTrainer *self);

/* Whose weights predict: exactly one of run (live weights while it trains, else its best/) and
 * model (a HF folder or a name; head as above, or the folder's own). */
typedef struct {
  AttuneRun *run;
  const char *run_folder;
  const char *model;
  const char *head;
} AttunePredictSource;

typedef struct {
  guint64 n_rows;
  guint n_classes;
  char **classes;
  gboolean multi_label; /* the classes do not exclude each other: attune_sigmoid(), not softmax */
  float *logits;        /* (N, C) */
  guint *n_tokens;      /* (N,) tokens there would have been without truncation */
  guint max_length;     /* what texts were cut at */
  double seconds;       /* spent in the engine */
  /* Attribution of the first text when it was asked for: words and their weights, -1..1. */
  guint n_words;
  guint *word_start;    /* (n_words,) byte offsets into the text */
  guint *word_end;
  float *word_weight;
  gboolean attended;    /* the weights are those of the model's own attention: 0..1, for no label */
} AttunePredictions;

void           attune_predictions_free (AttunePredictions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePredictions, attune_predictions_free)

/* One text to predict: characters with a pair, or ids verbatim. Borrowed until the call returns. */
typedef struct {
  const char *text;
  gssize length;        /* bytes, -1 when NUL-terminated */
  const char *pair;     /* nullable */
  gssize pair_length;
  const gint32 *ids;    /* nullable: used as they are, nothing added */
  guint n_ids;
} AttunePredictText;

/* max_length 0: the run's, or for a model min(512, its positions). attribute_label: -1 for none, -2
 * for the predicted label, else that label; of the first text only. Texts are computed in their
 * order of length and returned in their own. */
void           attune_trainer_predict_async  (AttuneTrainer             *self,
                                              const AttunePredictSource *source,
                                              const AttunePredictText   *texts,
                                              guint64                    n_texts,
                                              guint                      max_length,
                                              gint                       attribute_label,
                                              GCancellable              *cancellable,
                                              GAsyncReadyCallback        callback,
                                              gpointer                   user_data);
AttunePredictions *
               attune_trainer_predict_finish (AttuneTrainer             *self,
                                              GAsyncResult              *result,
                                              GError                   **error);

/* What a run would cost, from a few real steps on the longest and on typical rows. */
typedef struct {
  double seconds;
  double samples_per_second;
  double memory_bytes;
  double disk_bytes;
  gint64 steps;
  char device[128];       /* what was measured: "AMD EPYC …", "NVIDIA H100 …" */
  gboolean on_cpu;
  gint threads;
  const char *precision;  /* what "auto" comes to there; static */
} AttuneEstimate;

void           attune_trainer_estimate_async  (AttuneTrainer         *self,
                                               const AttuneTrainJob  *job,
                                               GCancellable          *cancellable,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
gboolean       attune_trainer_estimate_finish (AttuneTrainer         *self,
                                               GAsyncResult          *result,
                                               AttuneEstimate        *estimate,
                                               GError               **error);

/* A learning rate range test: the first steps of a run at rates that climb by the same factor. */
typedef struct {
  double first;
  double last;
  guint steps;            /* at most; an epoch is enough, but for small data */
} AttuneRateRange;

/* What is usual for the optimizer. */
void           attune_rate_range_init  (AttuneRateRange       *self,
                                        AttuneTrainConfig     *config);

/* What is said meanwhile: phases, run_started with the number of steps, and steps. Borrowed. */
typedef void (*AttuneRateHeard) (const AttuneEvent *event,
                                 gpointer           user_data);

void           attune_trainer_find_rate_async  (AttuneTrainer          *self,
                                                const AttuneTrainJob   *job,
                                                const AttuneRateRange  *range,
                                                AttuneRateHeard         heard,
                                                GCancellable           *cancellable,
                                                GAsyncReadyCallback     callback,
                                                gpointer                user_data);
/* (transfer full) */
AttuneRateCurve *
               attune_trainer_find_rate_finish (AttuneTrainer          *self,
                                                GAsyncResult           *result,
                                                GError                **error);

/* Loads the engine and lists what it can compute on, measured. (element-type AttuneDeviceInfo) */
typedef struct {
  char *id;    /* "cpu", "cuda:0" */
  char *name;
  guint64 memory_bytes;
  char *engine; /* "libtorch 2.6.0, OpenBLAS" */
  char *capability;   /* instruction set in use, "AVX512" */
  int threads;
  char *precision;    /* what "auto" is there; NULL when measuring failed */
  double fp32_gflops; /* 0: not measured */
  double bf16_gflops;
  char *paths;        /* nullable */
  char *notice;       /* nullable: on the processor, why no graphics card is used and what to do */
} AttuneDeviceInfo;

void           attune_device_info_free       (AttuneDeviceInfo *self);
void           attune_trainer_devices_async  (AttuneTrainer        *self,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
GPtrArray     *attune_trainer_devices_finish (AttuneTrainer        *self,
                                              GAsyncResult         *result,
                                              GError              **error);

G_END_DECLS
