/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelTryDialog: the Try page for a model that is installed and knows classes already, with
 * no data set and no run. Opened by the action win.try-model (string: which model, or "").
 */
#pragma once

#include <adwaita.h>

#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_TRY_DIALOG (attune_model_try_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelTryDialog, attune_model_try_dialog, ATTUNE, MODEL_TRY_DIALOG,
                      AdwDialog)

/* model: nullable: chosen first, if it is there. (transfer floating) */
AdwDialog *attune_model_try_dialog_new     (AttuneTrainer  *trainer,
                                            const char     *model);
/* Installs win.try-model. */
void       attune_model_try_dialog_install (GtkWidgetClass *window_class);

G_END_DECLS
