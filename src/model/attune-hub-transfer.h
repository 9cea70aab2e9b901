/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHubTransfer: some files of one repository to a folder, which a program holds for itself
 * meanwhile. What they are for is known by attune-hub-download.c and attune-hub-data.c.
 */
#pragma once

#include "attune-hub-file.h"

G_BEGIN_DECLS

typedef struct {
  AttuneHub *hub;
  const char *kind;    /* "models", "datasets" */
  AttuneHubRepo *repo; /* of attune_hub_transfer_find() */
  GPtrArray *files;    /* (element-type AttuneHubFile): those wanted, borrowed from repo */
  GPtrArray *names;    /* (element-type utf8): their paths below the folder */
  char *folder;        /* to be set by who uses it, before locking */
  int lock;            /* -1: not held */
  AttuneHubMeter meter;
  GCancellable *cancellable;
} AttuneHubTransfer;

void           attune_hub_transfer_init      (AttuneHubTransfer  *self,
                                              AttuneHub          *hub,
                                              const char         *kind,
                                              AttuneHubProgress   progress,
                                              gpointer            user_data,
                                              GCancellable       *cancellable);
void           attune_hub_transfer_clear     (AttuneHubTransfer  *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneHubTransfer, attune_hub_transfer_clear)

gboolean       attune_hub_transfer_find      (AttuneHubTransfer  *self,
                                              const char         *id,
                                              const char         *revision,
                                              GError            **error);
/* (transfer none) (nullable) */
AttuneHubFile *attune_hub_transfer_find_file (AttuneHubTransfer  *self,
                                              const char         *path);
/* name: its path below the folder, copied. */
void           attune_hub_transfer_add       (AttuneHubTransfer  *self,
                                              AttuneHubFile      *file,
                                              const char         *name);
gboolean       attune_hub_transfer_lock      (AttuneHubTransfer  *self,
                                              GError            **error);
/* copies: how often each file will lie on the disk. */
gboolean       attune_hub_transfer_measure   (AttuneHubTransfer  *self,
                                              guint               copies,
                                              GError            **error);
/* One file, not counted as progress; all, counted. */
gboolean       attune_hub_transfer_fetch_one (AttuneHubTransfer  *self,
                                              AttuneHubFile      *file,
                                              GError            **error);
gboolean       attune_hub_transfer_fetch     (AttuneHubTransfer  *self,
                                              GError            **error);

/* (transfer full): "org--name" */
char          *attune_hub_get_folder_name    (const char         *id);

G_END_DECLS
