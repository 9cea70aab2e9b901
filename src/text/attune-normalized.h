/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneNormalized: a text on its way to the model, with the place in the original that each of its
 * bytes comes from. Private to this room.
 */
#pragma once

#include "attune-tokenizer.h"

G_BEGIN_DECLS

/* UTF-8, not terminated. Every byte of a character has the character's span. */
typedef struct {
  char *bytes;
  AttuneSpan *spans; /* of each byte, in the original text */
  gsize length;
  gsize allocated;
  gsize limit;       /* longer than this it must not become */
  gboolean is_cut;   /* it would have, and is worth nothing now */
} AttuneNormalized;

/* What is tokenized by itself: a word, or an added token. */
typedef struct {
  gsize start, end; /* in the normalized bytes */
  guint32 origin;   /* where it begins in the original text */
  gint32 id;        /* of an added token, else -1 */
  AttuneSpan span;  /* of an added token */
  guint leading, trailing; /* of an added token: characters of white space that it took along */
} AttuneStretch;

/* A character of a changed text. change: 0 if it stands for the next of the old characters, -n if
 * also for the n that follow that, 1 if it is new and belongs to the one before. */
typedef struct {
  gunichar c;
  gint change;
} AttuneChange;

void     attune_normalized_clear       (AttuneNormalized       *self,
                                        gsize                   limit);
gboolean attune_normalized_append_text (AttuneNormalized       *self,
                                        const char             *text,
                                        gsize                   length,
                                        gsize                  *bad_byte);
void     attune_normalized_append      (AttuneNormalized       *self,
                                        const char             *bytes,
                                        const AttuneSpan       *spans,
                                        gsize                   length);
void     attune_normalized_append_at   (AttuneNormalized       *self,
                                        const char             *bytes,
                                        gsize                   length,
                                        AttuneSpan              span);
void     attune_normalized_append_char (AttuneNormalized       *self,
                                        gunichar                c,
                                        AttuneSpan              span);
void     attune_normalized_transform   (AttuneNormalized       *self,
                                        const AttuneNormalized *old,
                                        const AttuneStretch    *stretch,
                                        const AttuneChange     *changes,
                                        gsize                   n_changes);
AttuneSpan
         attune_normalized_span        (const AttuneNormalized *self,
                                        gsize                   start,
                                        gsize                   end);

G_END_DECLS
