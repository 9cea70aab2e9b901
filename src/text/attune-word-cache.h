/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWordCache: the tokens of words that came by lately, as few words make up most of a text.
 * Private to this room; for one thread and one tokenizer at a time.
 */
#pragma once

#include "attune-model-work.h"

G_BEGIN_DECLS

typedef struct _AttuneWordCache AttuneWordCache;

AttuneWordCache *attune_word_cache_new    (void);
void             attune_word_cache_free   (AttuneWordCache       *self);
gboolean         attune_word_cache_lookup (const AttuneWordCache *self,
                                           const char            *word,
                                           gsize                  length,
                                           AttuneModelWork       *work);
void             attune_word_cache_insert (AttuneWordCache       *self,
                                           const char            *word,
                                           gsize                  length,
                                           const AttuneModelWork *work);

G_END_DECLS
