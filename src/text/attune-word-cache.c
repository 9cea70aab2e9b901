/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table of fixed size in which each word has one place and drives out what was there. Long words
 * and words of many tokens are not kept; they are rare.
 */
#include "config.h"

#include "attune-word-cache.h"

#include <string.h>

#define N_BITS 12
#define MAX_WORD_BYTES 24
#define MAX_WORD_TOKENS 6

/* 64 bytes. */
typedef struct {
  char word[MAX_WORD_BYTES];
  gint32 ids[MAX_WORD_TOKENS];
  guint8 starts[MAX_WORD_TOKENS], ends[MAX_WORD_TOKENS];
  guint8 length; /* 0: a free place */
  guint8 n_tokens;
} Place;

struct _AttuneWordCache {
  Place places[1 << N_BITS];
};

static gsize
place_of (const char *word,
          gsize       length)
{
  guint64 hash = length;

  for (gsize i = 0; i < length; i += 8)
    {
      guint64 bytes = 0;

      memcpy (&bytes, word + i, MIN (length - i, 8));
      hash = (hash ^ bytes) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      hash ^= hash >> 32;
    }

  return (gsize) ((hash * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> (64 - N_BITS));
}

AttuneWordCache *
attune_word_cache_new (void)
{
  return g_new0 (AttuneWordCache, 1);
}

void
attune_word_cache_free (AttuneWordCache *self)
{
  g_free (self);
}

/* Sets work->tokens if word is known. */
gboolean
attune_word_cache_lookup (const AttuneWordCache *self,
                          const char            *word,
                          gsize                  length,
                          AttuneModelWork       *work)
{
  const Place *place;

  if (length > MAX_WORD_BYTES)
    return FALSE;
  place = &self->places[place_of (word, length)];
  if (place->length != length || memcmp (place->word, word, length) != 0)
    return FALSE;

  g_array_set_size (work->tokens, 0);
  for (guint i = 0; i < place->n_tokens; i++)
    attune_model_work_add (work, place->ids[i], place->starts[i], place->ends[i]);

  return TRUE;
}

/* Remembers that word has work->tokens. */
void
attune_word_cache_insert (AttuneWordCache       *self,
                          const char            *word,
                          gsize                  length,
                          const AttuneModelWork *work)
{
  Place *place;

  if (length > MAX_WORD_BYTES || work->tokens->len > MAX_WORD_TOKENS)
    return;
  place = &self->places[place_of (word, length)];
  memcpy (place->word, word, length);
  place->length = (guint8) length;
  place->n_tokens = (guint8) work->tokens->len;
  for (guint i = 0; i < place->n_tokens; i++)
    {
      const AttuneWordToken *token = &g_array_index (work->tokens, AttuneWordToken, i);

      place->ids[i] = token->id;
      place->starts[i] = (guint8) token->start;
      place->ends[i] = (guint8) token->end;
    }
}
