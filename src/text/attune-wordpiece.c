/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WordPiece: the longest token that begins the word, then the longest ##token that goes on, and so
 * forth. If nothing fits somewhere, the whole word is one [UNK].
 */
#include "config.h"

#include "attune-wordpiece.h"

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
