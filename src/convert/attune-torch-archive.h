/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTorchArchive: the zip file that torch.save writes, as records in memory. Only what torch
 * writes is read: stored entries, zip64 or not, below one folder; everything else is refused.
 */
#pragma once

#include "attune-convert-fault.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;   /* without the archive's folder, "data/0"; not terminated */
  gsize name_length;
  const guint8 *data; /* in the caller's bytes */
  gsize length;
  guint32 checksum;   /* as it is and was said to be */
} AttuneTorchRecord;

typedef struct _AttuneTorchArchive AttuneTorchArchive;

AttuneTorchArchive      *attune_torch_archive_new    (const guint8             *bytes,
                                                      gsize                     length,
                                                      AttuneConvertFault       *fault);
void                     attune_torch_archive_free   (AttuneTorchArchive       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTorchArchive, attune_torch_archive_free)
/* Borrowed, nullable. */
const AttuneTorchRecord *attune_torch_archive_lookup (const AttuneTorchArchive *self,
                                                      const char               *name,
                                                      gsize                     name_length);

G_END_DECLS
