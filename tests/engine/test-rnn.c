/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recurrent models of the engine: logits, loss and every gradient against torch.nn's (see
 * tests/fixtures/engine/make-rnn.py), derivatives against difference quotients where no golden is
 * needed, one text computed as among many, attention that sums to one, what cannot be refused.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "engine-fixture.h"

#define N_LABELS 3

static const char *const shapes[] = {
  "rnn_cell=rnn;rnn_pooling=max",
  "rnn_cell=rnn;rnn_bidirectional=true;rnn_pooling=last",
  "rnn_cell=gru;rnn_pooling=mean;rnn_num_layers=2",
  "rnn_cell=gru;rnn_bidirectional=true;rnn_pooling=attention",
  "rnn_cell=lstm;rnn_pooling=last",
  "rnn_cell=lstm;rnn_bidirectional=true;rnn_pooling=attention;rnn_num_layers=2",
  "rnn_cell=lstm;rnn_bidirectional=true;rnn_pooling=max",
  "rnn_cell=lstm;rnn_pooling=attention;rnn_embeddings=tuned;rnn_encoder=bert",
  "rnn_cell=gru;rnn_pooling=mean;rnn_embeddings=frozen;rnn_encoder=bert",
};

/* Sizes that are no multiple of a vector, and weights large enough that all gates move. */
static AttuneEngineModel *
model_of (const char *shape,
          const char *dropout)
{
  g_autofree char *extra = g_strdup_printf ("model_type=attune-rnn;rnn_hidden_size=19;"
                                            "rnn_embedding_size=21;rnn_dropout=%s;%s",
                                            dropout, shape);

  AttuneEngineModel *model = test_model_new (0, ATTUNE_ENGINE_SINGLE_LABEL, N_LABELS,
                                             ATTUNE_ENGINE_FP32, extra);
  size_t n = 0;

  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      /* The encoder as the fixture has drawn it: with norms of 1, and deep enough that more would
       * be too rough for a difference quotient. */
      if (!g_str_has_prefix (tensor.name, "bert."))
        test_assert_ok (test_engine_api ()->init_tensor (model, tensor.name, 0.4, 7 + i, &_error));
    }
  return model;
}

static void
evaluate (AttuneEngineModel *model,
          const TestBatch   *batch,
          float             *logits)
{
  test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, logits,
                                                batch->batch.n_sequences * N_LABELS, &_error));
}

static double
loss_of (AttuneEngineModel *model,
         const TestBatch   *batch)
{
  gsize n = batch->batch.n_sequences;
  g_autofree float *logits = g_new (float, n * N_LABELS);
  double loss = 0;

  evaluate (model, batch, logits);
  for (gsize b = 0; b < n; b++)
    {
      double sum = 0;

      for (guint c = 0; c < N_LABELS; c++)
        sum += exp (logits[b * N_LABELS + c]);
      loss += log (sum) - logits[b * N_LABELS + batch->batch.labels[b]];
    }
  return loss / (double) n;
}

static gboolean
is_frozen (const char *shape,
           const char *tensor)
{
  return strstr (shape, "=frozen") != NULL && g_str_has_prefix (tensor, "bert.");
}

/* With a learning rate of 0 nothing moves, and without beta 1 the first moment is the gradient. */
static GArray *
gradient_of (AttuneEngineModel *model,
             const char        *shape,
             const TestBatch   *batch)
{
  AttuneEngineStep step = test_step (1, (double) batch->batch.n_sequences);
  AttuneEngineStepResult result;
  g_autoptr (GArray) state = NULL;
  GArray *gradient = g_array_new (FALSE, FALSE, sizeof (float));
  size_t n = 0;
  guint at = 0;

  step.learning_rate = step.adam_beta1 = step.max_grad_norm = 0;
  result = test_train (model, batch, &step);
  g_assert_true (result.applied);
  state = test_read_state (model);
  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      guint length;

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      length = (guint) (tensor.length / sizeof (float));
      if (is_frozen (shape, tensor.name))
        g_array_set_size (gradient, gradient->len + length);
      else
        g_array_append_vals (gradient, &g_array_index (state, float, at), length);
      at += is_frozen (shape, tensor.name) ? 0 : 2 * length;
    }
  g_assert_cmpuint (at, ==, state->len);
  return gradient;
}

/* Along its own direction a gradient's difference quotient is its length: of each tensor apart, so
 * that a small one is not lost beside a large one. */
static void
check_gradient (const char *shape)
{
  AttuneEngineModel *model = model_of (shape, "0");
  g_autoptr (TestBatch) batch = test_batch_random (11, 60, N_LABELS);
  g_autoptr (GArray) gradient = gradient_of (model, shape, batch);
  g_autoptr (GArray) weights = test_read_weights (model);
  size_t n = 0;
  guint at = 0;

  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      /* A maximum goes from one token to another on the way, so its quotient is rougher. */
      double norm = 0, losses[2], tolerance = strstr (shape, "max") != NULL ? 2e-2 : 5e-3;
      guint length;

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      length = (guint) (tensor.length / sizeof (float));
      for (guint k = 0; k < length; k++)
        norm += pow (g_array_index (gradient, float, at + k), 2);
      norm = sqrt (norm);
      at += length;
      if (is_frozen (shape, tensor.name) || strstr (tensor.name, "key.bias") != NULL)
        continue; /* a key's bias changes nothing: softmax takes it out again */
      g_assert_cmpfloat (norm, >, 1e-6);
      at -= length;
      for (int side = 0; side < 2; side++)
        {
          g_autoptr (GArray) moved = g_array_copy (weights);

          for (guint k = 0; k < length; k++)
            g_array_index (moved, float, at + k)
              += (float) ((side == 0 ? 0.01 : -0.01) * g_array_index (gradient, float, at + k) / norm);
          test_write_weights (model, moved);
          losses[side] = loss_of (model, batch);
        }
      g_test_message ("%s %s: %g, quotient %g", shape, tensor.name, norm,
                      (losses[0] - losses[1]) / 0.02);
      g_assert_cmpfloat_with_epsilon (norm, (losses[0] - losses[1]) / 0.02,
                                      4e-5 + tolerance * norm);
      at += length;
    }
  test_engine_api ()->model_free (model);
}

static void
test_gradients (void)
{
  if (!test_engine_available ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    check_gradient (shapes[i]);
}

/* As the script beside the golden fills them. */
static void
fill_weights (AttuneEngineModel *model)
{
  size_t n = 0;

  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  for (gsize t = 0; t < n; t++)
    {
      AttuneEngineTensor tensor = { 0 };
      g_autofree float *values = NULL;

      test_assert_ok (test_engine_api ()->describe_tensor (model, t, &tensor, &_error));
      values = g_malloc (tensor.length);
      for (gsize i = 0; i < tensor.length / sizeof (float); i++)
        values[i] = (float) (0.5 * sin (0.7 * (double) i + 1.3 * (double) t + 0.1));
      tensor.data = values;
      test_assert_ok (test_engine_api ()->write_tensor (model, &tensor, &_error));
    }
}

static void
check_golden (yyjson_val      *wanted,
              const TestBatch *batch)
{
  g_autofree char *extra = g_strdup_printf ("model_type=attune-rnn;rnn_hidden_size=5;vocab_size=30;"
                                            "rnn_embedding_size=6;rnn_dropout=0;%s",
                                            yyjson_get_str (yyjson_obj_get (wanted, "shape")));
  AttuneEngineModel *model = test_model_new (0, ATTUNE_ENGINE_SINGLE_LABEL, N_LABELS,
                                             ATTUNE_ENGINE_FP32, extra);
  AttuneEngineStep step = test_step (1, 3);
  yyjson_val *norms_wanted = yyjson_obj_get (wanted, "gradient_norms");
  yyjson_val *attention = yyjson_obj_get (wanted, "attention");
  double norms[64];
  float logits[3 * N_LABELS];
  size_t n = 0;

  fill_weights (model);
  evaluate (model, batch, logits);
  for (guint i = 0; i < G_N_ELEMENTS (logits); i++)
    g_assert_cmpfloat_with_epsilon (logits[i],
                                    yyjson_get_num (yyjson_arr_get (yyjson_arr_get (yyjson_obj_get (wanted, "logits"), i / N_LABELS), i % N_LABELS)),
                                    1e-6);
  if (yyjson_arr_size (attention) > 0)
    {
      g_autofree float *weights = g_new (float, batch->batch.n_tokens);

      test_assert_ok (test_engine_api ()->attend (model, &batch->batch, weights,
                                                  batch->batch.n_tokens, &_error));
      for (gsize i = 0; i < batch->batch.n_tokens; i++)
        g_assert_cmpfloat_with_epsilon (weights[i], yyjson_get_num (yyjson_arr_get (attention, i)), 1e-6);
    }
  step.learning_rate = 0;
  g_assert_cmpfloat_with_epsilon (test_train (model, batch, &step).loss,
                                  yyjson_get_num (yyjson_obj_get (wanted, "loss")), 1e-6);
  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  g_assert_cmpuint (n, ==, yyjson_obj_size (norms_wanted));
  test_assert_ok (test_engine_api ()->gradient_norms (model, norms, n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      double norm;

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      norm = yyjson_get_num (yyjson_obj_get (norms_wanted, tensor.name));
      g_assert_cmpfloat (norm, >, 0);
      g_assert_cmpfloat_with_epsilon (norms[i], norm, 1e-5 * norm + 1e-8);
    }
  test_engine_api ()->model_free (model);
}

/* The numbers of torch.nn itself. */
static void
test_golden (void)
{
  g_autofree char *folder = test_fixture ("engine");
  yyjson_doc *document;
  g_autoptr (TestBatch) batch = test_batch_new ();
  yyjson_val *root, *text, *model;
  gsize index, most;

  if (!test_engine_available ())
    return;
  document = test_json (folder, "rnn.json");
  root = yyjson_doc_get_root (document);
  yyjson_arr_foreach (yyjson_obj_get (root, "texts"), index, most, text)
    {
      gint32 ids[16];
      gsize n = yyjson_arr_size (text);

      for (gsize i = 0; i < n; i++)
        ids[i] = (gint32) yyjson_get_int (yyjson_arr_get (text, i));
      test_batch_add (batch, ids, n,
                      (gint32) yyjson_get_int (yyjson_arr_get (yyjson_obj_get (root, "labels"), index)));
    }
  yyjson_arr_foreach (yyjson_obj_get (root, "models"), index, most, model)
    check_golden (model, batch);
  yyjson_doc_free (document);
}

/* What a text is answered does not depend on those beside it, however long they are. */
static void
test_texts_apart (void)
{
  if (!test_engine_available ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      AttuneEngineModel *model = model_of (shapes[i], "0");
      g_autoptr (TestBatch) batch = test_batch_random (5, 70, N_LABELS);
      float together[70 * N_LABELS];

      evaluate (model, batch, together);
      for (guint b = 0; b < 70; b += 9)
        {
          g_autoptr (TestBatch) one = test_batch_slice (batch, b, b + 1);
          float alone[N_LABELS];

          evaluate (model, one, alone);
          for (guint c = 0; c < N_LABELS; c++)
            g_assert_cmpfloat_with_epsilon (alone[c], together[b * N_LABELS + c], 1e-5);
        }
      test_engine_api ()->model_free (model);
    }
}

/* A batch in parts makes the step of the batch as a whole. */
static void
test_micro_batches (void)
{
  if (!test_engine_available ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      AttuneEngineModel *models[2] = { model_of (shapes[i], "0"), model_of (shapes[i], "0") };
      g_autoptr (TestBatch) batch = test_batch_random (7, 20, N_LABELS);
      g_autoptr (TestBatch) first = test_batch_slice (batch, 0, 8);
      g_autoptr (TestBatch) second = test_batch_slice (batch, 8, 20);
      g_autoptr (GArray) a = NULL, b = NULL;
      AttuneEngineStep step = test_step (1, 20);
      AttuneEngineStepResult whole = test_train (models[0], batch, &step), parts = { 0 };
      size_t n_results = 0;

      step.last_micro_batch = false;
      test_assert_ok (test_engine_api ()->train_step (models[1], &first->batch, &step, &_error));
      step.micro_batch = 1;
      step.last_micro_batch = true;
      test_assert_ok (test_engine_api ()->train_step (models[1], &second->batch, &step, &_error));
      test_assert_ok (test_engine_api ()->collect (models[1], true, &parts, 1, &n_results, &_error));
      g_assert_cmpfloat_with_epsilon (whole.loss, parts.loss, 1e-5);
      g_assert_cmpfloat_with_epsilon (whole.grad_norm, parts.grad_norm, 1e-5 * whole.grad_norm);
      a = test_read_state (models[0]);
      b = test_read_state (models[1]);
      test_assert_equal_floats (a, b, 1e-6);
      test_engine_api ()->model_free (models[0]);
      test_engine_api ()->model_free (models[1]);
    }
}

/* The same step twice is the same to the last bit, dropout and all; dropout does something. */
static void
test_repeatable (void)
{
  AttuneEngineModel *models[3];
  g_autoptr (TestBatch) batch = test_batch_random (3, 40, N_LABELS);
  GArray *weights[3];

  if (!test_engine_available ())
    return;
  for (guint i = 0; i < 3; i++)
    {
      models[i] = model_of (shapes[5], i < 2 ? "0.4" : "0");
      for (guint64 number = 1; number <= 3; number++)
        {
          AttuneEngineStep step = test_step (number, 40);

          test_train (models[i], batch, &step);
        }
      weights[i] = test_read_weights (models[i]);
      test_engine_api ()->model_free (models[i]);
    }
  g_assert_cmpmem (weights[0]->data, weights[0]->len * sizeof (float), weights[1]->data,
                   weights[1]->len * sizeof (float));
  g_assert_cmpint (memcmp (weights[0]->data, weights[2]->data, weights[0]->len * sizeof (float)),
                   !=, 0);
  for (guint i = 0; i < 3; i++)
    g_array_unref (weights[i]);
}

/* Which of two ids occurs first: only something that keeps what it read can tell. */
static void
test_learns_order (void)
{
  static const char *const cells[] = { "rnn", "lstm", "gru" };
  g_autoptr (TestBatch) batch = test_batch_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  if (!test_engine_available ())
    return;
  for (guint b = 0; b < 64; b++)
    {
      gint32 ids[12];
      guint first = (guint) g_rand_int_range (random, 1, 5), second = (guint) g_rand_int_range (random, 6, 11);

      for (guint t = 0; t < G_N_ELEMENTS (ids); t++)
        ids[t] = g_rand_int_range (random, 10, 200);
      ids[first] = b % 2 == 0 ? 3 : 4;
      ids[second] = b % 2 == 0 ? 4 : 3;
      test_batch_add (batch, ids, G_N_ELEMENTS (ids), (gint32) (b % 2));
    }
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autofree char *shape = g_strdup_printf ("rnn_cell=%s;rnn_pooling=last", cells[i]);
      AttuneEngineModel *model = model_of (shape, "0");
      AttuneEngineStepResult result = { 0 };

      for (guint64 number = 1; number <= 300; number++)
        {
          AttuneEngineStep step = test_step (number, 64);

          step.learning_rate = 0.01;
          result = test_train (model, batch, &step);
        }
      g_assert_cmpuint (result.n_correct, ==, 64);
      g_assert_cmpfloat (result.loss, <, 0.1);
      test_engine_api ()->model_free (model);
    }
}

/* What is frozen stays as it is to the last bit, decay or not, and has no state; the rest moves. */
static void
test_frozen_stays (void)
{
  const char *shape = shapes[G_N_ELEMENTS (shapes) - 1];
  g_autoptr (TestBatch) batch = test_batch_random (2, 30, N_LABELS);
  g_autoptr (GArray) before = NULL, after = NULL, state = NULL;
  AttuneEngineModel *model;
  size_t n = 0;
  guint at = 0, n_trained = 0;

  if (!test_engine_available ())
    return;
  model = model_of (shape, "0.2");
  before = test_read_weights (model);
  for (guint64 number = 1; number <= 3; number++)
    {
      AttuneEngineStep step = test_step (number, 30);

      step.weight_decay = 0.5;
      test_train (model, batch, &step);
    }
  after = test_read_weights (model);
  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      if (is_frozen (shape, tensor.name))
        g_assert_cmpmem (&g_array_index (before, float, at), tensor.length,
                         &g_array_index (after, float, at), tensor.length);
      else
        {
          g_assert_cmpint (memcmp (&g_array_index (before, float, at),
                                   &g_array_index (after, float, at), tensor.length), !=, 0);
          n_trained += (guint) (tensor.length / sizeof (float));
        }
      at += (guint) (tensor.length / sizeof (float));
    }
  state = test_read_state (model);
  g_assert_cmpuint (state->len, ==, 2 * n_trained);
  test_engine_api ()->model_free (model);
}

static void
test_attention (void)
{
  const AttuneEngineApi *api;
  g_autoptr (TestBatch) batch = test_batch_random (9, 12, N_LABELS);
  AttuneEngineModel *model;
  g_autofree float *weights = g_new (float, batch->batch.n_tokens);
  AttuneEngineError error = { 0 };

  if (!test_engine_available ())
    return;
  api = test_engine_api ();
  model = model_of (shapes[3], "0.3");
  test_assert_ok (api->attend (model, &batch->batch, weights, batch->batch.n_tokens, &_error));
  for (gsize b = 0; b < batch->batch.n_sequences; b++)
    {
      gint32 begin = batch->batch.offsets[b], end = batch->batch.offsets[b + 1];
      double sum = 0;

      for (gint32 t = begin; t < end; t++)
        {
          g_assert_cmpfloat (weights[t], >=, 0);
          sum += weights[t];
        }
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
      if (end - begin > 2)
        g_assert_cmpfloat (weights[begin] + weights[end - 1], ==, 0);
    }
  g_assert_cmpint (api->attend (model, &batch->batch, weights, 1, &error), ==,
                   ATTUNE_ENGINE_BAD_SHAPE);
  api->model_free (model);

  model = model_of (shapes[0], "0");
  g_assert_cmpint (api->attend (model, &batch->batch, weights, batch->batch.n_tokens, &error), ==,
                   ATTUNE_ENGINE_UNSUPPORTED);
  api->model_free (model);
}

/* The scores of a text are what its words' embeddings, made longer, add to the label's logit. */
static void
test_attribution (void)
{
  g_autoptr (TestBatch) text = test_batch_random (21, 1, N_LABELS);
  gsize n = text->batch.n_tokens;
  g_autofree float *scores = g_new (float, n);

  if (!test_engine_available ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      AttuneEngineModel *model = model_of (shapes[i], "0.5");
      g_autoptr (GArray) weights = test_read_weights (model);
      double sum = 0, sides[2];

      test_assert_ok (test_engine_api ()->attribute (model, &text->batch, 1, scores, n, &_error));
      for (gsize t = 0; t < n; t++)
        sum += scores[t];
      for (int side = 0; side < 2; side++)
        {
          g_autoptr (GArray) longer = g_array_copy (weights);
          float logits[N_LABELS];

          for (guint k = 0; k < 200 * (strstr (shapes[i], "encoder") != NULL ? 32 : 21); k++) /* all words */
            g_array_index (longer, float, k) *= side == 0 ? 1.01f : 0.99f;
          test_write_weights (model, longer);
          evaluate (model, text, logits);
          sides[side] = logits[1];
        }
      g_assert_cmpfloat_with_epsilon (sum, (sides[0] - sides[1]) / 0.02, 1e-4 + 0.01 * fabs (sum));
      test_engine_api ()->model_free (model);
    }
}

static void
test_refused (void)
{
  static const char *const wrong[] = {
    "rnn_cell=transformer", "rnn_pooling=sum", "rnn_hidden_size=0", "rnn_hidden_size=100000",
    "rnn_num_layers=17", "rnn_embeddings=borrowed", "rnn_embedding_size=-1", "rnn_dropout=1",
  };

  if (!test_engine_available ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (GStrv) pair = g_strsplit (wrong[i], "=", 2);
      AttuneEngineOption options[] = { { "model_type", "attune-rnn" }, { pair[0], pair[1] } };
      AttuneEngineModel *model = NULL;
      AttuneEngineError error = { 0 };

      g_assert_cmpint (test_engine_api ()->model_create (test_engine (), test_device (), options, 2,
                                                         ATTUNE_ENGINE_SINGLE_LABEL, 2,
                                                         ATTUNE_ENGINE_FP32, false, &model, &error),
                       !=, ATTUNE_ENGINE_OK);
      g_assert_null (model);
      g_assert_cmpuint (strlen (error.message), >, 10);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/rnn/gradients", test_gradients);
  g_test_add_func ("/rnn/golden", test_golden);
  g_test_add_func ("/rnn/texts-apart", test_texts_apart);
  g_test_add_func ("/rnn/micro-batches", test_micro_batches);
  g_test_add_func ("/rnn/repeatable", test_repeatable);
  g_test_add_func ("/rnn/learns-order", test_learns_order);
  g_test_add_func ("/rnn/frozen-stays", test_frozen_stays);
  g_test_add_func ("/rnn/attention", test_attention);
  g_test_add_func ("/rnn/attribution", test_attribution);
  g_test_add_func ("/rnn/refused", test_refused);

  return g_test_run ();
}
