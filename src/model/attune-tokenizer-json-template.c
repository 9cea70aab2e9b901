/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The post-processor of a tokenizer.json: which special tokens stand before, between and after the
 * texts, and whether white space counts as part of a token's place. Any thread.
 */
#include "config.h"

#include "attune-tokenizer-json.h"

#include <string.h>

#include "attune-safetensors.h"

/* One of the three places of a template that is being read. */
typedef struct {
  gint32 *ids;
  guint8 *types;
  guint *n;
} Place;

static gboolean
add_special (Place   place,
             gint64  id,
             guint   type)
{
  if (*place.n >= ATTUNE_MAX_TEMPLATE_SPECIALS || id < 0 || id >= ATTUNE_MAX_TOKENS || type > 1)
    return FALSE;
  place.ids[*place.n] = (gint32) id;
  place.types[*place.n] = (guint8) type;
  (*place.n)++;

  return TRUE;
}

/* The ids of a special token are beside the template, under its name. */
static gboolean
add_named (Place       place,
           yyjson_val *token,
           yyjson_val *specials,
           guint       type)
{
  const AttuneBytes name = attune_json_get_bytes (token, "id");
  yyjson_val *ids = yyjson_obj_get (yyjson_obj_getn (specials, name.bytes != NULL ? name.bytes : "",
                                                     name.length), "ids");
  yyjson_arr_iter iter = yyjson_arr_iter_with (ids);
  yyjson_val *id;

  if (yyjson_arr_size (ids) == 0)
    return FALSE;
  while ((id = yyjson_arr_iter_next (&iter)) != NULL)
    if (!yyjson_is_uint (id) || !add_special (place, (gint64) yyjson_get_uint (id), type))
      return FALSE;

  return TRUE;
}

/* FALSE where the texts do not stand in their order, each once. */
static gboolean
read_template (yyjson_val     *pieces,
               yyjson_val     *specials,
               guint           n_texts,
               AttuneTemplate *template)
{
  const Place places[] = {
    { template->before, template->before_types, &template->n_before },
    { template->between, template->between_types, &template->n_between },
    { template->after, template->after_types, &template->n_after },
  };
  yyjson_arr_iter iter = yyjson_arr_iter_with (pieces);
  guint n_seen = 0;
  yyjson_val *piece;

  while ((piece = yyjson_arr_iter_next (&iter)) != NULL)
    {
      yyjson_val *special = yyjson_obj_get (piece, "SpecialToken");
      yyjson_val *text = yyjson_obj_get (piece, "Sequence");
      const guint64 type =
        yyjson_get_uint (yyjson_obj_get (special != NULL ? special : text, "type_id"));

      if (type > 1)
        return FALSE;
      if (special != NULL)
        {
          if (!add_named (places[n_seen == n_texts ? 2 : n_seen], special, specials, (guint) type))
            return FALSE;
          continue;
        }
      if (n_seen == n_texts
          || !yyjson_equals_str (yyjson_obj_get (text, "id"), n_seen == 0 ? "A" : "B"))
        return FALSE;
      if (n_seen++ == 0)
        template->first_type = (guint8) type;
      else
        template->second_type = (guint8) type;
    }

  return n_seen == n_texts;
}

/* "sep": ["</s>", 2] */
static gint64
read_id (yyjson_val *value,
         const char *key)
{
  yyjson_val *id = yyjson_arr_get (yyjson_obj_get (value, key), 1);

  return yyjson_is_uint (id) ? (gint64) MIN (yyjson_get_uint (id), ATTUNE_MAX_TOKENS) : -1;
}

/* BertProcessing and RobertaProcessing, which differ in the middle of a pair. */
static gboolean
set_classic (AttuneTokenizerSpec *spec,
             yyjson_val          *value,
             gboolean             is_roberta)
{
  const gint64 sep = read_id (value, "sep");
  const gint64 cls = read_id (value, "cls");

  if (sep < 0 || sep >= ATTUNE_MAX_TOKENS || cls < 0 || cls >= ATTUNE_MAX_TOKENS)
    return FALSE;

  spec->single = (AttuneTemplate) {
    .n_before = 1, .before = { (gint32) cls }, .n_after = 1, .after = { (gint32) sep },
  };
  spec->pair = spec->single;
  spec->pair.n_between = is_roberta ? 2 : 1;
  spec->pair.between[0] = spec->pair.between[1] = (gint32) sep;
  spec->pair.second_type = spec->pair.after_types[0] = !is_roberta;

  return TRUE;
}

static void
set_trimming (AttuneTokenizerSpec *spec,
              yyjson_val          *value)
{
  if (!attune_json_get_bool (value, "trim_offsets", TRUE))
    return;
  spec->trim_offsets = TRUE;
  spec->trim_keeps_first = attune_json_get_bool (value, "add_prefix_space", TRUE);
}

gboolean
attune_tokenizer_json_read_post_processor (AttuneTokenizerJson  *self,
                                           yyjson_val           *value,
                                           const char           *source_name,
                                           GError              **error)
{
  AttuneTokenizerSpec *spec = &self->spec;
  const char *type = yyjson_get_str (yyjson_obj_get (value, "type"));
  const gboolean has_template = spec->pair.n_before + spec->pair.n_between + spec->pair.n_after > 0;
  yyjson_val *specials = yyjson_obj_get (value, "special_tokens");
  yyjson_arr_iter iter;
  yyjson_val *step;

  if (value == NULL || yyjson_is_null (value))
    return TRUE;
  if (g_strcmp0 (type, "Sequence") == 0)
    {
      iter = yyjson_arr_iter_with (yyjson_obj_get (value, "processors"));
      while ((step = yyjson_arr_iter_next (&iter)) != NULL)
        if (!attune_tokenizer_json_read_post_processor (self, step, source_name, error))
          return FALSE;
      return TRUE;
    }
  if (g_strcmp0 (type, "ByteLevel") == 0)
    {
      set_trimming (spec, value);
      return TRUE;
    }

  if (has_template)
    return attune_tokenizer_json_unknown (source_name, "post_processor", "two templates", error);
  if (g_strcmp0 (type, "RobertaProcessing") == 0)
    {
      set_trimming (spec, value);
      return set_classic (spec, value, TRUE)
             || attune_tokenizer_json_broken (source_name, "post_processor", error);
    }
  if (g_strcmp0 (type, "BertProcessing") == 0)
    return set_classic (spec, value, FALSE)
           || attune_tokenizer_json_broken (source_name, "post_processor", error);
  if (g_strcmp0 (type, "TemplateProcessing") == 0)
    {
      spec->single = spec->pair = (AttuneTemplate) { 0 };
      return (read_template (yyjson_obj_get (value, "single"), specials, 1, &spec->single)
              && read_template (yyjson_obj_get (value, "pair"), specials, 2, &spec->pair))
             || attune_tokenizer_json_unknown (source_name, "post_processor",
                                               "TemplateProcessing", error);
    }

  return attune_tokenizer_json_unknown (source_name, "post_processor", type != NULL ? type : "",
                                        error);
}
