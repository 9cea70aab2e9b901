/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenizerSpec: everything a tokenizer.json says that decides ids, as plain structs, filled
 * by whoever reads such a file. Names of kinds and fields are those of the file.
 */
#pragma once

#include "attune-tokenizer.h"
#include "attune-tokenizer-steps.h"

G_BEGIN_DECLS

#define ATTUNE_MAX_TOKENS 4000000        /* XLM-R, the largest in use, has 250,002 */
#define ATTUNE_MAX_TEMPLATE_SPECIALS 8   /* special tokens at one place of a template */
#define ATTUNE_MAX_ADDED_TOKEN_BYTES 1024
#define ATTUNE_MAX_TOKEN_BYTES 4096     /* what is looked for at each place of a text */

typedef enum {
  ATTUNE_MODEL_WORDPIECE,
  ATTUNE_MODEL_BPE,
  ATTUNE_MODEL_UNIGRAM,
} AttuneModelKind;

/* left and right, found beside each other, become result: ids. The earlier, the sooner. */
typedef struct {
  gint32 left, right, result;
} AttuneMerge;

typedef struct {
  AttuneBytes content;
  gint32 id;
  gboolean single_word, lstrip, rstrip, normalized;
} AttuneAddedToken;

/* What stands around a text, or two, and which types they have. */
typedef struct {
  guint n_before, n_between, n_after; /* n_between 0 for one text */
  gint32 before[ATTUNE_MAX_TEMPLATE_SPECIALS];
  gint32 between[ATTUNE_MAX_TEMPLATE_SPECIALS];
  gint32 after[ATTUNE_MAX_TEMPLATE_SPECIALS];
  guint8 before_types[ATTUNE_MAX_TEMPLATE_SPECIALS];
  guint8 between_types[ATTUNE_MAX_TEMPLATE_SPECIALS];
  guint8 after_types[ATTUNE_MAX_TEMPLATE_SPECIALS];
  guint8 first_type, second_type;
} AttuneTemplate;

/* All pointers are borrowed for the call that takes the spec. */
typedef struct {
  const AttuneNormalizerSpec *normalizers; /* in their order */
  guint n_normalizers;
  const AttunePreTokenizerSpec *pre_tokenizers;
  guint n_pre_tokenizers;
  const AttuneAddedToken *added_tokens;
  guint n_added_tokens;

  AttuneModelKind model;
  const AttuneBytes *tokens; /* (n_tokens,) by id; none where no token has that id */
  guint n_tokens;
  const double *scores;      /* (n_tokens,) UNIGRAM */
  const AttuneMerge *merges; /* BPE */
  guint n_merges;
  gint32 unknown_id;         /* -1: none */
  AttuneBytes prefix;        /* continuing_subword_prefix: WORDPIECE, BPE */
  AttuneBytes suffix;        /* end_of_word_suffix: BPE */
  guint max_characters;      /* max_input_chars_per_word: WORDPIECE */
  gboolean fuse_unknown, byte_fallback, ignore_merges;

  gboolean trim_offsets;     /* of ByteLevel or RobertaProcessing as post-processor */
  gboolean trim_keeps_first; /* its add_prefix_space */
  AttuneTemplate single, pair;

  GBytes *source; /* the whole tokenizer.json, for attune_tokenizer_get_source() */
  GBytes *config; /* nullable: tokenizer_config.json, likewise */
} AttuneTokenizerSpec;

/* Checks that all ids are within the vocabulary. NULL with ATTUNE_TOKENIZER_ERROR_VOCABULARY, which
 * says what is wrong with source_name. */
AttuneTokenizer *attune_tokenizer_new_from_spec (const AttuneTokenizerSpec  *spec,
                                                 const char                 *source_name,
                                                 GError                    **error);

G_END_DECLS
