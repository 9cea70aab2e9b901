/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: the bytes of a file, and the same as UTF-8.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sizes and cells are held as 32 bit offsets. */
#define ATTUNE_LARGEST_FILE ((guint64) G_MAXUINT32 - 1)

typedef struct {
  char *data; /* length bytes and one of 0 behind them */
  gsize length;
} AttuneSource;

void     attune_source_clear    (AttuneSource  *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSource, attune_source_clear)

gboolean attune_source_read     (AttuneSource  *self,
                                 GFile         *file,
                                 const char    *name,
                                 GChecksum     *checksum,
                                 GCancellable  *cancellable,
                                 GError       **error);
gboolean attune_source_copy     (AttuneSource  *self,
                                 GBytes        *bytes,
                                 const char    *name,
                                 GChecksum     *checksum,
                                 GCancellable  *cancellable,
                                 GError       **error);
gboolean attune_source_to_utf8  (AttuneSource  *self,
                                 const char    *name,
                                 char         **encoding,
                                 GCancellable  *cancellable,
                                 GError       **error);

G_END_DECLS
