/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneApplication: start-up, application-wide actions, the list of projects. Earlier runs are
 * read after the first frame; nothing here loads libtorch.
 */
#include "config.h"

#include "attune-application.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attune-preferences.h"
#include "attune-queue-actions.h"
#include "attune-run-queue.h"
#include "attune-run-watch.h"
#include "attune-window.h"

#define SHORT_TURN_NS (100 * 1000)

struct _AttuneApplication
{
  AdwApplication parent_instance;

  AttuneTrainer *trainer;
  GListStore *projects;
  AttuneRunQueue *queue;
  AttuneModelDownloads *downloads;
  AttuneRunWatch *watch;
  gboolean listed;   /* the runs of earlier sessions are in projects */
  char *awaited_run; /* folder of a run to be shown once the runs are listed; nullable */
  GSettings *settings;
  AttuneHubSettings *hub_settings;
  guint signal_sources[2]; /* SIGINT, SIGTERM */
};

G_DEFINE_FINAL_TYPE (AttuneApplication, attune_application, ADW_TYPE_APPLICATION)

/* Kept alive in the background only for what trains or will. */
static void
close_hidden_window (AttuneApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  gboolean more = self->queue != NULL && attune_run_queue_get_n_waiting (self->queue) > 0
                  && !attune_run_queue_is_held (self->queue);

  if (window != NULL && !gtk_widget_get_visible (GTK_WIDGET (window)) && !more
      && attune_trainer_get_run (self->trainer) == NULL)
    gtk_window_destroy (window);
}

/* Nobody may be there to be told by a window. */
static void
queue_failed_cb (AttuneApplication *self, const char *message)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  g_autoptr (GNotification) notification = NULL;

  if (ATTUNE_IS_WINDOW (window) && gtk_widget_get_visible (GTK_WIDGET (window)))
    {
      attune_window_show_error (ATTUNE_WINDOW (window), message, NULL);
      return;
    }
  notification = g_notification_new (_("A waiting run did not start"));
  g_notification_set_body (notification, message);
  g_application_send_notification (G_APPLICATION (self), "queue", notification);
}

void
attune_application_add_project (AttuneApplication *self, AttuneProject *project)
{
  g_list_store_insert (self->projects, 0, project);
}

/* What a new draft takes from the preferences; anything invalid there is left at its default. */
static void
apply_preferences (AttuneApplication *self, AttuneTrainConfig *config)
{
  g_autofree char *device = g_settings_get_string (self->settings, "device");
  g_autofree char *precision = g_settings_get_string (self->settings, "precision");
  int threads = g_settings_get_int (self->settings, "threads");

  attune_train_config_set (config, "device", device, NULL);
  attune_train_config_set (config, "precision", precision, NULL);
  if (threads > 0)
    {
      g_autofree char *text = g_strdup_printf ("%d", threads);

      attune_train_config_set (config, "num_threads", text, NULL);
    }
}

AttuneProject *
attune_application_open_file (AttuneApplication *self, GFile *file)
{
  return attune_application_open_files (self, &file, 1);
}

AttuneProject *
attune_application_open_files (AttuneApplication *self, GFile **files, guint n_files)
{
  g_autoptr (AttuneProject) project = attune_project_new_for_files (self->trainer, files, n_files);

  apply_preferences (self, attune_project_get_config (project));

  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
    }
  attune_application_add_project (self, project);
  return project;
}

GFile *
attune_application_get_sample (AttuneApplication *self)
{
  const char *folder = g_getenv ("ATTUNE_DATA_DIR");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : PKGDATADIR, "samples",
                                            "remarks.csv", NULL);

  return g_file_new_for_path (path);
}

AttuneTrainer *
attune_application_get_trainer (AttuneApplication *self)
{
  return self->trainer;
}

GListStore *
attune_application_get_projects (AttuneApplication *self)
{
  return self->projects;
}

AttuneRunQueue *
attune_application_get_queue (AttuneApplication *self)
{
  return self->queue;
}

AttuneModelDownloads *
attune_application_get_downloads (AttuneApplication *self)
{
  return self->downloads;
}

GSettings *
attune_application_get_settings (AttuneApplication *self)
{
  return self->settings;
}

AttuneHubSettings *
attune_application_get_hub_settings (AttuneApplication *self)
{
  return self->hub_settings;
}

static AttuneWindow *
ensure_window (AttuneApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = GTK_WINDOW (attune_window_new (self));
  return ATTUNE_WINDOW (window);
}

/* FALSE: no such run is listed. */
static gboolean
show_run (AttuneApplication *self, const char *folder)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->projects)); i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (G_LIST_MODEL (self->projects), i);
      AttuneRun *run = attune_project_get_run (project);
      AttuneWindow *window;

      if (g_strcmp0 (attune_run_get_folder (run), folder) != 0)
        continue;
      window = ensure_window (self);
      attune_window_show_project (window, project);
      attune_window_show_page (window, attune_run_get_state (run) == ATTUNE_RUN_FINISHED ? "results"
                                                                                         : "train");
      return TRUE;
    }
  return FALSE;
}

static void
list_runs_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *runs = attune_run_list (&error);

  if (runs != NULL)
    g_task_return_pointer (task, runs, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
list_runs_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneApplication *self = ATTUNE_APPLICATION (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GPtrArray) projects = NULL;
  GtkWindow *window;

  /* Ended before the list was read. */
  if (self->queue == NULL)
    return;
  if (runs == NULL)
    {
      g_message ("Earlier runs could not be read: %s", error->message);
      return;
    }
  projects = g_ptr_array_new_full (runs->len, g_object_unref);
  for (guint i = 0; i < runs->len; i++)
    {
      AttuneProject *project = attune_project_new_for_run (self->trainer,
                                                           g_ptr_array_index (runs, i));

      g_ptr_array_add (projects, project);
    }
  g_list_store_splice (self->projects, g_list_model_get_n_items (G_LIST_MODEL (self->projects)), 0,
                       projects->pdata, projects->len);
  self->listed = TRUE;
  attune_run_queue_load (self->queue);
  if (self->awaited_run != NULL)
    show_run (self, self->awaited_run);
  g_clear_pointer (&self->awaited_run, g_free);
  window = gtk_application_get_active_window (GTK_APPLICATION (self));
  if (window != NULL)
    attune_queue_actions_offer (ATTUNE_WINDOW (window));
}

static void
attune_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (ensure_window (ATTUNE_APPLICATION (application))));
}

static void
attune_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  AttuneApplication *self = ATTUNE_APPLICATION (application);
  AttuneWindow *window = ensure_window (self);

  if (n_files > 0)
    attune_window_show_project (window,
                                attune_application_open_files (self, files, (guint) n_files));
  gtk_window_present (GTK_WINDOW (window));
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  if (window != NULL)
    gtk_window_close (window);
  else
    g_application_quit (G_APPLICATION (user_data));
}

static void
preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneApplication *self = ATTUNE_APPLICATION (user_data);
  AdwDialog *dialog = attune_preferences_new (self->settings, self->trainer,
                                              self->hub_settings);

  adw_dialog_present (dialog,
                      GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (self))));
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));
  AdwDialog *dialog = adw_about_dialog_new ();

  g_object_set (dialog,
                "application-name", "Attune",
                "application-icon", APPLICATION_ID,
                "version", PACKAGE_VERSION,
                "developer-name", _("The Attune developers"),
                "license-type", GTK_LICENSE_GPL_3_0,
                "website", "https://attune-text.github.io/",
                "comments", _("Teaches a language model to sort text, on your own computer. "
                              "Nothing leaves it unless you ask for a download."),
                /* Translators: put your names here, one a line. */
                "translator-credits", _("translator-credits"),
                NULL);
  adw_dialog_present (dialog, GTK_WIDGET (window));
}

/* Named by its folder in a notification that may be clicked long afterwards, and start the program. */
static void
show_run_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AttuneApplication *self = ATTUNE_APPLICATION (user_data);
  const char *folder = g_variant_get_string (parameter, NULL);

  if (!show_run (self, folder) && !self->listed)
    g_set_str (&self->awaited_run, folder);
  gtk_window_present (GTK_WINDOW (ensure_window (self)));
}

static const GActionEntry action_entries[] = {
  { .name = "show-run", .activate = show_run_cb, .parameter_type = "s" },
  { .name = "quit", .activate = quit_cb },
  { .name = "preferences", .activate = preferences_cb },
  { .name = "about", .activate = about_cb },
};

static void
set_accels (GtkApplication *application, const char *action, const char *accel)
{
  gtk_application_set_accels_for_action (application, action, (const char *[]) { accel, NULL });
}

/* Told to end from outside: a run under way is stopped and kept by the shutdown. */
static gboolean
terminate_cb (gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));
  return G_SOURCE_CONTINUE;
}

/* The window's turns are short and it wants them at once. Since Linux 6.12 a thread that says so
 * goes before those that compute; older kernels take no notice. */
static void
ask_for_short_turns (void)
{
  struct sched_attr attributes = {
    .size = sizeof attributes,
    .sched_policy = SCHED_NORMAL,
    .sched_runtime = SHORT_TURN_NS,
  };

  if (syscall (SYS_sched_setattr, 0, &attributes, 0) != 0)
    g_debug ("The main thread keeps its turns: %s", g_strerror (errno));
}

static void
attune_application_startup (GApplication *application)
{
  AttuneApplication *self = ATTUNE_APPLICATION (application);
  GtkApplication *gtk_application = GTK_APPLICATION (application);
  static const char * const pages[] = { "data", "setup", "train", "results", "try" };
  g_autoptr (GTask) task = NULL;

  G_APPLICATION_CLASS (attune_application_parent_class)->startup (application);

  self->settings = g_settings_new (APPLICATION_ID);
  self->hub_settings = attune_hub_settings_new (self->settings, attune_token_store_get_default ());
  self->trainer = attune_trainer_new (NULL);
  attune_trainer_yield (self->trainer);
  self->queue = attune_run_queue_new (self);
  g_signal_connect_object (self->queue, "failed", G_CALLBACK (queue_failed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "changed", G_CALLBACK (close_hidden_window), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->trainer, "notify::run", G_CALLBACK (close_hidden_window), self,
                           G_CONNECT_SWAPPED);
  self->watch = attune_run_watch_new (gtk_application, self->trainer);
  ask_for_short_turns ();
  gtk_window_set_default_icon_name (APPLICATION_ID);
  set_accels (gtk_application, "app.quit", "<Control>q");
  set_accels (gtk_application, "app.preferences", "<Control>comma");
  set_accels (gtk_application, "window.close", "<Control>w");
  set_accels (gtk_application, "win.open", "<Control>o");
  set_accels (gtk_application, "win.open-folder", "<Control><Shift>o");
  set_accels (gtk_application, "win.new-run", "<Control>n");
  set_accels (gtk_application, "win.search-runs", "<Control>f");
  set_accels (gtk_application, "win.rename-run", "F2");
  set_accels (gtk_application, "win.start", "<Control>Return");
  set_accels (gtk_application, "win.stop", "<Control>period");
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autofree char *action = g_strdup_printf ("win.page::%s", pages[i]);
      g_autofree char *accel = g_strdup_printf ("<Control>%u", i + 1);

      set_accels (gtk_application, action, accel);
    }

  self->signal_sources[0] = g_unix_signal_add (SIGINT, terminate_cb, self);
  self->signal_sources[1] = g_unix_signal_add (SIGTERM, terminate_cb, self);

  task = g_task_new (self, NULL, list_runs_cb, NULL);
  g_task_run_in_thread (task, list_runs_in_thread);
}

static void
attune_application_shutdown (GApplication *application)
{
  AttuneApplication *self = ATTUNE_APPLICATION (application);

  for (guint i = 0; i < G_N_ELEMENTS (self->signal_sources); i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
  /* What waits is kept for the next time. */
  g_object_run_dispose (G_OBJECT (self->queue));
  g_clear_object (&self->queue);
  attune_model_downloads_cancel_all (self->downloads);
  attune_trainer_shutdown (self->trainer);
  g_object_run_dispose (G_OBJECT (self->watch));
  g_clear_object (&self->watch);
  g_list_store_remove_all (self->projects);
  G_APPLICATION_CLASS (attune_application_parent_class)->shutdown (application);
}

static void
attune_application_dispose (GObject *object)
{
  AttuneApplication *self = ATTUNE_APPLICATION (object);

  g_clear_object (&self->watch);
  g_clear_object (&self->queue);
  g_clear_object (&self->downloads);
  g_clear_pointer (&self->awaited_run, g_free);
  g_clear_object (&self->projects);
  g_clear_object (&self->trainer);
  g_clear_object (&self->hub_settings);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (attune_application_parent_class)->dispose (object);
}

static void
attune_application_class_init (AttuneApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_application_dispose;
  application_class->startup = attune_application_startup;
  application_class->activate = attune_application_activate;
  application_class->open = attune_application_open;
  application_class->shutdown = attune_application_shutdown;
}

static void
attune_application_init (AttuneApplication *self)
{
  self->projects = g_list_store_new (ATTUNE_TYPE_PROJECT);
  self->downloads = attune_model_downloads_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), action_entries,
                                   G_N_ELEMENTS (action_entries), self);
}

AttuneApplication *
attune_application_new (void)
{
  return g_object_new (ATTUNE_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       "flags", G_APPLICATION_HANDLES_OPEN,
                       "resource-base-path", RESOURCE_BASE,
                       "register-session", TRUE, /* to be told of its end, and to end with it */
                       NULL);
}
