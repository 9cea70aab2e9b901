/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Export of a run's model: dialog, task, outcome.
 */
#include "config.h"

#include "attune-export.h"

#include <glib/gi18n.h>

#include "attune-model-export.h"

typedef struct
{
  char *source;
  char *destination;
  const char *notice; /* nullable */
} Export;

static void
export_free (Export *export)
{
  g_free (export->source);
  g_free (export->destination);
  g_free (export);
}

static void
export_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Export *export = task_data;
  GError *error = NULL;

  export->notice = attune_model_export_get_notice (export->source);
  if (attune_model_export_folder (export->source, export->destination, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneWindow *window = ATTUNE_WINDOW (source);
  Export *export = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_autofree char *name = g_filename_display_basename (export->destination);
      g_autofree char *message = g_strdup_printf (_("Model exported to “%s”"), name);

      attune_window_show_toast (window, message);
      if (export->notice != NULL)
        attune_window_show_toast (window, export->notice);
    }
  else
    attune_window_show_error (window, error->message, NULL);
}

/* What the dialog needs to remember. */
typedef struct
{
  AttuneWindow *window;
  char *source;
} Request;

static void
destination_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL)
    {
      g_autoptr (GTask) task = g_task_new (request->window, NULL, exported_cb, NULL);
      Export *export = g_new0 (Export, 1);

      export->source = g_strdup (request->source);
      export->destination = g_file_get_path (file);
      g_task_set_task_data (task, export, (GDestroyNotify) export_free);
      g_task_run_in_thread (task, export_in_thread);
    }
  g_object_unref (request->window);
  g_free (request->source);
  g_free (request);
}

void
attune_export_model (AttuneWindow *window, AttuneRun *run)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autofree char *name = g_strdup_printf ("%s-model", attune_run_get_title (run));
  Request *request = g_new0 (Request, 1);

  request->window = g_object_ref (window);
  request->source = g_build_filename (attune_run_get_folder (run), "best", NULL);
  gtk_file_dialog_set_title (dialog, _("Export the Model as a Folder"));
  gtk_file_dialog_set_accept_label (dialog, _("_Export"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, GTK_WINDOW (window), NULL, destination_chosen_cb, request);
}
