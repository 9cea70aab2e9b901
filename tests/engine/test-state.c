/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weights and optimizer state in and out of the engine, and that a run continued from them is the
 * run that was never interrupted.
 */
#include "config.h"

#include <string.h>

#include "engine-fixture.h"

static AttuneEngineModel *
dropping_model (void)
{
  return test_model_new (0.2, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32, NULL);
}

/* Batches differ from step to step, so that rows of the embeddings rest and come back. */
static void
train (AttuneEngineModel *model,
       guint64            first,
       guint64            last)
{
  for (guint64 number = first; number <= last; number++)
    {
      g_autoptr (TestBatch) batch = test_batch_random ((guint) number, 2, 3);
      AttuneEngineStep step = test_step (number, 2);

      step.learning_rate = 1e-3 / (double) number;
      g_assert_true (test_train (model, batch, &step).applied);
    }
}

static void
test_names_and_round_trip (void)
{
  const AttuneEngineApi *api;
  AttuneEngineModel *model, *copy;
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) weights = NULL;
  g_autoptr (GArray) copied = NULL;
  size_t n = 0;

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  model = dropping_model ();
  copy = test_model_new (0.2, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32, "attention=other");
  train (model, 1, 2);
  test_assert_ok (api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      guint64 length = sizeof (float);

      test_assert_ok (api->describe_tensor (model, i, &tensor, &_error));
      for (guint k = 0; k < tensor.n_dims; k++)
        length *= tensor.shape[k];
      g_assert_cmpuint (length, ==, tensor.length);
      g_assert_true (g_hash_table_add (names, (gpointer) tensor.name));
    }
  g_assert_cmpuint (n, ==, 5 + 2 * 16 + 4);
  g_assert_true (g_hash_table_contains (names, "bert.embeddings.word_embeddings.weight"));
  g_assert_true (g_hash_table_contains (names, "bert.encoder.layer.1.attention.self.key.bias"));
  g_assert_true (g_hash_table_contains (names, "bert.pooler.dense.weight"));
  g_assert_true (g_hash_table_contains (names, "classifier.bias"));

  weights = test_read_weights (model);
  test_write_weights (copy, weights);
  copied = test_read_weights (copy);
  g_assert_cmpmem (weights->data, weights->len * 4, copied->data, copied->len * 4);
  api->model_free (model);
  api->model_free (copy);
}

static void
test_resume (void)
{
  const AttuneEngineApi *api;
  AttuneEngineModel *straight, *half, *resumed;
  g_autoptr (GArray) weights = NULL;
  g_autoptr (GArray) state = NULL;
  g_autoptr (GArray) expected = NULL;
  g_autoptr (GArray) expected_state = NULL;
  g_autoptr (GArray) found = NULL;
  g_autoptr (GArray) found_state = NULL;
  guint64 updates = 0;
  size_t n = 0;

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  straight = dropping_model ();
  half = dropping_model ();
  resumed = dropping_model ();

  train (straight, 1, 8);
  train (half, 1, 4);
  weights = test_read_weights (half);
  state = test_read_state (half);
  test_assert_ok (api->count_state (half, &n, &updates, &_error));
  g_assert_cmpuint (updates, ==, 4);
  test_write_weights (resumed, weights);
  test_write_state (resumed, state);
  test_assert_ok (api->set_updates (resumed, updates, &_error));
  train (resumed, 5, 8);
  train (half, 5, 8); /* reading must not have disturbed it */

  expected = test_read_weights (straight);
  expected_state = test_read_state (straight);
  found = test_read_weights (resumed);
  found_state = test_read_state (resumed);
  test_assert_equal_floats (expected, found, 0);
  test_assert_equal_floats (expected_state, found_state, 0);
  g_clear_pointer (&found, g_array_unref);
  found = test_read_weights (half);
  test_assert_equal_floats (expected, found, 0);
  api->model_free (straight);
  api->model_free (half);
  api->model_free (resumed);
}

static void
test_halves_are_converted (void)
{
  static const guint16 f16[] = { 0x3c00, 0xc000, 0x3555 }; /* 1, -2, 0.33325195 */
  static const guint16 bf16[] = { 0x3f80, 0xc000, 0x3eaa };
  const AttuneEngineApi *api;
  AttuneEngineModel *model;
  guint8 odd[7];
  size_t n = 0;

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  model = dropping_model ();
  test_assert_ok (api->count_tensors (model, &n, &_error));
  for (guint k = 0; k < 2; k++)
    {
      AttuneEngineTensor tensor = { .name = "classifier.bias", .n_dims = 1, .shape = { 3 },
                                    .length = 6 };
      float numbers[3];

      tensor.dtype = k == 0 ? ATTUNE_ENGINE_F16 : ATTUNE_ENGINE_BF16;
      memcpy (odd + 1, k == 0 ? f16 : bf16, 6); /* at an odd address, as in a mapped file */
      tensor.data = odd + 1;
      test_assert_ok (api->write_tensor (model, &tensor, &_error));
      tensor.data = numbers;
      tensor.length = sizeof numbers;
      test_assert_ok (api->read_tensor (model, n - 1, &tensor, &_error));
      g_assert_cmpfloat (numbers[0], ==, 1.0f);
      g_assert_cmpfloat (numbers[1], ==, -2.0f);
      g_assert_cmpfloat_with_epsilon (numbers[2], 0.333f, 2e-3f);
    }
  api->model_free (model);
}

static void
test_wrong_tensors (void)
{
  const AttuneEngineApi *api;
  AttuneEngineModel *model;
  float numbers[4] = { 0 };
  AttuneEngineTensor tensor = { .name = "classifier.bias", .n_dims = 1, .shape = { 4 },
                                .data = numbers,
                                .length = sizeof numbers };
  AttuneEngineError error = { 0 };

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  model = dropping_model ();
  g_assert_cmpint (api->write_tensor (model, &tensor, &error), ==, ATTUNE_ENGINE_BAD_SHAPE);
  g_assert_nonnull (strstr (error.message, "classifier.bias"));
  tensor.shape[0] = 3;
  g_assert_cmpint (api->write_tensor (model, &tensor, &error), ==, ATTUNE_ENGINE_BAD_SHAPE);
  tensor.name = "lm_head.weight";
  g_assert_cmpint (api->write_tensor (model, &tensor, &error), ==, ATTUNE_ENGINE_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error.message, "lm_head.weight"));
  tensor.name = "momentum/classifier.bias";
  g_assert_cmpint (api->write_state (model, &tensor, &error), ==, ATTUNE_ENGINE_INVALID_ARGUMENT);
  g_assert_cmpint (api->read_tensor (model, 9999, &tensor, &error), ==,
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
  api->model_free (model);
}

static void
test_initial_weights (void)
{
  const AttuneEngineApi *api;
  AttuneEngineModel *model;
  g_autoptr (GArray) first = NULL;
  g_autoptr (GArray) second = NULL;
  double sum = 0, squares = 0;
  guint n = 200 * 32;

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  model = dropping_model ();
  test_assert_ok (api->init_tensor (model, "bert.embeddings.word_embeddings.weight", 0.02, 5,
                                    &_error));
  first = test_read_weights (model);
  test_assert_ok (api->init_tensor (model, "bert.embeddings.word_embeddings.weight", 0.02, 5,
                                    &_error));
  second = test_read_weights (model);
  test_assert_equal_floats (first, second, 0);
  for (guint i = 0; i < n; i++)
    {
      sum += g_array_index (first, float, i);
      squares += g_array_index (first, float, i) * g_array_index (first, float, i);
    }
  g_assert_cmpfloat_with_epsilon (sum / n, 0, 1e-3);
  g_assert_cmpfloat_with_epsilon (squares / n, 4e-4, 3e-5);
  api->model_free (model);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/state/names-and-round-trip", test_names_and_round_trip);
  g_test_add_func ("/engine/state/resume-is-bit-equal", test_resume);
  g_test_add_func ("/engine/state/halves-are-converted", test_halves_are_converted);
  g_test_add_func ("/engine/state/wrong-tensors-are-refused", test_wrong_tensors);
  g_test_add_func ("/engine/state/initial-weights", test_initial_weights);
  return g_test_run ();
}
