/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelBrowser: a dialog that searches the Hub for models, and downloads them. Nothing is sent
 * before the person presses Search or Download; downloads go on when it is closed.
 */
#pragma once

#include <adwaita.h>

#include "attune-model-downloads.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_BROWSER (attune_model_browser_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelBrowser, attune_model_browser, ATTUNE, MODEL_BROWSER, AdwDialog)

/* (transfer floating): a dialog to present. */
AdwDialog *attune_model_browser_new     (AttuneModelDownloads *downloads);
/* The action win.find-model, which presents one. */
void       attune_model_browser_install (GtkWidgetClass       *window_class);

G_END_DECLS
