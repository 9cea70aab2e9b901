/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The normalizer and the pre-tokenizer of a tokenizer.json: nested sequences become one list of
 * steps. A kind, a behaviour or a regular expression that is not known is refused by its name. Any
 * thread.
 */
#include "config.h"

#include "attune-tokenizer-json.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-safetensors.h"

#define MAX_EXCERPT 60
#define MAX_STEPS 64
#define MAX_TEXT_BYTES 64          /* of a pattern or what replaces it */
#define MAX_CHARSMAP_BYTES (16u << 20)

/* The expression that ByteLevel has built in, written out by some for Split. */
#define GPT2_EXPRESSION \
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

static const struct {
  const char *expression;
  AttunePattern pattern;
} expressions[] = {
  { " ", { ATTUNE_PATTERN_SPACES, { NULL, 0 }, 1, TRUE } },
  { " +", { ATTUNE_PATTERN_SPACES, { NULL, 0 }, 1, FALSE } },
  { " {2,}", { ATTUNE_PATTERN_SPACES, { NULL, 0 }, 2, FALSE } },
  { "\\s", { ATTUNE_PATTERN_WHITE, { NULL, 0 }, 1, TRUE } },
  { "\\s+", { ATTUNE_PATTERN_WHITE, { NULL, 0 }, 1, FALSE } },
  { "\\s{2,}", { ATTUNE_PATTERN_WHITE, { NULL, 0 }, 2, FALSE } },
  { GPT2_EXPRESSION, { ATTUNE_PATTERN_GPT2, { NULL, 0 }, 1, FALSE } },
};

char *
attune_tokenizer_json_excerpt (const char *text)
{
  return g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), MAX_EXCERPT));
}

gboolean
attune_tokenizer_json_unknown (const char  *source_name,
                               const char  *part,
                               const char  *what,
                               GError     **error)
{
  g_autofree char *excerpt = attune_tokenizer_json_excerpt (what);

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
               _("“%s” asks for something in its %s that Attune does not know: %s"),
               source_name, part, excerpt);
  return FALSE;
}

gboolean
attune_tokenizer_json_broken (const char  *source_name,
                              const char  *part,
                              GError     **error)
{
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("The %s of “%s” is damaged; get the file again"), part, source_name);
  return FALSE;
}

static const char *
type_of (yyjson_val *value)
{
  const char *type = yyjson_get_str (yyjson_obj_get (value, "type"));

  return type != NULL ? type : "";
}

/* {"String": …} or {"Regex": …} */
static gboolean
read_pattern (yyjson_val     *value,
              const char     *source_name,
              const char     *part,
              AttunePattern  *pattern,
              GError        **error)
{
  const AttuneBytes text = attune_json_get_bytes (value, "String");
  const AttuneBytes expression = attune_json_get_bytes (value, "Regex");

  if (text.length > 0 && text.length <= MAX_TEXT_BYTES)
    {
      *pattern = (AttunePattern) { .kind = ATTUNE_PATTERN_TEXT, .text = text };
      return TRUE;
    }
  if (expression.bytes == NULL)
    return attune_tokenizer_json_broken (source_name, part, error);

  for (gsize i = 0; i < G_N_ELEMENTS (expressions); i++)
    if (strcmp (expressions[i].expression, expression.bytes) == 0)
      {
        *pattern = expressions[i].pattern;
        return TRUE;
      }

  return attune_tokenizer_json_unknown (source_name, part, expression.bytes, error);
}

static void
add_normalizer (AttuneTokenizerJson  *self,
                AttuneNormalizerSpec  spec)
{
  g_array_append_val (self->normalizers, spec);
}

static void
add_bert_normalizer (AttuneTokenizerJson *self,
                     yyjson_val          *value)
{
  const gboolean lowercase = attune_json_get_bool (value, "lowercase", TRUE);

  if (attune_json_get_bool (value, "clean_text", TRUE))
    add_normalizer (self, (AttuneNormalizerSpec) { .kind = ATTUNE_NORMALIZER_CLEAN });
  if (attune_json_get_bool (value, "handle_chinese_chars", TRUE))
    add_normalizer (self, (AttuneNormalizerSpec) { .kind = ATTUNE_NORMALIZER_SPACE_IDEOGRAPHS });
  if (attune_json_get_bool (value, "strip_accents", lowercase))
    {
      add_normalizer (self, (AttuneNormalizerSpec) { .kind = ATTUNE_NORMALIZER_NFD });
      add_normalizer (self, (AttuneNormalizerSpec) { .kind = ATTUNE_NORMALIZER_STRIP_NONSPACING });
    }
  if (lowercase)
    add_normalizer (self, (AttuneNormalizerSpec) { .kind = ATTUNE_NORMALIZER_LOWERCASE });
}

static gboolean
add_precompiled (AttuneTokenizerJson  *self,
                 yyjson_val           *value,
                 const char           *source_name,
                 GError              **error)
{
  const AttuneBytes text = attune_json_get_bytes (value, "precompiled_charsmap");
  AttuneNormalizerSpec spec = { .kind = ATTUNE_NORMALIZER_PRECOMPILED };
  guchar *decoded;

  /* An empty one changes nothing. */
  if (text.bytes == NULL || text.length == 0)
    return TRUE;
  if (text.length / 4 * 3 > MAX_CHARSMAP_BYTES)
    return attune_tokenizer_json_broken (source_name, "normalizer", error);

  decoded = g_base64_decode (text.bytes, &spec.content.length);
  g_ptr_array_add (self->owned, decoded);
  spec.content.bytes = (const char *) decoded;
  add_normalizer (self, spec);

  return TRUE;
}

static gboolean
add_replace (AttuneTokenizerJson  *self,
             yyjson_val           *value,
             const char           *source_name,
             GError              **error)
{
  AttuneNormalizerSpec spec = {
    .kind = ATTUNE_NORMALIZER_REPLACE,
    .content = attune_json_get_bytes (value, "content"),
  };

  if (spec.content.bytes == NULL || spec.content.length > MAX_TEXT_BYTES)
    return attune_tokenizer_json_broken (source_name, "normalizer", error);
  if (!read_pattern (yyjson_obj_get (value, "pattern"), source_name, "normalizer", &spec.pattern,
                     error))
    return FALSE;
  add_normalizer (self, spec);

  return TRUE;
}

gboolean
attune_tokenizer_json_read_normalizer (AttuneTokenizerJson  *self,
                                       yyjson_val           *value,
                                       const char           *source_name,
                                       GError              **error)
{
  static const struct {
    const char *type;
    AttuneNormalizerKind kind;
  } plain[] = {
    { "NFC", ATTUNE_NORMALIZER_NFC },   { "NFD", ATTUNE_NORMALIZER_NFD },
    { "NFKC", ATTUNE_NORMALIZER_NFKC }, { "NFKD", ATTUNE_NORMALIZER_NFKD },
    { "Lowercase", ATTUNE_NORMALIZER_LOWERCASE },
    { "StripAccents", ATTUNE_NORMALIZER_STRIP_ACCENTS },
  };
  const char *type = type_of (value);
  yyjson_arr_iter iter;
  yyjson_val *step;

  if (value == NULL || yyjson_is_null (value))
    return TRUE;
  if (self->normalizers->len >= MAX_STEPS)
    return attune_tokenizer_json_broken (source_name, "normalizer", error);

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    if (strcmp (type, plain[i].type) == 0)
      {
        add_normalizer (self, (AttuneNormalizerSpec) { .kind = plain[i].kind });
        return TRUE;
      }
  if (strcmp (type, "Sequence") == 0)
    {
      iter = yyjson_arr_iter_with (yyjson_obj_get (value, "normalizers"));
      while ((step = yyjson_arr_iter_next (&iter)) != NULL)
        if (!attune_tokenizer_json_read_normalizer (self, step, source_name, error))
          return FALSE;
      return TRUE;
    }
  if (strcmp (type, "BertNormalizer") == 0)
    {
      add_bert_normalizer (self, value);
      return TRUE;
    }
  if (strcmp (type, "Strip") == 0)
    {
      add_normalizer (self, (AttuneNormalizerSpec) {
                              .kind = ATTUNE_NORMALIZER_STRIP,
                              .left = attune_json_get_bool (value, "strip_left", TRUE),
                              .right = attune_json_get_bool (value, "strip_right", TRUE),
                            });
      return TRUE;
    }
  if (strcmp (type, "Prepend") == 0)
    {
      const AttuneBytes text = attune_json_get_bytes (value, "prepend");

      if (text.bytes == NULL || text.length > MAX_TEXT_BYTES)
        return attune_tokenizer_json_broken (source_name, "normalizer", error);
      add_normalizer (self, (AttuneNormalizerSpec) { .kind = ATTUNE_NORMALIZER_PREPEND,
                                                     .content = text });
      return TRUE;
    }
  if (strcmp (type, "Replace") == 0)
    return add_replace (self, value, source_name, error);
  if (strcmp (type, "Precompiled") == 0)
    return add_precompiled (self, value, source_name, error);

  return attune_tokenizer_json_unknown (source_name, "normalizer", type, error);
}

static gboolean
read_behavior (yyjson_val           *value,
               AttuneSplitBehavior   fallback,
               const char           *source_name,
               AttuneSplitBehavior  *behavior,
               GError              **error)
{
  static const char *const names[] = {
    [ATTUNE_SPLIT_REMOVED] = "Removed",
    [ATTUNE_SPLIT_ISOLATED] = "Isolated",
    [ATTUNE_SPLIT_MERGED_WITH_PREVIOUS] = "MergedWithPrevious",
    [ATTUNE_SPLIT_MERGED_WITH_NEXT] = "MergedWithNext",
    [ATTUNE_SPLIT_CONTIGUOUS] = "Contiguous",
  };
  const char *name = yyjson_get_str (yyjson_obj_get (value, "behavior"));

  *behavior = fallback;
  if (name == NULL)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      {
        *behavior = (AttuneSplitBehavior) i;
        return TRUE;
      }

  return attune_tokenizer_json_unknown (source_name, "pre_tokenizer", name, error);
}

static gboolean
read_metaspace (yyjson_val              *value,
                const char              *source_name,
                AttunePreTokenizerSpec  *spec,
                GError                 **error)
{
  const char *scheme = yyjson_get_str (yyjson_obj_get (value, "prepend_scheme"));

  spec->kind = ATTUNE_PRE_TOKENIZER_METASPACE;
  spec->pattern.text = attune_json_get_bytes (value, "replacement");
  spec->split = attune_json_get_bool (value, "split", TRUE);
  spec->prepend = ATTUNE_PREPEND_ALWAYS;
  if (spec->pattern.text.length == 0
      || g_utf8_strlen (spec->pattern.text.bytes, (gssize) spec->pattern.text.length) != 1)
    return attune_tokenizer_json_broken (source_name, "pre_tokenizer", error);

  if (!attune_json_get_bool (value, "add_prefix_space", TRUE) || g_strcmp0 (scheme, "never") == 0)
    spec->prepend = ATTUNE_PREPEND_NEVER;
  else if (g_strcmp0 (scheme, "first") == 0)
    spec->prepend = ATTUNE_PREPEND_FIRST;
  else if (scheme != NULL && strcmp (scheme, "always") != 0)
    return attune_tokenizer_json_unknown (source_name, "pre_tokenizer", scheme, error);

  return TRUE;
}

static gboolean
read_pre_tokenizer (yyjson_val              *value,
                    const char              *source_name,
                    AttunePreTokenizerSpec  *spec,
                    GError                 **error)
{
  static const struct {
    const char *type;
    AttunePreTokenizerKind kind;
  } plain[] = {
    { "BertPreTokenizer", ATTUNE_PRE_TOKENIZER_BERT },
    { "Whitespace", ATTUNE_PRE_TOKENIZER_WHITESPACE },
    { "WhitespaceSplit", ATTUNE_PRE_TOKENIZER_WHITESPACE_SPLIT },
  };
  const char *type = type_of (value);

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    if (strcmp (type, plain[i].type) == 0)
      {
        spec->kind = plain[i].kind;
        return TRUE;
      }
  if (strcmp (type, "ByteLevel") == 0)
    {
      spec->kind = ATTUNE_PRE_TOKENIZER_BYTE_LEVEL;
      spec->prepend = attune_json_get_bool (value, "add_prefix_space", TRUE)
                        ? ATTUNE_PREPEND_ALWAYS
                        : ATTUNE_PREPEND_NEVER;
      spec->split = attune_json_get_bool (value, "use_regex", TRUE);
      return TRUE;
    }
  if (strcmp (type, "Metaspace") == 0)
    return read_metaspace (value, source_name, spec, error);
  if (strcmp (type, "Punctuation") == 0)
    {
      spec->kind = ATTUNE_PRE_TOKENIZER_PUNCTUATION;
      return read_behavior (value, ATTUNE_SPLIT_ISOLATED, source_name, &spec->behavior, error);
    }
  if (strcmp (type, "Digits") == 0)
    {
      spec->kind = ATTUNE_PRE_TOKENIZER_DIGITS;
      spec->behavior = attune_json_get_bool (value, "individual_digits", FALSE)
                         ? ATTUNE_SPLIT_ISOLATED
                         : ATTUNE_SPLIT_CONTIGUOUS;
      return TRUE;
    }
  if (strcmp (type, "CharDelimiterSplit") == 0)
    {
      spec->kind = ATTUNE_PRE_TOKENIZER_SPLIT;
      spec->pattern.kind = ATTUNE_PATTERN_TEXT;
      spec->pattern.text = attune_json_get_bytes (value, "delimiter");
      spec->behavior = ATTUNE_SPLIT_REMOVED;
      return spec->pattern.text.length > 0
             || attune_tokenizer_json_broken (source_name, "pre_tokenizer", error);
    }
  if (strcmp (type, "Split") == 0)
    {
      spec->kind = ATTUNE_PRE_TOKENIZER_SPLIT;
      spec->invert = attune_json_get_bool (value, "invert", FALSE);
      return read_pattern (yyjson_obj_get (value, "pattern"), source_name, "pre_tokenizer",
                           &spec->pattern, error)
             && read_behavior (value, ATTUNE_SPLIT_ISOLATED, source_name, &spec->behavior, error);
    }

  return attune_tokenizer_json_unknown (source_name, "pre_tokenizer", type, error);
}

gboolean
attune_tokenizer_json_read_pre_tokenizer (AttuneTokenizerJson  *self,
                                          yyjson_val           *value,
                                          const char           *source_name,
                                          GError              **error)
{
  AttunePreTokenizerSpec spec = { 0 };
  yyjson_arr_iter iter;
  yyjson_val *step;

  if (value == NULL || yyjson_is_null (value))
    return TRUE;
  if (self->pre_tokenizers->len >= MAX_STEPS)
    return attune_tokenizer_json_broken (source_name, "pre_tokenizer", error);

  if (strcmp (type_of (value), "Sequence") == 0)
    {
      iter = yyjson_arr_iter_with (yyjson_obj_get (value, "pretokenizers"));
      while ((step = yyjson_arr_iter_next (&iter)) != NULL)
        if (!attune_tokenizer_json_read_pre_tokenizer (self, step, source_name, error))
          return FALSE;
      return TRUE;
    }

  if (!read_pre_tokenizer (value, source_name, &spec, error))
    return FALSE;
  g_array_append_val (self->pre_tokenizers, spec);

  return TRUE;
}
