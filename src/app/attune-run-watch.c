/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows the trainer from run to run; what becomes of others (trained elsewhere, or long ago) is no
 * news. A paused run lets the computer sleep.
 */
#include "config.h"

#include "attune-run-watch.h"

#include <glib/gi18n.h>

struct _AttuneRunWatch
{
  GObject parent_instance;

  GtkApplication *application; /* not owned */
  AttuneTrainer *trainer;
  AttuneRun *run;              /* the one that trains, until its end was told */
  guint cookie;                /* of what is inhibited; 0: nothing */
};

G_DEFINE_FINAL_TYPE (AttuneRunWatch, attune_run_watch, G_TYPE_OBJECT)

static void
notify_end (AttuneRunWatch *self)
{
  g_autoptr (GNotification) notification = g_notification_new (attune_run_get_title (self->run));
  const char *folder = attune_run_get_folder (self->run);
  g_autofree char *id = g_path_get_basename (folder);
  g_autofree char *body = NULL;

  if (attune_run_get_state (self->run) == ATTUNE_RUN_FAILED)
    body = g_strdup_printf (_("Training failed: %s"), attune_run_get_message (self->run));
  else if (attune_run_get_best_accuracy (self->run) >= 0)
    body = g_strdup_printf (_("Training has finished with an accuracy of %.1f %%"),
                            100 * attune_run_get_best_accuracy (self->run));
  else
    body = g_strdup (_("Training has finished"));
  g_notification_set_body (notification, body);
  g_notification_set_default_action_and_target (notification, "app.show-run", "s", folder);
  g_application_send_notification (G_APPLICATION (self->application), id, notification);
}

/* Asked for before the end of the session, too, so that it comes with a question. */
static void
inhibit (AttuneRunWatch *self, gboolean busy)
{
  GtkApplicationInhibitFlags flags = GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_LOGOUT;

  if (busy && self->cookie == 0)
    self->cookie =
      gtk_application_inhibit (self->application,
                               gtk_application_get_active_window (self->application), flags,
                               _("A model is being trained"));
  else if (!busy && self->cookie != 0)
    {
      gtk_application_uninhibit (self->application, self->cookie);
      self->cookie = 0;
    }
}

static void
state_changed_cb (AttuneRunWatch *self)
{
  AttuneRunState state = attune_run_get_state (self->run);
  GtkWindow *window = gtk_application_get_active_window (self->application);

  inhibit (self, state == ATTUNE_RUN_RUNNING);
  if ((state == ATTUNE_RUN_FINISHED || state == ATTUNE_RUN_FAILED)
      && (window == NULL || !gtk_window_is_active (window)))
    notify_end (self);
}

/* The trainer lets go of a run after that has told its last state. */
static void
run_changed_cb (AttuneRunWatch *self)
{
  AttuneRun *run = attune_trainer_get_run (self->trainer);

  if (self->run == run)
    return;
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_func (self->run, state_changed_cb, self);
  g_set_object (&self->run, run);
  if (run == NULL)
    {
      inhibit (self, FALSE);
      return;
    }
  g_signal_connect_object (run, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  state_changed_cb (self);
}

static void
attune_run_watch_dispose (GObject *object)
{
  AttuneRunWatch *self = ATTUNE_RUN_WATCH (object);

  if (self->trainer != NULL)
    inhibit (self, FALSE);
  g_clear_object (&self->run);
  g_clear_object (&self->trainer);
  G_OBJECT_CLASS (attune_run_watch_parent_class)->dispose (object);
}

static void
attune_run_watch_class_init (AttuneRunWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_run_watch_dispose;
}

static void
attune_run_watch_init (AttuneRunWatch *self)
{
}

AttuneRunWatch *
attune_run_watch_new (GtkApplication *application, AttuneTrainer *trainer)
{
  AttuneRunWatch *self = g_object_new (ATTUNE_TYPE_RUN_WATCH, NULL);

  self->application = application;
  self->trainer = g_object_ref (trainer);
  g_signal_connect_object (trainer, "notify::run", G_CALLBACK (run_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}
