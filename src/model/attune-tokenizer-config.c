/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a tokenizer_config.json said is kept for the day the tokenizer is written again, less what
 * belongs to the folder it came from or would run code. Where there was none, one is made up from
 * the names that special tokens have everywhere. Any thread; writing not on the main one.
 */
#include "config.h"

#include "attune-tokenizer-config.h"

#include <string.h>


const char *const attune_tokenizer_special_keys[] = {
  "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", NULL,
};

static const struct {
  const char *key;
  const char *token;
} usual_tokens[] = {
  { "bos_token", "<s>" },    { "eos_token", "</s>" },  { "unk_token", "<unk>" },
  { "sep_token", "</s>" },   { "pad_token", "<pad>" }, { "cls_token", "<s>" },
  { "mask_token", "<mask>" }, { "unk_token", "[UNK]" }, { "sep_token", "[SEP]" },
  { "pad_token", "[PAD]" },  { "cls_token", "[CLS]" }, { "mask_token", "[MASK]" },
};

/* What is only true of the folder it was read from. */
static const char *const dropped_keys[] = {
  "auto_map", "name_or_path", "_commit_hash", "special_tokens_map_file", "tokenizer_file",
};

/* The text of a special token, which is a string or an object with "content". */
AttuneBytes
attune_tokenizer_config_get_token (yyjson_val *config,
                                   const char *key)
{
  yyjson_val *value = yyjson_obj_get (config, key);

  if (yyjson_is_obj (value))
    return attune_json_get_bytes (value, "content");

  return attune_json_to_bytes (value);
}

static gboolean
is_known (AttuneTokenizerJson *json,
          const char          *token)
{
  const AttuneBytes bytes = { token, strlen (token) };

  if (attune_tokenizer_json_lookup (json, bytes) >= 0)
    return TRUE;
  for (guint i = 0; i < json->spec.n_added_tokens; i++)
    if (json->spec.added_tokens[i].content.length == bytes.length
        && memcmp (json->spec.added_tokens[i].content.bytes, token, bytes.length) == 0)
      return TRUE;

  return FALSE;
}

static void
add_missing (yyjson_mut_doc      *document,
             yyjson_mut_val      *root,
             yyjson_val          *special_tokens_map,
             AttuneTokenizerJson *json,
             const char          *class)
{
  gboolean names_any = FALSE;

  for (guint i = 0; attune_tokenizer_special_keys[i] != NULL; i++)
    {
      const char *key = attune_tokenizer_special_keys[i];
      yyjson_val *value = yyjson_obj_get (special_tokens_map, key);

      if (value != NULL && yyjson_mut_obj_get (root, key) == NULL)
        yyjson_mut_obj_add_val (document, root, key, yyjson_val_mut_copy (document, value));
      names_any = names_any || yyjson_mut_obj_get (root, key) != NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (usual_tokens) && !names_any; i++)
    if (yyjson_mut_obj_get (root, usual_tokens[i].key) == NULL
        && is_known (json, usual_tokens[i].token))
      yyjson_mut_obj_add_str (document, root, usual_tokens[i].key, usual_tokens[i].token);
  if (yyjson_mut_obj_get (root, "tokenizer_class") == NULL)
    yyjson_mut_obj_add_str (document, root, "tokenizer_class", class);
}

/**
 * attune_tokenizer_config_create:
 * @config: (nullable): of tokenizer_config.json
 * @special_tokens_map: (nullable): of special_tokens_map.json
 * @class: its tokenizer_class if @config names none
 *
 * Returns: (transfer full) (nullable): the text of a tokenizer_config.json to be written
 */
GBytes *
attune_tokenizer_config_create (yyjson_val           *config,
                                yyjson_val           *special_tokens_map,
                                AttuneTokenizerJson  *json,
                                const char           *class,
                                GError              **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root;
  char *text;
  gsize length;

  root = config != NULL ? yyjson_val_mut_copy (document, config) : yyjson_mut_obj (document);
  yyjson_mut_doc_set_root (document, root);
  for (gsize i = 0; i < G_N_ELEMENTS (dropped_keys); i++)
    yyjson_mut_obj_remove_key (root, dropped_keys[i]);
  add_missing (document, root, special_tokens_map, json, class);

  text = attune_json_write (document, &length, error);

  return text != NULL ? g_bytes_new_take (text, length) : NULL;
}

/**
 * attune_tokenizer_config_write:
 *
 * Writes tokenizer_config.json and special_tokens_map.json of a tokenizer that came from a
 * tokenizer.json.
 */
gboolean
attune_tokenizer_config_write (const char       *folder,
                               AttuneTokenizer  *tokenizer,
                               guint             max_length,
                               GError          **error)
{
  GBytes *config = attune_tokenizer_get_config (tokenizer);
  g_autoptr (yyjson_doc) read = NULL;
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  g_autoptr (yyjson_mut_doc) map = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root, *tokens = yyjson_mut_obj (map);
  gsize length;
  const char *data = g_bytes_get_data (config, &length);

  read = attune_json_parse_object (data, length, "tokenizer_config.json", error);
  if (read == NULL)
    return FALSE;

  root = yyjson_val_mut_copy (document, yyjson_doc_get_root (read));
  yyjson_mut_doc_set_root (document, root);
  yyjson_mut_obj_remove_key (root, "model_max_length");
  yyjson_mut_obj_add_uint (document, root, "model_max_length", max_length);

  yyjson_mut_doc_set_root (map, tokens);
  for (guint i = 0; attune_tokenizer_special_keys[i] != NULL; i++)
    {
      const char *key = attune_tokenizer_special_keys[i];
      yyjson_val *value = yyjson_obj_get (yyjson_doc_get_root (read), key);

      if (yyjson_is_str (value) || yyjson_is_obj (value))
        yyjson_mut_obj_add_val (map, tokens, key, yyjson_val_mut_copy (map, value));
    }

  return attune_json_save (document, folder, "tokenizer_config.json", error)
         && attune_json_save (map, folder, "special_tokens_map.json", error);
}
