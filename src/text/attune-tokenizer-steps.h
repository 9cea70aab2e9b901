/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of a tokenizer.json's normalizer and pre-tokenizer, as plain structs. Names of kinds and
 * fields are those of the file.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that may hold U+0000. */
typedef struct {
  const char *bytes; /* NULL: there is none */
  gsize length;
} AttuneBytes;

/* What Split and Replace look for: a text, or one of a few regular expressions. */
typedef enum {
  ATTUNE_PATTERN_TEXT,
  ATTUNE_PATTERN_SPACES, /* " {n,}" */
  ATTUNE_PATTERN_WHITE,  /* "\s{n,}", or one alone */
  ATTUNE_PATTERN_GPT2,   /* ByteLevel's own */
} AttunePatternKind;

typedef struct {
  AttunePatternKind kind;
  AttuneBytes text; /* not empty */
  guint at_least;   /* n */
  gboolean alone;   /* one character, not a run */
} AttunePattern;

typedef enum {
  ATTUNE_NORMALIZER_CLEAN,             /* BertNormalizer is the first three, NFD in their midst, */
  ATTUNE_NORMALIZER_SPACE_IDEOGRAPHS,  /* and LOWERCASE */
  ATTUNE_NORMALIZER_STRIP_NONSPACING,
  ATTUNE_NORMALIZER_NFC,
  ATTUNE_NORMALIZER_NFD,
  ATTUNE_NORMALIZER_NFKC,
  ATTUNE_NORMALIZER_NFKD,
  ATTUNE_NORMALIZER_LOWERCASE,
  ATTUNE_NORMALIZER_STRIP_ACCENTS,
  ATTUNE_NORMALIZER_STRIP,
  ATTUNE_NORMALIZER_REPLACE,
  ATTUNE_NORMALIZER_PREPEND,
  ATTUNE_NORMALIZER_PRECOMPILED,
} AttuneNormalizerKind;

typedef struct {
  AttuneNormalizerKind kind;
  AttunePattern pattern; /* REPLACE */
  AttuneBytes content;   /* REPLACE, PREPEND; the charsmap of PRECOMPILED, not in base64 */
  gboolean left, right;  /* STRIP */
} AttuneNormalizerSpec;

typedef enum {
  ATTUNE_PRE_TOKENIZER_BERT,
  ATTUNE_PRE_TOKENIZER_WHITESPACE,
  ATTUNE_PRE_TOKENIZER_WHITESPACE_SPLIT,
  ATTUNE_PRE_TOKENIZER_BYTE_LEVEL, /* the last one, as the model then reads bytes */
  ATTUNE_PRE_TOKENIZER_METASPACE,
  ATTUNE_PRE_TOKENIZER_SPLIT,
  ATTUNE_PRE_TOKENIZER_PUNCTUATION,
  ATTUNE_PRE_TOKENIZER_DIGITS,
} AttunePreTokenizerKind;

typedef enum {
  ATTUNE_SPLIT_REMOVED,
  ATTUNE_SPLIT_ISOLATED,
  ATTUNE_SPLIT_MERGED_WITH_PREVIOUS,
  ATTUNE_SPLIT_MERGED_WITH_NEXT,
  ATTUNE_SPLIT_CONTIGUOUS,
} AttuneSplitBehavior;

typedef enum {
  ATTUNE_PREPEND_ALWAYS,
  ATTUNE_PREPEND_FIRST,
  ATTUNE_PREPEND_NEVER,
} AttunePrependScheme;

typedef struct {
  AttunePreTokenizerKind kind;
  AttunePattern pattern;        /* SPLIT; METASPACE: its replacement, one character */
  AttuneSplitBehavior behavior; /* SPLIT, PUNCTUATION, DIGITS */
  gboolean invert;              /* SPLIT */
  AttunePrependScheme prepend;  /* METASPACE; BYTE_LEVEL: always (add_prefix_space) or never */
  gboolean split;               /* METASPACE; BYTE_LEVEL: use_regex */
} AttunePreTokenizerSpec;

G_END_DECLS
