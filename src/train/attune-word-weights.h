/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From scores of word pieces to weights of words.
 */
#pragma once

#include "attune-tokenizer.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

/* Fills n_words, word_start, word_end and word_weight from the first text of encoding, which was made
 * of text. scores (T,). */
void attune_word_weights_fill (AttunePredictions    *predictions,
                               const AttuneEncoding *encoding,
                               const char           *text,
                               const float          *scores);

G_END_DECLS
