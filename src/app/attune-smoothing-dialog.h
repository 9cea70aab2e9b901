/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSmoothingDialog: the weight of the smoothing of curves, as exactly as one likes. The plots
 * behind it follow.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SMOOTHING_DIALOG (attune_smoothing_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSmoothingDialog, attune_smoothing_dialog, ATTUNE, SMOOTHING_DIALOG,
                      AdwDialog)

/* (transfer floating): a dialog to present. settings: those of curves, with a key "smoothing". */
AdwDialog *attune_smoothing_dialog_new (GSettings *settings);

G_END_DECLS
