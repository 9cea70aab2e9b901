/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneConfusionMatrix: a cell for every pair of true and guessed label. One is chosen, by click
 * or arrow keys. Cells never get smaller than 56 pixels: put it into a GtkScrolledWindow. Drawing
 * is in attune-confusion-matrix-draw.c. Main thread.
 */
#include "config.h"

#include "attune-chart-speech.h"
#include "attune-confusion-matrix-private.h"
#include "attune-plot-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

enum { PROP_0, PROP_SHOW_SHARE, LAST_PROP };
enum { CELL_SELECTED, LAST_SIGNAL };

static GParamSpec *pspecs[LAST_PROP];
static guint signals[LAST_SIGNAL];

G_DEFINE_FINAL_TYPE (AttuneConfusionMatrix, attune_confusion_matrix, GTK_TYPE_WIDGET)

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
  const double least = ATTUNE_MATRIX_LEAST_CELL + ATTUNE_MATRIX_GAP;
  AttuneMatrixGeometry geometry;

  attune_confusion_matrix_find_geometry (self, &geometry);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      double name = geometry.left - ATTUNE_MATRIX_NAME_GAP;

      *minimum = (int) ceil (geometry.left + self->n * least);
      *natural = (int) ceil (geometry.left + self->n * MAX (name + 6, least));
    }
  else
    *minimum = *natural = (int) ceil (geometry.top + self->n * least);
}

/* Only what is in sight is drawn, so scrolling beyond that asks for more. */
static void
scrolled_cb (AttuneConfusionMatrix *self)
{
  const AttuneMatrixRange *drawn = &self->node_range;
  AttuneMatrixRange range;

  attune_confusion_matrix_find_range (self, 0, &range);
  if (range.first_row < drawn->first_row || range.end_row > drawn->end_row ||
      range.first_column < drawn->first_column || range.end_column > drawn->end_column)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
follow_adjustment (AttuneConfusionMatrix *self,
                   GtkAdjustment         *adjustment)
{
  g_signal_handlers_disconnect_by_func (adjustment, scrolled_cb, self);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (scrolled_cb), self,
                           G_CONNECT_SWAPPED);
}

/* A viewport would jump to the first row whenever a matrix larger than itself gets the focus. Here
 * it is the chosen cell that is brought into sight. */
static void
root (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);

  GTK_WIDGET_CLASS (attune_confusion_matrix_parent_class)->root (widget);
  if (GTK_IS_VIEWPORT (parent))
    {
      gtk_viewport_set_scroll_to_focus (GTK_VIEWPORT (parent), FALSE);
      follow_adjustment (ATTUNE_CONFUSION_MATRIX (widget),
                         gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (parent)));
      follow_adjustment (ATTUNE_CONFUSION_MATRIX (widget),
                         gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (parent)));
    }
}

static void
css_changed (GtkWidget         *widget,
             GtkCssStyleChange *change)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);

  GTK_WIDGET_CLASS (attune_confusion_matrix_parent_class)->css_changed (widget, change);
  self->names_width = -1;
  attune_confusion_matrix_forget_rows (self);
  gtk_widget_queue_resize (widget);
}

/* "Quality, taken for Fit: 31 texts, 3.8 %". */
static char *
describe_cell (AttuneConfusionMatrix *self,
               guint                  row,
               guint                  column)
{
  guint64 count = self->counts[row * self->n + column];
  double part = attune_confusion_matrix_share (self, row, column);
  g_autofree char *share = attune_value_format (part, TRUE);
  g_autofree char *number = attune_confusion_matrix_format_count (count);
  const char *truth = self->labels[row], *guess = self->labels[column];

  if (row == column)
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

  attune_confusion_matrix_forget_row (self, self->row);
  attune_confusion_matrix_forget_row (self, row);
  self->has_choice = TRUE;
  self->row = row;
  self->column = column;
  text = describe_cell (self, self->row, self->column);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
find_cell (AttuneConfusionMatrix *self,
           double                 x,
           double                 y,
           guint                 *row,
           guint                 *column)
{
  AttuneMatrixGeometry geometry;

  attune_confusion_matrix_find_geometry (self, &geometry);
  x = floor ((x - geometry.left) / geometry.pitch_x);
  y = floor ((y - geometry.top) / geometry.pitch_y);
  if (x < 0 || y < 0 || x >= self->n || y >= self->n)
    return FALSE;

  *row = (guint) y;
  *column = (guint) x;
  return TRUE;
}

static void
released_cb (GtkGestureClick       *click,
             int                    presses,
             double                 x,
             double                 y,
             AttuneConfusionMatrix *self)
{
  guint row, column;

  if (!find_cell (self, x, y, &row, &column))
    return;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  choose (self, row, column);
  g_signal_emit (self, signals[CELL_SELECTED], 0, row, column);
}

/* The whole sentence, since long names are cut short beside and above the cells. */
static gboolean
query_tooltip (GtkWidget  *widget,
               int         x,
               int         y,
               gboolean    keyboard,
               GtkTooltip *tooltip)
{
  AttuneConfusionMatrix *self = ATTUNE_CONFUSION_MATRIX (widget);
  g_autofree char *text = NULL;
  guint row = self->row, column = self->column;

  if (keyboard ? !self->has_choice : !find_cell (self, x, y, &row, &column))
    return FALSE;

  text = describe_cell (self, row, column);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* The cell under the keyboard is to be seen wherever the matrix is scrolled. */
static void
scroll_to_choice (AttuneConfusionMatrix *self)
{
  GtkWidget *viewport = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_VIEWPORT);
  GtkAdjustment *across, *down;
  graphene_point_t at;
  AttuneMatrixGeometry geometry;

  attune_confusion_matrix_find_geometry (self, &geometry);
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
  text = describe_cell (self, self->row, self->column);
  attune_chart_say (widget, text);
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
      attune_confusion_matrix_forget_rows (self);
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
  attune_confusion_matrix_forget_rows (self);
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
  widget_class->snapshot = attune_confusion_matrix_snapshot;
  widget_class->root = root;
  widget_class->css_changed = css_changed;
  widget_class->query_tooltip = query_tooltip;

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
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
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
  n_right = attune_confusion_matrix_format_count (right);
  n_all = attune_confusion_matrix_format_count (all);
  n_most = attune_confusion_matrix_format_count (most);
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
 * @n_classes: number of labels, at most ATTUNE_CONFUSION_MATRIX_MAX
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
  g_return_if_fail (n_classes <= ATTUNE_CONFUSION_MATRIX_MAX);
  g_return_if_fail (n_classes == 0 || (labels != NULL && counts != NULL));

  g_strfreev (self->labels);
  g_free (self->counts);
  g_free (self->totals);
  attune_confusion_matrix_forget_rows (self);
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
          self->worst = MAX (self->worst, attune_confusion_matrix_share (self, row, column));
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
