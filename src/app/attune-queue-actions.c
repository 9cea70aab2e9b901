/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. The project meant is the one whose menu is open, else the one that is shown.
 */
#include "config.h"

#include "attune-queue-actions.h"

#include <glib/gi18n.h>

#include "attune-run-queue.h"

static AttuneRunQueue *
get_queue (AttuneWindow *window)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (window));

  return application != NULL
           ? attune_application_get_queue (ATTUNE_APPLICATION (application)) : NULL;
}

static void
enqueue_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);
  AttuneProject *project = attune_window_get_chosen (window);
  g_autoptr (GError) error = NULL;

  if (!attune_run_queue_add (get_queue (window), project, &error))
    attune_window_show_error (window, error->message, NULL);
  else if (attune_run_queue_is_held (get_queue (window)))
    attune_window_show_offer (window, _("The waiting runs start once you say so"), _("_Start"),
                              "win.start-queue");
  else
    attune_window_show_toast (window, _("It starts when the runs before it have ended"));
}

static void
dequeue_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);

  attune_run_queue_remove (get_queue (window), attune_window_get_chosen (window));
}

static void
queue_up_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);

  attune_run_queue_move_up (get_queue (window), attune_window_get_chosen (window));
}

static void
start_now_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);

  attune_run_queue_start_now (get_queue (window), attune_window_get_chosen (window));
}

static void
start_queue_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  attune_run_queue_set_held (get_queue (ATTUNE_WINDOW (widget)), FALSE);
}

void
attune_queue_actions_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.enqueue", NULL, enqueue_cb);
  gtk_widget_class_install_action (window_class, "win.dequeue", NULL, dequeue_cb);
  gtk_widget_class_install_action (window_class, "win.queue-up", NULL, queue_up_cb);
  gtk_widget_class_install_action (window_class, "win.start-now", NULL, start_now_cb);
  gtk_widget_class_install_action (window_class, "win.start-queue", NULL, start_queue_cb);
}

void
attune_queue_actions_update (AttuneWindow *window, AttuneProject *project)
{
  GtkWidget *widget = GTK_WIDGET (window);
  AttuneRunQueue *queue = get_queue (window);
  guint turn = project != NULL ? attune_project_get_turn (project) : 0;
  g_autofree char *fault = NULL;
  gboolean can_wait = FALSE;

  if (queue != NULL && project != NULL && attune_project_get_editable (project)
      && (attune_trainer_get_run (attune_project_get_trainer (project)) != NULL
          || attune_run_queue_get_n_waiting (queue) > 0))
    {
      fault = attune_project_get_fault (project);
      can_wait = fault == NULL;
    }
  gtk_widget_action_set_enabled (widget, "win.enqueue", can_wait);
  gtk_widget_action_set_enabled (widget, "win.dequeue", turn > 0);
  gtk_widget_action_set_enabled (widget, "win.queue-up", turn > 1);
  gtk_widget_action_set_enabled (
    widget, "win.start-now",
    turn > 0 && attune_trainer_get_run (attune_project_get_trainer (project)) == NULL);
  gtk_widget_action_set_enabled (widget, "win.start-queue",
                                 queue != NULL && attune_run_queue_is_held (queue)
                                   && attune_run_queue_get_n_waiting (queue) > 0);
}

void
attune_queue_actions_offer (AttuneWindow *window)
{
  AttuneRunQueue *queue = get_queue (window);
  guint n = queue != NULL ? attune_run_queue_get_n_waiting (queue) : 0;
  g_autofree char *words = NULL;

  if (n == 0 || !attune_run_queue_is_held (queue))
    return;
  words = g_strdup_printf (ngettext ("%u run still waits", "%u runs still wait", n), n);
  attune_window_show_offer (window, words, _("_Start"), "win.start-queue");
}
