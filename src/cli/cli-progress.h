/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a run stands, for a person at a terminal; without one, a line for each thing that ends.
 */
#pragma once

#include "attune-run.h"

G_BEGIN_DECLS

typedef struct {
  gboolean live;        /* standard error is a terminal */
  guint width;          /* columns that the last line took */
  gint64 drawn;         /* monotonic microseconds */
} CliProgress;

void cli_progress_init  (CliProgress       *self);
/* Draws the bar, at most ten times a second. */
void cli_progress_draw  (CliProgress       *self,
                         AttuneRun         *run);
/* Says what an event means, if it means anything to a person. */
void cli_progress_say   (CliProgress       *self,
                         AttuneRun         *run,
                         const AttuneEvent *event);
void cli_progress_clear (CliProgress       *self);

G_END_DECLS
