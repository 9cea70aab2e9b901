/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer.json as a whole, and its added tokens. What it says of truncation and padding is of
 * no interest: lengths are chosen for each training. Any thread.
 */
#include "config.h"

#include "attune-tokenizer-json.h"

#include <glib/gi18n.h>

#define MAX_ADDED_TOKENS 100000

/* As the reference does: the vocabulary's id, or the next that is free. Where the file says
 * otherwise, the reference does not follow it either. */
static gint32
id_of_added (AttuneTokenizerJson *self,
             GHashTable          *seen,
             AttuneBytes          content,
             gint32               last)
{
  const guint before = GPOINTER_TO_UINT (g_hash_table_lookup (seen, &content));
  const gint32 id = attune_tokenizer_json_lookup (self, content);
  const gint32 n_entries = (gint32) g_hash_table_size (self->ids);

  if (before > 0)
    return g_array_index (self->added_tokens, AttuneAddedToken, before - 1).id;
  if (id >= 0)
    return id;

  return last >= n_entries ? last + 1 : n_entries;
}

/* Of a token that is listed twice the last entry counts, and the id stays. */
static void
add_token (AttuneTokenizerJson    *self,
           GHashTable             *seen,
           const AttuneAddedToken *token)
{
  const guint before = GPOINTER_TO_UINT (g_hash_table_lookup (seen, &token->content));
  AttuneBytes *key;

  if (before > 0)
    {
      g_array_index (self->added_tokens, AttuneAddedToken, before - 1) = *token;
      return;
    }

  key = g_memdup2 (&token->content, sizeof *key);
  g_array_append_vals (self->added_tokens, token, 1);
  g_hash_table_insert (seen, key, GUINT_TO_POINTER (self->added_tokens->len));
}

static gboolean
read_added_tokens (AttuneTokenizerJson  *self,
                   yyjson_val           *value,
                   const char           *source_name,
                   GPtrArray            *warnings,
                   GError              **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (attune_tokenizer_json_hash,
                                                       attune_tokenizer_json_equal, g_free, NULL);
  yyjson_arr_iter iter = yyjson_arr_iter_with (value);
  gboolean warned = FALSE;
  gint32 last = -1;
  yyjson_val *entry;

  if (yyjson_arr_size (value) > MAX_ADDED_TOKENS)
    return attune_tokenizer_json_broken (source_name, "added_tokens", error);

  while ((entry = yyjson_arr_iter_next (&iter)) != NULL)
    {
      yyjson_val *id = yyjson_obj_get (entry, "id");
      AttuneAddedToken token = {
        .content = attune_json_get_bytes (entry, "content"),
        .single_word = attune_json_get_bool (entry, "single_word", FALSE),
        .lstrip = attune_json_get_bool (entry, "lstrip", FALSE),
        .rstrip = attune_json_get_bool (entry, "rstrip", FALSE),
        .normalized = attune_json_get_bool (entry, "normalized",
                                            !attune_json_get_bool (entry, "special", FALSE)),
      };

      if (token.content.bytes == NULL || !yyjson_is_uint (id))
        return attune_tokenizer_json_broken (source_name, "added_tokens", error);
      if (token.content.length == 0)
        continue;
      token.id = id_of_added (self, seen, token.content, last);
      last = MAX (last, token.id);
      if (yyjson_get_uint (id) != (guint64) token.id && !warned)
        {
          g_autofree char *excerpt = attune_tokenizer_json_excerpt (token.content.bytes);

          warned = TRUE;
          g_ptr_array_add (warnings,
                           g_strdup_printf (_("“%s” gives its added token “%s” an id that is not "
                                              "the next one; it becomes %d"),
                                            source_name, excerpt, token.id));
        }
      add_token (self, seen, &token);
    }

  return TRUE;
}

/* All of a tokenizer.json but its truncation and padding. warnings: (element-type utf8) */
AttuneTokenizerJson *
attune_tokenizer_json_read (yyjson_val  *root,
                            const char  *source_name,
                            GPtrArray   *warnings,
                            GError     **error)
{
  g_autoptr (AttuneTokenizerJson) self = g_new0 (AttuneTokenizerJson, 1);
  AttuneTokenizerSpec *spec = &self->spec;

  self->normalizers = g_array_new (FALSE, FALSE, sizeof (AttuneNormalizerSpec));
  self->pre_tokenizers = g_array_new (FALSE, FALSE, sizeof (AttunePreTokenizerSpec));
  self->added_tokens = g_array_new (FALSE, FALSE, sizeof (AttuneAddedToken));
  self->merges = g_array_new (FALSE, FALSE, sizeof (AttuneMerge));
  self->owned = g_ptr_array_new_with_free_func (g_free);
  spec->pair.second_type = 1;

  if (!attune_tokenizer_json_read_model (self, yyjson_obj_get (root, "model"), source_name, error)
      || !attune_tokenizer_json_read_normalizer (self, yyjson_obj_get (root, "normalizer"),
                                                 source_name, error)
      || !attune_tokenizer_json_read_pre_tokenizer (self, yyjson_obj_get (root, "pre_tokenizer"),
                                                    source_name, error)
      || !attune_tokenizer_json_read_post_processor (self, yyjson_obj_get (root, "post_processor"),
                                                     source_name, error)
      || !read_added_tokens (self, yyjson_obj_get (root, "added_tokens"), source_name, warnings,
                             error))
    return NULL;

  spec->normalizers = (const AttuneNormalizerSpec *) (gpointer) self->normalizers->data;
  spec->n_normalizers = self->normalizers->len;
  spec->pre_tokenizers = (const AttunePreTokenizerSpec *) (gpointer) self->pre_tokenizers->data;
  spec->n_pre_tokenizers = self->pre_tokenizers->len;
  spec->added_tokens = (const AttuneAddedToken *) (gpointer) self->added_tokens->data;
  spec->n_added_tokens = self->added_tokens->len;
  spec->merges = (const AttuneMerge *) (gpointer) self->merges->data;
  spec->n_merges = self->merges->len;

  return g_steal_pointer (&self);
}

void
attune_tokenizer_json_free (AttuneTokenizerJson *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->normalizers);
  g_array_unref (self->pre_tokenizers);
  g_array_unref (self->added_tokens);
  g_array_unref (self->merges);
  g_clear_pointer (&self->ids, g_hash_table_unref);
  g_ptr_array_unref (self->owned);
  g_free (self->tokens);
  g_free (self->scores);
  g_free (self);
}
