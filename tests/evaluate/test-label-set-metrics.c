/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Metrics of label sets against scikit-learn's (fixtures/evaluate/make-label-set-metrics.py), and
 * the cases it refuses.
 */
#include "config.h"

#include <math.h>

#include <yyjson.h>

#include "attune-metrics.h"

#define TOLERANCE 1e-12

static gint32 *
read_sets (yyjson_val *array,
           guint     **offsets)
{
  GArray *sets = g_array_new (FALSE, FALSE, sizeof (gint32));
  yyjson_val *row;
  size_t i, max;

  *offsets = g_new0 (guint, yyjson_arr_size (array) + 1);
  yyjson_arr_foreach (array, i, max, row)
    {
      yyjson_val *value;
      size_t j, n;

      yyjson_arr_foreach (row, j, n, value)
        {
          const gint32 label = yyjson_get_int (value);

          g_array_append_val (sets, label);
        }
      (*offsets)[i + 1] = sets->len;
    }
  return (gint32 *) g_array_free (sets, FALSE);
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

static void
assert_same_as_reference (const AttuneMetrics *metrics,
                          yyjson_val          *expected)
{
  g_assert_true (metrics->multi_label);
  g_assert_cmpuint (metrics->n_correct, ==,
                    yyjson_get_uint (yyjson_obj_get (expected, "n_correct")));
  assert_number (metrics->accuracy, expected, "accuracy");
  assert_number (metrics->loss, expected, "loss");
  assert_number (metrics->f1_macro, expected, "f1_macro");
  assert_number (metrics->f1_micro, expected, "f1_micro");
  assert_numbers (metrics->precision, expected, "precision");
  assert_numbers (metrics->recall, expected, "recall");
  assert_numbers (metrics->f1, expected, "f1");
  assert_counts (metrics->support, expected, "support");
  assert_counts (metrics->n_predicted, expected, "n_predicted");
  assert_counts (metrics->n_right, expected, "n_right");
  g_assert_true (isnan (metrics->mcc));
  g_assert_true (isnan (metrics->calibration_error));
  g_assert_cmpuint (metrics->n_confusions, ==, 0);
}

static void
test_reference (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "fixtures", "evaluate", "label-set-metrics.json", NULL);
  yyjson_doc *document = yyjson_read_file (path, 0, NULL, NULL);
  yyjson_val *expected;
  size_t i, max;

  g_assert_nonnull (document);
  yyjson_arr_foreach (yyjson_doc_get_root (document), i, max, expected)
    {
      const guint n_classes = (guint) yyjson_get_uint (yyjson_obj_get (expected, "n_classes"));
      yyjson_val *rows = yyjson_obj_get (expected, "sets");
      g_autofree guint *offsets = NULL;
      g_autofree gint32 *sets = read_sets (rows, &offsets);
      g_autofree float *logits = read_logits (yyjson_obj_get (expected, "logits"));
      g_autoptr (AttuneMetrics) metrics =
        attune_metrics_new_from_label_sets (sets, offsets, logits, yyjson_arr_size (rows),
                                            n_classes);
      g_autoptr (AttuneMetrics) copy = attune_metrics_copy (metrics);

      g_test_message ("%s", yyjson_get_str (yyjson_obj_get (expected, "name")));
      g_assert_cmpuint (metrics->n_rows, ==, yyjson_arr_size (rows));
      assert_same_as_reference (metrics, expected);
      assert_same_as_reference (copy, expected);
    }
  g_assert_cmpuint (i, ==, 8);
  yyjson_doc_free (document);
}

static void
test_logits_that_are_not_finite (void)
{
  const gint32 sets[] = { 0 };
  const guint offsets[] = { 0, 1, 1 };
  const float logits[] = { INFINITY, -1, NAN, -1 };
  g_autoptr (AttuneMetrics) metrics =
    attune_metrics_new_from_label_sets (sets, offsets, logits, 2, 2);

  g_assert_cmpuint (metrics->n_rows, ==, 2);
  g_assert_cmpuint (metrics->n_correct, ==, 0);
  g_assert_cmpuint (metrics->n_predicted[0], ==, 0);
  g_assert_true (isnan (metrics->loss));
}

static void
test_no_rows (void)
{
  const guint offsets[] = { 0 };
  g_autoptr (AttuneMetrics) metrics =
    attune_metrics_new_from_label_sets (NULL, offsets, NULL, 0, 3);

  g_assert_cmpfloat (metrics->accuracy, ==, 0.0);
  g_assert_cmpfloat (metrics->f1_micro, ==, 0.0);
  g_assert_true (isnan (metrics->loss));
}

static void
test_sigmoid (void)
{
  const float logits[] = { 0.0f, 1000.0f, -1000.0f, 2.0f };
  float probabilities[4];

  attune_sigmoid (logits, 4, probabilities);
  g_assert_cmpfloat (probabilities[0], ==, 0.5f);
  g_assert_cmpfloat (probabilities[1], ==, 1.0f);
  g_assert_cmpfloat (probabilities[2], ==, 0.0f);
  g_assert_cmpfloat_with_epsilon (probabilities[3], 0.8807970779778823, 1e-7);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/label-set-metrics/reference", test_reference);
  g_test_add_func ("/label-set-metrics/logits-that-are-not-finite",
                   test_logits_that_are_not_finite);
  g_test_add_func ("/label-set-metrics/no-rows", test_no_rows);
  g_test_add_func ("/label-set-metrics/sigmoid", test_sigmoid);

  return g_test_run ();
}
