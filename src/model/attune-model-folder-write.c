/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a HF folder that transformers' AutoModelForSequenceClassification and AutoTokenizer load
 * as they are. The folder appears whole or not at all. Any thread but the main one.
 */
#include "config.h"

#include "attune-model-folder.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-durable.h"
#include "attune-json.h"
#include "attune-model-family.h"
#include "attune-rnn-config.h"
#include "attune-tokenizer-files.h"

/* The release of transformers whose config.json this is. */
#define TRANSFORMERS_VERSION "4.44.2"

static void
add_fields (yyjson_mut_doc          *document,
            yyjson_mut_val          *root,
            const AttuneModelConfig *config)
{
  for (guint i = 0; i < config->family->n_fields; i++)
    {
      const AttuneModelField *field = &config->family->fields[i];
      gconstpointer member = G_STRUCT_MEMBER_P (config, field->offset);
      double real;

      switch (field->kind)
        {
        case ATTUNE_FIELD_COUNT:
          yyjson_mut_obj_add_uint (document, root, field->key, *(const guint *) member);
          break;
        case ATTUNE_FIELD_FLAG:
          yyjson_mut_obj_add_bool (document, root, field->key, *(const gboolean *) member);
          break;
        case ATTUNE_FIELD_WORD:
          yyjson_mut_obj_add_str (document, root, field->key, *(char *const *) member);
          break;
        case ATTUNE_FIELD_REAL:
          real = *(const double *) member;
          if (real < field->minimum)
            yyjson_mut_obj_add_null (document, root, field->key);
          else
            yyjson_mut_obj_add_real (document, root, field->key, real);
          break;
        }
    }
}

/* The number of labels is that of id2label; saying it again could only contradict. */
static void
add_labels (yyjson_mut_doc     *document,
            yyjson_mut_val     *root,
            const char * const *label_names)
{
  yyjson_mut_val *id2label = yyjson_mut_obj_add_obj (document, root, "id2label");
  yyjson_mut_val *label2id = yyjson_mut_obj_add_obj (document, root, "label2id");

  for (guint i = 0; label_names[i] != NULL; i++)
    {
      char key[16];

      g_snprintf (key, sizeof key, "%u", i);
      yyjson_mut_obj_add (id2label, yyjson_mut_strcpy (document, key),
                          yyjson_mut_str (document, label_names[i]));
      yyjson_mut_obj_add_uint (document, label2id, label_names[i], i);
    }
}

static const char *
torch_dtype (AttuneDtype dtype)
{
  return dtype == ATTUNE_DTYPE_F16    ? "float16"
         : dtype == ATTUNE_DTYPE_BF16 ? "bfloat16"
         : dtype == ATTUNE_DTYPE_F64  ? "float64"
                                      : "float32";
}

/* Hugging Face knows no such model; what was learnt is read by Attune again. */
static void
add_recurrent (yyjson_mut_doc          *document,
               yyjson_mut_val          *root,
               const AttuneModelConfig *config)
{
  yyjson_mut_val *encoder;

  yyjson_mut_obj_add_str (document, root, "model_type", config->model_type);
  attune_rnn_config_write (config, document, root);
  if (config->encoder == NULL)
    return;
  encoder = yyjson_mut_obj_add_obj (document, root, "encoder");
  yyjson_mut_obj_add_str (document, encoder, "model_type", config->encoder->model_type);
  add_fields (document, encoder, config->encoder);
}

static gboolean
write_config (const char               *folder,
              const AttuneModelConfig  *config,
              const char * const       *label_names,
              AttuneDtype               dtype,
              GError                  **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (document);
  yyjson_mut_val *architectures;

  yyjson_mut_doc_set_root (document, root);
  if (config->rnn != NULL)
    add_recurrent (document, root, config);
  else
    {
      architectures = yyjson_mut_obj_add_arr (document, root, "architectures");
      yyjson_mut_arr_add_str (document, architectures, config->family->architecture);
      yyjson_mut_obj_add_str (document, root, "model_type", config->model_type);
      add_fields (document, root, config);
      yyjson_mut_obj_add_str (document, root, "transformers_version", TRANSFORMERS_VERSION);
    }
  /* Said only by what had a choice. */
  if (config->rnn == NULL && config->type_vocab_size > 0)
    {
      yyjson_mut_obj_add_str (document, root, "position_embedding_type", "absolute");
      yyjson_mut_obj_add_bool (document, root, "use_cache", true);
    }
  yyjson_mut_obj_add_str (document, root, "problem_type",
                          config->multi_label ? "multi_label_classification"
                                              : "single_label_classification");
  add_labels (document, root, label_names);
  yyjson_mut_obj_add_str (document, root, "torch_dtype", torch_dtype (dtype));

  return attune_json_save (document, folder, "config.json", error);
}

static gboolean mismatch (GError    **error,
                          const char *format,
                          ...) G_GNUC_PRINTF (2, 3);

static gboolean
mismatch (GError     **error,
          const char  *format,
          ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                                                format, args));
  va_end (args);
  return FALSE;
}

/* A folder that could not be opened again must not be written. */
static gboolean
check (const AttuneModelConfig  *config,
       const char * const       *label_names,
       const AttuneTensorView   *tensors,
       guint                     n_tensors,
       GError                  **error)
{
  guint n_labels = g_strv_length ((char **) label_names);
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, n_labels);
  g_autoptr (GHashTable) views = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < n_labels; i++)
    if (!g_hash_table_add (labels, (gpointer) label_names[i]))
      return mismatch (error, _("Two labels are named “%s”"), label_names[i]);

  for (guint i = 0; i < n_tensors; i++)
    if (!g_hash_table_insert (views, (gpointer) tensors[i].name, (gpointer) &tensors[i]))
      return mismatch (error, _("There are two tensors named “%s”"), tensors[i].name);

  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);
      const AttuneTensorView *view = g_hash_table_lookup (views, spec->name);

      if (view == NULL)
        return mismatch (error, _("The model to be written lacks the tensor “%s”"), spec->name);
      if (view->n_dims != spec->n_dims
          || memcmp (view->shape, spec->shape, spec->n_dims * sizeof *spec->shape) != 0)
        return mismatch (error, _("Tensor “%s” of the model to be written has the wrong shape"),
                         spec->name);
    }
  if (n_tensors != specs->len)
    return mismatch (error, _("The model to be written has surplus tensors"));

  return TRUE;
}

/**
 * attune_model_folder_write_description:
 * @path: a folder that is being made
 *
 * Writes config.json and the tokenizer's files, which with model.safetensors make a HF folder.
 */
gboolean
attune_model_folder_write_description (const char               *path,
                                       const AttuneModelConfig  *config,
                                       const char * const       *label_names,
                                       AttuneTokenizer          *tokenizer,
                                       AttuneDtype               dtype,
                                       GError                  **error)
{
  return write_config (path, config, label_names, dtype, error)
         && attune_tokenizer_files_write (path, tokenizer, attune_model_config_get_max_length (config),
                                          error);
}

/**
 * attune_model_folder_write:
 * @path: the folder to be
 * @replace: whether an existing folder gives way, as a whole
 * @label_names: NULL-terminated, one for each class, each different
 * @tensors: (array length=n_tensors): every tensor of attune_model_config_list_tensors(), by its
 *   canonical name
 *
 * Returns: %FALSE with EXISTS, MISMATCH or an IO error; @path is then as it was before
 */
gboolean
attune_model_folder_write (const char               *path,
                           gboolean                  replace,
                           const AttuneModelConfig  *config,
                           const char * const       *label_names,
                           AttuneTokenizer          *tokenizer,
                           const AttuneTensorView   *tensors,
                           guint                     n_tensors,
                           GError                  **error)
{
  g_autofree char *temporary = NULL;
  g_autofree char *weights = NULL;

  g_return_val_if_fail (tokenizer != NULL && label_names != NULL, FALSE);

  if (!check (config, label_names, tensors, n_tensors, error))
    return FALSE;
  if (!replace && g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_EXISTS, _("“%s” exists already"),
                   path);
      return FALSE;
    }

  temporary = attune_durable_folder_begin (path, error);
  if (temporary == NULL)
    return FALSE;

  weights = g_build_filename (temporary, "model.safetensors", NULL);
  if (!attune_safetensors_write (weights, tensors, n_tensors, NULL, error)
      || !attune_model_folder_write_description (temporary, config, label_names, tokenizer,
                                                 tensors[0].dtype, error))
    {
      attune_durable_folder_remove (temporary);
      return FALSE;
    }

  return attune_durable_folder_commit (temporary, path, replace, error);
}
