/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One file from the Hub to its place in a folder: gone on with where it stopped, and checked against
 * its hash before it gets its name.
 */
#pragma once

#include "attune-hub-private.h"

G_BEGIN_DECLS

/* How far the whole download is. */
typedef struct {
  AttuneHubProgress call; /* nullable */
  gpointer user_data;
  guint64 done;           /* bytes of the files before this one */
  guint64 total;
} AttuneHubMeter;

gboolean attune_hub_file_complete (AttuneHub            *self,
                                   const AttuneHubRepo  *repo,
                                   const char           *kind,
                                   AttuneHubFile        *file,
                                   GCancellable         *cancellable,
                                   GError              **error);
gboolean attune_hub_file_fetch    (AttuneHub            *self,
                                   const AttuneHubRepo  *repo,
                                   const char           *kind,
                                   const AttuneHubFile  *file,
                                   const char           *path,
                                   AttuneHubMeter       *meter,
                                   GCancellable         *cancellable,
                                   GError              **error);
/* Bytes of the file that lie there, or in the part of it, already; not checked. */
guint64  attune_hub_file_measure  (const AttuneHubFile  *file,
                                   const char           *path);
gboolean attune_hub_file_verify   (const AttuneHubFile  *file,
                                   const char           *path,
                                   GCancellable         *cancellable);
/* (transfer full) (nullable): sha256 of the file there. */
char    *attune_hub_file_hash     (const char           *path,
                                   GCancellable         *cancellable);

G_END_DECLS
