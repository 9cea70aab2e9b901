/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDownloadRow: a model of the Hub: what is known of it and a button that downloads it; how far
 * that is and a button that cancels it; why it failed; or that it is installed.
 */
#pragma once

#include <adwaita.h>

#include "attune-model-downloads.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_DOWNLOAD_ROW (attune_download_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDownloadRow, attune_download_row, ATTUNE, DOWNLOAD_ROW, AdwActionRow)

/* (transfer floating) */
GtkWidget        *attune_download_row_new       (AttuneModelDownloads *downloads,
                                                 AttuneModelOffer     *offer);
AttuneModelOffer *attune_download_row_get_offer (AttuneDownloadRow    *self);

G_END_DECLS
