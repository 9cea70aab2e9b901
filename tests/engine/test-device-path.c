/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The code path of a graphics card: a training step that never waits for the device, does the same
 * operations whatever the texts are, and few of them; and that computes what the CPU's own path
 * computes. On a machine without a card the CPU takes that path.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "engine-fixture.h"
#include "step-watch.h"

/* What a step asks for with dropout, a layer and besides: as counted when written. More is slower
 * on a graphics card, where launching takes longer than computing; fewer is welcome, and then
 * belongs here. See "A step on a GPU" in the engine's README. */
static const struct {
  AttuneEnginePrecision precision;
  gboolean ragged;
  guint layer, besides;
} costs[] = {
  { ATTUNE_ENGINE_FP32, FALSE, 62, 76 },
  { ATTUNE_ENGINE_FP32, TRUE, 76, 70 },
  { ATTUNE_ENGINE_PRECISION_BF16, FALSE, 74, 93 },
  { ATTUNE_ENGINE_PRECISION_BF16, TRUE, 88, 87 },
};

#define UPLOADS 4             /* indices, padding, labels, weights of the labels */

typedef struct {
  AttuneEnginePrecision precision;
  AttuneEngineTask task;
  gboolean ragged;
  guint n_layers;
  const TestFamily *family; /* NULL: BERT */
} Shape;

static AttuneEngineModel *
model_of (const Shape *shape,
          double       dropout)
{
  g_autofree char *layers = g_strdup_printf ("num_hidden_layers=%u", shape->n_layers);

  return test_model_new (dropout, shape->task, 3, shape->precision,
                         shape->family != NULL ? shape->family->extra : layers);
}

/* Eight texts of 12 ids, or of different lengths up to 12. */
static TestBatch *
batch_of (const Shape *shape,
          guint        seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  TestBatch *batch = test_batch_new ();

  for (gint32 b = 0; b < 8; b++)
    {
      gint32 ids[12];

      for (guint t = 0; t < G_N_ELEMENTS (ids); t++)
        ids[t] = g_rand_int_range (random, 0, 200);
      test_batch_add (batch, ids, shape->ragged ? (gsize) (5 + b) : 12, b % 3);
    }
  return batch;
}

static void
run_step (AttuneEngineModel *model,
          TestBatch         *batch,
          const Shape       *shape,
          guint64            number)
{
  static const float targets[24] = { 1, 0, 1, 0, 0, 1 };
  AttuneEngineStep step = test_step (number, 8);
  AttuneEngineStepResult results[4];
  size_t n_results = 0;

  if (shape->task == ATTUNE_ENGINE_MULTI_LABEL)
    batch->batch.targets = targets;
  test_assert_ok (test_engine_api ()->train_step (model, &batch->batch, &step, &_error));
  test_assert_ok (test_engine_api ()->collect (model, false, results, 4, &n_results, &_error));
}

/* The second of two steps, so that what is made only once is there. */
static void
watch_step (const Shape *shape,
            guint        seed,
            double       dropout,
            StepWatch   *watch)
{
  AttuneEngineModel *model = model_of (shape, dropout);
  g_autoptr (TestBatch) before = batch_of (shape, seed + 100);
  g_autoptr (TestBatch) batch = batch_of (shape, seed);

  run_step (model, before, shape, 1);
  step_watch_begin ();
  run_step (model, batch, shape, 2);
  step_watch_end (watch);
  test_engine_api ()->model_free (model);
}

static void
test_watch_notices (void)
{
  guint n_ways = step_watch_do_wrong (G_MAXUINT);

  g_assert_cmpuint (n_ways, >, 0);
  for (guint way = 0; way < n_ways; way++)
    {
      StepWatch watch;

      step_watch_begin ();
      step_watch_do_wrong (way);
      step_watch_end (&watch);
      if (watch.complaints[0] == '\0')
        g_error ("wrong way %u was not noticed; operations:\n%s", way, watch.operations);
      step_watch_clear (&watch);
    }
}

static void
test_never_waits (void)
{
  if (!test_engine_available ())
    return;
  for (guint i = 0; i < 8; i++)
    {
      Shape shape = { i & 1 ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32,
                      i & 2 ? ATTUNE_ENGINE_MULTI_LABEL : ATTUNE_ENGINE_SINGLE_LABEL,
                      (i & 4) != 0, 2, NULL };
      StepWatch watch;

      watch_step (&shape, 1, 0.1, &watch);
      if (watch.complaints[0] != '\0')
        g_error ("in a step of shape %u:\n%s", i, watch.complaints);
      g_assert_cmpuint (watch.n_uploads, >, 0);
      g_assert_cmpuint (watch.n_uploads, <=, UPLOADS);
      g_assert_cmpuint (watch.n_downloads, ==, 1); /* the numbers, later */
      step_watch_clear (&watch);
    }
}

static void
test_same_operations_each_step (void)
{
  if (!test_engine_available ())
    return;
  for (guint ragged = 0; ragged < 2; ragged++)
    {
      Shape shape = { ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_SINGLE_LABEL, ragged, 2, NULL };
      StepWatch watches[2];

      for (guint i = 0; i < 2; i++)
        watch_step (&shape, i + 1, 0.1, &watches[i]);
      g_assert_cmpstr (watches[0].operations, ==, watches[1].operations);
      for (guint i = 0; i < 2; i++)
        step_watch_clear (&watches[i]);
    }
}

/* Every family keeps both rules; how few operations it needs is asked of BERT alone. */
static void
test_family (gconstpointer data)
{
  if (!test_engine_available ())
    return;
  for (guint i = 0; i < 4; i++)
    {
      Shape shape = { i & 1 ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32,
                      ATTUNE_ENGINE_SINGLE_LABEL, (i & 2) != 0, 2, data };
      StepWatch watches[2];

      for (guint k = 0; k < 2; k++)
        {
          watch_step (&shape, k + 1, 0.1, &watches[k]);
          if (watches[k].complaints[0] != '\0')
            g_error ("in a step of shape %u:\n%s", i, watches[k].complaints);
          g_assert_cmpuint (watches[k].n_uploads, <=, UPLOADS);
          g_assert_cmpuint (watches[k].n_downloads, ==, 1);
        }
      g_test_message ("%s, shape %u: %u operations", shape.family->name, i,
                      watches[0].n_operations);
      g_assert_cmpstr (watches[0].operations, ==, watches[1].operations);
      for (guint k = 0; k < 2; k++)
        step_watch_clear (&watches[k]);
    }
}

static void
test_few_operations (void)
{
  if (!test_engine_available ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      Shape shape = { costs[i].precision, ATTUNE_ENGINE_SINGLE_LABEL, costs[i].ragged, 0, NULL };
      guint counts[3], layer, besides;

      for (guint k = 0; k < 3; k++)
        {
          StepWatch watch;

          shape.n_layers = 2 + k;
          watch_step (&shape, 1, 0.1, &watch);
          counts[k] = watch.n_operations;
          if (g_test_verbose () && k == 0)
            g_test_message ("%s", watch.operations);
          step_watch_clear (&watch);
        }
      layer = counts[1] - counts[0];
      besides = counts[0] - 2 * layer;
      g_test_message ("%s, %s: %u operations a layer, %u besides",
                      shape.precision == ATTUNE_ENGINE_FP32 ? "fp32" : "bf16",
                      shape.ragged ? "different lengths" : "one length", layer, besides);
      g_assert_cmpuint (counts[2] - counts[1], ==, layer);
      g_assert_cmpuint (layer, <=, costs[i].layer);
      g_assert_cmpuint (besides, <=, costs[i].besides);
    }
}

/* All gradients of the first step, as its first moments tell them. */
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

/* The loss of step 1, nothing changed by it. */
static double
loss_at (AttuneEngineModel *model,
         const TestBatch   *batch,
         const GArray      *weights)
{
  AttuneEngineStep step = test_step (1, 8);

  test_write_weights (model, weights);
  step.learning_rate = 0;
  step.weight_decay = 0;
  return test_train (model, batch, &step).loss;
}

/* The backward pass draws the masks of the forward pass again: the gradient, read from the first
 * moment, is that of the very function the loss is. */
static void
test_gradient_under_dropout (void)
{
  Shape shape = { ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_SINGLE_LABEL, TRUE, 2, NULL };
  g_autoptr (TestBatch) batch = NULL;
  g_autoptr (GArray) weights = NULL;
  g_autoptr (GArray) gradient = NULL;
  AttuneEngineModel *model;
  AttuneEngineStep step = test_step (1, 8);
  double largest = 0;

  if (!test_engine_available ())
    return;
  batch = batch_of (&shape, 3);
  model = model_of (&shape, 0.3);
  weights = test_read_weights (model);
  step.learning_rate = 0;
  step.max_grad_norm = 0;
  test_train (model, batch, &step);
  gradient = read_gradient (model, step.adam_beta1);
  g_assert_cmpuint (gradient->len, ==, weights->len);

  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (i);
      const double h = 2e-3;
      double expected = 0, losses[2];

      for (guint side = 0; side < 2; side++)
        {
          g_autoptr (GArray) moved = g_array_copy ((GArray *) weights);

          g_rand_set_seed (random, i);
          for (guint k = 0; k < weights->len; k++)
            {
              double along = g_rand_int_range (random, 0, 2) * 2 - 1;

              g_array_index (moved, float, k) += (float) (along * (side ? h : -h));
              if (side == 0)
                expected += along * g_array_index (gradient, float, k);
            }
          losses[side] = loss_at (model, batch, moved);
        }
      g_assert_cmpfloat_with_epsilon ((losses[1] - losses[0]) / (2 * h), expected,
                                      0.02 * fabs (expected) + 0.02);
      largest = MAX (largest, fabs (expected));
    }
  g_assert_cmpfloat (largest, >, 0.2);
  test_engine_api ()->model_free (model);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("ATTUNE_TEST_PATH", "device", TRUE);
  /* One thread does each product in one call, as a graphics card does. */
  if (attune_engine_load (NULL, NULL) != NULL)
    test_assert_ok (test_engine_api ()->set_threads (test_engine (), 1, &_error));
  g_test_add_func ("/engine/device-path/the-watch-notices", test_watch_notices);
  g_test_add_func ("/engine/device-path/never-waits", test_never_waits);
  g_test_add_func ("/engine/device-path/same-operations-each-step", test_same_operations_each_step);
  g_test_add_func ("/engine/device-path/few-operations", test_few_operations);
  for (guint i = 1; i < test_n_families; i++)
    {
      g_autofree char *path = g_strdup_printf ("/engine/device-path/%s", test_families[i].name);

      g_test_add_data_func (path, &test_families[i], test_family);
    }
  g_test_add_func ("/engine/device-path/gradient-under-dropout", test_gradient_under_dropout);
  return g_test_run ();
}
