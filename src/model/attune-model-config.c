/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json: what a model looks like. Its family says which keys there are, in which range, and
 * what stands for those that are missing. Any thread.
 */
#include "config.h"

#include "attune-model-folder.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-json.h"
#include "attune-model-family.h"
#include "attune-rnn-config.h"

#define MAX_LABELS 100000
#define MAX_WORD 64 /* bytes */

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
  copy->classifier_pooling = g_strdup (self->classifier_pooling);
  copy->classifier_activation = g_strdup (self->classifier_activation);
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
  g_free (self->classifier_pooling);
  g_free (self->classifier_activation);
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

/* The family, which only recurrent models lack, and nothing that Attune would silently compute
 * wrongly. */
static gboolean
find_family (const Source       *source,
             AttuneModelConfig  *config,
             GError            **error)
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
  config->model_type = g_strdup (type);
  config->family = attune_model_family_find (type);
  if (config->family == NULL && strcmp (type, ATTUNE_RNN_MODEL_TYPE) != 0)
    {
      g_autofree char *known = attune_model_family_list ();

      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("“%s” describes a model of type “%.64s”; Attune knows %s"),
                   source->source_name, type, known);
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

/* These have a last layer of the same name, which says nothing of whole texts. */
static gboolean
has_other_output (const Source *source)
{
  static const char *const endings[] = { "ForTokenClassification", "ForMultipleChoice" };
  const char *name = yyjson_get_str (yyjson_arr_get_first (yyjson_obj_get (source->root,
                                                                           "architectures")));

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (name != NULL && g_str_has_suffix (name, endings[i]))
      return TRUE;
  return FALSE;
}

static gboolean
read_word (const Source            *source,
           const AttuneModelField  *field,
           char                   **value,
           GError                 **error)
{
  yyjson_val *found = yyjson_obj_get (source->root, field->key);
  const char *word = yyjson_get_str (found);

  *value = g_strdup (field->word);
  if (found == NULL || yyjson_is_null (found))
    return TRUE;

  if (word == NULL || *word == '\0' || yyjson_get_len (found) > MAX_WORD
      || strlen (word) != yyjson_get_len (found))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” in “%s” must be a word"), field->key, source->source_name);
      return FALSE;
    }

  g_free (*value);
  *value = g_strdup (word);
  return TRUE;
}

static gboolean
read_flag (const Source            *source,
           const AttuneModelField  *field,
           gboolean                *value,
           GError                 **error)
{
  yyjson_val *found = yyjson_obj_get (source->root, field->key);

  *value = yyjson_is_true (found);
  if (found == NULL || yyjson_is_null (found) || yyjson_is_bool (found))
    return TRUE;

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               _("“%s” in “%s” must be true or false"), field->key, source->source_name);
  return FALSE;
}

static gboolean
read_fields (const Source       *source,
             AttuneModelConfig  *config,
             GError            **error)
{
  for (guint i = 0; i < config->family->n_fields; i++)
    {
      const AttuneModelField *field = &config->family->fields[i];
      gpointer member = G_STRUCT_MEMBER_P (config, field->offset);
      gboolean ok = FALSE;

      switch (field->kind)
        {
        case ATTUNE_FIELD_COUNT:
          ok = read_uint (source, field->key, (guint) field->minimum, (guint) field->maximum,
                          (guint) field->fallback, member, error);
          break;
        case ATTUNE_FIELD_REAL:
          ok = read_double (source, field->key, field->minimum, field->maximum, field->fallback,
                            member, error);
          break;
        case ATTUNE_FIELD_FLAG:
          ok = read_flag (source, field, member, error);
          break;
        case ATTUNE_FIELD_WORD:
          ok = read_word (source, field, member, error);
          break;
        }
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

/* What no single number shows. */
static gboolean
check_sizes (const Source       *source,
             AttuneModelConfig  *config,
             GError            **error)
{
  if (config->hidden_size % config->num_attention_heads != 0)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” divides %u features among %u attention heads, which leaves a rest"),
                   source->source_name, config->hidden_size, config->num_attention_heads);
      return FALSE;
    }
  if (config->pad_token_id >= config->vocab_size)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” pads with token %u of %u"), source->source_name, config->pad_token_id,
                   config->vocab_size);
      return FALSE;
    }
  if (config->family->after_padding
      && config->max_position_embeddings < config->pad_token_id + 4)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” has %u positions, of which none is left for a text"),
                   source->source_name, config->max_position_embeddings);
      return FALSE;
    }
  return config->family->check == NULL
         || config->family->check (config, source->root, source->source_name, error);
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
  if (!find_family (&source, config, error))
    return NULL;
  if (config->family == NULL
        ? !attune_rnn_config_parse (config, source.root, source_name, error)
        : !read_fields (&source, config, error) || !check_sizes (&source, config, error))
    return NULL;
  config->other_output = has_other_output (&source);
  if (!config->other_output && !read_labels (&source, config, error))
    return NULL;
  config->multi_label = yyjson_equals_str (yyjson_obj_get (source.root, "problem_type"),
                                           "multi_label_classification");

  return g_steal_pointer (&config);
}

static void
tensor_spec_free (gpointer data)
{
  AttuneTensorSpec *spec = data;

  g_free (spec->name);
  g_free (spec);
}

/**
 * attune_model_config_get_max_length:
 *
 * Returns: how many tokens of a text the model can read, specials included
 */
guint
attune_model_config_get_max_length (const AttuneModelConfig *self)
{
  if (self->encoder != NULL)
    return attune_model_config_get_max_length (self->encoder);
  if (self->family != NULL && self->family->after_padding)
    return self->max_position_embeddings - self->pad_token_id - 1;
  return self->max_position_embeddings;
}

/**
 * attune_model_config_get_output:
 *
 * Returns: (transfer none): the name of the head's last layer, whose rows are the classes
 */
const char *
attune_model_config_get_output (const AttuneModelConfig *self)
{
  return self->family != NULL ? self->family->output : "classifier";
}

/**
 * attune_model_config_describe:
 *
 * Returns: (transfer full): key, value, key, value …, the keys those of the family's config.json; a
 *   value that is null there is "null"
 */
char **
attune_model_config_describe (const AttuneModelConfig *self)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  g_strv_builder_add_many (words, "model_type", self->model_type, NULL);
  if (self->rnn != NULL)
    {
      attune_rnn_config_describe (self, words);
      return g_strv_builder_end (words);
    }
  for (guint i = 0; i < self->family->n_fields; i++)
    {
      const AttuneModelField *field = &self->family->fields[i];
      char *value = attune_model_field_format (field, self);

      g_strv_builder_add (words, field->key);
      g_strv_builder_take (words, value != NULL ? value : g_strdup ("null"));
    }
  return g_strv_builder_end (words);
}

/**
 * attune_model_config_list_tensors:
 * @n_labels: classes of the head
 *
 * Names and shapes as transformers' …ForSequenceClassification of the family has them; matrices are
 * (outputs, inputs).
 *
 * Returns: (transfer full) (element-type AttuneTensorSpec): in the order of the computation
 */
GPtrArray *
attune_model_config_list_tensors (const AttuneModelConfig *self,
                                  guint                    n_labels)
{
  GPtrArray *specs;

  if (self->rnn != NULL)
    return attune_rnn_config_list_tensors (self, n_labels);

  specs = g_ptr_array_new_with_free_func (tensor_spec_free);
  self->family->list_tensors (self, n_labels, specs);

  return specs;
}
