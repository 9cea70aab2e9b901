/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The crosshair of a plot: which point it snaps to, the read-out card beside it, and the sentence
 * that says the same to a screen reader.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "attune-chart-text.h"

#include <glib/gi18n.h>
#include <math.h>

#define CARD_WIDTH 176.0
#define CARD_RADIUS 8.0
#define CARD_GAP 12.0
#define CARD_PADDING 10.0

/* One line of the read-out: a series' value at, or the last one before, the crosshair. */
typedef struct {
  const AttunePlotSeries *series;
  gboolean                raw;
  gboolean                exact;   /* measured at the crosshair itself */
  double                  x;
  double                  value;
  const char             *label;
} Reading;

/* The run's own points come first: another run's count only after the last of them, or the
 * crosshair would stop between the steps that are read out. */
static gboolean
counts_at (AttunePlot             *self,
           const AttunePlotSeries *series,
           double                  x)
{
  if (!series->visible || series->x->len == 0)
    return FALSE;
  if (!attune_plot_series_is_other (series))
    return TRUE;

  for (guint i = 0; i < self->series->len; i++)
    {
      const AttunePlotSeries *own = g_ptr_array_index (self->series, i);

      if (own->visible && !attune_plot_series_is_other (own) && own->x->len > 0 &&
          g_array_index (own->x, double, own->x->len - 1) >= x)
        return FALSE;
    }
  return TRUE;
}

/**
 * attune_plot_snap:
 * @x: any position on the axis
 *
 * Returns: the x of the nearest point of any visible series, @x itself where there is none
 */
double
attune_plot_snap (AttunePlot *self,
                  double      x)
{
  double best = NAN;

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);
      gint at = counts_at (self, series, x) ? attune_plot_series_nearest (series, x) : -1;

      if (at >= 0)
        {
          double candidate = g_array_index (series->x, double, at);

          if (isnan (best) || fabs (candidate - x) < fabs (best - x))
            best = candidate;
        }
    }

  return isnan (best) ? x : best;
}

/**
 * attune_plot_step_cursor:
 * @x: where the crosshair stands; NaN for nowhere
 * @direction: -1 to the point before, 1 to the next, -2 to the first, 2 to the last
 *
 * Returns: the x to go to, of the points within the visible range; NaN where there is none
 */
double
attune_plot_step_cursor (AttunePlot *self,
                         double      x,
                         gint        direction)
{
  double low = self->layout.x_low, high = self->layout.x_high, best = NAN;
  gboolean to_left = direction == -1 || direction == 2;

  if (isnan (x) || direction == 2 || direction == -2)
    x = to_left ? INFINITY : -INFINITY;

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);
      gint at;

      if (!series->visible || series->x->len == 0)
        continue;
      at = attune_plot_series_find (series, to_left ? MIN (x, high) : MAX (x, low));
      if (to_left)
        {
          while (at >= 0 && g_array_index (series->x, double, at) >= x)
            at--;
        }
      else if (at < 0 || g_array_index (series->x, double, at) <= x ||
               g_array_index (series->x, double, at) < low)
        at++;
      if (at >= 0 && at < (gint) series->x->len &&
          counts_at (self, series, g_array_index (series->x, double, at)))
        {
          double candidate = g_array_index (series->x, double, at);

          if (candidate >= low && candidate <= high &&
              (isnan (best) || (to_left ? candidate > best : candidate < best)))
            best = candidate;
        }
    }

  return best;
}

static void
add_reading (AttunePlot             *self,
             GArray                 *readings,
             const AttunePlotSeries *series,
             const GArray           *values,
             gboolean                raw,
             gint                    at,
             double                  x)
{
  Reading reading = { series, raw, FALSE, g_array_index (series->x, double, at),
                      g_array_index (values, double, at), NULL };

  /* Another run's points are its own: on a line between two of them nothing is missing. */
  reading.exact = fabs (reading.x - x) <= 1e-9 * MAX (fabs (x), 1) ||
                  (attune_plot_series_is_other (series) && at + 1 < (gint) series->x->len);
  reading.label = raw ? _("This step") : series->label;
  g_array_append_val (readings, reading);
}

static GArray *
take_readings (AttunePlot *self,
               double      x)
{
  GArray *readings = g_array_new (FALSE, FALSE, sizeof (Reading));

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);
      double weight = attune_plot_series_weight (self, series);
      gint at = attune_plot_series_find (series, x);

      if (!series->visible || attune_plot_series_is_level (series) || at < 0)
        continue;
      if (series->style != ATTUNE_SERIES_VALIDATION && at == (gint) series->x->len - 1 &&
          g_array_index (series->x, double, at) < x)
        continue;
      if (weight > 0)
        {
          attune_plot_series_smooth (series, weight);
          add_reading (self, readings, series, series->average, FALSE, at, x);
          if (attune_plot_series_shows_raw (series))
            add_reading (self, readings, series, series->y, TRUE, at, x);
        }
      else
        add_reading (self, readings, series, series->y, FALSE, at, x);
    }

  return readings;
}

static char *
format_position (AttunePlot *self,
                 double      x)
{
  g_autofree char *number = attune_plot_format_x (self, x, 0);

  if (self->x_label == NULL)
    return g_steal_pointer (&number);
  /* Translators: the name of the axis and the place on it, such as "Step 1,000". */
  return g_strdup_printf (_("%s %s"), self->x_label, number);
}

/**
 * attune_plot_describe_cursor:
 * @x: where the crosshair stands
 *
 * Returns: (transfer full): the read-out as a sentence, such as "Step 40: Training 0.247"
 */
char *
attune_plot_describe_cursor (AttunePlot *self,
                             double      x)
{
  g_autoptr(GArray) readings = take_readings (self, x);
  g_autofree char *position = format_position (self, x);
  GString *text = g_string_new (position);

  for (guint i = 0; i < readings->len; i++)
    {
      const Reading *reading = &g_array_index (readings, Reading, i);
      g_autofree char *value = attune_value_format (reading->value, self->percent);

      g_string_append (text, i == 0 ? ": " : ", ");
      if (reading->exact || reading->series->style != ATTUNE_SERIES_VALIDATION)
        g_string_append_printf (text, "%s %s", reading->label, value);
      else
        {
          g_autofree char *where = attune_plot_format_x (self, reading->x, 0);

          /* Translators: a series, its value, and the earlier step at which it was measured. */
          g_string_append_printf (text, _("%s %s at %s"), reading->label, value, where);
        }
    }

  return g_string_free (text, FALSE);
}

static const char *
find_mark (AttunePlot *self,
           double      x)
{
  const char *label = NULL;

  for (guint i = 0; i < self->marks->len; i++)
    if (g_array_index (self->marks, AttunePlotMark, i).x < x || i == 0)
      label = g_array_index (self->marks, AttunePlotMark, i).label;

  return label;
}

/* How much of the curves a card at this height would hide. */
static guint
count_hidden (AttunePlot             *self,
              const AttunePlotLayout *layout,
              double                  x,
              double                  y,
              double                  height)
{
  guint hidden = 0;

  for (guint s = 0; s < self->series->len; s++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, s);
      const GArray *line;

      if (!series->visible || attune_plot_series_is_level (series))
        continue;
      line = attune_plot_series_weight (self, series) > 0 ? series->thin_average.line
                                                          : series->thin.line;
      for (guint i = 0; i + 1 < line->len; i++)
        {
          const AttunePlotPoint *a = &g_array_index (line, AttunePlotPoint, i);
          const AttunePlotPoint *b = a + 1;
          double ax = attune_plot_layout_x (layout, a->x), bx = attune_plot_layout_x (layout, b->x);
          double ay = attune_plot_layout_y (layout, a->y), by = attune_plot_layout_y (layout, b->y);
          double middle = bx > ax ? CLAMP (x + CARD_WIDTH / 2, ax, bx) : ax;
          double at = bx > ax ? ay + (by - ay) * (middle - ax) / (bx - ax) : ay;

          if (bx >= x && ax <= x + CARD_WIDTH && at >= y - 4 && at <= y + height + 4)
            hidden++;
        }
    }

  return hidden;
}

static double
place_card (AttunePlot             *self,
            const AttunePlotLayout *layout,
            double                  x,
            double                  height)
{
  double top = layout->top + 6;
  double bottom = MAX (layout->bottom - height - 6, top);
  double candidates[] = { top, top + (bottom - top) * 0.6, bottom };
  double best = top;
  guint least = G_MAXUINT;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      guint hidden = count_hidden (self, layout, x, candidates[i], height);

      if (hidden < least)
        {
          least = hidden;
          best = candidates[i];
        }
    }

  return round (best);
}

static void
draw_sheet (cairo_t                 *cr,
            const AttunePlotPalette *palette,
            double                   x,
            double                   y,
            double                   height)
{
  GdkRGBA border = attune_rgba_with_alpha (palette->foreground, palette->dark ? 0.18 : 0.16);

  for (int i = 3; i > 0; i--)
    {
      cairo_set_source_rgba (cr, 0, 0, 0, 0.03);
      attune_chart_round_rect (cr, x - i, y - i + 1.5, CARD_WIDTH + 2 * i, height + 2 * i,
                               CARD_RADIUS + i);
      cairo_fill (cr);
    }
  attune_chart_round_rect (cr, x + 0.5, y + 0.5, CARD_WIDTH - 1, height - 1, CARD_RADIUS);
  gdk_cairo_set_source_rgba (cr, &palette->sheet);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &border);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
draw_row (AttunePlot              *self,
          cairo_t                 *cr,
          const AttunePlotPalette *palette,
          const Reading           *reading,
          double                   x,
          double                   y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autofree char *text = attune_value_format (reading->value, self->percent);
  g_autoptr(PangoLayout) value = attune_chart_text_new (widget, text, ATTUNE_CHART_SMALL,
                                                        reading->exact);
  g_autoptr(PangoLayout) label = attune_chart_text_new (widget, reading->label,
                                                        ATTUNE_CHART_SMALL, FALSE);
  double width, right = x + CARD_WIDTH - CARD_PADDING;

  attune_chart_text_size (value, &width, NULL);
  attune_chart_text_limit (label, CARD_WIDTH - 2 * CARD_PADDING - 26 - width - 8);
  attune_plot_draw_sample (cr, palette, reading->series->style, reading->raw,
                           x + CARD_PADDING, floor (y) + 0.5);
  attune_chart_text_show (cr, label, reading->exact ? &palette->foreground : &palette->dim,
                          x + CARD_PADDING + 26, y, 0, 0.5);
  attune_chart_text_show (cr, value, reading->exact ? &palette->foreground : &palette->dim,
                          right, y, 1, 0.5);
}

static void
draw_card (AttunePlot              *self,
           cairo_t                 *cr,
           const AttunePlotLayout  *layout,
           const AttunePlotPalette *palette,
           const GArray            *readings,
           double                   line)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autofree char *position = format_position (self, self->cursor_x);
  g_autoptr(PangoLayout) heading = attune_chart_text_new (widget, position, ATTUNE_CHART_SMALL,
                                                          TRUE);
  const char *mark = find_mark (self, self->cursor_x);
  double row, height, x, y;

  attune_chart_text_size (heading, NULL, &row);
  row = ceil (row) + 4;
  height = row * (readings->len + 1) + 10;
  x = line + CARD_GAP;
  if (x + CARD_WIDTH > layout->width)
    x = line - CARD_GAP - CARD_WIDTH;
  x = round (MAX (x, 0));
  y = place_card (self, layout, x, height);

  draw_sheet (cr, palette, x, y, height);
  y += 5 + row / 2;
  attune_chart_text_show (cr, heading, &palette->foreground, x + CARD_PADDING, y, 0, 0.5);
  if (mark != NULL)
    attune_chart_text_draw (widget, cr, mark, ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                            x + CARD_WIDTH - CARD_PADDING, y, 1, 0.5);
  for (guint i = 0; i < readings->len; i++)
    draw_row (self, cr, palette, &g_array_index (readings, Reading, i), x, y + row * (i + 1));
}

/* A filled dot on lines, a larger hollow circle on points, at the value read out: with points that
 * may be one before the crosshair. */
static void
draw_dot (cairo_t                 *cr,
          const AttunePlotLayout  *layout,
          const AttunePlotPalette *palette,
          const Reading           *reading)
{
  GdkRGBA color = attune_plot_palette_series (palette, reading->series->style);
  double y = attune_plot_layout_y (layout, reading->value);

  if (reading->raw || isnan (y) || y < layout->top - 1 || y > layout->bottom + 1 ||
      reading->x < layout->x_low ||
      (!reading->exact && reading->series->style != ATTUNE_SERIES_VALIDATION))
    return;

  cairo_arc (cr, attune_plot_layout_x (layout, reading->x), y,
             reading->series->style == ATTUNE_SERIES_VALIDATION ? 5 : 4, 0, 2 * G_PI);
  if (reading->series->style == ATTUNE_SERIES_VALIDATION)
    {
      gdk_cairo_set_source_rgba (cr, &palette->paper);
      cairo_fill_preserve (cr);
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_set_line_width (cr, 2);
      cairo_stroke (cr);
    }
  else
    {
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_fill (cr);
    }
}

/**
 * attune_plot_draw_cursor:
 * @layout: of the static layer below
 * @palette: the colours
 *
 * Draws crosshair, dots and read-out at the cursor's x, if that is within the visible range.
 */
void
attune_plot_draw_cursor (AttunePlot              *self,
                         cairo_t                 *cr,
                         const AttunePlotLayout  *layout,
                         const AttunePlotPalette *palette)
{
  g_autoptr(GArray) readings = NULL;
  double line;

  if (!(self->cursor_x >= layout->x_low && self->cursor_x <= layout->x_high))
    return;

  readings = take_readings (self, self->cursor_x);
  line = attune_plot_layout_crisp_x (layout, attune_plot_layout_x (layout, self->cursor_x));
  gdk_cairo_set_source_rgba (cr, &palette->crosshair);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, line, layout->top - 4);
  cairo_line_to (cr, line, layout->bottom + 5);
  cairo_stroke (cr);

  for (guint i = 0; i < readings->len; i++)
    draw_dot (cr, layout, palette, &g_array_index (readings, Reading, i));
  if (readings->len > 0)
    draw_card (self, cr, layout, palette, readings, line);
}
