/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps the numbers of one series, finds points in them and smooths them as TensorBoard does.
 * Smoothing and thinning continue where they stopped when points are appended, so a live run costs
 * the new points only. Main thread.
 */
#include "config.h"

#include "attune-plot-series.h"

#include <math.h>

/**
 * attune_plot_series_new:
 * @label: what legend and read-out call it
 * @style: how it is drawn
 *
 * Returns: (transfer full): an empty, visible series; training series ask for smoothing
 */
AttunePlotSeries *
attune_plot_series_new (const char        *label,
                        AttuneSeriesStyle  style)
{
  AttunePlotSeries *self = g_new0 (AttunePlotSeries, 1);

  self->label = g_strdup (label);
  self->style = style;
  self->visible = TRUE;
  self->raw_visible = TRUE;
  self->listed = TRUE;
  self->smoothed = style == ATTUNE_SERIES_TRAINING;
  self->level = NAN;
  self->x = g_array_new (FALSE, FALSE, sizeof (double));
  self->y = g_array_new (FALSE, FALSE, sizeof (double));
  self->average = g_array_new (FALSE, FALSE, sizeof (double));
  self->weight = NAN;
  attune_plot_thin_init (&self->thin);
  attune_plot_thin_init (&self->thin_average);

  return self;
}

void
attune_plot_series_free (AttunePlotSeries *self)
{
  g_free (self->label);
  g_array_unref (self->x);
  g_array_unref (self->y);
  g_array_unref (self->average);
  attune_plot_thin_clear (&self->thin);
  attune_plot_thin_clear (&self->thin_average);
  g_free (self);
}

/* Whether it is a base line: one level instead of points. */
gboolean
attune_plot_series_is_level (const AttunePlotSeries *self)
{
  return self->style == ATTUNE_SERIES_BASELINE_NAIVE_BAYES ||
         self->style == ATTUNE_SERIES_BASELINE_REGRESSION ||
         self->style == ATTUNE_SERIES_BASELINE_MAJORITY;
}

/* Whether it belongs to another run than the one the plot is about. */
gboolean
attune_plot_series_is_other (const AttunePlotSeries *self)
{
  return self->style == ATTUNE_SERIES_OTHER || self->style == ATTUNE_SERIES_OTHER_2 ||
         self->style == ATTUNE_SERIES_OTHER_3;
}

/* Whether the single values are drawn behind the average, if there is one. */
gboolean
attune_plot_series_shows_raw (const AttunePlotSeries *self)
{
  return self->style == ATTUNE_SERIES_TRAINING && self->raw_visible && !self->faint;
}

static void
forget_average (AttunePlotSeries *self)
{
  g_array_set_size (self->average, 0);
  self->weight = NAN;
  attune_plot_thin_reset (&self->thin_average);
}

/* Drops all points; label, style and visibility stay. */
void
attune_plot_series_clear (AttunePlotSeries *self)
{
  g_array_set_size (self->x, 0);
  g_array_set_size (self->y, 0);
  attune_plot_thin_reset (&self->thin);
  forget_average (self);
}

/* Appends n points; x must not fall below the last one (a point that does is left out). */
void
attune_plot_series_append (AttunePlotSeries *self,
                           const double     *x,
                           const double     *y,
                           guint             n)
{
  double last = self->x->len > 0 ? g_array_index (self->x, double, self->x->len - 1) : -INFINITY;
  guint at = self->x->len;

  g_array_set_size (self->x, at + n);
  g_array_set_size (self->y, at + n);
  for (guint i = 0; i < n; i++)
    if (isfinite (x[i]) && x[i] >= last)
      {
        last = g_array_index (self->x, double, at) = x[i];
        g_array_index (self->y, double, at) = y[i];
        at++;
      }
  g_array_set_size (self->x, at);
  g_array_set_size (self->y, at);
}

/**
 * attune_plot_series_smooth:
 * @weight: 0 (none) up to 0.999
 *
 * Brings the moving average up to date: s = w s + (1 - w) y, shown as s / (1 - w^n) with n the
 * finite values so far, so that the start is not pulled towards zero (TensorBoard's formula). A
 * value that is not finite stays itself and does not enter the average.
 */
void
attune_plot_series_smooth (AttunePlotSeries *self,
                           double            weight)
{
  guint done;

  if (self->weight != weight)
    {
      forget_average (self);
      self->weight = weight;
      self->accumulated = 0;
      self->remaining = 1;
    }

  done = self->average->len;
  g_array_set_size (self->average, self->y->len);
  for (guint i = done; i < self->y->len; i++)
    {
      double y = g_array_index (self->y, double, i);

      if (isfinite (y))
        {
          /* Both are stopped before they become denormal numbers, which are slow. */
          self->accumulated = weight * self->accumulated + (1 - weight) * y;
          if (fabs (self->accumulated) < 1e-300)
            self->accumulated = 0;
          self->remaining = self->remaining > 1e-18 ? self->remaining * weight : 0;
          y = self->accumulated / (1 - self->remaining);
        }
      g_array_index (self->average, double, i) = y;
    }
}

/* Index of the last point at or before x, -1 if there is none. */
gint
attune_plot_series_find (const AttunePlotSeries *self,
                         double                  x)
{
  guint low = 0, high = self->x->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->x, double, middle) <= x)
        low = middle + 1;
      else
        high = middle;
    }

  return (gint) low - 1;
}

/* Index of the point nearest to x, -1 in an empty series. */
gint
attune_plot_series_nearest (const AttunePlotSeries *self,
                            double                  x)
{
  gint at = attune_plot_series_find (self, x);

  if (at + 1 >= (gint) self->x->len)
    return at;
  if (at < 0)
    return 0;

  return x - g_array_index (self->x, double, at) <= g_array_index (self->x, double, at + 1) - x
         ? at : at + 1;
}

/**
 * attune_plot_series_thin:
 * @low: start of the visible range of x
 * @high: end of it, above @low
 * @columns: device pixels across it
 * @weight: of the moving average; 0 for none
 *
 * Brings the thinned values and, for a series that asks for it, the thinned average up to date.
 */
void
attune_plot_series_thin (AttunePlotSeries *self,
                         double            low,
                         double            high,
                         guint             columns,
                         double            weight)
{
  const double *x = (const double *) self->x->data;

  attune_plot_thin_update (&self->thin, x, (const double *) self->y->data, self->x->len,
                           low, high, columns);
  if (self->smoothed && weight > 0)
    {
      attune_plot_series_smooth (self, weight);
      attune_plot_thin_update (&self->thin_average, x, (const double *) self->average->data,
                               self->x->len, low, high, columns);
    }
}
