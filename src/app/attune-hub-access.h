/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one place where the window comes by a Hub to ask: nothing is sent by this.
 */
#pragma once

#include "attune-hub.h"

G_BEGIN_DECLS

void       attune_hub_access_open_async  (GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
/* (transfer full) (nullable): for one worker thread at a time. */
AttuneHub *attune_hub_access_open_finish (GAsyncResult        *result,
                                          GError             **error);

G_END_DECLS
