/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunSidebar: the list of runs beside the pages: searched, sorted, with a menu for each row.
 *
 * Properties: project (AttuneProject, nullable; the chosen one, notifies), menu-model (GMenuModel;
 * of the program). Signal "activated": a row was clicked or Enter pressed on it.
 * The rows' menu names actions of the window that act on the chosen run.
 */
#pragma once

#include <adwaita.h>

#include "attune-application.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_SIDEBAR (attune_run_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunSidebar, attune_run_sidebar, ATTUNE, RUN_SIDEBAR, AdwBin)

/* What it lists, and where it remembers the order. Once. */
void           attune_run_sidebar_set_application (AttuneRunSidebar  *self,
                                                   AttuneApplication *application);
AttuneProject *attune_run_sidebar_get_project     (AttuneRunSidebar  *self);
void           attune_run_sidebar_set_project     (AttuneRunSidebar  *self,
                                                   AttuneProject     *project);
/* The field to type in, with the keyboard in it. */
void           attune_run_sidebar_search          (AttuneRunSidebar  *self);

G_END_DECLS
