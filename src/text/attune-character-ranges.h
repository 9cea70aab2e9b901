/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Letters, numbers, word characters, marks and white space, as the regular expressions of
 * tokenizer.json mean them. Frozen facts, like attune-characters.h. Private to this room.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_RANGE_LETTER = 1 << 0,
  ATTUNE_RANGE_NUMBER = 1 << 1,
  ATTUNE_RANGE_NUMERIC = 1 << 2,
  ATTUNE_RANGE_WORD = 1 << 3,
  ATTUNE_RANGE_MARK = 1 << 4,
} AttuneRangeBits;

guint    attune_character_range_bits (gunichar c) G_GNUC_CONST;
gboolean attune_character_is_white   (gunichar c) G_GNUC_CONST;
/* Characters of white space, or of what stands for it in byte-level vocabularies, at both ends. */
void     attune_count_white          (const char *bytes,
                                      gsize       length,
                                      guint      *leading,
                                      guint      *trailing);

G_END_DECLS
