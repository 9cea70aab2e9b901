/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer out of the files of a HF folder. vocab.txt is the vocabulary and
 * tokenizer_config.json the options, but where tokenizer.json is present and says otherwise it
 * wins, because transformers would follow it; each such contradiction is a warning. What a
 * tokenizer.json asks for that WordPiece here does not do is refused. Any thread.
 */
#include "config.h"

#include "attune-tokenizer-files.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"
#include "attune-safetensors.h"

/* Far above any vocabulary in use (a quarter of a million pieces take 17 MB). */
#define MAX_FILE_LENGTH (64u << 20)

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

static gboolean
unsupported (GError     **error,
             const char  *folder,
             const char  *file,
             const char  *what)
{
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
               _("“%s/%s” asks for a tokenizer that Attune does not know: %s"), folder, file, what);
  return FALSE;
}

/* Checks one string of tokenizer.json; absent is as good as expected. */
static gboolean
expect (yyjson_val  *object,
        const char  *key,
        const char  *expected,
        const char  *folder,
        GError     **error)
{
  yyjson_val *value = yyjson_obj_get (object, key);
  g_autofree char *what = NULL;

  if (value == NULL || yyjson_equals_str (value, expected))
    return TRUE;

  what = g_strdup_printf (_("%s is “%.40s”, not “%s”"), key,
                          yyjson_is_str (value) ? yyjson_get_str (value) : "null", expected);
  return unsupported (error, folder, "tokenizer.json", what);
}

/* The parts of tokenizer.json that decide ids. */
static gboolean
check_tokenizer_json (yyjson_val  *root,
                      const char  *folder,
                      GPtrArray   *warnings,
                      GError     **error)
{
  yyjson_val *model = yyjson_obj_get (root, "model");
  yyjson_val *normalizer = yyjson_obj_get (root, "normalizer");
  yyjson_val *pre_tokenizer = yyjson_obj_get (root, "pre_tokenizer");
  yyjson_val *longest = yyjson_obj_get (model, "max_input_chars_per_word");
  yyjson_arr_iter iter = yyjson_arr_iter_with (yyjson_obj_get (root, "added_tokens"));
  yyjson_val *token;

  if (!yyjson_is_obj (yyjson_obj_get (model, "vocab")))
    return unsupported (error, folder, "tokenizer.json", _("it has no vocabulary"));
  if (!yyjson_is_obj (normalizer) || !yyjson_is_obj (pre_tokenizer))
    return unsupported (error, folder, "tokenizer.json", _("it has no normalizer"));
  if (!expect (model, "type", "WordPiece", folder, error)
      || !expect (model, "unk_token", "[UNK]", folder, error)
      || !expect (model, "continuing_subword_prefix", "##", folder, error)
      || !expect (normalizer, "type", "BertNormalizer", folder, error)
      || !expect (pre_tokenizer, "type", "BertPreTokenizer", folder, error))
    return FALSE;
  if (yyjson_is_false (yyjson_obj_get (normalizer, "clean_text")))
    return unsupported (error, folder, "tokenizer.json", _("it leaves control characters in"));
  if (longest != NULL && yyjson_get_uint (longest) != 100)
    return unsupported (error, folder, "tokenizer.json", _("its words are not cut at 100"));

  while ((token = yyjson_arr_iter_next (&iter)) != NULL)
    {
      const char *content = yyjson_get_str (yyjson_obj_get (token, "content"));
      static const char *const known[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", NULL };

      if (content != NULL && !g_strv_contains (known, content))
        {
          g_ptr_array_add (warnings,
                           g_strdup_printf (_("“%s/tokenizer.json” adds the token “%.40s”, which "
                                              "is read as ordinary text here"),
                                            folder, content));
          break;
        }
    }

  return TRUE;
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
    return unsupported (error, folder, "tokenizer_config.json", class);

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

static yyjson_doc *
parse_named (GBytes      *bytes,
             const char  *folder,
             const char  *file,
             GError     **error)
{
  g_autofree char *name = g_build_filename (folder, file, NULL);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return attune_json_parse_object (data, length, name, error);
}

/**
 * attune_tokenizer_files_load_bytes:
 * @vocabulary: (nullable): of vocab.txt
 * @tokenizer_json: (nullable): of tokenizer.json; one of the two is needed
 * @tokenizer_config: (nullable): of tokenizer_config.json
 * @folder: where they came from, for errors
 * @warnings: (element-type utf8): gets a sentence for each contradiction
 *
 * Returns: (transfer full) (nullable): MISSING, UNSUPPORTED, FORMAT or the tokenizer's own errors
 */
AttuneTokenizer *
attune_tokenizer_files_load_bytes (GBytes      *vocabulary,
                                   GBytes      *tokenizer_json,
                                   GBytes      *tokenizer_config,
                                   const char  *folder,
                                   GPtrArray   *warnings,
                                   GError     **error)
{
  g_autofree char *vocab_name = g_build_filename (folder, "vocab.txt", NULL);
  g_autofree char *json_name = g_build_filename (folder, "tokenizer.json", NULL);
  g_autoptr (yyjson_doc) tokenizer_doc = NULL;
  g_autoptr (yyjson_doc) config_doc = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GBytes) of_json = NULL;
  AttuneTokenizerOptions options;
  yyjson_val *root, *vocab;

  if (tokenizer_json != NULL)
    {
      tokenizer_doc = parse_named (tokenizer_json, folder, "tokenizer.json", error);
      if (tokenizer_doc == NULL
          || !check_tokenizer_json (yyjson_doc_get_root (tokenizer_doc), folder, warnings, error))
        return NULL;
    }
  if (tokenizer_config != NULL)
    {
      config_doc = parse_named (tokenizer_config, folder, "tokenizer_config.json", error);
      if (config_doc == NULL)
        return NULL;
    }

  root = tokenizer_doc != NULL ? yyjson_doc_get_root (tokenizer_doc) : NULL;
  if (!read_options (root, config_doc != NULL ? yyjson_doc_get_root (config_doc) : NULL, folder,
                     &options, warnings, error))
    return NULL;

  vocab = yyjson_obj_get (yyjson_obj_get (root, "model"), "vocab");
  if (vocabulary != NULL)
    {
      tokenizer = attune_tokenizer_new_wordpiece (vocabulary, vocab_name, &options, error);
      if (tokenizer == NULL || vocab == NULL || has_vocabulary (tokenizer, vocab))
        return g_steal_pointer (&tokenizer);

      g_ptr_array_add (warnings,
                       g_strdup_printf (_("In “%s”, vocab.txt is not the vocabulary of "
                                          "tokenizer.json; tokenizer.json is followed"),
                                        folder));
    }
  if (vocab == NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                   _("“%s” has neither vocab.txt nor tokenizer.json, so text cannot be turned into "
                     "tokens"),
                   folder);
      return NULL;
    }

  of_json = vocabulary_from_json (vocab, folder, error);
  if (of_json == NULL)
    return NULL;

  return attune_tokenizer_new_wordpiece (of_json, json_name, &options, error);
}

/* *bytes stays NULL when there is no such file. */
static gboolean
load_nullable (const char  *folder,
               const char  *file,
               GBytes     **bytes,
               GError     **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) local = NULL;

  *bytes = attune_json_load_file (path, MAX_FILE_LENGTH, &local);
  if (*bytes == NULL && !g_error_matches (local, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  return TRUE;
}

/**
 * attune_tokenizer_files_load:
 * @warnings: (element-type utf8): gets a sentence for each contradiction
 *
 * Returns: (transfer full) (nullable): as attune_tokenizer_files_load_bytes(), from a folder
 */
AttuneTokenizer *
attune_tokenizer_files_load (const char  *folder,
                             GPtrArray   *warnings,
                             GError     **error)
{
  g_autoptr (GBytes) vocabulary = NULL;
  g_autoptr (GBytes) tokenizer_json = NULL;
  g_autoptr (GBytes) tokenizer_config = NULL;

  if (!load_nullable (folder, "vocab.txt", &vocabulary, error)
      || !load_nullable (folder, "tokenizer.json", &tokenizer_json, error)
      || !load_nullable (folder, "tokenizer_config.json", &tokenizer_config, error))
    return NULL;

  return attune_tokenizer_files_load_bytes (vocabulary, tokenizer_json, tokenizer_config, folder,
                                            warnings, error);
}
