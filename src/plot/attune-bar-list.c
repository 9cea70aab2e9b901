/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneBarList: one horizontal bar per label, with its figures at the end. Rows are walked with
 * Up and Down and chosen with Enter, Space or a click. Main thread.
 */
#include "config.h"

#include "attune-charts.h"
#include "attune-chart-speech.h"
#include "attune-chart-text.h"
#include "attune-plot-palette.h"

#include <glib/gi18n.h>
#include <math.h>

#define GAP 12.0
#define SHARE_GAP 8.0
#define LEAST_BAR 4.0

typedef struct {
  char   *label;
  char   *value;
  char   *share;   /* nullable */
  double  fraction;
} Bar;

struct _AttuneBarList {
  GtkWidget  parent_instance;
  GArray    *bars;
  gint       emphasized;
  gint       current;      /* the row the keyboard is on */
  guint      row_height;
  gboolean   second_run;
  gboolean   show_labels;
  double     threshold;    /* a line across the bars; negative: none */
  double     widths[3];    /* of label, value and share; widths[0] below 0 when not known */
};

enum { PROP_0, PROP_ROW_HEIGHT, PROP_SECOND_RUN, PROP_SHOW_LABELS, PROP_THRESHOLD, LAST_PROP };
enum { BAR_ACTIVATED, LAST_SIGNAL };

static GParamSpec *pspecs[LAST_PROP];
static guint signals[LAST_SIGNAL];

G_DEFINE_FINAL_TYPE (AttuneBarList, attune_bar_list, GTK_TYPE_WIDGET)

static const Bar *
get_bar (AttuneBarList *self,
         guint          index)
{
  return &g_array_index (self->bars, Bar, index);
}

static void
clear_bar (gpointer data)
{
  Bar *bar = data;

  g_free (bar->label);
  g_free (bar->value);
  g_free (bar->share);
}

static double
row_height (AttuneBarList *self)
{
  g_autoptr(PangoLayout) layout = attune_chart_text_new (GTK_WIDGET (self), "0", 1, FALSE);
  double height;

  attune_chart_text_size (layout, NULL, &height);
  return MAX (self->row_height, ceil (height) + 2);
}

/* Widths of the columns of text: label, value, share. While the labels stay, they only grow, so
 * that bars do not jump when 9 % becomes 10 %. */
static const double *
measure_columns (AttuneBarList *self)
{
  if (self->widths[0] >= 0)
    return self->widths;

  self->widths[0] = 0;
  for (guint i = 0; i < self->bars->len; i++)
    {
      const Bar *bar = get_bar (self, i);
      const char *texts[] = { self->show_labels ? bar->label : NULL, bar->value, bar->share };

      for (guint column = 0; column < 3; column++)
        if (texts[column] != NULL)
          self->widths[column] = MAX (self->widths[column],
                                      ceil (attune_chart_text_width (GTK_WIDGET (self),
                                                                     texts[column], 1,
                                                                     self->emphasized >= 0
                                                                       || self->threshold >= 0)));
    }

  return self->widths;
}

static void
forget_columns (AttuneBarList *self)
{
  self->widths[0] = -1;
  self->widths[1] = self->widths[2] = 0;
}

static void
css_changed (GtkWidget         *widget,
             GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (attune_bar_list_parent_class)->css_changed (widget, change);
  forget_columns (ATTUNE_BAR_LIST (widget));
  gtk_widget_queue_resize (widget);
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
  AttuneBarList *self = ATTUNE_BAR_LIST (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      const double *widths = measure_columns (self);

      *minimum = (int) (MIN (widths[0], 80) + widths[1] + widths[2]) + 3 * 12 + 40;
      /* Long names must not take the room of what stands beside. */
      *natural = MAX ((int) (MIN (widths[0], 120) + widths[1] + widths[2]) + 3 * 12 + 100,
                      *minimum);
    }
  else
    *minimum = *natural = (int) (row_height (self) * self->bars->len);
}

static void
draw_bar (AttuneBarList           *self,
          cairo_t                 *cr,
          const AttunePlotPalette *palette,
          guint                    index,
          const double             columns[3],
          double                   middle,
          double                   bar_height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const Bar *bar = get_bar (self, index);
  gboolean bold = self->threshold >= 0 ? bar->fraction > self->threshold
                                       : self->emphasized == (gint) index;
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double width = gtk_widget_get_width (widget);
  double left = columns[0] > 0 ? columns[0] + GAP : 0;
  double value_end = width - (columns[2] > 0 ? columns[2] + SHARE_GAP : 0);
  double right = MAX (value_end - columns[1] - GAP, left + 1);
  double length = CLAMP (bar->fraction, 0, 1) * (right - left);
  GdkRGBA color = self->second_run ? palette->other : palette->training;
  g_autoptr(PangoLayout) label = attune_chart_text_new (widget, bar->label, 1, bold);
  g_autoptr(PangoLayout) value = attune_chart_text_new (widget, bar->value, 1, bold);

  if ((self->emphasized >= 0 || self->threshold >= 0) && !bold)
    color = attune_rgba_with_alpha (color, 0.55);
  if (bar->fraction > 0)
    length = MAX (length, LEAST_BAR);

#define PLACE(x) (rtl ? width - (x) : (x))
  if (columns[0] > 0)
    {
      attune_chart_text_limit (label, columns[0]);
      attune_chart_text_show (cr, label, &palette->foreground, PLACE (columns[0]), middle,
                              rtl ? 0 : 1, 0.5);
    }

  gdk_cairo_set_source_rgba (cr, &palette->track);
  attune_chart_round_rect (cr, rtl ? width - right : left, middle - bar_height / 2,
                           right - left, bar_height, 4);
  cairo_fill (cr);
  if (length > 0)
    {
      gdk_cairo_set_source_rgba (cr, &color);
      attune_chart_round_rect (cr, rtl ? width - left - length : left, middle - bar_height / 2,
                               length, bar_height, length < 8 ? 2 : 4);
      cairo_fill (cr);
    }

  if (self->threshold >= 0)
    {
      double x = left + self->threshold * (right - left), half = row_height (self) / 2;

      gdk_cairo_set_source_rgba (cr, &palette->foreground);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, floor (PLACE (x)) + 0.5, middle - half);
      cairo_line_to (cr, floor (PLACE (x)) + 0.5, middle + half);
      cairo_stroke (cr);
    }

  attune_chart_text_show (cr, value, &palette->foreground, PLACE (value_end), middle,
                          rtl ? 0 : 1, 0.5);
  if (bar->share != NULL)
    attune_chart_text_draw (widget, cr, bar->share, 1, FALSE, &palette->dim, PLACE (width),
                            middle, rtl ? 0 : 1, 0.5);
#undef PLACE
}

static void
snapshot_bars (GtkWidget   *widget,
               GtkSnapshot *snapshot)
{
  AttuneBarList *self = ATTUNE_BAR_LIST (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double columns[3], row = row_height (self);
  double bar_height = self->row_height >= 30 ? 14 : 12;
  AttunePlotPalette palette;
  cairo_t *cr;

  if (self->bars->len == 0)
    return;

  attune_plot_palette_for_widget (&palette, widget);
  memcpy (columns, measure_columns (self), sizeof columns);
  columns[0] = MIN (columns[0], MAX (width * 0.4, 60));

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  for (guint i = 0; i < self->bars->len; i++)
    draw_bar (self, cr, &palette, i, columns, round (row * (i + 0.5)), bar_height);
  if (gtk_widget_has_visible_focus (widget) && self->current < (gint) self->bars->len)
    attune_chart_focus_ring (cr, &palette.training, 0, row * self->current, width, row, 6);
  cairo_destroy (cr);
}

static char *
describe_bar (const Bar *bar)
{
  return bar->share != NULL ? g_strdup_printf ("%s %s, %s", bar->label, bar->value, bar->share)
                            : g_strdup_printf ("%s %s", bar->label, bar->value);
}

static void
update_description (AttuneBarList *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->bars->len; i++)
    {
      g_autofree char *bar = describe_bar (get_bar (self, i));

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", bar);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
}

static void
released_cb (GtkGestureClick *click,
             int              presses,
             double           x,
             double           y,
             AttuneBarList   *self)
{
  int index = (int) floor (y / row_height (self));

  if (index < 0 || index >= (int) self->bars->len)
    return;

  self->current = index;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[BAR_ACTIVATED], 0, (guint) index);
}

static gboolean
walk (GtkWidget *widget,
      GVariant  *args,
      gpointer   data)
{
  AttuneBarList *self = ATTUNE_BAR_LIST (widget);
  gint last = (gint) self->bars->len - 1;
  gint next = CLAMP (self->current + g_variant_get_int32 (args), 0, MAX (last, 0));
  g_autofree char *text = NULL;

  if (last < 0 || next == self->current)
    return gtk_widget_keynav_failed (widget, g_variant_get_int32 (args) < 0 ? GTK_DIR_UP
                                                                            : GTK_DIR_DOWN);
  self->current = next;
  text = describe_bar (get_bar (self, (guint) next));
  attune_chart_say (widget, text);
  gtk_widget_queue_draw (widget);
  return TRUE;
}

static gboolean
activate (GtkWidget *widget,
          GVariant  *args,
          gpointer   data)
{
  AttuneBarList *self = ATTUNE_BAR_LIST (widget);

  if (self->current < (gint) self->bars->len)
    g_signal_emit (self, signals[BAR_ACTIVATED], 0, (guint) self->current);
  return TRUE;
}

static void
get_property (GObject    *object,
              guint       id,
              GValue     *value,
              GParamSpec *pspec)
{
  AttuneBarList *self = ATTUNE_BAR_LIST (object);

  switch (id)
    {
    case PROP_ROW_HEIGHT:
      g_value_set_uint (value, self->row_height);
      break;
    case PROP_SECOND_RUN:
      g_value_set_boolean (value, self->second_run);
      break;
    case PROP_SHOW_LABELS:
      g_value_set_boolean (value, self->show_labels);
      break;
    case PROP_THRESHOLD:
      g_value_set_double (value, self->threshold);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject      *object,
              guint         id,
              const GValue *value,
              GParamSpec   *pspec)
{
  AttuneBarList *self = ATTUNE_BAR_LIST (object);

  switch (id)
    {
    case PROP_ROW_HEIGHT:
      self->row_height = g_value_get_uint (value);
      break;
    case PROP_SECOND_RUN:
      self->second_run = g_value_get_boolean (value);
      break;
    case PROP_SHOW_LABELS:
      self->show_labels = g_value_get_boolean (value);
      break;
    case PROP_THRESHOLD:
      self->threshold = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  forget_columns (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (object, pspec);
}

static void
finalize (GObject *object)
{
  g_array_unref (ATTUNE_BAR_LIST (object)->bars);

  G_OBJECT_CLASS (attune_bar_list_parent_class)->finalize (object);
}

static void
attune_bar_list_class_init (AttuneBarListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  widget_class->measure = measure;
  widget_class->snapshot = snapshot_bars;
  widget_class->css_changed = css_changed;

  pspecs[PROP_ROW_HEIGHT] = g_param_spec_uint ("row-height", NULL, NULL, 16, 96, 22, flags);
  pspecs[PROP_SECOND_RUN] = g_param_spec_boolean ("second-run", NULL, NULL, FALSE, flags);
  pspecs[PROP_SHOW_LABELS] = g_param_spec_boolean ("show-labels", NULL, NULL, TRUE, flags);
  pspecs[PROP_THRESHOLD] = g_param_spec_double ("threshold", NULL, NULL, -1, 1, -1, flags);
  g_object_class_install_properties (object_class, LAST_PROP, pspecs);

  signals[BAR_ACTIVATED] = g_signal_new ("bar-activated", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, walk, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, walk, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, walk, "i", -G_MAXINT16);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, walk, "i", G_MAXINT16);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, activate, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, 0, activate, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_space, 0, activate, NULL);
  gtk_widget_class_set_css_name (widget_class, "barlist");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
attune_bar_list_init (AttuneBarList *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->bars = g_array_new (FALSE, FALSE, sizeof (Bar));
  g_array_set_clear_func (self->bars, clear_bar);
  self->emphasized = -1;
  self->row_height = 22;
  self->show_labels = TRUE;
  self->threshold = -1;
  forget_columns (self);

  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Bars"),
                                  GTK_ACCESSIBLE_PROPERTY_HELP_TEXT,
                                  _("Up and Down walk along the bars, Enter chooses one"), -1);
}

GtkWidget *
attune_bar_list_new (void)
{
  return g_object_new (ATTUNE_TYPE_BAR_LIST, NULL);
}

/**
 * attune_bar_list_set_bars:
 * @labels: (array length=n): names
 * @fractions: (array length=n): lengths, 0..1 of the room there is
 * @values: (array length=n): figures at the end
 * @shares: (nullable) (array length=n): dim figures after them
 * @n: number of bars
 * @emphasized: the bar that stands out, -1 for none
 *
 * Replaces all bars. Texts are copied. The keyboard stays on its row if that still exists.
 */
void
attune_bar_list_set_bars (AttuneBarList      *self,
                          const char * const *labels,
                          const double       *fractions,
                          const char * const *values,
                          const char * const *shares,
                          guint               n,
                          gint                emphasized)
{
  gboolean resize;

  g_return_if_fail (ATTUNE_IS_BAR_LIST (self));
  g_return_if_fail (n == 0 || (labels != NULL && fractions != NULL && values != NULL));

  resize = n != self->bars->len;
  for (guint i = 0; i < n && !resize; i++)
    resize = !g_str_equal (labels[i], get_bar (self, i)->label);

  g_array_set_size (self->bars, 0);
  for (guint i = 0; i < n; i++)
    {
      Bar bar = { g_strdup (labels[i]), g_strdup (values[i]), g_strdup (shares ? shares[i] : NULL),
                  isfinite (fractions[i]) ? fractions[i] : 0 };

      g_array_append_val (self->bars, bar);
    }
  self->emphasized = emphasized;
  self->current = CLAMP (self->current, 0, MAX ((gint) n - 1, 0));
  update_description (self);
  if (resize)
    {
      forget_columns (self);
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
  else
    {
      self->widths[0] = -1;
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
}
