/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttunePassage: a text and its division into stretches, both of which steps change. Private to this
 * room; for one thread at a time.
 */
#pragma once

#include "attune-normalized.h"

G_BEGIN_DECLS

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

G_END_DECLS
