/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What BERT's tokenizer holds about single characters: class, lower case, canonical decomposition.
 * Frozen facts, not those of the C library or the locale, so that ids are the same everywhere.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_CHARACTER_WORD,        /* letters, digits, symbols: whatever words are made of */
  ATTUNE_CHARACTER_REMOVED,     /* controls, formats, private use, U+0000 and U+FFFD */
  ATTUNE_CHARACTER_SPACE,
  ATTUNE_CHARACTER_PUNCTUATION, /* a word of its own */
  ATTUNE_CHARACTER_MARK,        /* what stripping accents strips */
  ATTUNE_CHARACTER_NONSTARTER,  /* like WORD, but canonical ordering moves it */
} AttuneCharacterClass;

/* The longest canonical decomposition of one character. */
#define ATTUNE_MAX_DECOMPOSITION 4

AttuneCharacterClass attune_character_classify            (gunichar  c) G_GNUC_CONST;
gboolean             attune_character_is_cjk              (gunichar  c) G_GNUC_CONST;
guint                attune_character_get_combining_class (gunichar  c) G_GNUC_CONST;
gunichar             attune_character_to_lower            (gunichar  c) G_GNUC_CONST;
guint                attune_character_decompose           (gunichar  c,
                                                           gunichar *decomposition);

G_END_DECLS
