/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelDownloads: the models that are being downloaded, one after another, whichever window or
 * dialog asked for them, and which models of the Hub are installed. Main thread.
 *
 * Signals: "changed" (string: a model by its id), "ended" (AttuneDownload: done or failed).
 */
#pragma once

#include "attune-download.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_DOWNLOADS (attune_model_downloads_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelDownloads, attune_model_downloads, ATTUNE, MODEL_DOWNLOADS, GObject)

AttuneModelDownloads *attune_model_downloads_new           (void);
/* As soon as those before are over; at once a second time where it failed. */
void                  attune_model_downloads_start         (AttuneModelDownloads *self,
                                                            AttuneModelOffer     *offer);
/* Also forgets one that failed. */
void                  attune_model_downloads_cancel        (AttuneModelDownloads *self,
                                                            const char           *id);
void                  attune_model_downloads_cancel_all    (AttuneModelDownloads *self);
/* (nullable) (transfer none): one that waits, runs or failed. */
AttuneDownload       *attune_model_downloads_find          (AttuneModelDownloads *self,
                                                            const char           *id);
/* (element-type AttuneDownload) (transfer none): all of those, in their order. */
GPtrArray            *attune_model_downloads_get_all       (AttuneModelDownloads *self);

/* infos: (element-type AttuneModelInfo) (nullable): what the store was found to hold. */
void                  attune_model_downloads_set_installed (AttuneModelDownloads *self,
                                                            GPtrArray            *infos);
gboolean              attune_model_downloads_is_installed  (AttuneModelDownloads *self,
                                                            const char           *id);

G_END_DECLS
