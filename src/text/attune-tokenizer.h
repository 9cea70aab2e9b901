/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenizer: text to token ids as the reference library does it: BERT's WordPiece from a
 * vocab.txt, or whatever a tokenizer.json says (attune-tokenizer-spec.h). Immutable after
 * construction, so one instance may be used by any number of threads at once.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_TOKENIZER_ERROR (attune_tokenizer_error_quark ())
GQuark attune_tokenizer_error_quark (void);

typedef enum {
  ATTUNE_TOKENIZER_ERROR_VOCABULARY, /* the vocabulary is malformed, too large or lacks a token */
  ATTUNE_TOKENIZER_ERROR_ENCODING,   /* the text is not UTF-8 */
} AttuneTokenizerError;

typedef enum {
  ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE = -1, /* as transformers' null: strip when lower-casing */
  ATTUNE_STRIP_ACCENTS_NO = 0,
  ATTUNE_STRIP_ACCENTS_YES = 1,
} AttuneStripAccents;

typedef struct {
  gboolean lowercase;
  AttuneStripAccents strip_accents;
  gboolean tokenize_chinese_chars;
} AttuneTokenizerOptions;

/* Half-open range of bytes in the text a token was made from; {0, 0} for those of the template, as
 * [CLS] and [SEP]. */
typedef struct {
  guint32 start;
  guint32 end;
} AttuneSpan;

/* Result of one encoding, reused from call to call. T is the number of tokens. */
typedef struct {
  GArray *ids;         /* gint32 (T,) */
  GArray *type_ids;    /* guint8 (T,): 0 or 1, as the model wants them */
  GArray *spans;       /* AttuneSpan (T,), each into its text */
  guint pair_start;    /* the first token of the second text; G_MAXUINT if there is none */
  guint n_tokens_full; /* tokens there would have been without truncation, specials included */
  struct _AttuneScratch *scratch; /* private */
} AttuneEncoding;

AttuneEncoding *attune_encoding_new  (void);
void            attune_encoding_free (AttuneEncoding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneEncoding, attune_encoding_free)

typedef struct _AttuneTokenizer AttuneTokenizer;

AttuneTokenizer *attune_tokenizer_new_wordpiece  (GBytes                       *vocabulary,
                                                  const char                   *source_name,
                                                  const AttuneTokenizerOptions *options,
                                                  GError                      **error);
AttuneTokenizer *attune_tokenizer_ref            (AttuneTokenizer *self);
void             attune_tokenizer_unref          (AttuneTokenizer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTokenizer, attune_tokenizer_unref)

gboolean         attune_tokenizer_encode         (AttuneTokenizer *self,
                                                  const char      *text,
                                                  gssize           text_length,
                                                  const char      *pair,
                                                  gssize           pair_length,
                                                  guint            max_length,
                                                  AttuneEncoding  *encoding,
                                                  GError         **error);

guint            attune_tokenizer_get_n_tokens   (AttuneTokenizer *self);
const char      *attune_tokenizer_get_token      (AttuneTokenizer *self,
                                                  gint32           id);
gint32           attune_tokenizer_lookup         (AttuneTokenizer *self,
                                                  const char      *token);
gint32           attune_tokenizer_get_unknown_id (AttuneTokenizer *self);
const AttuneTokenizerOptions *
                 attune_tokenizer_get_options    (AttuneTokenizer *self);
GBytes          *attune_tokenizer_get_vocabulary (AttuneTokenizer *self);
GBytes          *attune_tokenizer_get_source     (AttuneTokenizer *self);
GBytes          *attune_tokenizer_get_config     (AttuneTokenizer *self);

G_END_DECLS
