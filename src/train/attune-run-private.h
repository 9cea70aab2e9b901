/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of AttuneRun, shared by its files: object, events, list.
 */
#pragma once

#include "attune-run-record.h"

G_BEGIN_DECLS

typedef struct _AttuneRunAnnotator AttuneRunAnnotator;

struct _AttuneRun
{
  GObject parent_instance;

  AttuneRunState state;
  char *title;
  char *given_title;    /* of run.json; NULL until it has been read there */
  char *notes;
  char *folder;
  char *phase;
  char *device;
  char *precision;
  char *paths;
  char *message;
  char **classes;
  gint threads;
  gint64 created;
  gint64 step;
  gint64 steps;
  gint64 best_step;
  double epoch;
  double phase_progress; /* 0 to 1, -1 when it is not known */
  double samples_per_second;
  double seconds_left;
  double best_accuracy;
  double fp32_gflops;
  double bf16_gflops;

  AttuneTrainConfig *config;
  AttuneRunSource *source;
  AttuneRunHistory history;
  double *window;       /* ring of (time, step) for the speed that seconds_left assumes */
  guint window_length;
  guint window_next;

  gboolean glanced;     /* of its events only the last were read: the history is empty */
  gboolean sketching;
  GArray *sketch;       /* (element-type double): accuracies of a glanced run; NULL until asked */
  AttuneRunAnnotator *annotator; /* NULL until a person has changed title or notes */
  gboolean annotate_later; /* there was no run.json yet */
};

/* Speed over the last so many step events. */
#define ATTUNE_RUN_WINDOW 64

enum {
  ATTUNE_RUN_PROP_0,
  ATTUNE_RUN_PROP_STATE,
  ATTUNE_RUN_PROP_TITLE,
  ATTUNE_RUN_PROP_FOLDER,
  ATTUNE_RUN_PROP_PHASE,
  ATTUNE_RUN_PROP_PHASE_PROGRESS,
  ATTUNE_RUN_PROP_STEP,
  ATTUNE_RUN_PROP_STEPS,
  ATTUNE_RUN_PROP_EPOCH,
  ATTUNE_RUN_PROP_N_EPOCHS,
  ATTUNE_RUN_PROP_FRACTION,
  ATTUNE_RUN_PROP_SECONDS_LEFT,
  ATTUNE_RUN_PROP_SAMPLES_PER_SECOND,
  ATTUNE_RUN_PROP_BEST_ACCURACY,
  ATTUNE_RUN_PROP_BEST_STEP,
  ATTUNE_RUN_PROP_DEVICE,
  ATTUNE_RUN_PROP_PRECISION,
  ATTUNE_RUN_PROP_THREADS,
  ATTUNE_RUN_PROP_FP32_GFLOPS,
  ATTUNE_RUN_PROP_BF16_GFLOPS,
  ATTUNE_RUN_PROP_PATHS,
  ATTUNE_RUN_PROP_MESSAGE,
  ATTUNE_RUN_PROP_NOTES,
  ATTUNE_RUN_N_PROPS
};

void attune_run_notify     (AttuneRun               *self,
                            guint                    property);
void attune_run_emit_event (AttuneRun               *self,
                            const AttuneEvent       *event);
void attune_run_set_state  (AttuneRun               *self,
                            AttuneRunState           state);
/* To running, before the first event; what the trainer does when it takes a run. created: Unix
 * seconds, 0 for now. */
void attune_run_begin      (AttuneRun               *self,
                            const char              *folder,
                            AttuneTrainConfig       *config,
                            const AttuneRunSource   *source,
                              gint64                   created);

/* A run as its record and notes say, RUNNING, before any of its events. (transfer full) */
AttuneRun *attune_run_new_from_record (const AttuneRunRecord *record,
                                       const char            *path);
/* Without an end it has come to one if no process holds its lock any more. */
void attune_run_settle     (AttuneRun               *self);
/* Applies each whole line of events. */
void attune_run_replay     (AttuneRun               *self,
                            const char              *lines,
                            gsize                    length);
/* As attune_run_open(), but reads no more of the events than their end. */
AttuneRun *attune_run_glance (const char            *folder,
                              GError               **error);
/* The run's folder holds run.json from now on. */
void attune_run_annotate_begun (AttuneRun           *self);
void attune_run_annotator_unref (AttuneRunAnnotator *self);

G_END_DECLS
