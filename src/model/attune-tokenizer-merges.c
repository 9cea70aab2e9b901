/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Byte-level BPE as RoBERTa's older folders have it: vocab.json, an object of ids by token, and
 * merges.txt, a pair of tokens a line. Together they become the tokenizer.json that RobertaTokenizer
 * would save, which is then read like any other. Any thread; writing not on the main one.
 */
#include "config.h"

#include "attune-tokenizer-merges.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-durable.h"
#include "attune-safetensors.h"
#include "attune-tokenizer-config.h"

/* What RoBERTa's tokenizer takes for granted. */
static const char *const usual_tokens[] = {
  "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>",
};

/* A pair a line, "#version: 0.2" above. The text is copied into the document. */
static gboolean
add_merges (yyjson_mut_doc  *document,
            yyjson_mut_val  *model,
            GBytes          *merges,
            const char      *folder,
            GError         **error)
{
  yyjson_mut_val *array = yyjson_mut_obj_add_arr (document, model, "merges");
  gsize size;
  const char *data = g_bytes_get_data (merges, &size);
  guint number = 0;

  for (gsize start = 0; start < size;)
    {
      const char *end = memchr (data + start, '\n', size - start);
      gsize length = (end != NULL ? (gsize) (end - data) : size) - start;
      const char *line = data + start;

      start += length + 1;
      number++;
      if (length > 0 && line[length - 1] == '\r')
        length--;
      if (length >= 8 && memcmp (line, "#version", 8) == 0)
        continue;
      if (!g_utf8_validate_len (line, length, NULL) || memchr (line, ' ', length) == NULL)
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("Line %u of “%s/merges.txt” is not two tokens with a space between them; "
                         "get the file again"),
                       number, folder);
          return FALSE;
        }
      if (number > ATTUNE_MAX_TOKENS)
        break;
      yyjson_mut_arr_add_strncpy (document, array, line, length);
    }

  return TRUE;
}

static void
add_special (yyjson_mut_doc *document,
             yyjson_mut_val *array,
             AttuneBytes     content,
             guint64         id,
             gboolean        lstrip)
{
  yyjson_mut_val *token = yyjson_mut_arr_add_obj (document, array);

  yyjson_mut_obj_add_uint (document, token, "id", id);
  yyjson_mut_obj_add_strncpy (document, token, "content", content.bytes, content.length);
  yyjson_mut_obj_add_bool (document, token, "single_word", false);
  yyjson_mut_obj_add_bool (document, token, "lstrip", lstrip);
  yyjson_mut_obj_add_bool (document, token, "rstrip", false);
  yyjson_mut_obj_add_bool (document, token, "normalized", false);
  yyjson_mut_obj_add_bool (document, token, "special", true);
}

/* The special tokens, each once; FALSE if the vocabulary lacks one. ids: by special key. */
static gboolean
add_specials (yyjson_mut_doc  *document,
              yyjson_mut_val  *root,
              yyjson_val      *vocab,
              yyjson_val      *config,
              AttuneBytes     *contents,
              guint64         *ids,
              const char      *folder,
              GError         **error)
{
  yyjson_mut_val *array = yyjson_mut_obj_add_arr (document, root, "added_tokens");

  for (guint i = 0; i < G_N_ELEMENTS (usual_tokens); i++)
    {
      const gboolean is_mask = strcmp (attune_tokenizer_special_keys[i], "mask_token") == 0;
      gboolean is_new = TRUE;
      yyjson_val *id;

      contents[i] = attune_tokenizer_config_get_token (config, attune_tokenizer_special_keys[i]);
      if (contents[i].bytes == NULL)
        contents[i] = (AttuneBytes) { usual_tokens[i], strlen (usual_tokens[i]) };
      id = yyjson_obj_getn (vocab, contents[i].bytes, contents[i].length);
      if (!yyjson_is_uint (id))
        {
          g_autofree char *excerpt = attune_tokenizer_json_excerpt (contents[i].bytes);

          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("“%s/vocab.json” lacks the token “%s”; it is not that of a RoBERTa model"),
                       folder, excerpt);
          return FALSE;
        }
      ids[i] = yyjson_get_uint (id);
      for (guint j = 0; j < i; j++)
        is_new = is_new && ids[j] != ids[i];
      if (is_new)
        add_special (document, array, contents[i], ids[i], is_mask);
    }

  return TRUE;
}

static void
add_processing (yyjson_mut_doc    *document,
                yyjson_mut_val    *root,
                const AttuneBytes *contents,
                const guint64     *ids,
                gboolean           prefix_space)
{
  enum { SEP = 3, CLS = 5 };
  yyjson_mut_val *object = yyjson_mut_obj_add_obj (document, root, "pre_tokenizer");
  yyjson_mut_val *pair;

  yyjson_mut_obj_add_str (document, object, "type", "ByteLevel");
  yyjson_mut_obj_add_bool (document, object, "add_prefix_space", prefix_space);
  yyjson_mut_obj_add_bool (document, object, "trim_offsets", true);
  yyjson_mut_obj_add_bool (document, object, "use_regex", true);

  object = yyjson_mut_obj_add_obj (document, root, "post_processor");
  yyjson_mut_obj_add_str (document, object, "type", "RobertaProcessing");
  pair = yyjson_mut_obj_add_arr (document, object, "sep");
  yyjson_mut_arr_add_strncpy (document, pair, contents[SEP].bytes, contents[SEP].length);
  yyjson_mut_arr_add_uint (document, pair, ids[SEP]);
  pair = yyjson_mut_obj_add_arr (document, object, "cls");
  yyjson_mut_arr_add_strncpy (document, pair, contents[CLS].bytes, contents[CLS].length);
  yyjson_mut_arr_add_uint (document, pair, ids[CLS]);
  yyjson_mut_obj_add_bool (document, object, "trim_offsets", true);
  yyjson_mut_obj_add_bool (document, object, "add_prefix_space", prefix_space);

  object = yyjson_mut_obj_add_obj (document, root, "decoder");
  yyjson_mut_obj_add_str (document, object, "type", "ByteLevel");
  yyjson_mut_obj_add_bool (document, object, "add_prefix_space", true);
  yyjson_mut_obj_add_bool (document, object, "trim_offsets", true);
  yyjson_mut_obj_add_bool (document, object, "use_regex", true);
}

/**
 * attune_tokenizer_merges_to_json:
 * @config: (nullable): of tokenizer_config.json, for special tokens and add_prefix_space
 *
 * Returns: (transfer full) (nullable): a tokenizer.json; FORMAT names file and line
 */
GBytes *
attune_tokenizer_merges_to_json (GBytes      *vocab_json,
                                 GBytes      *merges,
                                 yyjson_val  *config,
                                 const char  *folder,
                                 GError     **error)
{
  g_autofree char *vocab_name = g_build_filename (folder, "vocab.json", NULL);
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  g_autoptr (yyjson_doc) vocab = NULL;
  AttuneBytes contents[G_N_ELEMENTS (usual_tokens)];
  guint64 ids[G_N_ELEMENTS (usual_tokens)];
  yyjson_mut_val *root, *model;
  char *text;
  gsize length;
  const char *data = g_bytes_get_data (vocab_json, &length);

  vocab = attune_json_parse_object (data, length, vocab_name, error);
  if (vocab == NULL)
    return NULL;

  root = yyjson_mut_obj (document);
  yyjson_mut_doc_set_root (document, root);
  yyjson_mut_obj_add_str (document, root, "version", "1.0");
  yyjson_mut_obj_add_null (document, root, "truncation");
  yyjson_mut_obj_add_null (document, root, "padding");
  if (!add_specials (document, root, yyjson_doc_get_root (vocab), config, contents, ids, folder,
                     error))
    return NULL;
  yyjson_mut_obj_add_null (document, root, "normalizer");
  add_processing (document, root, contents, ids,
                  attune_json_get_bool (config, "add_prefix_space", FALSE));

  model = yyjson_mut_obj_add_obj (document, root, "model");
  yyjson_mut_obj_add_str (document, model, "type", "BPE");
  yyjson_mut_obj_add_null (document, model, "dropout");
  yyjson_mut_obj_add_null (document, model, "unk_token");
  yyjson_mut_obj_add_str (document, model, "continuing_subword_prefix", "");
  yyjson_mut_obj_add_str (document, model, "end_of_word_suffix", "");
  yyjson_mut_obj_add_bool (document, model, "fuse_unk", false);
  yyjson_mut_obj_add_val (document, model, "vocab",
                          yyjson_val_mut_copy (document, yyjson_doc_get_root (vocab)));
  if (!add_merges (document, model, merges, folder, error))
    return NULL;

  text = attune_json_write (document, &length, error);

  return text != NULL ? g_bytes_new_take (text, length) : NULL;
}

static gboolean
write_vocabulary (const char  *folder,
                  yyjson_val  *vocab,
                  GError     **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);

  yyjson_mut_doc_set_root (document, yyjson_val_mut_copy (document, vocab));

  return attune_json_save (document, folder, "vocab.json", error);
}

static gboolean
write_merges (const char  *folder,
              yyjson_val  *merges,
              GError     **error)
{
  g_autofree char *path = g_build_filename (folder, "merges.txt", NULL);
  g_autoptr (GString) lines = g_string_new ("#version: 0.2\n");
  yyjson_arr_iter iter = yyjson_arr_iter_with (merges);
  yyjson_val *merge;

  while ((merge = yyjson_arr_iter_next (&iter)) != NULL)
    {
      yyjson_val *left = yyjson_arr_get (merge, 0), *right = yyjson_arr_get (merge, 1);

      if (yyjson_is_str (merge))
        {
          g_string_append_len (lines, yyjson_get_str (merge), (gssize) yyjson_get_len (merge));
        }
      else
        {
          g_string_append_len (lines, yyjson_get_str (left), (gssize) yyjson_get_len (left));
          g_string_append_c (lines, ' ');
          g_string_append_len (lines, yyjson_get_str (right), (gssize) yyjson_get_len (right));
        }
      g_string_append_c (lines, '\n');
    }

  return attune_durable_write (path, lines->str, lines->len, error);
}

/**
 * attune_tokenizer_merges_write:
 *
 * Writes vocab.json and merges.txt beside tokenizer.json if the tokenizer is one of RoBERTa's, for
 * programs that know nothing else. Others do not have them.
 */
gboolean
attune_tokenizer_merges_write (const char       *folder,
                               AttuneTokenizer  *tokenizer,
                               GError          **error)
{
  g_autoptr (yyjson_doc) source = NULL;
  g_autoptr (yyjson_doc) config = NULL;
  GBytes *bytes = attune_tokenizer_get_config (tokenizer);
  yyjson_val *model;
  const char *class;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  config = attune_json_parse_object (data, length, "tokenizer_config.json", error);
  if (config == NULL)
    return FALSE;
  class = yyjson_get_str (yyjson_obj_get (yyjson_doc_get_root (config), "tokenizer_class"));
  if (class == NULL || !g_str_has_prefix (class, "Roberta"))
    return TRUE;

  data = g_bytes_get_data (attune_tokenizer_get_source (tokenizer), &length);
  source = attune_json_parse_object (data, length, "tokenizer.json", error);
  if (source == NULL)
    return FALSE;
  model = yyjson_obj_get (yyjson_doc_get_root (source), "model");
  if (!yyjson_is_obj (yyjson_obj_get (model, "vocab"))
      || !yyjson_is_arr (yyjson_obj_get (model, "merges")))
    return TRUE;

  return write_vocabulary (folder, yyjson_obj_get (model, "vocab"), error)
         && write_merges (folder, yyjson_obj_get (model, "merges"), error);
}
