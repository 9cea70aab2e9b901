/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ticks and the numbers beside them. No display needed.
 */
#include "config.h"

#include "attune-plot-ticks.h"

#include <locale.h>
#include <math.h>

static void
test_steps_are_one_two_or_five (void)
{
  g_assert_cmpfloat (attune_ticks_nice_step (1.7, 5, FALSE), ==, 0.5);
  g_assert_cmpfloat (attune_ticks_nice_step (1.0, 5, FALSE), ==, 0.2);
  g_assert_cmpfloat (attune_ticks_nice_step (2052, 12, TRUE), ==, 200);
  g_assert_cmpfloat (attune_ticks_nice_step (10, 10, FALSE), ==, 1);
  g_assert_cmpfloat (attune_ticks_nice_step (3, 10, TRUE), ==, 1);
  g_assert_cmpfloat (attune_ticks_nice_step (0, 5, FALSE), ==, 1);
  g_assert_cmpfloat (attune_ticks_nice_step (NAN, 5, FALSE), ==, 1);
  g_assert_cmpfloat (attune_ticks_nice_step (INFINITY, 5, FALSE), ==, 1);
}

static void
test_linear_ticks_fill_the_range (void)
{
  AttuneTicks ticks;

  attune_ticks_linear (&ticks, 0, 1.75, 5, FALSE);
  g_assert_cmpuint (ticks.n, ==, 4);
  g_assert_cmpfloat (ticks.value[0], ==, 0);
  g_assert_cmpfloat_with_epsilon (ticks.value[3], 1.5, 1e-12);

  attune_ticks_linear (&ticks, -0.35, 0.35, 8, FALSE);
  g_assert_cmpuint (ticks.n, ==, 7);
  g_assert_cmpfloat (ticks.value[3], ==, 0);
  g_assert_false (signbit (ticks.value[3]));

  attune_ticks_linear (&ticks, 5, 5, 8, FALSE);
  g_assert_cmpuint (ticks.n, ==, 0);
}

static void
test_any_range_keeps_its_limits (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < 20000; i++)
    {
      double low = g_rand_double_range (rand, -1, 1) * pow (10, g_rand_int_range (rand, -8, 9));
      double span = g_rand_double (rand) * pow (10, g_rand_int_range (rand, -8, 9));
      guint most = (guint) g_rand_int_range (rand, 1, 60);
      AttuneTicks ticks;

      if (!(low + span > low) || span / MAX (fabs (low), 1e-300) < 1e-6)
        continue;
      attune_ticks_linear (&ticks, low, low + span, most, FALSE);
      g_assert_cmpuint (ticks.n, <=, MIN (most + 1, ATTUNE_TICKS_MAX));
      for (guint t = 0; t < ticks.n; t++)
        {
          g_assert_cmpfloat (ticks.value[t], >=, low - ticks.step * 1e-6);
          g_assert_cmpfloat (ticks.value[t], <=, low + span + ticks.step * 1e-6);
        }
    }
}

static void
test_log_ticks (void)
{
  AttuneTicks ticks;

  attune_ticks_log (&ticks, 0.09, 2.1, 8);
  g_assert_cmpuint (ticks.n, ==, 5);
  g_assert_cmpfloat_with_epsilon (ticks.value[0], 0.1, 1e-12);
  g_assert_cmpfloat_with_epsilon (ticks.value[4], 2, 1e-12);

  attune_ticks_log (&ticks, 1e-8, 1e8, 5);
  g_assert_cmpuint (ticks.n, >=, 3);
  g_assert_cmpuint (ticks.n, <=, 6);

  attune_ticks_log (&ticks, 0.31, 0.44, 5);
  g_assert_cmpuint (ticks.n, >=, 2);

  attune_ticks_log (&ticks, 0, 1, 5);
  g_assert_cmpuint (ticks.n, ==, 0);
}

static void
check_time (double      seconds,
            const char *expected)
{
  g_autofree char *text = attune_time_format (seconds);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_times_read_like_a_clock (void)
{
  AttuneTicks ticks;

  attune_ticks_time (&ticks, 0, 600, 8);
  g_assert_cmpfloat (ticks.step, ==, 120);
  g_assert_cmpuint (ticks.n, ==, 6);
  attune_ticks_time (&ticks, 0, 1e9, 8);
  g_assert_cmpuint (ticks.n, <=, 9);
  attune_ticks_time (&ticks, 0, 0.4, 8);
  g_assert_cmpuint (ticks.n, ==, 1);

  check_time (7, "0:07");
  check_time (750.2, "12:30");
  check_time (3720, "1:02:00");
  check_time (-1, "0:00");
  check_time (NAN, "0:00");
}

static void
check_tick (double      value,
            double      step,
            gboolean    percent,
            const char *expected)
{
  g_autofree char *text = attune_ticks_format (value, step, percent);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_ticks_have_the_decimals_of_their_step (void)
{
  check_tick (0, 0.5, FALSE, "0.0");
  check_tick (1.5, 0.5, FALSE, "1.5");
  check_tick (0.25, 0.05, FALSE, "0.25");
  check_tick (400, 200, FALSE, "400");
  check_tick (0.4, 0.2, TRUE, "40\302\240%");
  check_tick (0.905, 0.005, TRUE, "90.5\302\240%");
  check_tick (0.01, 0, FALSE, "0.01");
  check_tick (100, 0, FALSE, "100");
  check_tick (2e8, 1e8, FALSE, "2e+08");
  check_tick (2e-6, 1e-6, FALSE, "2e-06");
}

static void
check_value (double      value,
             gboolean    percent,
             const char *expected)
{
  g_autofree char *text = attune_value_format (value, percent);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_read_outs_are_short (void)
{
  check_value (0.2468, FALSE, "0.247");
  check_value (0.8934, TRUE, "89.3\302\240%");
  check_value (1, TRUE, "100.0\302\240%");
  check_value (0, FALSE, "0.000");
  check_value (12.345, FALSE, "12.35");
  check_value (123.45, FALSE, "123.5");
  check_value (1.5e-5, FALSE, "1.50e-05");
  check_value (NAN, FALSE, "not a number");
  check_value (INFINITY, TRUE, "infinite");
}

static void
check_power (double      exponent,
             const char *expected)
{
  g_autofree char *text = attune_power_format (exponent);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_powers_are_written_out (void)
{
  check_power (-5, "1e-5");
  check_power (-12, "1e-12");
  check_power (-4.49485, "3.2e-5");
  check_power (-1, "0.1");
  check_power (-0.30103, "0.5");
  check_power (0, "1");
  check_power (6, "1e+6");
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plot/ticks/steps-are-one-two-or-five", test_steps_are_one_two_or_five);
  g_test_add_func ("/plot/ticks/linear-fill-the-range", test_linear_ticks_fill_the_range);
  g_test_add_func ("/plot/ticks/any-range-keeps-its-limits", test_any_range_keeps_its_limits);
  g_test_add_func ("/plot/ticks/log", test_log_ticks);
  g_test_add_func ("/plot/ticks/times-read-like-a-clock", test_times_read_like_a_clock);
  g_test_add_func ("/plot/ticks/decimals-of-their-step",
                   test_ticks_have_the_decimals_of_their_step);
  g_test_add_func ("/plot/ticks/read-outs-are-short", test_read_outs_are_short);

  g_test_add_func ("/plot/ticks/powers-are-written-out", test_powers_are_written_out);

  return g_test_run ();
}
