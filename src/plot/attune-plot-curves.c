/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws the curve of one series from its thinned points: how a line is stroked when it is thin on
 * points and when it fills every column, single points, and marks where a value is no number.
 */
#include "config.h"

#include "attune-plot-private.h"

#include <math.h>

/* Points stroked at a time. */
#define PIECE 64

/* Nothing is drawn farther than margin outside the area of the curves until cairo_restore(). */
void
attune_plot_clip_to_area (cairo_t                *cr,
                          const AttunePlotLayout *layout,
                          double                  margin)
{
  cairo_rectangle (cr, layout->left - margin, layout->top - margin,
                   layout->right - layout->left + 2 * margin,
                   layout->bottom - layout->top + 2 * margin);
  cairo_clip (cr);
}

/* Strokes the thinned line, broken where a value is missing. A solid line is stroked in pieces: a
 * long path that crosses itself costs many times more, and the seams do not show. */
static void
stroke_line (cairo_t                *cr,
             const AttunePlotLayout *layout,
             const GArray           *line,
             gboolean                solid)
{
  gboolean joined = FALSE;
  guint piece = 0;

  for (guint i = 0; i < line->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (line, AttunePlotPoint, i);
      double x = attune_plot_layout_x (layout, point->x);
      double y = attune_plot_layout_y (layout, point->y);

      if (isnan (y))
        {
          joined = FALSE;
          continue;
        }
      if (joined)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      joined = TRUE;
      if (solid && ++piece % PIECE == 0)
        {
          cairo_stroke (cr);
          cairo_move_to (cr, x, y);
        }
    }
  cairo_stroke (cr);
}

/* Whether the line comes close to two points in every column of pixels it crosses. */
static gboolean
is_dense (const AttunePlotLayout *layout,
          const GArray           *line)
{
  const AttunePlotPoint *points = (const AttunePlotPoint *) line->data;
  double span;

  if (line->len < 32)
    return FALSE;
  span = attune_plot_layout_x (layout, points[line->len - 1].x) -
         attune_plot_layout_x (layout, points[0].x);
  return line->len > span * layout->scale * 1.2;
}

/* Fills a box from the least to the greatest value of each column of pixels, reaching to the
 * column before. It looks like the stroked zigzag, does not beat against the pixels, and costs a
 * twentieth of the time. */
static void
fill_columns (cairo_t                *cr,
              const AttunePlotLayout *layout,
              const GArray           *line)
{
  double half = 0.5 / layout->scale, column = NAN, top = NAN, bottom = NAN;

  for (guint i = 0; i <= line->len; i++)
    {
      const AttunePlotPoint *point = i < line->len ? &g_array_index (line, AttunePlotPoint, i)
                                                   : NULL;
      double y = point ? attune_plot_layout_y (layout, point->y) : NAN;
      double x = isnan (y) ? NAN
                 : attune_plot_layout_crisp_x (layout, attune_plot_layout_x (layout, point->x));

      if (!isnan (column) && x != column)
        {
          double from = CLAMP (top, layout->top - 1, layout->bottom);
          double to = CLAMP (bottom, layout->top, layout->bottom + 1);

          cairo_rectangle (cr, column - half, from - 0.5, 2 * half, to - from + 1);
          if (!isnan (y))
            {
              /* The next box starts where this one ends. */
              double previous = attune_plot_layout_y (layout, point[-1].y);

              top = MIN (previous, y);
              bottom = MAX (previous, y);
            }
        }
      else if (isnan (column) && !isnan (y))
        top = bottom = y;

      column = x;
      if (!isnan (y))
        {
          top = MIN (top, y);
          bottom = MAX (bottom, y);
        }
    }
  cairo_fill (cr);
}

static gboolean
drawable (const AttunePlotLayout *layout,
          const GArray           *line,
          gint                    at)
{
  return at >= 0 && at < (gint) line->len &&
         !isnan (attune_plot_layout_y (layout, g_array_index (line, AttunePlotPoint, at).y));
}

/* Points that stand alone become dots, or nothing would be seen of them. */
static void
draw_lonely_points (cairo_t                *cr,
                    const AttunePlotLayout *layout,
                    const GArray           *line,
                    double                  radius)
{
  for (gint i = 0; i < (gint) line->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (line, AttunePlotPoint, i);

      if (!drawable (layout, line, i) || drawable (layout, line, i - 1) ||
          drawable (layout, line, i + 1))
        continue;
      cairo_arc (cr, attune_plot_layout_x (layout, point->x),
                 attune_plot_layout_y (layout, point->y), radius, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static void
draw_line (cairo_t                *cr,
           const AttunePlotLayout *layout,
           const GArray           *line,
           const GdkRGBA          *color,
           double                  width)
{
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, width);
  if (width <= 1 && is_dense (layout, line))
    fill_columns (cr, layout, line);
  else
    stroke_line (cr, layout, line, color->alpha >= 1 && cairo_get_dash_count (cr) == 0);
  draw_lonely_points (cr, layout, line, MAX (width, 1.5) + 0.6);
}

static void
draw_hollow_points (cairo_t                 *cr,
                    const AttunePlotLayout  *layout,
                    const AttunePlotPalette *palette,
                    const GArray            *line,
                    const GdkRGBA           *color)
{
  if (line->len * 3 * ATTUNE_PLOT_POINT_RADIUS > layout->right - layout->left)
    return;

  cairo_set_line_width (cr, ATTUNE_PLOT_POINT_LINE);
  for (guint i = 0; i < line->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (line, AttunePlotPoint, i);

      if (!drawable (layout, line, (gint) i) || point->x < layout->x_low ||
          point->x > layout->x_high)
        continue;
      cairo_new_sub_path (cr);
      cairo_arc (cr, attune_plot_layout_x (layout, point->x),
                 attune_plot_layout_y (layout, point->y), ATTUNE_PLOT_POINT_RADIUS, 0, 2 * G_PI);
      gdk_cairo_set_source_rgba (cr, &palette->paper);
      cairo_fill_preserve (cr);
      gdk_cairo_set_source_rgba (cr, color);
      cairo_stroke (cr);
    }
}

/* A value that is no number stands at the top edge: a cross for NaN, a triangle for infinity. */
static void
draw_bad_points (cairo_t                *cr,
                 const AttunePlotLayout *layout,
                 const GArray           *bad,
                 const GdkRGBA          *color)
{
  double free_from = -INFINITY;

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1.6);
  for (guint i = 0; i < bad->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (bad, AttunePlotPoint, i);
      double x = attune_plot_layout_x (layout, point->x);
      double y = layout->top + 6;

      if (point->x < layout->x_low || point->x > layout->x_high || x < free_from)
        continue;
      free_from = x + 9;
      if (isnan (point->y))
        {
          cairo_move_to (cr, x - 3.5, y - 3.5);
          cairo_line_to (cr, x + 3.5, y + 3.5);
          cairo_move_to (cr, x + 3.5, y - 3.5);
          cairo_line_to (cr, x - 3.5, y + 3.5);
          cairo_stroke (cr);
        }
      else
        {
          double up = point->y > 0 ? 1 : -1;

          cairo_move_to (cr, x, y - 4 * up);
          cairo_line_to (cr, x + 4.5, y + 3.5 * up);
          cairo_line_to (cr, x - 4.5, y + 3.5 * up);
          cairo_close_path (cr);
          cairo_fill (cr);
        }
    }
}

/**
 * attune_plot_draw_curve:
 * @series: with points, not a base line
 *
 * Draws one series: single values faint, line, hollow points, and marks for what is not finite.
 */
void
attune_plot_draw_curve (AttunePlot              *self,
                        cairo_t                 *cr,
                        const AttunePlotLayout  *layout,
                        const AttunePlotPalette *palette,
                        const AttunePlotSeries  *series)
{
  GdkRGBA color = attune_plot_palette_series (palette, series->style);
  gboolean averaged = attune_plot_series_weight (self, series) > 0;
  const GArray *line = averaged ? series->thin_average.line : series->thin.line;

  cairo_save (cr);
  attune_plot_clip_to_area (cr, layout, 0);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
  if (averaged && attune_plot_series_shows_raw (series))
    {
      GdkRGBA pale = attune_rgba_with_alpha (color, palette->raw_alpha);

      cairo_set_antialias (cr, CAIRO_ANTIALIAS_FAST);
      draw_line (cr, layout, series->thin.line, &pale, 1);
      cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
    }
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (!attune_plot_set_dash (cr, series->style))
    cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  if (series->faint)
    color = attune_rgba_over (attune_rgba_with_alpha (color, 2 * palette->raw_alpha),
                              palette->paper);
  draw_line (cr, layout, line, &color,
             series->style == ATTUNE_SERIES_TRAINING && !series->faint ? ATTUNE_PLOT_AVERAGE_LINE
                                                                       : ATTUNE_PLOT_POINT_LINE);
  cairo_restore (cr);

  cairo_save (cr);
  attune_plot_clip_to_area (cr, layout, ATTUNE_PLOT_POINT_RADIUS + 1);
  if (series->style == ATTUNE_SERIES_VALIDATION)
    draw_hollow_points (cr, layout, palette, line, &color);
  draw_bad_points (cr, layout, series->thin.bad, &color);
  cairo_restore (cr);
}
