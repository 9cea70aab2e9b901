/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json: what a model looks like. Every number has a range, so that products of them neither
 * overflow nor ask for absurd memory; what is missing has the default of transformers' BertConfig.
 * Any thread.
 */
#include "config.h"

#include "attune-model-folder.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"
#include "attune-rnn-config.h"

#define MAX_LABELS 100000

/* One call's input, so that errors can name it. */
typedef struct {
  yyjson_val *root;
  const char *source_name;
} Source;

/**
 * attune_model_config_copy:
 *
 * Returns: (transfer full): a copy
 */
AttuneModelConfig *
attune_model_config_copy (const AttuneModelConfig *self)
{
  AttuneModelConfig *copy = g_memdup2 (self, sizeof *self);

  copy->model_type = g_strdup (self->model_type);
  copy->hidden_act = g_strdup (self->hidden_act);
  copy->label_names = g_strdupv (self->label_names);
  if (self->rnn != NULL)
    copy->rnn = g_memdup2 (self->rnn, sizeof *self->rnn);
  if (self->encoder != NULL)
    copy->encoder = attune_model_config_copy (self->encoder);

  return copy;
}

/**
 * attune_model_config_free:
 * @self: (nullable): nothing is done for %NULL
 */
void
attune_model_config_free (AttuneModelConfig *self)
{
  if (self == NULL)
    return;

  g_free (self->model_type);
  g_free (self->hidden_act);
  g_strfreev (self->label_names);
  g_free (self->rnn);
  attune_model_config_free (self->encoder);
  g_free (self);
}

static gboolean
read_uint (const Source  *source,
           const char    *key,
           guint          minimum,
           guint          maximum,
           guint          fallback,
           guint         *value,
           GError       **error)
{
  yyjson_val *found = yyjson_obj_get (source->root, key);
  guint64 number = yyjson_get_uint (found);

  *value = fallback;
  if (found == NULL || yyjson_is_null (found))
    return TRUE;

  if (!yyjson_is_uint (found) || number < minimum || number > maximum)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” in “%s” must be a whole number from %u to %u"), key,
                   source->source_name, minimum, maximum);
      return FALSE;
    }

  *value = number;
  return TRUE;
}

static gboolean
read_double (const Source  *source,
             const char    *key,
             double         minimum,
             double         maximum,
             double         fallback,
             double        *value,
             GError       **error)
{
  yyjson_val *found = yyjson_obj_get (source->root, key);
  double number = yyjson_get_num (found);

  *value = fallback;
  if (found == NULL || yyjson_is_null (found))
    return TRUE;

  if (!yyjson_is_num (found) || !(number >= minimum && number <= maximum))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” in “%s” must be a number from %g to %g"), key, source->source_name,
                   minimum, maximum);
      return FALSE;
    }

  *value = number;
  return TRUE;
}

/* What Attune would silently compute wrongly. */
static gboolean
check_supported (const Source  *source,
                 GError       **error)
{
  const char *type = yyjson_get_str (yyjson_obj_get (source->root, "model_type"));
  yyjson_val *positions = yyjson_obj_get (source->root, "position_embedding_type");

  if (type == NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” does not say which kind of model this is (model_type)"),
                   source->source_name);
      return FALSE;
    }
  if (strcmp (type, "bert") != 0 && strcmp (type, ATTUNE_RNN_MODEL_TYPE) != 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” describes a model of type “%.64s”; Attune knows “bert”"),
                   source->source_name, type);
      return FALSE;
    }
  if (positions != NULL && !yyjson_is_null (positions)
      && !yyjson_equals_str (positions, "absolute"))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” asks for position embeddings other than “absolute”"),
                   source->source_name);
      return FALSE;
    }
  if (yyjson_is_true (yyjson_obj_get (source->root, "is_decoder")))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” describes a decoder, which cannot classify"), source->source_name);
      return FALSE;
    }

  return TRUE;
}

static gboolean
bad_labels (const Source  *source,
            GError       **error,
            const char    *why)
{
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("“%s” would mislabel every answer: %s"), source->source_name, why);
  return FALSE;
}

/* id2label: an object of "0" … "n-1"; the order of the keys says nothing, a gap is refused, and so
 * is a label2id that tells another story. */
static gboolean
read_labels (const Source       *source,
             AttuneModelConfig  *config,
             GError            **error)
{
  yyjson_val *id2label = yyjson_obj_get (source->root, "id2label");
  yyjson_val *label2id = yyjson_obj_get (source->root, "label2id");
  gsize n = yyjson_obj_size (id2label);
  yyjson_obj_iter iter = yyjson_obj_iter_with (id2label);
  g_auto (GStrv) names = NULL;
  yyjson_val *key;

  if (n == 0)
    return TRUE;
  if (n > MAX_LABELS)
    return bad_labels (source, error, _("there are too many labels in “id2label”"));

  names = g_new0 (char *, n + 1);
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *value = yyjson_obj_iter_get_val (key);
      const char *name = yyjson_get_str (value);
      guint64 id;

      if (!g_ascii_string_to_unsigned (yyjson_get_str (key), 10, 0, n - 1, &id, NULL)
          || names[id] != NULL)
        {
          /* Not half a list: g_strfreev() stops at the first gap. */
          for (gsize i = 0; i < n; i++)
            g_clear_pointer (&names[i], g_free);
          return bad_labels (source, error, _("the ids in “id2label” do not run from 0 upwards"));
        }
      names[id] = name != NULL && strlen (name) == yyjson_get_len (value)
                    ? g_strdup (name)
                    : g_strdup_printf ("LABEL_%" G_GUINT64_FORMAT, id);
    }

  if (yyjson_is_obj (label2id))
    for (gsize i = 0; i < n; i++)
      {
        yyjson_val *id = yyjson_obj_get (label2id, names[i]);

        if (yyjson_is_int (id) && yyjson_get_sint (id) != (gint64) i)
          return bad_labels (source, error, _("“id2label” and “label2id” contradict each other"));
      }

  config->label_names = g_steal_pointer (&names);
  return TRUE;
}

static gboolean
read_fields (const Source       *source,
             AttuneModelConfig  *config,
             GError            **error)
{
  yyjson_val *act = yyjson_obj_get (source->root, "hidden_act");

  if (yyjson_equals_str (yyjson_obj_get (source->root, "model_type"), ATTUNE_RNN_MODEL_TYPE))
    return attune_rnn_config_parse (config, source->root, source->source_name, error);
  config->model_type = g_strdup ("bert");
  config->hidden_act = g_strdup (yyjson_is_str (act) ? yyjson_get_str (act) : "gelu");

  return read_uint (source, "vocab_size", 1, 1 << 24, 30522, &config->vocab_size, error)
         && read_uint (source, "hidden_size", 1, 1 << 15, 768, &config->hidden_size, error)
         && read_uint (source, "num_hidden_layers", 1, 512, 12, &config->num_hidden_layers, error)
         && read_uint (source, "num_attention_heads", 1, 1 << 12, 12,
                       &config->num_attention_heads, error)
         && read_uint (source, "intermediate_size", 1, 1 << 18, 3072, &config->intermediate_size,
                       error)
         && read_uint (source, "max_position_embeddings", 3, 1 << 20, 512,
                       &config->max_position_embeddings, error)
         && read_uint (source, "type_vocab_size", 1, 256, 2, &config->type_vocab_size, error)
         && read_uint (source, "pad_token_id", 0, (1 << 24) - 1, 0, &config->pad_token_id, error)
         && read_double (source, "layer_norm_eps", 1e-30, 1, 1e-12, &config->layer_norm_eps, error)
         && read_double (source, "initializer_range", 0, 10, 0.02, &config->initializer_range,
                         error)
         && read_double (source, "hidden_dropout_prob", 0, 0.99, 0.1, &config->hidden_dropout_prob,
                         error)
         && read_double (source, "attention_probs_dropout_prob", 0, 0.99, 0.1,
                         &config->attention_probs_dropout_prob, error)
         && read_double (source, "classifier_dropout", 0, 0.99, -1, &config->classifier_dropout,
                         error);
}

/**
 * attune_model_config_parse:
 * @json: the bytes of a config.json
 * @source_name: what to call it in errors
 *
 * Returns: (transfer full) (nullable): UNSUPPORTED for a kind of model Attune does not know, FORMAT
 *   for a malformed or absurd file
 */
AttuneModelConfig *
attune_model_config_parse (GBytes      *json,
                           const char  *source_name,
                           GError     **error)
{
  g_autoptr (AttuneModelConfig) config = g_new0 (AttuneModelConfig, 1);
  g_autoptr (yyjson_doc) document = NULL;
  Source source = { .source_name = source_name };
  const char *data, *duplicate;
  gsize length;

  data = g_bytes_get_data (json, &length);
  document = attune_json_parse_object (data, length, source_name, error);
  if (document == NULL)
    return NULL;

  source.root = yyjson_doc_get_root (document);
  if (attune_json_has_duplicates (source.root, &duplicate))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” says “%.64s” twice"), source_name, duplicate);
      return NULL;
    }
  if (!check_supported (&source, error) || !read_fields (&source, config, error)
      || !read_labels (&source, config, error))
    return NULL;
  config->multi_label = yyjson_equals_str (yyjson_obj_get (source.root, "problem_type"),
                                           "multi_label_classification");

  if (config->hidden_size % config->num_attention_heads != 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” divides %u features among %u attention heads, which leaves a rest"),
                   source_name, config->hidden_size, config->num_attention_heads);
      return NULL;
    }
  if (config->pad_token_id >= config->vocab_size)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” pads with token %u of %u"), source_name, config->pad_token_id,
                   config->vocab_size);
      return NULL;
    }

  return g_steal_pointer (&config);
}

static void
tensor_spec_free (gpointer data)
{
  AttuneTensorSpec *spec = data;

  g_free (spec->name);
  g_free (spec);
}

/* columns 0: a vector. */
static void
add_tensor (GPtrArray  *specs,
            const char *prefix,
            const char *name,
            guint64     rows,
            guint64     columns)
{
  AttuneTensorSpec *spec = g_new0 (AttuneTensorSpec, 1);

  spec->name = g_strconcat (prefix, name, NULL);
  spec->n_dims = columns == 0 ? 1 : 2;
  spec->shape[0] = rows;
  spec->shape[1] = columns;
  spec->is_head = g_str_has_prefix (spec->name, "classifier.");
  spec->is_optional = spec->is_head || g_str_has_prefix (spec->name, "bert.pooler.");
  g_ptr_array_add (specs, spec);
}

static void
add_linear (GPtrArray  *specs,
            const char *prefix,
            const char *name,
            guint64     outputs,
            guint64     inputs)
{
  g_autofree char *weight = g_strconcat (name, ".weight", NULL);
  g_autofree char *bias = g_strconcat (name, ".bias", NULL);

  add_tensor (specs, prefix, weight, outputs, inputs);
  add_tensor (specs, prefix, bias, outputs, 0);
}

static void
add_layer_norm (GPtrArray  *specs,
                const char *prefix,
                const char *name,
                guint64     features)
{
  add_linear (specs, prefix, name, features, 0);
}

/**
 * attune_model_config_list_tensors:
 * @n_labels: classes of the head
 *
 * Names and shapes as transformers' BertForSequenceClassification has them; matrices are
 * (outputs, inputs).
 *
 * Returns: (transfer full) (element-type AttuneTensorSpec): in the order of the computation
 */
GPtrArray *
attune_model_config_list_tensors (const AttuneModelConfig *self,
                                  guint                    n_labels)
{
  GPtrArray *specs;
  const guint64 hidden = self->hidden_size, wide = self->intermediate_size;

  if (self->rnn != NULL)
    return attune_rnn_config_list_tensors (self, n_labels);

  specs = g_ptr_array_new_with_free_func (tensor_spec_free);
  add_tensor (specs, "bert.embeddings.", "word_embeddings.weight", self->vocab_size, hidden);
  add_tensor (specs, "bert.embeddings.", "position_embeddings.weight",
              self->max_position_embeddings, hidden);
  add_tensor (specs, "bert.embeddings.", "token_type_embeddings.weight", self->type_vocab_size,
              hidden);
  add_layer_norm (specs, "bert.embeddings.", "LayerNorm", hidden);

  for (guint layer = 0; layer < self->num_hidden_layers; layer++)
    {
      g_autofree char *prefix = g_strdup_printf ("bert.encoder.layer.%u.", layer);

      add_linear (specs, prefix, "attention.self.query", hidden, hidden);
      add_linear (specs, prefix, "attention.self.key", hidden, hidden);
      add_linear (specs, prefix, "attention.self.value", hidden, hidden);
      add_linear (specs, prefix, "attention.output.dense", hidden, hidden);
      add_layer_norm (specs, prefix, "attention.output.LayerNorm", hidden);
      add_linear (specs, prefix, "intermediate.dense", wide, hidden);
      add_linear (specs, prefix, "output.dense", hidden, wide);
      add_layer_norm (specs, prefix, "output.LayerNorm", hidden);
    }

  add_linear (specs, "bert.", "pooler.dense", hidden, hidden);
  add_linear (specs, "", "classifier", n_labels, hidden);

  return specs;
}
