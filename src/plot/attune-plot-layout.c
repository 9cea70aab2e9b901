/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decides where axes, ticks and curves lie: the range of x from the properties or the data, the
 * range of y from what is visible within it, and the map from numbers to pixels. Draws nothing.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "attune-chart-text.h"

#include <math.h>

#define LEFT_MARGIN 46
#define RIGHT_MARGIN 8
#define LABEL_GAP 9

/* The weight with which a series is averaged now, 0 for none. */
double
attune_plot_series_weight (AttunePlot             *self,
                           const AttunePlotSeries *series)
{
  return series->smoothed ? self->smoothing : 0;
}

/* Writes the range of the whole axis, zoomed or not, into x_low and x_high. */
void
attune_plot_layout_whole (AttunePlot       *self,
                          AttunePlotLayout *layout)
{
  double low = INFINITY, high = -INFINITY;

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);

      if (series->visible && series->x->len > 0)
        {
          low = MIN (low, g_array_index (series->x, double, 0));
          high = MAX (high, g_array_index (series->x, double, series->x->len - 1));
        }
    }
  if (low > high)
    {
      low = isfinite (self->x_minimum) ? self->x_minimum : 0;
      high = isfinite (self->x_maximum) ? self->x_maximum : low + 1;
    }
  if (isfinite (self->x_minimum))
    low = self->x_minimum;
  if (isfinite (self->x_maximum))
    high = self->x_maximum;
  if (!(low < high))
    {
      double middle = (low + high) / 2;
      double half = MAX (fabs (middle) * 1e-6, 0.5);

      low = middle - half;
      high = middle + half;
    }

  layout->x_low = low;
  layout->x_high = high;
}

static void
find_x_range (AttunePlot       *self,
              AttunePlotLayout *layout)
{
  attune_plot_layout_whole (self, layout);
  if (isfinite (self->zoom_minimum) && isfinite (self->zoom_maximum) &&
      self->zoom_minimum < self->zoom_maximum)
    {
      layout->x_low = self->zoom_minimum;
      layout->x_high = self->zoom_maximum;
    }
}

/* Whether all that is drawn stands at whole numbers, as steps do: told by the ends. */
static gboolean
is_whole (AttunePlot *self)
{
  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);
      double first, last;

      if (!series->visible || series->x->len == 0)
        continue;
      first = g_array_index (series->x, double, 0);
      last = g_array_index (series->x, double, series->x->len - 1);
      if (first != floor (first) || last != floor (last))
        return FALSE;
    }

  return TRUE;
}

/* Whether there is anything that gives the axis a range. */
static gboolean
knows_x_range (AttunePlot *self)
{
  if (isfinite (self->x_maximum))
    return TRUE;
  for (guint i = 0; i < self->series->len; i++)
    if (((AttunePlotSeries *) g_ptr_array_index (self->series, i))->x->len > 0)
      return TRUE;

  return FALSE;
}

static void
include (double           value,
         gboolean         logarithmic,
         double          *low,
         double          *high)
{
  if (isfinite (value) && (!logarithmic || value > 0))
    {
      *low = MIN (*low, value);
      *high = MAX (*high, value);
    }
}

static void
include_line (const AttunePlotLayout *layout,
              const GArray           *line,
              double                 *low,
              double                 *high)
{
  for (guint i = 0; i < line->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (line, AttunePlotPoint, i);

      if (point->x >= layout->x_low && point->x <= layout->x_high)
        include (point->y, layout->logarithmic, low, high);
    }
}

/* The averages, the joined points and the base lines make the range; single noisy steps behind an
 * average may leave it, so that one outlier does not press everything flat. */
static void
find_y_range (AttunePlot       *self,
              AttunePlotLayout *layout)
{
  double low = INFINITY, high = -INFINITY, span;

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);

      if (!series->visible)
        continue;
      if (attune_plot_series_is_level (series))
        include (series->level, layout->logarithmic, &low, &high);
      else if (attune_plot_series_weight (self, series) > 0)
        include_line (layout, series->thin_average.line, &low, &high);
      else
        include_line (layout, series->thin.line, &low, &high);
    }

  layout->has_y = low <= high;
  if (!layout->has_y)
    {
      low = layout->logarithmic ? 0.1 : 0;
      high = 1;
    }

  span = high - low;
  if (layout->logarithmic)
    {
      double factor = high > low * 1.2 ? pow (high / low, 0.06) : 1.5;

      layout->y_low = low / factor;
      layout->y_high = high * factor;
    }
  else if (self->percent)
    {
      layout->y_high = high <= 1 ? 1 : high * 1.03;
      layout->y_low = MAX (low - MAX ((layout->y_high - low) * 0.1, 0.02), low < 0 ? low * 1.1 : 0);
    }
  else
    {
      double pad = span > 0 ? span * 0.06 : MAX (fabs (high) * 0.1, 0.5);

      layout->y_high = high + pad;
      layout->y_low = low >= 0 && low < 0.6 * high ? 0 : low - pad;
      if (low >= 0 && layout->y_low < 0)
        layout->y_low = 0;
    }
}

/**
 * attune_plot_format_x:
 * @step: between ticks; 0 for a single number, written as exactly as it is
 *
 * Returns: (transfer full): a place on the x axis in words: a number, a power of ten, or a time
 */
char *
attune_plot_format_x (AttunePlot *self,
                      double      x,
                      double      step)
{
  if (self->x_time)
    return attune_time_format (x);
  if (self->x_power)
    return attune_power_format (x);
  return attune_ticks_format (x, step > 0 ? step : x == floor (x) ? 1 : 0.01, FALSE);
}

static double
widest_label (AttunePlot        *self,
              const AttuneTicks *ticks,
              gboolean           across)
{
  double widest = 0;

  for (guint i = 0; i < ticks->n; i++)
    {
      g_autofree char *text = across
                              ? attune_plot_format_x (self, ticks->value[i], ticks->step)
                              : attune_ticks_format (ticks->value[i], ticks->step, self->percent);

      widest = MAX (widest, attune_chart_text_width (GTK_WIDGET (self), text,
                                                     ATTUNE_CHART_SMALL, FALSE));
    }

  return widest;
}

static gboolean
has_mark_labels (AttunePlot *self)
{
  for (guint i = 0; i < self->marks->len; i++)
    if (g_array_index (self->marks, AttunePlotMark, i).label != NULL)
      return TRUE;

  return FALSE;
}

/**
 * attune_plot_layout_compute:
 * @layout: (inout): its origin is read, the rest written
 * @width: of the whole drawing, in pixels
 * @height: of the whole drawing
 * @scale: device pixels per pixel
 *
 * Lays the plot out and brings the thinned points of all series up to date for it.
 */
void
attune_plot_layout_compute (AttunePlot       *self,
                            AttunePlotLayout *layout,
                            double            width,
                            double            height,
                            double            scale)
{
  double line_height, reference, room, columns;
  g_autoptr(PangoLayout) text = attune_chart_text_new (GTK_WIDGET (self), "100 %",
                                                       ATTUNE_CHART_SMALL, FALSE);

  attune_chart_text_size (text, &reference, &line_height);

  layout->width = width;
  layout->height = height;
  layout->scale = scale;
  layout->logarithmic = self->log_y && !self->percent;
  layout->left = ceil (MAX (LEFT_MARGIN, reference + LABEL_GAP + 1));
  layout->right = MAX (width - RIGHT_MARGIN, layout->left + 1);
  layout->top = has_mark_labels (self) ? ceil (line_height) + 8 : ceil (line_height / 2) + 1;
  layout->bottom = height - (self->show_x_axis ? ceil (line_height) + 12
                                               : ceil (line_height / 2) + 2);
  layout->bottom = MAX (layout->bottom, layout->top + 1);

  find_x_range (self, layout);
  columns = MAX (ceil ((layout->right - layout->left) * scale), 1);
  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);

      if (series->visible && !attune_plot_series_is_level (series))
        attune_plot_series_thin (series, layout->x_low, layout->x_high, (guint) columns,
                                 attune_plot_series_weight (self, series));
    }
  find_y_range (self, layout);

  room = layout->bottom - layout->top;
  if (layout->logarithmic)
    attune_ticks_log (&layout->y_ticks, layout->y_low, layout->y_high,
                      (guint) MAX (room / (line_height * 2.0), 2));
  else
    attune_ticks_linear (&layout->y_ticks, layout->y_low, layout->y_high,
                         (guint) CLAMP (room / (line_height * 2.6), 2, 8), FALSE);
  layout->left = MAX (layout->left,
                      ceil (widest_label (self, &layout->y_ticks, FALSE)) + LABEL_GAP + 1);

  layout->x_ticks.n = 0;
  room = layout->right - layout->left;
  for (guint most = knows_x_range (self) ? 12 : 0; most >= 2; most--)
    {
      if (self->x_time)
        attune_ticks_time (&layout->x_ticks, layout->x_low, layout->x_high, most);
      else
        attune_ticks_linear (&layout->x_ticks, layout->x_low, layout->x_high, most,
                             self->x_power ? layout->x_high - layout->x_low >= 2
                                           : is_whole (self));
      if (layout->x_ticks.n * (widest_label (self, &layout->x_ticks, TRUE) + 28) <= room)
        break;
    }
}

double
attune_plot_layout_x (const AttunePlotLayout *layout,
                      double                  x)
{
  return layout->left + (x - layout->x_low) / (layout->x_high - layout->x_low) *
         (layout->right - layout->left);
}

/* NaN for what a logarithmic axis cannot show. Far outliers stay finite and near the area. */
double
attune_plot_layout_y (const AttunePlotLayout *layout,
                      double                  y)
{
  double share;

  if (layout->logarithmic)
    {
      if (!(y > 0))
        return NAN;
      share = log (y / layout->y_low) / log (layout->y_high / layout->y_low);
    }
  else
    share = (y - layout->y_low) / (layout->y_high - layout->y_low);

  if (isnan (share))
    return NAN;
  return layout->bottom - CLAMP (share, -20, 20) * (layout->bottom - layout->top);
}

/* The number at a position across the widget, kept within the visible range. */
double
attune_plot_layout_unmap_x (const AttunePlotLayout *layout,
                            double                  position)
{
  double share = (position - layout->left) / (layout->right - layout->left);

  return layout->x_low + CLAMP (share, 0, 1) * (layout->x_high - layout->x_low);
}

static double
crisp (double position,
       double origin,
       double scale)
{
  return (floor ((position + origin) * scale) + 0.5) / scale - origin;
}

/* The middle of the device pixel that a vertical line at position falls into. */
double
attune_plot_layout_crisp_x (const AttunePlotLayout *layout,
                            double                  position)
{
  return crisp (position, layout->origin_x, layout->scale);
}

double
attune_plot_layout_crisp_y (const AttunePlotLayout *layout,
                            double                  position)
{
  return crisp (position, layout->origin_y, layout->scale);
}
