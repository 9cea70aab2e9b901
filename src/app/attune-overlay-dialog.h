/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneOverlayDialog: which other runs are drawn behind the curves of one. What is switched shows at
 * once.
 */
#pragma once

#include <adwaita.h>

#include "attune-train-curves.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_OVERLAY_DIALOG (attune_overlay_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneOverlayDialog, attune_overlay_dialog, ATTUNE, OVERLAY_DIALOG, AdwDialog)

/* (transfer floating): a dialog to present.
 * runs: (element-type AttuneRun): those to choose from; curves: must live as long as the dialog's
 * parent. */
AdwDialog *attune_overlay_dialog_new (GPtrArray         *runs,
                                      AttuneTrainCurves *curves);

G_END_DECLS
