/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the bytes of a file, and the same as UTF-8.
 */
#pragma once

#include <gio/gio.h>

#include "attune-digest.h"
#include "attune-progress.h"

G_BEGIN_DECLS

/* Sizes and cells are held as 32 bit offsets. */
#define ATTUNE_LARGEST_FILE ((guint64) G_MAXUINT32 - 1)

typedef struct {
  char *data; /* length bytes and one of 0 behind them */
  gsize length;
  AttuneDigest *digest; /* of the bytes as they are on disk; at work on data */
  char *sha256;         /* … or done */
  gsize released;       /* so many bytes of data from its beginning are gone */
} AttuneSource;

void        attune_source_clear      (AttuneSource         *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSource, attune_source_clear)

gboolean    attune_source_read       (AttuneSource         *self,
                                      GFile                *file,
                                      const char           *name,
                                      const AttuneProgress *progress,
                                      GCancellable         *cancellable,
                                      GError              **error);
gboolean    attune_source_read_head  (AttuneSource         *self,
                                      GFile                *file,
                                      const char           *name,
                                      gsize                 n_bytes,
                                      gboolean             *is_whole,
                                      GCancellable         *cancellable,
                                      GError              **error);
gboolean    attune_source_copy       (AttuneSource         *self,
                                      GBytes               *bytes,
                                      const char           *name,
                                      GCancellable         *cancellable,
                                      GError              **error);
/* Waits until it is known; to be called before data is changed or freed by others. */
const char *attune_source_get_sha256 (AttuneSource         *self);
/* Nobody looks at the bytes before that place any more: their memory goes back to the system, in
 * pieces of some size, so that a text and what is made of it are not there twice. */
void        attune_source_release    (AttuneSource         *self,
                                      gsize                 before);
/* Compressed with gzip or zstd: puts what was compressed in its place. */
gboolean    attune_source_unpack     (AttuneSource         *self,
                                      const char           *name,
                                      gboolean              may_be_cut,
                                      GCancellable         *cancellable,
                                      GError              **error);
/* guessed: (out): whether the encoding is but a guess from how often bytes occur */
gboolean    attune_source_to_utf8    (AttuneSource         *self,
                                      const char           *name,
                                      char                **encoding,
                                      gboolean             *guessed,
                                      GCancellable         *cancellable,
                                      GError              **error);

G_END_DECLS
