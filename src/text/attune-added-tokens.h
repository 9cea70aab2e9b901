/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneAddedTokens: the tokens of a tokenizer.json that are found in a text before the model sees
 * it: "[MASK]", "</s>" and whatever else was added. Private to this room. Immutable, any thread.
 */
#pragma once

#include "attune-passage.h"
#include "attune-normalizer.h"

G_BEGIN_DECLS

typedef struct _AttuneAddedTokens AttuneAddedTokens;

AttuneAddedTokens *attune_added_tokens_new    (const AttuneAddedToken   *tokens,
                                               guint                     n_tokens,
                                               const AttuneNormalizer   *normalizer);
void               attune_added_tokens_free   (AttuneAddedTokens        *self);
void               attune_added_tokens_run    (const AttuneAddedTokens  *self,
                                               gboolean                  normalized,
                                               AttunePassage            *passage);
const char        *attune_added_tokens_get    (const AttuneAddedTokens  *self,
                                               gint32                    id);
gint32             attune_added_tokens_lookup (const AttuneAddedTokens  *self,
                                               const char               *content);
gint32             attune_added_tokens_get_last (const AttuneAddedTokens *self);

G_END_DECLS
