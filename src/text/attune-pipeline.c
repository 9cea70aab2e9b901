/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Added tokens, normalizer, pre-tokenizer, model and the trimming of offsets, one after the other,
 * as tokenizers 0.23.1 runs them. Words that came by lately are not tokenized again.
 */
#include "config.h"

#include "attune-pipeline.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-added-tokens.h"
#include "attune-bpe.h"
#include "attune-character-ranges.h"
#include "attune-pre-tokenizer.h"
#include "attune-unigram.h"
#include "attune-utf8.h"
#include "attune-word-cache.h"

struct _AttunePipeline {
  AttuneModelKind model;
  AttuneVocabulary *vocabulary;
  AttuneNormalizer *normalizer;
  AttunePreTokenizer *pre_tokenizer;
  AttuneAddedTokens *added_tokens;
  AttuneBpe *bpe;         /* of that model only, like the next */
  AttuneUnigram *unigram;
  gint32 unknown_id;
  guint max_characters;
  gboolean trim_keeps_first;
  guint8 *leading, *trailing; /* (n_tokens,) white space of each token; NULL: offsets stay */
  guint n_tokens;
};

struct _AttuneScratch {
  AttunePassage passage;
  AttuneModelWork work;
  AttuneWordCache *cache;
  AttunePipeline *pipeline; /* whose words the cache holds */
  GArray *pieces;           /* AttunePiece, of one word */
};

AttuneScratch *
attune_scratch_new (void)
{
  AttuneScratch *self = g_new0 (AttuneScratch, 1);

  attune_passage_init (&self->passage);
  attune_model_work_init (&self->work);
  self->pieces = g_array_new (FALSE, FALSE, sizeof (AttunePiece));

  return self;
}

void
attune_scratch_free (AttuneScratch *self)
{
  if (self == NULL)
    return;

  attune_passage_clear (&self->passage);
  attune_model_work_clear (&self->work);
  g_clear_pointer (&self->cache, attune_word_cache_free);
  g_clear_pointer (&self->pipeline, attune_pipeline_unref);
  g_array_unref (self->pieces);
  g_free (self);
}

static AttuneScratch *
get_scratch (AttunePipeline *self,
             AttuneEncoding *encoding)
{
  AttuneScratch *scratch;

  if (encoding->scratch == NULL)
    encoding->scratch = attune_scratch_new ();
  scratch = encoding->scratch;
  if (scratch->pipeline != self)
    {
      g_clear_pointer (&scratch->pipeline, attune_pipeline_unref);
      g_clear_pointer (&scratch->cache, attune_word_cache_free);
      scratch->pipeline = attune_pipeline_ref (self);
      scratch->cache = attune_word_cache_new ();
    }

  return scratch;
}

static void
tokenize_word (const AttunePipeline *self,
               const char           *word,
               gsize                 length,
               AttuneScratch        *scratch)
{
  AttuneModelWork *work = &scratch->work;

  if (attune_word_cache_lookup (scratch->cache, word, length, work))
    return;

  switch (self->model)
    {
    case ATTUNE_MODEL_BPE:
      attune_bpe_tokenize (self->bpe, word, length, work);
      break;

    case ATTUNE_MODEL_UNIGRAM:
      attune_unigram_tokenize (self->unigram, word, length, work);
      break;

    case ATTUNE_MODEL_WORDPIECE:
    default:
      attune_wordpiece_tokenize (self->vocabulary, self->unknown_id, self->max_characters, word,
                                 length, work);
      break;
    }
  attune_word_cache_insert (scratch->cache, word, length, work);
}

/* Takes the white space that belongs to a token out of its span. A single space at the beginning of
 * the text stays where the pre-tokenizer may have put it there. Counted in characters. */
static void
trim (const AttunePipeline *self,
      const char           *text,
      gboolean              is_first,
      guint                 leading,
      guint                 trailing,
      AttunePiece          *piece)
{
  guint32 end = piece->span.end;

  if (leading == 1 && self->trim_keeps_first && (is_first || piece->span.start == 0))
    leading = 0;
  for (; leading > 0 && piece->span.start < piece->span.end; leading--)
    piece->span.start += (guint32) attune_utf8_length (text[piece->span.start]);
  piece->span.start = MIN (piece->span.start, piece->span.end);

  for (; trailing > 0 && end > 0; trailing--)
    end = (guint32) (g_utf8_find_prev_char (text, text + end) - text);
  if (trailing == 0)
    piece->span.end = MAX (end, piece->span.start);
}

static void
add_stretch (const AttunePipeline *self,
             const AttuneStretch  *stretch,
             const char           *text,
             AttuneScratch        *scratch,
             AttuneEncodingSide   *side)
{
  const AttuneNormalized *now = &scratch->passage.now;
  AttunePiece *pieces;
  guint n = 1;

  if (stretch->id >= 0)
    {
      const AttunePiece piece = { stretch->id, stretch->span };

      g_array_set_size (scratch->pieces, 0);
      g_array_append_val (scratch->pieces, piece);
    }
  else
    {
      const AttuneWordToken *tokens;

      tokenize_word (self, now->bytes + stretch->start, stretch->end - stretch->start, scratch);
      tokens = (const AttuneWordToken *) (gpointer) scratch->work.tokens->data;
      n = scratch->work.tokens->len;
      g_array_set_size (scratch->pieces, n);
      pieces = (AttunePiece *) (gpointer) scratch->pieces->data;
      for (guint i = 0; i < n; i++)
        pieces[i] = (AttunePiece) {
          tokens[i].id,
          attune_normalized_span (now, stretch->start + tokens[i].start,
                                  stretch->start + tokens[i].end),
        };
    }

  pieces = (AttunePiece *) (gpointer) scratch->pieces->data;
  if (self->leading != NULL)
    for (guint i = 0; i < n; i++)
      trim (self, text, side->n_pieces + i == 0,
            stretch->id >= 0 ? stretch->leading : self->leading[pieces[i].id],
            stretch->id >= 0 ? stretch->trailing : self->trailing[pieces[i].id], &pieces[i]);
  attune_encoding_side_add (side, pieces, n, stretch->id < 0);
}

gboolean
attune_pipeline_encode (AttunePipeline     *self,
                        const char         *text,
                        gsize               length,
                        AttuneEncodingSide *side,
                        gsize              *bad_byte)
{
  AttuneScratch *scratch = get_scratch (self, side->encoding);
  AttunePassage *passage = &scratch->passage;

  if (!attune_passage_start (passage, text, length, bad_byte))
    return FALSE;

  attune_added_tokens_run (self->added_tokens, FALSE, passage);
  attune_normalizer_run (self->normalizer, passage);
  attune_added_tokens_run (self->added_tokens, TRUE, passage);
  attune_pre_tokenizer_run (self->pre_tokenizer, passage);
  if (attune_passage_is_cut (passage))
    {
      *bad_byte = G_MAXSIZE;
      return FALSE;
    }
  for (guint i = 0; i < passage->stretches->len; i++)
    add_stretch (self, &g_array_index (passage->stretches, AttuneStretch, i), text, scratch, side);

  return TRUE;
}

/* White space at the ends of each token of the vocabulary. */
static void
list_white_space (AttunePipeline *self)
{
  self->leading = g_new0 (guint8, self->n_tokens);
  self->trailing = g_new0 (guint8, self->n_tokens);
  for (guint id = 0; id < self->n_tokens; id++)
    {
      const char *token = attune_vocabulary_get_token (self->vocabulary, (gint32) id);
      guint leading, trailing;

      if (token == NULL)
        continue;
      attune_count_white (token, strlen (token), &leading, &trailing);
      self->leading[id] = (guint8) MIN (leading, G_MAXUINT8);
      self->trailing[id] = (guint8) MIN (trailing, G_MAXUINT8);
    }
}

static void
pipeline_clear (gpointer data)
{
  AttunePipeline *self = data;

  attune_added_tokens_free (self->added_tokens);
  attune_normalizer_free (self->normalizer);
  attune_pre_tokenizer_free (self->pre_tokenizer);
  attune_bpe_free (self->bpe);
  attune_unigram_free (self->unigram);
  attune_vocabulary_free (self->vocabulary);
  g_free (self->leading);
  g_free (self->trailing);
}

AttunePipeline *
attune_pipeline_ref (AttunePipeline *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
attune_pipeline_unref (AttunePipeline *self)
{
  g_atomic_rc_box_release_full (self, pipeline_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePipeline, attune_pipeline_unref)

/* spec has been checked; NULL where the parts still find something wrong. */
AttunePipeline *
attune_pipeline_new (const AttuneTokenizerSpec  *spec,
                     const char                 *source_name,
                     GError                    **error)
{
  g_autoptr (AttunePipeline) self = g_atomic_rc_box_new0 (AttunePipeline);

  self->model = spec->model;
  self->unknown_id = spec->unknown_id;
  self->max_characters = spec->max_characters;
  self->trim_keeps_first = spec->trim_keeps_first;
  self->pre_tokenizer = attune_pre_tokenizer_new (spec->pre_tokenizers, spec->n_pre_tokenizers);
  self->normalizer = attune_normalizer_new (spec->normalizers, spec->n_normalizers, source_name,
                                            error);
  if (self->normalizer == NULL)
    return NULL;
  self->vocabulary = attune_vocabulary_new_from_tokens (spec->tokens, spec->n_tokens, spec->prefix,
                                                        source_name, error);
  if (self->vocabulary == NULL)
    return NULL;

  self->added_tokens = attune_added_tokens_new (spec->added_tokens, spec->n_added_tokens,
                                                self->normalizer);
  if (self->added_tokens == NULL)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("“%s” adds tokens of more than 16 MiB all together."), source_name);
      return NULL;
    }
  self->n_tokens = MAX (spec->n_tokens,
                        (guint) (attune_added_tokens_get_last (self->added_tokens) + 1));

  if (spec->model == ATTUNE_MODEL_BPE)
    {
      self->bpe = attune_bpe_new (spec, self->vocabulary,
                                  attune_pre_tokenizer_makes_bytes (self->pre_tokenizer),
                                  source_name, error);
      if (self->bpe == NULL)
        return NULL;
    }
  else if (spec->model == ATTUNE_MODEL_UNIGRAM)
    {
      self->unigram = attune_unigram_new (spec, self->vocabulary);
    }
  if (spec->trim_offsets)
    list_white_space (self);

  return g_steal_pointer (&self);
}

/* Number of ids there are, those of added tokens included. */
guint
attune_pipeline_get_n_tokens (const AttunePipeline *self)
{
  return self->n_tokens;
}

const char *
attune_pipeline_get_token (const AttunePipeline *self,
                           gint32                id)
{
  const char *token = attune_vocabulary_get_token (self->vocabulary, id);

  return token != NULL && *token != '\0' ? token
                                         : attune_added_tokens_get (self->added_tokens, id);
}

gint32
attune_pipeline_lookup (const AttunePipeline *self,
                        const char           *token)
{
  const gint32 id = attune_vocabulary_lookup (self->vocabulary, token, strlen (token));

  return id >= 0 ? id : attune_added_tokens_lookup (self->added_tokens, token);
}

gboolean
attune_pipeline_lowers (const AttunePipeline *self)
{
  return attune_normalizer_lowers (self->normalizer);
}
