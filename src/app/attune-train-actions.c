/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the menu of the Train page does. Choices of how curves are drawn are settings: their actions
 * are those of GSettings, so they are remembered and the same in every window.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-curve-export.h"
#include "attune-log-dialog.h"
#include "attune-overlay-dialog.h"
#include "attune-smoothing-dialog.h"
#include "attune-train-page-private.h"

/* (transfer full) (element-type AttuneRun): all that have ended, without the one that is shown. */
static GPtrArray *
list_other_runs (AttuneTrainPage *self)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = self->projects != NULL ? g_list_model_get_n_items (self->projects) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (self->projects, i);
      AttuneRun *run = attune_project_get_run (project);
      AttuneRunState state = attune_run_get_state (run);

      if (project != self->project && state != ATTUNE_RUN_DRAFT && state != ATTUNE_RUN_RUNNING
          && state != ATTUNE_RUN_PAUSED)
        g_ptr_array_add (runs, g_object_ref (run));
    }
  return runs;
}

static void
overlay_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneTrainPage *self = user_data;
  g_autoptr (GPtrArray) runs = NULL;

  if (self->project == NULL)
    return;
  runs = list_other_runs (self);
  adw_dialog_present (attune_overlay_dialog_new (runs, self->curves), GTK_WIDGET (self));
}

static void
log_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  if (self->log != NULL)
    adw_dialog_present (attune_log_dialog_new (self->log), GTK_WIDGET (self));
}

static void
export_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneTrainPage *self = user_data;
  AttuneCurveExport what = { NULL, self->loss_plot, self->accuracy_plot,
                             g_variant_get_string (parameter, NULL) };

  if (self->project == NULL)
    return;
  what.run = attune_project_get_run (self->project);
  attune_curve_export_ask (&what, GTK_WIDGET (self));
}

static void
reset_zoom_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  attune_plot_reset_zoom (((AttuneTrainPage *) user_data)->loss_plot);
}

static void
set_table_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  gtk_stack_set_visible_child_name (self->card, g_variant_get_boolean (value) ? "table" : "plots");
  g_simple_action_set_state (action, value);
}

static void
smoothing_weight_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneTrainPage *self = user_data;

  adw_dialog_present (attune_smoothing_dialog_new (self->settings), GTK_WIDGET (self));
}

static void
axis_changed_cb (AttuneTrainPage *self)
{
  g_autofree char *axis = g_settings_get_string (self->settings, "x-axis");

  attune_train_curves_set_axis (self->curves, axis);
}

static void
metric_changed_cb (AttuneTrainPage *self)
{
  g_autofree char *metric = g_settings_get_string (self->settings, "metric");

  attune_train_curves_set_metric (self->curves, metric);
}

void
attune_train_page_init_actions (AttuneTrainPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "overlay", .activate = overlay_cb },
    { .name = "log", .activate = log_cb },
    { .name = "export", .activate = export_cb, .parameter_type = "s" },
    { .name = "reset-zoom", .activate = reset_zoom_cb },
    { .name = "smoothing-weight", .activate = smoothing_weight_cb },
    { .name = "table", .state = "false", .change_state = set_table_cb },
  };
  static const char * const remembered[] = { "x-axis", "metric", "log-loss", "smoothing" };
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  GSimpleActionGroup *group = g_simple_action_group_new ();

  self->actions = G_ACTION_GROUP (group);
  self->settings = g_settings_get_child (settings, "curves");
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (remembered); i++)
    {
      g_autoptr (GAction) action = g_settings_create_action (self->settings, remembered[i]);

      g_action_map_add_action (G_ACTION_MAP (group), action);
    }
  g_settings_bind (self->settings, "log-loss", self->loss_plot, "log-y", G_SETTINGS_BIND_GET);
  g_settings_bind (self->settings, "smoothing", self->loss_plot, "smoothing", G_SETTINGS_BIND_GET);
  g_settings_bind (self->settings, "smoothing", self->accuracy_plot, "smoothing",
                   G_SETTINGS_BIND_GET);
  g_signal_connect_object (self->settings, "changed::x-axis", G_CALLBACK (axis_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::metric", G_CALLBACK (metric_changed_cb), self,
                           G_CONNECT_SWAPPED);
  axis_changed_cb (self);
  metric_changed_cb (self);
}
