/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunWatch: what the desktop is told of the run that the trainer has: that the computer must
 * not fall asleep while it goes on, and, where no window shows it, that it has ended.
 */
#pragma once

#include <gtk/gtk.h>

#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_WATCH (attune_run_watch_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunWatch, attune_run_watch, ATTUNE, RUN_WATCH, GObject)

/* (transfer full); application is not kept: dispose of the watch before it. A click on what is said
 * activates its action "show-run" with the run's folder. */
AttuneRunWatch *attune_run_watch_new (GtkApplication *application,
                                      AttuneTrainer  *trainer);

G_END_DECLS
