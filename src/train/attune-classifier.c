/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a model folder to an engine model and back: configuration as key and value, weights by their
 * HF names, what is missing drawn at random or refused. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-classifier.h"
#include "attune-model-head.h"

#include <math.h>

#include "attune-rnn-config.h"
#include "attune-training-options.h"

#define LONGEST_TEXT 512

/* The words must outlive the options. */
static GArray *
create_options (char **words)
{
  GArray *options = g_array_new (FALSE, FALSE, sizeof (AttuneEngineOption));

  for (guint i = 0; words[i] != NULL; i += 2)
    {
      AttuneEngineOption option = { words[i], words[i + 1] };

      g_array_append_val (options, option);
    }
  return options;
}

static gboolean
fits (const AttuneTensorView *view,
      const AttuneTensorSpec *spec)
{
  if (view == NULL || view->n_dims != spec->n_dims)
    return FALSE;
  for (guint i = 0; i < spec->n_dims; i++)
    if (view->shape[i] != spec->shape[i])
      return FALSE;
  return TRUE;
}

/* What the plan says of this tensor of the folder; KEPT where it says nothing. */
static AttuneHeadFate
get_fate (const AttuneClassifierSpec *spec,
          const AttuneTensorSpec     *tensor,
          guint                       n_labels)
{
  return spec->head == NULL && spec->head_plan != NULL
             && attune_model_head_is_output (tensor, n_labels)
           ? spec->head_plan->fate
           : ATTUNE_HEAD_KEPT;
}

static const AttuneTensorView *
find_view (const AttuneClassifierSpec *spec,
           const AttuneTensorSpec     *tensor,
           guint                       n_labels)
{
  const AttuneTensorView *view = NULL;

  if (get_fate (spec, tensor, n_labels) == ATTUNE_HEAD_REPLACED)
    return NULL;
  if (tensor->is_head && spec->head != NULL)
    view = attune_safetensors_lookup (spec->head, tensor->name);
  return view != NULL ? view : attune_model_folder_lookup (spec->folder, tensor->name);
}

static gboolean
write_view (AttuneClassifier        *self,
            const char              *name,
            const AttuneTensorView  *view,
            GError                 **error)
{
  AttuneEngineTensor tensor = { .name = name, .n_dims = view->n_dims, .data = (void *) view->data,
                                .length = view->length };
  AttuneEngineError failure = { 0 };

  switch (view->dtype)
    {
    case ATTUNE_DTYPE_F32:
      tensor.dtype = ATTUNE_ENGINE_F32;
      break;
    case ATTUNE_DTYPE_F16:
      tensor.dtype = ATTUNE_ENGINE_F16;
      break;
    case ATTUNE_DTYPE_BF16:
      tensor.dtype = ATTUNE_ENGINE_BF16;
      break;
    default:
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                   _("%s holds numbers of type %s; Attune reads F32, F16 and BF16"), name,
                   attune_dtype_get_name (view->dtype));
      return FALSE;
    }
  for (guint i = 0; i < view->n_dims; i++)
    tensor.shape[i] = view->shape[i];
  if (self->api->write_tensor (self->model, &tensor, &failure) == ATTUNE_ENGINE_OK)
    return TRUE;
  return attune_engine_set_error (error, &failure, name);
}

/* The rows of a head in the order of the data's classes. */
static gboolean
write_mapped (AttuneClassifier        *self,
              const AttuneTensorView  *view,
              const char              *name,
              const guint             *rows,
              GError                 **error)
{
  gsize row_length = view->length / view->shape[0];
  g_autofree guint8 *data = g_malloc (view->length);
  AttuneTensorView mapped = *view;

  for (guint64 i = 0; i < view->shape[0]; i++)
    memcpy (data + i * row_length, view->data + rows[i] * row_length, row_length);
  mapped.data = data;
  return write_view (self, name, &mapped, error);
}

/* A vector that is one value; of an LSTM's first bias a quarter is another. */
static gboolean
fill_vector (AttuneClassifier        *self,
             const AttuneTensorSpec  *spec,
             float                    value,
             GError                 **error)
{
  gsize n = spec->shape[0];
  g_autofree float *values = g_new (float, MAX (n, 1));
  AttuneTensorView view = { spec->name, ATTUNE_DTYPE_F32, 1, { n }, (const guint8 *) values,
                            n * sizeof *values };

  for (gsize i = 0; i < n; i++)
    values[i] = value;
  /* To keep what it has is what an LSTM begins with (Gers et al. 2000). */
  if (self->config->rnn != NULL && g_str_equal (self->config->rnn->cell, "lstm")
      && g_str_has_prefix (spec->name, "rnn.bias_ih"))
    for (gsize i = n / 4; i < n / 2; i++)
      values[i] = 1;
  return write_view (self, spec->name, &view, error);
}

/* How far weights lie from 0 at first: a recurrent model's as wide as keeps its numbers in range,
 * words apart; others' as their family says. */
static double
get_spread (AttuneClassifier       *self,
            const AttuneTensorSpec *spec)
{
  if (self->config->rnn == NULL)
    return self->config->initializer_range;
  if (g_str_has_suffix (spec->name, "word_embeddings.weight"))
    return 0.1;
  return 1 / sqrt ((double) spec->shape[1]);
}

/* As transformers' _init_weights: weights N(0, initializer_range), biases zero; a vector that is no
 * bias scales what was normalised. */
static gboolean
draw_tensor (AttuneClassifier        *self,
             const AttuneTensorSpec  *spec,
             guint64                  seed,
             GError                 **error)
{
  AttuneEngineError failure = { 0 };

  if (spec->n_dims == 1)
    return fill_vector (self, spec, g_str_has_suffix (spec->name, ".weight") ? 1 : 0, error);
  if (self->api->init_tensor (self->model, spec->name, get_spread (self, spec),
                              seed + g_str_hash (spec->name), &failure) == ATTUNE_ENGINE_OK)
    return TRUE;
  return attune_engine_set_error (error, &failure, spec->name);
}

static gboolean
load_weights (AttuneClassifier            *self,
              const AttuneClassifierSpec  *spec,
              GPtrArray                   *warnings,
              GError                     **error)
{
  g_autoptr (GPtrArray) tensors = attune_model_config_list_tensors (self->config, self->n_labels);

  for (guint i = 0; i < tensors->len; i++)
    {
      const AttuneTensorSpec *tensor = tensors->pdata[i];
      const AttuneTensorView *view = find_view (spec, tensor, self->n_labels);
      gboolean fresh = !attune_model_folder_is_written (spec->folder);
      gboolean may_draw = spec->trainable && (fresh || tensor->is_optional);

      if (fits (view, tensor))
        {
          if (get_fate (spec, tensor, self->n_labels) == ATTUNE_HEAD_MAPPED
                ? !write_mapped (self, view, tensor->name, spec->head_plan->rows, error)
                : !write_view (self, tensor->name, view, error))
            return FALSE;
          continue;
        }
      if (!may_draw || (tensor->is_head && spec->head != NULL))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                       view == NULL ? _("The model %s has no tensor %s")
                                    : _("The model %s has a tensor %s of the wrong shape"),
                       attune_model_folder_get_path (spec->folder), tensor->name);
          return FALSE;
        }
      if (warnings != NULL && !fresh && (view != NULL || !tensor->is_head))
        g_ptr_array_add (warnings,
                         g_strdup_printf (view == NULL
                                            ? _("%s is not in the model and starts at random")
                                            : _("%s has another shape and starts at random"),
                                          tensor->name));
      if (!draw_tensor (self, tensor, spec->seed, error))
        return FALSE;
    }
  return TRUE;
}

/* The labels of a model that brings its own head: config.json's names if their number is right. */
static char **
name_labels (const AttuneClassifierSpec  *spec,
             const AttuneModelConfig     *config,
             GError                     **error)
{
  g_autofree char *name = g_strconcat (attune_model_config_get_output (config), ".bias", NULL);
  const AttuneTensorSpec bias = { .name = name, .is_head = TRUE };
  const AttuneTensorView *view = find_view (spec, &bias, 0);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (view == NULL || view->n_dims != 1 || view->shape[0] == 0 || view->shape[0] > 1000000)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("The model %s has no classifier yet; fine-tune it first"),
                   attune_model_folder_get_path (spec->folder));
      return NULL;
    }
  if (config->label_names != NULL && g_strv_length (config->label_names) == view->shape[0])
    return g_strdupv (config->label_names);
  for (guint i = 0; i < view->shape[0]; i++)
    g_strv_builder_take (names, g_strdup_printf ("LABEL_%u", i));
  return g_strv_builder_end (names);
}

/**
 * attune_classifier_new:
 *
 * Creates the engine's model, writes every weight from the folder (or @spec's head), draws what may
 * be drawn.
 *
 * Returns: (transfer full): the classifier, or %NULL with ATTUNE_MODEL_ERROR or ATTUNE_ENGINE_ERROR
 */
AttuneClassifier *
attune_classifier_new (AttuneEngineHost            *host,
                       const AttuneClassifierSpec  *spec,
                       GPtrArray                   *warnings,
                       GError                     **error)
{
  g_autoptr (AttuneClassifier) self = g_new0 (AttuneClassifier, 1);
  const AttuneModelConfig *config = spec->config != NULL
                                      ? spec->config
                                      : attune_model_folder_get_config (spec->folder);
  AttuneTokenizer *tokenizer = attune_model_folder_get_tokenizer (spec->folder);
  g_auto (GStrv) words = attune_model_config_describe (config);
  g_autoptr (GArray) options = create_options (words);
  g_autoptr (GStringChunk) chunk = g_string_chunk_new (256);
  AttuneEngineError failure = { 0 };

  if (spec->training != NULL)
    {
      attune_training_options_add (spec->training, options, chunk);
      self->adapter_scale = attune_training_get_scale (spec->training);
    }
  self->ref_count = 1;
  self->api = host->api;
  self->config = attune_model_config_copy (config);
  self->cut.max_length = MIN (LONGEST_TEXT, attune_model_config_get_max_length (config));
  if (tokenizer != NULL)
    self->tokenizer = attune_tokenizer_ref (tokenizer);
  self->labels = spec->labels != NULL ? g_strdupv ((char **) spec->labels)
                                      : name_labels (spec, config, error);
  if (self->labels == NULL)
    return NULL;
  self->n_labels = g_strv_length (self->labels);
  if (host->api->model_create (host->engine, spec->device, (AttuneEngineOption *) options->data,
                               options->len,
                               config->multi_label ? ATTUNE_ENGINE_MULTI_LABEL
                                                   : ATTUNE_ENGINE_SINGLE_LABEL, self->n_labels,
                               spec->precision, spec->trainable, &self->model, &failure)
      != ATTUNE_ENGINE_OK)
    {
      attune_engine_set_error (error, &failure, _("Creating the model"));
      return NULL;
    }
  if (!load_weights (self, spec, warnings, error)
      || (self->adapter_scale > 0 && !attune_adapters_draw (self, spec->seed, error)))
    return NULL;
  return g_steal_pointer (&self);
}

AttuneClassifier *
attune_classifier_ref (AttuneClassifier *self)
{
  self->ref_count++;
  return self;
}

void
attune_classifier_unref (AttuneClassifier *self)
{
  if (--self->ref_count > 0)
    return;
  if (self->model != NULL)
    self->api->model_free (self->model);
  g_clear_pointer (&self->config, attune_model_config_free);
  g_clear_pointer (&self->tokenizer, attune_tokenizer_unref);
  g_strfreev (self->labels);
  g_free (self);
}

AttuneEngineStatus
attune_classifier_evaluate (AttuneClassifier         *self,
                            const AttuneEngineBatch  *batch,
                            float                    *logits,
                            GError                  **error)
{
  AttuneEngineError failure = { 0 };
  gsize n_texts = batch->texts != NULL ? batch->n_texts : batch->n_sequences;
  AttuneEngineStatus status = self->api->evaluate (self->model, batch, logits,
                                                   n_texts * self->n_labels, &failure);

  if (status != ATTUNE_ENGINE_OK)
    attune_engine_set_error (error, &failure, _("Computing a batch"));
  return status;
}

guint64
attune_classifier_count_moments (AttuneClassifier *self)
{
  size_t n = 0;
  uint64_t updates;
  guint64 sum = 0;

  if (self->api->count_state (self->model, &n, &updates, NULL) != ATTUNE_ENGINE_OK)
    return 0;
  for (size_t i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      if (self->api->describe_state (self->model, i, &tensor, NULL) == ATTUNE_ENGINE_OK)
        sum += tensor.length / sizeof (float);
    }
  return sum;
}

static void
clear_view (gpointer view)
{
  g_free ((guint8 *) ((AttuneTensorView *) view)->data);
}

/* Copies every weight out of the engine as float32. */
static GArray *
read_weights (AttuneClassifier  *self,
              GError           **error)
{
  g_autoptr (GArray) views = g_array_new (FALSE, TRUE, sizeof (AttuneTensorView));
  AttuneEngineError failure = { 0 };
  size_t n_tensors = 0;

  g_array_set_clear_func (views, clear_view);
  if (self->api->count_tensors (self->model, &n_tensors, &failure) != ATTUNE_ENGINE_OK)
    goto failed;
  for (size_t i = 0; i < n_tensors; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      AttuneTensorView view = { .dtype = ATTUNE_DTYPE_F32 };

      if (self->api->describe_tensor (self->model, i, &tensor, &failure) != ATTUNE_ENGINE_OK)
        goto failed;
      view.name = tensor.name;
      view.n_dims = tensor.n_dims;
      view.length = sizeof (float);
      for (guint d = 0; d < tensor.n_dims; d++)
        view.length *= view.shape[d] = tensor.shape[d];
      tensor.dtype = ATTUNE_ENGINE_F32;
      tensor.length = view.length;
      tensor.data = g_malloc (view.length);
      view.data = tensor.data;
      g_array_append_val (views, view);
      if (self->api->read_tensor (self->model, i, &tensor, &failure) != ATTUNE_ENGINE_OK)
        goto failed;
    }
  return g_steal_pointer (&views);

failed:
  attune_engine_set_error (error, &failure, _("Reading the weights"));
  return NULL;
}

gboolean
attune_classifier_save (AttuneClassifier  *self,
                        const char        *path,
                        GError           **error)
{
  g_autoptr (GArray) views = read_weights (self, error);

  if (views == NULL)
    return FALSE;
  if (self->adapter_scale > 0)
    attune_adapters_merge (views, self->adapter_scale);
  return attune_model_folder_write (path, g_file_test (path, G_FILE_TEST_EXISTS), self->config,
                                    (const char * const *) self->labels, self->tokenizer,
                                    (const AttuneTensorView *) views->data, views->len, error);
}
