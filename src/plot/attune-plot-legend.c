/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The legend of a plot: a row of flat toggles, each with a short piece of its line, that hide and
 * show a series. It follows the plot's series and lives no longer than its place in the window.
 */
#include "config.h"

#include "attune-plot-private.h"

#include <glib/gi18n.h>

#define STYLE \
  ".plot-legend > button { min-height: 24px; padding: 0 7px; font-weight: normal; }" \
  ".plot-legend > button:checked:not(:hover):not(:active) { background: none; }" \
  ".plot-legend > button:not(:checked) { opacity: 0.5; }" \
  ".plot-legend label { font-size: 0.86em; }"

struct _AttunePlotSample {
  GtkWidget         parent_instance;
  AttuneSeriesStyle style;
  gboolean          raw;
};

#define ATTUNE_TYPE_PLOT_SAMPLE (attune_plot_sample_get_type ())
G_DECLARE_FINAL_TYPE (AttunePlotSample, attune_plot_sample, ATTUNE, PLOT_SAMPLE, GtkWidget)
G_DEFINE_FINAL_TYPE (AttunePlotSample, attune_plot_sample, GTK_TYPE_WIDGET)

static void
sample_measure (GtkWidget      *widget,
                GtkOrientation  orientation,
                int             for_size,
                int            *minimum,
                int            *natural,
                int            *minimum_baseline,
                int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? ATTUNE_PLOT_SAMPLE_WIDTH : 12;
}

static void
sample_snapshot (GtkWidget   *widget,
                 GtkSnapshot *snapshot)
{
  AttunePlotSample *self = ATTUNE_PLOT_SAMPLE (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  AttunePlotPalette palette;
  cairo_t *cr;

  attune_plot_palette_for_widget (&palette, widget);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  attune_plot_draw_sample (cr, &palette, self->style, self->raw,
                           (width - ATTUNE_PLOT_SAMPLE_WIDTH) / 2.0, height / 2 + 0.5);
  cairo_destroy (cr);
}

static void
attune_plot_sample_class_init (AttunePlotSampleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = sample_measure;
  widget_class->snapshot = sample_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
attune_plot_sample_init (AttunePlotSample *self)
{
}

/* The toggles need four lines of style; they are given to each display once. */
static void
add_style (GdkDisplay *display)
{
  g_autoptr(GtkCssProvider) provider = NULL;

  if (g_object_get_data (G_OBJECT (display), "attune-plot-legend"))
    return;

  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_string (provider, STYLE);
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION - 1);
  g_object_set_data (G_OBJECT (display), "attune-plot-legend", GINT_TO_POINTER (TRUE));
}

static void
toggled_cb (GtkToggleButton *button,
            AttunePlot      *plot)
{
  guint series = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "series"));
  gboolean visible = gtk_toggle_button_get_active (button);

  if (g_object_get_data (G_OBJECT (button), "raw"))
    attune_plot_set_raw_visible (plot, series, visible);
  else
    attune_plot_set_series_visible (plot, series, visible);
}

static GtkWidget *
create_toggle (AttunePlot             *plot,
               guint                   number,
               const AttunePlotSeries *series,
               gboolean                raw)
{
  const char *text = raw ? _("Each step") : series->label;
  /* Translators: the state of a toggle in a legend; %s is the name of a curve. */
  g_autofree char *tooltip = g_strdup_printf (_("Show %s"), text);
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (text);
  AttunePlotSample *sample = g_object_new (ATTUNE_TYPE_PLOT_SAMPLE, NULL);

  sample->style = series->style;
  sample->raw = raw;
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (sample));
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button),
                                raw ? series->raw_visible : series->visible);
  g_object_set_data (G_OBJECT (button), "series", GUINT_TO_POINTER (number));
  g_object_set_data (G_OBJECT (button), "raw", GINT_TO_POINTER (raw));
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), plot, 0);

  return button;
}

static gboolean
matches (GtkWidget              *button,
         guint                   number,
         const AttunePlotSeries *series,
         gboolean                raw)
{
  GtkWidget *sample, *label;

  if (button == NULL ||
      GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "series")) != number ||
      GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "raw")) != raw)
    return FALSE;

  sample = gtk_widget_get_first_child (gtk_button_get_child (GTK_BUTTON (button)));
  label = gtk_widget_get_next_sibling (sample);
  return ATTUNE_PLOT_SAMPLE (sample)->style == series->style &&
         (raw || g_str_equal (gtk_label_get_label (GTK_LABEL (label)), series->label));
}

/* Puts one toggle in its place, keeping a fitting one so that focus is not lost. Returns the
 * toggle that followed it. */
static GtkWidget *
place_toggle (GtkBox                 *box,
              AttunePlot             *plot,
              GtkWidget              *at,
              guint                   number,
              const AttunePlotSeries *series,
              gboolean                raw)
{
  GtkWidget *button;

  if (matches (at, number, series, raw))
    {
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (at),
                                    raw ? series->raw_visible : series->visible);
      return gtk_widget_get_next_sibling (at);
    }

  button = create_toggle (plot, number, series, raw);
  if (at == NULL)
    gtk_box_append (box, button);
  else
    {
      gtk_widget_insert_before (button, GTK_WIDGET (box), at);
      gtk_box_remove (box, at);
    }
  return gtk_widget_get_next_sibling (button);
}

static void
series_changed_cb (AttunePlot *plot,
                   GtkBox     *box)
{
  GtkWidget *at = gtk_widget_get_first_child (GTK_WIDGET (box));

  for (guint i = 0; i < plot->series->len; i++)
    {
      const AttunePlotSeries *series = g_ptr_array_index (plot->series, i);

      if (!series->listed)
        continue;
      at = place_toggle (box, plot, at, i, series, FALSE);
      if (series->style == ATTUNE_SERIES_TRAINING && series->smoothed && !series->faint)
        at = place_toggle (box, plot, at, i, series, TRUE);
    }

  while (at != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (at);

      gtk_box_remove (box, at);
      at = next;
    }
}

/**
 * attune_plot_create_legend:
 *
 * Returns: (transfer floating): a row of toggles, one per listed series, and one for the single values
 *   behind an average; it follows the plot
 */
GtkWidget *
attune_plot_create_legend (AttunePlot *self)
{
  GtkWidget *box;

  g_return_val_if_fail (ATTUNE_IS_PLOT (self), NULL);

  add_style (gtk_widget_get_display (GTK_WIDGET (self)));
  box = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP,
                      "spacing", 2, NULL);
  gtk_widget_add_css_class (box, "plot-legend");
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Legend"), -1);
  g_signal_connect_object (self, "series-changed", G_CALLBACK (series_changed_cb), box, 0);
  series_changed_cb (self, GTK_BOX (box));

  return box;
}
