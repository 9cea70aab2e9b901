/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEvent: the only thing a run says. The trainer appends each to events.jsonl and pushes it to
 * the main loop; the command line prints the same line; reopening a run replays the file. What only
 * matters for a moment is pushed alone.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_EVENT_RUN_STARTED,
  ATTUNE_EVENT_PHASE,
  ATTUNE_EVENT_STEP,
  ATTUNE_EVENT_EVALUATION,
  ATTUNE_EVENT_BASELINES,
  ATTUNE_EVENT_CHECKPOINT,
  ATTUNE_EVENT_PAUSED,
  ATTUNE_EVENT_CONTINUED,
  ATTUNE_EVENT_WARNING,
  ATTUNE_EVENT_RUN_FINISHED,
  ATTUNE_EVENT_RUN_STOPPED,
  ATTUNE_EVENT_RUN_FAILED,
} AttuneEventType;

/* Plain data; fields a type does not use are 0, NaN or NULL. JSON has the same names. */
typedef struct {
  AttuneEventType type;
  double time;               /* seconds of the run, pauses excluded */
  gint64 step;               /* optimizer steps done; in run_started where a run goes on from */
  double epoch;
  /* step */
  double loss;               /* not finite: null in JSON with "non_finite" beside it */
  double grad_norm;          /* before clipping */
  double learning_rate;      /* the rate this step used */
  double samples_per_second;
  double train_accuracy;     /* of the texts of this step, in training mode; NaN if unknown */
  /* evaluation */
  double eval_loss;
  double eval_accuracy;
  double eval_f1_macro;
  double eval_f1_micro;
  double eval_mcc;           /* NaN where texts have several labels */
  gint64 eval_samples;
  /* baselines */
  double majority_accuracy;
  double naive_bayes_accuracy;
  double logistic_regression_accuracy;
  /* run_started */
  gint64 steps;              /* planned in all */
  gint64 steps_per_epoch;
  gint64 train_samples;
  char **classes;
  char *problem_type;        /* "single_label_classification", "multi_label_classification" */
  char *device;
  char *precision;
  gint threads;
  double fp32_gflops;        /* of the device, before training; NaN when not measured */
  double bf16_gflops;
  char *paths;               /* how the products are computed; nullable */
  /* run_finished */
  double train_samples_per_second; /* steady state: without the first tenth */
  double train_runtime;
  gint64 best_step;
  double peak_memory_bytes;
  double progress;           /* phase: how far it has come, 0 to 1; else NaN. Not in JSON */
  /* phase: name; checkpoint: path; warning, stopped, failed: code and message */
  char *name;
  char *path;
  gint64 bytes;
  char *code;
  char *message;
} AttuneEvent;

AttuneEvent *attune_event_new        (AttuneEventType    type);
AttuneEvent *attune_event_copy       (const AttuneEvent *self);
void         attune_event_free       (AttuneEvent       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneEvent, attune_event_free)
gboolean     attune_event_is_terminal (const AttuneEvent *self);
/* Whether it is forgotten once it was heard: in no file, and not printed. */
gboolean     attune_event_is_passing (const AttuneEvent *self);

/* One line without the line break. */
char        *attune_event_to_json    (const AttuneEvent *self);
/* NULL and *error for a line that is no event (a torn last line, for one). */
AttuneEvent *attune_event_parse      (const char  *json,
                                      gssize       length,
                                      GError     **error);

G_END_DECLS
