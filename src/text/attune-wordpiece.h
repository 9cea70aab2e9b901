/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a word to its pieces: greedy, longest piece first. Private to this room.
 */
#pragma once

#include <glib.h>

#include "attune-model-work.h"
#include "attune-vocabulary.h"
#include "attune-word-splitter.h"

G_BEGIN_DECLS

typedef struct {
  gint32 id;
  AttuneSpan span;
} AttunePiece;

/* pieces (ATTUNE_MAX_WORD_CHARACTERS,). Returns how many there are, at least 1. */
guint attune_wordpiece_split (const AttuneVocabulary *vocabulary,
                              gint32                  unknown_id,
                              const AttuneWord       *word,
                              AttunePiece            *pieces);
/* The same without a place for each byte, by a tokenizer.json: sets work->tokens. */
void  attune_wordpiece_tokenize (const AttuneVocabulary *vocabulary,
                              gint32                  unknown_id,
                              guint                   max_characters,
                              const char             *word,
                              gsize                   length,
                              AttuneModelWork        *work);

G_END_DECLS
