/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Smoothing, thinning and finding points. No display needed.
 */
#include "config.h"

#include "attune-plot-series.h"

#include <math.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePlotSeries, attune_plot_series_free)

static AttunePlotSeries *
create_series (const double *y,
               guint         n)
{
  AttunePlotSeries *series = attune_plot_series_new ("Training", ATTUNE_SERIES_TRAINING);

  for (guint i = 0; i < n; i++)
    {
      double x = i;

      attune_plot_series_append (series, &x, &y[i], 1);
    }
  return series;
}

/* Expected numbers worked out by hand: s = w s + (1 - w) y, shown s / (1 - w^n), w = 0.6. */
static void
test_smoothing_is_debiased (void)
{
  const double y[] = { 2, 1, 4, 3 };
  const double expected[] = { 2, 1.375, 2.714285714285714, 2.845588235294118 };
  g_autoptr(AttunePlotSeries) series = create_series (y, 4);

  attune_plot_series_smooth (series, 0.6);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (series->average, double, i), expected[i],
                                    1e-12);
}

static void
test_smoothing_skips_what_is_not_finite (void)
{
  const double y[] = { 2, NAN, 1, INFINITY, 4 };
  g_autoptr(AttunePlotSeries) series = create_series (y, 5);

  attune_plot_series_smooth (series, 0.6);
  g_assert_true (isnan (g_array_index (series->average, double, 1)));
  g_assert_true (isinf (g_array_index (series->average, double, 3)));
  g_assert_cmpfloat_with_epsilon (g_array_index (series->average, double, 2), 1.375, 1e-12);
  g_assert_cmpfloat_with_epsilon (g_array_index (series->average, double, 4), 2.714285714285714,
                                  1e-12);
}

static void
test_smoothing_leaves_a_constant_alone (void)
{
  double y[50];
  g_autoptr(AttunePlotSeries) series = NULL;

  for (guint i = 0; i < 50; i++)
    y[i] = 0.7;
  series = create_series (y, 50);
  attune_plot_series_smooth (series, 0.99);
  for (guint i = 0; i < 50; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (series->average, double, i), 0.7, 1e-12);
}

static void
test_points_that_go_back_are_left_out (void)
{
  const double x[] = { 1, 2, 1.5, NAN, 3 };
  const double y[] = { 1, 2, 9, 9, 3 };
  g_autoptr(AttunePlotSeries) series = attune_plot_series_new ("A", ATTUNE_SERIES_VALIDATION);

  attune_plot_series_append (series, x, y, 5);
  g_assert_cmpuint (series->x->len, ==, 3);
  g_assert_cmpuint (series->y->len, ==, 3);
}

static void
test_points_are_found (void)
{
  const double x[] = { 0, 10, 20 };
  const double y[] = { 0, 0, 0 };
  g_autoptr(AttunePlotSeries) series = attune_plot_series_new ("A", ATTUNE_SERIES_VALIDATION);

  g_assert_cmpint (attune_plot_series_find (series, 5), ==, -1);
  g_assert_cmpint (attune_plot_series_nearest (series, 5), ==, -1);
  attune_plot_series_append (series, x, y, 3);
  g_assert_cmpint (attune_plot_series_find (series, -1), ==, -1);
  g_assert_cmpint (attune_plot_series_find (series, 10), ==, 1);
  g_assert_cmpint (attune_plot_series_find (series, 99), ==, 2);
  g_assert_cmpint (attune_plot_series_nearest (series, -1), ==, 0);
  g_assert_cmpint (attune_plot_series_nearest (series, 14), ==, 1);
  g_assert_cmpint (attune_plot_series_nearest (series, 16), ==, 2);
  g_assert_cmpint (attune_plot_series_nearest (series, 99), ==, 2);
}

static void
create_noise (double *x,
              double *y,
              guint   n,
              guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);

  for (guint i = 0; i < n; i++)
    {
      x[i] = i;
      y[i] = g_rand_double (rand);
      if (g_rand_int_range (rand, 0, 200) == 0)
        y[i] = g_rand_boolean (rand) ? NAN : INFINITY;
    }
}

static void
test_thinning_keeps_extremes_and_at_most_two_a_column (void)
{
  const guint n = 100000, columns = 500;
  g_autofree double *x = g_new (double, n);
  g_autofree double *y = g_new (double, n);
  g_autofree guint *per_column = g_new0 (guint, columns);
  double low = INFINITY, high = -INFINITY, thin_low = INFINITY, thin_high = -INFINITY;
  double last = -INFINITY;
  AttunePlotThin thin;

  create_noise (x, y, n, 5);
  attune_plot_thin_init (&thin);
  attune_plot_thin_update (&thin, x, y, n, 0, n - 1, columns);

  for (guint i = 0; i < n; i++)
    if (isfinite (y[i]))
      {
        low = MIN (low, y[i]);
        high = MAX (high, y[i]);
      }
  for (guint i = 0; i < thin.line->len; i++)
    {
      AttunePlotPoint point = g_array_index (thin.line, AttunePlotPoint, i);

      g_assert_cmpfloat (point.x, >=, last - 1.0 * n / columns);
      last = point.x;
      if (isnan (point.y))
        continue;
      thin_low = MIN (thin_low, point.y);
      thin_high = MAX (thin_high, point.y);
      per_column[MIN ((guint) (point.x * columns / (n - 1)), columns - 1)]++;
    }
  g_assert_cmpfloat (thin_low, ==, low);
  g_assert_cmpfloat (thin_high, ==, high);
  for (guint i = 0; i < columns; i++)
    g_assert_cmpuint (per_column[i], <=, 2);
  g_assert_cmpuint (thin.bad->len, >, 0);
  g_assert_cmpuint (thin.bad->len, <=, columns);
  attune_plot_thin_clear (&thin);
}

static void
test_thinning_in_pieces_is_thinning_at_once (void)
{
  const guint n = 5000;
  g_autofree double *x = g_new (double, n);
  g_autofree double *y = g_new (double, n);
  g_autoptr(GRand) rand = g_rand_new_with_seed (9);
  AttunePlotThin whole, pieces;

  create_noise (x, y, n, 6);
  attune_plot_thin_init (&whole);
  attune_plot_thin_init (&pieces);
  attune_plot_thin_update (&whole, x, y, n, 100, 4700, 300);
  for (guint done = 0; done < n;)
    {
      done = MIN (done + (guint) g_rand_int_range (rand, 1, 90), n);
      attune_plot_thin_update (&pieces, x, y, done, 100, 4700, 300);
    }

  g_assert_cmpuint (whole.line->len, ==, pieces.line->len);
  g_assert_cmpuint (whole.bad->len, ==, pieces.bad->len);
  for (guint i = 0; i < whole.line->len; i++)
    {
      AttunePlotPoint a = g_array_index (whole.line, AttunePlotPoint, i);
      AttunePlotPoint b = g_array_index (pieces.line, AttunePlotPoint, i);

      g_assert_cmpfloat (a.x, ==, b.x);
      g_assert_true (a.y == b.y || (isnan (a.y) && isnan (b.y)));
    }
  attune_plot_thin_clear (&whole);
  attune_plot_thin_clear (&pieces);
}

static void
test_thinning_reaches_over_the_edges (void)
{
  const double x[] = { 0, 1, 2, 3, 4, 5, 6 };
  const double y[] = { 0, 1, 2, 3, 4, 5, 6 };
  AttunePlotThin thin;

  attune_plot_thin_init (&thin);
  attune_plot_thin_update (&thin, x, y, 7, 1.5, 4.5, 100);
  g_assert_cmpuint (thin.line->len, ==, 5);
  g_assert_cmpfloat (g_array_index (thin.line, AttunePlotPoint, 0).x, ==, 1);
  g_assert_cmpfloat (g_array_index (thin.line, AttunePlotPoint, 4).x, ==, 5);
  attune_plot_thin_clear (&thin);
}

static void
test_lines_break_at_missing_values (void)
{
  const double x[] = { 0, 1, 2, 3 };
  const double y[] = { 1, 2, NAN, 3 };
  AttunePlotThin thin;

  attune_plot_thin_init (&thin);
  attune_plot_thin_update (&thin, x, y, 4, 0, 3, 1000);
  g_assert_cmpuint (thin.line->len, ==, 4);
  g_assert_true (isnan (g_array_index (thin.line, AttunePlotPoint, 2).y));
  g_assert_cmpuint (thin.bad->len, ==, 1);
  g_assert_cmpfloat (g_array_index (thin.bad, AttunePlotPoint, 0).x, ==, 2);
  attune_plot_thin_clear (&thin);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plot/series/smoothing-is-debiased", test_smoothing_is_debiased);
  g_test_add_func ("/plot/series/smoothing-skips-what-is-not-finite",
                   test_smoothing_skips_what_is_not_finite);
  g_test_add_func ("/plot/series/smoothing-leaves-a-constant-alone",
                   test_smoothing_leaves_a_constant_alone);
  g_test_add_func ("/plot/series/points-that-go-back-are-left-out",
                   test_points_that_go_back_are_left_out);
  g_test_add_func ("/plot/series/points-are-found", test_points_are_found);
  g_test_add_func ("/plot/series/thinning-keeps-extremes",
                   test_thinning_keeps_extremes_and_at_most_two_a_column);
  g_test_add_func ("/plot/series/thinning-in-pieces", test_thinning_in_pieces_is_thinning_at_once);
  g_test_add_func ("/plot/series/thinning-reaches-over-the-edges",
                   test_thinning_reaches_over_the_edges);
  g_test_add_func ("/plot/series/lines-break-at-missing-values",
                   test_lines_break_at_missing_values);

  return g_test_run ();
}
