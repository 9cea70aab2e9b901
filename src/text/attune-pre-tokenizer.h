/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttunePreTokenizer: how a normalised text is divided into what the model tokenizes by itself.
 * Private to this room. Immutable, any thread.
 */
#pragma once

#include "attune-passage.h"
#include "attune-tokenizer-spec.h"

G_BEGIN_DECLS

typedef struct _AttunePreTokenizer AttunePreTokenizer;

AttunePreTokenizer *attune_pre_tokenizer_new  (const AttunePreTokenizerSpec *specs,
                                               guint                         n_specs);
void                attune_pre_tokenizer_free (AttunePreTokenizer           *self);
void                attune_pre_tokenizer_run  (const AttunePreTokenizer     *self,
                                               AttunePassage                *passage);
gboolean            attune_pre_tokenizer_makes_bytes (const AttunePreTokenizer *self);

G_END_DECLS
