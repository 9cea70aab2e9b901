/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a HF folder: config.json says which tensors there must be, model.safetensors must hold
 * them in those shapes (attune-model-tensors.h), and the vocabulary must fit the word embeddings.
 * Any thread; immutable once opened.
 */
#include "config.h"

#include "attune-model-folder.h"

#include <glib/gi18n.h>

#include "attune-json.h"
#include "attune-model-store.h"
#include "attune-model-tensors.h"
#include "attune-model-weights.h"
#include "attune-tokenizer-files.h"

#define MAX_CONFIG_LENGTH (16u << 20)

struct _AttuneModelFolder {
  char *path;
  AttuneModelConfig *config;
  AttuneTokenizer *tokenizer;
  GPtrArray *weights;     /* of AttuneSafetensors */
  AttuneModelTensors tensors;
  GPtrArray *warnings;    /* NULL-terminated */
  guint64 n_bytes;
  AttuneModelFolder *encoder; /* of one that is not written: where weights come from; nullable */
  gatomicrefcount ref_count;
};

/* Embeddings are often padded to a round number of rows, rarely by a few of a great many; nothing
 * else may differ. */
static gboolean
check_vocabulary (AttuneModelFolder  *self,
                  GError            **error)
{
  guint n_tokens = attune_tokenizer_get_n_tokens (self->tokenizer);
  guint n_rows = self->config->vocab_size;

  if (n_tokens == n_rows)
    return TRUE;
  for (guint round = 8; round <= 512 && n_tokens < n_rows; round *= 2)
    if ((n_tokens + round - 1) / round * round == n_rows)
      return TRUE;
  if (n_tokens < n_rows && n_rows - n_tokens <= n_rows / 1000)
    {
      g_ptr_array_add (self->warnings,
                       g_strdup_printf (_("The vocabulary in “%s” has %u tokens and the model rows "
                                          "for %u; the last ones are never used"),
                                        self->path, n_tokens, n_rows));
      return TRUE;
    }

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
               _("The vocabulary in “%s” has %u tokens, but the model was made for %u; they do not "
                 "belong together"),
               self->path, n_tokens, n_rows);
  return FALSE;
}

static gboolean
load (AttuneModelFolder     *self,
      AttuneModelOpenFlags   flags,
      GError               **error)
{
  g_autofree char *config_path = g_build_filename (self->path, "config.json", NULL);
  g_autoptr (GBytes) json = NULL;

  json = attune_json_load_file (config_path, MAX_CONFIG_LENGTH, error);
  if (json == NULL)
    return FALSE;
  self->config = attune_model_config_parse (json, config_path, error);
  if (self->config == NULL)
    return FALSE;

  self->weights = attune_model_weights_open (self->path, &self->n_bytes, error);
  if (self->weights == NULL)
    return FALSE;
  if (!attune_model_tensors_match (&self->tensors, self->config, self->weights, self->path, error))
    return FALSE;

  if (flags & ATTUNE_MODEL_OPEN_NO_TOKENIZER)
    return TRUE;
  self->tokenizer = attune_tokenizer_files_load (
    self->path, attune_model_config_get_max_length (self->config), self->warnings, error);

  return self->tokenizer != NULL && check_vocabulary (self, error);
}

static AttuneModelFolder *
create (const char *path)
{
  AttuneModelFolder *self = g_new0 (AttuneModelFolder, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_strdup (path);
  attune_model_tensors_init (&self->tensors);
  self->warnings = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  return self;
}

/**
 * attune_model_folder_open:
 * @path: a folder with config.json, model.safetensors (or several files and their index) and,
 *   unless @flags says that no tokenizer is needed, vocab.txt or tokenizer.json
 *
 * A model without head or pooler opens; attune_model_folder_get_missing() lists them.
 *
 * Returns: (transfer full) (nullable): MISSING, FORMAT, UNSUPPORTED or MISMATCH otherwise, naming
 *   file and tensor; errors of the tokenizer; IO errors
 */
AttuneModelFolder *
attune_model_folder_open (const char            *path,
                          AttuneModelOpenFlags   flags,
                          GError               **error)
{
  AttuneModelFolder *self = create (path);

  if (attune_model_store_get_scratch (path) != NULL)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("The model “%s” knows nothing before it is trained; name a run of it instead"),
                 attune_model_store_get_scratch (path));
  else if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("There is no folder “%s”"), path);
  else if (load (self, flags, error))
    return self;

  attune_model_folder_unref (self);
  return NULL;
}

/**
 * attune_model_folder_new_unwritten:
 * @encoder: (nullable): whose tensors are looked up, too
 *
 * Returns: (transfer full): a model whose own weights are still to be drawn
 */
AttuneModelFolder *
attune_model_folder_new_unwritten (const char              *name,
                                   const AttuneModelConfig *config,
                                   AttuneTokenizer         *tokenizer,
                                   AttuneModelFolder       *encoder)
{
  AttuneModelFolder *self = create (name);
  guint n_labels = config->label_names != NULL ? g_strv_length (config->label_names) : 2;
  g_autoptr (GPtrArray) specs = attune_model_config_list_tensors (config, n_labels);

  self->config = attune_model_config_copy (config);
  self->tokenizer = attune_tokenizer_ref (tokenizer);
  if (encoder != NULL)
    self->encoder = attune_model_folder_ref (encoder);
  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);

      self->tensors.n_weights += spec->shape[0] * (spec->n_dims > 1 ? spec->shape[1] : 1);
    }
  self->n_bytes = sizeof (float) * self->tensors.n_weights;
  return self;
}

/**
 * attune_model_folder_is_written:
 *
 * Returns: %FALSE for one of attune_model_folder_new_unwritten()
 */
gboolean
attune_model_folder_is_written (AttuneModelFolder *self)
{
  return self->weights != NULL;
}

/**
 * attune_model_folder_ref:
 *
 * Returns: (transfer full): @self
 */
AttuneModelFolder *
attune_model_folder_ref (AttuneModelFolder *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * attune_model_folder_unref:
 *
 * The last one unmaps the weights; views of them are dead then.
 */
void
attune_model_folder_unref (AttuneModelFolder *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  attune_model_tensors_clear (&self->tensors);
  g_ptr_array_unref (self->warnings);
  g_clear_pointer (&self->weights, g_ptr_array_unref);
  g_clear_pointer (&self->encoder, attune_model_folder_unref);
  g_clear_pointer (&self->tokenizer, attune_tokenizer_unref);
  g_clear_pointer (&self->config, attune_model_config_free);
  g_free (self->path);
  g_free (self);
}

/**
 * attune_model_folder_get_path:
 *
 * Returns: (transfer none): as it was opened
 */
const char *
attune_model_folder_get_path (AttuneModelFolder *self)
{
  return self->path;
}

/**
 * attune_model_folder_get_config:
 *
 * Returns: (transfer none): what config.json says
 */
const AttuneModelConfig *
attune_model_folder_get_config (AttuneModelFolder *self)
{
  return self->config;
}

/**
 * attune_model_folder_get_tokenizer:
 *
 * Returns: (transfer none) (nullable): %NULL when the folder was opened without
 */
AttuneTokenizer *
attune_model_folder_get_tokenizer (AttuneModelFolder *self)
{
  return self->tokenizer;
}

/**
 * attune_model_folder_get_n_weights:
 *
 * Returns: numbers in all tensors that belong to the model
 */
guint64
attune_model_folder_get_n_weights (AttuneModelFolder *self)
{
  return self->tensors.n_weights;
}

/**
 * attune_model_folder_get_n_bytes:
 *
 * Returns: length of model.safetensors, or of the files it is divided into
 */
guint64
attune_model_folder_get_n_bytes (AttuneModelFolder *self)
{
  return self->n_bytes;
}

/**
 * attune_model_folder_lookup:
 * @name: canonical, "bert.embeddings.LayerNorm.weight"
 *
 * Returns: (transfer none) (nullable): a view with that name; its data need not be aligned
 */
const AttuneTensorView *
attune_model_folder_lookup (AttuneModelFolder *self,
                            const char        *name)
{
  /* What an encoder answered before is not what this one will. */
  if (self->encoder != NULL)
    return g_str_has_prefix (name, "classifier.") ? NULL
                                                  : attune_model_folder_lookup (self->encoder, name);
  return attune_model_tensors_lookup (&self->tensors, name);
}

/**
 * attune_model_folder_get_missing:
 *
 * Returns: (transfer none): canonical names of head and pooler tensors that the file lacks
 */
const char * const *
attune_model_folder_get_missing (AttuneModelFolder *self)
{
  return (const char * const *) self->tensors.missing->pdata;
}

/**
 * attune_model_folder_get_unexpected:
 *
 * Returns: (transfer none): names, as the file spells them, of tensors that are not used
 */
const char * const *
attune_model_folder_get_unexpected (AttuneModelFolder *self)
{
  return (const char * const *) self->tensors.unexpected->pdata;
}

/**
 * attune_model_folder_get_warnings:
 *
 * Returns: (transfer none): contradictions between the tokenizer's files and how they were decided
 */
const char * const *
attune_model_folder_get_warnings (AttuneModelFolder *self)
{
  return (const char * const *) self->warnings->pdata;
}

/**
 * attune_model_folder_check_finite:
 *
 * Returns: %FALSE with FORMAT naming a tensor with a NaN or an infinity, or CANCELLED
 */
gboolean
attune_model_folder_check_finite (AttuneModelFolder  *self,
                                  GCancellable       *cancellable,
                                  GError            **error)
{
  for (guint i = 0; i < self->weights->len; i++)
    if (!attune_safetensors_check_length (g_ptr_array_index (self->weights, i), error))
      return FALSE;

  return attune_model_tensors_check_finite (&self->tensors, self->path, cancellable, error);
}
