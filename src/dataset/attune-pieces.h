/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: a file of which only some places are read, at the addresses they would have
 * if all of it were in memory.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttunePieces AttunePieces;

/* name: how messages call the file. NULL with an error */
AttunePieces *attune_pieces_open       (const char        *path,
                                        const char        *name,
                                        GError           **error);
void          attune_pieces_free       (AttunePieces      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePieces, attune_pieces_free)

/* length: (out): of the file. What was not asked for with attune_pieces_need() is zero there. */
const char   *attune_pieces_get_data   (AttunePieces      *self,
                                        gsize             *length);
/* Brings length bytes from there on into memory; what of them lies behind the end is passed over. */
gboolean      attune_pieces_need       (AttunePieces      *self,
                                        gsize              from,
                                        gsize              length,
                                        GError           **error);
/* Whether the pieces are of one and the same file. */
gboolean      attune_pieces_check      (AttunePieces      *self,
                                        GError           **error);

G_END_DECLS
