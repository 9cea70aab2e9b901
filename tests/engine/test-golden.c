/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine against numbers that transformers computed: tests/fixtures/tiny-….
 */
#include "config.h"

#include <math.h>

#include "engine-fixture.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (yyjson_doc, yyjson_doc_free)

static TestBatch *
expected_batch (yyjson_val *root)
{
  TestBatch *batch = test_batch_new ();
  yyjson_val *sequence;
  size_t b, n_sequences;

  yyjson_arr_foreach (yyjson_obj_get (root, "sequences"), b, n_sequences, sequence)
    {
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
      yyjson_val *value;
      size_t t, n_tokens;

      yyjson_arr_foreach (sequence, t, n_tokens, value)
        {
          gint32 id = yyjson_get_int (value);

          g_array_append_val (ids, id);
        }
      test_batch_add (batch, (gint32 *) (gpointer) ids->data, ids->len,
                      yyjson_get_int (yyjson_arr_get (yyjson_obj_get (root, "labels"), b)));
    }
  return batch;
}

static void
test_logits (gconstpointer name)
{
  g_autofree char *folder = test_fixture (name);
  g_autoptr (yyjson_doc) expected = NULL;
  g_autoptr (TestBatch) batch = NULL;
  AttuneEngineModel *model;
  float logits[64];

  if (!test_engine_available ())
    return;
  expected = test_json (folder, "expected.json");
  batch = expected_batch (yyjson_doc_get_root (expected));
  model = test_model_load (folder, 3);

  /* All together (lengths differ, so attention pads) and each alone (it does not). */
  for (guint together = 0; together < 2; together++)
    {
      if (together)
        test_assert_ok (test_engine_api ()->evaluate (model, &batch->batch, logits,
                                                      batch->batch.n_sequences * 3, &_error));
      for (guint b = 0; b < batch->batch.n_sequences; b++)
        {
          yyjson_val *rows = yyjson_obj_get (yyjson_doc_get_root (expected), "logits");
          yyjson_val *row = yyjson_arr_get (rows, b);
          g_autoptr (TestBatch) one = test_batch_slice (batch, b, b + 1);

          if (!together)
            test_assert_ok (test_engine_api ()->evaluate (model, &one->batch, logits + 3 * b, 3,
                                                          &_error));
          for (guint c = 0; c < 3; c++)
            g_assert_cmpfloat_with_epsilon (logits[3 * b + c],
                                            yyjson_get_num (yyjson_arr_get (row, c)), 1e-5);
        }
    }
  test_engine_api ()->model_free (model);
}

static void
test_gradients (gconstpointer name)
{
  g_autofree char *folder = test_fixture (name);
  g_autoptr (yyjson_doc) expected = NULL;
  g_autoptr (TestBatch) batch = NULL;
  g_autofree double *norms = NULL;
  AttuneEngineModel *model;
  AttuneEngineStep step = test_step (1, 5);
  AttuneEngineStepResult result;
  yyjson_val *root;
  double squares = 0;
  size_t n = 0;

  if (!test_engine_available ())
    return;
  expected = test_json (folder, "expected.json");
  batch = expected_batch (yyjson_doc_get_root (expected));
  model = test_model_load (folder, 3);
  result = test_train (model, batch, &step);
  root = yyjson_doc_get_root (expected);
  g_assert_cmpfloat_with_epsilon (result.loss, yyjson_get_num (yyjson_obj_get (root, "loss")),
                                  1e-5);
  g_assert_true (result.applied);

  test_assert_ok (test_engine_api ()->count_tensors (model, &n, &_error));
  norms = g_new0 (double, n);
  test_assert_ok (test_engine_api ()->gradient_norms (model, norms, n, &_error));
  for (gsize i = 0; i < n; i++)
    {
      AttuneEngineTensor tensor = { 0 };
      yyjson_val *norm;

      test_assert_ok (test_engine_api ()->describe_tensor (model, i, &tensor, &_error));
      norm = yyjson_obj_get (yyjson_obj_get (root, "grad_norms"), tensor.name);
      g_assert_nonnull (norm);
      if (fabs (norms[i] - yyjson_get_num (norm)) > 1e-5)
        g_error ("%s: gradient norm %g, not %g", tensor.name, norms[i], yyjson_get_num (norm));
      squares += norms[i] * norms[i];
    }
  g_assert_cmpfloat_with_epsilon (result.grad_norm, sqrt (squares), 1e-5);
  test_engine_api ()->model_free (model);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const folders[] = {
    "tiny-bert",        "tiny-distilbert", "tiny-electra",         "tiny-roberta",
    "tiny-xlm-roberta", "tiny-modernbert", "tiny-modernbert-mean",
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *logits = g_strdup_printf ("/engine/golden/%s/logits", folders[i]);
      g_autofree char *gradients = g_strdup_printf ("/engine/golden/%s/gradients", folders[i]);

      g_test_add_data_func (logits, folders[i], test_logits);
      g_test_add_data_func (gradients, folders[i], test_gradients);
    }
  return g_test_run ();
}
