/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneNormalized: a text on its way to the model, with the place in the original that each of its
 * bytes comes from; and AttunePassage, the text with its division into stretches. Private to this
 * room.
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

/* A part of a stretch, before it is decided which of them stay together. */
typedef struct {
  gsize start, end;
  gboolean matches; /* what was looked for */
} AttunePart;

typedef struct {
  AttuneNormalized now, next;
  GArray *stretches, *next_stretches; /* AttuneStretch */
  GArray *changes;                    /* AttuneChange, of one stretch at a time */
  GArray *parts;                      /* AttunePart, of one stretch at a time */
} AttunePassage;

/* A character of a changed text. change: 0 if it stands for the next of the old characters, -n if
 * also for the n that follow that, 1 if it is new and belongs to the one before. */
typedef struct {
  gunichar c;
  gint change;
} AttuneChange;

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

void     attune_passage_init           (AttunePassage          *self);
void     attune_passage_clear          (AttunePassage          *self);
gboolean attune_passage_start          (AttunePassage          *self,
                                        const char             *text,
                                        gsize                   length,
                                        gsize                  *bad_byte);
gboolean attune_passage_is_cut         (const AttunePassage    *self);

/* Writes the changed stretch at the end of passage->next. */
typedef void (*AttuneAlterFunc) (AttunePassage       *passage,
                                 const AttuneStretch *stretch,
                                 gconstpointer        step);
void     attune_passage_alter          (AttunePassage          *self,
                                        AttuneAlterFunc         func,
                                        gconstpointer           step);
/* Calls attune_passage_emit() for each part of stretch. */
typedef void (*AttuneDivideFunc) (AttunePassage       *passage,
                                  const AttuneStretch *stretch,
                                  gconstpointer        step);
void     attune_passage_divide         (AttunePassage          *self,
                                        AttuneDivideFunc        func,
                                        gconstpointer           step);
void     attune_passage_emit           (AttunePassage          *self,
                                        gsize                   start,
                                        gsize                   end,
                                        gint32                  id);
AttuneSpan attune_normalized_span      (const AttuneNormalized *self,
                                        gsize                   start,
                                        gsize                   end);
G_END_DECLS
