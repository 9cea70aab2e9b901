/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fifty steps with each optimizer, with penalties, a learning rate that falls from layer to layer,
 * frozen parts and adapters, against torch's own numbers (fixtures/optimizers/make.py); and that
 * recomputing what a layer keeps changes no bit.
 */
#include <math.h>
#include <string.h>

#include "engine-fixture.h"

static TestBatch *
read_batch (yyjson_val *list)
{
  TestBatch *batch = test_batch_new ();
  yyjson_val *text;
  size_t i, n;

  yyjson_arr_foreach (list, i, n, text)
    {
      yyjson_val *ids = yyjson_arr_get (text, 0);
      gint32 values[64];
      yyjson_val *id;
      size_t k, n_ids;

      yyjson_arr_foreach (ids, k, n_ids, id)
        values[k] = yyjson_get_int (id);
      test_batch_add (batch, values, n_ids, yyjson_get_int (yyjson_arr_get (text, 1)));
    }
  return batch;
}

/* As make.py does it: A by a sine, B zero. Returns how many tensors there are. */
static gsize
fill_adapters (AttuneEngineModel *model)
{
  const AttuneEngineApi *api = test_engine_api ();
  gsize n, n_adapters = 0;

  test_assert_ok (api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      g_autofree float *values = NULL;

      test_assert_ok (api->describe_tensor (model, i, &tensor, &_error));
      if (strstr (tensor.name, ".lora_") == NULL)
        continue;
      n_adapters++;
      values = g_new0 (float, tensor.length / sizeof (float));
      for (gsize k = 0; k < tensor.length / sizeof (float) && strstr (tensor.name, "lora_A") != NULL; k++)
        values[k] = (float) (0.1 * sin ((double) k + 1));
      tensor.data = values;
      test_assert_ok (api->write_tensor (model, &tensor, &_error));
    }
  return n_adapters;
}

static AttuneEngineModel *
create_model (yyjson_val *options)
{
  g_autofree char *folder = test_fixture ("tiny-bert");
  AttuneEngineOption list[8];
  yyjson_val *key, *value;
  size_t i, n;

  yyjson_obj_foreach (options, i, n, key, value)
    list[i] = (AttuneEngineOption) { yyjson_get_str (key), yyjson_get_str (value) };
  return test_model_load_with (folder, 3, list, yyjson_obj_size (options));
}

static void
follow (const char *name,
        yyjson_val *fixture,
        yyjson_val *reference)
{
  yyjson_val *batches = yyjson_obj_get (fixture, "batches");
  yyjson_val *special = yyjson_obj_get (reference, "step");
  yyjson_val *steps = yyjson_obj_get (reference, "steps");
  yyjson_val *options = yyjson_obj_get (reference, "options");
  AttuneEngineModel *model = create_model (options);
  gsize n_adapters = fill_adapters (model);
  double worst_loss = 0, worst_norm = 0;

  g_assert_cmpuint (n_adapters > 0, ==, yyjson_obj_get (options, "lora_r") != NULL);
  for (guint i = 0; i < yyjson_arr_size (steps); i++)
    {
      g_autoptr (TestBatch) batch = read_batch (yyjson_arr_get (batches, i % yyjson_arr_size (batches)));
      yyjson_val *want = yyjson_arr_get (steps, i);
      yyjson_val *decay = yyjson_obj_get (special, "weight_decay");
      AttuneEngineStep step = test_step (i + 1, (double) batch->batch.n_sequences);
      AttuneEngineStepResult result;
      double loss = yyjson_get_num (yyjson_arr_get (want, 0));
      double norm = yyjson_get_num (yyjson_arr_get (want, 1));

      step.learning_rate = yyjson_get_num (yyjson_arr_get (want, 2));
      step.max_grad_norm = yyjson_get_num (yyjson_obj_get (fixture, "max_grad_norm"));
      step.weight_decay = decay != NULL ? yyjson_get_num (decay) : 0.01;
      step.adam_epsilon = 1e-8;
      step.momentum = yyjson_get_num (yyjson_obj_get (special, "momentum"));
      step.nesterov = yyjson_get_bool (yyjson_obj_get (special, "nesterov"));
      step.l1_penalty = yyjson_get_num (yyjson_obj_get (special, "l1"));
      step.l2_penalty = yyjson_get_num (yyjson_obj_get (special, "l2"));
      result = test_train (model, batch, &step);
      g_assert_true (result.applied);
      worst_loss = MAX (worst_loss, fabs (result.loss - loss) / loss);
      worst_norm = MAX (worst_norm, fabs (result.grad_norm - norm) / norm);
    }
  g_test_message ("%s: loss within %.1e, gradient norm within %.1e, relative", name, worst_loss, worst_norm);
  g_assert_cmpfloat (worst_loss, <, 1e-3);
  g_assert_cmpfloat (worst_norm, <, 1e-2);
  test_engine_api ()->model_free (model);
}

static void
test_reference (void)
{
  g_autofree char *folder = NULL;
  yyjson_doc *doc;
  yyjson_val *root, *key, *value;
  size_t i, n;

  if (!test_engine_available ())
    return;
  folder = test_fixture ("optimizers");
  doc = test_json (folder, "optimizers.json");
  root = yyjson_doc_get_root (doc);
  yyjson_obj_foreach (yyjson_obj_get (root, "cases"), i, n, key, value)
    follow (yyjson_get_str (key), root, value);
  g_assert_cmpuint (n, ==, 13);
  yyjson_doc_free (doc);
}

static void
test_recomputing_changes_nothing (void)
{
  GArray *weights[2];

  if (!test_engine_available ())
    return;
  for (guint side = 0; side < 2; side++)
    {
      AttuneEngineModel *model = test_model_new (0.2, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32,
                                                 side ? "gradient_checkpointing=yes" : NULL);

      for (guint64 i = 0; i < 4; i++)
        {
          g_autoptr (TestBatch) batch = test_batch_random ((guint) i, 8, 3);
          AttuneEngineStep step = test_step (i + 1, 8);

          test_train (model, batch, &step);
        }
      weights[side] = test_read_weights (model);
      test_engine_api ()->model_free (model);
    }
  test_assert_equal_floats (weights[0], weights[1], 0);
  g_array_unref (weights[0]);
  g_array_unref (weights[1]);
}

/* What is frozen has no moments and does not move. */
static void
test_frozen_stays (void)
{
  AttuneEngineModel *model;
  gsize n_tensors, n_state;
  guint64 updates;
  g_autoptr (GArray) before = NULL;
  g_autoptr (GArray) after = NULL;
  guint n_same = 0;

  if (!test_engine_available ())
    return;
  model = test_model_new (0.1, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32, "freeze_layers=2");
  before = test_read_weights (model);
  test_assert_ok (test_engine_api ()->count_tensors (model, &n_tensors, &_error));
  test_assert_ok (test_engine_api ()->count_state (model, &n_state, &updates, &_error));
  g_assert_cmpuint (n_state, ==, 8); /* pooler and classifier, each weight and bias, two moments */
  for (guint64 i = 0; i < 3; i++)
    {
      g_autoptr (TestBatch) batch = test_batch_random ((guint) i, 8, 3);
      AttuneEngineStep step = test_step (i + 1, 8);

      g_assert_true (test_train (model, batch, &step).applied);
    }
  after = test_read_weights (model);
  for (guint i = 0; i < before->len; i++)
    n_same += g_array_index (before, float, i) == g_array_index (after, float, i);
  g_assert_cmpuint (before->len - n_same, <=, 32 * 32 + 32 + 3 * 32 + 3);
  g_assert_cmpuint (before->len - n_same, >, 32 * 32);
  test_engine_api ()->model_free (model);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/optimizers/reference", test_reference);
  g_test_add_func ("/engine/optimizers/recomputing", test_recomputing_changes_nothing);
  g_test_add_func ("/engine/optimizers/frozen", test_frozen_stays);
  return g_test_run ();
}
