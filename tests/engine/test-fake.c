/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fake engine does what its script says; the other rooms' tests lean on it.
 */
#include "config.h"

#include <math.h>

#include "engine-fixture.h"

static AttuneEngineModel *
scripted_model (const char    *script,
                AttuneEngine **engine)
{
  const AttuneEngineOption config[] = { { "model_type", "bert" }, { "hidden_size", "16" },
                                        { "vocab_size", "200" }, { "num_hidden_layers", "1" },
                                        { "intermediate_size", "8" },
                                        { "max_position_embeddings", "40" } };
  AttuneEngineModel *model = NULL;

  g_setenv ("ATTUNE_FAKE_SCRIPT", script, TRUE);
  test_assert_ok (test_engine_api ()->open (NULL, 0, engine, &_error));
  test_assert_ok (test_engine_api ()->model_create (*engine, NULL, config, G_N_ELEMENTS (config),
                                                    ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32,
                                                    true, &model, &_error));
  return model;
}

static void
test_learns (void)
{
  g_autoptr (TestBatch) batch = test_batch_random (1, 8, 3);
  AttuneEngine *engine;
  AttuneEngineModel *model = scripted_model ("", &engine);
  double first = 0, last = 0;

  for (guint64 i = 1; i <= 50; i++)
    {
      AttuneEngineStep step = test_step (i, 8);

      last = test_train (model, batch, &step).loss;
      first = i == 1 ? last : first;
    }
  g_assert_cmpfloat (last, <, 0.7 * first);
  test_engine_api ()->model_free (model);
  test_engine_api ()->close (engine);
}

static void
test_faults (void)
{
  g_autoptr (TestBatch) batch = test_batch_random (1, 8, 3);
  g_autoptr (TestBatch) small = test_batch_slice (batch, 0, 4);
  AttuneEngine *engine;
  AttuneEngineModel *model = scripted_model ("nan@2;inf@3;fail@4;oom@4;lost@9;loss=exp", &engine);
  AttuneEngineStep step = test_step (1, 4);
  AttuneEngineStepResult result;
  guint64 updates = 0;
  size_t n = 0;

  g_assert_cmpint (test_engine_api ()->train_step (model, &batch->batch, &step, NULL), ==,
                   ATTUNE_ENGINE_OUT_OF_MEMORY);
  g_assert_cmpfloat_with_epsilon (test_train (model, small, &step).loss, exp (-0.05), 1e-12);
  step.step = 2;
  result = test_train (model, small, &step);
  g_assert_true (isnan (result.loss) && !result.applied);
  step.step = 3;
  result = test_train (model, small, &step);
  g_assert_true (isinf (result.grad_norm) && !result.applied);
  test_assert_ok (test_engine_api ()->count_state (model, &n, &updates, &_error));
  g_assert_cmpuint (updates, ==, 1);
  step.step = 4;
  g_assert_cmpint (test_engine_api ()->train_step (model, &small->batch, &step, NULL), ==,
                   ATTUNE_ENGINE_INTERNAL);
  step.step = 9;
  g_assert_cmpint (test_engine_api ()->train_step (model, &small->batch, &step, NULL), ==,
                   ATTUNE_ENGINE_DEVICE_LOST);
  step.step = 10;
  g_assert_cmpint (test_engine_api ()->train_step (model, &small->batch, &step, NULL), ==,
                   ATTUNE_ENGINE_DEVICE_LOST);
  test_engine_api ()->model_free (model);
  test_engine_api ()->close (engine);
}

static void
test_late_results (void)
{
  g_autoptr (TestBatch) batch = test_batch_random (1, 4, 3);
  AttuneEngine *engine;
  AttuneEngineModel *model = scripted_model ("lag=2", &engine);
  AttuneEngineStepResult results[8];
  size_t n = 9;

  for (guint64 i = 1; i <= 3; i++)
    {
      AttuneEngineStep step = test_step (i, 4);

      test_assert_ok (test_engine_api ()->train_step (model, &batch->batch, &step, &_error));
      test_assert_ok (test_engine_api ()->collect (model, false, results, 8, &n, &_error));
      g_assert_cmpuint (n, ==, i < 3 ? 0 : 1);
    }
  test_assert_ok (test_engine_api ()->collect (model, true, results, 8, &n, &_error));
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (results[1].step, ==, 3);
  test_engine_api ()->model_free (model);
  test_engine_api ()->close (engine);
}

static void
test_bad_script (void)
{
  AttuneEngine *engine = NULL;

  g_setenv ("ATTUNE_FAKE_SCRIPT", "explode@3", TRUE);
  g_assert_cmpint (test_engine_api ()->open (NULL, 0, &engine, NULL), ==,
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("ATTUNE_ENGINE", g_getenv ("ATTUNE_FAKE_ENGINE"), TRUE);
  g_test_add_func ("/engine/fake/learns", test_learns);
  g_test_add_func ("/engine/fake/faults", test_faults);
  g_test_add_func ("/engine/fake/late-results", test_late_results);
  g_test_add_func ("/engine/fake/bad-script", test_bad_script);
  return g_test_run ();
}
