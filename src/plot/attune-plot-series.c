/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps the numbers of one series, smooths them as TensorBoard does, and thins them to the columns
 * of pixels they fall into. All three continue where they stopped when points are appended, so a
 * live run costs the new points only. Main thread.
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
         self->style == ATTUNE_SERIES_BASELINE_MAJORITY;
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

  for (guint i = 0; i < n; i++)
    {
      if (!isfinite (x[i]) || x[i] < last)
        continue;
      last = x[i];
      g_array_append_val (self->x, x[i]);
      g_array_append_val (self->y, y[i]);
    }
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
  if (self->weight != weight)
    {
      forget_average (self);
      self->weight = weight;
      self->accumulated = 0;
      self->remaining = 1;
    }

  for (guint i = self->average->len; i < self->y->len; i++)
    {
      double y = g_array_index (self->y, double, i);

      if (isfinite (y))
        {
          self->accumulated = weight * self->accumulated + (1 - weight) * y;
          self->remaining *= weight;
          y = self->accumulated / (1 - self->remaining);
        }
      g_array_append_val (self->average, y);
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

void
attune_plot_thin_init (AttunePlotThin *self)
{
  self->line = g_array_new (FALSE, FALSE, sizeof (AttunePlotPoint));
  self->bad = g_array_new (FALSE, FALSE, sizeof (AttunePlotPoint));
  attune_plot_thin_reset (self);
}

void
attune_plot_thin_clear (AttunePlotThin *self)
{
  g_clear_pointer (&self->line, g_array_unref);
  g_clear_pointer (&self->bad, g_array_unref);
}

/* Forgets everything: the next update starts from the first point. */
void
attune_plot_thin_reset (AttunePlotThin *self)
{
  g_array_set_size (self->line, 0);
  g_array_set_size (self->bad, 0);
  self->consumed = 0;
  self->columns = 0;
  self->complete = FALSE;
  self->low = self->high = NAN;
}

static void
open_column (AttunePlotThin *self,
             gint            column)
{
  self->column = column;
  self->line_start = self->line->len;
  self->bad_start = self->bad->len;
  self->has_finite = self->has_odd = self->odd_first = FALSE;
}

/* Writes the open column out: its extremes in the order they came, a break where one belongs. */
static void
write_column (AttunePlotThin *self)
{
  AttunePlotPoint gap = self->odd;
  gboolean minimum_first = self->minimum.x <= self->maximum.x;

  g_array_set_size (self->line, self->line_start);
  g_array_set_size (self->bad, self->bad_start);
  gap.y = NAN;

  if (self->has_odd)
    g_array_append_val (self->bad, self->odd);
  if (self->has_odd && self->odd_first)
    g_array_append_val (self->line, gap);
  if (self->has_finite)
    {
      g_array_append_val (self->line, *(minimum_first ? &self->minimum : &self->maximum));
      if (self->minimum.x != self->maximum.x || self->minimum.y != self->maximum.y)
        g_array_append_val (self->line, *(minimum_first ? &self->maximum : &self->minimum));
    }
  if (self->has_odd && !self->odd_first)
    g_array_append_val (self->line, gap);
}

static void
take_point (AttunePlotThin  *self,
            AttunePlotPoint  point)
{
  if (!isfinite (point.y))
    {
      if (!self->has_odd)
        {
          self->odd = point;
          self->odd_first = !self->has_finite;
        }
      self->has_odd = TRUE;
    }
  else if (!self->has_finite)
    {
      self->minimum = self->maximum = point;
      self->has_finite = TRUE;
    }
  else if (point.y < self->minimum.y)
    self->minimum = point;
  else if (point.y > self->maximum.y)
    self->maximum = point;
}

/* The first index whose x is at or above low, less one: so that the line enters from outside. */
static guint
first_needed (const double *x,
              guint         n,
              double        low)
{
  guint from = 0, to = n;

  while (from < to)
    {
      guint middle = from + (to - from) / 2;

      if (x[middle] < low)
        from = middle + 1;
      else
        to = middle;
    }

  return from > 0 ? from - 1 : 0;
}

/**
 * attune_plot_thin_update:
 * @x: (array length=n): ascending
 * @y: (array length=n): any numbers
 * @n: number of points, at least as many as last time
 * @low: start of the visible range
 * @high: end of it, above @low
 * @columns: device pixels across the range
 *
 * Thins to at most two points a column, plus one neighbour on either side of the range. With the
 * range and columns of last time only the points after the last ones are looked at.
 */
void
attune_plot_thin_update (AttunePlotThin *self,
                         const double   *x,
                         const double   *y,
                         guint           n,
                         double          low,
                         double          high,
                         guint           columns)
{
  double per_unit = columns / (high - low);

  if (self->low != low || self->high != high || self->columns != columns || n < self->consumed)
    {
      attune_plot_thin_reset (self);
      self->low = low;
      self->high = high;
      self->columns = columns;
    }
  if (self->complete || self->consumed == n)
    return;

  if (self->consumed == 0)
    {
      self->consumed = first_needed (x, n, low);
      open_column (self, -2);
    }

  for (; self->consumed < n && !self->complete; self->consumed++)
    {
      double at = x[self->consumed];
      gint column = at < low ? -1
                    : at > high ? (gint) columns
                    : MIN ((gint) ((at - low) * per_unit), (gint) columns - 1);

      if (column != self->column)
        {
          if (self->column != -2)
            write_column (self);
          open_column (self, column);
        }
      else if (column == -1)
        {
          /* Of the points before the range only the last one matters. */
          g_array_set_size (self->line, self->line_start);
          g_array_set_size (self->bad, self->bad_start);
          open_column (self, column);
        }
      take_point (self, (AttunePlotPoint) { at, y[self->consumed] });
      self->complete = at > high;
    }

  write_column (self);
}
