/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSparkline: a run's metric in 58 by 26 pixels, a dot at its end. Blue while or where the run
 * is in order, grey where it was left. Main thread.
 */
#include "config.h"

#include "attune-charts.h"
#include "attune-plot-palette.h"
#include "attune-plot-series.h"
#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define WIDTH 58
#define HEIGHT 26
#define MARGIN 3.5

struct _AttuneSparkline {
  GtkWidget  parent_instance;
  GArray    *points;   /* AttunePlotPoint, x 0..1 */
  gboolean   active;
};

G_DEFINE_FINAL_TYPE (AttuneSparkline, attune_sparkline, GTK_TYPE_WIDGET)

static void
measure (GtkWidget      *widget,
         GtkOrientation  orientation,
         int             for_size,
         int            *minimum,
         int            *natural,
         int            *minimum_baseline,
         int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
draw_curve (AttuneSparkline *self,
            cairo_t         *cr,
            const GdkRGBA   *color,
            double           width,
            double           height)
{
  double low = INFINITY, high = -INFINITY, x = MARGIN, y = height / 2;
  GdkRGBA pale = attune_rgba_with_alpha (*color, 0.22);

  for (guint i = 0; i < self->points->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (self->points, AttunePlotPoint, i);

      low = MIN (low, point->y);
      high = MAX (high, point->y);
    }

  for (guint i = 0; i < self->points->len; i++)
    {
      const AttunePlotPoint *point = &g_array_index (self->points, AttunePlotPoint, i);

      x = self->points->len == 1 ? width / 2 : MARGIN + point->x * (width - 2 * MARGIN);
      y = high > low ? height - MARGIN - 2 - (point->y - low) / (high - low) *
                       (height - 2 * MARGIN - 2)
                     : height / 2;
      cairo_line_to (cr, x, y);
    }
  if (self->points->len > 1)
    {
      cairo_path_t *line = cairo_copy_path (cr);

      cairo_line_to (cr, x, height);
      cairo_line_to (cr, MARGIN, height);
      cairo_close_path (cr);
      gdk_cairo_set_source_rgba (cr, &pale);
      cairo_fill (cr);
      cairo_append_path (cr, line);
      cairo_path_destroy (line);
    }
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_arc (cr, x, y, 2.5, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
snapshot_curve (GtkWidget   *widget,
                GtkSnapshot *snapshot)
{
  AttuneSparkline *self = ATTUNE_SPARKLINE (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  AttunePlotPalette palette;
  cairo_t *cr;

  if (self->points->len == 0)
    return;

  attune_plot_palette_for_widget (&palette, widget);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  draw_curve (self, cr, self->active ? &palette.training : &palette.dim, width, height);
  cairo_destroy (cr);
}

static void
finalize (GObject *object)
{
  g_array_unref (ATTUNE_SPARKLINE (object)->points);

  G_OBJECT_CLASS (attune_sparkline_parent_class)->finalize (object);
}

static void
attune_sparkline_class_init (AttuneSparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget_class->measure = measure;
  widget_class->snapshot = snapshot_curve;
  gtk_widget_class_set_css_name (widget_class, "sparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
attune_sparkline_init (AttuneSparkline *self)
{
  self->points = g_array_new (FALSE, FALSE, sizeof (AttunePlotPoint));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Curve"), -1);
}

GtkWidget *
attune_sparkline_new (void)
{
  return g_object_new (ATTUNE_TYPE_SPARKLINE, NULL);
}

/**
 * attune_sparkline_set_values:
 * @values: (array length=n): the metric in order of time; what is not finite is left out
 * @n: how many; thinned to the pixels there are
 * @active: TRUE for a run that is running or finished, FALSE for one paused or stopped
 */
void
attune_sparkline_set_values (AttuneSparkline *self,
                             const double    *values,
                             guint            n,
                             gboolean         active)
{
  guint stride;

  g_return_if_fail (ATTUNE_IS_SPARKLINE (self));
  g_return_if_fail (n == 0 || values != NULL);

  stride = MAX (n / (2 * WIDTH), 1);
  self->active = active;
  g_array_set_size (self->points, 0);
  for (guint i = 0; i < n; i++)
    {
      AttunePlotPoint point = { n > 1 ? (double) i / (n - 1) : 0, values[i] };

      if (isfinite (values[i]) && (i % stride == 0 || i + 1 == n))
        g_array_append_val (self->points, point);
    }

  if (self->points->len > 0)
    {
      const AttunePlotPoint *points = (const AttunePlotPoint *) self->points->data;
      g_autofree char *first = attune_value_format (points[0].y, FALSE);
      g_autofree char *last = attune_value_format (points[self->points->len - 1].y, FALSE);
      /* Translators: first and last value of a small curve. */
      g_autofree char *text = g_strdup_printf (_("From %s to %s"), first, last);

      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      text, -1);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
