/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneBertText: BERT's special tokens, words and pieces in one pass, the fast way for what nearly
 * every BERT's files say. Private to this room. Immutable, any thread.
 */
#pragma once

#include "attune-encoding.h"
#include "attune-vocabulary.h"
#include "attune-word-splitter.h"

G_BEGIN_DECLS

#define ATTUNE_N_BERT_SPECIALS 5

typedef struct {
  AttuneSplitOptions options;
  const AttuneVocabulary *vocabulary; /* borrowed */
  gint32 special_ids[ATTUNE_N_BERT_SPECIALS]; /* -1: this vocabulary has it not */
  gint32 unknown_id;
} AttuneBertText;

void     attune_bert_text_init   (AttuneBertText               *self,
                                  const AttuneVocabulary       *vocabulary,
                                  const AttuneTokenizerOptions *options);
gboolean attune_bert_text_encode (const AttuneBertText         *self,
                                  const char                   *text,
                                  gsize                         length,
                                  AttuneEncodingSide           *side,
                                  gsize                        *bad_byte);

G_END_DECLS
