/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The AttunePlot widget: its properties and how it is put on the screen. The static layer is kept
 * as a render node until something changes; the crosshair is drawn over it. Main thread.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "attune-chart-text.h"

#include <glib/gi18n.h>
#include <math.h>

enum {
  PROP_0,
  PROP_TITLE,
  PROP_X_LABEL,
  PROP_X_MINIMUM,
  PROP_X_MAXIMUM,
  PROP_ZOOM_MINIMUM,
  PROP_ZOOM_MAXIMUM,
  PROP_PERCENT,
  PROP_LOG_Y,
  PROP_SMOOTHING,
  PROP_SHADE_FROM,
  PROP_CURSOR_X,
  PROP_SHOW_X_AXIS,
  PROP_X_TIME,
  PROP_X_POWER,
  PROP_SUMMARY,
  LAST_PROP
};

enum {
  SERIES_CHANGED,
  LAST_SIGNAL
};

static GParamSpec *pspecs[LAST_PROP];
static guint signals[LAST_SIGNAL];

G_DEFINE_FINAL_TYPE (AttunePlot, attune_plot, GTK_TYPE_WIDGET)

/* Something on the static layer changed: it is drawn anew with the next frame. */
void
attune_plot_invalidate (AttunePlot *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The same for the legend too: a series came, went, or looks different. */
void
attune_plot_series_changed (AttunePlot *self)
{
  attune_plot_invalidate (self);
  g_signal_emit (self, signals[SERIES_CHANGED], 0);
}

static double *
find_double (AttunePlot *self,
             guint       id)
{
  switch (id)
    {
    case PROP_X_MINIMUM:
      return &self->x_minimum;
    case PROP_X_MAXIMUM:
      return &self->x_maximum;
    case PROP_ZOOM_MINIMUM:
      return &self->zoom_minimum;
    case PROP_ZOOM_MAXIMUM:
      return &self->zoom_maximum;
    case PROP_SMOOTHING:
      return &self->smoothing;
    case PROP_SHADE_FROM:
      return &self->shade_from;
    case PROP_CURSOR_X:
      return &self->cursor_x;
    default:
      return NULL;
    }
}

static gboolean *
find_boolean (AttunePlot *self,
              guint       id)
{
  switch (id)
    {
    case PROP_PERCENT:
      return &self->percent;
    case PROP_LOG_Y:
      return &self->log_y;
    case PROP_SHOW_X_AXIS:
      return &self->show_x_axis;
    case PROP_X_TIME:
      return &self->x_time;
    case PROP_X_POWER:
      return &self->x_power;
    default:
      return NULL;
    }
}

static char **
find_string (AttunePlot *self,
             guint       id)
{
  switch (id)
    {
    case PROP_TITLE:
      return &self->title;
    case PROP_X_LABEL:
      return &self->x_label;
    case PROP_SUMMARY:
      return &self->summary;
    default:
      return NULL;
    }
}

static void
get_property (GObject    *object,
              guint       id,
              GValue     *value,
              GParamSpec *pspec)
{
  AttunePlot *self = ATTUNE_PLOT (object);

  if (find_double (self, id))
    g_value_set_double (value, *find_double (self, id));
  else if (find_boolean (self, id))
    g_value_set_boolean (value, *find_boolean (self, id));
  else if (find_string (self, id))
    g_value_set_string (value, *find_string (self, id));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_double (AttunePlot *self,
            guint       id,
            double      value)
{
  double *field = find_double (self, id);

  if (id == PROP_SMOOTHING)
    value = isfinite (value) ? CLAMP (value, 0, 0.999) : 0;
  if (*field == value || (isnan (*field) && isnan (value)))
    return;

  *field = value;
  if (id == PROP_CURSOR_X)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  else
    attune_plot_invalidate (self);
  g_object_notify_by_pspec (G_OBJECT (self), pspecs[id]);
}

static void
set_string (AttunePlot *self,
            guint       id,
            const char *value)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (self);

  if (!g_set_str (find_string (self, id), value))
    return;

  if (id == PROP_TITLE)
    gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    value ? value : _("Plot"), -1);
  else if (id == PROP_SUMMARY)
    gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    value ? value : "", -1);
  else
    attune_plot_invalidate (self);
  g_object_notify_by_pspec (G_OBJECT (self), pspecs[id]);
}

static void
set_property (GObject      *object,
              guint         id,
              const GValue *value,
              GParamSpec   *pspec)
{
  AttunePlot *self = ATTUNE_PLOT (object);

  if (find_double (self, id))
    set_double (self, id, g_value_get_double (value));
  else if (find_string (self, id))
    set_string (self, id, g_value_get_string (value));
  else if (!find_boolean (self, id))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (*find_boolean (self, id) != g_value_get_boolean (value))
    {
      *find_boolean (self, id) = g_value_get_boolean (value);
      attune_plot_invalidate (self);
      g_object_notify_by_pspec (object, pspec);
    }
}

static void
finalize (GObject *object)
{
  AttunePlot *self = ATTUNE_PLOT (object);

  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_clear_pointer (&self->series, g_ptr_array_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  g_clear_pointer (&self->moments, g_array_unref);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->x_label, g_free);
  g_clear_pointer (&self->summary, g_free);

  G_OBJECT_CLASS (attune_plot_parent_class)->finalize (object);
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
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 220;
}

static void
css_changed (GtkWidget         *widget,
             GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (attune_plot_parent_class)->css_changed (widget, change);
  attune_plot_invalidate (ATTUNE_PLOT (widget));
}

/* Where the widget lies on the device, since lines are made to fall into whole device pixels. */
static void
find_origin (GtkWidget *widget,
             double    *scale,
             double    *x,
             double    *y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  GdkSurface *surface = native ? gtk_native_get_surface (native) : NULL;
  graphene_point_t origin = GRAPHENE_POINT_INIT (0, 0);

  *scale = surface ? gdk_surface_get_scale (surface) : gtk_widget_get_scale_factor (widget);
  *x = *y = 0;
  if (native != NULL && gtk_widget_compute_point (widget, GTK_WIDGET (native), &origin, &origin))
    {
      gtk_native_get_surface_transform (native, x, y);
      *x += origin.x;
      *y += origin.y;
    }
}

static double
fraction (double position,
          double scale)
{
  return (position * scale - floor (position * scale)) / scale;
}

static void
update_static_layer (AttunePlot              *self,
                     const AttunePlotPalette *palette)
{
  GtkWidget *widget = GTK_WIDGET (self);
  AttunePlotLayout *layout = &self->layout;
  guint serial = pango_context_get_serial (gtk_widget_get_pango_context (widget));
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr(GtkSnapshot) snapshot = NULL;
  double scale, x, y;
  cairo_t *cr;

  find_origin (widget, &scale, &x, &y);
  x = fraction (x, scale);
  y = fraction (y, scale);
  if (self->node != NULL && layout->width == width && layout->height == height &&
      layout->scale == scale && fabs (layout->origin_x - x) < 1e-3 &&
      fabs (layout->origin_y - y) < 1e-3 && self->font_serial == serial &&
      memcmp (&self->node_palette, palette, sizeof *palette) == 0)
    return;

  g_clear_pointer (&self->node, gsk_render_node_unref);
  layout->origin_x = x;
  layout->origin_y = y;
  self->font_serial = serial;
  self->node_palette = *palette;
  attune_plot_layout_compute (self, layout, width, height, scale);

  snapshot = gtk_snapshot_new ();
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  attune_plot_draw_static (self, cr, layout, palette);
  cairo_destroy (cr);
  self->node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
}

static void
draw_selection (AttunePlot              *self,
                cairo_t                 *cr,
                const AttunePlotPalette *palette)
{
  double from = MIN (self->drag_from, self->drag_to);
  double to = MAX (self->drag_from, self->drag_to);
  GdkRGBA fill = attune_rgba_with_alpha (palette->training, 0.15);

  cairo_rectangle (cr, from, self->layout.top, to - from, self->layout.bottom - self->layout.top);
  gdk_cairo_set_source_rgba (cr, &fill);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &palette->training);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
snapshot_plot (GtkWidget   *widget,
               GtkSnapshot *snapshot)
{
  AttunePlot *self = ATTUNE_PLOT (widget);
  AttunePlotPalette palette = { 0 };
  cairo_t *cr;

  if (gtk_widget_get_width (widget) < 1 || gtk_widget_get_height (widget) < 1)
    return;

  attune_plot_palette_for_widget (&palette, widget);
  update_static_layer (self, &palette);
  if (self->node != NULL)
    gtk_snapshot_append_node (snapshot, self->node);

  if (isnan (self->cursor_x) && !self->dragging && !gtk_widget_has_visible_focus (widget))
    return;
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) self->layout.width,
                                                       (float) self->layout.height));
  if (self->dragging)
    draw_selection (self, cr, &palette);
  else
    attune_plot_draw_cursor (self, cr, &self->layout, &palette);
  if (gtk_widget_has_visible_focus (widget))
    attune_chart_focus_ring (cr, &palette.training, 0, 0, self->layout.width,
                             self->layout.height, 6);
  cairo_destroy (cr);
}

static GParamSpec *
double_spec (const char *name,
             double      start)
{
  /* Lax, because NaN means "none" and GObject's own check would refuse it. */
  return g_param_spec_double (name, NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, start,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                              G_PARAM_EXPLICIT_NOTIFY | G_PARAM_LAX_VALIDATION);
}

static GParamSpec *
boolean_spec (const char *name,
              gboolean    start)
{
  return g_param_spec_boolean (name, NULL, NULL, start, G_PARAM_READWRITE |
                               G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static GParamSpec *
string_spec (const char *name)
{
  return g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READWRITE |
                              G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
attune_plot_class_init (AttunePlotClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  widget_class->measure = measure;
  widget_class->snapshot = snapshot_plot;
  widget_class->css_changed = css_changed;

  pspecs[PROP_TITLE] = string_spec ("title");
  pspecs[PROP_X_LABEL] = string_spec ("x-label");
  pspecs[PROP_X_MINIMUM] = double_spec ("x-minimum", 0);
  pspecs[PROP_X_MAXIMUM] = double_spec ("x-maximum", 0);
  pspecs[PROP_ZOOM_MINIMUM] = double_spec ("zoom-minimum", 0);
  pspecs[PROP_ZOOM_MAXIMUM] = double_spec ("zoom-maximum", 0);
  pspecs[PROP_PERCENT] = boolean_spec ("percent", FALSE);
  pspecs[PROP_LOG_Y] = boolean_spec ("log-y", FALSE);
  pspecs[PROP_SMOOTHING] = double_spec ("smoothing", 0.6);
  pspecs[PROP_SHADE_FROM] = double_spec ("shade-from", 0);
  pspecs[PROP_CURSOR_X] = double_spec ("cursor-x", 0);
  pspecs[PROP_SHOW_X_AXIS] = boolean_spec ("show-x-axis", TRUE);
  pspecs[PROP_X_TIME] = boolean_spec ("x-time", FALSE);
  pspecs[PROP_X_POWER] = boolean_spec ("x-power", FALSE);
  pspecs[PROP_SUMMARY] = string_spec ("summary");
  g_object_class_install_properties (object_class, LAST_PROP, pspecs);

  /* A series was added, renamed, hidden, shown or taken away: the legend follows. */
  signals[SERIES_CHANGED] = g_signal_new ("series-changed", G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);

  attune_plot_class_add_bindings (widget_class);
  gtk_widget_class_set_css_name (widget_class, "plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
clear_mark (gpointer data)
{
  g_free (((AttunePlotMark *) data)->label);
}

static void
attune_plot_init (AttunePlot *self)
{
  self->series = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_plot_series_free);
  self->marks = g_array_new (FALSE, FALSE, sizeof (AttunePlotMark));
  g_array_set_clear_func (self->marks, clear_mark);
  self->moments = g_array_new (FALSE, FALSE, sizeof (AttunePlotMark));
  g_array_set_clear_func (self->moments, clear_mark);
  self->x_minimum = self->x_maximum = NAN;
  self->zoom_minimum = self->zoom_maximum = NAN;
  self->shade_from = self->cursor_x = NAN;
  self->smoothing = 0.6;
  self->show_x_axis = TRUE;

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  attune_plot_add_controllers (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Plot"),
                                  GTK_ACCESSIBLE_PROPERTY_HELP_TEXT,
                                  _("Left and Right walk along the points, Home and End go to the "
                                    "first and the last, plus and minus zoom, Escape leaves"),
                                  -1);
}

/**
 * attune_plot_new:
 *
 * Returns: (transfer floating): an empty plot with smoothing 0.6, the field's usual start
 */
GtkWidget *
attune_plot_new (void)
{
  return g_object_new (ATTUNE_TYPE_PLOT, NULL);
}

/* Binds crosshair and zoom of two plots to each other. */
void
attune_plot_link (AttunePlot *self,
                  AttunePlot *other)
{
  static const char * const shared[] = { "cursor-x", "zoom-minimum", "zoom-maximum" };

  g_return_if_fail (ATTUNE_IS_PLOT (self));
  g_return_if_fail (ATTUNE_IS_PLOT (other));

  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    g_object_bind_property (self, shared[i], other, shared[i],
                            G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

/* Shows the whole axis again. */
void
attune_plot_reset_zoom (AttunePlot *self)
{
  g_return_if_fail (ATTUNE_IS_PLOT (self));

  set_double (self, PROP_ZOOM_MINIMUM, NAN);
  set_double (self, PROP_ZOOM_MAXIMUM, NAN);
}
