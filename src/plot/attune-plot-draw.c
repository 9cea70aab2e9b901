/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws the static layer of a plot with Cairo: grid, marks, base lines, axis and labels, and in
 * between the curves, which are in attune-plot-curves.c. The same code serves the widget and files.
 * The crosshair is drawn elsewhere.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "attune-chart-text.h"

#include <glib/gi18n.h>
#include <math.h>

static void
set_color (cairo_t       *cr,
           const GdkRGBA *color)
{
  gdk_cairo_set_source_rgba (cr, color);
}

static void
horizontal_line (cairo_t                *cr,
                 const AttunePlotLayout *layout,
                 double                  y)
{
  y = attune_plot_layout_crisp_y (layout, y);
  cairo_move_to (cr, layout->left, y);
  cairo_line_to (cr, layout->right, y);
}

static void
draw_shade (AttunePlot              *self,
            cairo_t                 *cr,
            const AttunePlotLayout  *layout,
            const AttunePlotPalette *palette)
{
  double from;

  if (!isfinite (self->shade_from) || self->shade_from >= layout->x_high)
    return;

  from = attune_plot_layout_x (layout, MAX (self->shade_from, layout->x_low));
  set_color (cr, &palette->shade);
  cairo_rectangle (cr, from, layout->top, layout->right - from, layout->bottom - layout->top);
  cairo_fill (cr);
}

static void
draw_grid (AttunePlot              *self,
           cairo_t                 *cr,
           const AttunePlotLayout  *layout,
           const AttunePlotPalette *palette)
{
  if (!layout->has_y)
    return;

  for (guint i = 0; i < layout->y_ticks.n; i++)
    {
      double value = layout->y_ticks.value[i];
      double y = attune_plot_layout_y (layout, value);
      g_autofree char *text = attune_ticks_format (value, layout->y_ticks.step, self->percent);

      cairo_set_line_width (cr, 1 / layout->scale);
      set_color (cr, &palette->grid);
      horizontal_line (cr, layout, y);
      cairo_stroke (cr);
      attune_chart_text_draw (GTK_WIDGET (self), cr, text, ATTUNE_CHART_SMALL, FALSE,
                              &palette->dim, layout->left - 9, y, 1, 0.5);
    }
}

/* Epochs: a line at each, its name above and to the right of it where there is room. */
static void
draw_marks (AttunePlot              *self,
            cairo_t                 *cr,
            const AttunePlotLayout  *layout,
            const AttunePlotPalette *palette)
{
  double free_from = layout->left;

  for (guint i = 0; i < self->marks->len; i++)
    {
      const AttunePlotMark *mark = &g_array_index (self->marks, AttunePlotMark, i);
      double next = i + 1 < self->marks->len
                    ? g_array_index (self->marks, AttunePlotMark, i + 1).x : INFINITY;
      double x = attune_plot_layout_x (layout, mark->x);
      g_autoptr(PangoLayout) text = NULL;
      gboolean to_come;
      double width;

      if (mark->x >= layout->x_high || next <= layout->x_low)
        continue;

      if (x > layout->left + 0.5)
        {
          x = attune_plot_layout_crisp_x (layout, x);
          set_color (cr, &palette->mark);
          cairo_set_line_width (cr, 1 / layout->scale);
          cairo_move_to (cr, x, layout->top);
          cairo_line_to (cr, x, layout->bottom);
          cairo_stroke (cr);
        }
      if (mark->label == NULL)
        continue;

      x = MAX (x, layout->left);
      text = attune_chart_text_new (GTK_WIDGET (self), mark->label, ATTUNE_CHART_SMALL, FALSE);
      attune_chart_text_size (text, &width, NULL);
      if (x + 6 < free_from || x + 6 + width > layout->right)
        continue;
      to_come = isfinite (self->shade_from) && mark->x >= self->shade_from;
      attune_chart_text_show (cr, text, to_come ? &palette->faint : &palette->dim,
                              x + 6, layout->top - 7, 0, 1);
      free_from = x + 6 + width + 8;
    }
}

/* A dashed line at each, its name at the foot, where curves seldom are. */
static void
draw_moments (AttunePlot              *self,
              cairo_t                 *cr,
              const AttunePlotLayout  *layout,
              const AttunePlotPalette *palette)
{
  static const double dashes[] = { 3, 3 };

  for (guint i = 0; i < self->moments->len; i++)
    {
      const AttunePlotMark *moment = &g_array_index (self->moments, AttunePlotMark, i);
      double x = attune_plot_layout_crisp_x (layout, attune_plot_layout_x (layout, moment->x));
      gboolean at_end = x > (layout->left + layout->right) / 2;

      if (moment->x < layout->x_low || moment->x > layout->x_high)
        continue;
      cairo_save (cr);
      set_color (cr, &palette->dim);
      cairo_set_line_width (cr, 1 / layout->scale);
      cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
      cairo_move_to (cr, x, layout->top);
      cairo_line_to (cr, x, layout->bottom);
      cairo_stroke (cr);
      cairo_restore (cr);
      if (moment->label != NULL)
        attune_chart_text_draw (GTK_WIDGET (self), cr, moment->label, ATTUNE_CHART_SMALL, FALSE,
                                &palette->dim, x + (at_end ? -5 : 5), layout->bottom - 3,
                                at_end ? 1 : 0, 1);
    }
}

static void
draw_x_axis (AttunePlot              *self,
             cairo_t                 *cr,
             const AttunePlotLayout  *layout,
             const AttunePlotPalette *palette)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double free_from = -INFINITY;

  set_color (cr, &palette->axis);
  cairo_set_line_width (cr, 1 / layout->scale);
  horizontal_line (cr, layout, layout->bottom);
  cairo_stroke (cr);
  if (!self->show_x_axis)
    return;

  if (self->x_label != NULL)
    {
      double width = attune_chart_text_width (widget, self->x_label, ATTUNE_CHART_SMALL, FALSE);
      double x = MAX (layout->left - 9 - width, 0);

      attune_chart_text_draw (widget, cr, self->x_label, ATTUNE_CHART_SMALL, FALSE,
                              &palette->dim, x, layout->height - 1, 0, 1);
      free_from = x + width + 3;
    }

  for (guint i = 0; i < layout->x_ticks.n; i++)
    {
      double x = attune_plot_layout_x (layout, layout->x_ticks.value[i]);
      double line = attune_plot_layout_crisp_x (layout, x);
      g_autofree char *text = attune_plot_format_x (self, layout->x_ticks.value[i],
                                                    layout->x_ticks.step);
      double width = attune_chart_text_width (widget, text, ATTUNE_CHART_SMALL, FALSE);

      cairo_move_to (cr, line, layout->bottom);
      cairo_line_to (cr, line, layout->bottom + 5);
      set_color (cr, &palette->axis);
      cairo_stroke (cr);
      x = MIN (x - width / 2, layout->width - width);
      if (x < free_from)
        continue;
      attune_chart_text_draw (widget, cr, text, ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                              x, layout->height - 1, 0, 1);
      free_from = x + width + 6;
    }
}

/* Sets the dashes of a style, which tell it from others without its colour. FALSE: it is solid. */
gboolean
attune_plot_set_dash (cairo_t           *cr,
                      AttuneSeriesStyle  style)
{
  static const struct { int n; double lengths[6]; } dashes[] = {
    [ATTUNE_SERIES_OTHER] = { 4, { 7, 3, 1.5, 3 } },
    [ATTUNE_SERIES_OTHER_2] = { 2, { 9, 4 } },
    [ATTUNE_SERIES_OTHER_3] = { 6, { 7, 2.5, 1.5, 2.5, 1.5, 2.5 } },
    [ATTUNE_SERIES_BASELINE_NAIVE_BAYES] = { 2, { 5, 3 } },
    [ATTUNE_SERIES_BASELINE_REGRESSION] = { 4, { 8, 3, 2, 3 } },
    [ATTUNE_SERIES_BASELINE_MAJORITY] = { 2, { 1.5, 3 } },
  };

  if (style >= G_N_ELEMENTS (dashes) || dashes[style].n == 0)
    return FALSE;
  cairo_set_dash (cr, dashes[style].lengths, dashes[style].n, 0);
  return TRUE;
}

/* How many points of curves and lines of levels a label in this box would lie upon. */
static guint
count_covered (AttunePlot             *self,
               const AttunePlotLayout *layout,
               const graphene_rect_t  *box)
{
  guint covered = 0;

  for (guint s = 0; s < self->series->len; s++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, s);
      const GArray *line;

      if (!series->visible)
        continue;
      if (attune_plot_series_is_level (series))
        {
          double y = attune_plot_layout_y (layout, series->level);

          covered += y > box->origin.y && y < box->origin.y + box->size.height ? 20 : 0;
          continue;
        }
      line = attune_plot_series_weight (self, series) > 0 ? series->thin_average.line
                                                          : series->thin.line;
      for (guint i = 0; i < line->len; i++)
        {
          const AttunePlotPoint *point = &g_array_index (line, AttunePlotPoint, i);
          graphene_point_t at = { (float) attune_plot_layout_x (layout, point->x),
                                  (float) attune_plot_layout_y (layout, point->y) };

          covered += graphene_rect_contains_point (box, &at);
        }
    }

  return covered;
}

/* The name of a base line stands at its right end, above it or, if that is freer, below. */
static void
draw_level (AttunePlot              *self,
            cairo_t                 *cr,
            const AttunePlotLayout  *layout,
            const AttunePlotPalette *palette,
            const AttunePlotSeries  *series,
            GArray                  *taken)
{
  g_autofree char *value = attune_value_format (series->level, self->percent);
  g_autofree char *text = g_strdup_printf ("%s %s", series->label, value);
  g_autoptr(PangoLayout) label = attune_chart_text_new (GTK_WIDGET (self), text,
                                                        ATTUNE_CHART_SMALL, FALSE);
  double y = attune_plot_layout_y (layout, series->level);
  double width, height, cost[2];
  graphene_rect_t box[2];

  cairo_save (cr);
  attune_plot_clip_to_area (cr, layout, 1);
  set_color (cr, &palette->baseline);
  attune_plot_set_dash (cr, series->style);
  cairo_set_line_width (cr, 1.5);
  cairo_move_to (cr, layout->left, y);
  cairo_line_to (cr, layout->right, y);
  cairo_stroke (cr);
  cairo_restore (cr);
  if (y < layout->top || y > layout->bottom)
    return;

  attune_chart_text_limit (label, (layout->right - layout->left) * 0.6);
  attune_chart_text_size (label, &width, &height);
  for (guint below = 0; below < 2; below++)
    {
      double top = below ? y + 2 : y - 2 - height;

      graphene_rect_init (&box[below], (float) (layout->right - 5 - width), (float) top,
                          (float) width, (float) height);
      cost[below] = below ? 0.5 : 0;
      cost[below] += count_covered (self, layout, &box[below]);
      if (top < layout->top - 2 || top + height > layout->bottom)
        cost[below] += 1000;
      for (guint i = 0; i < taken->len; i++)
        if (graphene_rect_intersection (&box[below],
                                        &g_array_index (taken, graphene_rect_t, i), NULL))
          cost[below] += 500;
    }

  for (guint below = 0; below < 2; below++)
    if (cost[below] <= cost[1 - below] && (below == 0 || cost[1] < cost[0]))
      {
        attune_chart_text_show (cr, label, &palette->baseline, box[below].origin.x,
                                box[below].origin.y, 0, 0);
        g_array_append_val (taken, box[below]);
      }
}

static void
draw_levels (AttunePlot              *self,
             cairo_t                 *cr,
             const AttunePlotLayout  *layout,
             const AttunePlotPalette *palette)
{
  g_autoptr(GArray) taken = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);

      if (series->visible && attune_plot_series_is_level (series) && isfinite (series->level))
        draw_level (self, cr, layout, palette, series, taken);
    }
}

static void
draw_empty (AttunePlot              *self,
            cairo_t                 *cr,
            const AttunePlotLayout  *layout,
            const AttunePlotPalette *palette)
{
  gboolean hidden = FALSE, bad = FALSE;
  const char *text;

  for (guint i = 0; i < self->series->len; i++)
    {
      AttunePlotSeries *series = g_ptr_array_index (self->series, i);

      hidden |= !series->visible && (series->x->len > 0 || isfinite (series->level));
      bad |= series->visible && series->thin.bad->len > 0;
    }

  text = bad ? _("No finite numbers")
         : hidden ? _("Everything is hidden") : _("Nothing to draw yet");
  attune_chart_text_draw (GTK_WIDGET (self), cr, text, 1, FALSE, &palette->dim,
                          (layout->left + layout->right) / 2,
                          (layout->top + layout->bottom) / 2, 0.5, 0.5);
}

/**
 * attune_plot_draw_static:
 * @layout: computed for what is drawn on
 * @palette: the colours
 *
 * Draws everything but the crosshair: behind, the part to come, grid and marks; then other runs,
 * training and validation, each over the one before; then base lines and axes.
 */
void
attune_plot_draw_static (AttunePlot              *self,
                         cairo_t                 *cr,
                         const AttunePlotLayout  *layout,
                         const AttunePlotPalette *palette)
{
  static const AttuneSeriesStyle order[] = {
    ATTUNE_SERIES_TRAINING, ATTUNE_SERIES_OTHER_3, ATTUNE_SERIES_OTHER_2, ATTUNE_SERIES_OTHER,
    ATTUNE_SERIES_VALIDATION,
  };

  draw_shade (self, cr, layout, palette);
  draw_grid (self, cr, layout, palette);
  draw_marks (self, cr, layout, palette);
  draw_x_axis (self, cr, layout, palette);

  for (guint s = 0; s < G_N_ELEMENTS (order); s++)
    for (guint i = 0; i < self->series->len; i++)
      {
        AttunePlotSeries *series = g_ptr_array_index (self->series, i);

        if (series->visible && series->style == order[s])
          attune_plot_draw_curve (self, cr, layout, palette, series);
      }

  draw_moments (self, cr, layout, palette);
  draw_levels (self, cr, layout, palette);
  if (!layout->has_y)
    draw_empty (self, cr, layout, palette);
}

/**
 * attune_plot_draw_sample:
 * @raw: the single values behind an average
 * @x: left end
 * @y: middle
 *
 * Draws the short piece of line, ATTUNE_PLOT_SAMPLE_WIDTH wide, that stands for a series in legend
 * and read-out.
 */
void
attune_plot_draw_sample (cairo_t                 *cr,
                         const AttunePlotPalette *palette,
                         AttuneSeriesStyle        style,
                         gboolean                 raw,
                         double                   x,
                         double                   y)
{
  GdkRGBA color = attune_plot_palette_series (palette, style);

  cairo_save (cr);
  if (raw)
    {
      color = attune_rgba_with_alpha (color, palette->raw_alpha + 0.12);
      cairo_set_line_width (cr, 1.2);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_move_to (cr, x, y + 2.5);
      cairo_line_to (cr, x + 4.5, y - 2);
      cairo_line_to (cr, x + 9, y + 3);
      cairo_line_to (cr, x + 13, y - 3);
      cairo_line_to (cr, x + 18, y + 0.5);
    }
  else
    {
      attune_plot_set_dash (cr, style);
      cairo_set_line_width (cr, style == ATTUNE_SERIES_TRAINING ? ATTUNE_PLOT_AVERAGE_LINE
                                                                : ATTUNE_PLOT_POINT_LINE);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x + ATTUNE_PLOT_SAMPLE_WIDTH, y);
    }
  set_color (cr, &color);
  cairo_stroke (cr);

  if (style == ATTUNE_SERIES_VALIDATION)
    {
      cairo_arc (cr, x + ATTUNE_PLOT_SAMPLE_WIDTH / 2.0, y, ATTUNE_PLOT_POINT_RADIUS, 0, 2 * G_PI);
      set_color (cr, &palette->sheet);
      cairo_fill_preserve (cr);
      set_color (cr, &color);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}
