/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelWork: what a model's search for the tokens of one word needs, kept from word to word.
 * Private to this room; for one thread at a time.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A token of a word, and the bytes of the word that it takes. */
typedef struct {
  gint32 id;
  guint32 start, end;
} AttuneWordToken;

/* Of byte-pair encoding: what is left of a word. next and previous are indices, -1 at the ends. */
typedef struct {
  gint32 id;
  guint32 length; /* 0: merged into another */
  gint32 previous, next;
} AttuneBpeSymbol;

typedef struct {
  guint64 order; /* rank << 32 | position */
  gint32 result;
} AttuneBpeCandidate;

/* Of Unigram: the best way to divide what is before a place. */
typedef struct {
  double score;
  guint32 start; /* of its last token */
  gint32 id;     /* of that token; -1: there is no way to here */
} AttuneUnigramNode;

typedef struct {
  GArray *tokens;  /* AttuneWordToken, the result */
  GArray *symbols; /* AttuneBpeSymbol */
  GArray *heap;    /* AttuneBpeCandidate */
  GArray *nodes;   /* AttuneUnigramNode */
} AttuneModelWork;

static inline void
attune_model_work_init (AttuneModelWork *self)
{
  self->tokens = g_array_new (FALSE, FALSE, sizeof (AttuneWordToken));
  self->symbols = g_array_new (FALSE, FALSE, sizeof (AttuneBpeSymbol));
  self->heap = g_array_new (FALSE, FALSE, sizeof (AttuneBpeCandidate));
  self->nodes = g_array_new (FALSE, FALSE, sizeof (AttuneUnigramNode));
}

static inline void
attune_model_work_clear (AttuneModelWork *self)
{
  g_array_unref (self->tokens);
  g_array_unref (self->symbols);
  g_array_unref (self->heap);
  g_array_unref (self->nodes);
}

static inline void
attune_model_work_add (AttuneModelWork *self,
                       gint32           id,
                       gsize            start,
                       gsize            end)
{
  const AttuneWordToken token = { id, (guint32) start, (guint32) end };

  g_array_append_val (self->tokens, token);
}

G_END_DECLS
