/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTextCut: which tokens of a text that is longer than max_length are read: its beginning, its
 * end, both, or all of it in windows that overlap. Plain numbers in and out; any thread.
 */
#pragma once

#include "attune-tokenizer.h"
#include "attune-train-config.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_LONG_TEXTS_HEAD,
  ATTUNE_LONG_TEXTS_TAIL,
  ATTUNE_LONG_TEXTS_HEAD_TAIL,
  ATTUNE_LONG_TEXTS_WINDOWS,
} AttuneLongTexts;

typedef struct {
  AttuneLongTexts kind;
  guint max_length;  /* tokens of a sequence, its first and last special token included */
  guint overlap;     /* of two windows, in tokens */
  guint max_windows;
} AttuneTextCut;

void  attune_text_cut_init         (AttuneTextCut       *self,
                                    AttuneTrainConfig   *config,
                                    guint                max_length);
/* Of a text of length tokens, what is left; all windows together. */
guint attune_text_cut_get_length   (const AttuneTextCut *self,
                                    guint                length);
/* The longest text of which nothing is left out. */
guint attune_text_cut_get_capacity (const AttuneTextCut *self);
/* How many windows, more than now, a text of length tokens takes; 0: no more, or more than may be. */
guint attune_text_cut_propose_windows (const AttuneTextCut *self,
                                       guint                length);
/* 0, or how long each sequence but the last is that a row is to be divided into. */
guint attune_text_cut_get_window   (const AttuneTextCut *self);
/* places (get_length (length),): which token of the whole text comes there. */
void  attune_text_cut_pick         (const AttuneTextCut *self,
                                    guint                length,
                                    guint               *places);
/* encoding: of a single text, as a whole. */
void  attune_text_cut_apply        (const AttuneTextCut *self,
                                    AttuneEncoding      *encoding);

G_END_DECLS
