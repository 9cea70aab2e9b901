/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneCharsmap: SentencePiece's precompiled rules of normalisation. Private to this room.
 * Immutable, any thread.
 */
#pragma once

#include "attune-passage.h"

G_BEGIN_DECLS

typedef struct _AttuneCharsmap AttuneCharsmap;

AttuneCharsmap *attune_charsmap_new    (const char           *bytes,
                                        gsize                 length);
void            attune_charsmap_free   (AttuneCharsmap       *self);
void            attune_charsmap_append (const AttuneCharsmap *self,
                                        AttunePassage        *passage,
                                        const AttuneStretch  *stretch);

G_END_DECLS
