/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Training and the desktop around it: suspending, logging out, closing the window, notifications.
 */
#include "config.h"

#include <string.h>

#include "app-fixture.h"
#include "notification-server.h"
#include "session-manager.h"

#define WANTED (GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_LOGOUT)

static GPtrArray *notifications;
static GHashTable *cut_texts;   /* path → whole text of events, while they are cut */
static char *finished_folder;   /* of the run that was trained first */

/* (transfer none): a draft in the list whose run takes one epoch of n / 4 steps. */
static AttuneProject *
open_draft (AttuneApplication *application, guint n)
{
  g_autoptr (GFile) file = app_fixture_write_rows (n);
  AttuneProject *project = attune_application_open_file (application, file);

  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_set (project, "per_device_train_batch_size", "4", "num_train_epochs", "1", NULL);
  app_fixture_wait_loaded (project);
  return project;
}

static void
start (AttuneProject *project)
{
  g_autoptr (GError) error = NULL;

  attune_project_start (project, &error);
  g_assert_no_error (error);
}

static gboolean
run_afresh (const char *script, AppFixtureSteps steps)
{
  if (!app_fixture_use_engine (script))
    return FALSE;
  app_fixture_clear_runs ();
  g_ptr_array_set_size (notifications, 0);
  app_fixture_run_application (steps);
  return TRUE;
}

static gboolean
is_inhibited (gpointer data)
{
  return session_manager_get_inhibited () == GPOINTER_TO_UINT (data);
}

static void
train_to_the_end (AttuneApplication *application)
{
  AttuneProject *project = open_draft (application, 40);
  AttuneTrainer *trainer = attune_application_get_trainer (application);

  g_assert_cmpuint (session_manager_get_inhibited (), ==, 0);
  start (project);
  app_fixture_wait (is_inhibited, GUINT_TO_POINTER (WANTED));
  /* Nothing is lost by a computer that sleeps now. */
  attune_trainer_pause (trainer);
  app_fixture_wait_state (attune_project_get_run (project), ATTUNE_RUN_PAUSED);
  app_fixture_wait (is_inhibited, GUINT_TO_POINTER (0));
  attune_trainer_continue (trainer);
  app_fixture_wait (is_inhibited, GUINT_TO_POINTER (WANTED));
  app_fixture_wait_state (attune_project_get_run (project), ATTUNE_RUN_FINISHED);
  app_fixture_wait (is_inhibited, GUINT_TO_POINTER (0));
}

static void
test_the_computer_stays_awake (void)
{
  run_afresh ("slow=20ms", train_to_the_end);
}

static void
train_two (AttuneApplication *application)
{
  /* Long enough for a later session not to read them before they are looked at. */
  AttuneProject *first = open_draft (application, 400);

  app_fixture_train (first);
  app_fixture_train (open_draft (application, 404));
  g_set_str (&finished_folder, attune_run_get_folder (attune_project_get_run (first)));
}

/* Cuts the last event off each run. */
static void
cut_events (void)
{
  const char *runs = g_getenv ("ATTUNE_RUNS");
  g_autoptr (GDir) dir = g_dir_open (runs, 0, NULL);
  const char *name;

  cut_texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      char *path = g_build_filename (runs, name, "events.jsonl", NULL);
      char *text = NULL;
      const char *last;
      gsize length = 0;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      g_hash_table_insert (cut_texts, path, text);
      last = g_strrstr_len (text, (gssize) length - 1, "\n") + 1;
      g_assert_true (g_file_set_contents (path, text, last - text, NULL));
    }
}

static void
mend_events (void)
{
  GHashTableIter iter;
  gpointer path, text;

  g_hash_table_iter_init (&iter, cut_texts);
  while (g_hash_table_iter_next (&iter, &path, &text))
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_clear_pointer (&cut_texts, g_hash_table_unref);
}

/* What became of an earlier run is found out while another one trains. */
static void
learn_of_another (AttuneApplication *application)
{
  GListModel *projects = G_LIST_MODEL (attune_application_get_projects (application));
  g_autoptr (AttuneRun) earlier = NULL;
  guint n_calls;

  while (g_list_model_get_n_items (projects) < 2)
    app_fixture_spin (20);
  app_fixture_spin (100);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (projects, i);

      /* The window has read one of them. */
      if (!attune_run_is_loaded (attune_project_get_run (project)))
        g_set_object (&earlier, attune_project_get_run (project));
    }
  g_assert_nonnull (earlier);
  g_assert_cmpint (attune_run_get_state (earlier), ==, ATTUNE_RUN_INTERRUPTED);
  start (open_draft (application, 400));
  app_fixture_wait (is_inhibited, GUINT_TO_POINTER (WANTED));
  n_calls = session_manager_get_n_calls ();
  mend_events ();
  attune_run_load (earlier);
  g_assert_cmpint (attune_run_get_state (earlier), ==, ATTUNE_RUN_FINISHED);
  app_fixture_spin (50);
  g_assert_cmpuint (session_manager_get_inhibited (), ==, WANTED);
  g_assert_cmpuint (session_manager_get_n_calls (), ==, n_calls);
  g_assert_cmpuint (notifications->len, ==, 0);
}

static void
test_only_what_trains_here_counts (void)
{
  if (!run_afresh ("", train_two))
    return;
  cut_events ();
  if (!app_fixture_use_engine ("slow=20ms"))
    return;
  g_ptr_array_set_size (notifications, 0);
  app_fixture_run_application (learn_of_another);
}

/* An application that is not ended by the test. Steps are taken at start-up and at each beat. */
typedef struct {
  AttuneApplication *application;
  AttuneRun *run;
  const char *folder; /* to be shown before anything is known of it */
  gboolean told;
} Life;

static gboolean
log_out_cb (gpointer data)
{
  Life *life = data;

  if (life->run == NULL)
    {
      AttuneProject *project = open_draft (life->application, 400);

      start (project);
      life->run = g_object_ref (attune_project_get_run (project));
    }
  else if (attune_run_get_step (life->run) >= 2 && !life->told)
    {
      life->told = TRUE;
      g_assert_true (session_manager_log_out ());
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
look_cb (gpointer data)
{
  Life *life = data;
  AttuneWindow *window = app_fixture_get_window (life->application);
  AttuneProject *project = window != NULL ? attune_window_get_project (window) : NULL;

  if (project == NULL)
    return G_SOURCE_CONTINUE;
  g_assert_cmpstr (attune_run_get_folder (attune_project_get_run (project)), ==, life->folder);
  life->told = TRUE;
  gtk_window_destroy (GTK_WINDOW (window));
  return G_SOURCE_REMOVE;
}

static void
started_cb (Life *life)
{
  g_action_group_activate_action (G_ACTION_GROUP (life->application), "show-run",
                                  g_variant_new_string (life->folder));
}

static gboolean
give_up_cb (gpointer data)
{
  g_assert_not_reached ();
}

static void
live (Life *life, GSourceFunc beat)
{
  guint beats = g_timeout_add (20, beat, life);
  guint patience = g_timeout_add_seconds (30, give_up_cb, NULL);

  life->application = attune_application_new ();
  g_application_set_flags (G_APPLICATION (life->application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  if (life->folder != NULL)
    g_signal_connect_data (life->application, "startup", G_CALLBACK (started_cb), life, NULL,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_application_run (G_APPLICATION (life->application), 1, (char *[]) { "attune", NULL });
  g_source_remove (patience);
  if (!life->told || life->folder == NULL)
    g_source_remove (beats);
  /* Where the process ends, nobody takes the window down. */
  while (gtk_application_get_windows (GTK_APPLICATION (life->application)) != NULL)
    gtk_window_destroy (gtk_application_get_windows (GTK_APPLICATION (life->application))->data);
  app_fixture_release (life->application);
}

/* The session manager is answered once what was learnt is on disk. */
static void
test_logging_out_keeps_what_was_learnt (void)
{
  Life life = { 0 };
  g_autofree char *checkpoint = NULL;

  if (!app_fixture_use_engine ("slow=20ms"))
    return;
  app_fixture_clear_runs ();
  live (&life, log_out_cb);
  g_assert_cmpint (attune_run_get_state (life.run), ==, ATTUNE_RUN_STOPPED);
  checkpoint = g_strdup_printf ("%s/checkpoints/step-%" G_GINT64_FORMAT, attune_run_get_folder (life.run),
                                attune_run_get_step (life.run));
  g_assert_true (g_file_test (checkpoint, G_FILE_TEST_IS_DIR));
  g_object_unref (life.run);
}

static void
test_a_click_may_start_the_program (void)
{
  Life life = { 0 };

  if (!run_afresh ("", train_two))
    return;
  life.folder = finished_folder;
  live (&life, look_cb);
  g_assert_true (life.told);
  g_clear_pointer (&finished_folder, g_free);
}

static gboolean
has_no_window (gpointer data)
{
  return app_fixture_get_window (ATTUNE_APPLICATION (data)) == NULL;
}

/* As with a run that the queue began. */
static void
close_with_a_run_never_shown (AttuneApplication *application)
{
  AttuneProject *project = open_draft (application, 400);
  AttuneWindow *window = app_fixture_get_window (application);
  g_autoptr (AttuneRun) run = g_object_ref (attune_project_get_run (project));

  attune_window_show_project (window, open_draft (application, 20));
  start (project);
  while (attune_run_get_step (run) < 1)
    app_fixture_spin (20);
  g_settings_set_string (attune_application_get_settings (application), "when-closing", "stop");
  gtk_window_close (GTK_WINDOW (window));
  app_fixture_wait (has_no_window, application);
  g_test_message ("%s", attune_run_get_message (run));
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_STOPPED);
  g_settings_reset (attune_application_get_settings (application), "when-closing");
}

static void
test_stopping_closes_whatever_is_shown (void)
{
  run_afresh ("slow=20ms", close_with_a_run_never_shown);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  notifications = notification_server_start ();
  session_manager_start ();
  g_test_add_func ("/life/awake", test_the_computer_stays_awake);
  g_test_add_func ("/life/only-here", test_only_what_trains_here_counts);
  g_test_add_func ("/life/log-out", test_logging_out_keeps_what_was_learnt);
  g_test_add_func ("/life/click", test_a_click_may_start_the_program);
  g_test_add_func ("/life/close-stop", test_stopping_closes_whatever_is_shown);
  return app_fixture_run ();
}
