/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weights as pytorch_model.bin are read by a program of their own; a person is asked first, for
 * whoever has a safer copy of the model should take that. Main thread, work on GIO's pool.
 */
#include "config.h"

#include "attune-model-import.h"

#include <glib/gi18n.h>

#include "attune-model-store.h"
#include "attune-weights-conversion.h"
#include "attune-window.h"

typedef struct
{
  GtkWidget *widget;
  GObject *owner;
  AttuneModelImported imported;
  char *path;
  gboolean may_convert;
} Import;

static void
import_free (Import *import)
{
  g_object_unref (import->widget);
  g_object_unref (import->owner);
  g_free (import->path);
  g_free (import);
}

static void run (Import *import);

static void
convert_response_cb (AdwAlertDialog *dialog, const char *response, gpointer user_data)
{
  Import *import = g_object_steal_data (G_OBJECT (dialog), "import");

  if (import == NULL)
    return;
  if (!g_str_equal (response, "convert"))
    {
      import_free (import);
      return;
    }
  import->may_convert = TRUE;
  run (import);
}

static void
ask (Import *import)
{
  g_autofree char *name = g_path_get_basename (import->path);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *body =
    g_strdup_printf (_("“%s” has its weights as pytorch_model.bin, a kind of file that can run "
                       "programs when it is opened. Attune does not open it: a program that can "
                       "neither open files nor reach the network copies the numbers out of it. If "
                       "the model can also be had as model.safetensors, take that."), shown);
  AdwDialog *dialog = adw_alert_dialog_new (_("Convert the Weights?"), body);
  GtkWidget *parent = import->widget;

  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _("_Cancel"), "convert",
                                  _("Con_vert"), NULL);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "import", import, (GDestroyNotify) import_free);
  g_signal_connect (dialog, "response", G_CALLBACK (convert_response_cb), NULL);
  adw_dialog_present (dialog, parent);
}

/* NULL without an error: has to be converted, and nobody was asked yet. */
static void
import_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Import *import = task_data;
  g_autofree char *name = g_path_get_basename (import->path);
  GError *error = NULL;
  AttuneModelInfo *info = NULL;

  if (import->may_convert || !attune_weights_need_conversion (import->path))
    info = attune_model_store_import (import->path, name, cancellable, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, info, (GDestroyNotify) attune_model_info_free);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Import *import = user_data;
  GtkRoot *root = gtk_widget_get_root (import->widget);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelInfo) info = g_task_propagate_pointer (G_TASK (result), &error);

  gtk_widget_set_sensitive (import->widget, TRUE);
  if (info == NULL && error == NULL && root != NULL)
    {
      ask (import);
      return;
    }
  if (info != NULL)
    import->imported (info->name, import->owner);
  else if (error != NULL && ATTUNE_IS_WINDOW (root))
    attune_window_show_error (ATTUNE_WINDOW (root), error->message, NULL);
  import_free (import);
}

/* Takes import. */
static void
run (Import *import)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, imported_cb, import);

  gtk_widget_set_sensitive (import->widget, FALSE);
  g_task_set_task_data (task, import, NULL);
  g_task_run_in_thread (task, import_in_thread);
}

void
attune_model_import_path (GtkWidget *widget, const char *path, AttuneModelImported imported,
                          GObject *owner)
{
  Import *import = g_new0 (Import, 1);

  import->widget = g_object_ref (widget);
  import->owner = g_object_ref (owner);
  import->imported = imported;
  import->path = g_strdup (path);
  run (import);
}

static void
folder_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Import *import = user_data;
  g_autoptr (GFile) folder = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result,
                                                                   NULL);

  if (folder == NULL || g_file_peek_path (folder) == NULL)
    {
      import_free (import);
      return;
    }
  import->path = g_file_get_path (folder);
  run (import);
}

void
attune_model_import (GtkWidget *widget, AttuneModelImported imported, GObject *owner)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  Import *import = g_new0 (Import, 1);

  import->widget = g_object_ref (widget);
  import->owner = g_object_ref (owner);
  import->imported = imported;
  gtk_file_dialog_set_title (dialog, _("Add a Model From a Folder"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL,
                                 folder_chosen_cb, import);
}
