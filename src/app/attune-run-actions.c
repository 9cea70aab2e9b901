/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. The project meant is the one whose menu is open, else the one that is shown.
 */
#include "config.h"

#include "attune-run-actions.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-comparison-dialog.h"
#include "attune-open-dialog.h"
#include "attune-run-deletion.h"
#include "attune-run-details.h"

/* In all, with those that were trained already. */
#define MOST_EPOCHS 1000

static AttuneApplication *
get_application (AttuneWindow *self)
{
  return ATTUNE_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
}

static AttuneTrainer *
get_trainer (AttuneWindow *self)
{
  return attune_application_get_trainer (get_application (self));
}

/* Of the project that is shown, as are the buttons for it. */
static void
start_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  g_autoptr (GError) error = NULL;

  if (attune_project_start (attune_window_get_project (self), &error))
    attune_window_show_page (self, "train");
  else
    attune_window_show_error (self, error->message, NULL);
  attune_run_actions_update (self, attune_window_get_project (self));
}

static void
pause_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  AttuneRun *run = attune_trainer_get_run (get_trainer (self));

  if (run != NULL && attune_run_get_state (run) == ATTUNE_RUN_PAUSED)
    attune_trainer_continue (get_trainer (self));
  else if (run != NULL)
    attune_trainer_pause (get_trainer (self));
}

static void
stop_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  attune_trainer_stop (get_trainer (ATTUNE_WINDOW (widget)), "user");
}

static void
new_copy_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  g_autoptr (AttuneProject) copy = attune_project_new_copy (attune_window_get_chosen (self));

  attune_application_add_project (get_application (self), copy);
  attune_window_show_project (self, copy);
  attune_window_show_page (self, "setup");
}

static void
delete_run_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  g_autoptr (AttuneProject) project = g_object_ref (attune_window_get_chosen (self));
  AdwToast *toast;

  attune_window_show_project (self, NULL);
  toast = attune_run_deletion_begin (get_application (self), project);
  if (toast != NULL)
    attune_window_add_toast (self, toast);
}

static void
run_details_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  adw_dialog_present (attune_run_details_new (attune_window_get_chosen (self)), widget);
}

static void
compare_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  GListStore *projects = attune_application_get_projects (get_application (self));

  adw_dialog_present (attune_comparison_dialog_new (G_LIST_MODEL (projects), attune_window_get_chosen (self)),
                      widget);
}

static void
open_run_folder_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  attune_open_dialog_show_folder (self, attune_project_get_run (attune_window_get_chosen (self)));
}

static void
continued_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneWindow) window = ATTUNE_WINDOW (user_data);
  g_autoptr (GError) error = NULL;

  /* The window may be gone by now. */
  if (!attune_project_continue_finish (ATTUNE_PROJECT (source), result, &error)
      && gtk_window_get_application (GTK_WINDOW (window)) != NULL)
    attune_window_show_error (window, error->message, NULL);
}

static void
go_on (AttuneWindow *window, AttuneProject *project, double n_epochs)
{
  attune_window_show_project (window, project);
  attune_window_show_page (window, "train");
  attune_project_continue_async (project, n_epochs, continued_cb, g_object_ref (window));
}

static void
continue_run_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);

  go_on (window, attune_window_get_chosen (window), 0);
}

static void
further_response_cb (AdwAlertDialog *dialog, const char *response, AttuneWindow *window)
{
  AdwSpinRow *row = g_object_get_data (G_OBJECT (dialog), "epochs");
  AttuneProject *project = g_object_get_data (G_OBJECT (dialog), "project");

  if (g_str_equal (response, "train"))
    go_on (window, project, adw_spin_row_get_value (row));
}

static void
train_further_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);
  AttuneProject *project = attune_window_get_chosen (window);
  AttuneRun *run = attune_project_get_run (project);
  double epochs = floor (attune_run_get_epoch (run)) + 1;
  GtkWidget *row = adw_spin_row_new_with_range (epochs, MOST_EPOCHS, 1);
  GtkWidget *list = gtk_list_box_new ();
  g_autofree char *body =
    g_strdup_printf (_("“%s” has trained for %.4g epochs. It goes on from its last checkpoint; the "
                       "learning rate follows the schedule of the new number."),
                     attune_run_get_title (run), attune_run_get_epoch (run));
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_("Train Further"), body));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Epochs in All"));
  adw_spin_row_set_value (ADW_SPIN_ROW (row), epochs);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  adw_alert_dialog_set_extra_child (dialog, list);
  adw_alert_dialog_add_responses (dialog, "cancel", _("_Cancel"), "train", _("_Train"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "train", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_default_response (dialog, "train");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_object_set_data (G_OBJECT (dialog), "epochs", row);
  g_object_set_data_full (G_OBJECT (dialog), "project", g_object_ref (project), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (further_response_cb), window, 0);
  adw_dialog_present (ADW_DIALOG (dialog), widget);
}

static void
show_new (AttuneWindow *window, AttuneProject *project)
{
  attune_application_add_project (ATTUNE_APPLICATION (gtk_window_get_application (
                                    GTK_WINDOW (window))), project);
  attune_window_show_project (window, project);
  attune_window_show_page (window, "setup");
}

static void
new_seed_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);
  g_autoptr (AttuneProject) copy = attune_project_new_with_seed (attune_window_get_chosen (window));

  show_new (window, copy);
}

static void
new_from_weights_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);
  g_autoptr (AttuneProject) copy =
    attune_project_new_from_weights (attune_window_get_chosen (window));

  show_new (window, copy);
}

void
attune_run_actions_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.start", NULL, start_cb);
  gtk_widget_class_install_action (window_class, "win.pause", NULL, pause_cb);
  gtk_widget_class_install_action (window_class, "win.stop", NULL, stop_cb);
  gtk_widget_class_install_action (window_class, "win.delete-run", NULL, delete_run_cb);
  gtk_widget_class_install_action (window_class, "win.new-copy", NULL, new_copy_cb);
  gtk_widget_class_install_action (window_class, "win.rename-run", NULL, run_details_cb);
  gtk_widget_class_install_action (window_class, "win.run-details", NULL, run_details_cb);
  gtk_widget_class_install_action (window_class, "win.compare", NULL, compare_cb);
  gtk_widget_class_install_action (window_class, "win.open-run-folder", NULL, open_run_folder_cb);
  gtk_widget_class_install_action (window_class, "win.continue-run", NULL, continue_run_cb);
  gtk_widget_class_install_action (window_class, "win.train-further", NULL, train_further_cb);
  gtk_widget_class_install_action (window_class, "win.new-seed", NULL, new_seed_cb);
  gtk_widget_class_install_action (window_class, "win.new-from-weights", NULL,
                                   new_from_weights_cb);
}

/* A window that was closed belongs to no application any more. */
static gboolean
is_active (AttuneWindow *window, AttuneRun *run)
{
  return get_application (window) != NULL && attune_trainer_get_run (get_trainer (window)) == run;
}

void
attune_run_actions_update (AttuneWindow *window, AttuneProject *project)
{
  GtkWidget *widget = GTK_WIDGET (window);
  AttuneRun *run = project != NULL ? attune_project_get_run (project) : NULL;
  gboolean can = project != NULL && attune_project_can_continue (project);
  gboolean finished = run != NULL && attune_run_get_state (run) == ATTUNE_RUN_FINISHED;
  gboolean has_data = project != NULL && attune_project_get_file (project) != NULL;
  gboolean is_draft = run != NULL && attune_run_get_state (run) == ATTUNE_RUN_DRAFT;
  gboolean active = run != NULL && is_active (window, run);
  g_autofree char *obstacle = is_draft ? attune_project_get_obstacle (project) : NULL;

  gtk_widget_action_set_enabled (widget, "win.start",
                                 is_draft && obstacle == NULL
                                   && attune_project_get_turn (project) == 0);
  gtk_widget_action_set_enabled (widget, "win.pause", active);
  gtk_widget_action_set_enabled (widget, "win.stop", active);
  gtk_widget_action_set_enabled (widget, "win.delete-run", run != NULL && !active);
  gtk_widget_action_set_enabled (widget, "win.new-copy", has_data);
  gtk_widget_action_set_enabled (widget, "win.rename-run", run != NULL);
  gtk_widget_action_set_enabled (widget, "win.run-details", run != NULL);
  gtk_widget_action_set_enabled (widget, "win.compare",
                                 run != NULL && attune_run_get_folder (run) != NULL);
  gtk_widget_action_set_enabled (widget, "win.open-run-folder",
                                 run != NULL && attune_run_get_folder (run) != NULL);
  gtk_widget_action_set_enabled (widget, "win.continue-run", can && !finished);
  gtk_widget_action_set_enabled (widget, "win.train-further", can && finished);
  gtk_widget_action_set_enabled (widget, "win.new-seed", has_data);
  gtk_widget_action_set_enabled (widget, "win.new-from-weights",
                                 has_data && attune_run_get_folder (run) != NULL
                                   && attune_run_can_classify (run));
}
