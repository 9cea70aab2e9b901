/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What other programs downloaded from the Hub before, in their folder ($HF_HUB_CACHE): read only,
 * and believed only as far as the hashes agree.
 */
#pragma once

#include "attune-hub-private.h"

G_BEGIN_DECLS

/* kind: "models" or "datasets". (transfer full) (nullable): no such thing in the cache. */
AttuneHubRepo *attune_hub_cache_find  (AttuneHub           *self,
                                       const char          *kind,
                                       const char          *id,
                                       const char          *revision);
/* Copies a file whose bytes are right; FALSE when there is none, or the copy did not work out. */
gboolean       attune_hub_cache_take  (AttuneHub           *self,
                                       const char          *kind,
                                       const char          *id,
                                       const AttuneHubFile *file,
                                       const char          *path,
                                       GCancellable        *cancellable);

G_END_DECLS
