/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plot on paper: white ground, the light colours whatever the screen shows, with the title and a
 * legend above, since a file stands alone. Curves and axes are drawn by the widget's own code.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "attune-chart-text.h"

#include <glib/gi18n.h>
#include <math.h>

#define PADDING 12.0
#define HEADING 34.0

static double
draw_entry (AttunePlot              *self,
            cairo_t                 *cr,
            const AttunePlotPalette *palette,
            const AttunePlotSeries  *series,
            gboolean                 raw,
            double                   right)
{
  const char *label = raw ? _("Each step") : series->label;
  double width = attune_chart_text_width (GTK_WIDGET (self), label, 0.86, FALSE);

  attune_chart_text_draw (GTK_WIDGET (self), cr, label, 0.86, FALSE, &palette->foreground,
                          right, HEADING / 2, 1, 0.5);
  attune_plot_draw_sample (cr, palette, series->style, raw,
                           right - width - 8 - ATTUNE_PLOT_SAMPLE_WIDTH, HEADING / 2);

  return right - width - 8 - ATTUNE_PLOT_SAMPLE_WIDTH - 18;
}

static void
draw_heading (AttunePlot              *self,
              cairo_t                 *cr,
              const AttunePlotPalette *palette,
              double                   width)
{
  double right = width - 8;

  if (self->title != NULL)
    attune_chart_text_draw (GTK_WIDGET (self), cr, self->title, 1, TRUE, &palette->foreground,
                            0, HEADING / 2, 0, 0.5);
  for (guint i = self->series->len; i > 0; i--)
    {
      const AttunePlotSeries *series = g_ptr_array_index (self->series, i - 1);

      if (!series->visible || (attune_plot_series_is_level (series) ? !isfinite (series->level)
                                                                    : series->x->len == 0))
        continue;
      if (attune_plot_series_shows_raw (series) && attune_plot_series_weight (self, series) > 0)
        right = draw_entry (self, cr, palette, series, TRUE, right);
      right = draw_entry (self, cr, palette, series, FALSE, right);
    }
}

/**
 * attune_plot_draw:
 * @cr: on any surface: image, SVG, PDF
 * @width: of the drawing in the units of @cr, 120 or more to be of use
 * @height: of the drawing
 *
 * Draws what the widget shows, without crosshair.
 */
void
attune_plot_draw (AttunePlot *self,
                  cairo_t    *cr,
                  double      width,
                  double      height)
{
  static const GdkRGBA ink = { 0, 0, 0.024f, 0.8f };
  AttunePlotLayout layout = { 0 };
  AttunePlotPalette palette = { 0 };
  double scale_x = 1, scale_y = 1;

  g_return_if_fail (ATTUNE_IS_PLOT (self));
  g_return_if_fail (cr != NULL && width > 0 && height > 0);

  attune_plot_palette_init (&palette, &ink, FALSE);
  cairo_user_to_device_distance (cr, &scale_x, &scale_y);
  attune_plot_layout_compute (self, &layout, MAX (width - 2 * PADDING, 1),
                              MAX (height - 2 * PADDING - HEADING, 1), MAX (fabs (scale_x), 0.1));

  cairo_save (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  cairo_translate (cr, PADDING, PADDING);
  draw_heading (self, cr, &palette, layout.width);
  cairo_translate (cr, 0, HEADING);
  attune_plot_draw_static (self, cr, &layout, &palette);
  cairo_restore (cr);
}
