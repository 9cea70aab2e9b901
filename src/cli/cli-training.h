/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in the foreground, one after another: their events printed or drawn as a bar, signals obeyed.
 */
#pragma once

#include "attune-trainer.h"
#include "cli.h"

G_BEGIN_DECLS

typedef struct _CliTraining CliTraining;

/* json: events as lines on stdout. From here on INT, TERM and HUP stop and keep. */
CliTraining *cli_training_new         (gboolean              json);
/* Starts the job and returns when run is over: how the program should exit for this run. name:
 * (nullable) what it is called among several, which stands in each of its lines of JSON. */
int          cli_training_follow      (CliTraining          *self,
                                       AttuneRun            *run,
                                       const AttuneTrainJob *job,
                                       const char           *name);
/* The code word of the last run's failure; NULL if it did not begin or did not fail. */
const char  *cli_training_get_failure (CliTraining          *self);
/* Whether a signal said so, or nobody reads the events any more: no other run should begin. */
gboolean     cli_training_is_stopping (CliTraining          *self);
/* Where more can be said, after the events. */
CliOutput   *cli_training_get_output  (CliTraining          *self);
/* Frees; returns exit, or what output that could not be written makes of it. */
int          cli_training_end         (CliTraining          *self,
                                       int                   exit);

/* All of it for one run. */
int          cli_training_run         (AttuneRun            *run,
                                       const AttuneTrainJob *job,
                                       gboolean              json);

G_END_DECLS
