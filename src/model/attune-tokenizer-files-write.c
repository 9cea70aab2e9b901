/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer's files for a HF folder, so that transformers' AutoTokenizer makes the same ids: of
 * a vocab.txt all that BertTokenizerFast would save, otherwise the tokenizer.json that was read;
 * with neither truncation nor padding switched on. Any thread but the main one.
 */
#include "config.h"

#include "attune-tokenizer-files.h"

#include <string.h>

#include "attune-durable.h"
#include "attune-json.h"
#include "attune-tokenizer-config.h"
#include "attune-tokenizer-merges.h"

static const struct {
  const char *key;
  const char *token;
} special_tokens[] = {
  { "pad_token", "[PAD]" }, { "unk_token", "[UNK]" },   { "cls_token", "[CLS]" },
  { "sep_token", "[SEP]" }, { "mask_token", "[MASK]" },
};

/* null, true or false, as transformers writes strip_accents. */
static void
add_strip_accents (yyjson_mut_doc     *document,
                   yyjson_mut_val     *object,
                   AttuneStripAccents  strip)
{
  if (strip == ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE)
    yyjson_mut_obj_add_null (document, object, "strip_accents");
  else
    yyjson_mut_obj_add_bool (document, object, "strip_accents", strip == ATTUNE_STRIP_ACCENTS_YES);
}

static void
add_added_tokens (yyjson_mut_doc  *document,
                  yyjson_mut_val  *root,
                  AttuneTokenizer *tokenizer)
{
  yyjson_mut_val *array = yyjson_mut_obj_add_arr (document, root, "added_tokens");

  for (guint i = 0; i < G_N_ELEMENTS (special_tokens); i++)
    {
      gint32 id = attune_tokenizer_lookup (tokenizer, special_tokens[i].token);
      yyjson_mut_val *token;

      if (id < 0)
        continue;
      token = yyjson_mut_arr_add_obj (document, array);
      yyjson_mut_obj_add_int (document, token, "id", id);
      yyjson_mut_obj_add_str (document, token, "content", special_tokens[i].token);
      yyjson_mut_obj_add_bool (document, token, "single_word", false);
      yyjson_mut_obj_add_bool (document, token, "lstrip", false);
      yyjson_mut_obj_add_bool (document, token, "rstrip", false);
      yyjson_mut_obj_add_bool (document, token, "normalized", false);
      yyjson_mut_obj_add_bool (document, token, "special", true);
    }
}

static void
add_piece (yyjson_mut_doc *document,
           yyjson_mut_val *array,
           const char     *kind,
           const char     *id,
           int             type_id)
{
  yyjson_mut_val *piece = yyjson_mut_arr_add_obj (document, array);
  yyjson_mut_val *inner = yyjson_mut_obj_add_obj (document, piece, kind);

  yyjson_mut_obj_add_str (document, inner, "id", id);
  yyjson_mut_obj_add_int (document, inner, "type_id", type_id);
}

/* [CLS] A [SEP] and [CLS] A [SEP] B [SEP] with type ids 0 and 1. */
static void
add_post_processor (yyjson_mut_doc  *document,
                    yyjson_mut_val  *root,
                    AttuneTokenizer *tokenizer)
{
  static const char *const used[] = { "[CLS]", "[SEP]" };
  yyjson_mut_val *object = yyjson_mut_obj_add_obj (document, root, "post_processor");
  yyjson_mut_val *pieces, *specials;

  yyjson_mut_obj_add_str (document, object, "type", "TemplateProcessing");
  pieces = yyjson_mut_obj_add_arr (document, object, "single");
  add_piece (document, pieces, "SpecialToken", "[CLS]", 0);
  add_piece (document, pieces, "Sequence", "A", 0);
  add_piece (document, pieces, "SpecialToken", "[SEP]", 0);
  pieces = yyjson_mut_obj_add_arr (document, object, "pair");
  add_piece (document, pieces, "SpecialToken", "[CLS]", 0);
  add_piece (document, pieces, "Sequence", "A", 0);
  add_piece (document, pieces, "SpecialToken", "[SEP]", 0);
  add_piece (document, pieces, "Sequence", "B", 1);
  add_piece (document, pieces, "SpecialToken", "[SEP]", 1);

  specials = yyjson_mut_obj_add_obj (document, object, "special_tokens");
  for (guint i = 0; i < G_N_ELEMENTS (used); i++)
    {
      yyjson_mut_val *token = yyjson_mut_obj_add_obj (document, specials, used[i]);
      yyjson_mut_val *list;

      yyjson_mut_obj_add_str (document, token, "id", used[i]);
      list = yyjson_mut_obj_add_arr (document, token, "ids");
      yyjson_mut_arr_add_int (document, list, attune_tokenizer_lookup (tokenizer, used[i]));
      list = yyjson_mut_obj_add_arr (document, token, "tokens");
      yyjson_mut_arr_add_str (document, list, used[i]);
    }
}

static void
add_model (yyjson_mut_doc  *document,
           yyjson_mut_val  *root,
           AttuneTokenizer *tokenizer)
{
  yyjson_mut_val *model = yyjson_mut_obj_add_obj (document, root, "model");
  guint n = attune_tokenizer_get_n_tokens (tokenizer);
  yyjson_mut_val *vocab;

  yyjson_mut_obj_add_str (document, model, "type", "WordPiece");
  yyjson_mut_obj_add_str (document, model, "unk_token", "[UNK]");
  yyjson_mut_obj_add_str (document, model, "continuing_subword_prefix", "##");
  yyjson_mut_obj_add_uint (document, model, "max_input_chars_per_word", 100);
  vocab = yyjson_mut_obj_add_obj (document, model, "vocab");

  for (guint id = 0; id < n; id++)
    {
      const char *token = attune_tokenizer_get_token (tokenizer, id);

      /* Of a token that stands twice in vocab.txt one id counts. */
      if (attune_tokenizer_lookup (tokenizer, token) == (gint32) id)
        yyjson_mut_obj_add_uint (document, vocab, token, id);
    }
}

static gboolean
write_tokenizer_json (const char       *folder,
                      AttuneTokenizer  *tokenizer,
                      GError          **error)
{
  const AttuneTokenizerOptions *options = attune_tokenizer_get_options (tokenizer);
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (document);
  yyjson_mut_val *object;

  yyjson_mut_doc_set_root (document, root);
  yyjson_mut_obj_add_str (document, root, "version", "1.0");
  yyjson_mut_obj_add_null (document, root, "truncation");
  yyjson_mut_obj_add_null (document, root, "padding");
  add_added_tokens (document, root, tokenizer);

  object = yyjson_mut_obj_add_obj (document, root, "normalizer");
  yyjson_mut_obj_add_str (document, object, "type", "BertNormalizer");
  yyjson_mut_obj_add_bool (document, object, "clean_text", true);
  yyjson_mut_obj_add_bool (document, object, "handle_chinese_chars",
                           options->tokenize_chinese_chars);
  add_strip_accents (document, object, options->strip_accents);
  yyjson_mut_obj_add_bool (document, object, "lowercase", options->lowercase);

  object = yyjson_mut_obj_add_obj (document, root, "pre_tokenizer");
  yyjson_mut_obj_add_str (document, object, "type", "BertPreTokenizer");
  add_post_processor (document, root, tokenizer);

  object = yyjson_mut_obj_add_obj (document, root, "decoder");
  yyjson_mut_obj_add_str (document, object, "type", "WordPiece");
  yyjson_mut_obj_add_str (document, object, "prefix", "##");
  yyjson_mut_obj_add_bool (document, object, "cleanup", true);
  add_model (document, root, tokenizer);

  return attune_json_save (document, folder, "tokenizer.json", error);
}

static void
add_special_tokens (yyjson_mut_doc *document,
                    yyjson_mut_val *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (special_tokens); i++)
    yyjson_mut_obj_add_str (document, object, special_tokens[i].key, special_tokens[i].token);
}

static gboolean
write_tokenizer_config (const char       *folder,
                        AttuneTokenizer  *tokenizer,
                        guint             max_length,
                        GError          **error)
{
  const AttuneTokenizerOptions *options = attune_tokenizer_get_options (tokenizer);
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (document);

  yyjson_mut_doc_set_root (document, root);
  yyjson_mut_obj_add_str (document, root, "tokenizer_class", "BertTokenizer");
  yyjson_mut_obj_add_bool (document, root, "do_lower_case", options->lowercase);
  add_strip_accents (document, root, options->strip_accents);
  yyjson_mut_obj_add_bool (document, root, "tokenize_chinese_chars",
                           options->tokenize_chinese_chars);
  yyjson_mut_obj_add_bool (document, root, "clean_up_tokenization_spaces", true);
  yyjson_mut_obj_add_uint (document, root, "model_max_length", max_length);
  add_special_tokens (document, root);

  return attune_json_save (document, folder, "tokenizer_config.json", error);
}

static gboolean
write_special_tokens_map (const char  *folder,
                          GError     **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (document);

  yyjson_mut_doc_set_root (document, root);
  add_special_tokens (document, root);

  return attune_json_save (document, folder, "special_tokens_map.json", error);
}

static gboolean
write_source (const char       *folder,
              AttuneTokenizer  *tokenizer,
              guint             max_length,
              GError          **error)
{
  g_autofree char *path = g_build_filename (folder, "tokenizer.json", NULL);
  gsize length;
  const void *data = g_bytes_get_data (attune_tokenizer_get_source (tokenizer), &length);

  return attune_durable_write (path, data, length, error)
         && attune_tokenizer_merges_write (folder, tokenizer, error)
         && attune_tokenizer_config_write (folder, tokenizer, max_length, error);
}

/**
 * attune_tokenizer_files_write:
 * @folder: an existing folder
 * @max_length: positions of the model
 *
 * Writes tokenizer.json, tokenizer_config.json, special_tokens_map.json and what else the kind of
 * tokenizer has: vocab.txt, or vocab.json and merges.txt.
 */
gboolean
attune_tokenizer_files_write (const char       *folder,
                              AttuneTokenizer  *tokenizer,
                              guint             max_length,
                              GError          **error)
{
  g_autofree char *path = g_build_filename (folder, "vocab.txt", NULL);
  GBytes *vocabulary = attune_tokenizer_get_vocabulary (tokenizer);
  gsize length;
  const void *data;

  if (vocabulary == NULL)
    return write_source (folder, tokenizer, max_length, error);

  data = g_bytes_get_data (vocabulary, &length);

  return attune_durable_write (path, data, length, error)
         && write_tokenizer_json (folder, tokenizer, error)
         && write_tokenizer_config (folder, tokenizer, max_length, error)
         && write_special_tokens_map (folder, error);
}
