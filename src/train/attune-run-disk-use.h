/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much of the disk a run takes. Blocking; any thread but the main one.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* In bytes as the file system counts them. */
typedef struct {
  guint64 total;
  guint64 model;       /* of it best/ */
  guint64 checkpoints; /* of it checkpoints/ */
} AttuneRunDiskUse;

gboolean attune_run_disk_use_measure (AttuneRunDiskUse  *self,
                                      const char        *folder,
                                      GCancellable      *cancellable,
                                      GError           **error);

G_END_DECLS
