/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDownloadList: models to download, beneath those that are installed: the suggested ones, those
 * under way, and the way to more. It finds the downloads in the application of its window.
 *
 * Signal: "installed" when there is a new model in the store.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_DOWNLOAD_LIST (attune_download_list_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDownloadList, attune_download_list, ATTUNE, DOWNLOAD_LIST, AdwBin)

/* infos: (element-type AttuneModelInfo) (nullable): what the store was found to hold. */
void attune_download_list_set_installed (AttuneDownloadList *self,
                                         GPtrArray          *infos);

G_END_DECLS
