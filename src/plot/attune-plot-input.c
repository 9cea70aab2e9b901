/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pointer and keys of a plot: hovering and arrow keys move the crosshair, dragging and plus or
 * minus zoom, a double click or Escape shows everything again. The axis runs from left to right in
 * every language, and so do the keys.
 */
#include "config.h"

#include "attune-plot-private.h"
#include "attune-chart-speech.h"

#include <math.h>

/* A drag shorter than this many pixels is a click. */
#define LEAST_DRAG 6

static void
set_cursor (AttunePlot *self,
            double      x)
{
  g_object_set (self, "cursor-x", x, NULL);
}

static void
zoom_to (AttunePlot *self,
         double      low,
         double      high)
{
  if (low < high && isfinite (low) && isfinite (high))
    g_object_set (self, "zoom-minimum", low, "zoom-maximum", high, NULL);
}

static gboolean
is_zoomed (AttunePlot *self)
{
  return isfinite (self->zoom_minimum) && isfinite (self->zoom_maximum);
}

static void
motion_cb (GtkEventControllerMotion *motion,
           double                    x,
           double                    y,
           AttunePlot               *self)
{
  const AttunePlotLayout *layout = &self->layout;

  if (self->dragging || !layout->has_y)
    return;
  if (x < layout->left - 4 || x > layout->right + 4)
    set_cursor (self, NAN);
  else
    set_cursor (self, attune_plot_snap (self, attune_plot_layout_unmap_x (layout, x)));
}

static void
leave_cb (GtkEventControllerMotion *motion,
          AttunePlot               *self)
{
  set_cursor (self, NAN);
}

/* A crosshair moved by keys goes with the keyboard. */
static void
focus_leave_cb (GtkEventControllerFocus *focus,
                AttunePlot              *self)
{
  set_cursor (self, NAN);
}

static void
drag_begin_cb (GtkGestureDrag *drag,
               double          x,
               double          y,
               AttunePlot     *self)
{
  if (x < self->layout.left || x > self->layout.right || !self->layout.has_y)
    {
      gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->drag_from = self->drag_to = x;
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
drag_update_cb (GtkGestureDrag *drag,
                double          x,
                double          y,
                AttunePlot     *self)
{
  if (!self->dragging && fabs (x) < LEAST_DRAG)
    return;

  self->dragging = TRUE;
  self->drag_to = CLAMP (self->drag_from + x, self->layout.left, self->layout.right);
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (GtkGestureDrag *drag,
             double          x,
             double          y,
             AttunePlot     *self)
{
  if (!self->dragging)
    return;

  self->dragging = FALSE;
  if (fabs (self->drag_to - self->drag_from) >= LEAST_DRAG)
    zoom_to (self,
             attune_plot_layout_unmap_x (&self->layout, MIN (self->drag_from, self->drag_to)),
             attune_plot_layout_unmap_x (&self->layout, MAX (self->drag_from, self->drag_to)));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_cancel_cb (GtkGesture       *drag,
                GdkEventSequence *sequence,
                AttunePlot       *self)
{
  self->dragging = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pressed_cb (GtkGestureClick *click,
            int              presses,
            double           x,
            double           y,
            AttunePlot      *self)
{
  if (presses == 2)
    attune_plot_reset_zoom (self);
}

void
attune_plot_add_controllers (AttunePlot *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);

  g_signal_connect (focus, "leave", G_CALLBACK (focus_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);

  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));

  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_group (click, drag);
}

/* Moves the crosshair along the points in sight and says where it is. */
static gboolean
walk (GtkWidget *widget,
      GVariant  *args,
      gpointer   data)
{
  AttunePlot *self = ATTUNE_PLOT (widget);
  double x = attune_plot_step_cursor (self, self->cursor_x, g_variant_get_int32 (args));
  g_autofree char *text = NULL;

  if (isnan (x))
    {
      gtk_widget_error_bell (widget);
      return TRUE;
    }

  set_cursor (self, x);
  text = attune_plot_describe_cursor (self, x);
  attune_chart_say (widget, text);
  return TRUE;
}

/* First the crosshair goes, then the zoom; after that Escape belongs to whatever is around. */
static gboolean
leave (GtkWidget *widget,
       GVariant  *args,
       gpointer   data)
{
  AttunePlot *self = ATTUNE_PLOT (widget);

  if (!isnan (self->cursor_x))
    set_cursor (self, NAN);
  else if (is_zoomed (self))
    attune_plot_reset_zoom (self);
  else
    return FALSE;

  gtk_accessible_reset_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT);
  return TRUE;
}

/* Halves or doubles the range around the crosshair, or around its middle. */
static gboolean
zoom (GtkWidget *widget,
      GVariant  *args,
      gpointer   data)
{
  AttunePlot *self = ATTUNE_PLOT (widget);
  const AttunePlotLayout *layout = &self->layout;
  double factor = g_variant_get_double (args);
  double span = layout->x_high - layout->x_low;
  double center = isnan (self->cursor_x) ? (layout->x_low + layout->x_high) / 2 : self->cursor_x;
  double share = CLAMP ((center - layout->x_low) / span, 0, 1);
  AttunePlotLayout whole = *layout;

  if (factor > 1 && !is_zoomed (self))
    return TRUE;

  attune_plot_layout_whole (self, &whole);
  span *= factor;
  if (span >= whole.x_high - whole.x_low)
    attune_plot_reset_zoom (self);
  else
    {
      double low = CLAMP (center - share * span, whole.x_low, whole.x_high - span);

      zoom_to (self, low, low + span);
    }
  return TRUE;
}

void
attune_plot_class_add_bindings (GtkWidgetClass *widget_class)
{
  static const struct { guint key, keypad; gint direction; } walks[] = {
    { GDK_KEY_Left, GDK_KEY_KP_Left, -1 },
    { GDK_KEY_Right, GDK_KEY_KP_Right, 1 },
    { GDK_KEY_Home, GDK_KEY_KP_Home, -2 },
    { GDK_KEY_End, GDK_KEY_KP_End, 2 },
  };
  static const struct { guint key; double factor; } zooms[] = {
    { GDK_KEY_plus, 0.5 }, { GDK_KEY_KP_Add, 0.5 }, { GDK_KEY_equal, 0.5 },
    { GDK_KEY_minus, 2 }, { GDK_KEY_KP_Subtract, 2 }, { GDK_KEY_0, 1e9 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (walks); i++)
    {
      gtk_widget_class_add_binding (widget_class, walks[i].key, 0, walk, "i", walks[i].direction);
      gtk_widget_class_add_binding (widget_class, walks[i].keypad, 0, walk, "i",
                                    walks[i].direction);
    }
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (widget_class, zooms[i].key, 0, zoom, "d", zooms[i].factor);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, leave, NULL);
}
