/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every family of models must do, whatever its layers: learn, with the gradient of the very
 * function that its loss is, dropout and all; the same in parts as at once; nearly the same in
 * bf16; and say how much each word weighed.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "engine-fixture.h"

static AttuneEngineModel *
model_of (const TestFamily *family,
          double            dropout)
{
  return test_model_new (dropout, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32, family->extra);
}

static void
test_learns (gconstpointer data)
{
  const TestFamily *family = data;
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  double first = 0, last = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (1, 8, 3);
  model = model_of (family, 0.0);
  for (guint64 i = 1; i <= 60; i++)
    {
      AttuneEngineStep step = test_step (i, 8);
      AttuneEngineStepResult result;

      step.learning_rate = 5e-3;
      result = test_train (model, batch, &step);
      g_assert_true (result.applied);
      last = result.loss;
      if (i == 1)
        first = last;
    }
  g_test_message ("%s: loss from %g to %g", family->name, first, last);
  g_assert_cmpfloat (first, >, 0.5);
  g_assert_cmpfloat (last, <, 0.2);
  test_engine_api ()->model_free (model);
}

/* The gradient of a step as its first moments tell it. */
static GArray *
read_gradient (AttuneEngineModel *model,
               double             beta1)
{
  const AttuneEngineApi *api = test_engine_api ();
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  guint64 updates = 0;
  size_t n = 0;

  test_assert_ok (api->count_state (model, &n, &updates, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      guint begin = all->len;

      test_assert_ok (api->describe_state (model, i, &tensor, &_error));
      if (!g_str_has_prefix (tensor.name, "exp_avg/"))
        continue;
      g_array_set_size (all, begin + (guint) (tensor.length / sizeof (float)));
      tensor.data = &g_array_index (all, float, begin);
      test_assert_ok (api->read_state (model, i, &tensor, &_error));
    }
  for (guint k = 0; k < all->len; k++)
    g_array_index (all, float, k) /= (float) (1 - beta1);
  return all;
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

static double
loss_at (AttuneEngineModel *model,
         const TestBatch   *batch,
         const GArray      *weights)
{
  AttuneEngineStep step = still_step ();

  test_write_weights (model, weights);
  return test_train (model, batch, &step).loss;
}

/* Along a few directions, with the masks that dropout draws in step 1. */
static void
test_gradient_under_dropout (gconstpointer data)
{
  const TestFamily *family = data;
  AttuneEngineStep step = still_step ();
  g_autoptr (TestBatch) batch = NULL;
  g_autoptr (GArray) weights = NULL;
  g_autoptr (GArray) gradient = NULL;
  AttuneEngineModel *model;
  double largest = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (3, 8, 3);
  model = model_of (family, 0.3);
  weights = test_read_weights (model);
  test_train (model, batch, &step);
  gradient = read_gradient (model, step.adam_beta1);
  g_assert_cmpuint (gradient->len, ==, weights->len);

  for (guint i = 0; i < 6; i++)
    {
      const double h = 1e-4; /* small: an activation may have a kink */
      double expected = 0, losses[2];

      for (guint side = 0; side < 2; side++)
        {
          g_autoptr (GRand) random = g_rand_new_with_seed (i);
          g_autoptr (GArray) moved = g_array_copy ((GArray *) weights);

          for (guint k = 0; k < weights->len; k++)
            {
              double along = g_rand_int_range (random, 0, 2) * 2 - 1;

              g_array_index (moved, float, k) += (float) (along * (side ? h : -h));
              if (side == 0)
                expected += along * g_array_index (gradient, float, k);
            }
          losses[side] = loss_at (model, batch, moved);
        }
      g_test_message ("%s: %g along direction %u, %g by the losses", family->name, expected, i,
                      (losses[1] - losses[0]) / (2 * h));
      g_assert_cmpfloat_with_epsilon ((losses[1] - losses[0]) / (2 * h), expected,
                                      0.02 * fabs (expected) + 0.02);
      largest = MAX (largest, fabs (expected));
    }
  g_assert_cmpfloat (largest, >, 0.2);
  test_engine_api ()->model_free (model);
}

/* Two micro-batches add up to the gradient of the whole. */
static void
test_parts (gconstpointer data)
{
  const TestFamily *family = data;
  AttuneEngineStep step = still_step ();
  g_autoptr (TestBatch) batch = NULL;
  g_autoptr (TestBatch) begin = NULL;
  g_autoptr (TestBatch) end = NULL;
  g_autoptr (GArray) whole = NULL;
  g_autoptr (GArray) parts = NULL;
  AttuneEngineModel *models[2];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (5, 8, 3);
  begin = test_batch_slice (batch, 0, 3);
  end = test_batch_slice (batch, 3, 8);
  for (guint i = 0; i < 2; i++)
    models[i] = model_of (family, 0.0);

  test_train (models[0], batch, &step);
  step.last_micro_batch = false;
  test_train (models[1], begin, &step);
  step.micro_batch = 1;
  step.last_micro_batch = true;
  test_train (models[1], end, &step);
  whole = read_gradient (models[0], step.adam_beta1);
  parts = read_gradient (models[1], step.adam_beta1);
  test_assert_equal_floats (whole, parts, 1e-5);
  for (guint i = 0; i < 2; i++)
    test_engine_api ()->model_free (models[i]);
}

static void
test_bf16 (gconstpointer data)
{
  const TestFamily *family = data;
  AttuneEngineModel *wide, *half;
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineStepResult results[2];
  AttuneEngineStep step = test_step (1, 8);
  float logits[2][24];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (7, 8, 3);
  wide = model_of (family, 0.0);
  half = test_model_new (0.0, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_PRECISION_BF16,
                         family->extra);
  test_assert_ok (test_engine_api ()->evaluate (wide, &batch->batch, logits[0], 24, &_error));
  test_assert_ok (test_engine_api ()->evaluate (half, &batch->batch, logits[1], 24, &_error));
  for (guint i = 0; i < 24; i++)
    g_assert_cmpfloat_with_epsilon (logits[0][i], logits[1][i], 0.05);
  results[0] = test_train (wide, batch, &step);
  results[1] = test_train (half, batch, &step);
  g_assert_true (results[1].applied);
  g_assert_cmpfloat_with_epsilon (results[0].loss, results[1].loss, 0.03);
  g_assert_cmpfloat_with_epsilon (results[0].grad_norm, results[1].grad_norm,
                                  0.05 * results[0].grad_norm);
  test_engine_api ()->model_free (wide);
  test_engine_api ()->model_free (half);
}

/* Multiplies n numbers of the tensor of that name from begin on by factor; all for n = 0. */
static void
scale_tensor (AttuneEngineModel *model,
              const char        *suffix,
              gsize              begin,
              gsize              n,
              float              factor)
{
  const AttuneEngineApi *api = test_engine_api ();
  size_t n_tensors = 0;

  test_assert_ok (api->count_tensors (model, &n_tensors, &_error));
  for (gsize i = 0; i < n_tensors; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      g_autofree float *numbers = NULL;

      test_assert_ok (api->describe_tensor (model, i, &tensor, &_error));
      if (!g_str_has_suffix (tensor.name, suffix))
        continue;
      numbers = g_malloc (tensor.length);
      tensor.data = numbers;
      test_assert_ok (api->read_tensor (model, i, &tensor, &_error));
      for (gsize k = 0; k < (n > 0 ? n : tensor.length / sizeof (float)); k++)
        numbers[begin + k] *= factor;
      test_assert_ok (api->write_tensor (model, &tensor, &_error));
    }
}

/* How fast the logit grows when what suffixes name is multiplied. */
static double
growth (AttuneEngineModel *model,
        const TestBatch   *batch,
        const char        *suffixes[2],
        gsize              begin,
        gsize              n)
{
  const float h = 0.02f;
  float logits[2][3];

  for (guint side = 0; side < 2; side++)
    {
      float factor = 1 + (side ? h : -h);

      for (guint i = 0; i < 2; i++)
        if (suffixes[i] != NULL)
          scale_tensor (model, suffixes[i], begin, n, factor);
      test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, logits[side], 3,
                                                    &_error));
      for (guint i = 0; i < 2; i++)
        if (suffixes[i] != NULL)
          scale_tensor (model, suffixes[i], begin, n, 1 / factor);
    }
  return (logits[1][1] - logits[0][1]) / (2 * h);
}

/* A word's score is how fast the logit grows with its embedding. ModernBERT normalises embeddings
 * at once, where all grow together with the scale of that. */
static void
test_attribution (gconstpointer data)
{
  static const gint32 ids[] = { 12, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54 };
  const TestFamily *family = data;
  gsize width = g_str_equal (family->name, "electra") ? 16 : 32;
  g_autoptr (TestBatch) batch = NULL;
  float scores[G_N_ELEMENTS (ids)];
  AttuneEngineModel *model;
  double largest = 0, sum = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_new ();
  test_batch_add (batch, ids, G_N_ELEMENTS (ids), 0);
  model = model_of (family, 0.0);
  test_assert_ok (test_engine_api ()->attribute (model, &batch->batch, 1, scores,
                                                 G_N_ELEMENTS (ids), &_error));
  for (guint t = 0; t < G_N_ELEMENTS (ids); t++)
    {
      const char *words[2] = { "word_embeddings.weight", NULL };

      if (!g_str_has_prefix (family->name, "modernbert"))
        g_assert_cmpfloat_with_epsilon (growth (model, batch, words, (gsize) ids[t] * width, width),
                                        scores[t], 0.02 * fabs (scores[t]) + 2e-3);
      largest = MAX (largest, fabs (scores[t]));
      sum += scores[t];
    }
  if (g_str_has_prefix (family->name, "modernbert"))
    {
      const char *norm[2] = { "embeddings.norm.weight", "embeddings.norm.bias" };

      g_assert_cmpfloat_with_epsilon (growth (model, batch, norm, 0, 0), sum,
                                      0.02 * fabs (sum) + 2e-3);
    }
  g_assert_cmpfloat (largest, >, 0.01);
  test_engine_api ()->model_free (model);
}

static void
assert_no_model (const char *extra,
                 AttuneEngineStatus status)
{
  g_auto (GStrv) entries = g_strsplit (extra, ";", -1);
  AttuneEngineOption options[8];
  AttuneEngineError error = { 0 };
  AttuneEngineModel *model = NULL;
  guint n = 0;

  for (; entries[n] != NULL; n++)
    {
      char *equals = strchr (entries[n], '=');

      g_assert_cmpuint (n, <, G_N_ELEMENTS (options));
      *equals = '\0';
      options[n] = (AttuneEngineOption) { entries[n], equals + 1 };
    }
  g_assert_cmpint (test_engine_api ()->model_create (test_engine (), test_device (), options, n,
                                                     ATTUNE_ENGINE_SINGLE_LABEL, 2,
                                                     ATTUNE_ENGINE_FP32, false, &model, &error),
                   ==, (int) status);
  g_assert_null (model);
  g_assert_cmpstr (error.message, !=, "");
}

static void
test_refuses (void)
{
  if (!test_engine_available ())
    return;
  assert_no_model ("model_type=t5", ATTUNE_ENGINE_UNSUPPORTED);
  assert_no_model ("model_type=distilbert;dim=30;n_heads=4", ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=roberta;max_position_embeddings=2;pad_token_id=1",
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=roberta;pad_token_id=-1", ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=modernbert;hidden_size=36;num_attention_heads=4",
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=modernbert;local_attention=1", ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=modernbert;global_rope_theta=-3", ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=modernbert;norm_bias=maybe", ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("model_type=modernbert;classifier_pooling=max", ATTUNE_ENGINE_UNSUPPORTED);
}

int
main (int   argc,
      char *argv[])
{
  static const struct {
    const char *name;
    GTestDataFunc run;
  } tests[] = {
    { "learns", test_learns },           { "gradient-under-dropout", test_gradient_under_dropout },
    { "parts", test_parts },             { "bf16", test_bf16 },
    { "attribution", test_attribution },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < test_n_families; i++)
    for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
      {
        g_autofree char *path = g_strdup_printf ("/engine/families/%s/%s", test_families[i].name,
                                                 tests[k].name);

        g_test_add_data_func (path, &test_families[i], tests[k].run);
      }
  g_test_add_func ("/engine/families/refuses", test_refuses);
  return g_test_run ();
}
