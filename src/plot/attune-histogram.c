/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHistogram: how long the texts are, in bins of 8 tokens, and the line at which they are cut.
 * The line is dragged or moved with arrow keys; whoever owns the maximum length binds "cut". To
 * assistive technology it is a slider. Main thread.
 */
#include "config.h"

#include "attune-charts.h"
#include "attune-chart-text.h"
#include "attune-plot-palette.h"
#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define BIN 8
/* Longer texts share the last bin, so that a few of them do not press the others together. */
#define MOST_BINS 256

struct _AttuneHistogram {
  GtkWidget  parent_instance;
  GArray    *lengths;       /* guint, ascending */
  guint      counts[MOST_BINS];
  guint      n_bins;
  guint      highest;       /* count of the fullest bin */
  guint      cut;           /* 0: none */
  double     drag_start;
};

enum { PROP_0, PROP_CUT, LAST_PROP };

static GParamSpec *pspecs[LAST_PROP];

G_DEFINE_FINAL_TYPE (AttuneHistogram, attune_histogram, GTK_TYPE_WIDGET)

/* Where the columns stand, in pixels, and the length at their right end, in tokens. */
typedef struct {
  double left, top, right, bottom;
  double end;
  double text_height;
} Geometry;

static gint
compare_lengths (gconstpointer a,
                 gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return (x > y) - (x < y);
}

/* Texts of this length or shorter. */
static guint
count_up_to (AttuneHistogram *self,
             guint            length)
{
  guint low = 0, high = self->lengths->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->lengths, guint, middle) <= length)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* The axis shows all but the longest thousandth, and always the cut. There may be ten million
 * lengths, and the cut moves with the pointer: they are searched, not counted. */
static void
count_bins (AttuneHistogram *self)
{
  guint last = 0, so_far = 0;

  if (self->lengths->len > 0)
    last = g_array_index (self->lengths, guint, (guint) ((self->lengths->len - 1) * 0.999));
  last = MAX (MAX (last, self->cut), 4 * BIN);
  self->n_bins = MIN ((last + BIN - 1) / BIN, MOST_BINS);

  self->highest = 0;
  for (guint i = 0; i < self->n_bins; i++)
    {
      guint up_to = i + 1 < self->n_bins ? count_up_to (self, (i + 1) * BIN) : self->lengths->len;

      self->counts[i] = up_to - so_far;
      self->highest = MAX (self->highest, self->counts[i]);
      so_far = up_to;
    }
}

static guint
count_beyond (AttuneHistogram *self)
{
  return self->cut > 0 ? self->lengths->len - count_up_to (self, self->cut) : 0;
}

static char *
describe_beyond (AttuneHistogram *self)
{
  guint beyond = count_beyond (self);

  /* Translators: texts that are longer than the cut. The number is grouped for the locale. */
  return g_strdup_printf (ngettext ("%'u text", "%'u texts", beyond), beyond);
}

static void
update_accessible (AttuneHistogram *self)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (self);
  g_autofree char *beyond = describe_beyond (self);
  g_autofree char *text = self->cut > 0
                          ? g_strdup_printf (_("Cut at %u tokens, %s longer"), self->cut, beyond)
                          : g_strdup (_("Not cut"));

  gtk_accessible_update_property (accessible,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, (double) BIN,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX,
                                  (double) MAX (self->n_bins * BIN, self->cut),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double) self->cut,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  if (self->lengths->len > 0)
    {
      guint n = self->lengths->len;
      g_autofree char *summary = NULL;

      summary = g_strdup_printf (ngettext ("%u text, median %u tokens, longest %u",
                                           "%u texts, median %u tokens, longest %u", n),
                                 n, g_array_index (self->lengths, guint, n / 2),
                                 g_array_index (self->lengths, guint, n - 1));
      gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, summary,
                                      -1);
    }
}

static void
set_cut (AttuneHistogram *self,
         guint            cut)
{
  if (self->cut == cut)
    return;

  self->cut = cut;
  count_bins (self);
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), pspecs[PROP_CUT]);
}

static void
find_ticks (AttuneHistogram *self,
            const Geometry  *geometry,
            AttuneTicks     *ticks)
{
  attune_ticks_linear (ticks, 0, MAX (self->highest, 1),
                       (guint) CLAMP ((geometry->bottom - geometry->top) /
                                      (geometry->text_height * 1.8), 2, 5), TRUE);
}

static void
find_geometry (AttuneHistogram *self,
               Geometry        *geometry)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) text = attune_chart_text_new (widget, "0", ATTUNE_CHART_SMALL, FALSE);
  AttuneTicks ticks;
  double widest = 0;

  attune_chart_text_size (text, NULL, &geometry->text_height);
  geometry->top = 4;
  geometry->bottom = gtk_widget_get_height (widget) - ceil (geometry->text_height) - 4;
  find_ticks (self, geometry, &ticks);
  for (guint i = 0; i < ticks.n; i++)
    {
      g_autofree char *label = attune_ticks_format (ticks.value[i], ticks.step, FALSE);

      widest = MAX (widest, attune_chart_text_width (widget, label, ATTUNE_CHART_SMALL, FALSE));
    }
  geometry->left = MAX (ceil (widest) + 9, 30);
  geometry->right = MAX (gtk_widget_get_width (widget), geometry->left + 10);
  geometry->end = self->n_bins * BIN;
}

static double
map_length (const Geometry *geometry,
            double          length)
{
  return geometry->left + length / geometry->end * (geometry->right - geometry->left);
}

static guint
unmap_length (const Geometry *geometry,
              double          x)
{
  double share = CLAMP ((x - geometry->left) / (geometry->right - geometry->left), 0, 1);

  return MAX ((guint) round (share * geometry->end / BIN) * BIN, BIN);
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
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 180 : 90;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 310 : 146;
}

static void
draw_columns (AttuneHistogram         *self,
              cairo_t                 *cr,
              const Geometry          *geometry,
              const AttunePlotPalette *palette,
              double                   top_value)
{
  double pitch = (geometry->right - geometry->left) / self->n_bins;
  double gap = pitch > 8 ? 1.5 : pitch > 4 ? 1 : 0;

  for (guint i = 0; i < self->n_bins; i++)
    {
      double height = self->counts[i] / top_value * (geometry->bottom - geometry->top);
      gboolean beyond = self->cut > 0 && i * BIN >= self->cut;

      if (self->counts[i] == 0)
        continue;
      height = MAX (height, 1.5);
      gdk_cairo_set_source_rgba (cr, beyond ? &palette->validation : &palette->training);
      cairo_rectangle (cr, geometry->left + i * pitch + gap / 2, geometry->bottom - height,
                       pitch - gap, height);
      cairo_fill (cr);
    }
}

static void
draw_axes (AttuneHistogram         *self,
           cairo_t                 *cr,
           const Geometry          *geometry,
           const AttunePlotPalette *palette,
           double                   top_value)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double free_from = -INFINITY, step = BIN * (self->n_bins <= 12 ? 2 : 4);
  AttuneTicks ticks;

  find_ticks (self, geometry, &ticks);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < ticks.n; i++)
    {
      double y = geometry->bottom - ticks.value[i] / top_value *
                 (geometry->bottom - geometry->top);
      g_autofree char *label = attune_ticks_format (ticks.value[i], ticks.step, FALSE);

      gdk_cairo_set_source_rgba (cr, i == 0 ? &palette->axis : &palette->grid);
      cairo_move_to (cr, geometry->left, floor (y) + 0.5);
      cairo_line_to (cr, geometry->right, floor (y) + 0.5);
      cairo_stroke (cr);
      if (i > 0)
        attune_chart_text_draw (widget, cr, label, ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                                geometry->left - 9, y, 1, 0.5);
    }

  while (geometry->end / step * 44 > geometry->right - geometry->left)
    step *= 2;
  for (double length = 0; length <= geometry->end; length += step)
    {
      g_autofree char *label = attune_ticks_format (length, 1, FALSE);
      double width = attune_chart_text_width (widget, label, ATTUNE_CHART_SMALL, FALSE);
      double x = CLAMP (map_length (geometry, length) - width / 2, geometry->left,
                        geometry->right - width);

      if (x < free_from)
        continue;
      attune_chart_text_draw (widget, cr, label, ATTUNE_CHART_SMALL, FALSE, &palette->dim, x,
                              geometry->bottom + 3, 0, 0);
      free_from = x + width + 8;
    }
}

static void
draw_cut (AttuneHistogram         *self,
          cairo_t                 *cr,
          const Geometry          *geometry,
          const AttunePlotPalette *palette)
{
  static const double dashes[] = { 4, 3 };
  GtkWidget *widget = GTK_WIDGET (self);
  g_autofree char *text = g_strdup_printf (_("Cut at %u"), self->cut);
  g_autofree char *beyond = describe_beyond (self);
  double x = round (map_length (geometry, self->cut));
  double width = MAX (attune_chart_text_width (widget, text, ATTUNE_CHART_SMALL, TRUE),
                      attune_chart_text_width (widget, beyond, ATTUNE_CHART_SMALL, FALSE));
  gboolean left = x + 7 + width > geometry->right;
  double anchor = left ? x - 7 : x + 7;

  cairo_save (cr);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_set_line_width (cr, 2);
  gdk_cairo_set_source_rgba (cr, &palette->validation);
  cairo_move_to (cr, CLAMP (x, geometry->left + 1, geometry->right - 1), 0);
  cairo_line_to (cr, CLAMP (x, geometry->left + 1, geometry->right - 1), geometry->bottom);
  cairo_stroke (cr);
  cairo_restore (cr);

  attune_chart_text_draw (widget, cr, text, ATTUNE_CHART_SMALL, TRUE, &palette->validation,
                          anchor, 1, left ? 1 : 0, 0);
  attune_chart_text_draw (widget, cr, beyond, ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                          anchor, 2 + geometry->text_height, left ? 1 : 0, 0);
}

static void
snapshot_histogram (GtkWidget   *widget,
                    GtkSnapshot *snapshot)
{
  AttuneHistogram *self = ATTUNE_HISTOGRAM (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double top_value = MAX (self->highest * 1.03, 1);
  AttunePlotPalette palette;
  Geometry geometry;
  cairo_t *cr;

  attune_plot_palette_for_widget (&palette, widget);
  find_geometry (self, &geometry);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->lengths->len == 0)
    attune_chart_text_draw (widget, cr, _("Nothing to draw yet"), 1, FALSE, &palette.dim,
                            width / 2, height / 2, 0.5, 0.5);
  else
    {
      draw_axes (self, cr, &geometry, &palette, top_value);
      draw_columns (self, cr, &geometry, &palette, top_value);
      if (self->cut > 0)
        draw_cut (self, cr, &geometry, &palette);
    }
  if (gtk_widget_has_visible_focus (widget))
    attune_chart_focus_ring (cr, &palette.training, 0, 0, width, height, 6);
  cairo_destroy (cr);
}

static void
drag_begin_cb (GtkGestureDrag  *drag,
               double           x,
               double           y,
               AttuneHistogram *self)
{
  if (self->cut == 0 || self->lengths->len == 0)
    {
      gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->drag_start = x;
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
drag_update_cb (GtkGestureDrag  *drag,
                double           x,
                double           y,
                AttuneHistogram *self)
{
  Geometry geometry;

  if (fabs (x) < 3)
    return;
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  find_geometry (self, &geometry);
  set_cut (self, unmap_length (&geometry, self->drag_start + x));
}

static gboolean
move_cut (GtkWidget *widget,
          GVariant  *args,
          gpointer   data)
{
  AttuneHistogram *self = ATTUNE_HISTOGRAM (widget);
  gint by = g_variant_get_int32 (args);
  gint longest = 0, to;

  if (self->cut == 0 || self->lengths->len == 0)
    return FALSE;

  longest = (gint) g_array_index (self->lengths, guint, self->lengths->len - 1);
  to = (gint) self->cut + by;
  if (ABS (by) > 1)
    to = by > 0 ? to / BIN * BIN : (to + BIN - 1) / BIN * BIN;
  set_cut (self, (guint) CLAMP (to, BIN, MAX ((longest + BIN - 1) / BIN * BIN,
                                              (gint) self->cut)));
  return TRUE;
}

static void
get_property (GObject    *object,
              guint       id,
              GValue     *value,
              GParamSpec *pspec)
{
  if (id == PROP_CUT)
    g_value_set_uint (value, ATTUNE_HISTOGRAM (object)->cut);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject      *object,
              guint         id,
              const GValue *value,
              GParamSpec   *pspec)
{
  if (id == PROP_CUT)
    set_cut (ATTUNE_HISTOGRAM (object), g_value_get_uint (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
finalize (GObject *object)
{
  g_array_unref (ATTUNE_HISTOGRAM (object)->lengths);

  G_OBJECT_CLASS (attune_histogram_parent_class)->finalize (object);
}

static void
attune_histogram_class_init (AttuneHistogramClass *klass)
{
  static const struct { guint key; gint by; } keys[] = {
    { GDK_KEY_Left, -BIN }, { GDK_KEY_Right, BIN }, { GDK_KEY_Down, -BIN }, { GDK_KEY_Up, BIN },
    { GDK_KEY_Page_Up, 4 * BIN }, { GDK_KEY_Page_Down, -4 * BIN },
    { GDK_KEY_Home, -G_MAXINT16 }, { GDK_KEY_End, G_MAXINT16 },
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  widget_class->measure = measure;
  widget_class->snapshot = snapshot_histogram;

  /* The length at which texts are cut, in tokens; 0 for no cut. */
  pspecs[PROP_CUT] = g_param_spec_uint ("cut", NULL, NULL, 0, 1 << 20, 0, G_PARAM_READWRITE |
                                        G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, LAST_PROP, pspecs);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, move_cut, "i", keys[i].by);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, GDK_SHIFT_MASK, move_cut, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, GDK_SHIFT_MASK, move_cut, "i", 1);
  gtk_widget_class_set_css_name (widget_class, "histogram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
attune_histogram_init (AttuneHistogram *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->lengths = g_array_new (FALSE, FALSE, sizeof (guint));
  count_bins (self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "ew-resize");
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Length in tokens"),
                                  GTK_ACCESSIBLE_PROPERTY_HELP_TEXT,
                                  _("Left and Right move the length at which texts are cut"), -1);
}

GtkWidget *
attune_histogram_new (void)
{
  return g_object_new (ATTUNE_TYPE_HISTOGRAM, NULL);
}

static gboolean
is_sorted (const guint *lengths,
           guint        n)
{
  for (guint i = 1; i < n; i++)
    if (lengths[i - 1] > lengths[i])
      return FALSE;
  return TRUE;
}

/**
 * attune_histogram_set_lengths:
 * @lengths: (array length=n): tokens of each text, in any order; copied
 * @n: number of texts
 */
void
attune_histogram_set_lengths (AttuneHistogram *self,
                              const guint     *lengths,
                              guint            n)
{
  g_autoptr(GArray) sorted = NULL;

  g_return_if_fail (ATTUNE_IS_HISTOGRAM (self));
  g_return_if_fail (n == 0 || lengths != NULL);

  sorted = g_array_sized_new (FALSE, FALSE, sizeof (guint), n);
  g_array_append_vals (sorted, lengths, n);
  if (!is_sorted (lengths, n))
    g_array_sort (sorted, compare_lengths);
  attune_histogram_set_sorted (self, sorted);
}

/**
 * attune_histogram_set_sorted:
 * @lengths: guint: tokens of each text, ascending; a reference is kept, so it must not change
 */
void
attune_histogram_set_sorted (AttuneHistogram *self,
                             GArray          *lengths)
{
  g_return_if_fail (ATTUNE_IS_HISTOGRAM (self));
  g_return_if_fail (lengths != NULL);

  g_array_ref (lengths);
  g_array_unref (self->lengths);
  self->lengths = lengths;
  count_bins (self);
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
