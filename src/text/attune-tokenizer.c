/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenizer: special tokens, words, pieces and truncation put together, equal in every id to
 * tokenizers 0.23.1 with BertNormalizer, BertPreTokenizer, WordPiece and longest_first truncation.
 */
#include "config.h"

#include "attune-tokenizer.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-encoding.h"
#include "attune-vocabulary.h"
#include "attune-word-splitter.h"
#include "attune-wordpiece.h"

/* Far beyond any text of a data set; keeps counts and spans well inside 32 bits. */
#define MAX_TEXT_BYTES (256u << 20)

G_DEFINE_QUARK (attune-tokenizer-error-quark, attune_tokenizer_error)

/* Typed in a text, these become the token of that name, whatever stands around them. */
static const char * const special_tokens[] = { "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]" };

struct _AttuneTokenizer {
  AttuneTokenizerOptions options;
  AttuneSplitOptions split_options;
  GBytes *file;
  AttuneVocabulary *vocabulary;
  gint32 special_ids[G_N_ELEMENTS (special_tokens)]; /* -1: this vocabulary has it not */
  gint32 unknown_id;
  gint32 classify_id;
  gint32 separator_id;
};

/* What words are turned into pieces for. */
typedef struct {
  const AttuneTokenizer *tokenizer;
  AttuneEncodingSide *side;
} Target;

static void
word_cb (const AttuneWord *word,
         gpointer          user_data)
{
  const Target *target = user_data;
  AttunePiece pieces[ATTUNE_MAX_WORD_CHARACTERS];
  guint n_pieces;

  n_pieces = attune_wordpiece_split (target->tokenizer->vocabulary, target->tokenizer->unknown_id,
                                     word, pieces);
  attune_encoding_side_add (target->side, pieces, n_pieces, TRUE);
}

/* Bytes of the special token that begins at text, 0 if there is none. */
static gsize
match_special_token (const AttuneTokenizer *self,
                     const char            *text,
                     gsize                  length,
                     gint32                *id)
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
find_special_token (const AttuneTokenizer *self,
                    const char            *text,
                    gsize                  from,
                    gsize                  length,
                    AttunePiece           *piece)
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

static gboolean
encode_side (AttuneTokenizer     *self,
             const char          *text,
             gssize               signed_length,
             AttuneEncodingSide  *side,
             GError             **error)
{
  const gsize length = signed_length < 0 ? strlen (text) : (gsize) signed_length;
  Target target = { self, side };

  if (length > MAX_TEXT_BYTES)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
                   _("The text is longer than %u MiB, the most that can be taken at once."),
                   MAX_TEXT_BYTES >> 20);
      return FALSE;
    }

  for (gsize from = 0; from < length;)
    {
      AttunePiece special;
      const gsize to = find_special_token (self, text, from, length, &special);
      gsize bad_byte;

      if (!attune_split_words (&self->split_options, text, from, to, word_cb, &target, &bad_byte))
        {
          g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
                       _("The text is not UTF-8 at byte %u; convert it first."),
                       (guint) bad_byte + 1);
          return FALSE;
        }
      if (to == length)
        break;

      attune_encoding_side_add (side, &special, 1, FALSE);
      from = special.span.end;
    }

  return TRUE;
}

/* Cuts both sides, which lie one after the other behind [CLS], to what fits, and puts the
 * separators in. */
static void
finish (AttuneTokenizer          *self,
        const AttuneEncodingSide *first,
        const AttuneEncodingSide *second,
        guint                     max_length,
        AttuneEncoding           *encoding)
{
  GArray *arrays[] = { encoding->ids, encoding->type_ids, encoding->spans };
  const guint n_specials = second != NULL ? 3 : 2;
  const guint available = max_length > n_specials ? max_length - n_specials : 0;
  const AttuneSpan nowhere = { 0, 0 };
  const guint8 first_type = 0;
  guint n_first = MIN (first->n_kept, available);
  guint n_second = 0;

  if (second != NULL)
    attune_encoding_longest_first (first, second, available, &n_first, &n_second);

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      g_array_set_size (arrays[i], 1 + first->n_kept + (second != NULL ? n_second : 0));
      g_array_remove_range (arrays[i], 1 + n_first, first->n_kept - n_first);
    }

  g_array_insert_val (encoding->ids, 1 + n_first, self->separator_id);
  g_array_insert_val (encoding->type_ids, 1 + n_first, first_type);
  g_array_insert_val (encoding->spans, 1 + n_first, nowhere);
  if (second != NULL)
    attune_encoding_add_special (encoding, self->separator_id, 1);

  /* Not even the special tokens fit. */
  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      if (arrays[i]->len > max_length)
        g_array_set_size (arrays[i], max_length);
    }

  encoding->n_tokens_full = n_specials + first->n_pieces + (second != NULL ? second->n_pieces : 0);
}

/**
 * attune_tokenizer_encode:
 * @text: UTF-8; U+0000 inside it is data
 * @text_length: in bytes, or -1 if @text ends with U+0000
 * @pair: (nullable): a second text; %NULL or empty for none, as transformers takes it
 * @pair_length: in bytes, or -1 if @pair ends with U+0000
 * @max_length: most tokens there may be, special ones included; %G_MAXUINT for all
 * @encoding: its former contents are replaced
 *
 * Encodes as [CLS] text [SEP] or [CLS] text [SEP] pair [SEP]. Too long a single text is cut at its
 * end; of two, the longer is cut first (longest_first). There are never more than @max_length
 * tokens, even where that leaves special tokens out.
 *
 * Any number of threads may encode with one tokenizer, each with its own @encoding.
 *
 * Returns: %FALSE with %ATTUNE_TOKENIZER_ERROR_ENCODING if a text is not UTF-8; @encoding is then
 *   empty
 */
gboolean
attune_tokenizer_encode (AttuneTokenizer  *self,
                         const char       *text,
                         gssize            text_length,
                         const char       *pair,
                         gssize            pair_length,
                         guint             max_length,
                         AttuneEncoding   *encoding,
                         GError          **error)
{
  const gboolean has_pair = pair != NULL && pair_length != 0 && (pair_length > 0 || *pair != '\0');
  AttuneEncodingSide first, second;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (text != NULL || text_length == 0, FALSE);
  g_return_val_if_fail (encoding != NULL, FALSE);

  attune_encoding_clear (encoding);
  attune_encoding_add_special (encoding, self->classify_id, 0);

  attune_encoding_side_init (&first, encoding, 0, max_length);
  attune_encoding_side_init (&second, encoding, 1, max_length);
  if (!encode_side (self, text, text_length, &first, error) ||
      (has_pair && !encode_side (self, pair, pair_length, &second, error)))
    {
      attune_encoding_clear (encoding);
      return FALSE;
    }

  finish (self, &first, has_pair ? &second : NULL, max_length, encoding);

  return TRUE;
}

/**
 * attune_tokenizer_new_wordpiece:
 * @vocabulary: contents of a vocab.txt: one token a line, its id the line's number from 0
 * @source_name: what messages call the vocabulary, as a file name
 * @options: copied
 *
 * Returns: a tokenizer, or %NULL with %ATTUNE_TOKENIZER_ERROR_VOCABULARY
 */
AttuneTokenizer *
attune_tokenizer_new_wordpiece (GBytes                        *vocabulary,
                                const char                    *source_name,
                                const AttuneTokenizerOptions  *options,
                                GError                       **error)
{
  g_autoptr (AttuneVocabulary) read = NULL;
  AttuneTokenizer *self;

  g_return_val_if_fail (vocabulary != NULL, NULL);
  g_return_val_if_fail (source_name != NULL, NULL);
  g_return_val_if_fail (options != NULL, NULL);

  read = attune_vocabulary_new (vocabulary, source_name, error);
  if (read == NULL)
    return NULL;

  self = g_atomic_rc_box_new0 (AttuneTokenizer);
  self->options = *options;
  self->split_options = (AttuneSplitOptions) {
    .lowercase = options->lowercase,
    .strip_accents = options->strip_accents == ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE
                       ? options->lowercase
                       : options->strip_accents == ATTUNE_STRIP_ACCENTS_YES,
    .split_cjk = options->tokenize_chinese_chars,
  };
  self->file = g_bytes_ref (vocabulary);
  self->vocabulary = g_steal_pointer (&read);
  for (gsize i = 0; i < G_N_ELEMENTS (special_tokens); i++)
    self->special_ids[i] = attune_tokenizer_lookup (self, special_tokens[i]);
  self->unknown_id = attune_tokenizer_lookup (self, "[UNK]");
  self->classify_id = attune_tokenizer_lookup (self, "[CLS]");
  self->separator_id = attune_tokenizer_lookup (self, "[SEP]");

  return self;
}

AttuneTokenizer *
attune_tokenizer_ref (AttuneTokenizer *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
tokenizer_clear (gpointer data)
{
  AttuneTokenizer *self = data;

  g_clear_pointer (&self->vocabulary, attune_vocabulary_free);
  g_clear_pointer (&self->file, g_bytes_unref);
}

void
attune_tokenizer_unref (AttuneTokenizer *self)
{
  g_atomic_rc_box_release_full (self, tokenizer_clear);
}

/* Number of ids there are: lines of the vocabulary, empty ones included. */
guint
attune_tokenizer_get_n_tokens (AttuneTokenizer *self)
{
  return attune_vocabulary_get_n_tokens (self->vocabulary);
}

/* The token with this id as the vocabulary writes it, owned by self; NULL if there is none. */
const char *
attune_tokenizer_get_token (AttuneTokenizer *self,
                            gint32           id)
{
  return attune_vocabulary_get_token (self->vocabulary, id);
}

/* The id of a token written as in the vocabulary, as "[PAD]" or "##ing"; -1 if there is none. */
gint32
attune_tokenizer_lookup (AttuneTokenizer *self,
                         const char      *token)
{
  return attune_vocabulary_lookup (self->vocabulary, token, strlen (token));
}

const AttuneTokenizerOptions *
attune_tokenizer_get_options (AttuneTokenizer *self)
{
  return &self->options;
}

/* The vocabulary as it was given, byte for byte. */
GBytes *
attune_tokenizer_get_vocabulary (AttuneTokenizer *self)
{
  return self->file;
}
