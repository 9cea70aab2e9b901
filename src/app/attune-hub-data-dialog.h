/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHubDataDialog: a data set of the Hub by its name: downloaded, then opened in the window as if
 * its folder had been chosen. Closing the dialog cancels the download.
 */
#pragma once

#include "attune-window.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_HUB_DATA_DIALOG (attune_hub_data_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneHubDataDialog, attune_hub_data_dialog, ATTUNE, HUB_DATA_DIALOG, AdwDialog)

/* (transfer floating): a dialog to present in this window, which is not kept. */
AdwDialog *attune_hub_data_dialog_new     (AttuneWindow   *window);
/* The action win.open-hub, which presents one. */
void       attune_hub_data_dialog_install (GtkWidgetClass *window_class);

G_END_DECLS
