/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copying a fine-tuned model out of a run, for the window and the command line alike.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean attune_model_export_folder (const char   *source,
                                     const char   *destination,
                                     GCancellable *cancellable,
                                     GError      **error);
const char *attune_model_export_get_notice (const char *source);

G_END_DECLS
