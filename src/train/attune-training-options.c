/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adapters are called as PEFT calls them: beside "…query.weight" (out, in) stand
 * "…query.lora_A.weight" (r, in) and "…query.lora_B.weight" (out, r). Trainer thread only.
 */
#include "config.h"

#include "attune-training-options.h"

#include <math.h>

#include <glib/gi18n.h>

#define MARK_A ".lora_A.weight"
#define MARK_B ".lora_B.weight"

/* Settings that the engine knows by the same name and in the same words. */
static const char *const passed[] = {
  "layerwise_lr_decay", "freeze_embeddings", "freeze_layers", "gradient_checkpointing",
  "lora_r",             "lora_alpha",        "lora_dropout",  "lora_target_modules",
};

static void
add (GArray       *options,
     GStringChunk *chunk,
     const char   *key,
     const char   *value)
{
  AttuneEngineOption option = { key, g_string_chunk_insert (chunk, value) };

  g_array_append_val (options, option);
}

void
attune_training_options_add (AttuneTrainConfig *config,
                             GArray            *options,
                             GStringChunk      *chunk)
{
  const char *optimizer = attune_train_config_get_string (config, "optim");

  if (g_str_equal (optimizer, "sgd") && attune_train_config_get_double (config, "sgd_momentum") > 0)
    optimizer = "sgd_momentum";
  add (options, chunk, "optimizer", optimizer);
  for (guint i = 0; i < G_N_ELEMENTS (passed); i++)
    {
      g_autofree char *text = attune_train_config_get_text (config, passed[i]);

      add (options, chunk, passed[i], text);
    }
}

char *
attune_training_options_describe (AttuneTrainConfig *config)
{
  g_autoptr (GArray) options = g_array_new (FALSE, FALSE, sizeof (AttuneEngineOption));
  g_autoptr (GStringChunk) chunk = g_string_chunk_new (256);
  GString *text = g_string_new (NULL);

  attune_training_options_add (config, options, chunk);
  for (guint i = 0; i < options->len; i++)
    g_string_append_printf (text, "%s;", g_array_index (options, AttuneEngineOption, i).value);
  return g_string_free (text, FALSE);
}

double
attune_training_get_scale (AttuneTrainConfig *config)
{
  gint64 rank = attune_train_config_get_int (config, "lora_r");

  return rank > 0 ? attune_train_config_get_double (config, "lora_alpha") / (double) rank : 0;
}

/* Calls for each of the model's adapter tensors; stops at the first that fails. */
typedef gboolean (* AdapterFunc) (AttuneClassifier   *classifier,
                                  AttuneEngineTensor *tensor,
                                  gpointer            data,
                                  GError            **error);

static gboolean
for_each (AttuneClassifier *classifier,
          AdapterFunc       func,
          gpointer          data,
          GError          **error)
{
  const AttuneEngineApi *api = classifier->api;
  AttuneEngineError failure = { 0 };
  size_t n = 0;

  if (api->count_tensors (classifier->model, &n, &failure) != ATTUNE_ENGINE_OK)
    return attune_engine_set_error (error, &failure, _("Creating the model"));
  for (size_t i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      if (api->describe_tensor (classifier->model, i, &tensor, &failure) != ATTUNE_ENGINE_OK)
        return attune_engine_set_error (error, &failure, _("Creating the model"));
      if ((g_str_has_suffix (tensor.name, MARK_A) || g_str_has_suffix (tensor.name, MARK_B))
          && !func (classifier, &tensor, data, error))
        return FALSE;
    }
  return TRUE;
}

/* As wide as PEFT draws them, uniformly there: a variance of 1/(3 in). Each its own numbers. */
static gboolean
draw (AttuneClassifier   *classifier,
      AttuneEngineTensor *tensor,
      gpointer            data,
      GError            **error)
{
  const guint64 *seed = data;
  double spread = g_str_has_suffix (tensor->name, MARK_A)
                    ? 1 / sqrt (3.0 * (double) tensor->shape[1])
                    : 0;
  AttuneEngineError failure = { 0 };

  if (classifier->api->init_tensor (classifier->model, tensor->name, spread,
                                    *seed + g_str_hash (tensor->name), &failure)
      == ATTUNE_ENGINE_OK)
    return TRUE;
  return attune_engine_set_error (error, &failure, tensor->name);
}

gboolean
attune_adapters_draw (AttuneClassifier *classifier,
                      guint64           seed,
                      GError          **error)
{
  return for_each (classifier, draw, &seed, error);
}

static gboolean
restore (AttuneClassifier   *classifier,
         AttuneEngineTensor *tensor,
         gpointer            data,
         GError            **error)
{
  const AttuneTensorView *view = attune_safetensors_lookup (data, tensor->name);
  AttuneEngineError failure = { 0 };

  if (view == NULL || view->dtype != ATTUNE_DTYPE_F32)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("The checkpoint lacks “%s”, so the run cannot go on from there"), tensor->name);
      return FALSE;
    }
  tensor->dtype = ATTUNE_ENGINE_F32;
  tensor->n_dims = view->n_dims;
  for (guint d = 0; d < view->n_dims; d++)
    tensor->shape[d] = view->shape[d];
  tensor->data = (void *) view->data;
  tensor->length = view->length;
  if (classifier->api->write_tensor (classifier->model, tensor, &failure) == ATTUNE_ENGINE_OK)
    return TRUE;
  return attune_engine_set_error (error, &failure, tensor->name);
}

gboolean
attune_adapters_restore (AttuneClassifier  *classifier,
                         AttuneSafetensors *weights,
                         GError           **error)
{
  return for_each (classifier, restore, weights, error);
}

static AttuneTensorView *
find_view (GArray     *views,
           const char *stem,
           gsize       length,
           const char *mark)
{
  for (guint i = 0; i < views->len; i++)
    {
      AttuneTensorView *view = &g_array_index (views, AttuneTensorView, i);

      if (strncmp (view->name, stem, length) == 0 && g_str_equal (view->name + length, mark))
        return view;
    }
  return NULL;
}

/* W (out, in) += scale B (out, r) A (r, in) */
static void
add_product (AttuneTensorView       *weight,
             const AttuneTensorView *a,
             const AttuneTensorView *b,
             double                  scale)
{
  gsize out = weight->shape[0], in = weight->shape[1], rank = a->shape[0];
  float *w = (float *) weight->data;
  const float *down = (const float *) a->data;
  const float *up = (const float *) b->data;

  for (gsize o = 0; o < out; o++)
    for (gsize r = 0; r < rank; r++)
      {
        float factor = (float) scale * up[o * rank + r];

        for (gsize i = 0; i < in; i++)
          w[o * in + i] += factor * down[r * in + i];
      }
}

void
attune_adapters_merge (GArray *views,
                       double  scale)
{
  for (guint i = views->len; i > 0; i--)
    {
      AttuneTensorView *a = &g_array_index (views, AttuneTensorView, i - 1);
      AttuneTensorView *weight, *b;
      gsize length;

      if (!g_str_has_suffix (a->name, MARK_A))
        continue;
      length = strlen (a->name) - strlen (MARK_A);
      weight = find_view (views, a->name, length, ".weight");
      b = find_view (views, a->name, length, MARK_B);
      g_assert (weight != NULL && b != NULL && weight->shape[0] == b->shape[0]
                && weight->shape[1] == a->shape[1] && a->shape[0] == b->shape[1]);
      add_product (weight, a, b, scale);
    }
  for (guint i = views->len; i > 0; i--)
    {
      const char *name = g_array_index (views, AttuneTensorView, i - 1).name;

      if (g_str_has_suffix (name, MARK_A) || g_str_has_suffix (name, MARK_B))
        g_array_remove_index (views, i - 1);
    }
}
