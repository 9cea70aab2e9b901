/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Equal in every id to tokenizers 0.23.1 with BertNormalizer, BertPreTokenizer and WordPiece.
 */
#include "config.h"

#include "attune-bert-text.h"

#include <string.h>

#include "attune-wordpiece.h"

/* Typed in a text, these become the token of that name, whatever stands around them. */
static const char * const special_tokens[ATTUNE_N_BERT_SPECIALS] = {
  "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]",
};

/* What words are turned into pieces for. */
typedef struct {
  const AttuneBertText *bert;
  AttuneEncodingSide *side;
} Target;

static void
word_cb (const AttuneWord *word,
         gpointer          user_data)
{
  const Target *target = user_data;
  AttunePiece pieces[ATTUNE_MAX_WORD_CHARACTERS];
  guint n_pieces;

  n_pieces = attune_wordpiece_split (target->bert->vocabulary, target->bert->unknown_id, word,
                                     pieces);
  attune_encoding_side_add (target->side, pieces, n_pieces, TRUE);
}

/* Bytes of the special token that begins at text, 0 if there is none. */
static gsize
match_special_token (const AttuneBertText *self,
                     const char           *text,
                     gsize                 length,
                     gint32               *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (special_tokens); i++)
    {
      const gsize token_length = strlen (special_tokens[i]);

      if (self->special_ids[i] >= 0 && length >= token_length &&
          memcmp (text, special_tokens[i], token_length) == 0)
        {
          *id = self->special_ids[i];
          return token_length;
        }
    }

  return 0;
}

/* The next special token at or after from, else the end of the text. */
static gsize
find_special_token (const AttuneBertText *self,
                    const char           *text,
                    gsize                 from,
                    gsize                 length,
                    AttunePiece          *piece)
{
  while (from < length)
    {
      const char *bracket = memchr (text + from, '[', length - from);
      gsize token_length;

      if (bracket == NULL)
        break;

      from = (gsize) (bracket - text);
      token_length = match_special_token (self, bracket, length - from, &piece->id);
      if (token_length > 0)
        {
          piece->span = (AttuneSpan) { (guint32) from, (guint32) (from + token_length) };
          return from;
        }
      from++;
    }

  return length;
}

/* Adds the tokens of a text to side. FALSE, with the offset in bad_byte, where it is not UTF-8. */
gboolean
attune_bert_text_encode (const AttuneBertText *self,
                         const char           *text,
                         gsize                 length,
                         AttuneEncodingSide   *side,
                         gsize                *bad_byte)
{
  Target target = { self, side };

  for (gsize from = 0; from < length;)
    {
      AttunePiece special;
      const gsize to = find_special_token (self, text, from, length, &special);

      if (!attune_split_words (&self->options, text, from, to, word_cb, &target, bad_byte))
        return FALSE;
      if (to == length)
        break;

      attune_encoding_side_add (side, &special, 1, FALSE);
      from = special.span.end;
    }

  return TRUE;
}

void
attune_bert_text_init (AttuneBertText               *self,
                       const AttuneVocabulary       *vocabulary,
                       const AttuneTokenizerOptions *options)
{
  self->options = (AttuneSplitOptions) {
    .lowercase = options->lowercase,
    .strip_accents = options->strip_accents == ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE
                       ? options->lowercase
                       : options->strip_accents == ATTUNE_STRIP_ACCENTS_YES,
    .split_cjk = options->tokenize_chinese_chars,
  };
  self->vocabulary = vocabulary;
  for (gsize i = 0; i < G_N_ELEMENTS (special_tokens); i++)
    self->special_ids[i] =
      attune_vocabulary_lookup (vocabulary, special_tokens[i], strlen (special_tokens[i]));
  self->unknown_id = self->special_ids[0];
}
