/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: a folder with a folder for each label, in which each file is a text.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

/* Whether a folder looks like that. */
gboolean     attune_folders_detect (GFile                    *folder,
                                    GCancellable             *cancellable);
AttuneTable *attune_folders_read   (GFile                    *folder,
                                    const char               *name,
                                    const AttuneTableOptions *options,
                                    const AttuneProgress     *progress,
                                    GCancellable             *cancellable,
                                    GError                  **error);

G_END_DECLS
