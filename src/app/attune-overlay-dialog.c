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
  GPtrArray *chosen;  /* AttuneRun */
  guint n_reading;    /* runs whose curves are being read */
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
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneOverlayDialog) self = ATTUNE_OVERLAY_DIALOG (user_data);

  attune_run_load_finish (ATTUNE_RUN (source), result, NULL);
  /* Closed by now, it no longer knows whether there are curves. */
  if (--self->n_reading == 0 && self->curves != NULL)
    attune_train_curves_set_others (self->curves, self->chosen);
}

/* Runs of the list have not read their curves yet. */
static void
switched_cb (AttuneOverlayDialog *self)
{
  g_ptr_array_set_size (self->chosen, 0);
  for (guint i = 0; i < self->rows->len; i++)
    if (is_on (self, i))
      g_ptr_array_add (self->chosen, g_object_ref (g_ptr_array_index (self->runs, i)));
  self->n_reading += self->chosen->len;
  for (guint i = 0; i < self->chosen->len; i++)
    attune_run_load_async (g_ptr_array_index (self->chosen, i), NULL, read_cb,
                           g_object_ref (self));
  if (self->n_reading == 0)
    attune_train_curves_set_others (self->curves, self->chosen);
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
  ATTUNE_OVERLAY_DIALOG (object)->curves = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_OVERLAY_DIALOG);
  G_OBJECT_CLASS (attune_overlay_dialog_parent_class)->dispose (object);
}

static void
attune_overlay_dialog_finalize (GObject *object)
{
  AttuneOverlayDialog *self = ATTUNE_OVERLAY_DIALOG (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->chosen);
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
  self->chosen = g_ptr_array_new_with_free_func (g_object_unref);
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
