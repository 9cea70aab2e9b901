/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ways of training in every family: recomputing changes no bit and keeps less in memory; what is
 * above frozen layers learns as it would without; all adapters learn, with the gradient of the very
 * function that the loss is.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "engine-fixture.h"

static AttuneEngineModel *
model_of (const TestFamily *family,
          double            dropout,
          const char       *more)
{
  g_autofree char *extra = g_strconcat (family->extra, ";", more, NULL);

  return test_model_new (dropout, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32, extra);
}

static void
test_recomputing_changes_nothing (gconstpointer data)
{
  static const char * const ways[] = {
    "lora_r=0", "freeze_layers=1", "lora_r=2;lora_dropout=0.3;lora_target_modules=all-linear",
  };

  if (!test_engine_available ())
    return;
  for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      GArray *weights[2];

      for (guint side = 0; side < 2; side++)
        {
          g_autofree char *more = g_strconcat (ways[way], ";gradient_checkpointing=",
                                               side ? "yes" : "no", NULL);
          AttuneEngineModel *model = model_of (data, 0.2, more);

          for (guint64 i = 0; i < 3; i++)
            {
              g_autoptr (TestBatch) batch = test_batch_random ((guint) i, 8, 3);
              AttuneEngineStep step = test_step (i + 1, 8);

              g_assert_true (test_train (model, batch, &step).applied);
            }
          weights[side] = test_read_weights (model);
          test_engine_api ()->model_free (model);
        }
      test_assert_equal_floats (weights[0], weights[1], 0);
      g_array_unref (weights[0]);
      g_array_unref (weights[1]);
    }
}

/* (transfer full): the numbers of the tensor, or of the optimizer's state, of that name; NULL if
 * there is none. */
static GArray *
read_named (AttuneEngineModel *model,
            const char        *name,
            gboolean           state)
{
  const AttuneEngineApi *api = test_engine_api ();
  guint64 updates = 0;
  size_t n = 0;

  test_assert_ok (state ? api->count_state (model, &n, &updates, &_error)
                        : api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      GArray *numbers;

      test_assert_ok ((state ? api->describe_state : api->describe_tensor) (model, i, &tensor,
                                                                            &_error));
      if (!g_str_equal (tensor.name, name))
        continue;
      numbers = g_array_new (FALSE, FALSE, sizeof (float));
      g_array_set_size (numbers, (guint) (tensor.length / sizeof (float)));
      tensor.data = numbers->data;
      test_assert_ok ((state ? api->read_state : api->read_tensor) (model, i, &tensor, &_error));
      return numbers;
    }
  return NULL;
}

static AttuneEngineStep
still_step (void)
{
  AttuneEngineStep step = test_step (1, 8);

  step.learning_rate = 0;
  step.weight_decay = 0;
  step.max_grad_norm = 0;
  return step;
}

/* First moments stand for gradients. What is frozen has none; all else has those of the model in
 * which nothing is frozen. */
static void
test_frozen_parts (gconstpointer data)
{
  static const struct { const char *plan; guint n_depths; } ways[] = {
    { "freeze_embeddings=yes", 1 }, { "freeze_layers=1", 2 },
  };
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineStep step = still_step ();
  AttuneEngineModel *plain;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (3, 8, 3);
  plain = model_of (data, 0.2, "freeze_layers=0");
  test_train (plain, batch, &step);
  for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      AttuneEngineModel *model = model_of (data, 0.2, ways[way].plan);
      size_t n = 0;
      guint n_frozen = 0, n_free = 0;

      test_train (model, batch, &step);
      test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
      for (gsize i = 0; i < n; i++)
        {
          AttuneEngineTensor tensor = { 0 };
          g_autofree char *name = NULL;
          g_autoptr (GArray) all = NULL;
          g_autoptr (GArray) own = NULL;
          gboolean frozen;

          test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
          frozen = strstr (tensor.name, "embeddings") != NULL
                   || (ways[way].n_depths > 1 && (strstr (tensor.name, "layer.0.") != NULL
                                                  || strstr (tensor.name, "layers.0.") != NULL));
          name = g_strconcat ("exp_avg/", tensor.name, NULL);
          all = read_named (plain, name, TRUE);
          own = read_named (model, name, TRUE);
          g_assert_nonnull (all);
          g_assert_cmpint (own == NULL, ==, frozen);
          if (own != NULL)
            test_assert_equal_floats (all, own, 1e-7);
          n_frozen += frozen;
          n_free += !frozen;
        }
      g_assert_cmpuint (n_frozen, >, 0);
      g_assert_cmpuint (n_free, >, 4);
      test_engine_api ()->model_free (model);
    }
  test_engine_api ()->model_free (plain);
}

static void
write_named (AttuneEngineModel *model,
             const char        *name,
             const GArray      *numbers)
{
  const AttuneEngineApi *api = test_engine_api ();
  size_t n = 0;

  test_assert_ok (api->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      test_assert_ok (api->describe_tensor (model, i, &tensor, &_error));
      if (!g_str_equal (tensor.name, name))
        continue;
      tensor.data = numbers->data;
      test_assert_ok (api->write_tensor (model, &tensor, &_error));
    }
}

/* Along its own direction the quotient of the loss is the length of the gradient. */
static void
check_gradient (AttuneEngineModel *model,
                const TestBatch   *batch,
                const char        *name)
{
  AttuneEngineStep step = still_step ();
  g_autofree char *state = g_strconcat ("exp_avg/", name, NULL);
  g_autoptr (GArray) weights = read_named (model, name, FALSE);
  g_autoptr (GArray) gradient = NULL;
  const double h = 1e-3; /* small: an activation may have a kink */
  double norm = 0, losses[2];

  test_train (model, batch, &step);
  gradient = read_named (model, state, TRUE);
  g_assert_nonnull (gradient);
  for (guint k = 0; k < gradient->len; k++)
    {
      g_array_index (gradient, float, k) /= (float) (1 - step.adam_beta1);
      norm += pow (g_array_index (gradient, float, k), 2);
    }
  norm = sqrt (norm);
  g_assert_cmpfloat (norm, >, 0);
  for (guint side = 0; side < 2; side++)
    {
      g_autoptr (GArray) moved = g_array_copy ((GArray *) weights);

      for (guint k = 0; k < moved->len; k++)
        g_array_index (moved, float, k) +=
          (float) ((side ? h : -h) * g_array_index (gradient, float, k) / norm);
      write_named (model, name, moved);
      losses[side] = test_train (model, batch, &step).loss;
    }
  write_named (model, name, weights);
  g_test_message ("%s: %g, %g by the losses", name, norm, (losses[1] - losses[0]) / (2 * h));
  g_assert_cmpfloat_with_epsilon ((losses[1] - losses[0]) / (2 * h), norm, 0.03 * norm + 1e-3);
}

static void
test_adapters (gconstpointer data)
{
  static const char * const ways[] = { "query_value", "all-linear" };

  if (!test_engine_available ())
    return;
  for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      g_autofree char *more = g_strconcat ("lora_r=2;lora_dropout=0.2;lora_target_modules=",
                                           ways[way], NULL);
      g_autoptr (TestBatch) batch = test_batch_random (3, 8, 3);
      guint n_adapters = 0;
      size_t n = 0;

      {
        AttuneEngineModel *model = model_of (data, 0.2, more);

        test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
        test_engine_api ()->model_free (model);
      }
      for (gsize i = 0; i < n; i++)
        {
          AttuneEngineModel *model = model_of (data, 0.2, more);
          AttuneEngineTensor tensor = { 0 };

          test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
          if (strstr (tensor.name, ".lora_") != NULL)
            {
              check_gradient (model, batch, tensor.name);
              n_adapters++;
            }
          test_engine_api ()->model_free (model);
        }
      g_assert_cmpuint (n_adapters, >=, 4);
    }
}

/* The most that is held while a batch of long texts is trained on, beyond what was there. */
static double
measure_peak (const char *more)
{
  g_autofree char *extra = g_strconcat ("num_hidden_layers=12;hidden_size=64;intermediate_size=256;", more,
                                        NULL);
  AttuneEngineModel *model = test_model_new (0.1, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32,
                                             extra);
  g_autoptr (TestBatch) batch = test_batch_random (1, 200, 3);
  AttuneEngineStep step = test_step (1, 200);
  AttuneEngineMemory before = { 0 }, after = { 0 };

  test_assert_ok (test_engine_api ()->get_memory (test_engine (), test_device (), &before, &_error));
  test_train (model, batch, &step);
  test_assert_ok (test_engine_api ()->get_memory (test_engine (), test_device (), &after, &_error));
  test_engine_api ()->model_free (model);
  return (double) after.peak_bytes - (double) before.resident_bytes;
}

/* The peak of the process only grows, so that which must be lower comes first, and each family has a
 * process of its own. */
static void
test_recomputing_keeps_less (gconstpointer data)
{
  const char *family = data;
  g_autofree char *more = g_strconcat (family, ";gradient_checkpointing=yes", NULL);
  double less, plain;

  if (!test_engine_available ())
    return;
  if (test_device ()->type != ATTUNE_ENGINE_DEVICE_CPU)
    {
      g_test_skip ("other programs on the card count as well");
      return;
    }
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  less = measure_peak (more);
  plain = measure_peak (family);
  g_printerr ("%s: %.1f MB, %.1f MB without recomputing\n", family, less / 1e6, plain / 1e6);
  g_assert_cmpfloat (less * 2, <, plain);
}

int
main (int   argc,
      char *argv[])
{
  static const struct {
    const char *name;
    GTestDataFunc run;
  } tests[] = {
    { "recomputing", test_recomputing_changes_nothing },
    { "frozen", test_frozen_parts },
    { "adapters", test_adapters },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/engine/plans/memory/bert", "model_type=bert", test_recomputing_keeps_less);
  g_test_add_data_func ("/engine/plans/memory/modernbert", "model_type=modernbert",
                        test_recomputing_keeps_less);
  for (guint i = 0; i < test_n_families; i++)
    for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
      {
        g_autofree char *path = g_strdup_printf ("/engine/plans/%s/%s", test_families[i].name,
                                                 tests[k].name);

        g_test_add_data_func (path, &test_families[i], tests[k].run);
      }
  return g_test_run ();
}
