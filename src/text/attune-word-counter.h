/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneWordCounter: counts the words of texts and makes a vocabulary of the most frequent ones,
 * for models that begin with nothing. Not for two threads at once.
 */
#pragma once

#include "attune-tokenizer.h"

G_BEGIN_DECLS

typedef struct _AttuneWordCounter AttuneWordCounter;

AttuneWordCounter *attune_word_counter_new         (void);
void               attune_word_counter_free        (AttuneWordCounter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneWordCounter, attune_word_counter_free)

gboolean           attune_word_counter_add         (AttuneWordCounter *self,
                                                    const char        *text,
                                                    gsize              length,
                                                    GError           **error);
guint              attune_word_counter_get_n_words (AttuneWordCounter *self);
/* (transfer full): a tokenizer that knows words only: lower case, Chinese by characters. */
AttuneTokenizer   *attune_word_counter_create_tokenizer (AttuneWordCounter *self,
                                                         guint              min_count,
                                                         guint              max_words,
                                                         GError           **error);

G_END_DECLS
