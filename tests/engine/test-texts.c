/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts of several sequences, as windows of a long one are: what comes back is the mean of the
 * sequences' logits, and loss and gradients are those of that mean.
 */
#include <math.h>

#include "engine-fixture.h"

#define C 3

static AttuneEngineModel *
small_model (void)
{
  return test_model_new (0.0, ATTUNE_ENGINE_SINGLE_LABEL, C, ATTUNE_ENGINE_FP32, NULL);
}

/* Six sequences as three texts of one, three and two. */
static const gint32 texts[] = { 0, 1, 4, 6 };
static const gint32 labels[] = { 2, 0, 1 };

static AttuneEngineBatch
group (const TestBatch *batch)
{
  AttuneEngineBatch grouped = batch->batch;

  grouped.texts = texts;
  grouped.n_texts = G_N_ELEMENTS (labels);
  grouped.labels = labels;
  return grouped;
}

static double
get_loss (AttuneEngineModel       *model,
          const AttuneEngineBatch *batch)
{
  float logits[G_N_ELEMENTS (labels)][C];
  double loss = 0;

  test_assert_ok (test_engine_api ()->evaluate (model, batch, logits[0],
                                                G_N_ELEMENTS (labels) * C, &_error));
  for (gsize n = 0; n < G_N_ELEMENTS (labels); n++)
    {
      double sum = 0;

      for (guint c = 0; c < C; c++)
        sum += exp (logits[n][c]);
      loss += log (sum) - logits[n][labels[n]];
    }
  return loss / G_N_ELEMENTS (labels);
}

static void
test_mean (void)
{
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineBatch grouped;
  AttuneEngineModel *model;
  float apart[6][C], together[3][C];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (3, 6, C);
  grouped = group (batch);
  model = small_model ();
  test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, apart[0], 6 * C, &_error));
  test_assert_ok (test_engine_api ()->evaluate (model, &grouped, together[0], 3 * C, &_error));
  for (guint n = 0; n < 3; n++)
    for (guint c = 0; c < C; c++)
      {
        double sum = 0;

        for (gint32 b = texts[n]; b < texts[n + 1]; b++)
          sum += apart[b][c];
        g_assert_cmpfloat_with_epsilon (together[n][c], sum / (texts[n + 1] - texts[n]), 1e-5);
      }
  g_assert_cmpfloat (fabsf (apart[1][0] - apart[2][0]), >, 1e-4);
  g_assert_cmpint (test_engine_api ()->evaluate (model, &grouped, together[0], 6 * C, NULL), ==,
                   ATTUNE_ENGINE_BAD_SHAPE);
  test_engine_api ()->model_free (model);
}

/* Against the difference quotient of the loss by each number of one tensor. */
static void
test_gradient (void)
{
  const AttuneEngineApi *api;
  g_autoptr (TestBatch) batch = NULL;
  g_autoptr (GArray) weights = NULL;
  g_autofree double *norms = NULL;
  AttuneEngineStep step = test_step (1, 3);
  AttuneEngineStepResult result;
  AttuneEngineBatch grouped;
  AttuneEngineModel *model;
  gsize n_tensors, at = 0;
  gboolean seen = FALSE;

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  batch = test_batch_random (4, 6, C);
  grouped = group (batch);
  model = small_model ();
  weights = test_read_weights (model);
  test_assert_ok (api->count_tensors (model, &n_tensors, &_error));
  norms = g_new (double, n_tensors);
  test_assert_ok (api->train_step (model, &grouped, &step, &_error));
  {
    gsize n_results;

    test_assert_ok (api->collect (model, TRUE, &result, 1, &n_results, &_error));
    g_assert_cmpuint (n_results, ==, 1);
  }
  g_assert_cmpuint (result.n_sequences, ==, 3);
  test_assert_ok (api->gradient_norms (model, norms, n_tensors, &_error));
  test_write_weights (model, weights);
  g_assert_cmpfloat_with_epsilon (result.loss, get_loss (model, &grouped), 1e-5);
  for (gsize i = 0; i < n_tensors; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      gsize n;
      double squares = 0;

      test_assert_ok (api->describe_tensor (model, i, &tensor, &_error));
      n = tensor.length / sizeof (float);
      if (g_str_has_suffix (tensor.name, "encoder.layer.0.output.LayerNorm.bias"))
        {
          const float by = 1e-2f;

          for (gsize k = at; k < at + n; k++)
            {
              double loss[2];

              for (guint side = 0; side < 2; side++)
                {
                  g_autoptr (GArray) changed = g_array_copy (weights);

                  g_array_index (changed, float, k) += side ? by : -by;
                  test_write_weights (model, changed);
                  loss[side] = get_loss (model, &grouped);
                }
              squares += pow ((loss[1] - loss[0]) / (2 * by), 2);
            }
          g_assert_cmpfloat_with_epsilon (sqrt (squares) / norms[i], 1, 1e-2);
          seen = TRUE;
        }
      at += n;
    }
  g_assert_true (seen);
  api->model_free (model);
}

/* The logit of a text changes with its words as the scores say: a text of the same sequence twice
 * gives each half of the scores it has alone. */
static void
test_attribution (void)
{
  static const gint32 ids[] = { 11, 57, 120, 3, 199 };
  static const gint32 both[] = { 0, 2 };
  g_autoptr (TestBatch) batch = test_batch_new ();
  AttuneEngineBatch grouped;
  AttuneEngineModel *model;
  float twice[10], once[5];

  if (!test_engine_available ())
    return;
  model = small_model ();
  test_batch_add (batch, ids, 5, 0);
  test_assert_ok (test_engine_api ()->attribute (model, &batch->batch, 1, once, 5, &_error));
  test_batch_add (batch, ids, 5, 0);
  grouped = batch->batch;
  g_assert_cmpint (test_engine_api ()->attribute (model, &grouped, 1, twice, 10, NULL), ==,
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
  grouped.texts = both;
  grouped.n_texts = 1;
  test_assert_ok (test_engine_api ()->attribute (model, &grouped, 1, twice, 10, &_error));
  for (guint t = 0; t < 10; t++)
    g_assert_cmpfloat_with_epsilon (twice[t], once[t % 5] / 2, 1e-6);
  g_assert_cmpfloat (fabsf (once[1]), >, 1e-5);
  test_engine_api ()->model_free (model);
}

static void
test_refused (void)
{
  static const gint32 bad[][4] = { { 1, 1, 4, 6 }, { 0, 1, 4, 5 }, { 0, 1, 1, 6 }, { 0, 4, 1, 6 },
                                   { 0, 1, 7, 6 }, { 0, 1, 4, -1 } };
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  float logits[3 * C];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (5, 6, C);
  model = small_model ();
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      AttuneEngineBatch grouped = group (batch);

      grouped.texts = bad[i];
      g_assert_cmpint (test_engine_api ()->evaluate (model, &grouped, logits, 3 * C, NULL), ==,
                       ATTUNE_ENGINE_BAD_SHAPE);
    }
  test_engine_api ()->model_free (model);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/texts/mean", test_mean);
  g_test_add_func ("/engine/texts/gradient", test_gradient);
  g_test_add_func ("/engine/texts/attribution", test_attribution);
  g_test_add_func ("/engine/texts/refused", test_refused);
  return g_test_run ();
}
