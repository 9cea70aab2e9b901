/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunQueue: projects that wait until nothing else trains, and then start one after another.
 * It outlives the program as queue.json; what was read from there waits until it is told to go on.
 *
 * Signals: "changed" (who waits, or whether they are held), "failed" (string: why runs that had their
 * turn did not start, a line each; they are drafts again, and the next one has its turn).
 */
#pragma once

#include "attune-application.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_QUEUE (attune_run_queue_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunQueue, attune_run_queue, ATTUNE, RUN_QUEUE, GObject)

/* application: whose projects it is about; not kept. */
AttuneRunQueue *attune_run_queue_new          (AttuneApplication *application);
/* What waited when the program ended, held. An unreadable file is set aside and said. */
void            attune_run_queue_load         (AttuneRunQueue    *self);

/* A draft without a fault, at the end. */
gboolean        attune_run_queue_add          (AttuneRunQueue    *self,
                                               AttuneProject     *project,
                                               GError           **error);
/* A new project at the end: the data and model of like with other settings. */
gboolean        attune_run_queue_add_settings (AttuneRunQueue    *self,
                                               AttuneProject     *like,
                                               AttuneTrainConfig *config,
                                               const char        *title,
                                               GError           **error);
/* The same for each AttuneSearchRun of runs, in their order, with the title of like before theirs: all
 * of them or none. */
gboolean        attune_run_queue_add_search   (AttuneRunQueue    *self,
                                               AttuneProject     *like,
                                               GPtrArray         *runs,
                                               GError           **error);
/* A draft again; nothing for those that do not wait. */
void            attune_run_queue_remove       (AttuneRunQueue    *self,
                                               AttuneProject     *project);
void            attune_run_queue_move_up      (AttuneRunQueue    *self,
                                               AttuneProject     *project);

/* To the front; it starts as soon as nothing trains, though the others be held. */
void            attune_run_queue_start_now    (AttuneRunQueue    *self,
                                               AttuneProject     *project);

guint           attune_run_queue_get_n_waiting (AttuneRunQueue   *self);
/* Held: nothing starts by itself. */
gboolean        attune_run_queue_is_held      (AttuneRunQueue    *self);
void            attune_run_queue_set_held     (AttuneRunQueue    *self,
                                               gboolean           held);

G_END_DECLS
