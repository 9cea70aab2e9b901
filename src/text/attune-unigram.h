/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneUnigram: the most probable division of a word, as SentencePiece finds it. Private to this
 * room. Immutable, any thread.
 */
#pragma once

#include "attune-model-work.h"
#include "attune-tokenizer-spec.h"
#include "attune-vocabulary.h"

G_BEGIN_DECLS

typedef struct _AttuneUnigram AttuneUnigram;

AttuneUnigram *attune_unigram_new      (const AttuneTokenizerSpec *spec,
                                        const AttuneVocabulary    *vocabulary);
void           attune_unigram_free     (AttuneUnigram             *self);
void           attune_unigram_tokenize (const AttuneUnigram       *self,
                                        const char                *word,
                                        gsize                      length,
                                        AttuneModelWork           *work);

G_END_DECLS
