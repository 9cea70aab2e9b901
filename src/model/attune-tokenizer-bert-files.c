/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BERT's tokenizer out of vocab.txt, tokenizer_config.json and a tokenizer.json that says what
 * BERT's always do. vocab.txt is the vocabulary and tokenizer_config.json the options, but where
 * tokenizer.json is present and says otherwise it wins, because the reference would follow it; each
 * such contradiction is a warning. Any thread.
 */
#include "config.h"

#include "attune-tokenizer-bert-files.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-safetensors.h"

/* A switch as a file states it. */
typedef enum { UNSAID = -2, AUTO = -1, OFF = 0, ON = 1 } Switch;

typedef struct {
  Switch lowercase;
  Switch strip_accents;
  Switch chinese;
} Switches;

static Switch
read_switch (yyjson_val *object,
             const char *key)
{
  yyjson_val *value = yyjson_obj_get (object, key);

  if (yyjson_is_bool (value))
    return yyjson_get_bool (value) ? ON : OFF;
  return yyjson_is_null (value) ? AUTO : UNSAID;
}

/* One switch from two files: the first wins when it says anything. */
static Switch
decide (Switch      of_tokenizer,
        Switch      of_config,
        Switch      fallback,
        const char *what,
        const char *folder,
        GPtrArray  *warnings)
{
  if (of_tokenizer == UNSAID)
    return of_config == UNSAID ? fallback : of_config;

  if (of_config != UNSAID && of_config != of_tokenizer)
    g_ptr_array_add (warnings,
                     g_strdup_printf (_("In “%s”, tokenizer.json and tokenizer_config.json "
                                        "contradict each other on “%s”; tokenizer.json is "
                                        "followed"),
                                      folder, what));
  return of_tokenizer;
}

static gboolean
read_options (yyjson_val              *tokenizer,
              yyjson_val              *config,
              const char              *folder,
              AttuneTokenizerOptions  *options,
              GPtrArray               *warnings,
              GError                 **error)
{
  static const char *const classes[] = { "BertTokenizer",       "BertTokenizerFast",
                                         "DistilBertTokenizer", "DistilBertTokenizerFast",
                                         "ElectraTokenizer",    "ElectraTokenizerFast",
                                         NULL };
  const char *class = yyjson_get_str (yyjson_obj_get (config, "tokenizer_class"));
  yyjson_val *normalizer = yyjson_obj_get (tokenizer, "normalizer");
  const Switches of_tokenizer = { read_switch (normalizer, "lowercase"),
                                  read_switch (normalizer, "strip_accents"),
                                  read_switch (normalizer, "handle_chinese_chars") };
  const Switches of_config = { read_switch (config, "do_lower_case"),
                               read_switch (config, "strip_accents"),
                               read_switch (config, "tokenize_chinese_chars") };

  if (tokenizer == NULL && class != NULL && !g_strv_contains (classes, class))
    {
      g_autofree char *excerpt = attune_tokenizer_json_excerpt (class);

      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s/tokenizer_config.json” asks for a tokenizer that vocab.txt alone does not "
                     "make: %s"),
                   folder, excerpt);
      return FALSE;
    }

  options->lowercase = decide (of_tokenizer.lowercase, of_config.lowercase, ON, "do_lower_case",
                               folder, warnings) != OFF;
  options->tokenize_chinese_chars = decide (of_tokenizer.chinese, of_config.chinese, ON,
                                            "tokenize_chinese_chars", folder, warnings) != OFF;
  options->strip_accents = (AttuneStripAccents) decide (of_tokenizer.strip_accents,
                                                        of_config.strip_accents, AUTO,
                                                        "strip_accents", folder, warnings);
  return TRUE;
}

/* The vocabulary of tokenizer.json as the lines of a vocab.txt. */
static GBytes *
vocabulary_from_json (yyjson_val  *vocab,
                      const char  *folder,
                      GError     **error)
{
  gsize n = yyjson_obj_size (vocab);
  g_autofree const char **tokens = g_new0 (const char *, n + 1);
  yyjson_obj_iter iter = yyjson_obj_iter_with (vocab);
  GString *lines = g_string_new (NULL);
  yyjson_val *key;

  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *id = yyjson_obj_iter_get_val (key);
      const char *token = yyjson_get_str (key);

      if (!yyjson_is_uint (id) || yyjson_get_uint (id) >= n || tokens[yyjson_get_uint (id)] != NULL
          || strlen (token) != yyjson_get_len (key) || strchr (token, '\n') != NULL)
        {
          g_string_free (lines, TRUE);
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("The ids of the vocabulary in “%s/tokenizer.json” do not run from 0 "
                         "upwards, each once"),
                       folder);
          return NULL;
        }
      tokens[yyjson_get_uint (id)] = token;
    }

  for (gsize i = 0; i < n; i++)
    {
      g_string_append (lines, tokens[i]);
      g_string_append_c (lines, '\n');
    }

  return g_string_free_to_bytes (lines);
}

/* White space at the end of a line of vocab.txt does not count, as in the reference. */
static gboolean
is_same_token (const char *line,
               const char *token)
{
  gsize length = strlen (line);

  if (strncmp (line, token, length) != 0)
    return FALSE;
  for (const char *c = token + length; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isspace (g_utf8_get_char (c)))
      return FALSE;

  return TRUE;
}

static gboolean
has_vocabulary (AttuneTokenizer *tokenizer,
                yyjson_val      *vocab)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (vocab);
  guint n = attune_tokenizer_get_n_tokens (tokenizer);
  yyjson_val *key;

  if (yyjson_obj_size (vocab) != n)
    return FALSE;
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      guint64 id = yyjson_get_uint (yyjson_obj_iter_get_val (key));

      if (id >= n || !is_same_token (attune_tokenizer_get_token (tokenizer, id),
                                     yyjson_get_str (key)))
        return FALSE;
    }

  return TRUE;
}

/* In the vocabulary or not; if it is, as an added token like BERT's. */
static gboolean
is_plain_special (const AttuneTokenizerJson *json,
                  const char                *content,
                  guint                     *n_found)
{
  const AttuneBytes bytes = { content, strlen (content) };
  const gint32 id = attune_tokenizer_json_lookup ((AttuneTokenizerJson *) json, bytes);

  for (guint i = 0; i < json->spec.n_added_tokens; i++)
    {
      const AttuneAddedToken *token = &json->spec.added_tokens[i];

      if (token->content.length != bytes.length
          || memcmp (token->content.bytes, content, bytes.length) != 0)
        continue;
      (*n_found)++;
      return token->id == id && !token->single_word && !token->lstrip && !token->rstrip
             && !token->normalized;
    }

  return id < 0;
}

static gboolean
is_plain_template (AttuneTokenizerJson *json)
{
  const AttuneTemplate *single = &json->spec.single, *pair = &json->spec.pair;
  const gint32 cls = attune_tokenizer_json_lookup (json, (AttuneBytes) { "[CLS]", 5 });
  const gint32 sep = attune_tokenizer_json_lookup (json, (AttuneBytes) { "[SEP]", 5 });

  return single->n_before == 1 && single->before[0] == cls && single->before_types[0] == 0
         && single->n_after == 1 && single->after[0] == sep && single->after_types[0] == 0
         && single->first_type == 0
         && pair->n_before == 1 && pair->before[0] == cls && pair->before_types[0] == 0
         && pair->n_between == 1 && pair->between[0] == sep && pair->between_types[0] == 0
         && pair->n_after == 1 && pair->after[0] == sep && pair->after_types[0] == 1
         && pair->first_type == 0 && pair->second_type == 1;
}

/* Each id has a token that a line of vocab.txt can hold. */
static gboolean
has_plain_tokens (const AttuneTokenizerJson *json)
{
  for (guint i = 0; i < json->spec.n_tokens; i++)
    {
      const AttuneBytes token = json->tokens[i];

      if (token.length == 0 || memchr (token.bytes, '\0', token.length) != NULL
          || memchr (token.bytes, '\n', token.length) != NULL
          || g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (token.bytes + token.length))))
        return FALSE;
    }

  return TRUE;
}

/**
 * attune_tokenizer_bert_files_suffice:
 *
 * Returns: whether @root, read as @json, says no more than a vocab.txt and three switches could
 */
gboolean
attune_tokenizer_bert_files_suffice (AttuneTokenizerJson *json,
                                     yyjson_val          *root)
{
  static const char *const specials[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
  yyjson_val *normalizer = yyjson_obj_get (root, "normalizer");
  yyjson_val *pre_tokenizer = yyjson_obj_get (root, "pre_tokenizer");
  const AttuneTokenizerSpec *spec = &json->spec;
  guint n_found = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (specials); i++)
    if (!is_plain_special (json, specials[i], &n_found))
      return FALSE;

  return n_found == spec->n_added_tokens && spec->model == ATTUNE_MODEL_WORDPIECE
         && spec->max_characters == 100 && spec->prefix.length == 2
         && memcmp (spec->prefix.bytes, "##", 2) == 0
         && spec->unknown_id >= 0
         && spec->unknown_id == attune_tokenizer_json_lookup (json, (AttuneBytes) { "[UNK]", 5 })
         && attune_tokenizer_json_lookup (json, (AttuneBytes) { "[PAD]", 5 }) >= 0
         && yyjson_equals_str (yyjson_obj_get (normalizer, "type"), "BertNormalizer")
         && yyjson_equals_str (yyjson_obj_get (pre_tokenizer, "type"), "BertPreTokenizer")
         && attune_json_get_bool (normalizer, "clean_text", TRUE)
         && !spec->trim_offsets && is_plain_template (json) && has_plain_tokens (json);
}

/**
 * attune_tokenizer_bert_files_load:
 * @vocabulary: (nullable): of vocab.txt
 * @root: (nullable): of a tokenizer.json that attune_tokenizer_bert_files_suffice(); one of the two
 *   is needed
 * @config: (nullable): of tokenizer_config.json
 * @warnings: (element-type utf8): gets a sentence for each contradiction
 */
AttuneTokenizer *
attune_tokenizer_bert_files_load (GBytes      *vocabulary,
                                  yyjson_val  *root,
                                  yyjson_val  *config,
                                  const char  *folder,
                                  GPtrArray   *warnings,
                                  GError     **error)
{
  g_autofree char *vocab_name = g_build_filename (folder, "vocab.txt", NULL);
  g_autofree char *json_name = g_build_filename (folder, "tokenizer.json", NULL);
  yyjson_val *vocab = yyjson_obj_get (yyjson_obj_get (root, "model"), "vocab");
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GBytes) of_json = NULL;
  AttuneTokenizerOptions options;

  if (!read_options (root, config, folder, &options, warnings, error))
    return NULL;

  if (vocabulary != NULL)
    {
      /* Also what is no vocabulary at all is only another one than that of tokenizer.json. */
      tokenizer = attune_tokenizer_new_wordpiece (vocabulary, vocab_name, &options,
                                                  vocab != NULL ? NULL : error);
      if (vocab == NULL || (tokenizer != NULL && has_vocabulary (tokenizer, vocab)))
        return g_steal_pointer (&tokenizer);

      g_ptr_array_add (warnings,
                       g_strdup_printf (_("In “%s”, vocab.txt is not the vocabulary of "
                                          "tokenizer.json; tokenizer.json is followed"),
                                        folder));
    }

  of_json = vocabulary_from_json (vocab, folder, error);
  if (of_json == NULL)
    return NULL;

  return attune_tokenizer_new_wordpiece (of_json, json_name, &options, error);
}
