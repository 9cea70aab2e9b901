/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models and data sets from the Hub: every file at one commit, each checked against its hash, and
 * what is taken from the cache of other programs as well. Blocking; worker thread.
 */
#pragma once

#include "attune-hub-answer.h"
#include "attune-hub.h"
#include "attune-model-store.h"

G_BEGIN_DECLS

/* revision: NULL for the newest; name: in the store, NULL for that of the Hub. (transfer full) */
AttuneModelInfo *attune_hub_download_model (AttuneHub          *self,
                                            const char         *id,
                                            const char         *revision,
                                            const char         *name,
                                            AttuneHubProgress   progress,
                                            gpointer            user_data,
                                            GCancellable       *cancellable,
                                            GError            **error);
/* part: which of the sets that go by this name, NULL if there is one. (transfer full): a folder. */
char            *attune_hub_download_data  (AttuneHub          *self,
                                            const char         *id,
                                            const char         *revision,
                                            const char         *part,
                                            AttuneHubProgress   progress,
                                            gpointer            user_data,
                                            GCancellable       *cancellable,
                                            GError            **error);
/* (transfer full) (element-type AttuneHubModel): those that can be used here, most used first. */
GPtrArray       *attune_hub_search_models  (AttuneHub          *self,
                                            const char         *words,
                                            GCancellable       *cancellable,
                                            GError            **error);

G_END_DECLS
