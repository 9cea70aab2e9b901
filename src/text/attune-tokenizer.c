/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenizer: the two ways from a text to its tokens (attune-bert-text.c, attune-pipeline.c)
 * behind one door; here are the template around the texts and truncation, as tokenizers 0.23.1 does
 * them with longest_first.
 */
#include "config.h"

#include "attune-tokenizer.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-bert-text.h"
#include "attune-encoding.h"
#include "attune-pipeline.h"
#include "attune-tokenizer-spec.h"
#include "attune-vocabulary.h"

/* Far beyond any text of a data set; keeps counts and spans well inside 32 bits, and memory too
 * where a text is copied with the place of each byte. */
#define MAX_TEXT_BYTES (256u << 20)
#define MAX_COPIED_TEXT_BYTES (64u << 20)

G_DEFINE_QUARK (attune-tokenizer-error-quark, attune_tokenizer_error)

struct _AttuneTokenizer {
  AttuneTokenizerOptions options;
  AttuneTemplate single, pair;
  gint32 unknown_id;
  gboolean empty_pair_counts;
  GBytes *source; /* vocab.txt or tokenizer.json */
  GBytes *config;

  /* Of a vocab.txt */
  AttuneVocabulary *vocabulary;
  AttuneBertText bert;
  /* Of a tokenizer.json */
  AttunePipeline *pipeline;
};

static gboolean
encode_side (AttuneTokenizer     *self,
             const char          *text,
             gssize               signed_length,
             AttuneEncodingSide  *side,
             GError             **error)
{
  const gsize length = signed_length < 0 ? strlen (text) : (gsize) signed_length;
  const guint most = self->pipeline != NULL ? MAX_COPIED_TEXT_BYTES : MAX_TEXT_BYTES;
  gsize bad_byte;

  if (length > most)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
                   _("The text is longer than %u MiB, the most that can be taken at once."),
                   most >> 20);
      return FALSE;
    }

  if (self->pipeline != NULL
        ? attune_pipeline_encode (self->pipeline, text, length, side, &bad_byte)
        : attune_bert_text_encode (&self->bert, text, length, side, &bad_byte))
    return TRUE;

  if (bad_byte == G_MAXSIZE)
    g_set_error_literal (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
                         _("The normalizer of this model’s tokenizer.json makes the text many "
                           "times as long; choose another model."));
  else
    g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING,
                 _("The text is not UTF-8 at byte %u; convert it first."), (guint) bad_byte + 1);
  return FALSE;
}

/* Cuts both sides, which lie one after the other behind what the template begins with, to what
 * fits, and puts the rest of the template in. */
static void
finish (const AttuneTemplate     *template,
        const AttuneEncodingSide *first,
        const AttuneEncodingSide *second,
        guint                     max_length,
        AttuneEncoding           *encoding)
{
  static const AttuneSpan nowhere[ATTUNE_MAX_TEMPLATE_SPECIALS];
  GArray *arrays[] = { encoding->ids, encoding->type_ids, encoding->spans };
  const guint n_specials = template->n_before + template->n_between + template->n_after;
  const guint available = max_length > n_specials ? max_length - n_specials : 0;
  guint n_first = MIN (first->n_kept, available);
  guint n_second = 0;

  if (second != NULL)
    attune_encoding_longest_first (first, second, available, &n_first, &n_second);

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      g_array_set_size (arrays[i], template->n_before + first->n_kept + n_second);
      g_array_remove_range (arrays[i], template->n_before + n_first, first->n_kept - n_first);
    }

  encoding->pair_start = G_MAXUINT;
  if (second != NULL)
    {
      const guint at = template->n_before + n_first;

      encoding->pair_start = at + template->n_between;
      g_array_insert_vals (encoding->ids, at, template->between, template->n_between);
      g_array_insert_vals (encoding->type_ids, at, template->between_types, template->n_between);
      g_array_insert_vals (encoding->spans, at, nowhere, template->n_between);
    }
  for (guint i = 0; i < template->n_after; i++)
    attune_encoding_add_special (encoding, template->after[i], template->after_types[i]);

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
 * @pair: (nullable): a second text; %NULL for none. An empty one is none to WordPiece and a text to
 *   the other models
 * @pair_length: in bytes, or -1 if @pair ends with U+0000
 * @max_length: most tokens there may be, special ones included; %G_MAXUINT for all
 * @encoding: its former contents are replaced
 *
 * Encodes as [CLS] text [SEP] or [CLS] text [SEP] pair [SEP], or in whatever form tokenizer.json
 * has for one text and two. Too long a single text is cut at its end; of two, the longer is cut
 * first (longest_first). There are never more than @max_length tokens, even where that leaves
 * special tokens out.
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
  const gboolean is_empty = pair_length == 0 || (pair_length < 0 && pair != NULL && *pair == '\0');
  const gboolean has_pair = pair != NULL && (!is_empty || self->empty_pair_counts);
  AttuneEncodingSide first, second;
  const AttuneTemplate *template;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (text != NULL || text_length == 0, FALSE);
  g_return_val_if_fail (encoding != NULL, FALSE);

  attune_encoding_clear (encoding);
  template = has_pair ? &self->pair : &self->single;
  for (guint i = 0; i < template->n_before; i++)
    attune_encoding_add_special (encoding, template->before[i], template->before_types[i]);

  attune_encoding_side_init (&first, encoding, template->first_type, max_length);
  attune_encoding_side_init (&second, encoding, template->second_type, max_length);
  if (!encode_side (self, text, text_length, &first, error) ||
      (has_pair && !encode_side (self, pair, pair_length, &second, error)))
    {
      attune_encoding_clear (encoding);
      return FALSE;
    }

  finish (template, &first, has_pair ? &second : NULL, max_length, encoding);

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
  gint32 classify, separator;

  g_return_val_if_fail (vocabulary != NULL, NULL);
  g_return_val_if_fail (source_name != NULL, NULL);
  g_return_val_if_fail (options != NULL, NULL);

  read = attune_vocabulary_new (vocabulary, source_name, error);
  if (read == NULL)
    return NULL;

  self = g_atomic_rc_box_new0 (AttuneTokenizer);
  self->options = *options;
  self->source = g_bytes_ref (vocabulary);
  self->vocabulary = g_steal_pointer (&read);
  attune_bert_text_init (&self->bert, self->vocabulary, options);
  self->unknown_id = self->bert.unknown_id;
  classify = attune_tokenizer_lookup (self, "[CLS]");
  separator = attune_tokenizer_lookup (self, "[SEP]");
  self->single = (AttuneTemplate) {
    .n_before = 1, .before = { classify }, .n_after = 1, .after = { separator },
  };
  self->pair = (AttuneTemplate) {
    .n_before = 1, .before = { classify }, .n_between = 1, .between = { separator },
    .n_after = 1, .after = { separator }, .after_types = { 1 }, .second_type = 1,
  };

  return self;
}

static gboolean
refuse (const char  *source_name,
        const char  *what,
        GError     **error)
{
  g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
               _("“%s” cannot be used: %s."), source_name, what);
  return FALSE;
}

static gboolean
has_id (const AttuneTokenizerSpec *spec,
        gint32                     id)
{
  return id >= 0 && (guint) id < spec->n_tokens && spec->tokens[id].bytes != NULL;
}

static gboolean
check_template (const AttuneTokenizerSpec *spec,
                const AttuneTemplate      *template,
                gint32                     last_id)
{
  const gint32 * const places[] = { template->before, template->between, template->after };
  const guint counts[] = { template->n_before, template->n_between, template->n_after };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      if (counts[i] > ATTUNE_MAX_TEMPLATE_SPECIALS)
        return FALSE;
      for (guint j = 0; j < counts[i]; j++)
        if (places[i][j] < 0 || places[i][j] > last_id)
          return FALSE;
    }

  return TRUE;
}

static gboolean
check_spec (const AttuneTokenizerSpec  *spec,
            const char                 *source_name,
            GError                    **error)
{
  gint32 last_id = (gint32) spec->n_tokens - 1;

  if (spec->n_tokens == 0 || spec->n_tokens > ATTUNE_MAX_TOKENS)
    return refuse (source_name, _("it has no tokens, or millions"), error);
  for (guint i = 0; i < spec->n_tokens; i++)
    if (spec->tokens[i].length > ATTUNE_MAX_TOKEN_BYTES)
      return refuse (source_name, _("its vocabulary has a token that is very long"), error);
  for (guint i = 0; i < spec->n_added_tokens; i++)
    {
      const AttuneAddedToken *token = &spec->added_tokens[i];

      if (token->content.length == 0 || token->content.length > ATTUNE_MAX_ADDED_TOKEN_BYTES)
        return refuse (source_name, _("an added token is empty or very long"), error);
      if (token->id < 0 || token->id >= ATTUNE_MAX_TOKENS)
        return refuse (source_name, _("an added token has an impossible id"), error);
      last_id = MAX (last_id, token->id);
    }
  for (guint i = 0; i + 1 < spec->n_pre_tokenizers; i++)
    if (spec->pre_tokenizers[i].kind == ATTUNE_PRE_TOKENIZER_BYTE_LEVEL)
      return refuse (source_name, _("ByteLevel is not its last pre-tokenizer"), error);
  for (guint i = 0; i < spec->n_merges; i++)
    if (!has_id (spec, spec->merges[i].left) || !has_id (spec, spec->merges[i].right)
        || !has_id (spec, spec->merges[i].result))
      return refuse (source_name, _("a merge is of tokens that it has not"), error);
  if (spec->unknown_id != -1 && !has_id (spec, spec->unknown_id))
    return refuse (source_name, _("the unknown token is not in its vocabulary"), error);
  if (spec->unknown_id == -1 && spec->model != ATTUNE_MODEL_BPE)
    return refuse (source_name, _("it has no token for what is unknown"), error);
  if (!check_template (spec, &spec->single, last_id)
      || !check_template (spec, &spec->pair, last_id))
    return refuse (source_name, _("its post-processor adds tokens that it has not"), error);

  return TRUE;
}

AttuneTokenizer *
attune_tokenizer_new_from_spec (const AttuneTokenizerSpec  *spec,
                                const char                 *source_name,
                                GError                    **error)
{
  AttunePipeline *pipeline;
  AttuneTokenizer *self;

  g_return_val_if_fail (spec != NULL && spec->source != NULL, NULL);
  g_return_val_if_fail (source_name != NULL, NULL);

  if (!check_spec (spec, source_name, error))
    return NULL;
  pipeline = attune_pipeline_new (spec, source_name, error);
  if (pipeline == NULL)
    return NULL;

  self = g_atomic_rc_box_new0 (AttuneTokenizer);
  self->pipeline = pipeline;
  self->options = (AttuneTokenizerOptions) {
    .lowercase = attune_pipeline_lowers (pipeline),
    .strip_accents = ATTUNE_STRIP_ACCENTS_NO,
  };
  self->single = spec->single;
  self->pair = spec->pair;
  self->unknown_id = spec->unknown_id;
  self->empty_pair_counts = spec->model != ATTUNE_MODEL_WORDPIECE;
  self->source = g_bytes_ref (spec->source);
  self->config = spec->config != NULL ? g_bytes_ref (spec->config) : NULL;

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
  g_clear_pointer (&self->pipeline, attune_pipeline_unref);
  g_clear_pointer (&self->source, g_bytes_unref);
  g_clear_pointer (&self->config, g_bytes_unref);
}

void
attune_tokenizer_unref (AttuneTokenizer *self)
{
  g_atomic_rc_box_release_full (self, tokenizer_clear);
}

/* Number of ids there are: lines of vocab.txt, empty ones included, or one more than the highest id
 * of tokenizer.json. */
guint
attune_tokenizer_get_n_tokens (AttuneTokenizer *self)
{
  return self->pipeline != NULL ? attune_pipeline_get_n_tokens (self->pipeline)
                                : attune_vocabulary_get_n_tokens (self->vocabulary);
}

/* The token with this id as the vocabulary writes it, owned by self; NULL if there is none. */
const char *
attune_tokenizer_get_token (AttuneTokenizer *self,
                            gint32           id)
{
  return self->pipeline != NULL ? attune_pipeline_get_token (self->pipeline, id)
                                : attune_vocabulary_get_token (self->vocabulary, id);
}

/* The id of a token written as in the vocabulary, as "[PAD]" or "##ing"; -1 if there is none. */
gint32
attune_tokenizer_lookup (AttuneTokenizer *self,
                         const char      *token)
{
  return self->pipeline != NULL
           ? attune_pipeline_lookup (self->pipeline, token)
           : attune_vocabulary_lookup (self->vocabulary, token, strlen (token));
}

/* The token for what the vocabulary cannot say; -1 if there is none, as where all bytes are tokens.
 */
gint32
attune_tokenizer_get_unknown_id (AttuneTokenizer *self)
{
  return self->unknown_id;
}

/* What it was made with; of a tokenizer.json only lowercase says anything. */
const AttuneTokenizerOptions *
attune_tokenizer_get_options (AttuneTokenizer *self)
{
  return &self->options;
}

/* The vocab.txt as it was given, byte for byte; NULL if it was made from a tokenizer.json. */
GBytes *
attune_tokenizer_get_vocabulary (AttuneTokenizer *self)
{
  return self->pipeline == NULL ? self->source : NULL;
}

/* The tokenizer.json as it was given; NULL if it was made from a vocab.txt. */
GBytes *
attune_tokenizer_get_source (AttuneTokenizer *self)
{
  return self->pipeline != NULL ? self->source : NULL;
}

/* The tokenizer_config.json as it was given beside tokenizer.json; NULL if there was none. */
GBytes *
attune_tokenizer_get_config (AttuneTokenizer *self)
{
  return self->config;
}
