/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See engine-fixture.h. Reads safetensors in the simplest way, of trusted files only, so that the
 * engine's tests do not lean on the model room.
 */
#include "config.h"

#include "engine-fixture.h"

#include <math.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (yyjson_doc, yyjson_doc_free)

gboolean
test_engine_available (void)
{
  g_autoptr (GError) error = NULL;

  if (attune_engine_load (NULL, &error) != NULL)
    return TRUE;
  g_test_skip ("needs an engine plug-in (libtorch)");
  g_test_message ("%s", error->message);
  return FALSE;
}

const AttuneEngineApi *
test_engine_api (void)
{
  return attune_engine_load (NULL, NULL);
}

static gboolean
on_device_path (void)
{
  return g_strcmp0 (g_getenv ("ATTUNE_TEST_PATH"), "device") == 0;
}

AttuneEngine *
test_engine (void)
{
  static AttuneEngine *engine = NULL;
  const AttuneEngineOption option = { "device_path", on_device_path () ? "1" : "0" };
  AttuneEngineError error = { 0 };

  if (engine == NULL && test_engine_api ()->open (&option, 1, &engine, &error) != ATTUNE_ENGINE_OK)
    g_error ("%s", error.message);
  return engine;
}

const AttuneEngineDevice *
test_device (void)
{
  static AttuneEngineDevice devices[2];
  size_t n_devices = 0;

  test_assert_ok (test_engine_api ()->list_devices (test_engine (), devices, 2, &n_devices,
                                                    &_error));
  return &devices[on_device_path () && n_devices > 1 ? 1 : 0];
}

char *
test_fixture (const char *name)
{
  return g_build_filename (g_test_get_dir (G_TEST_DIST), "fixtures", name, NULL);
}

yyjson_doc *
test_json (const char *folder,
           const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  yyjson_read_err error;
  yyjson_doc *doc = yyjson_read_file (path, 0, NULL, &error);

  if (doc == NULL)
    g_error ("%s: %s", path, error.msg);
  return doc;
}

static AttuneEngineModel *
create (GArray               *options,
        AttuneEngineTask      task,
        guint                 n_labels,
        AttuneEnginePrecision precision)
{
  AttuneEngineModel *model = NULL;

  test_assert_ok (test_engine_api ()->model_create (test_engine (), test_device (),
                                                    (AttuneEngineOption *) (gpointer) options->data,
                                                    options->len, task, n_labels, precision, true,
                                                    &model, &_error));
  return model;
}

static void
set_option (GArray     *options,
            const char *key,
            const char *value)
{
  AttuneEngineOption option = { g_intern_string (key), g_intern_string (value) };

  for (guint i = 0; i < options->len; i++)
    if (g_str_equal (g_array_index (options, AttuneEngineOption, i).key, key))
      {
        g_array_index (options, AttuneEngineOption, i) = option;
        return;
      }
  g_array_append_val (options, option);
}

const TestFamily test_families[] = {
  { "bert", "model_type=bert" },
  { "distilbert",
    "model_type=distilbert;dim=32;n_layers=2;n_heads=4;hidden_dim=64" },
  { "roberta", "model_type=roberta;pad_token_id=1;max_position_embeddings=42;type_vocab_size=1" },
  { "xlm-roberta",
    "model_type=xlm-roberta;pad_token_id=1;max_position_embeddings=42;type_vocab_size=1" },
  { "electra", "model_type=electra;embedding_size=16" },
  { "modernbert", "model_type=modernbert;local_attention=8;num_hidden_layers=4" },
  { "modernbert-mean", "model_type=modernbert;local_attention=6;global_attn_every_n_layers=2;"
                       "norm_bias=true;attention_bias=true;mlp_bias=true;classifier_bias=true;"
                       "classifier_pooling=mean;classifier_activation=relu" },
};
const guint test_n_families = G_N_ELEMENTS (test_families);

AttuneEngineModel *
test_model_new (double                dropout,
                AttuneEngineTask      task,
                guint                 n_labels,
                AttuneEnginePrecision precision,
                const char           *extra)
{
  static const char *config = "model_type=bert;vocab_size=200;hidden_size=32;num_hidden_layers=2;"
                              "num_attention_heads=4;intermediate_size=64;max_position_embeddings=40";
  static const char *const dropouts[] = {
    "hidden_dropout_prob", "attention_probs_dropout_prob", /* BERT */
    "dropout", "seq_classif_dropout", "attention_dropout", /* DistilBERT, and ModernBERT: */
    "mlp_dropout", "embedding_dropout", "classifier_dropout",
  };
  g_autoptr (GArray) options = g_array_new (FALSE, FALSE, sizeof (AttuneEngineOption));
  g_autofree char *p = g_strdup_printf ("%g", dropout);
  g_autofree char *all = g_strconcat (config, ";", extra, NULL);
  g_auto (GStrv) entries = g_strsplit (all, ";", -1);
  const AttuneEngineApi *api = test_engine_api ();
  AttuneEngineModel *model;
  size_t n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (dropouts); i++)
    set_option (options, dropouts[i], p);
  for (guint i = 0; entries[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (entries[i], "=", 2);

      if (pair[0] != NULL && pair[1] != NULL)
        set_option (options, pair[0], pair[1]);
    }
  model = create (options, task, n_labels, precision);
  test_assert_ok (api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      g_autofree float *ones = NULL;

      test_assert_ok (api->describe_tensor (model, i, &tensor, &_error));
      if (tensor.n_dims > 1 || !g_str_has_suffix (tensor.name, ".weight"))
        {
          test_assert_ok (api->init_tensor (model, tensor.name, 0.1, 7 + i, &_error));
          continue;
        }
      ones = g_new (float, tensor.length / sizeof (float));
      for (gsize k = 0; k < tensor.length / sizeof (float); k++)
        ones[k] = 1.0f;
      tensor.data = ones;
      test_assert_ok (api->write_tensor (model, &tensor, &_error));
    }
  return model;
}

AttuneEngineModel *
test_model_load (const char *folder,
                 guint       n_labels)
{
  return test_model_load_with (folder, n_labels, NULL, 0);
}

AttuneEngineModel *
test_model_load_with (const char               *folder,
                      guint                     n_labels,
                      const AttuneEngineOption *more,
                      gsize                     n_more)
{
  g_autoptr (GArray) options = g_array_new (FALSE, FALSE, sizeof (AttuneEngineOption));
  g_autoptr (yyjson_doc) doc = test_json (folder, "config.json");
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  yyjson_obj_iter members = yyjson_obj_iter_with (yyjson_doc_get_root (doc));
  yyjson_val *key;
  AttuneEngineModel *model;

  while ((key = yyjson_obj_iter_next (&members)) != NULL)
    {
      yyjson_val *value = yyjson_obj_iter_get_val (key);

      if (yyjson_is_str (value))
        set_option (options, yyjson_get_str (key), yyjson_get_str (value));
      else if (yyjson_is_bool (value))
        set_option (options, yyjson_get_str (key), yyjson_get_bool (value) ? "true" : "false");
      else if (yyjson_is_num (value))
        {
          char number[G_ASCII_DTOSTR_BUF_SIZE];

          g_ascii_dtostr (number, sizeof number, yyjson_get_num (value));
          set_option (options, yyjson_get_str (key), number);
        }
    }
  set_option (options, "hidden_dropout_prob", "0");
  set_option (options, "attention_probs_dropout_prob", "0");
  for (gsize k = 0; k < n_more; k++)
    set_option (options, more[k].key, more[k].value);
  model = create (options, ATTUNE_ENGINE_SINGLE_LABEL, n_labels, ATTUNE_ENGINE_FP32);
  test_model_load_tensors (model, weights);
  return model;
}

static gboolean
has_tensor (AttuneEngineModel *model,
            const char        *name)
{
  size_t n = 0;

  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      if (g_str_equal (tensor.name, name))
        return TRUE;
    }
  return FALSE;
}

void
test_model_load_tensors (AttuneEngineModel *model,
                         const char        *path)
{
  g_autofree char *data = NULL;
  g_autoptr (yyjson_doc) doc = NULL;
  yyjson_obj_iter members;
  yyjson_val *key;
  gsize length;
  guint64 header;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  memcpy (&header, data, 8);
  doc = yyjson_read (data + 8, header, 0);
  g_assert_nonnull (doc);
  members = yyjson_obj_iter_with (yyjson_doc_get_root (doc));
  while ((key = yyjson_obj_iter_next (&members)) != NULL)
    {
      yyjson_val *value = yyjson_obj_iter_get_val (key);
      yyjson_val *shape = yyjson_obj_get (value, "shape");
      yyjson_val *offsets = yyjson_obj_get (value, "data_offsets");
      AttuneEngineTensor tensor = { .name = yyjson_get_str (key), .dtype = ATTUNE_ENGINE_F32 };
      g_autofree char *prefixed = g_strconcat ("bert.", tensor.name, NULL);

      if (shape == NULL)
        continue;
      if (!has_tensor (model, tensor.name))
        tensor.name = prefixed;
      if (!has_tensor (model, tensor.name))
        continue;
      tensor.n_dims = (guint32) yyjson_arr_size (shape);
      for (guint i = 0; i < tensor.n_dims; i++)
        tensor.shape[i] = yyjson_get_uint (yyjson_arr_get (shape, i));
      tensor.data = data + 8 + header + yyjson_get_uint (yyjson_arr_get (offsets, 0));
      tensor.length = yyjson_get_uint (yyjson_arr_get (offsets, 1))
                      - yyjson_get_uint (yyjson_arr_get (offsets, 0));
      test_assert_ok (test_engine_api ()->write_tensor (model, &tensor, &_error));
    }
}

TestBatch *
test_batch_new (void)
{
  TestBatch *self = g_new0 (TestBatch, 1);
  gint32 zero = 0;

  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->offsets = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_array_append_val (self->offsets, zero);
  return self;
}

void
test_batch_add (TestBatch    *self,
                const gint32 *ids,
                gsize         n,
                gint32        label)
{
  gint32 end;

  g_array_append_vals (self->ids, ids, (guint) n);
  g_array_append_val (self->labels, label);
  end = (gint32) self->ids->len;
  g_array_append_val (self->offsets, end);
  self->batch.ids = (gint32 *) (gpointer) self->ids->data;
  self->batch.n_tokens = self->ids->len;
  self->batch.offsets = (gint32 *) (gpointer) self->offsets->data;
  self->batch.n_sequences = self->labels->len;
  self->batch.labels = (gint32 *) (gpointer) self->labels->data;
}

TestBatch *
test_batch_random (guint seed,
                   guint n,
                   guint n_labels)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  TestBatch *self = test_batch_new ();

  for (guint b = 0; b < n; b++)
    {
      gint32 ids[30];
      gint32 length = g_rand_int_range (random, 3, 31);

      for (gint32 t = 0; t < length; t++)
        ids[t] = g_rand_int_range (random, 0, 200);
      test_batch_add (self, ids, (gsize) length, g_rand_int_range (random, 0, (gint32) n_labels));
    }
  return self;
}

TestBatch *
test_batch_slice (const TestBatch *self,
                  guint            begin,
                  guint            end)
{
  TestBatch *slice = test_batch_new ();

  for (guint b = begin; b < end; b++)
    test_batch_add (slice, self->batch.ids + self->batch.offsets[b],
                    (gsize) (self->batch.offsets[b + 1] - self->batch.offsets[b]),
                    self->batch.labels[b]);
  return slice;
}

void
test_batch_free (TestBatch *self)
{
  g_array_unref (self->ids);
  g_array_unref (self->offsets);
  g_array_unref (self->labels);
  g_free (self);
}

AttuneEngineStep
test_step (guint64 number,
           double  denominator)
{
  return (AttuneEngineStep) {
    .step = number, .seed = 42, .last_micro_batch = true, .denominator = denominator,
    .learning_rate = 1e-3, .adam_beta1 = 0.9, .adam_beta2 = 0.999, .adam_epsilon = 1e-8,
    .weight_decay = 0.01, .max_grad_norm = 1.0,
  };
}

AttuneEngineStepResult
test_train (AttuneEngineModel      *model,
            const TestBatch        *batch,
            const AttuneEngineStep *step)
{
  AttuneEngineStepResult result = { 0 };
  size_t n = 0;

  test_assert_ok (test_engine_api ()->train_step (model, &batch->batch, step, &_error));
  if (!step->last_micro_batch)
    return result;
  test_assert_ok (test_engine_api ()->collect (model, true, &result, 1, &n, &_error));
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (result.step, ==, step->step);
  return result;
}

static GArray *
read_all (AttuneEngineModel *model,
          gboolean           state)
{
  const AttuneEngineApi *api = test_engine_api ();
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  guint64 updates = 0;
  size_t n = 0;

  if (state)
    test_assert_ok (api->count_state (model, &n, &updates, &_error));
  else
    test_assert_ok (api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      guint begin = all->len;

      test_assert_ok ((state ? api->describe_state : api->describe_tensor) (model, i, &tensor,
                                                                            &_error));
      g_array_set_size (all, begin + (guint) (tensor.length / sizeof (float)));
      tensor.data = &g_array_index (all, float, begin);
      test_assert_ok ((state ? api->read_state : api->read_tensor) (model, i, &tensor, &_error));
    }
  return all;
}

static void
write_all (AttuneEngineModel *model,
           const GArray      *all,
           gboolean           state)
{
  const AttuneEngineApi *api = test_engine_api ();
  guint64 updates = 0;
  guint begin = 0;
  size_t n = 0;

  if (state)
    test_assert_ok (api->count_state (model, &n, &updates, &_error));
  else
    test_assert_ok (api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      test_assert_ok ((state ? api->describe_state : api->describe_tensor) (model, i, &tensor,
                                                                            &_error));
      tensor.data = &g_array_index (all, float, begin);
      begin += (guint) (tensor.length / sizeof (float));
      test_assert_ok ((state ? api->write_state : api->write_tensor) (model, &tensor, &_error));
    }
  g_assert_cmpuint (begin, ==, all->len);
}

GArray *
test_read_weights (AttuneEngineModel *model)
{
  return read_all (model, FALSE);
}

GArray *
test_read_state (AttuneEngineModel *model)
{
  return read_all (model, TRUE);
}

void
test_write_weights (AttuneEngineModel *model,
                    const GArray      *weights)
{
  write_all (model, weights, FALSE);
}

void
test_write_state (AttuneEngineModel *model,
                  const GArray      *state)
{
  write_all (model, state, TRUE);
}

void
test_assert_equal_floats (const GArray *a,
                          const GArray *b,
                          double        tolerance)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      float x = g_array_index (a, float, i), y = g_array_index (b, float, i);

      if (!(fabs ((double) x - (double) y) <= tolerance))
        g_error ("number %u is %.9g here and %.9g there", i, (double) x, (double) y);
    }
}
