/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Training steps of the engine: what must be equal is equal, what is split adds up, what fails
 * changes nothing, what is wrong is refused.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "engine-fixture.h"

static AttuneEngineModel *
small_model (double dropout)
{
  return test_model_new (dropout, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32, NULL);
}

static void
test_same_seed_and_step (void)
{
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineStep step = test_step (1, 8), other = test_step (2, 8);
  AttuneEngineModel *models[3];
  GArray *weights[3];
  AttuneEngineStepResult results[3];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (1, 8, 3);
  for (guint i = 0; i < 3; i++)
    {
      models[i] = small_model (0.3);
      results[i] = test_train (models[i], batch, i < 2 ? &step : &other);
      weights[i] = test_read_weights (models[i]);
      test_engine_api ()->model_free (models[i]);
    }
  g_assert_cmpfloat (results[0].loss, ==, results[1].loss);
  g_assert_cmpfloat (results[0].grad_norm, ==, results[1].grad_norm);
  test_assert_equal_floats (weights[0], weights[1], 0);
  for (guint i = 0; i < 3; i++)
    g_array_unref (weights[i]);
  /* The number of the step enters the mask. */
  g_assert_cmpfloat (results[0].loss, !=, results[2].loss);
}

static void
test_loss_falls (void)
{
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  double first = 0, last = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (2, 12, 3);
  model = small_model (0.1);
  for (guint64 i = 1; i <= 60; i++)
    {
      AttuneEngineStep step = test_step (i, 12);
      AttuneEngineStepResult result = test_train (model, batch, &step);

      g_assert_true (result.applied);
      g_assert_cmpuint (result.n_sequences, ==, 12);
      first = i == 1 ? result.loss : first;
      last = result.loss;
    }
  g_assert_cmpfloat (last, <, 0.5 * first);
  test_engine_api ()->model_free (model);
}

/* Trains two steps in parts of the given size; the denominator is that of the whole. */
static GArray *
train_in_parts (const TestBatch *batch,
                guint            size,
                const float     *class_weights,
                double           denominator,
                double          *loss)
{
  AttuneEngineModel *model = small_model (0.0);
  GArray *weights;

  for (guint64 number = 1; number <= 2; number++)
    for (guint begin = 0; begin < batch->batch.n_sequences; begin += size)
      {
        guint end = MIN (begin + size, (guint) batch->batch.n_sequences);
        g_autoptr (TestBatch) part = test_batch_slice (batch, begin, end);
        AttuneEngineStep step = test_step (number, denominator);

        step.micro_batch = begin / size;
        step.last_micro_batch = end == batch->batch.n_sequences;
        step.class_weights = class_weights;
        step.label_smoothing = 0.1;
        step.adam_epsilon = 1e-3; /* else rounding decides the sign where the gradient is zero */
        *loss = test_train (model, part, &step).loss;
      }
  weights = test_read_weights (model);
  test_engine_api ()->model_free (model);
  return weights;
}

static void
test_micro_batches (void)
{
  static const float class_weights[] = { 0.7f, 1.3f, 2.0f };
  g_autoptr (TestBatch) batch = NULL;
  double denominator = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (3, 10, 3);
  for (guint b = 0; b < 10; b++)
    denominator += class_weights[batch->batch.labels[b]];
  for (guint weighted = 0; weighted < 2; weighted++)
    {
      g_autoptr (GArray) whole = NULL;
      double whole_loss = 0;

      whole = train_in_parts (batch, 10, weighted ? class_weights : NULL,
                              weighted ? denominator : 10,
                              &whole_loss);
      for (guint size = 1; size <= 5; size += 2)
        {
          double loss = 0;
          g_autoptr (GArray) parts = train_in_parts (batch, size, weighted ? class_weights : NULL,
                                                     weighted ? denominator : 10, &loss);

          g_assert_cmpfloat_with_epsilon (loss, whole_loss, 1e-5);
          test_assert_equal_floats (whole, parts, 2e-5);
        }
    }
}

/* The loss against the formula, computed here from the engine's own logits. */
static void
test_weighted_and_smoothed_loss (void)
{
  static const float class_weights[] = { 0.5f, 1.0f, 3.0f };
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  AttuneEngineStep step = test_step (1, 4);
  float logits[15];
  double expected = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (4, 5, 3);
  model = small_model (0.0);
  test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, logits, 15, &_error));
  step.class_weights = class_weights;
  step.label_smoothing = 0.2;
  for (guint b = 0; b < 5; b++)
    {
      double sum = 0;

      for (guint c = 0; c < 3; c++)
        sum += exp (logits[3 * b + c]);
      for (guint c = 0; c < 3; c++)
        {
          double share = 0.2 / 3 + ((gint32) c == batch->batch.labels[b] ? 0.8 : 0.0);

          expected -= share * class_weights[c] * (logits[3 * b + c] - log (sum)) / 4;
        }
    }
  g_assert_cmpfloat_with_epsilon (test_train (model, batch, &step).loss, expected, 1e-5);
  test_engine_api ()->model_free (model);
}

static void
test_several_labels_at_once (void)
{
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  AttuneEngineStep step = test_step (1, 12);
  float logits[12], targets[12];
  double expected = 0, first, last = 0;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (5, 4, 3);
  model = test_model_new (0.0, ATTUNE_ENGINE_MULTI_LABEL, 3, ATTUNE_ENGINE_FP32, NULL);
  test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, logits, 12, &_error));
  for (guint i = 0; i < 12; i++)
    {
      targets[i] = (float) (i % 5 == 0);
      expected -= (targets[i] * log (1 / (1 + exp (-logits[i])))
                   + (1 - targets[i]) * log (1 - 1 / (1 + exp (-logits[i])))) / 12;
    }
  batch->batch.targets = targets;
  batch->batch.labels = NULL;
  first = test_train (model, batch, &step).loss;
  g_assert_cmpfloat_with_epsilon (first, expected, 1e-5);
  for (guint64 i = 2; i <= 40; i++)
    {
      step.step = i;
      last = test_train (model, batch, &step).loss;
    }
  g_assert_cmpfloat (last, <, 0.5 * first);
  test_engine_api ()->model_free (model);
}

static void
set_first_weight (AttuneEngineModel *model,
                  GArray            *weights,
                  float              value)
{
  g_array_index (weights, float, 0) = value;
  test_write_weights (model, weights);
}

static void
test_non_finite_changes_nothing (void)
{
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  g_autoptr (GArray) weights = NULL;
  g_autoptr (GArray) state = NULL;
  g_autoptr (GArray) weights_after = NULL;
  g_autoptr (GArray) state_after = NULL;
  AttuneEngineStep step = test_step (1, 4);
  AttuneEngineStepResult result;
  gint32 zeros[] = { 0, 0, 0 };
  guint64 updates = 0;
  size_t n = 0;
  float saved;

  if (!test_engine_available ())
    return;
  batch = test_batch_random (6, 4, 3);
  test_batch_add (batch, zeros, 3, 1);
  model = small_model (0.1);
  g_assert_true (test_train (model, batch, &step).applied);

  weights = test_read_weights (model);
  saved = g_array_index (weights, float, 0);
  set_first_weight (model, weights, INFINITY);
  state = test_read_state (model);
  step.step = 2;
  result = test_train (model, batch, &step);
  g_assert_false (result.applied);
  g_assert_false (isfinite (result.loss) && isfinite (result.grad_norm));

  weights_after = test_read_weights (model);
  state_after = test_read_state (model);
  g_assert_cmpmem (weights->data, weights->len * sizeof (float), weights_after->data,
                   weights_after->len * sizeof (float));
  test_assert_equal_floats (state, state_after, 0);
  test_assert_ok (test_engine_api ()->count_state (model, &n, &updates, &_error));
  g_assert_cmpuint (updates, ==, 1);

  /* And it goes on as if nothing had been. */
  set_first_weight (model, weights, saved);
  step.step = 3;
  g_assert_true (test_train (model, batch, &step).applied);
  test_engine_api ()->model_free (model);
}

static void
assert_refused (AttuneEngineModel       *model,
                const AttuneEngineBatch *batch,
                const AttuneEngineStep  *step,
                AttuneEngineStatus       status)
{
  AttuneEngineError error = { 0 };

  g_assert_cmpint (test_engine_api ()->train_step (model, batch, step, &error), ==, status);
  g_assert_cmpint (error.status, ==, status);
  g_assert_cmpstr (error.message, !=, "");
}

static void
test_bad_batches (void)
{
  g_autoptr (TestBatch) good = NULL;
  AttuneEngineModel *model;
  AttuneEngineStep step = test_step (1, 2);
  AttuneEngineBatch batch;
  gint32 ids[41] = { 0 };
  gint32 offsets[3] = { 0, 2, 4 };
  gint32 labels[2] = { 0, 2 };
  guint8 types[4] = { 0, 0, 1, 2 };
  float logits[5];

  if (!test_engine_available ())
    return;
  model = small_model (0.0);
  batch = (AttuneEngineBatch) { .ids = ids, .n_tokens = 4, .offsets = offsets, .n_sequences = 2,
                                .labels = labels };
  test_assert_ok (test_engine_api ()->train_step (model, &batch, &step, &_error));

  ids[3] = 200;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  ids[3] = -1;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  ids[3] = 0;
  labels[1] = 3;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  labels[1] = -1;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  labels[1] = 0;
  batch.labels = NULL;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  batch.labels = labels;
  batch.type_ids = types;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  batch.type_ids = NULL;
  offsets[1] = 4;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_BAD_SHAPE);
  offsets[1] = 2;
  batch.n_tokens = 5;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_BAD_SHAPE);
  batch.n_tokens = 4;
  step.denominator = 0;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  step.denominator = 2;
  step.micro_batch = 1;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);
  batch.n_sequences = 0;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_INVALID_ARGUMENT);

  offsets[1] = 41;
  batch.n_sequences = 1;
  batch.n_tokens = 41;
  step.micro_batch = 0;
  assert_refused (model, &batch, &step, ATTUNE_ENGINE_BAD_SHAPE);

  good = test_batch_random (8, 2, 3);
  g_assert_cmpint (test_engine_api ()->evaluate (model, &good->batch, logits, 5, NULL), ==,
                   ATTUNE_ENGINE_BAD_SHAPE);
  g_assert_cmpint (test_engine_api ()->train_step (model, NULL, &step, NULL), ==,
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
  test_engine_api ()->model_free (model);
}

static void
assert_no_model (const char           *key,
                 const char           *value,
                 AttuneEnginePrecision precision,
                 AttuneEngineStatus    status)
{
  const AttuneEngineOption config[] = { { "hidden_size", "32" }, { "vocab_size", "10" },
                                        { "num_hidden_layers", "1" },
                                        { "num_attention_heads", "4" },
                                        { key, value } };
  AttuneEngineModel *model = NULL;
  AttuneEngineError error = { 0 };

  g_assert_cmpint (test_engine_api ()->model_create (test_engine (), NULL, config,
                                                     G_N_ELEMENTS (config),
                                                     ATTUNE_ENGINE_SINGLE_LABEL, 2, precision, true,
                                                     &model, &error), ==, status);
  g_assert_null (model);
  g_assert_cmpstr (error.message, !=, "");
  if (key != NULL && status == ATTUNE_ENGINE_UNSUPPORTED)
    g_assert_nonnull (strstr (error.message, value));
}

static void
test_refused_models (void)
{
  if (!test_engine_available ())
    return;
  assert_no_model ("model_type", "gpt2", ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_UNSUPPORTED);
  assert_no_model ("hidden_act", "swiglu", ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_UNSUPPORTED);
  assert_no_model ("position_embedding_type", "relative_key", ATTUNE_ENGINE_FP32,
                   ATTUNE_ENGINE_UNSUPPORTED);
  assert_no_model (NULL, NULL, ATTUNE_ENGINE_PRECISION_FP16, ATTUNE_ENGINE_UNSUPPORTED);
  assert_no_model ("num_attention_heads", "5", ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("intermediate_size", "-4", ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("intermediate_size", "many", ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_INVALID_ARGUMENT);
  assert_no_model ("hidden_dropout_prob", "1", ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_INVALID_ARGUMENT);
  /* 2^24 positions of 2^24 ids each: 4 EiB of weights. */
  {
    const AttuneEngineOption config[] = { { "hidden_size", "16777200" },
                                          { "vocab_size", "16777216" },
                                          { "num_hidden_layers", "1" } };
    AttuneEngineModel *model = NULL;

    AttuneEngineStatus status =
      test_engine_api ()->model_create (test_engine (), NULL, config, G_N_ELEMENTS (config),
                                        ATTUNE_ENGINE_SINGLE_LABEL, 2, ATTUNE_ENGINE_FP32, false,
                                        &model, NULL);

    g_assert_cmpint (status, ==, ATTUNE_ENGINE_OUT_OF_MEMORY);
  }
}

static void
test_bf16_follows_fp32 (void)
{
  g_autoptr (TestBatch) batch = NULL;
  double losses[2][20];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (9, 12, 3);
  for (guint half = 0; half < 2; half++)
    {
      AttuneEngineModel *model =
        test_model_new (0.1, ATTUNE_ENGINE_SINGLE_LABEL, 3,
                        half ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32, NULL);

      for (guint64 i = 0; i < 20; i++)
        {
          AttuneEngineStep step = test_step (i + 1, 12);

          losses[half][i] = test_train (model, batch, &step).loss;
        }
      test_engine_api ()->model_free (model);
    }
  for (guint i = 0; i < 20; i++)
    g_assert_cmpfloat_with_epsilon (losses[0][i], losses[1][i], 0.03);
  g_assert_cmpfloat (losses[0][0], !=, losses[1][0]);
}

/* A score is the change of the logit per relative change of the word's embedding: makes the
 * embedding a little longer and looks. */
static void
test_attribution (void)
{
  static const gint32 ids[] = { 11, 57, 120, 3, 199 };
  const AttuneEngineApi *api;
  g_autoptr (TestBatch) batch = test_batch_new ();
  g_autoptr (GArray) weights = NULL;
  AttuneEngineModel *model;
  AttuneEngineError error = { 0 };
  float scores[5], largest = 0;

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  test_batch_add (batch, ids, 5, 0);
  model = small_model (0.1);
  weights = test_read_weights (model); /* word embeddings (200, 32) come first */
  test_assert_ok (api->attribute (model, &batch->batch, 1, scores, 5, &_error));
  for (guint t = 0; t < 5; t++)
    {
      const float step = 1e-2f;
      float logits[2][3];

      for (guint side = 0; side < 2; side++)
        {
          g_autoptr (GArray) changed = g_array_copy (weights);

          for (guint k = 0; k < 32; k++)
            g_array_index (changed, float, 32 * (guint) ids[t] + k) *= side ? 1 + step : 1 - step;
          test_write_weights (model, changed);
          test_assert_ok (api->evaluate (model, &batch->batch, logits[side], 3, &_error));
        }
      g_assert_cmpfloat_with_epsilon (scores[t], (logits[1][1] - logits[0][1]) / (2 * step), 2e-4);
      largest = MAX (largest, fabsf (scores[t]));
    }
  g_assert_cmpfloat (largest, >, 1e-3);
  g_assert_cmpint (api->attribute (model, &batch->batch, 3, scores, 5, &error), ==,
                   ATTUNE_ENGINE_INVALID_ARGUMENT);
  api->model_free (model);
}

/* Long sequences take another way through attention than short ones; so does a short one beside a
 * long one. Both ways must agree. */
static void
test_long_and_short (void)
{
  g_autoptr (TestBatch) batch = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  gint32 ids[150];
  float logits[2][9];
  double losses[2] = { 0 }, norms[2] = { 0 };

  if (!test_engine_available ())
    return;
  batch = test_batch_random (12, 2, 3);
  for (guint t = 0; t < G_N_ELEMENTS (ids); t++)
    ids[t] = g_rand_int_range (random, 0, 200);
  test_batch_add (batch, ids, G_N_ELEMENTS (ids), 1);

  for (guint apart = 0; apart < 2; apart++)
    {
      AttuneEngineModel *model = test_model_new (0.0, ATTUNE_ENGINE_SINGLE_LABEL, 3,
                                                 ATTUNE_ENGINE_FP32,
                                                 "max_position_embeddings=160");
      guint size = apart ? 1 : 3;

      for (guint b = 0; b < 3; b += size)
        {
          g_autoptr (TestBatch) part = test_batch_slice (batch, b, b + size);

          test_assert_ok (test_engine_api ()->evaluate (model, &part->batch, logits[apart] + 3 * b,
                                                        3 * size,
                                                        &_error));
        }
      for (guint b = 0; b < 3; b += size)
        {
          g_autoptr (TestBatch) part = test_batch_slice (batch, b, b + size);
          AttuneEngineStep step = test_step (1, 3);
          AttuneEngineStepResult result;

          step.micro_batch = b / size;
          step.last_micro_batch = b + size == 3;
          result = test_train (model, part, &step);
          losses[apart] = result.loss;
          norms[apart] = result.grad_norm;
        }
      test_engine_api ()->model_free (model);
    }
  for (guint i = 0; i < 9; i++)
    g_assert_cmpfloat_with_epsilon (logits[0][i], logits[1][i], 1e-5);
  g_assert_cmpfloat_with_epsilon (losses[0], losses[1], 1e-5);
  g_assert_cmpfloat_with_epsilon (norms[0], norms[1], 1e-5);
}

/* Products of few rows are done by a loop of our own, those of many by a BLAS. Sizes that are no
 * multiple of a vector or of a tile. */
static void
test_few_rows_and_many (void)
{
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  float together[60], alone[3];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (14, 20, 3);
  model = test_model_new (0.0, ATTUNE_ENGINE_SINGLE_LABEL, 3, ATTUNE_ENGINE_FP32,
                          "hidden_size=36;intermediate_size=70");
  test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, together, 60, &_error));
  for (guint b = 0; b < 20; b++)
    {
      g_autoptr (TestBatch) one = test_batch_slice (batch, b, b + 1);

      test_assert_ok (test_engine_api ()->evaluate (model, &one->batch, alone, 3, &_error));
      for (guint c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon (alone[c], together[3 * b + c], 1e-5);
    }
  test_engine_api ()->model_free (model);
}

/* The mask belongs to the step, not to how many threads share it. */
static void
test_threads_change_rounding_only (void)
{
  g_autoptr (TestBatch) batch = NULL;
  double losses[2];

  if (!test_engine_available ())
    return;
  batch = test_batch_random (13, 6, 3);
  for (gint32 threads = 1; threads <= 2; threads++)
    {
      AttuneEngineModel *model = small_model (0.3);
      AttuneEngineStep step = test_step (1, 6);

      test_assert_ok (test_engine_api ()->set_threads (test_engine (), threads, &_error));
      losses[threads - 1] = test_train (model, batch, &step).loss;
      test_engine_api ()->model_free (model);
    }
  g_assert_cmpfloat_with_epsilon (losses[0], losses[1], 1e-5);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/steps/same-seed-and-step-same-bits", test_same_seed_and_step);
  g_test_add_func ("/engine/steps/loss-falls", test_loss_falls);
  g_test_add_func ("/engine/steps/micro-batches-add-up", test_micro_batches);
  g_test_add_func ("/engine/steps/weighted-and-smoothed-loss", test_weighted_and_smoothed_loss);
  g_test_add_func ("/engine/steps/several-labels-at-once", test_several_labels_at_once);
  g_test_add_func ("/engine/steps/non-finite-changes-nothing", test_non_finite_changes_nothing);
  g_test_add_func ("/engine/steps/bad-batches-are-refused", test_bad_batches);
  g_test_add_func ("/engine/steps/models-that-cannot-be", test_refused_models);
  g_test_add_func ("/engine/steps/bf16-follows-fp32", test_bf16_follows_fp32);
  g_test_add_func ("/engine/steps/attribution-is-a-derivative", test_attribution);
  g_test_add_func ("/engine/steps/long-and-short-agree", test_long_and_short);
  g_test_add_func ("/engine/steps/few-rows-and-many-agree", test_few_rows_and_many);
  g_test_add_func ("/engine/steps/threads-change-rounding-only", test_threads_change_rounding_only);
  return g_test_run ();
}
