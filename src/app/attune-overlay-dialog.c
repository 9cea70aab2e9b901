/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneOverlayDialog: a switch for each run. Once as many are on as can be told apart, the others
 * cannot be switched on.
 */
#include "config.h"

#include "attune-overlay-dialog.h"

#include <glib/gi18n.h>
#include <math.h>

struct _AttuneOverlayDialog
{
  AdwDialog parent_instance;

  GtkStack *stack;
  AdwPreferencesGroup *group;

  GPtrArray *runs;
  GPtrArray *rows; /* AdwSwitchRow, in the order of the runs */
  AttuneTrainCurves *curves;
};

G_DEFINE_FINAL_TYPE (AttuneOverlayDialog, attune_overlay_dialog, ADW_TYPE_DIALOG)

static gboolean
is_on (AttuneOverlayDialog *self, guint index)
{
  return adw_switch_row_get_active (g_ptr_array_index (self->rows, index));
}

static void
update_sensitivity (AttuneOverlayDialog *self)
{
  guint n = 0;

  for (guint i = 0; i < self->rows->len; i++)
    n += is_on (self, i) ? 1 : 0;
  for (guint i = 0; i < self->rows->len; i++)
    gtk_widget_set_sensitive (g_ptr_array_index (self->rows, i),
                              is_on (self, i) || n < ATTUNE_TRAIN_CURVES_MAX_OTHERS);
}

static void
switched_cb (AttuneOverlayDialog *self)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = 0; i < self->rows->len; i++)
    {
      if (is_on (self, i))
        g_ptr_array_add (chosen, g_ptr_array_index (self->runs, i));
    }
  attune_train_curves_set_others (self->curves, chosen);
  update_sensitivity (self);
}

/* What tells it from others of the same name. */
static char *
describe (AttuneRun *run)
{
  g_autoptr (GDateTime) made = g_date_time_new_from_unix_local (attune_run_get_created (run));
  g_autofree char *when = made != NULL ? g_date_time_format (made, "%x %R") : g_strdup ("");
  double accuracy = attune_run_get_best_accuracy (run);

  if (!isfinite (accuracy))
    return g_steal_pointer (&when);
  /* Translators: an earlier run: its best accuracy, and when it was made. */
  return g_strdup_printf (_("%.1f %% · %s"), 100 * accuracy, when);
}

static void
add_row (AttuneOverlayDialog *self, AttuneRun *run)
{
  GtkWidget *row = adw_switch_row_new ();
  g_autofree char *subtitle = describe (run);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), attune_run_get_title (run));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_switch_row_set_active (ADW_SWITCH_ROW (row),
                             g_ptr_array_find (attune_train_curves_get_others (self->curves), run,
                                               NULL));
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
  g_signal_connect_object (row, "notify::active", G_CALLBACK (switched_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
attune_overlay_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_OVERLAY_DIALOG);
  G_OBJECT_CLASS (attune_overlay_dialog_parent_class)->dispose (object);
}

static void
attune_overlay_dialog_finalize (GObject *object)
{
  AttuneOverlayDialog *self = ATTUNE_OVERLAY_DIALOG (object);

  g_ptr_array_unref (self->rows);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  G_OBJECT_CLASS (attune_overlay_dialog_parent_class)->finalize (object);
}

static void
attune_overlay_dialog_class_init (AttuneOverlayDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_overlay_dialog_dispose;
  object_class->finalize = attune_overlay_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-overlay-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneOverlayDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneOverlayDialog, group);
}

static void
attune_overlay_dialog_init (AttuneOverlayDialog *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
attune_overlay_dialog_new (GPtrArray *runs, AttuneTrainCurves *curves)
{
  AttuneOverlayDialog *self = g_object_new (ATTUNE_TYPE_OVERLAY_DIALOG, NULL);

  self->runs = g_ptr_array_ref (runs);
  self->curves = curves;
  for (guint i = 0; i < runs->len; i++)
    add_row (self, g_ptr_array_index (runs, i));
  update_sensitivity (self);
  gtk_stack_set_visible_child_name (self->stack, runs->len > 0 ? "runs" : "none");
  return ADW_DIALOG (self);
}
