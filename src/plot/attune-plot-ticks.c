/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ticks at 1, 2 or 5 times a power of ten, on linear and logarithmic axes, and the numbers beside
 * them in the user's locale. Pure arithmetic; any thread.
 */
#include "config.h"

#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* The least number that counts as the same tick when sums of steps are rounded. */
#define SLACK 1e-9

/**
 * attune_ticks_nice_step:
 * @span: length of the axis, in its own unit
 * @most: the most ticks there is room for, at least 1
 * @whole: only whole numbers make sense (steps of a run)
 *
 * Returns: the least step of the form 1, 2 or 5 times a power of ten with which at most @most steps
 *   fit into @span; 1 where @span is not a positive number
 */
double
attune_ticks_nice_step (double   span,
                        guint    most,
                        gboolean whole)
{
  double rough, power, step;

  if (!isfinite (span) || span <= 0)
    return 1;

  rough = span / MAX (most, 1);
  power = pow (10, floor (log10 (rough) + SLACK));
  if (rough <= power * (1 + SLACK))
    step = power;
  else if (rough <= 2 * power * (1 + SLACK))
    step = 2 * power;
  else if (rough <= 5 * power * (1 + SLACK))
    step = 5 * power;
  else
    step = 10 * power;

  return whole ? MAX (step, 1) : step;
}

/**
 * attune_ticks_linear:
 * @ticks: (out caller-allocates): the ticks
 * @low: start of the axis
 * @high: end of the axis, above @low
 * @most: the most ticks there is room for
 * @whole: only at whole numbers
 *
 * Fills in the multiples of the nice step that lie in [@low, @high].
 */
void
attune_ticks_linear (AttuneTicks *ticks,
                     double       low,
                     double       high,
                     guint        most,
                     gboolean     whole)
{
  double first;

  ticks->n = 0;
  ticks->step = attune_ticks_nice_step (high - low, MIN (most, ATTUNE_TICKS_MAX - 1), whole);
  if (!isfinite (low) || !isfinite (high) || !(low < high))
    return;

  first = ceil (low / ticks->step - SLACK);
  while (ticks->n < ATTUNE_TICKS_MAX)
    {
      double value = (first + ticks->n) * ticks->step;

      if (value > high + ticks->step * SLACK)
        break;
      ticks->value[ticks->n++] = value == 0 ? 0 : value;
    }
}

/**
 * attune_ticks_log:
 * @ticks: (out caller-allocates): the ticks
 * @low: start of the axis, above 0
 * @high: end of the axis, above @low
 * @most: the most ticks there is room for
 *
 * Fills in powers of ten within [@low, @high]; where there is room, 2 and 5 times them too, and
 * where there are too many, only every k-th power. A range that holds fewer than two of those gets
 * linear ticks, which read better than one lonely number.
 */
void
attune_ticks_log (AttuneTicks *ticks,
                  double       low,
                  double       high,
                  guint        most)
{
  static const double multiples[] = { 1, 2, 5 };
  int first, last, stride;
  guint n_multiples;
  double decades;

  ticks->n = 0;
  ticks->step = 0;
  if (!(low > 0) || !isfinite (high) || !(low < high))
    return;

  first = (int) floor (log10 (low) + SLACK);
  last = (int) floor (log10 (high) + SLACK);
  decades = log10 (high / low);
  n_multiples = decades * 3 <= MAX (most, 3) ? 3 : 1;
  stride = (int) MAX (ceil (decades / MAX (most, 1)), 1);

  for (int power = first; power <= last; power++)
    for (guint i = 0; i < n_multiples && ticks->n < ATTUNE_TICKS_MAX; i++)
      {
        double value = multiples[i] * pow (10, power);

        if (power % stride == 0 && value >= low * (1 - SLACK) && value <= high * (1 + SLACK))
          ticks->value[ticks->n++] = value;
      }

  if (ticks->n < 2)
    {
      attune_ticks_linear (ticks, low, high, most, FALSE);
      if (ticks->n > 0 && ticks->value[0] <= 0)
        ticks->n = 0;
    }
}

/**
 * attune_ticks_time:
 * @ticks: (out caller-allocates): the ticks
 * @low: start of the axis, in seconds
 * @high: end of the axis, above @low
 * @most: the most ticks there is room for
 *
 * Fills in whole seconds, minutes or hours, in steps that clocks know.
 */
void
attune_ticks_time (AttuneTicks *ticks,
                   double       low,
                   double       high,
                   guint        most)
{
  static const double steps[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
                                  3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600 };
  guint at = 0;

  ticks->n = 0;
  while (at + 1 < G_N_ELEMENTS (steps) && (high - low) / steps[at] > MAX (most, 1))
    at++;
  if ((high - low) / steps[at] > MAX (most, 1))
    ticks->step = steps[at] * attune_ticks_nice_step ((high - low) / steps[at], most, TRUE);
  else
    ticks->step = steps[at];
  if (!isfinite (low) || !isfinite (high) || !(low < high))
    return;

  for (double value = ceil (low / ticks->step - SLACK) * ticks->step;
       value <= high * (1 + SLACK) && ticks->n < ATTUNE_TICKS_MAX; value += ticks->step)
    ticks->value[ticks->n++] = value;
}

/**
 * attune_time_format:
 * @seconds: a length of time, 0 or more
 *
 * Returns: (transfer full): as a clock writes it: 0:07, 12:30, 1:02:00
 */
char *
attune_time_format (double seconds)
{
  guint64 whole = isfinite (seconds) && seconds > 0 ? (guint64) MIN (round (seconds), 1e12) : 0;
  guint64 hours = whole / 3600;
  guint minutes = (guint) (whole / 60 % 60), rest = (guint) (whole % 60);

  if (hours > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", hours, minutes, rest);
  return g_strdup_printf ("%u:%02u", minutes, rest);
}

/* Decimals that tell two neighbours a step apart from each other. */
static int
decimals_for_step (double step)
{
  if (!(step > 0) || step >= 1)
    return 0;
  return CLAMP ((int) ceil (-log10 (step) - SLACK), 0, 12);
}

/**
 * attune_ticks_format:
 * @value: a tick, finite
 * @step: the distance between ticks; 0 on a logarithmic axis
 * @percent: @value is a share, 0..1, to be written in percent
 *
 * Returns: (transfer full): the number with just the decimals that the step needs, grouped and
 *   with the decimal sign of the locale; very large and very small ones in powers of ten
 */
char *
attune_ticks_format (double   value,
                     double   step,
                     gboolean percent)
{
  double size = fabs (value);

  if (percent)
    {
      g_autofree char *number = g_strdup_printf ("%'.*f", decimals_for_step (step * 100),
                                                 value * 100);

      /* Translators: a share in percent; %s is a number such as 91.4. The space does not break. */
      return g_strdup_printf (_("%s\302\240%%"), number);
    }

  if (size != 0 && (size >= 1e7 || (step > 0 ? step : size) < 1e-4))
    return g_strdup_printf ("%.3g", value);

  return g_strdup_printf ("%'.*f", decimals_for_step (step > 0 ? step : size), value);
}

/**
 * attune_power_format:
 * @exponent: finite
 *
 * Returns: (transfer full): ten to the power of @exponent in two figures at most: "1e-5", "3.2e-5",
 *   "0.5"
 */
char *
attune_power_format (double exponent)
{
  gboolean whole = fabs (exponent - round (exponent)) < SLACK;
  gboolean plain = exponent >= -1 && exponent < 2;
  char *text = g_strdup_printf (plain ? "%.2g" : whole ? "%.0e" : "%.1e", pow (10, exponent));
  char *power = strchr (text, 'e');

  if (power != NULL && power[2] == '0')
    memmove (power + 2, power + 3, strlen (power + 3) + 1);
  return text;
}

/**
 * attune_value_format:
 * @value: any number
 * @percent: @value is a share, 0..1, to be written in percent
 *
 * Returns: (transfer full): @value as a read-out says it: percent with one decimal, other numbers
 *   with about three figures, and words for what is not a finite number
 */
char *
attune_value_format (double   value,
                     gboolean percent)
{
  double size = fabs (value);

  if (isnan (value))
    return g_strdup (_("not a number"));
  if (isinf (value))
    return g_strdup (value > 0 ? _("infinite") : _("minus infinite"));
  if (percent)
    return attune_ticks_format (value, 0.001, TRUE);
  if (size != 0 && (size < 5e-4 || size >= 1e7))
    return g_strdup_printf ("%.2e", value);

  return g_strdup_printf ("%'.*f", size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0, value);
}
