/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run in the foreground: its events printed or drawn as a bar, signals obeyed.
 */
#pragma once

#include "attune-trainer.h"

G_BEGIN_DECLS

/* Starts the job and returns when run is over: how the program should exit. json: events as lines
 * on stdout. */
int cli_training_run (AttuneRun            *run,
                      const AttuneTrainJob *job,
                      gboolean              json);

G_END_DECLS
