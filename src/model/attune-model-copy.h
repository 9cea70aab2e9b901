/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copying the files of a HF folder. Used by this room only.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  const char *name; /* "config.json" */
  guint64 size;
  char sha256[65];
} AttuneCopiedFile;

GPtrArray *attune_model_copy_files (const char    *from,
                                    const char    *to,
                                    GCancellable  *cancellable,
                                    GError       **error);

G_END_DECLS
