/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneVocabulary: tokens by id, of a vocab.txt or a tokenizer.json, and a trie that finds the
 * longest one at a place in a word. Private to this room. Immutable, any thread.
 */
#pragma once

#include "attune-token-trie.h"
#include "attune-tokenizer-spec.h"

G_BEGIN_DECLS

typedef struct _AttuneVocabulary AttuneVocabulary;

/* Where a search starts: at the beginning of a word, or inside it, where tokens begin with ## or
 * whatever the prefix is. */
typedef enum {
  ATTUNE_VOCABULARY_WORD_START,
  ATTUNE_VOCABULARY_WORD_INSIDE,
} AttuneVocabularyPlace;

AttuneVocabulary *attune_vocabulary_new          (GBytes                 *file,
                                                  const char             *source_name,
                                                  GError                **error);
AttuneVocabulary *attune_vocabulary_new_from_tokens (const AttuneBytes       *tokens,
                                                  guint                   n_tokens,
                                                  AttuneBytes             prefix,
                                                  const char             *source_name,
                                                  GError                **error);
void              attune_vocabulary_free         (AttuneVocabulary       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneVocabulary, attune_vocabulary_free)

guint             attune_vocabulary_get_n_tokens (const AttuneVocabulary *self);
const char       *attune_vocabulary_get_token    (const AttuneVocabulary *self,
                                                  gint32                  id);
gint32            attune_vocabulary_lookup       (const AttuneVocabulary *self,
                                                  const char             *token,
                                                  gsize                   length);
gsize             attune_vocabulary_longest      (const AttuneVocabulary *self,
                                                  AttuneVocabularyPlace   place,
                                                  const char             *text,
                                                  gsize                   length,
                                                  gint32                 *id);
const AttuneTokenTrie *
                  attune_vocabulary_get_trie     (const AttuneVocabulary *self);
gsize             attune_vocabulary_get_longest  (const AttuneVocabulary *self);

G_END_DECLS
