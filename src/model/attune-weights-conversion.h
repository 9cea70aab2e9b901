/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weights that a folder has only as pytorch_model.bin, made into model.safetensors by the confined
 * program attune-convert-weights (see convert/). Not a byte of them is looked at here.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Quick. FALSE where there are safetensors as well. */
gboolean attune_weights_need_conversion (const char    *folder);

/* Writes target/model.safetensors. Adds an AttuneCopiedFile for it to files, and one for each file
 * it was made of to sources. Worker thread. */
gboolean attune_weights_convert         (const char    *folder,
                                         const char    *target,
                                         GPtrArray     *files,
                                         GPtrArray     *sources,
                                         GCancellable  *cancellable,
                                         GError       **error);

G_END_DECLS
