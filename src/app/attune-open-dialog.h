/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening data in a window: which files or which folder; and showing the folder of a run.
 */
#pragma once

#include "attune-window.h"

G_BEGIN_DECLS

void attune_open_dialog_choose_files  (AttuneWindow *window);
void attune_open_dialog_choose_folder (AttuneWindow *window);
/* files: (element-type GFile): several are one data set, none is nothing. */
void attune_open_dialog_open_files    (AttuneWindow *window,
                                       GPtrArray    *files);
/* In the person's file manager. */
void attune_open_dialog_show_folder   (AttuneWindow *window,
                                       AttuneRun    *run);
/* The actions win.open, win.open-folder, win.new-run and win.open-sample. */
void attune_open_dialog_install       (GtkWidgetClass *window_class);

G_END_DECLS
