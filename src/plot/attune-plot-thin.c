/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thins a long series to what a row of pixels can show: the least and the greatest value of each
 * column, in the order they came, and where the line breaks. Appended points continue the last
 * column. Pure arithmetic; no drawing.
 */
#include "config.h"

#include "attune-plot-thin.h"

#include <math.h>

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

static inline void
take_point (AttunePlotThin  *self,
            AttunePlotPoint  point)
{
  if (G_LIKELY (self->has_finite && point.y >= self->minimum.y && point.y <= self->maximum.y))
    return;

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
