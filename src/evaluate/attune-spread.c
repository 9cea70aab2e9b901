/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mean, standard deviation and range of a few numbers, and Welch's comparison of two groups of
 * them with what it needs of Student's t. Pure functions, any thread.
 */
#include "config.h"

#include "attune-spread.h"

#include <float.h>
#include <math.h>

#define MAX_TERMS 10000

/* Away from 0, for the divisions of the continued fraction. */
static double
keep_off_zero (double value)
{
  return fabs (value) < DBL_MIN ? DBL_MIN : value;
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated
 * from the front by Lentz's method. Converges fast for x < (a + 1) / (a + b + 2). */
static double
beta_fraction (double a,
               double b,
               double x)
{
  double numerator = 1.0;
  double denominator = 1.0 / keep_off_zero (1.0 - (a + b) * x / (a + 1.0));
  double value = denominator;

  for (int m = 1; m <= MAX_TERMS; m++)
    {
      const double even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m));
      const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0));
      double change;

      denominator = 1.0 / keep_off_zero (1.0 + even * denominator);
      numerator = keep_off_zero (1.0 + even / numerator);
      value *= denominator * numerator;
      denominator = 1.0 / keep_off_zero (1.0 + odd * denominator);
      numerator = keep_off_zero (1.0 + odd / numerator);
      change = denominator * numerator;
      value *= change;
      if (fabs (change - 1.0) < 4 * DBL_EPSILON)
        break;
    }
  return value;
}

/* The regularized incomplete beta function I_x (a, b). */
static double
incomplete_beta (double a,
                 double b,
                 double x)
{
  double front;

  if (x <= 0.0 || x >= 1.0)
    return x <= 0.0 ? 0.0 : 1.0;
  front = exp (lgamma (a + b) - lgamma (a) - lgamma (b) + a * log (x) + b * log1p (-x));
  if (x < (a + 1.0) / (a + b + 2.0))
    return front * beta_fraction (a, b, x) / a;
  return 1.0 - front * beta_fraction (b, a, 1.0 - x) / b;
}

/**
 * attune_student_two_tails:
 * @freedom: degrees of freedom, above 0 and not necessarily whole
 *
 * Returns: the probability of a value at least as far from 0 as @t (Abramowitz and Stegun 26.7.1)
 */
double
attune_student_two_tails (double t,
                          double freedom)
{
  return incomplete_beta (freedom / 2.0, 0.5, freedom / (freedom + t * t));
}

/**
 * attune_student_quantile:
 * @two_tails: between 0 and 1
 *
 * Returns: the t above 0 for which attune_student_two_tails() is @two_tails, found by halving
 */
double
attune_student_quantile (double two_tails,
                         double freedom)
{
  double low = 0.0, high = 1.0;

  while (attune_student_two_tails (high, freedom) > two_tails && high < DBL_MAX / 4)
    high *= 2.0;
  for (int i = 0; i < 200 && high - low > high * DBL_EPSILON; i++)
    {
      const double middle = low + (high - low) / 2.0;

      if (attune_student_two_tails (middle, freedom) > two_tails)
        low = middle;
      else
        high = middle;
    }
  return low + (high - low) / 2.0;
}

void
attune_spread_compute (AttuneSpread *self,
                       const double *values,
                       guint         n)
{
  double squares = 0.0;

  *self = (AttuneSpread) { n, NAN, NAN, NAN, NAN };
  if (n == 0)
    return;

  self->mean = 0.0;
  self->minimum = self->maximum = values[0];
  for (guint i = 0; i < n; i++)
    {
      self->mean += values[i];
      self->minimum = fmin (self->minimum, values[i]);
      self->maximum = fmax (self->maximum, values[i]);
    }
  self->mean /= n;
  for (guint i = 0; i < n; i++)
    squares += (values[i] - self->mean) * (values[i] - self->mean);
  if (n > 1)
    self->deviation = sqrt (squares / (n - 1));
}

/**
 * attune_mean_difference_compute:
 *
 * Welch 1947: the difference of two means whose groups need not vary alike, with the degrees of
 * freedom of Satterthwaite 1946; as ttest_ind (equal_var=False) of SciPy. Without two values in
 * each group, or where nothing varies, there is a difference but no interval.
 */
void
attune_mean_difference_compute (AttuneMeanDifference *self,
                                const AttuneSpread   *first,
                                const AttuneSpread   *second)
{
  double a, b, error, half;

  *self = (AttuneMeanDifference) { second->mean - first->mean, NAN, NAN, NAN, NAN };
  if (first->n < 2 || second->n < 2)
    return;

  a = first->deviation * first->deviation / first->n;
  b = second->deviation * second->deviation / second->n;
  if (!(a + b > 0.0))
    return;

  error = sqrt (a + b);
  self->freedom = (a + b) * (a + b) / (a * a / (first->n - 1) + b * b / (second->n - 1));
  half = error * attune_student_quantile (0.05, self->freedom);
  self->low = self->difference - half;
  self->high = self->difference + half;
  self->p_value = attune_student_two_tails (self->difference / error, self->freedom);
}
