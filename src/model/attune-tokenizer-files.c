/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer out of the files of a HF folder. tokenizer.json is the truth where it is present;
 * without it vocab.txt makes BERT's and vocab.json with merges.txt RoBERTa's. What most BERTs say
 * takes the fast way (attune-tokenizer-bert-files.c), everything else the general one. Any thread.
 */
#include "config.h"

#include "attune-tokenizer-files.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"
#include "attune-safetensors.h"
#include "attune-tokenizer-bert-files.h"
#include "attune-tokenizer-config.h"
#include "attune-tokenizer-json.h"
#include "attune-tokenizer-merges.h"

/* Far above any vocabulary in use (a quarter of a million pieces take 17 MB). */
#define MAX_FILE_LENGTH (64u << 20)
#define MAX_SENSIBLE_LENGTH 1000000

/* The documents of a folder while a tokenizer is made of them; each may be NULL. */
typedef struct {
  yyjson_doc *tokenizer, *config, *map;
} Documents;

static void
documents_clear (Documents *self)
{
  g_clear_pointer (&self->tokenizer, yyjson_doc_free);
  g_clear_pointer (&self->config, yyjson_doc_free);
  g_clear_pointer (&self->map, yyjson_doc_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Documents, documents_clear)

/* *document stays NULL where there are no bytes. */
static gboolean
parse_nullable (GBytes      *bytes,
                const char  *folder,
                const char  *file,
                yyjson_doc **document,
                GError     **error)
{
  g_autofree char *name = g_build_filename (folder, file, NULL);
  const char *data;
  gsize length;

  if (bytes == NULL)
    return TRUE;
  data = g_bytes_get_data (bytes, &length);
  *document = attune_json_parse_object (data, length, name, error);

  return *document != NULL;
}

static yyjson_val *
root_of (yyjson_doc *document)
{
  return document != NULL ? yyjson_doc_get_root (document) : NULL;
}

/* tokenizer.json with truncation and padding switched off, as it is to be written. */
static GBytes *
create_source (GBytes      *bytes,
               yyjson_val  *root,
               GError     **error)
{
  static const char *const switched_off[] = { "truncation", "padding" };
  g_autoptr (yyjson_mut_doc) document = NULL;
  yyjson_mut_val *copy;
  char *text;
  gsize length;

  if (!yyjson_is_obj (yyjson_obj_get (root, "truncation"))
      && !yyjson_is_obj (yyjson_obj_get (root, "padding")))
    return g_bytes_ref (bytes);

  document = yyjson_mut_doc_new (NULL);
  copy = yyjson_val_mut_copy (document, root);
  yyjson_mut_doc_set_root (document, copy);
  for (gsize i = 0; i < G_N_ELEMENTS (switched_off); i++)
    yyjson_mut_obj_replace (copy, yyjson_mut_str (document, switched_off[i]),
                            yyjson_mut_null (document));
  text = attune_json_write (document, &length, error);

  return text != NULL ? g_bytes_new_take (text, length) : NULL;
}

static void
warn_about (const char *key,
            const char *folder,
            GPtrArray  *warnings)
{
  g_ptr_array_add (warnings,
                   g_strdup_printf (_("In “%s”, tokenizer.json and tokenizer_config.json "
                                      "contradict each other on “%s”; tokenizer.json is "
                                      "followed"),
                                    folder, key));
}

/* Whether a switch says otherwise; one that says nothing does not. */
static gboolean
contradicts (yyjson_val *config,
             const char *key,
             gboolean    value)
{
  yyjson_val *said = yyjson_obj_get (config, key);

  return yyjson_is_bool (said) && yyjson_get_bool (said) != value;
}

/* Whether a special token that is named there is another one than that of the template. */
static gboolean
names_other (AttuneTokenizer *tokenizer,
             yyjson_val      *config,
             const char      *key,
             gint32           id)
{
  const AttuneBytes token = attune_tokenizer_config_get_token (config, key);

  return token.bytes != NULL && attune_tokenizer_lookup (tokenizer, token.bytes) != id;
}

/* What tokenizer_config.json says of the same things as tokenizer.json. */
static void
warn_about_config (AttuneTokenizer           *tokenizer,
                   const AttuneTokenizerSpec *spec,
                   yyjson_val                *config,
                   const char                *folder,
                   GPtrArray                 *warnings)
{
  const AttunePreTokenizerSpec *last =
    spec->n_pre_tokenizers > 0 ? &spec->pre_tokenizers[spec->n_pre_tokenizers - 1] : NULL;

  if (contradicts (config, "do_lower_case", attune_tokenizer_get_options (tokenizer)->lowercase))
    warn_about ("do_lower_case", folder, warnings);
  if (last != NULL && last->kind == ATTUNE_PRE_TOKENIZER_BYTE_LEVEL
      && contradicts (config, "add_prefix_space", last->prepend == ATTUNE_PREPEND_ALWAYS))
    warn_about ("add_prefix_space", folder, warnings);
  if (names_other (tokenizer, config, "cls_token", spec->single.before[0]))
    warn_about ("cls_token", folder, warnings);
  if (names_other (tokenizer, config, "sep_token", spec->single.after[0]))
    warn_about ("sep_token", folder, warnings);
}

/* Whether tokenizer_config.json lists an added token that tokenizer.json lacks or treats otherwise.
 * Other programs add those. */
static gboolean
adds_others (const AttuneTokenizerSpec *spec,
             yyjson_val                *config)
{
  g_autoptr (GHashTable) tokens = g_hash_table_new (attune_tokenizer_json_hash,
                                                    attune_tokenizer_json_equal);
  yyjson_obj_iter iter = yyjson_obj_iter_with (yyjson_obj_get (config, "added_tokens_decoder"));
  yyjson_val *key;

  for (guint i = 0; i < spec->n_added_tokens; i++)
    g_hash_table_insert (tokens, (gpointer) &spec->added_tokens[i].content,
                         (gpointer) &spec->added_tokens[i]);
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *entry = yyjson_obj_iter_get_val (key);
      const AttuneBytes content = attune_json_get_bytes (entry, "content");
      const AttuneAddedToken *token = g_hash_table_lookup (tokens, &content);

      if (content.length > 0
          && (token == NULL || contradicts (entry, "lstrip", token->lstrip)
              || contradicts (entry, "rstrip", token->rstrip)
              || contradicts (entry, "single_word", token->single_word)
              || contradicts (entry, "normalized", token->normalized)))
        return TRUE;
    }

  return FALSE;
}

static AttuneTokenizer *
load_json (AttuneTokenizerJson  *json,
           GBytes               *bytes,
           const Documents      *documents,
           const char           *class,
           const char           *folder,
           const char           *source_name,
           GPtrArray            *warnings,
           GError              **error)
{
  g_autoptr (GBytes) source = create_source (bytes, root_of (documents->tokenizer), error);
  const AttuneTemplate *single = &json->spec.single, *pair = &json->spec.pair;
  g_autoptr (GBytes) config = NULL;
  AttuneTokenizer *tokenizer;

  if (source == NULL)
    return NULL;
  if (single->n_before != 1 || single->n_after != 1 || pair->n_before != 1 || pair->n_after != 1)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” puts %u special tokens before a text and %u after it, but a classifier "
                     "reads one on each side; choose the model of an encoder"),
                   source_name, single->n_before, single->n_after);
      return NULL;
    }
  config = attune_tokenizer_config_create (root_of (documents->config), root_of (documents->map),
                                           json, class, error);
  if (config == NULL)
    return NULL;

  json->spec.source = source;
  json->spec.config = config;
  tokenizer = attune_tokenizer_new_from_spec (&json->spec, source_name, error);
  if (tokenizer != NULL)
    warn_about_config (tokenizer, &json->spec, root_of (documents->config), folder, warnings);

  return tokenizer;
}

static AttuneTokenizer *
load_without_json (const AttuneTokenizerFiles *files,
                   Documents                  *documents,
                   const char                 *folder,
                   GPtrArray                  *warnings,
                   GError                    **error)
{
  g_autofree char *name = g_build_filename (folder, "vocab.json", NULL);
  g_autoptr (AttuneTokenizerJson) json = NULL;
  g_autoptr (GBytes) made = NULL;

  if (files->vocab_txt != NULL)
    return attune_tokenizer_bert_files_load (files->vocab_txt, NULL, root_of (documents->config),
                                             folder, warnings, error);
  if (files->vocab_json == NULL || files->merges == NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                   _("“%s” has neither tokenizer.json nor vocab.txt nor vocab.json with "
                     "merges.txt, so text cannot be turned into tokens"),
                   folder);
      return NULL;
    }

  made = attune_tokenizer_merges_to_json (files->vocab_json, files->merges,
                                          root_of (documents->config), folder, error);
  if (made == NULL || !parse_nullable (made, folder, "vocab.json", &documents->tokenizer, error))
    return NULL;
  json = attune_tokenizer_json_read (root_of (documents->tokenizer), name, warnings, error);

  return json != NULL
           ? load_json (json, made, documents, "RobertaTokenizer", folder, name, warnings, error)
           : NULL;
}

/**
 * attune_tokenizer_files_load_bytes:
 * @files: what there is; tokenizer.json is enough, or vocab.txt, or vocab.json with merges.txt
 * @folder: where they came from, for errors
 * @warnings: (element-type utf8): gets a sentence for each contradiction
 *
 * Returns: (transfer full) (nullable): MISSING, UNSUPPORTED, FORMAT or the tokenizer's own errors
 */
AttuneTokenizer *
attune_tokenizer_files_load_bytes (const AttuneTokenizerFiles  *files,
                                   const char                  *folder,
                                   GPtrArray                   *warnings,
                                   GError                     **error)
{
  g_autofree char *name = g_build_filename (folder, "tokenizer.json", NULL);
  g_auto (Documents) documents = { NULL };
  g_autoptr (AttuneTokenizerJson) json = NULL;

  if (!parse_nullable (files->tokenizer_json, folder, "tokenizer.json", &documents.tokenizer, error)
      || !parse_nullable (files->tokenizer_config, folder, "tokenizer_config.json",
                          &documents.config, error)
      || !parse_nullable (files->special_tokens_map, folder, "special_tokens_map.json",
                          &documents.map, error))
    return NULL;
  if (documents.tokenizer == NULL)
    return load_without_json (files, &documents, folder, warnings, error);

  json = attune_tokenizer_json_read (root_of (documents.tokenizer), name, warnings, error);
  if (json == NULL)
    return NULL;
  if (adds_others (&json->spec, root_of (documents.config)))
    warn_about ("added_tokens_decoder", folder, warnings);
  if (attune_tokenizer_bert_files_suffice (json, root_of (documents.tokenizer)))
    return attune_tokenizer_bert_files_load (files->vocab_txt, root_of (documents.tokenizer),
                                             root_of (documents.config), folder, warnings, error);

  return load_json (json, files->tokenizer_json, &documents, "PreTrainedTokenizerFast", folder, name,
                    warnings, error);
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

static void
files_clear (AttuneTokenizerFiles *self)
{
  g_clear_pointer (&self->tokenizer_json, g_bytes_unref);
  g_clear_pointer (&self->vocab_txt, g_bytes_unref);
  g_clear_pointer (&self->vocab_json, g_bytes_unref);
  g_clear_pointer (&self->merges, g_bytes_unref);
  g_clear_pointer (&self->tokenizer_config, g_bytes_unref);
  g_clear_pointer (&self->special_tokens_map, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneTokenizerFiles, files_clear)

/* SentencePiece's own file is a program's dump; whoever has it can have tokenizer.json, too. */
static gboolean
refuse_sentencepiece (const char  *folder,
                      GError     **error)
{
  static const char *const names[] = { "sentencepiece.bpe.model", "spiece.model",
                                       "tokenizer.model" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                   _("“%s” has its tokenizer only as %s; put the tokenizer.json of the same model "
                     "beside it"),
                   folder, names[i]);
      return TRUE;
    }

  return FALSE;
}

/* What tokenizer_config.json says of lengths. Two positions more are RoBERTa's, which it does not
 * use; numbers beyond all sense stand for none. */
static void
warn_about_length (GBytes     *config,
                   guint       positions,
                   const char *folder,
                   GPtrArray  *warnings)
{
  g_autoptr (yyjson_doc) document = NULL;
  yyjson_val *value;
  guint64 length;

  if (config == NULL || positions == 0
      || !parse_nullable (config, folder, "tokenizer_config.json", &document, NULL))
    return;
  value = yyjson_obj_get (root_of (document), "model_max_length");
  length = yyjson_is_uint (value) ? yyjson_get_uint (value) : 0;
  if (length == 0 || length > MAX_SENSIBLE_LENGTH || (length <= positions && length + 2 >= positions))
    return;
  g_ptr_array_add (warnings,
                   g_strdup_printf (_("In “%s”, tokenizer_config.json speaks of %u tokens at most "
                                      "and config.json of %u; config.json is followed"),
                                    folder, (guint) length, positions));
}

/**
 * attune_tokenizer_files_load:
 * @positions: how many tokens the model has places for, 0 if that is not known
 * @warnings: (element-type utf8): gets a sentence for each contradiction
 *
 * Returns: (transfer full) (nullable): as attune_tokenizer_files_load_bytes(), from a folder
 */
AttuneTokenizer *
attune_tokenizer_files_load (const char  *folder,
                             guint        positions,
                             GPtrArray   *warnings,
                             GError     **error)
{
  g_auto (AttuneTokenizerFiles) files = { NULL };
  AttuneTokenizer *tokenizer;

  if (!load_nullable (folder, "tokenizer.json", &files.tokenizer_json, error)
      || !load_nullable (folder, "vocab.txt", &files.vocab_txt, error)
      || !load_nullable (folder, "vocab.json", &files.vocab_json, error)
      || !load_nullable (folder, "merges.txt", &files.merges, error)
      || !load_nullable (folder, "tokenizer_config.json", &files.tokenizer_config, error)
      || !load_nullable (folder, "special_tokens_map.json", &files.special_tokens_map, error))
    return NULL;
  if (files.tokenizer_json == NULL && files.vocab_txt == NULL && files.vocab_json == NULL
      && refuse_sentencepiece (folder, error))
    return NULL;

  tokenizer = attune_tokenizer_files_load_bytes (&files, folder, warnings, error);
  if (tokenizer != NULL)
    warn_about_length (files.tokenizer_config, positions, folder, warnings);

  return tokenizer;
}

/**
 * attune_tokenizer_files_load_merges:
 * @vocab: path of a vocab.json
 * @merges: path of a merges.txt
 *
 * Returns: (transfer full) (nullable): RoBERTa's tokenizer out of these two
 */
AttuneTokenizer *
attune_tokenizer_files_load_merges (const char  *vocab,
                                    const char  *merges,
                                    GError     **error)
{
  g_auto (AttuneTokenizerFiles) files = { NULL };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_path_get_dirname (vocab);

  files.vocab_json = attune_json_load_file (vocab, MAX_FILE_LENGTH, error);
  if (files.vocab_json == NULL)
    return NULL;
  files.merges = attune_json_load_file (merges, MAX_FILE_LENGTH, error);
  if (files.merges == NULL)
    return NULL;

  return attune_tokenizer_files_load_bytes (&files, folder, warnings, error);
}
