/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logistic regression: the solver's weights are scikit-learn's, and texts are told apart by their
 * words, the same way each time.
 */
#include "config.h"

#include <math.h>
#include <yyjson.h>

#include "attune-logistic-regression.h"
#include "attune-logistic-solver.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (yyjson_doc, yyjson_doc_free)

static yyjson_val *
get_array (yyjson_val *object,
           const char *key,
           gsize      *n)
{
  yyjson_val *array = yyjson_obj_get (object, key);

  *n = yyjson_arr_size (array);
  g_assert_cmpuint (*n, >, 0);
  return array;
}

static void
check_problem (yyjson_val *wanted)
{
  gsize n_offsets, n_values, n_sets, n;
  yyjson_val *offsets_json = get_array (wanted, "offsets", &n_offsets);
  yyjson_val *columns_json = get_array (wanted, "columns", &n_values);
  yyjson_val *values_json = get_array (wanted, "values", &n);
  yyjson_val *labels_json = get_array (wanted, "labels", &n);
  yyjson_val *coefficients = get_array (wanted, "coefficients", &n_sets);
  yyjson_val *intercepts = get_array (wanted, "intercepts", &n);
  guint n_features = (guint) yyjson_get_uint (yyjson_obj_get (wanted, "n_features"));
  g_autofree gsize *offsets = g_new (gsize, n_offsets);
  g_autofree guint32 *columns = g_new (guint32, n_values);
  g_autofree float *values = g_new (float, n_values);
  g_autofree gint32 *labels = g_new (gint32, n_offsets - 1);
  g_autofree double *weights = g_new (double, (n_features + 1) * n_sets);
  g_autoptr (GError) error = NULL;
  AttuneLogisticProblem problem = {
    .n_rows = (guint) n_offsets - 1,
    .n_features = n_features,
    .n_classes = (guint) yyjson_get_uint (yyjson_obj_get (wanted, "n_classes")),
    .offsets = offsets,
    .columns = columns,
    .values = values,
    .labels = labels,
    .strictness = yyjson_get_num (yyjson_obj_get (wanted, "strictness")),
    .tolerance = 1e-9,
    .most_iterations = 1000,
  };

  for (gsize i = 0; i < n_offsets; i++)
    offsets[i] = yyjson_get_uint (yyjson_arr_get (offsets_json, i));
  for (gsize i = 0; i < n_values; i++)
    {
      columns[i] = (guint32) yyjson_get_uint (yyjson_arr_get (columns_json, i));
      values[i] = (float) yyjson_get_num (yyjson_arr_get (values_json, i));
    }
  for (gsize i = 0; i < problem.n_rows; i++)
    labels[i] = (gint32) yyjson_get_int (yyjson_arr_get (labels_json, i));

  g_assert_cmpuint (attune_logistic_count_sets (problem.n_classes), ==, n_sets);
  g_assert_true (attune_logistic_solve (&problem, weights, NULL, &error));
  g_assert_no_error (error);
  for (gsize k = 0; k < n_sets; k++)
    {
      for (gsize f = 0; f < n_features; f++)
        g_assert_cmpfloat_with_epsilon (weights[f * n_sets + k],
                                        yyjson_get_num (yyjson_arr_get (yyjson_arr_get (coefficients, k), f)),
                                        1e-4);
      g_assert_cmpfloat_with_epsilon (weights[n_features * n_sets + k],
                                      yyjson_get_num (yyjson_arr_get (intercepts, k)), 1e-4);
    }
}

static void
test_solver (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "evaluate",
                                                 "logistic.json", NULL);
  g_autoptr (yyjson_doc) document = yyjson_read_file (path, 0, NULL, NULL);
  yyjson_arr_iter problems;
  yyjson_val *problem;

  g_assert_nonnull (document);
  problems = yyjson_arr_iter_with (yyjson_doc_get_root (document));
  while ((problem = yyjson_arr_iter_next (&problems)) != NULL)
    check_problem (problem);
}

static void
test_texts (void)
{
  /* Which of 1 and 2 stands there, among words of no meaning; 3 before 4, or after it. */
  static const gint32 rows[][4] = { { 1, 9, 3, 4 }, { 2, 9, 3, 4 }, { 1, 8, 4, 3 }, { 2, 8, 4, 3 } };

  for (guint n_classes = 2; n_classes <= 4; n_classes += 2)
    {
      g_autoptr (AttuneLogisticRegression) regression = attune_logistic_regression_new (n_classes);
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < 12; i++)
        attune_logistic_regression_add (regression, rows[i % 4], 4, (gint32) (i % 4 % n_classes));
      g_assert_true (attune_logistic_regression_fit (regression, NULL, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < 4; i++)
        g_assert_cmpint (attune_logistic_regression_predict (regression, rows[i], 4), ==,
                         (gint32) (i % n_classes));
      /* Of words never seen, and of none, something is said all the same. */
      g_assert_cmpint (attune_logistic_regression_predict (regression, (gint32[]) { 77 }, 1), >=, 0);
      g_assert_cmpint (attune_logistic_regression_predict (regression, rows[0], 0), >=, 0);
    }
}

static void
test_nothing_to_learn (void)
{
  g_autoptr (AttuneLogisticRegression) empty = attune_logistic_regression_new (3);
  g_autoptr (AttuneLogisticRegression) one = attune_logistic_regression_new (1);
  g_autoptr (AttuneLogisticRegression) single = attune_logistic_regression_new (2);
  const gint32 ids[] = { 5 };
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_logistic_regression_fit (empty, NULL, &error));
  g_assert_cmpint (attune_logistic_regression_predict (empty, ids, 1), ==, -1);
  attune_logistic_regression_add (one, ids, 1, 0);
  g_assert_true (attune_logistic_regression_fit (one, NULL, &error));
  g_assert_cmpint (attune_logistic_regression_predict (one, ids, 1), ==, -1);
  /* Each word in one row alone: what is left is which class is more frequent. */
  for (gint32 i = 0; i < 5; i++)
    attune_logistic_regression_add (single, &i, 1, i > 0);
  g_assert_true (attune_logistic_regression_fit (single, NULL, &error));
  g_assert_cmpint (attune_logistic_regression_predict (single, ids, 1), ==, 1);
}

static void
test_cancels (void)
{
  g_autoptr (AttuneLogisticRegression) regression = attune_logistic_regression_new (2);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  const gint32 ids[] = { 5, 6 };

  for (guint i = 0; i < 4; i++)
    attune_logistic_regression_add (regression, ids + i % 2, 1, (gint32) (i % 2));
  g_cancellable_cancel (cancellable);
  g_assert_false (attune_logistic_regression_fit (regression, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/logistic/solver", test_solver);
  g_test_add_func ("/logistic/texts", test_texts);
  g_test_add_func ("/logistic/nothing-to-learn", test_nothing_to_learn);
  g_test_add_func ("/logistic/cancels", test_cancels);

  return g_test_run ();
}
