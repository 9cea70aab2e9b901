/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneScoreLine: the accuracy of a run on a line from 0 to 100 %, with its interval, beside what
 * guessing the commonest label and naive Bayes reach. Main thread.
 */
#include "config.h"

#include "attune-charts.h"
#include "attune-chart-text.h"
#include "attune-plot-palette.h"
#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define TRACK_HEIGHT 6.0
#define DOT_RADIUS 5.5
#define BAND_HEIGHT 17.0
#define MARK_HEIGHT 18.0

struct _AttuneScoreLine {
  GtkWidget  parent_instance;
  double     score, low, high;
  double     majority, naive_bayes;
  char      *majority_label;
};

G_DEFINE_FINAL_TYPE (AttuneScoreLine, attune_score_line, GTK_TYPE_WIDGET)

static double
text_height (GtkWidget *widget)
{
  g_autoptr(PangoLayout) layout = attune_chart_text_new (widget, "0", ATTUNE_CHART_SMALL, FALSE);
  double height;

  attune_chart_text_size (layout, NULL, &height);
  return ceil (height);
}

static void
measure (GtkWidget      *widget,
         GtkOrientation  orientation,
         int             for_size,
         int            *minimum,
         int            *natural,
         int            *minimum_baseline,
         int            *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 180;
      *natural = 392;
    }
  else
    *minimum = *natural = (int) (2 * text_height (widget) + MARK_HEIGHT + 6);
}

static void
draw_mark (cairo_t                 *cr,
           const AttunePlotPalette *palette,
           double                   x,
           double                   y,
           gboolean                 dotted)
{
  static const double dots[] = { 2, 2 };
  static const double dashes[] = { 5, 2.5 };

  cairo_save (cr);
  cairo_set_dash (cr, dotted ? dots : dashes, 2, 0);
  cairo_set_line_width (cr, 2);
  gdk_cairo_set_source_rgba (cr, &palette->baseline);
  cairo_move_to (cr, floor (x), y - MARK_HEIGHT / 2);
  cairo_line_to (cr, floor (x), y + MARK_HEIGHT / 2);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static char *
mark_text (const char *label,
           double      value)
{
  g_autofree char *number = attune_value_format (value, TRUE);

  return g_strdup_printf ("%s %s", label, number);
}

/* Names of both base lines under their marks, moved apart where they would touch. */
static void
draw_mark_names (AttuneScoreLine         *self,
                 cairo_t                 *cr,
                 const AttunePlotPalette *palette,
                 double                   width,
                 double                   y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const double values[2] = { self->majority, self->naive_bayes };
  const char *labels[2] = { self->majority_label ? self->majority_label : _("Commonest label"),
                            _("Naive Bayes") };
  PangoLayout *layouts[2] = { NULL, NULL };
  double x[2] = { 0, 0 }, size[2] = { 0, 0 };
  guint first = values[0] <= values[1] ? 0 : 1, last = 1 - first;

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = NULL;

      if (!isfinite (values[i]))
        continue;
      text = mark_text (labels[i], values[i]);
      layouts[i] = attune_chart_text_new (widget, text, ATTUNE_CHART_SMALL, FALSE);
      attune_chart_text_limit (layouts[i], width / 2 - 6);
      attune_chart_text_size (layouts[i], &size[i], NULL);
      x[i] = CLAMP (values[i] * width - size[i] / 2, 0, MAX (width - size[i], 0));
    }
  if (layouts[0] && layouts[1] && x[first] + size[first] + 12 > x[last])
    {
      double overlap = x[first] + size[first] + 12 - x[last];

      x[last] = MIN (x[last] + overlap / 2, width - size[last]);
      x[first] = MAX (x[last] - 12 - size[first], 0);
      x[last] = MAX (x[last], x[first] + size[first] + 12);
    }
  for (guint i = 0; i < 2; i++)
    {
      if (layouts[i])
        attune_chart_text_show (cr, layouts[i], &palette->dim, x[i], y, 0, 0);
      g_clear_object (&layouts[i]);
    }
}

static void
snapshot_line (GtkWidget   *widget,
               GtkSnapshot *snapshot)
{
  AttuneScoreLine *self = ATTUNE_SCORE_LINE (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double y = text_height (widget) + 3 + MARK_HEIGHT / 2;
  AttunePlotPalette palette;
  cairo_t *cr;

  attune_plot_palette_for_widget (&palette, widget);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gdk_cairo_set_source_rgba (cr, &palette.mark);
  attune_chart_round_rect (cr, 0, y - TRACK_HEIGHT / 2, width, TRACK_HEIGHT, TRACK_HEIGHT / 2);
  cairo_fill (cr);

  if (isfinite (self->majority))
    draw_mark (cr, &palette, self->majority * width, y, TRUE);
  if (isfinite (self->naive_bayes))
    draw_mark (cr, &palette, self->naive_bayes * width, y, FALSE);
  draw_mark_names (self, cr, &palette, width, y + MARK_HEIGHT / 2 + 3);

  if (isfinite (self->score))
    {
      GdkRGBA band = attune_rgba_with_alpha (palette.training, 0.3);
      double x = CLAMP (self->score * width, DOT_RADIUS, width - DOT_RADIUS);
      g_autoptr(PangoLayout) name = attune_chart_text_new (widget, _("This run"),
                                                           ATTUNE_CHART_SMALL, TRUE);
      double size;

      gdk_cairo_set_source_rgba (cr, &band);
      if (isfinite (self->low) && isfinite (self->high))
        {
          double from = self->low * width, to = MAX (self->high * width, from + 2);

          attune_chart_round_rect (cr, from, y - BAND_HEIGHT / 2, to - from, BAND_HEIGHT, 4);
          cairo_fill (cr);
        }
      gdk_cairo_set_source_rgba (cr, &palette.training);
      cairo_arc (cr, x, y, DOT_RADIUS, 0, 2 * G_PI);
      cairo_fill (cr);
      attune_chart_text_size (name, &size, NULL);
      attune_chart_text_show (cr, name, &palette.training,
                              CLAMP (x - size / 2, 0, MAX (width - size, 0)), 0, 0, 0);
    }
  cairo_destroy (cr);
}

static void
finalize (GObject *object)
{
  g_free (ATTUNE_SCORE_LINE (object)->majority_label);

  G_OBJECT_CLASS (attune_score_line_parent_class)->finalize (object);
}

static void
attune_score_line_class_init (AttuneScoreLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget_class->measure = measure;
  widget_class->snapshot = snapshot_line;
  gtk_widget_class_set_css_name (widget_class, "scoreline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
attune_score_line_init (AttuneScoreLine *self)
{
  self->score = self->low = self->high = self->majority = self->naive_bayes = NAN;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Accuracy beside base lines"), -1);
}

GtkWidget *
attune_score_line_new (void)
{
  return g_object_new (ATTUNE_TYPE_SCORE_LINE, NULL);
}

/**
 * attune_score_line_set:
 * @score: accuracy of the run, 0..1; NaN for none
 * @low: lower end of its interval
 * @high: upper end
 * @majority: accuracy of always guessing the commonest label; NaN hides it
 * @majority_label: (nullable): what that is called, such as: Always “Quality”
 * @naive_bayes: accuracy of naive Bayes; NaN hides it
 */
void
attune_score_line_set (AttuneScoreLine *self,
                       double           score,
                       double           low,
                       double           high,
                       double           majority,
                       const char      *majority_label,
                       double           naive_bayes)
{
  GString *text;

  g_return_if_fail (ATTUNE_IS_SCORE_LINE (self));

  self->score = score;
  self->low = low;
  self->high = high;
  self->majority = majority;
  self->naive_bayes = naive_bayes;
  g_set_str (&self->majority_label, majority_label);

  text = g_string_new (NULL);
  if (isfinite (score))
    {
      g_autofree char *number = attune_value_format (score, TRUE);
      g_autofree char *from = attune_value_format (low, TRUE);
      g_autofree char *to = attune_value_format (high, TRUE);

      g_string_append_printf (text, _("This run %s, interval %s to %s"), number, from, to);
    }
  if (isfinite (naive_bayes))
    {
      g_autofree char *mark = mark_text (_("Naive Bayes"), naive_bayes);

      g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", mark);
    }
  if (isfinite (majority))
    {
      g_autofree char *mark = mark_text (majority_label ? majority_label : _("Commonest label"),
                                         majority);

      g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", mark);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
