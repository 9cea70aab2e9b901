/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model of a tokenizer.json: WordPiece, BPE or Unigram with its vocabulary. Numbers are checked
 * against caps before anything is made of them. Any thread.
 */
#include "config.h"

#include "attune-tokenizer-json.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-safetensors.h"

guint
attune_tokenizer_json_hash (gconstpointer data)
{
  const AttuneBytes *bytes = data;
  guint hash = 5381;

  for (gsize i = 0; i < bytes->length; i++)
    hash = hash * 33 + (guint8) bytes->bytes[i];

  return hash;
}

gboolean
attune_tokenizer_json_equal (gconstpointer a,
                             gconstpointer b)
{
  const AttuneBytes *first = a, *second = b;

  return first->length == second->length
         && memcmp (first->bytes, second->bytes, first->length) == 0;
}

gint32
attune_tokenizer_json_lookup (AttuneTokenizerJson *self,
                              AttuneBytes          token)
{
  if (token.bytes == NULL || self->ids == NULL)
    return -1;
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ids, &token)) - 1;
}

static gboolean
start_tokens (AttuneTokenizerJson *self,
              guint64              n_tokens)
{
  if (n_tokens == 0 || n_tokens > ATTUNE_MAX_TOKENS)
    return FALSE;
  self->spec.n_tokens = (guint) n_tokens;
  self->spec.tokens = self->tokens = g_new0 (AttuneBytes, n_tokens);
  self->ids = g_hash_table_new (attune_tokenizer_json_hash, attune_tokenizer_json_equal);

  return TRUE;
}

/* {"token": id, …}; each id and each token once. */
static gboolean
read_vocabulary (AttuneTokenizerJson *self,
                 yyjson_val          *vocab)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (vocab);
  guint64 n_tokens = 0;
  yyjson_val *key;

  if (!yyjson_is_obj (vocab) || yyjson_obj_size (vocab) > ATTUNE_MAX_TOKENS)
    return FALSE;
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *id = yyjson_obj_iter_get_val (key);

      if (!yyjson_is_uint (id) || yyjson_get_uint (id) >= ATTUNE_MAX_TOKENS)
        return FALSE;
      n_tokens = MAX (n_tokens, yyjson_get_uint (id) + 1);
    }
  if (!start_tokens (self, n_tokens))
    return FALSE;

  iter = yyjson_obj_iter_with (vocab);
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      const guint64 id = yyjson_get_uint (yyjson_obj_iter_get_val (key));
      AttuneBytes *token = &self->tokens[id];

      if (token->bytes != NULL)
        return FALSE;
      *token = attune_json_to_bytes (key);
      if (!g_hash_table_insert (self->ids, token, GINT_TO_POINTER ((gint) id + 1)))
        return FALSE;
    }

  return TRUE;
}

/* [["token", logarithm], …], ids in this order. */
static gboolean
read_scores (AttuneTokenizerJson *self,
             yyjson_val          *vocab)
{
  yyjson_arr_iter iter = yyjson_arr_iter_with (vocab);
  yyjson_val *entry;
  guint id = 0;

  if (!yyjson_is_arr (vocab) || !start_tokens (self, yyjson_arr_size (vocab)))
    return FALSE;

  self->spec.scores = self->scores = g_new0 (double, self->spec.n_tokens);
  for (; (entry = yyjson_arr_iter_next (&iter)) != NULL; id++)
    {
      yyjson_val *token = yyjson_arr_get (entry, 0);
      yyjson_val *score = yyjson_arr_get (entry, 1);

      if (!yyjson_is_str (token) || !yyjson_is_num (score) || !isfinite (yyjson_get_num (score)))
        return FALSE;
      self->tokens[id] = attune_json_to_bytes (token);
      self->scores[id] = yyjson_get_num (score);
      g_hash_table_insert (self->ids, &self->tokens[id], GINT_TO_POINTER ((gint) id + 1));
    }

  return TRUE;
}

static gboolean
broken_vocabulary (const char  *source_name,
                   GError     **error)
{
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("The vocabulary of “%s” is empty, has a token or an id twice, or numbers that "
                 "cannot be; get the file again"),
               source_name);
  return FALSE;
}

/* "left right" or ["left", "right"] */
static gboolean
read_merge (AttuneTokenizerJson *self,
            yyjson_val          *value,
            GString             *result)
{
  AttuneBytes left = { NULL, 0 }, right = { NULL, 0 };
  const gsize prefix = self->spec.prefix.length;
  AttuneMerge merge;

  if (yyjson_is_str (value))
    {
      const char *text = yyjson_get_str (value);
      const char *space = memchr (text, ' ', yyjson_get_len (value));

      if (space == NULL)
        return FALSE;
      left = (AttuneBytes) { text, (gsize) (space - text) };
      right = (AttuneBytes) { space + 1, yyjson_get_len (value) - left.length - 1 };
    }
  else if (yyjson_arr_size (value) == 2)
    {
      left = attune_json_to_bytes (yyjson_arr_get (value, 0));
      right = attune_json_to_bytes (yyjson_arr_get (value, 1));
    }
  if (left.bytes == NULL || right.bytes == NULL || right.length < prefix)
    return FALSE;

  g_string_truncate (result, 0);
  g_string_append_len (result, left.bytes, (gssize) left.length);
  g_string_append_len (result, right.bytes + prefix, (gssize) (right.length - prefix));
  merge.left = attune_tokenizer_json_lookup (self, left);
  merge.right = attune_tokenizer_json_lookup (self, right);
  merge.result = attune_tokenizer_json_lookup (self, (AttuneBytes) { result->str, result->len });
  if (merge.left < 0 || merge.right < 0 || merge.result < 0)
    return FALSE;
  g_array_append_val (self->merges, merge);

  return TRUE;
}

static gboolean
read_merges (AttuneTokenizerJson  *self,
             yyjson_val           *merges,
             const char           *source_name,
             GError              **error)
{
  g_autoptr (GString) result = g_string_new (NULL);
  yyjson_arr_iter iter = yyjson_arr_iter_with (merges);
  yyjson_val *merge;

  if (!yyjson_is_arr (merges) || yyjson_arr_size (merges) > ATTUNE_MAX_TOKENS)
    return attune_tokenizer_json_broken (source_name, "model", error);
  while ((merge = yyjson_arr_iter_next (&iter)) != NULL)
    if (!read_merge (self, merge, result))
      {
        g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                     _("Merge %u of “%s” is not of two tokens that its vocabulary has, together "
                       "and each; get the file again"),
                     self->merges->len + 1, source_name);
        return FALSE;
      }

  return TRUE;
}

static gboolean
read_bpe (AttuneTokenizerJson  *self,
          yyjson_val           *value,
          const char           *source_name,
          GError              **error)
{
  AttuneTokenizerSpec *spec = &self->spec;

  if (yyjson_get_num (yyjson_obj_get (value, "dropout")) > 0)
    return attune_tokenizer_json_unknown (source_name, "model", "dropout", error);
  spec->model = ATTUNE_MODEL_BPE;
  spec->suffix = attune_json_get_bytes (value, "end_of_word_suffix");
  spec->fuse_unknown = attune_json_get_bool (value, "fuse_unk", FALSE);
  spec->byte_fallback = attune_json_get_bool (value, "byte_fallback", FALSE);
  spec->ignore_merges = attune_json_get_bool (value, "ignore_merges", FALSE);
  if (!read_vocabulary (self, yyjson_obj_get (value, "vocab")))
    return broken_vocabulary (source_name, error);

  return read_merges (self, yyjson_obj_get (value, "merges"), source_name, error);
}

static gboolean
read_wordpiece (AttuneTokenizerJson  *self,
                yyjson_val           *value,
                const char           *source_name,
                GError              **error)
{
  yyjson_val *longest = yyjson_obj_get (value, "max_input_chars_per_word");

  self->spec.model = ATTUNE_MODEL_WORDPIECE;
  self->spec.max_characters =
    longest != NULL ? (guint) MIN (yyjson_get_uint (longest), G_MAXUINT32 - 1) : 100;

  return read_vocabulary (self, yyjson_obj_get (value, "vocab"))
         || broken_vocabulary (source_name, error);
}

/* Files from before 2021, which the best-known models still have, name no type. As in the reference
 * each kind has a member there that no other one has; what is left is not known here. */
static const char *
type_of_model (yyjson_val *value)
{
  yyjson_val *type = yyjson_obj_get (value, "type");

  if (type != NULL)
    return yyjson_is_str (type) ? yyjson_get_str (type) : "";
  if (yyjson_obj_get (value, "merges") != NULL)
    return "BPE";
  if (yyjson_obj_get (value, "continuing_subword_prefix") != NULL)
    return "WordPiece";
  if (yyjson_is_arr (yyjson_obj_get (value, "vocab")))
    return "Unigram";

  return "";
}

gboolean
attune_tokenizer_json_read_model (AttuneTokenizerJson  *self,
                                  yyjson_val           *value,
                                  const char           *source_name,
                                  GError              **error)
{
  AttuneTokenizerSpec *spec = &self->spec;
  const char *type = type_of_model (value);
  yyjson_val *unknown_id = yyjson_obj_get (value, "unk_id");
  const AttuneBytes unknown = attune_json_get_bytes (value, "unk_token");

  spec->prefix = attune_json_get_bytes (value, "continuing_subword_prefix");
  spec->unknown_id = -1;

  if (strcmp (type, "Unigram") == 0)
    {
      spec->model = ATTUNE_MODEL_UNIGRAM;
      spec->byte_fallback = attune_json_get_bool (value, "byte_fallback", FALSE);
      if (!read_scores (self, yyjson_obj_get (value, "vocab")))
        return broken_vocabulary (source_name, error);
      if (yyjson_is_uint (unknown_id))
        spec->unknown_id = (gint32) MIN (yyjson_get_uint (unknown_id), ATTUNE_MAX_TOKENS);
      return TRUE;
    }

  if (strcmp (type, "WordPiece") == 0)
    {
      if (!read_wordpiece (self, value, source_name, error))
        return FALSE;
    }
  else if (strcmp (type, "BPE") == 0)
    {
      if (!read_bpe (self, value, source_name, error))
        return FALSE;
    }
  else
    {
      return attune_tokenizer_json_unknown (source_name, "model", type, error);
    }

  if (unknown.bytes != NULL)
    {
      spec->unknown_id = attune_tokenizer_json_lookup (self, unknown);
      if (spec->unknown_id < 0)
        return attune_tokenizer_json_broken (source_name, "model", error);
    }

  return TRUE;
}
