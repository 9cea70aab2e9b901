/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs that wait: they start one after another, outlive the program, and do not hold one another up.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app-fixture.h"
#include "attune-queue-actions.h"
#include "attune-run-queue.h"
#include "attune-train-page.h"
#include "attune-waiting-runs.h"
#include "notification-server.h"

static GPtrArray *notifications;

/* (transfer none): a draft in the list whose run has this title. */
static AttuneProject *
open_draft (AttuneApplication *application, const char *title)
{
  g_autoptr (GFile) file = app_fixture_write_rows (20);
  AttuneProject *project = attune_application_open_file (application, file);

  attune_run_set_title (attune_project_get_run (project), title);
  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_set (project, "per_device_train_batch_size", "4", "num_train_epochs", "1", NULL);
  app_fixture_wait_loaded (project);
  return project;
}

static gboolean
is_enabled (AttuneApplication *application, const char *action)
{
  AttuneWindow *window = app_fixture_get_window (application);
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
activate (AttuneApplication *application, const char *action)
{
  g_assert_true (is_enabled (application, action));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (app_fixture_get_window (application)), action,
                                             NULL));
}

static void
show (AttuneApplication *application, AttuneProject *project)
{
  attune_window_show_project (app_fixture_get_window (application), project);
  app_fixture_spin (20);
}

static char *
get_words (AttuneProject *project)
{
  g_autoptr (AttuneProject) held = g_object_ref (project);
  GtkWidget *row = g_object_ref_sink (g_object_new (g_type_from_name ("AttuneRunRow"), "project", project,
                                                    NULL));
  char *words = g_strdup (app_fixture_get_words (row, "subtitle"));

  g_object_set (row, "project", NULL, NULL);
  g_object_unref (row);
  return words;
}

static void
assert_words (AttuneProject *project, const char *want)
{
  g_autofree char *words = get_words (project);

  g_assert_cmpstr (words, ==, want);
}

static void
wait_in_line (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *first = open_draft (application, "first");
  AttuneProject *second = open_draft (application, "second");
  AttuneProject *third = open_draft (application, "third");
  g_autofree char *path = attune_waiting_runs_get_path ();
  g_autoptr (GError) error = NULL;

  show (application, second);
  g_assert_false (is_enabled (application, "win.enqueue")); /* nothing to wait for */
  g_assert_true (attune_project_start (first, &error));
  g_assert_no_error (error);
  app_fixture_spin (20);
  activate (application, "win.enqueue");
  g_assert_false (attune_project_get_editable (second));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  show (application, third);
  activate (application, "win.enqueue");
  g_assert_cmpuint (attune_run_queue_get_n_waiting (queue), ==, 2);
  assert_words (second, "Waiting · next");
  assert_words (third, "Waiting · no. 2");
  activate (application, "win.queue-up");
  assert_words (third, "Waiting · next");
  g_assert_cmpuint (attune_project_get_turn (second), ==, 2);
  app_fixture_spin (20);
  g_assert_false (is_enabled (application, "win.queue-up"));

  /* A run that is stopped makes way for the next one. */
  attune_trainer_stop (attune_application_get_trainer (application), "user");
  app_fixture_wait_state (attune_project_get_run (third), ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_run_get_state (attune_project_get_run (first)), ==, ATTUNE_RUN_STOPPED);
  app_fixture_wait_state (attune_project_get_run (second), ATTUNE_RUN_FINISHED);
  g_assert_cmpuint (attune_run_queue_get_n_waiting (queue), ==, 0);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
leave_while_they_wait (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *first = open_draft (application, "first");
  g_autoptr (AttuneTrainConfig) config =
    attune_train_config_copy (attune_project_get_config (first));
  g_autoptr (GError) error = NULL;

  attune_project_start (first, &error);
  g_assert_no_error (error);
  g_assert_true (attune_train_config_set (config, "seed", "7", NULL));
  g_assert_true (attune_run_queue_add_settings (queue, first, config, "seed 7", &error));
  g_assert_true (attune_train_config_set (config, "seed", "8", NULL));
  g_assert_true (attune_run_queue_add_settings (queue, first, config, "seed 8", &error));
  g_assert_no_error (error);
  app_fixture_spin (50);
}

static AttuneProject *
find (AttuneApplication *application, const char *title)
{
  GListModel *projects = G_LIST_MODEL (attune_application_get_projects (application));

  for (guint i = 0; i < g_list_model_get_n_items (projects); i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (projects, i);

      if (g_str_equal (attune_run_get_title (attune_project_get_run (project)), title))
        return project;
    }
  return NULL;
}

static void
come_back (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *seven, *eight;

  app_fixture_spin (300);
  g_assert_cmpuint (attune_run_queue_get_n_waiting (queue), ==, 2);
  g_assert_true (attune_run_queue_is_held (queue));
  g_assert_null (attune_trainer_get_run (attune_application_get_trainer (application)));
  seven = find (application, "seed 7");
  eight = find (application, "seed 8");
  g_assert_cmpuint (attune_project_get_turn (seven), ==, 1);
  g_assert_null (attune_project_get_dataset (seven)); /* nothing is read before its turn */
  /* One is taken out; the other goes on once the person says so. */
  show (application, seven);
  app_fixture_wait_loaded (seven);
  activate (application, "win.dequeue");
  g_assert_true (attune_project_get_editable (seven));
  activate (application, "win.start-queue");
  app_fixture_wait_state (attune_project_get_run (eight), ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_train_config_get_int (attune_run_get_config (attune_project_get_run (eight)),
                                                "seed"), ==, 8);
  g_assert_cmpint (attune_run_get_state (attune_project_get_run (seven)), ==, ATTUNE_RUN_DRAFT);
}

/* Of those that are held one may be started by itself. */
static void
start_one_of_them (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *seven, *eight, *more;

  app_fixture_spin (300);
  seven = find (application, "seed 7");
  eight = find (application, "seed 8 renamed");
  show (application, eight);
  app_fixture_wait_loaded (eight);
  activate (application, "win.start-now");
  app_fixture_wait_state (attune_project_get_run (eight), ATTUNE_RUN_RUNNING);
  app_fixture_spin (20);
  g_assert_false (is_enabled (application, "win.start-now"));
  app_fixture_wait_state (attune_project_get_run (eight), ATTUNE_RUN_FINISHED);
  app_fixture_spin (50);
  g_assert_null (attune_trainer_get_run (attune_application_get_trainer (application)));
  g_assert_true (attune_run_queue_is_held (queue));
  g_assert_cmpuint (attune_project_get_turn (seven), ==, 1);
  /* What joins them waits with them. */
  more = open_draft (application, "more");
  show (application, more);
  activate (application, "win.enqueue");
  app_fixture_spin (50);
  g_assert_cmpuint (attune_project_get_turn (more), ==, 2);
  g_assert_null (attune_trainer_get_run (attune_application_get_trainer (application)));
}

static void
rename_one (AttuneApplication *application)
{
  leave_while_they_wait (application);
  attune_run_set_title (attune_project_get_run (find (application, "seed 8")), "seed 8 renamed");
}

static void
note_cb (char **message, const char *text)
{
  g_set_str (message, text);
}

static void
count_cb (guint *n_messages)
{
  (*n_messages)++;
}

/* Runs that wait for the same data share its fate: it is told once, and not of each. */
static void
lose_the_data_of_five (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *first = open_draft (application, "first");
  g_autoptr (GFile) other = app_fixture_write_file ("other.csv", "text,label\na b,x\nc d,y\n", -1);
  AttuneProject *second = attune_application_open_file (application, other);
  AttuneProject *third = open_draft (application, "third");
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  guint n_messages = 0;

  g_signal_connect_swapped (queue, "failed", G_CALLBACK (note_cb), &message);
  g_signal_connect_swapped (queue, "failed", G_CALLBACK (count_cb), &n_messages);
  attune_run_set_title (attune_project_get_run (second), "second");
  attune_project_set_model (second, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (second);
  attune_project_start (first, &error);
  g_assert_no_error (error);
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *title = g_strdup_printf ("gone %u", i);

      g_assert_true (attune_run_queue_add_settings (queue, second,
                                                    attune_project_get_config (second), title,
                                                    &error));
    }
  g_assert_true (attune_run_queue_add (queue, third, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (g_file_peek_path (other)), ==, 0);
  app_fixture_wait_state (attune_project_get_run (third), ATTUNE_RUN_FINISHED);
  g_test_message ("%s", message);
  g_assert_nonnull (message);
  g_assert_cmpuint (n_messages, ==, 1);
  g_assert_true (g_str_has_prefix (message, "“gone 1” could not start: "));
  g_assert_nonnull (strstr (message, "\n“gone 3” could not start: "));
  g_assert_null (strstr (message, "gone 4"));
  g_assert_true (g_str_has_suffix (message, "\n2 more runs could not start either."));
  g_assert_cmpuint (attune_project_get_turn (find (application, "gone 5")), ==, 0);
  app_fixture_spin (50);
}

/* The rows that were looked at, amended and judged are no longer those of the file. */
static void
change_the_data_of_one (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  g_autoptr (GFile) changed = NULL;
  g_autofree char *message = NULL;

  app_fixture_spin (300);
  g_signal_connect_swapped (queue, "failed", G_CALLBACK (note_cb), &message);
  changed = app_fixture_write_file ("rows-20.csv", "text,label\na b,no\nc d,yes\ne f,no\ng h,yes\n", -1);
  attune_run_queue_set_held (queue, FALSE);
  while (attune_run_queue_get_n_waiting (queue) > 0)
    app_fixture_spin (20);
  g_test_message ("%s", message);
  /* Told once for both. */
  g_assert_nonnull (strstr (message, "rows-20.csv has changed since"));
  g_assert_nonnull (strstr (message, "“seed 7” could not start"));
  g_assert_nonnull (strstr (message, "“seed 8” could not start"));
  g_assert_cmpint (attune_run_get_state (attune_project_get_run (find (application, "seed 8"))), ==,
                   ATTUNE_RUN_DRAFT);
}

static void
delete_one (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *first = open_draft (application, "first");
  AttuneProject *second = open_draft (application, "second");
  g_autoptr (GError) error = NULL;

  attune_project_start (first, &error);
  attune_run_queue_add (queue, second, &error);
  g_assert_no_error (error);
  show (application, second);
  activate (application, "win.delete-run");
  app_fixture_spin (20);
  g_assert_cmpuint (attune_run_queue_get_n_waiting (queue), ==, 0);
  app_fixture_wait_state (attune_project_get_run (first), ATTUNE_RUN_FINISHED);
}

static gboolean
has_no_window (gpointer data)
{
  return app_fixture_get_window (ATTUNE_APPLICATION (data)) == NULL;
}

/* Without a window both run, and then the program has no more to do. */
static void
go_on_without_a_window (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *first = open_draft (application, "first");
  AttuneProject *second = open_draft (application, "second");
  g_autoptr (AttuneRun) last = g_object_ref (attune_project_get_run (second));
  g_autoptr (GError) error = NULL;

  g_settings_set_string (attune_application_get_settings (application), "when-closing", "background");
  attune_project_start (first, &error);
  attune_run_queue_add (queue, second, &error);
  g_assert_no_error (error);
  gtk_window_close (GTK_WINDOW (app_fixture_get_window (application)));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (app_fixture_get_window (application))));
  app_fixture_wait (has_no_window, application);
  g_assert_cmpint (attune_run_get_state (last), ==, ATTUNE_RUN_FINISHED);
  app_fixture_spin (50);
  g_assert_cmpuint (notifications->len, ==, 2);
  g_settings_reset (attune_application_get_settings (application), "when-closing");
}

/* What a click on a notification does. */
static void
click_a_notification (AttuneApplication *application)
{
  AttuneProject *first = open_draft (application, "first");
  AttuneProject *second = open_draft (application, "second");

  app_fixture_train (first);
  show (application, second);
  g_action_group_activate_action (G_ACTION_GROUP (application), "show-run",
                                  g_variant_new_string (
                                    attune_run_get_folder (attune_project_get_run (first))));
  app_fixture_spin (50);
  g_assert_true (attune_window_get_project (app_fixture_get_window (application)) == first);
  /* One that is gone does no harm. */
  g_action_group_activate_action (G_ACTION_GROUP (application), "show-run",
                                  g_variant_new_string ("/nowhere"));
  app_fixture_spin (20);
}

static void
run_afresh (const char *script, AppFixtureSteps steps)
{
  if (!app_fixture_use_engine (script))
    return;
  app_fixture_clear_runs ();
  g_ptr_array_set_size (notifications, 0);
  app_fixture_run_application (steps);
}

static void
test_one_after_another (void)
{
  run_afresh ("slow=100ms", wait_in_line);
}

static void
test_they_outlive_the_program (void)
{
  run_afresh ("slow=100ms", leave_while_they_wait);
  app_fixture_run_application (come_back);
}

static void
test_one_of_those_held_starts (void)
{
  run_afresh ("slow=100ms", rename_one);
  app_fixture_run_application (start_one_of_them);
}

static void
test_changed_data_is_told (void)
{
  run_afresh ("slow=100ms", leave_while_they_wait);
  app_fixture_run_application (change_the_data_of_one);
}

static void
test_one_that_cannot_start_is_passed_over (void)
{
  run_afresh ("slow=100ms", lose_the_data_of_five);
}

static void
test_deleting_takes_it_out (void)
{
  run_afresh ("slow=50ms", delete_one);
}

static void
test_without_a_window (void)
{
  run_afresh ("slow=10ms", go_on_without_a_window);
}

static void
test_a_notification_leads_to_its_run (void)
{
  run_afresh ("", click_a_notification);
}

static void
do_nothing (AttuneApplication *application)
{
  app_fixture_spin (300);
}

/* It is not written over. */
static void
test_an_unreadable_file_is_set_aside (void)
{
  g_autofree char *path = attune_waiting_runs_get_path ();
  g_autofree char *aside = g_strconcat (path, ".unreadable", NULL);

  if (!app_fixture_use_engine (""))
    return;
  app_fixture_clear_runs ();
  g_mkdir_with_parents (g_getenv ("ATTUNE_RUNS"), 0700);
  g_assert_true (g_file_set_contents (path, "what?", -1, NULL));
  app_fixture_run_application (do_nothing);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  notifications = notification_server_start ();
  g_test_add_func ("/queue/one-after-another", test_one_after_another);
  g_test_add_func ("/queue/outlive", test_they_outlive_the_program);
  g_test_add_func ("/queue/start-now", test_one_of_those_held_starts);
  g_test_add_func ("/queue/changed-data", test_changed_data_is_told);
  g_test_add_func ("/queue/passed-over", test_one_that_cannot_start_is_passed_over);
  g_test_add_func ("/queue/delete", test_deleting_takes_it_out);
  g_test_add_func ("/queue/background", test_without_a_window);
  g_test_add_func ("/queue/notification", test_a_notification_leads_to_its_run);
  g_test_add_func ("/queue/unreadable", test_an_unreadable_file_is_set_aside);
  return app_fixture_run ();
}
