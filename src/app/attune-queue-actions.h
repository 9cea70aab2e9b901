/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a window can do with the queue of runs: actions win.enqueue, win.dequeue, win.queue-up and
 * win.start-queue.
 */
#pragma once

#include "attune-window.h"

G_BEGIN_DECLS

void attune_queue_actions_install (GtkWidgetClass *window_class);
/* Enables what can be done with the project now; NULL for nothing. */
void attune_queue_actions_update  (AttuneWindow   *window,
                                   AttuneProject  *project);
/* Offers to go on with what waits, held, from an earlier session. */
void attune_queue_actions_offer   (AttuneWindow   *window);

G_END_DECLS
