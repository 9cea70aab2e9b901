/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From text to cleaned words that know where in the text they come from: the normalisation and
 * basic tokenization of BERT. Private to this room. Keeps no state between calls.
 */
#pragma once

#include <glib.h>

#include "attune-tokenizer.h"

G_BEGIN_DECLS

/* A longer word is one [UNK], whatever is in it. */
#define ATTUNE_MAX_WORD_CHARACTERS 100

typedef struct {
  const char *bytes;       /* (length,) not terminated; cut if there are too many characters */
  gsize length;
  guint n_characters;      /* may exceed ATTUNE_MAX_WORD_CHARACTERS */
  const AttuneSpan *spans; /* (length,) of each byte's character; NULL: byte i at span.start + i */
  AttuneSpan span;         /* of the whole word */
} AttuneWord;

typedef void (*AttuneWordFunc) (const AttuneWord *word,
                                gpointer          user_data);

typedef struct {
  gboolean lowercase;
  gboolean strip_accents;
  gboolean split_cjk;
} AttuneSplitOptions;

gboolean attune_split_words (const AttuneSplitOptions *options,
                             const char               *text,
                             gsize                     start,
                             gsize                     end,
                             AttuneWordFunc            func,
                             gpointer                  user_data,
                             gsize                    *bad_byte);

G_END_DECLS
