/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelCache: the last two classifiers that were only asked, not trained, so that typing does
 * not load weights at each key. Trainer thread only.
 */
#pragma once

#include "attune-classifier.h"

G_BEGIN_DECLS

typedef struct _AttuneModelCache AttuneModelCache;

AttuneModelCache *attune_model_cache_new   (AttuneEngineHost     *host);
void              attune_model_cache_free  (AttuneModelCache     *self);
/* Forgets all, so that their memory is free for training. */
void              attune_model_cache_clear (AttuneModelCache     *self);
/* (transfer full). head: nullable. */
AttuneClassifier *attune_model_cache_get   (AttuneModelCache     *self,
                                            const char           *path,
                                            const char           *head,
                                            AttuneModelOpenFlags  flags,
                                            GError              **error);
/* The classifier of a run's best/, cutting texts as the run did. (transfer full) */
AttuneClassifier *attune_model_cache_get_run (AttuneModelCache   *self,
                                            const char           *run_folder,
                                            AttuneModelOpenFlags  flags,
                                            GError              **error);

G_END_DECLS
