/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model is like, read on GIO's pool: opening its folder is no work for the main loop.
 */
#pragma once

#include <gio/gio.h>

#include "attune-model-folder.h"

G_BEGIN_DECLS

/* model: a name of the store or a folder. */
void               attune_model_describe_async  (GObject              *source,
                                                 const char           *model,
                                                 GAsyncReadyCallback   callback);
/* *model: the one that was asked about, borrowed from result. */
AttuneModelConfig *attune_model_describe_finish (GAsyncResult         *result,
                                                 const char          **model,
                                                 GError              **error);

G_END_DECLS
