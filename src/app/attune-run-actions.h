/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a window can do with a run: start, pause, stop and delete it; look at its details, its folder,
 * or compare it; and when it is over or was interrupted, go on with it, train it further, begin another
 * from its settings or weights.
 */
#pragma once

#include "attune-window.h"

G_BEGIN_DECLS

void attune_run_actions_install (GtkWidgetClass *window_class);
/* Enables what can be done with the project now; NULL for nothing. */
void attune_run_actions_update  (AttuneWindow   *window,
                                 AttuneProject  *project);

G_END_DECLS
