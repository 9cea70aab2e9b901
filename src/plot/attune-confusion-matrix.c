/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneConfusionMatrix: a cell for every pair of true and guessed label, blue where they agree,
 * orange where not, as strong as its share of the row; the number is always printed. One cell is
 * chosen, by click or arrow keys. Cells never get smaller than 56 pixels: put it into a
 * GtkScrolledWindow. Main thread.
 */
#include "config.h"

#include "attune-charts.h"
#include "attune-chart-text.h"
#include "attune-plot-palette.h"
#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEAST_CELL 56
#define MOST_NAME 120.0
#define GAP 3.0
#define RADIUS 6.0
#define NAME_GAP 10.0

/* Where the cells start, in pixels, and how far one is from the next. */
typedef struct {
  double left, top;
  double pitch_x, pitch_y;
  double text_height;
} Geometry;

struct _AttuneConfusionMatrix {
  GtkWidget  parent_instance;
  char     **labels;
  guint64   *counts;        /* (n, n), rows true */
  guint64   *totals;        /* (n,) of each row */
  double     worst;         /* the greatest share that a wrong cell has of its row */
  guint      n;
  gboolean   show_share;
  gboolean   has_choice;
  guint      row, column;   /* the choice */

  GPtrArray *nodes;         /* GskRenderNode of each row of cells, NULL when it is to be drawn */
  Geometry   node_geometry; /* what they were drawn for */
  AttunePlotPalette node_palette;
  double     names_width;   /* of the widest label; below 0 when not known */
};

enum { PROP_0, PROP_SHOW_SHARE, LAST_PROP };
enum { CELL_SELECTED, LAST_SIGNAL };

static GParamSpec *pspecs[LAST_PROP];
static guint signals[LAST_SIGNAL];

G_DEFINE_FINAL_TYPE (AttuneConfusionMatrix, attune_confusion_matrix, GTK_TYPE_WIDGET)

static double
share_of_row (AttuneConfusionMatrix *self,
              guint                  row,
              guint                  column)
{
  guint64 total = self->totals[row];

  return total > 0 ? (double) self->counts[row * self->n + column] / total : 0;
}

static void
forget_row (AttuneConfusionMatrix *self,
            guint                  row)
{
  if (row < self->nodes->len)
    g_clear_pointer (&self->nodes->pdata[row], gsk_render_node_unref);
}

static void
forget_rows (AttuneConfusionMatrix *self)
{
  for (guint row = 0; row < self->nodes->len; row++)
    forget_row (self, row);
}

static double
measure_names (AttuneConfusionMatrix *self)
{
  double widest;

  if (self->names_width >= 0)
    return self->names_width;

  widest = attune_chart_text_width (GTK_WIDGET (self), _("True"), ATTUNE_CHART_SMALL, FALSE);

  for (guint i = 0; i < self->n; i++)
    widest = MAX (widest, attune_chart_text_width (GTK_WIDGET (self), self->labels[i],
                                                   0.88, TRUE));
  self->names_width = ceil (MIN (widest, MOST_NAME));
  return self->names_width;
}

static void
find_geometry (AttuneConfusionMatrix *self,
               Geometry              *geometry)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) text = attune_chart_text_new (widget, "0", 0.88, FALSE);

  attune_chart_text_size (text, NULL, &geometry->text_height);
  geometry->left = measure_names (self) + NAME_GAP;
  geometry->top = ceil (2 * geometry->text_height) + 12;
  geometry->pitch_x = MAX ((gtk_widget_get_width (widget) - geometry->left) / MAX (self->n, 1),
                           LEAST_CELL + GAP);
  geometry->pitch_y = MAX ((gtk_widget_get_height (widget) - geometry->top) / MAX (self->n, 1),
                           LEAST_CELL + GAP);
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
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);
  Geometry geometry;

  find_geometry (self, &geometry);
  *minimum = (int) ceil ((orientation == GTK_ORIENTATION_HORIZONTAL ? geometry.left : geometry.top)
                         + self->n * (LEAST_CELL + GAP));
  *natural = *minimum;
  if (orientation == GTK_ORIENTATION_HORIZONTAL && self->n > 0)
    *natural = (int) ceil (geometry.left + self->n * MAX (geometry.left - NAME_GAP + 6,
                                                          LEAST_CELL + GAP));
}

static void
css_changed (GtkWidget         *widget,
             GtkCssStyleChange *change)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);

  GTK_WIDGET_CLASS (attune_confusion_matrix_parent_class)->css_changed (widget, change);
  self->names_width = -1;
  forget_rows (self);
  gtk_widget_queue_resize (widget);
}

static GdkRGBA
cell_color (AttuneConfusionMatrix   *self,
            const AttunePlotPalette *palette,
            guint                    row,
            guint                    column)
{
  double share = share_of_row (self, row, column);

  if (row == column)
    return attune_rgba_with_alpha (palette->training, 0.06 + 0.94 * sqrt (share));
  return attune_rgba_with_alpha (palette->validation,
                                 0.05 + 0.5 * share / MAX (self->worst, 0.05));
}

/* Black or white, whichever is read better on the cell. */
static GdkRGBA
ink_on (GdkRGBA                  cell,
        const AttunePlotPalette *palette)
{
  double luminance = attune_rgba_luminance (attune_rgba_over (cell, palette->paper));
  GdkRGBA dark = { 0.12f, 0.12f, 0.13f, 1 }, light = { 1, 1, 1, 1 };

  return (luminance + 0.05) / 0.0625 > 1.05 / (luminance + 0.05) ? dark : light;
}

static char *
format_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

static char *
cell_text (AttuneConfusionMatrix *self,
           guint                  row,
           guint                  column)
{
  if (self->show_share)
    return attune_value_format (share_of_row (self, row, column), TRUE);
  return format_count (self->counts[row * self->n + column]);
}

/* The number laid out; equal ones in a row share it, and of many labels most cells hold 0. */
static PangoLayout *
lay_out_number (AttuneConfusionMatrix *self,
                GHashTable            *layouts,
                guint                  row,
                guint                  column,
                gboolean               bold,
                double                 width)
{
  g_autofree char *text = cell_text (self, row, column);
  g_autofree char *key = g_strconcat (bold ? "b" : "r", text, NULL);
  PangoLayout *layout = g_hash_table_lookup (layouts, key);

  if (layout == NULL)
    {
      layout = attune_chart_text_new (GTK_WIDGET (self), text, self->show_share ? 0.88 : 1, bold);
      attune_chart_text_limit (layout, width);
      pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
      g_hash_table_insert (layouts, g_steal_pointer (&key), layout);
    }

  return layout;
}

static void
draw_cell (AttuneConfusionMatrix   *self,
           cairo_t                 *cr,
           const AttunePlotPalette *palette,
           const Geometry          *geometry,
           GHashTable              *layouts,
           guint                    row,
           guint                    column)
{
  gboolean chosen = self->has_choice && self->row == row && self->column == column;
  double x = geometry->left + column * geometry->pitch_x + GAP / 2;
  double y = geometry->top + row * geometry->pitch_y + GAP / 2;
  double width = geometry->pitch_x - GAP, height = geometry->pitch_y - GAP;
  GdkRGBA fill = cell_color (self, palette, row, column);
  GdkRGBA ink = ink_on (fill, palette);
  PangoLayout *layout = lay_out_number (self, layouts, row, column, chosen || row == column,
                                        width - 4);

  gdk_cairo_set_source_rgba (cr, &fill);
  attune_chart_round_rect (cr, x, y, width, height, RADIUS);
  cairo_fill (cr);
  attune_chart_text_show (cr, layout, &ink, x + width / 2, y + height / 2, 0.5, 0.5);

  if (chosen)
    {
      gdk_cairo_set_source_rgba (cr, &palette->foreground);
      cairo_set_line_width (cr, 2.5);
      attune_chart_round_rect (cr, x - 0.25, y - 0.25, width + 0.5, height + 0.5, RADIUS);
      cairo_stroke (cr);
    }
}

/* A row of cells is a node of its own, kept until it changes: of a large matrix only the rows in
 * sight are ever turned into pixels. */
static void
snapshot_row (AttuneConfusionMatrix   *self,
              GtkSnapshot             *snapshot,
              const AttunePlotPalette *palette,
              const Geometry          *geometry,
              guint                    row)
{
  if (self->nodes->pdata[row] == NULL)
    {
      g_autoptr(GHashTable) layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                             g_object_unref);
      GtkSnapshot *cells = gtk_snapshot_new ();
      cairo_t *cr;

      cr = gtk_snapshot_append_cairo (cells, &GRAPHENE_RECT_INIT (
                                        (float) geometry->left - 2,
                                        (float) (geometry->top + row * geometry->pitch_y - 2),
                                        (float) (self->n * geometry->pitch_x + 4),
                                        (float) (geometry->pitch_y + 4)));
      for (guint column = 0; column < self->n; column++)
        draw_cell (self, cr, palette, geometry, layouts, row, column);
      cairo_destroy (cr);
      self->nodes->pdata[row] = gtk_snapshot_free_to_node (cells);
    }

  gtk_snapshot_append_node (snapshot, self->nodes->pdata[row]);
}

static void
draw_names (AttuneConfusionMatrix   *self,
            cairo_t                 *cr,
            const AttunePlotPalette *palette,
            const Geometry          *geometry)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double names_y = geometry->top - 6;

  attune_chart_text_draw (widget, cr, _("Guessed"), ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                          geometry->left + self->n * geometry->pitch_x / 2, 0, 0.5, 0);
  attune_chart_text_draw (widget, cr, _("True"), ATTUNE_CHART_SMALL, FALSE, &palette->dim,
                          geometry->left - NAME_GAP, names_y, 1, 1);
  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr(PangoLayout) row = NULL;
      g_autoptr(PangoLayout) column = NULL;

      row = attune_chart_text_new (widget, self->labels[i], 0.88,
                                   self->has_choice && self->row == i);
      column = attune_chart_text_new (widget, self->labels[i], 0.88,
                                      self->has_choice && self->column == i);
      attune_chart_text_limit (row, geometry->left - NAME_GAP);
      attune_chart_text_limit (column, geometry->pitch_x - 2);
      attune_chart_text_show (cr, row, &palette->foreground, geometry->left - NAME_GAP,
                              geometry->top + (i + 0.5) * geometry->pitch_y, 1, 0.5);
      attune_chart_text_show (cr, column, &palette->foreground,
                              geometry->left + (i + 0.5) * geometry->pitch_x, names_y, 0.5, 1);
    }
}

static void
snapshot_matrix (GtkWidget   *widget,
                 GtkSnapshot *snapshot)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  AttunePlotPalette palette = { 0 };
  Geometry geometry = { 0 };
  cairo_t *cr;

  if (self->n == 0)
    return;

  attune_plot_palette_for_widget (&palette, widget);
  find_geometry (self, &geometry);
  if (memcmp (&palette, &self->node_palette, sizeof palette) != 0 ||
      memcmp (&geometry, &self->node_geometry, sizeof geometry) != 0)
    {
      forget_rows (self);
      self->node_palette = palette;
      self->node_geometry = geometry;
    }
  for (guint row = 0; row < self->n; row++)
    snapshot_row (self, snapshot, &palette, &geometry, row);

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  draw_names (self, cr, &palette, &geometry);
  if (gtk_widget_has_visible_focus (widget))
    attune_chart_focus_ring (cr, &palette.training, 0, 0, width, height, RADIUS);
  cairo_destroy (cr);
}

/* "Quality, taken for Fit: 31 texts, 3.8 %". */
static char *
describe_choice (AttuneConfusionMatrix *self)
{
  guint64 count = self->counts[self->row * self->n + self->column];
  g_autofree char *share = attune_value_format (share_of_row (self, self->row, self->column), TRUE);
  g_autofree char *number = format_count (count);
  const char *truth = self->labels[self->row], *guess = self->labels[self->column];

  if (self->row == self->column)
    return g_strdup_printf (ngettext ("%s, recognised: %s text, %s",
                                      "%s, recognised: %s texts, %s", count),
                            truth, number, share);
  return g_strdup_printf (ngettext ("%s, taken for %s: %s text, %s",
                                    "%s, taken for %s: %s texts, %s", count),
                          truth, guess, number, share);
}

static void
choose (AttuneConfusionMatrix *self,
        guint                  row,
        guint                  column)
{
  g_autofree char *text = NULL;

  forget_row (self, self->row);
  forget_row (self, row);
  self->has_choice = TRUE;
  self->row = row;
  self->column = column;
  text = describe_choice (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
released_cb (GtkGestureClick       *click,
             int                    presses,
             double                 x,
             double                 y,
             AttuneConfusionMatrix *self)
{
  Geometry geometry;
  int row, column;

  find_geometry (self, &geometry);
  column = (int) floor ((x - geometry.left) / geometry.pitch_x);
  row = (int) floor ((y - geometry.top) / geometry.pitch_y);
  if (row < 0 || column < 0 || row >= (int) self->n || column >= (int) self->n)
    return;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  choose (self, (guint) row, (guint) column);
  g_signal_emit (self, signals[CELL_SELECTED], 0, self->row, self->column);
}

/* The cell under the keyboard is to be seen wherever the matrix is scrolled. */
static void
scroll_to_choice (AttuneConfusionMatrix *self)
{
  GtkWidget *viewport = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_VIEWPORT);
  GtkAdjustment *across, *down;
  graphene_point_t at;
  Geometry geometry;

  find_geometry (self, &geometry);
  if (viewport == NULL ||
      !gtk_widget_compute_point (GTK_WIDGET (self), gtk_widget_get_first_child (viewport),
                                 &GRAPHENE_POINT_INIT (
                                   (float) (geometry.left + self->column * geometry.pitch_x),
                                   (float) (geometry.top + self->row * geometry.pitch_y)), &at))
    return;

  across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (viewport));
  down = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport));
  gtk_adjustment_clamp_page (across, at.x, at.x + geometry.pitch_x);
  gtk_adjustment_clamp_page (down, at.y, at.y + geometry.pitch_y);
}

static gboolean
walk (GtkWidget *widget,
      GVariant  *args,
      gpointer   data)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);
  gint by_row, by_column, row, column;
  g_autofree char *text = NULL;

  if (self->n == 0)
    return FALSE;

  g_variant_get (args, "(ii)", &by_row, &by_column);
  row = CLAMP ((gint) self->row + by_row, 0, (gint) self->n - 1);
  column = CLAMP ((gint) self->column + by_column, 0, (gint) self->n - 1);
  if (self->has_choice && row == (gint) self->row && column == (gint) self->column)
    {
      gtk_widget_error_bell (widget);
      return TRUE;
    }
  if (!self->has_choice)
    row = column = 0;

  choose (self, (guint) row, (guint) column);
  scroll_to_choice (self);
  text = describe_choice (self);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  g_signal_emit (self, signals[CELL_SELECTED], 0, self->row, self->column);
  return TRUE;
}

static void
get_property (GObject    *object,
              guint       id,
              GValue     *value,
              GParamSpec *pspec)
{
  if (id == PROP_SHOW_SHARE)
    g_value_set_boolean (value, ATTUNE_CONFUSION_MATRIX (object)->show_share);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject      *object,
              guint         id,
              const GValue *value,
              GParamSpec   *pspec)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (object);

  if (id != PROP_SHOW_SHARE)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (self->show_share != g_value_get_boolean (value))
    {
      self->show_share = g_value_get_boolean (value);
      forget_rows (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      g_object_notify_by_pspec (object, pspec);
    }
}

static void
finalize (GObject *object)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (object);

  g_strfreev (self->labels);
  g_free (self->counts);
  g_free (self->totals);
  forget_rows (self);
  g_ptr_array_unref (self->nodes);

  G_OBJECT_CLASS (attune_confusion_matrix_parent_class)->finalize (object);
}

static void
attune_confusion_matrix_class_init (AttuneConfusionMatrixClass *klass)
{
  static const struct { guint key; gint row, column; } keys[] = {
    { GDK_KEY_Up, -1, 0 }, { GDK_KEY_Down, 1, 0 }, { GDK_KEY_Left, 0, -1 }, { GDK_KEY_Right, 0, 1 },
    { GDK_KEY_Home, 0, -G_MAXINT16 }, { GDK_KEY_End, 0, G_MAXINT16 },
    { GDK_KEY_Page_Up, -G_MAXINT16, 0 }, { GDK_KEY_Page_Down, G_MAXINT16, 0 },
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  widget_class->measure = measure;
  widget_class->snapshot = snapshot_matrix;
  widget_class->css_changed = css_changed;

  /* Print each cell's share of its row in place of its count. */
  pspecs[PROP_SHOW_SHARE] = g_param_spec_boolean ("show-share", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                  G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, LAST_PROP, pspecs);

  signals[CELL_SELECTED] = g_signal_new ("cell-selected", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, walk, "(ii)", keys[i].row,
                                  keys[i].column);
  gtk_widget_class_set_css_name (widget_class, "confusionmatrix");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
attune_confusion_matrix_init (AttuneConfusionMatrix *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->labels = g_new0 (char *, 1);
  self->nodes = g_ptr_array_new ();
  self->names_width = -1;
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Confusion matrix"),
                                  GTK_ACCESSIBLE_PROPERTY_HELP_TEXT,
                                  _("Arrow keys choose a pair of true and guessed label"), -1);
}

GtkWidget *
attune_confusion_matrix_new (void)
{
  return g_object_new (ATTUNE_TYPE_CONFUSION_MATRIX, NULL);
}

/* Right and wrong in all, and the pair most often confused. */
static void
update_description (AttuneConfusionMatrix *self)
{
  guint64 right = 0, all = 0, most = 0;
  guint at = 0;
  GString *text = g_string_new (NULL);
  g_autofree char *n_right = NULL;
  g_autofree char *n_all = NULL;
  g_autofree char *n_most = NULL;

  for (guint i = 0; i < self->n * self->n; i++)
    {
      gboolean diagonal = i / self->n == i % self->n;

      all += self->counts[i];
      right += diagonal ? self->counts[i] : 0;
      if (!diagonal && self->counts[i] > most)
        {
          most = self->counts[i];
          at = i;
        }
    }
  n_right = format_count (right);
  n_all = format_count (all);
  n_most = format_count (most);
  g_string_append_printf (text, _("%s of %s texts right"), n_right, n_all);
  if (most > 0)
    {
      g_string_append (text, "; ");
      g_string_append_printf (text, _("most often %s was taken for %s, %s times"),
                              self->labels[at / self->n], self->labels[at % self->n], n_most);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
}

/**
 * attune_confusion_matrix_set:
 * @labels: (array length=n_classes): names, copied
 * @counts: (array): (n_classes, n_classes), row by row, rows true, columns guessed
 * @n_classes: number of labels, at most 4096
 *
 * Replaces the matrix; no cell is chosen afterwards.
 */
void
attune_confusion_matrix_set (AttuneConfusionMatrix *self,
                             const char * const    *labels,
                             const guint64         *counts,
                             guint                  n_classes)
{
  g_return_if_fail (ATTUNE_IS_CONFUSION_MATRIX (self));
  g_return_if_fail (n_classes <= 4096);
  g_return_if_fail (n_classes == 0 || (labels != NULL && counts != NULL));

  g_strfreev (self->labels);
  g_free (self->counts);
  g_free (self->totals);
  forget_rows (self);
  g_ptr_array_set_size (self->nodes, (gint) n_classes);
  self->names_width = -1;
  self->n = n_classes;
  self->labels = g_new0 (char *, n_classes + 1);
  self->counts = g_memdup2 (counts, sizeof (guint64) * n_classes * n_classes);
  self->totals = g_new0 (guint64, n_classes);
  self->has_choice = FALSE;
  self->row = self->column = 0;
  self->worst = 0;

  for (guint row = 0; row < n_classes; row++)
    {
      self->labels[row] = g_strdup (labels[row]);
      for (guint column = 0; column < n_classes; column++)
        self->totals[row] += counts[row * n_classes + column];
      for (guint column = 0; column < n_classes; column++)
        if (row != column)
          self->worst = MAX (self->worst, share_of_row (self, row, column));
    }
  update_description (self);
  gtk_accessible_reset_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* Chooses a cell without emitting "cell-selected". */
void
attune_confusion_matrix_select (AttuneConfusionMatrix *self,
                                guint                  true_label,
                                guint                  guessed_label)
{
  g_return_if_fail (ATTUNE_IS_CONFUSION_MATRIX (self));
  g_return_if_fail (true_label < self->n && guessed_label < self->n);

  choose (self, true_label, guessed_label);
}
