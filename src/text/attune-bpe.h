/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneBpe: byte-pair encoding of one word. Private to this room. Immutable, any thread.
 */
#pragma once

#include "attune-model-work.h"
#include "attune-tokenizer-spec.h"
#include "attune-vocabulary.h"

G_BEGIN_DECLS

typedef struct _AttuneBpe AttuneBpe;

AttuneBpe *attune_bpe_new      (const AttuneTokenizerSpec *spec,
                                const AttuneVocabulary    *vocabulary,
                                gboolean                   of_bytes,
                                const char                *source_name,
                                GError                   **error);
void       attune_bpe_free     (AttuneBpe                 *self);
void       attune_bpe_tokenize (const AttuneBpe           *self,
                                const char                *word,
                                gsize                      length,
                                AttuneModelWork           *work);

G_END_DECLS
