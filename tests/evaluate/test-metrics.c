/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Metrics against scikit-learn's (fixtures/evaluate/make-metrics.py), and the cases it refuses.
 */
#include "config.h"

#include <math.h>

#include <yyjson.h>

#include "attune-metrics.h"

#define TOLERANCE 1e-12

static gint32 *
read_labels (yyjson_val *array,
             gsize      *n)
{
  gint32 *labels;
  yyjson_val *value;
  size_t i, max;

  *n = yyjson_arr_size (array);
  labels = g_new (gint32, *n);
  yyjson_arr_foreach (array, i, max, value)
    labels[i] = yyjson_get_int (value);

  return labels;
}

static float *
read_logits (yyjson_val *array)
{
  float *logits = g_new (float, yyjson_arr_size (array));
  yyjson_val *value;
  size_t i, max;

  yyjson_arr_foreach (array, i, max, value)
    logits[i] = (float) yyjson_get_num (value);

  return logits;
}

static void
assert_number (double      got,
               yyjson_val *object,
               const char *key)
{
  g_assert_cmpfloat_with_epsilon (got, yyjson_get_num (yyjson_obj_get (object, key)), TOLERANCE);
}

static void
assert_numbers (const double *got,
                yyjson_val   *object,
                const char   *key)
{
  yyjson_val *value;
  size_t i, max;

  yyjson_arr_foreach (yyjson_obj_get (object, key), i, max, value)
    g_assert_cmpfloat_with_epsilon (got[i], yyjson_get_num (value), TOLERANCE);
}

static void
assert_counts (const guint64 *got,
               yyjson_val    *object,
               const char    *key)
{
  yyjson_val *value;
  size_t i, max;

  yyjson_arr_foreach (yyjson_obj_get (object, key), i, max, value)
    g_assert_cmpuint (got[i], ==, yyjson_get_uint (value));
}

/* The whole matrix, as scikit-learn has it. */
static guint64 *
make_matrix (const AttuneMetrics *metrics)
{
  guint n;
  g_autofree guint *all = attune_metrics_list_confused (metrics, G_MAXUINT, &n);

  g_assert_cmpuint (n, ==, metrics->n_classes);
  return attune_metrics_make_matrix (metrics, all, n);
}

static void
assert_same_as_reference (const AttuneMetrics *metrics,
                          yyjson_val          *expected)
{
  g_autofree guint64 *matrix = make_matrix (metrics);

  g_assert_cmpuint (metrics->n_rows, ==, yyjson_arr_size (yyjson_obj_get (expected, "labels")));
  g_assert_cmpuint (metrics->n_correct, ==,
                    yyjson_get_uint (yyjson_obj_get (expected, "n_correct")));
  assert_number (metrics->accuracy, expected, "accuracy");
  assert_number (metrics->accuracy_low, expected, "accuracy_low");
  assert_number (metrics->accuracy_high, expected, "accuracy_high");
  assert_number (metrics->f1_macro, expected, "f1_macro");
  assert_number (metrics->mcc, expected, "mcc");
  assert_numbers (metrics->precision, expected, "precision");
  assert_numbers (metrics->recall, expected, "recall");
  assert_numbers (metrics->f1, expected, "f1");
  assert_counts (metrics->support, expected, "support");
  assert_counts (matrix, expected, "confusion");
}

static void
test_reference (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "fixtures", "evaluate", "metrics.json", NULL);
  yyjson_doc *document = yyjson_read_file (path, 0, NULL, NULL);
  yyjson_val *expected;
  size_t i, max;

  g_assert_nonnull (document);
  yyjson_arr_foreach (yyjson_doc_get_root (document), i, max, expected)
    {
      const guint n_classes = (guint) yyjson_get_uint (yyjson_obj_get (expected, "n_classes"));
      gsize n_rows;
      g_autofree gint32 *labels = read_labels (yyjson_obj_get (expected, "labels"), &n_rows);
      g_autofree gint32 *predictions =
        read_labels (yyjson_obj_get (expected, "predictions"), &n_rows);
      g_autofree float *logits = read_logits (yyjson_obj_get (expected, "logits"));
      g_autoptr (AttuneMetrics) from_logits =
        attune_metrics_new_from_logits (labels, logits, n_rows, n_classes);
      g_autoptr (AttuneMetrics) from_predictions =
        attune_metrics_new_from_predictions (labels, predictions, n_rows, n_classes);
      g_autoptr (AttuneMetrics) copy = attune_metrics_copy (from_logits);

      g_test_message ("%s", yyjson_get_str (yyjson_obj_get (expected, "name")));
      assert_same_as_reference (from_logits, expected);
      assert_same_as_reference (from_predictions, expected);
      assert_same_as_reference (copy, expected);
      assert_number (from_logits->loss, expected, "loss");
      assert_number (from_logits->calibration_error, expected, "calibration_error");
      g_assert_true (isnan (from_predictions->loss));
      g_assert_true (isnan (from_predictions->calibration_error));
    }
  g_assert_cmpuint (i, >=, 12);
  yyjson_doc_free (document);
}

static void
test_logits_that_are_not_finite (void)
{
  const gint32 labels[] = { 0, 1, 1 };
  const float logits[] = { NAN, 1, 0, INFINITY, 0, 2 };
  g_autoptr (AttuneMetrics) metrics = attune_metrics_new_from_logits (labels, logits, 3, 2);
  g_autofree guint64 *matrix = make_matrix (metrics);

  g_assert_cmpuint (metrics->n_rows, ==, 3);
  g_assert_cmpuint (metrics->n_correct, ==, 1);
  g_assert_cmpuint (matrix[0], ==, 1);
  g_assert_cmpuint (matrix[2], ==, 1);
  g_assert_cmpfloat (metrics->recall[0], ==, 0.0);
  g_assert_true (isnan (metrics->loss));
  g_assert_true (isnan (metrics->calibration_error));
}

static void
test_large_logits_do_not_overflow (void)
{
  const gint32 labels[] = { 0, 1 };
  const float logits[] = { 3e38f, -3e38f, -3e38f, 3e38f };
  g_autoptr (AttuneMetrics) metrics = attune_metrics_new_from_logits (labels, logits, 2, 2);

  g_assert_cmpfloat (metrics->loss, ==, 0.0);
  g_assert_cmpfloat (metrics->calibration_error, ==, 0.0);
}

static void
test_rows_without_label_are_left_out (void)
{
  const gint32 labels[] = { -1, 1, 7, 0 };
  const gint32 predictions[] = { 1, 1, 1, 9 };
  g_autoptr (AttuneMetrics) metrics =
    attune_metrics_new_from_predictions (labels, predictions, 4, 2);

  g_assert_cmpuint (metrics->n_rows, ==, 2);
  g_assert_cmpuint (metrics->n_correct, ==, 1);
  g_assert_cmpuint (metrics->support[0], ==, 1);
}

/* What is kept grows with the rows, not with the square of the classes. */
static void
test_many_classes (void)
{
  const guint n_classes = 1000000;
  const gint32 labels[] = { 999999, 5, 5, 5, 70000, 1 };
  const gint32 predictions[] = { 3, 70000, 5, 70000, 70000, 1 };
  const guint64 expected[] = { 0, 0, 0, 0, 1, 2, 0, 0, 1 };
  g_autoptr (AttuneMetrics) metrics =
    attune_metrics_new_from_predictions (labels, predictions, 6, n_classes);
  g_autofree guint *classes = NULL;
  g_autofree guint64 *matrix = NULL;
  guint n;

  g_assert_cmpuint (metrics->n_confusions, ==, 5);
  g_assert_cmpuint (metrics->confusions[2].label, ==, 5);
  g_assert_cmpuint (metrics->confusions[2].prediction, ==, 70000);
  g_assert_cmpuint (metrics->confusions[2].n_rows, ==, 2);

  classes = attune_metrics_list_confused (metrics, 3, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (classes[0], ==, 3);
  g_assert_cmpuint (classes[1], ==, 5);
  g_assert_cmpuint (classes[2], ==, 70000);
  matrix = attune_metrics_make_matrix (metrics, classes, n);
  g_assert_cmpmem (matrix, 9 * sizeof *matrix, expected, sizeof expected);
}

static void
test_no_rows (void)
{
  g_autoptr (AttuneMetrics) metrics = attune_metrics_new_from_logits (NULL, NULL, 0, 3);

  g_assert_cmpfloat (metrics->accuracy, ==, 0.0);
  g_assert_cmpfloat (metrics->accuracy_low, ==, 0.0);
  g_assert_cmpfloat (metrics->accuracy_high, ==, 1.0);
  g_assert_true (isnan (metrics->loss));
}

static void
test_interval_ends_at_certainty (void)
{
  double low, high;

  attune_wilson_interval (0, 10, &low, &high);
  g_assert_cmpfloat (low, ==, 0.0);
  g_assert_cmpfloat (high, <, 0.3);
  attune_wilson_interval (10, 10, &low, &high);
  g_assert_cmpfloat (high, ==, 1.0);
  g_assert_cmpfloat (low, >, 0.7);
}

static void
test_softmax (void)
{
  const float logits[] = { 1000.0f, 1000.0f, -1000.0f };
  float probabilities[3];

  attune_softmax (logits, 3, probabilities);
  g_assert_cmpfloat (probabilities[0], ==, 0.5f);
  g_assert_cmpfloat (probabilities[1], ==, 0.5f);
  g_assert_cmpfloat (probabilities[2], ==, 0.0f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/metrics/reference", test_reference);
  g_test_add_func ("/metrics/logits-that-are-not-finite", test_logits_that_are_not_finite);
  g_test_add_func ("/metrics/large-logits-do-not-overflow", test_large_logits_do_not_overflow);
  g_test_add_func ("/metrics/rows-without-label-are-left-out",
                   test_rows_without_label_are_left_out);
  g_test_add_func ("/metrics/many-classes", test_many_classes);
  g_test_add_func ("/metrics/no-rows", test_no_rows);
  g_test_add_func ("/metrics/interval-ends-at-certainty", test_interval_ends_at_certainty);
  g_test_add_func ("/metrics/softmax", test_softmax);

  return g_test_run ();
}
