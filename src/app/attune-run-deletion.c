/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Deleting a run: it leaves the list at once and the disk when its toast is gone without having
 * been undone. Main thread; the files are removed on GIO's pool.
 */
#include "config.h"

#include "attune-run-deletion.h"

#include <glib/gi18n.h>

#include "attune-window.h"

typedef struct
{
  AttuneApplication *application;
  AttuneProject *project;
  guint position;
  gboolean settled; /* undone, or on its way */
} Deletion;

static void
deletion_free (gpointer data, GClosure *closure)
{
  Deletion *deletion = data;
  g_autoptr (GError) error = NULL;

  /* The window was closed before its toast was: what was asked for is still done. */
  if (!deletion->settled && !attune_run_delete (attune_project_get_run (deletion->project), &error))
    g_message ("%s", error->message);
  g_object_unref (deletion->application);
  g_object_unref (deletion->project);
  g_free (deletion);
}

static void
undo_delete_cb (AdwToast *toast, Deletion *deletion)
{
  GListStore *projects = attune_application_get_projects (deletion->application);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (projects));

  deletion->settled = TRUE;
  g_list_store_insert (projects, MIN (deletion->position, n), deletion->project);
}

static void
delete_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (attune_run_delete (task_data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* What could not be deleted is there again at the next start; say why. */
static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (source));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && window != NULL)
    attune_window_show_error (ATTUNE_WINDOW (window), error->message, NULL);
  g_application_release (G_APPLICATION (source));
}

/* Nobody else has the run any more, so a thread may. */
static void
delete_for_good_cb (AdwToast *toast, Deletion *deletion)
{
  AttuneRun *run = attune_project_get_run (deletion->project);
  g_autoptr (GTask) task = NULL;

  if (deletion->settled)
    return;
  deletion->settled = TRUE;
  /* Not to be cut off by the end of the program. */
  g_application_hold (G_APPLICATION (deletion->application));
  task = g_task_new (deletion->application, NULL, deleted_cb, NULL);
  g_task_set_task_data (task, g_object_ref (run), g_object_unref);
  g_task_run_in_thread (task, delete_in_thread);
}

/**
 * attune_run_deletion_begin:
 * @application: whose list has @project
 * @project: one whose run is not under way
 *
 * Takes the project off the list.
 *
 * Returns: (transfer full) (nullable): a toast that offers to undo it; when it is dismissed the run
 *   is deleted. %NULL when the list does not have the project
 */
AdwToast *
attune_run_deletion_begin (AttuneApplication *application, AttuneProject *project)
{
  GListStore *projects = attune_application_get_projects (application);
  g_autofree char *title = NULL;
  AdwToast *toast;
  Deletion *deletion;
  guint position;

  if (!g_list_store_find (projects, project, &position))
    return NULL;
  deletion = g_new0 (Deletion, 1);
  deletion->application = g_object_ref (application);
  deletion->project = g_object_ref (project);
  deletion->position = position;

  title = g_strdup_printf (_("“%s” deleted"),
                           attune_run_get_title (attune_project_get_run (project)));
  toast = adw_toast_new (title);
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_signal_connect (toast, "button-clicked", G_CALLBACK (undo_delete_cb), deletion);
  g_signal_connect_data (toast, "dismissed", G_CALLBACK (delete_for_good_cb), deletion,
                         deletion_free, 0);
  g_list_store_remove (projects, position);
  return toast;
}
