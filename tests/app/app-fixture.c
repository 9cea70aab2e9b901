/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. The trainer thread and the readers are the real ones; only the engine is scripted.
 */
#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <stdarg.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

static void
copy_model (const char *models)
{
  g_autofree char *source = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "fixtures", "tiny-bert", NULL);
  g_autofree char *target = g_build_filename (models, APP_FIXTURE_MODEL, NULL);
  g_autoptr (GDir) dir = g_dir_open (source, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir_with_parents (target, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (source, name, NULL);
      g_autofree char *to = g_build_filename (target, name, NULL);
      g_autofree char *content = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &content, &length, NULL));
      g_assert_true (g_file_set_contents (to, content, length, NULL));
    }
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_remove (child);
    }
  g_rmdir (path);
}

void
app_fixture_init (int *argc, char ***argv)
{
  g_autofree char *home = g_dir_make_tmp ("attune-app-XXXXXX", NULL);
  g_autofree char *models = g_build_filename (home, "models", NULL);
  g_autofree char *runs = g_build_filename (home, "runs", NULL);

  g_assert_nonnull (home);
  g_setenv ("ATTUNE_TEST_HOME", home, TRUE);
  g_setenv ("ATTUNE_MODELS", models, TRUE);
  g_setenv ("ATTUNE_RUNS", runs, TRUE);
  /* Recent files and the trash are the user's own. */
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("HOME", home, TRUE);
  copy_model (models);
  g_assert_cmpint (g_mkdir (runs, 0700), ==, 0);

  g_test_init (argc, argv, NULL);
  adw_init ();
}

int
app_fixture_run (void)
{
  int code = g_test_run ();

  remove_tree (g_getenv ("ATTUNE_TEST_HOME"));
  return code;
}

gboolean
app_fixture_use_engine (const char *script)
{
  const char *engine = g_getenv ("ATTUNE_FAKE_ENGINE");

  if (engine == NULL)
    {
      g_test_skip ("needs the fake engine (ATTUNE_FAKE_ENGINE)");
      return FALSE;
    }
  g_setenv ("ATTUNE_ENGINE", engine, TRUE);
  g_setenv ("ATTUNE_FAKE_SCRIPT", script, TRUE);
  return TRUE;
}

GFile *
app_fixture_write_file (const char *name, const char *content, gssize length)
{
  g_autofree char *path = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), name, NULL);

  g_assert_true (g_file_set_contents (path, content, length, NULL));
  return g_file_new_for_path (path);
}

GFile *
app_fixture_write_rows (guint n)
{
  g_autoptr (GString) csv = g_string_new ("text,label\n");
  g_autofree char *name = g_strdup_printf ("rows-%u.csv", n);

  for (guint i = 0; i < n; i++)
    {
      for (guint word = 0; word <= i * 7 % 9; word++)
        g_string_append_printf (csv, "%s%c%u", word > 0 ? " " : "", 'a' + (i + word * word) % 26, i);
      g_string_append (csv, i % 2 == 0 ? ",no\n" : ",yes\n");
    }
  return app_fixture_write_file (name, csv->str, csv->len);
}

GFile *
app_fixture_get_sample (void)
{
  return g_file_new_build_filename (g_getenv ("ATTUNE_DATA_DIR"), "samples", "remarks.csv", NULL);
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
app_fixture_wait (AppFixtureCheck check, gpointer data)
{
  guint source = g_timeout_add (20, wake_cb, NULL);
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!check (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (source);
}

static void
elapsed_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

void
app_fixture_spin (guint milliseconds)
{
  gboolean elapsed = FALSE;

  g_timeout_add_once (milliseconds, elapsed_cb, &elapsed);
  app_fixture_wait (is_true, &elapsed);
}

static gboolean
is_loaded (gpointer data)
{
  return !attune_project_get_loading (ATTUNE_PROJECT (data));
}

void
app_fixture_wait_loaded (AttuneProject *project)
{
  app_fixture_wait (is_loaded, project);
}

typedef struct
{
  AttuneRun *run;
  AttuneRunState state;
} StateCheck;

static gboolean
has_state (gpointer data)
{
  StateCheck *check = data;

  return attune_run_get_state (check->run) == check->state;
}

void
app_fixture_wait_state (AttuneRun *run, AttuneRunState state)
{
  StateCheck check = { run, state };

  app_fixture_wait (has_state, &check);
}

AttuneProject *
app_fixture_create_draft (AttuneTrainer *trainer, guint n_rows)
{
  g_autoptr (GFile) file = app_fixture_write_rows (n_rows);
  AttuneProject *project = attune_project_new_for_file (trainer, file);

  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_set (project, "per_device_train_batch_size", "4", NULL);
  app_fixture_wait_loaded (project);
  g_assert_cmpstr (attune_project_get_error (project), ==, NULL);
  return project;
}

void
app_fixture_set (AttuneProject *project, ...)
{
  const char *name;
  va_list args;

  va_start (args, project);
  while ((name = va_arg (args, const char *)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      attune_train_config_set (attune_project_get_config (project), name, va_arg (args, const char *),
                               &error);
      g_assert_no_error (error);
    }
  va_end (args);
}

static gboolean
is_over (gpointer data)
{
  AttuneRunState state = attune_run_get_state (ATTUNE_RUN (data));

  return state != ATTUNE_RUN_DRAFT && state != ATTUNE_RUN_RUNNING && state != ATTUNE_RUN_PAUSED;
}

void
app_fixture_train (AttuneProject *project)
{
  g_autoptr (GError) error = NULL;

  attune_project_start (project, &error);
  g_assert_no_error (error);
  app_fixture_wait (is_over, attune_project_get_run (project));
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

void
app_fixture_release (gpointer object)
{
  g_object_add_weak_pointer (object, &object);
  g_object_unref (object);
  app_fixture_wait (is_null, &object);
}

void
app_fixture_end (AttuneTrainer *trainer, AttuneProject *project)
{
  attune_trainer_shutdown (trainer);
  if (project != NULL)
    app_fixture_release (project);
  app_fixture_release (trainer);
}

gpointer
app_fixture_get_child (gpointer widget, const char *id)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (widget), G_OBJECT_TYPE (widget), id);

  g_assert_nonnull (child);
  return child;
}

const char *
app_fixture_get_words (gpointer widget, const char *id)
{
  return gtk_label_get_text (GTK_LABEL (app_fixture_get_child (widget, id)));
}

gpointer
app_fixture_find (gpointer root, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (root)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = app_fixture_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

void
app_fixture_clear_runs (void)
{
  const char *runs = g_getenv ("ATTUNE_RUNS");

  remove_tree (runs);
  g_assert_cmpint (g_mkdir (runs, 0700), ==, 0);
}

typedef struct
{
  AttuneApplication *application;
  AppFixtureSteps steps;
} Performance;

static void
perform_cb (gpointer user_data)
{
  Performance *performance = user_data;
  GtkWindow *window;

  app_fixture_spin (50);
  performance->steps (performance->application);
  window = gtk_application_get_active_window (GTK_APPLICATION (performance->application));
  if (window != NULL)
    gtk_window_destroy (window);
  g_application_quit (G_APPLICATION (performance->application));
}

/* The first time only: steps may activate the application again. */
static void
activated_cb (Performance *performance)
{
  g_signal_handlers_disconnect_by_func (performance->application, activated_cb, performance);
  g_idle_add_once (perform_cb, performance);
}

void
app_fixture_run_application (AppFixtureSteps steps)
{
  app_fixture_run_command_line (steps, (const char * const[]) { "attune", NULL });
}

void
app_fixture_run_command_line (AppFixtureSteps steps, const char * const *arguments)
{
  AttuneApplication *application = attune_application_new ();
  Performance performance = { application, steps };

  g_application_set_flags (G_APPLICATION (application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_signal_connect_swapped (application, "activate", G_CALLBACK (activated_cb), &performance);
  /* With files "open" comes instead. */
  g_signal_connect_swapped (application, "open", G_CALLBACK (activated_cb), &performance);
  g_assert_cmpint (g_application_run (G_APPLICATION (application),
                                      (int) g_strv_length ((char **) arguments),
                                      (char **) arguments), ==, 0);
  app_fixture_release (application);
}

AttuneWindow *
app_fixture_get_window (AttuneApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  return window != NULL ? ATTUNE_WINDOW (window) : NULL;
}
