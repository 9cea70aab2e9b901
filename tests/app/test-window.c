/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window as a person meets it: which actions there are when, deleting and undoing, closing while
 * a model is being trained.
 */
#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "attune-run-sidebar.h"
#include "attune-train-page.h"
#include "notification-server.h"

static GPtrArray *notifications;

/* Whether a button somewhere in the window that names the action could be pressed. */
static gboolean
is_enabled (AttuneWindow *window, const char *action)
{
  AdwWrapBox *box = app_fixture_get_child (app_fixture_find (window, ATTUNE_TYPE_TRAIN_PAGE), "phases");
  GtkWidget *probe = gtk_button_new ();
  gboolean enabled;

  gtk_actionable_set_action_name (GTK_ACTIONABLE (probe), action);
  adw_wrap_box_append (box, probe);
  enabled = gtk_widget_get_sensitive (probe);
  adw_wrap_box_remove (box, probe);
  return enabled;
}

static void
activate (AttuneWindow *window, const char *action)
{
  g_assert_true (is_enabled (window, action));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), action, NULL));
}

static const char *
get_root (AttuneWindow *window)
{
  return gtk_stack_get_visible_child_name (app_fixture_get_child (window, "root_stack"));
}

static const char *
get_page (AttuneWindow *window)
{
  return adw_view_stack_get_visible_child_name (app_fixture_get_child (window, "stack"));
}

static guint
count_projects (AttuneApplication *application)
{
  return g_list_model_get_n_items (G_LIST_MODEL (attune_application_get_projects (application)));
}

/* (transfer none): a draft shown in the window, ready to start. */
static AttuneProject *
open_draft (AttuneApplication *application, guint n_rows)
{
  AttuneWindow *window = app_fixture_get_window (application);
  g_autoptr (GFile) file = app_fixture_write_rows (n_rows);
  AttuneProject *project = attune_application_open_file (application, file);

  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_set (project, "per_device_train_batch_size", "4", NULL);
  attune_window_show_project (window, project);
  app_fixture_wait_loaded (project);
  return project;
}

/* The button with these words, mnemonic included, anywhere below widget. */
static GtkWidget *
find_button (GtkWidget *widget, const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
click (gpointer below, const char *label)
{
  GtkWidget *button = find_button (GTK_WIDGET (below), label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

/* Takes the steps in an application without earlier runs. */
static void
run_afresh (const char *script, AppFixtureSteps steps)
{
  if (!app_fixture_use_engine (script))
    return;
  app_fixture_clear_runs ();
  app_fixture_run_application (steps);
}

static void
check_actions (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneProject *project;
  AttuneRun *run;

  g_assert_cmpstr (get_root (window), ==, "start");
  g_assert_true (is_enabled (window, "win.open"));
  g_assert_true (is_enabled (window, "win.open-sample"));
  g_assert_false (is_enabled (window, "win.start"));
  g_assert_false (is_enabled (window, "win.pause"));
  g_assert_false (is_enabled (window, "win.stop"));
  g_assert_false (is_enabled (window, "win.delete-run"));
  g_assert_false (is_enabled (window, "win.new-copy"));

  project = open_draft (application, 40);
  run = attune_project_get_run (project);
  g_assert_cmpstr (get_root (window), ==, "main");
  g_assert_cmpstr (get_page (window), ==, "data");
  g_assert_true (is_enabled (window, "win.start"));
  g_assert_true (is_enabled (window, "win.delete-run"));
  g_assert_false (is_enabled (window, "win.pause"));
  app_fixture_set (project, "max_steps", "2", "warmup_steps", "5", NULL);
  g_assert_false (is_enabled (window, "win.start"));
  app_fixture_set (project, "max_steps", "-1", "warmup_steps", "0", NULL);
  g_assert_true (is_enabled (window, "win.start"));

  activate (window, "win.start");
  g_assert_cmpstr (get_page (window), ==, "train");
  g_assert_false (is_enabled (window, "win.start"));
  g_assert_true (is_enabled (window, "win.pause"));
  g_assert_true (is_enabled (window, "win.stop"));
  g_assert_false (is_enabled (window, "win.delete-run"));
  activate (window, "win.pause");
  app_fixture_wait_state (run, ATTUNE_RUN_PAUSED);
  g_assert_true (is_enabled (window, "win.stop"));
  activate (window, "win.pause");
  app_fixture_wait_state (run, ATTUNE_RUN_RUNNING);
  activate (window, "win.stop");
  app_fixture_wait_state (run, ATTUNE_RUN_STOPPED);
  g_assert_false (is_enabled (window, "win.pause"));
  g_assert_false (is_enabled (window, "win.stop"));
  g_assert_true (is_enabled (window, "win.delete-run"));

  activate (window, "win.new-copy");
  g_assert_cmpstr (get_page (window), ==, "setup");
  g_assert_true (attune_window_get_project (window) != project);
  g_assert_cmpuint (count_projects (application), ==, 2);
  app_fixture_wait_loaded (attune_window_get_project (window));
  g_assert_true (is_enabled (window, "win.start"));
}

static void
test_actions_follow_the_state (void)
{
  run_afresh ("slow=10ms", check_actions);
}

static gboolean
is_gone (gpointer data)
{
  return !g_file_test (data, G_FILE_TEST_EXISTS);
}

static void
check_deleting (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AdwToastOverlay *overlay = app_fixture_get_child (window, "toast_overlay");
  AttuneProject *draft = open_draft (application, 20);
  AttuneProject *project = open_draft (application, 24);
  g_autofree char *folder = NULL;

  app_fixture_set (project, "max_steps", "2", NULL);
  app_fixture_train (project);
  folder = g_strdup (attune_run_get_folder (attune_project_get_run (project)));

  activate (window, "win.delete-run");
  g_assert_cmpuint (count_projects (application), ==, 1);
  g_assert_true (attune_window_get_project (window) == draft);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  app_fixture_spin (50);
  click (overlay, "_Undo");
  g_assert_cmpuint (count_projects (application), ==, 2);
  app_fixture_spin (400);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));

  attune_window_show_project (window, project);
  activate (window, "win.delete-run");
  app_fixture_spin (50);
  adw_toast_overlay_dismiss_all (overlay);
  app_fixture_wait (is_gone, folder);
  activate (window, "win.delete-run");
  g_assert_cmpuint (count_projects (application), ==, 0);
  g_assert_cmpstr (get_root (window), ==, "start");
  g_assert_null (attune_window_get_project (window));
}

static void
test_deleting_can_be_undone (void)
{
  run_afresh ("", check_deleting);
}

static char *deleted_folder;

static void
delete_and_close (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneProject *project = open_draft (application, 24);

  app_fixture_set (project, "max_steps", "2", NULL);
  app_fixture_train (project);
  deleted_folder = g_strdup (attune_run_get_folder (attune_project_get_run (project)));
  activate (window, "win.delete-run");
  app_fixture_spin (50);
  gtk_window_close (GTK_WINDOW (window));
  app_fixture_spin (50);
}

/* Closing is no undoing. */
static void
test_what_is_deleted_does_not_come_back (void)
{
  run_afresh ("", delete_and_close);
  if (deleted_folder != NULL)
    g_assert_true (is_gone (deleted_folder));
  g_clear_pointer (&deleted_folder, g_free);
}

/* Starts a run that takes a while and asks the window to close. (transfer none): the question. */
static AdwDialog *
close_while_training (AttuneApplication *application, AttuneRun **run)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneProject *project = open_draft (application, 40);
  AdwDialog *dialog;

  *run = attune_project_get_run (project);
  activate (window, "win.start");
  while (attune_run_get_step (*run) < 1)
    app_fixture_spin (20);
  gtk_window_close (GTK_WINDOW (window));
  g_assert_true (app_fixture_get_window (application) == window);
  dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window));
  g_assert_true (ADW_IS_ALERT_DIALOG (dialog));
  g_assert_true (adw_alert_dialog_has_response (ADW_ALERT_DIALOG (dialog), "cancel"));
  g_assert_true (adw_alert_dialog_has_response (ADW_ALERT_DIALOG (dialog), "stop"));
  g_assert_true (adw_alert_dialog_has_response (ADW_ALERT_DIALOG (dialog), "background"));
  app_fixture_spin (50);
  return dialog;
}

static gboolean
has_no_window (gpointer data)
{
  return app_fixture_get_window (ATTUNE_APPLICATION (data)) == NULL;
}

static void
close_and_cancel (AttuneApplication *application)
{
  AttuneRun *run;
  AdwDialog *dialog = close_while_training (application, &run);
  AttuneWindow *window = app_fixture_get_window (application);

  click (dialog, "_Cancel");
  app_fixture_spin (100);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_RUNNING);
  activate (window, "win.stop");
  app_fixture_wait_state (run, ATTUNE_RUN_STOPPED);
  app_fixture_spin (50);
  g_assert_true (app_fixture_get_window (application) == window);
  /* Nothing runs: closing closes. */
  gtk_window_close (GTK_WINDOW (window));
  app_fixture_wait (has_no_window, application);
}

static void
close_and_stop (AttuneApplication *application)
{
  AttuneRun *run;
  AdwDialog *dialog = close_while_training (application, &run);

  g_object_ref (run);
  click (dialog, "_Stop and Keep");
  g_assert_false (has_no_window (application));
  app_fixture_wait (has_no_window, application);
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_STOPPED);
  g_assert_true (attune_run_can_classify (run));
  g_object_unref (run);
}

static void
close_to_the_background (AttuneApplication *application)
{
  AttuneRun *run;
  AdwDialog *dialog = close_while_training (application, &run);
  AttuneWindow *window = app_fixture_get_window (application);
  gint64 step;

  g_object_ref (run);
  click (dialog, "Keep _Training");
  app_fixture_spin (50);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window)));
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_RUNNING);
  step = attune_run_get_step (run);

  /* Opened again meanwhile: the same window. */
  g_application_activate (G_APPLICATION (application));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  gtk_window_close (GTK_WINDOW (window));
  dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window));
  app_fixture_spin (50);
  click (dialog, "Keep _Training");
  app_fixture_spin (20);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window)));

  /* With its run, the hidden window goes. */
  app_fixture_wait (has_no_window, application);
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_run_get_step (run), >, step);
  g_object_unref (run);

  /* Told all the same. */
  app_fixture_spin (50);
  g_assert_cmpuint (notifications->len, ==, 1);
  g_test_message ("%s", (const char *) notifications->pdata[0]);
  g_assert_true (g_str_has_prefix (notifications->pdata[0], "rows-40: Training has finished"));
}

static void
test_closing_can_be_called_off (void)
{
  run_afresh ("slow=20ms", close_and_cancel);
}

static void
test_closing_can_stop_the_run (void)
{
  run_afresh ("slow=20ms", close_and_stop);
}

static void
test_closing_can_leave_the_run_alone (void)
{
  g_ptr_array_set_size (notifications, 0);
  run_afresh ("slow=20ms", close_to_the_background);
}

/* The program ends under a run: nothing hangs, nothing warns, the run is kept. */
static void
quit_while_training (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);

  open_draft (application, 40);
  activate (window, "win.start");
  app_fixture_spin (100);
}

static void
test_ending_under_a_run_keeps_it (void)
{
  g_autoptr (GPtrArray) runs = NULL;

  if (!app_fixture_use_engine ("slow=20ms"))
    return;
  app_fixture_clear_runs ();
  app_fixture_run_application (quit_while_training);
  runs = attune_run_list (NULL);
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpint (attune_run_get_state (g_ptr_array_index (runs, 0)), ==, ATTUNE_RUN_STOPPED);
}

/* What earlier sessions left is listed at the next start. */
static void
check_list (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);

  app_fixture_spin (300);
  g_assert_cmpuint (count_projects (application), ==, 1);
  g_assert_cmpstr (get_root (window), ==, "main");
  g_assert_nonnull (attune_window_get_project (window));
  g_assert_true (attune_run_sidebar_get_project (app_fixture_get_child (window, "sidebar"))
                 == attune_window_get_project (window));
  attune_window_show_page (window, "results");
  app_fixture_spin (50);
  attune_window_try_text (window, "a b c", NULL);
  g_assert_cmpstr (get_page (window), ==, "try");
  app_fixture_spin (50);
}

static void
test_earlier_runs_are_listed (void)
{
  if (!app_fixture_use_engine ("slow=20ms"))
    return;
  app_fixture_clear_runs ();
  app_fixture_run_application (quit_while_training);
  app_fixture_run_application (check_list);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  notifications = notification_server_start ();
  g_test_add_func ("/window/actions", test_actions_follow_the_state);
  g_test_add_func ("/window/deleting", test_deleting_can_be_undone);
  g_test_add_func ("/window/deleted-stays-deleted", test_what_is_deleted_does_not_come_back);
  g_test_add_func ("/window/close-cancel", test_closing_can_be_called_off);
  g_test_add_func ("/window/close-stop", test_closing_can_stop_the_run);
  g_test_add_func ("/window/close-background", test_closing_can_leave_the_run_alone);
  g_test_add_func ("/window/end-under-run", test_ending_under_a_run_keeps_it);
  g_test_add_func ("/window/earlier-runs", test_earlier_runs_are_listed);
  return app_fixture_run ();
}
