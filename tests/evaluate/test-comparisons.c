/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paired test, spread and difference of means against statsmodels and SciPy
 * (fixtures/evaluate/make-comparisons.py), and what has no answer.
 */
#include "config.h"

#include <math.h>

#include <yyjson.h>

#include "attune-metrics.h"
#include "attune-paired-test.h"
#include "attune-spread.h"

static yyjson_doc *fixture;

static double
get_number (yyjson_val *object,
            const char *key)
{
  return yyjson_get_num (yyjson_obj_get (object, key));
}

static void
assert_near (double      got,
             yyjson_val *object,
             const char *key)
{
  const double expected = get_number (object, key);

  g_assert_cmpfloat_with_epsilon (got, expected, 1e-10 * fmax (1.0, fabs (expected)));
}

static void
test_paired (void)
{
  yyjson_val *one;
  size_t i, max;

  g_assert_cmpuint (yyjson_arr_size (yyjson_obj_get (yyjson_doc_get_root (fixture), "paired")), >, 5);
  yyjson_arr_foreach (yyjson_obj_get (yyjson_doc_get_root (fixture), "paired"), i, max, one)
    {
      AttunePairedTest test;

      attune_paired_test_compute (&test, yyjson_get_uint (yyjson_obj_get (one, "n_rows")),
                                  yyjson_get_uint (yyjson_obj_get (one, "n_only_first")),
                                  yyjson_get_uint (yyjson_obj_get (one, "n_only_second")));
      g_assert_cmpint (test.exact, ==, yyjson_get_bool (yyjson_obj_get (one, "exact")));
      if (test.exact)
        g_assert_true (isnan (test.statistic));
      else
        assert_near (test.statistic, one, "statistic");
      assert_near (test.p_value, one, "p_value");
      assert_near (test.difference, one, "difference");
      assert_near (test.low, one, "low");
      assert_near (test.high, one, "high");
    }
}

static void
test_rows_are_paired (void)
{
  static const guint8 first[] = { 1, 1, 0, 0, 1, 0 };
  static const guint8 second[] = { 1, 0, 1, 1, 1, 0 };
  AttunePairedTest test;

  attune_paired_test_count (&test, first, second, G_N_ELEMENTS (first));
  g_assert_cmpuint (test.n_rows, ==, 6);
  g_assert_cmpuint (test.n_only_first, ==, 1);
  g_assert_cmpuint (test.n_only_second, ==, 2);
  g_assert_cmpfloat_with_epsilon (test.difference, 1.0 / 6, 1e-12);
}

static void
test_alike_or_nothing (void)
{
  AttunePairedTest test;

  attune_paired_test_compute (&test, 100, 0, 0);
  g_assert_cmpfloat (test.p_value, ==, 1.0);
  g_assert_cmpfloat (test.difference, ==, 0.0);
  attune_paired_test_compute (&test, 100, 40, 40);
  g_assert_cmpfloat (test.p_value, ==, 1.0);
  g_assert_cmpfloat (test.statistic, ==, 0.0);
  attune_paired_test_compute (&test, 0, 0, 0);
  g_assert_cmpfloat (test.p_value, ==, 1.0);
  g_assert_cmpfloat (test.low, ==, -1.0);
  g_assert_cmpfloat (test.high, ==, 1.0);
}

static guint64
count_right (const guint8 *right,
             guint64       n_rows)
{
  guint64 n = 0;

  for (guint64 i = 0; i < n_rows; i++)
    n += right[i];
  return n;
}

/* The same rows are right as those that the metrics count. */
static void
test_right_rows (void)
{
  static const gint32 labels[] = { 0, 1, 1, 0, 0 };
  static const float logits[] = { 1, 0, 0, 2, 3, 3, NAN, 0, -1, 4 };
  static const gint32 sets[] = { 0, 1 };
  static const guint offsets[] = { 0, 1, 1, 2, 2, 2 };
  static const float answers[] = { 1, -1, -1, -2, 3, 2, NAN, -4, 0, -1 };
  static const guint8 expected[] = { 1, 1, 0, 0, 0 }, expected_sets[] = { 1, 1, 0, 0, 1 };
  g_autoptr (AttuneMetrics) metrics = attune_metrics_new_from_logits (labels, logits, 5, 2);
  g_autoptr (AttuneMetrics) set_metrics = NULL;
  guint8 right[5];

  attune_right_rows_from_logits (labels, logits, 5, 2, right);
  g_assert_cmpmem (right, sizeof right, expected, sizeof expected);
  g_assert_cmpuint (count_right (right, 5), ==, metrics->n_correct);

  set_metrics = attune_metrics_new_from_label_sets (sets, offsets, answers, 5, 2);
  attune_right_rows_from_label_sets (sets, offsets, answers, 5, 2, right);
  g_assert_cmpmem (right, sizeof right, expected_sets, sizeof expected_sets);
  g_assert_cmpuint (count_right (right, 5), ==, set_metrics->n_correct);
}

static guint
read_numbers (yyjson_val *array,
              double     *numbers)
{
  yyjson_val *value;
  size_t i, max;

  yyjson_arr_foreach (array, i, max, value)
    numbers[i] = yyjson_get_num (value);
  return (guint) yyjson_arr_size (array);
}

static void
test_groups (void)
{
  yyjson_val *one;
  size_t i, max;

  yyjson_arr_foreach (yyjson_obj_get (yyjson_doc_get_root (fixture), "groups"), i, max, one)
    {
      double numbers[100];
      AttuneSpread first, second;
      AttuneMeanDifference difference;

      attune_spread_compute (&first, numbers,
                             read_numbers (yyjson_obj_get (one, "first"), numbers));
      attune_spread_compute (&second, numbers,
                             read_numbers (yyjson_obj_get (one, "second"), numbers));
      attune_mean_difference_compute (&difference, &first, &second);
      assert_near (first.mean, one, "mean");
      assert_near (first.deviation, one, "deviation");
      assert_near (first.minimum, one, "minimum");
      assert_near (first.maximum, one, "maximum");
      assert_near (difference.difference, one, "difference");
      assert_near (difference.low, one, "low");
      assert_near (difference.high, one, "high");
      assert_near (difference.p_value, one, "p_value");
      assert_near (difference.freedom, one, "freedom");
    }
}

static void
test_too_few_for_an_interval (void)
{
  static const double values[] = { 0.8, 0.8, 0.9 };
  AttuneSpread none, one, equal;
  AttuneMeanDifference difference;

  attune_spread_compute (&none, values, 0);
  g_assert_true (isnan (none.mean));
  attune_spread_compute (&one, values + 2, 1);
  g_assert_cmpfloat (one.mean, ==, 0.9);
  g_assert_true (isnan (one.deviation));
  attune_spread_compute (&equal, values, 2);
  g_assert_cmpfloat (equal.deviation, ==, 0.0);
  attune_mean_difference_compute (&difference, &equal, &one);
  g_assert_cmpfloat_with_epsilon (difference.difference, 0.1, 1e-12);
  g_assert_true (isnan (difference.low));
  attune_mean_difference_compute (&difference, &equal, &equal);
  g_assert_cmpfloat (difference.difference, ==, 0.0);
  g_assert_true (isnan (difference.low));
  g_assert_true (isnan (difference.p_value));
}

static void
test_student (void)
{
  yyjson_val *one;
  size_t i, max;

  yyjson_arr_foreach (yyjson_obj_get (yyjson_doc_get_root (fixture), "student"), i, max, one)
    {
      const double t = get_number (one, "t"), freedom = get_number (one, "freedom");
      const double tails = get_number (one, "two_tails");

      g_assert_cmpfloat_with_epsilon (attune_student_two_tails (t, freedom), tails, 1e-10 * tails);
      g_assert_cmpfloat_with_epsilon (attune_student_quantile (tails, freedom), t, 1e-8 * t);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *path = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "fixtures", "evaluate", "comparisons.json", NULL);
  fixture = yyjson_read_file (path, YYJSON_READ_NOFLAG, NULL, NULL);
  g_assert_nonnull (fixture);
  g_test_add_func ("/comparisons/paired", test_paired);
  g_test_add_func ("/comparisons/rows-are-paired", test_rows_are_paired);
  g_test_add_func ("/comparisons/alike-or-nothing", test_alike_or_nothing);
  g_test_add_func ("/comparisons/right-rows", test_right_rows);
  g_test_add_func ("/comparisons/groups", test_groups);
  g_test_add_func ("/comparisons/too-few-for-an-interval", test_too_few_for_an_interval);
  g_test_add_func ("/comparisons/student", test_student);
  status = g_test_run ();
  yyjson_doc_free (fixture);
  return status;
}
