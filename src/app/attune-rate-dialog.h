/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRateDialog: looks for a learning rate of a draft while one watches, and puts what it finds
 * into the settings if that is wanted. It begins when it is shown; closing it ends the search.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RATE_DIALOG (attune_rate_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRateDialog, attune_rate_dialog, ATTUNE, RATE_DIALOG, AdwDialog)

/* (transfer floating): a dialog to present. project: one whose settings can be changed. */
AttuneRateDialog *attune_rate_dialog_new (AttuneProject *project);

G_END_DECLS
