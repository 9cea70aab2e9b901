/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWindow: the start page or, beside the list of runs, the five pages of the chosen project.
 *
 * Actions: win.open, win.open-hub, win.open-sample, win.new-run, win.new-copy (same data and
 * settings again), win.page (string), win.try-model (string: an installed model, "" for the first),
 * win.find-model, win.start, win.pause, win.stop; of the run chosen in the list win.delete-run,
 * win.rename-run, win.run-details, win.compare, win.open-run-folder; win.search-runs. Pages name
 * these in their .ui; enabling them is this file's business.
 */
#pragma once

#include <adwaita.h>

#include "attune-application.h"
#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_WINDOW (attune_window_get_type ())
G_DECLARE_FINAL_TYPE (AttuneWindow, attune_window, ATTUNE, WINDOW, AdwApplicationWindow)

AttuneWindow  *attune_window_new          (AttuneApplication *application);
void           attune_window_show_project (AttuneWindow  *self,
                                           AttuneProject *project);
AttuneProject *attune_window_get_project  (AttuneWindow  *self);
/* The project whose menu is open in the list of runs, else the one that is shown. */
AttuneProject *attune_window_get_chosen   (AttuneWindow  *self);
/* page: "data", "setup", "train", "results" or "try". */
void           attune_window_show_page    (AttuneWindow  *self,
                                           const char    *page);
/* toast: (transfer full) */
void           attune_window_add_toast    (AttuneWindow  *self,
                                           AdwToast      *toast);
/* message: translated; shown as a toast. */
void           attune_window_show_toast   (AttuneWindow  *self,
                                           const char    *message);
/* The same with a button, until it is pressed or dismissed. */
void           attune_window_show_offer   (AttuneWindow  *self,
                                           const char    *message,
                                           const char    *button,
                                           const char    *action);
/* One sentence, with details behind a Copy button when there are any (nullable). */
void           attune_window_show_error   (AttuneWindow  *self,
                                           const char    *message,
                                           const char    *details);
/* The Try page with this text in its field, and with pair (nullable) in that of second texts. */
void           attune_window_try_text     (AttuneWindow  *self,
                                           const char    *text,
                                           const char    *pair);

G_END_DECLS
