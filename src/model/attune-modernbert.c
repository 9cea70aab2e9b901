/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ModernBERT's tensors and the parts of its config.json that are no single key: normalisation comes
 * before each half of a layer, query, key and value are one matrix, positions are rotations and not
 * weights, and of biases there are few or none. Any thread.
 */
#include "config.h"

#include "attune-model-family.h"

#include <string.h>

#include <glib/gi18n.h>

static gboolean
refuse (GError     **error,
        int          code,
        const char  *source_name,
        const char  *why)
{
  g_set_error (error, ATTUNE_MODEL_ERROR, code, _("“%s” describes a ModernBERT that Attune cannot "
                                                  "compute: %s"), source_name, why);
  return FALSE;
}

/* transformers 5 says each layer's kind; Attune computes the regular pattern that all published
 * models have. */
static gboolean
read_layer_types (AttuneModelConfig  *config,
                  yyjson_val         *root,
                  const char         *source_name,
                  GError            **error)
{
  yyjson_val *types = yyjson_obj_get (root, "layer_types");
  guint every = config->num_hidden_layers, i = 0;
  yyjson_arr_iter iter = yyjson_arr_iter_with (types);
  yyjson_val *type;

  if (types == NULL || yyjson_is_null (types))
    return TRUE;
  if (yyjson_arr_size (types) != config->num_hidden_layers)
    return refuse (error, ATTUNE_MODEL_ERROR_FORMAT, source_name,
                   _("“layer_types” does not name every layer"));
  for (i = 1; i < config->num_hidden_layers; i++)
    if (yyjson_equals_str (yyjson_arr_get (types, i), "full_attention"))
      {
        every = i;
        break;
      }
  for (i = 0; (type = yyjson_arr_iter_next (&iter)) != NULL; i++)
    if (!yyjson_equals_str (type, i % every == 0 ? "full_attention" : "sliding_attention"))
      return refuse (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, source_name,
                     _("its layers of full attention do not follow each other regularly"));
  config->global_attn_every_n_layers = every;
  return TRUE;
}

/* Of transformers 5, too. */
static gboolean
read_rope (yyjson_val  *root,
           const char  *kind,
           double      *theta,
           const char  *source_name,
           GError     **error)
{
  yyjson_val *rope = yyjson_obj_get (yyjson_obj_get (root, "rope_parameters"), kind);
  yyjson_val *type = yyjson_obj_get (rope, "rope_type"), *base = yyjson_obj_get (rope, "rope_theta");

  if (type != NULL && !yyjson_equals_str (type, "default"))
    return refuse (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, source_name,
                   _("its rotary embeddings are scaled"));
  if (base == NULL)
    return TRUE;
  if (!yyjson_is_num (base) || !(yyjson_get_num (base) >= 1 && yyjson_get_num (base) <= 1e12))
    return refuse (error, ATTUNE_MODEL_ERROR_FORMAT, source_name,
                   _("“rope_theta” must be a number from 1 to 1e12"));
  *theta = yyjson_get_num (base);
  return TRUE;
}

gboolean
attune_modernbert_check (AttuneModelConfig  *config,
                         yyjson_val         *root,
                         const char         *source_name,
                         GError            **error)
{
  if (yyjson_is_null (yyjson_obj_get (root, "local_rope_theta")))
    config->local_rope_theta = config->global_rope_theta;
  if (!read_layer_types (config, root, source_name, error)
      || !read_rope (root, "full_attention", &config->global_rope_theta, source_name, error)
      || !read_rope (root, "sliding_attention", &config->local_rope_theta, source_name, error))
    return FALSE;
  if (config->hidden_size / config->num_attention_heads % 2 != 0)
    return refuse (error, ATTUNE_MODEL_ERROR_FORMAT, source_name,
                   _("an odd number of features a head cannot be rotated"));
  if (strcmp (config->classifier_pooling, "cls") != 0
      && strcmp (config->classifier_pooling, "mean") != 0)
    return refuse (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, source_name,
                   _("“classifier_pooling” is neither “cls” nor “mean”"));
  return TRUE;
}

void
attune_modernbert_list_tensors (const AttuneModelConfig *config,
                                guint                    n_labels,
                                GPtrArray               *specs)
{
  const AttuneModelFamily *family = config->family;
  const guint64 hidden = config->hidden_size, wide = config->intermediate_size;

  attune_specs_add (specs, family, family->prefix, "embeddings.tok_embeddings.weight",
                    config->vocab_size, hidden);
  attune_specs_add_linear (specs, family, family->prefix, "embeddings.norm", hidden, 0,
                           config->norm_bias);
  for (guint layer = 0; layer < config->num_hidden_layers; layer++)
    {
      g_autofree char *prefix = g_strdup_printf ("%slayers.%u.", family->prefix, layer);

      /* The embeddings have just been normalised. */
      if (layer > 0)
        attune_specs_add_linear (specs, family, prefix, "attn_norm", hidden, 0, config->norm_bias);
      attune_specs_add_linear (specs, family, prefix, "attn.Wqkv", 3 * hidden, hidden,
                               config->attention_bias);
      attune_specs_add_linear (specs, family, prefix, "attn.Wo", hidden, hidden,
                               config->attention_bias);
      attune_specs_add_linear (specs, family, prefix, "mlp_norm", hidden, 0, config->norm_bias);
      attune_specs_add_linear (specs, family, prefix, "mlp.Wi", 2 * wide, hidden, config->mlp_bias);
      attune_specs_add_linear (specs, family, prefix, "mlp.Wo", hidden, wide, config->mlp_bias);
    }
  attune_specs_add_linear (specs, family, family->prefix, "final_norm", hidden, 0,
                           config->norm_bias);
  attune_specs_add_linear (specs, family, "", "head.dense", hidden, hidden,
                           config->classifier_bias);
  attune_specs_add_linear (specs, family, "", "head.norm", hidden, 0, config->norm_bias);
  attune_specs_add_linear (specs, family, "", family->output, n_labels, hidden, TRUE);
}
