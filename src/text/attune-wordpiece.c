/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WordPiece: the longest token that begins the word, then the longest ##token that goes on, and so
 * forth. If nothing fits somewhere, the whole word is one [UNK].
 */
#include "config.h"

#include "attune-wordpiece.h"

#include "attune-utf8.h"

static AttuneSpan
piece_span (const AttuneWord *word,
            gsize             from,
            gsize             to)
{
  guint32 start, end;

  if (word->spans == NULL)
    return (AttuneSpan) { word->span.start + (guint32) from, word->span.start + (guint32) to };

  /* Canonical ordering may have moved a later character to the front. */
  start = word->spans[from].start;
  end = word->spans[to - 1].end;

  return (AttuneSpan) { MIN (start, word->spans[to - 1].start), MAX (end, word->spans[from].end) };
}

guint
attune_wordpiece_split (const AttuneVocabulary *vocabulary,
                        gint32                  unknown_id,
                        const AttuneWord       *word,
                        AttunePiece            *pieces)
{
  AttuneVocabularyPlace place = ATTUNE_VOCABULARY_WORD_START;
  guint n_pieces = 0;

  if (word->n_characters > ATTUNE_MAX_WORD_CHARACTERS)
    {
      pieces[0] = (AttunePiece) { unknown_id, word->span };
      return 1;
    }

  for (gsize from = 0; from < word->length;)
    {
      AttunePiece *piece = &pieces[n_pieces];
      const gsize length = attune_vocabulary_longest (vocabulary, place, word->bytes + from,
                                                      word->length - from, &piece->id);

      if (length == 0)
        {
          pieces[0] = (AttunePiece) { unknown_id, word->span };
          return 1;
        }

      piece->span = piece_span (word, from, from + length);
      n_pieces++;
      from += length;
      place = ATTUNE_VOCABULARY_WORD_INSIDE;
    }

  return n_pieces;
}

void
attune_wordpiece_tokenize (const AttuneVocabulary *vocabulary,
                           gint32                  unknown_id,
                           guint                   max_characters,
                           const char             *word,
                           gsize                   length,
                           AttuneModelWork        *work)
{
  AttuneVocabularyPlace place = ATTUNE_VOCABULARY_WORD_START;
  gsize from = 0;
  guint n_characters = 0;

  g_array_set_size (work->tokens, 0);
  for (gsize i = 0; i < length && n_characters <= max_characters; n_characters++)
    i += attune_utf8_length (word[i]);

  while (from < length && n_characters <= max_characters)
    {
      gint32 id;
      const gsize n = attune_vocabulary_longest (vocabulary, place, word + from, length - from, &id);

      if (n == 0)
        break;
      attune_model_work_add (work, id, from, from + n);
      from += n;
      place = ATTUNE_VOCABULARY_WORD_INSIDE;
    }
  if (from == length)
    return;

  g_array_set_size (work->tokens, 0);
  attune_model_work_add (work, unknown_id, 0, length);
}
