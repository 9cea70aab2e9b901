/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEventLog: what a run has said besides its steps, in order: read from its folder, then
 * followed. Main thread only; reading happens on GIO's pool.
 *
 * Signal: "appended" (AttuneEventLog, const AttuneEvent *) for each event, also those that are read.
 */
#pragma once

#include "attune-run.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_EVENT_LOG (attune_event_log_get_type ())
G_DECLARE_FINAL_TYPE (AttuneEventLog, attune_event_log, ATTUNE, EVENT_LOG, GObject)

AttuneEventLog  *attune_event_log_new        (AttuneRun         *run);
/* (element-type AttuneEvent) (transfer none): so far. */
const GPtrArray *attune_event_log_get_events (AttuneEventLog    *self);
/* While the folder is still being read. */
gboolean         attune_event_log_is_loading (AttuneEventLog    *self);
/* (transfer full): a line for people, without the line break. */
char            *attune_event_describe       (const AttuneEvent *event);

/* The phases a run goes through, in order. */
#define ATTUNE_N_PHASES 5
guint            attune_phase_find           (const char        *name);
const char      *attune_phase_get_title      (guint              phase);

G_END_DECLS
