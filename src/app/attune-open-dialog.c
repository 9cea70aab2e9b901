/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialogs of the desktop that open data, and its file manager. What was chosen may come when the
 * window is gone. Main thread.
 */
#include "config.h"

#include "attune-open-dialog.h"

#include <glib/gi18n.h>

/* NULL once the window is closed. */
static AttuneApplication *
get_application (AttuneWindow *window)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (window));

  return application != NULL ? ATTUNE_APPLICATION (application) : NULL;
}

void
attune_open_dialog_open_files (AttuneWindow *window, GPtrArray *files)
{
  if (files->len > 0)
    attune_window_show_project (window, attune_application_open_files (get_application (window),
                                                                       (GFile **) files->pdata,
                                                                       files->len));
}

static void
open_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneWindow) window = ATTUNE_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) chosen =
    gtk_file_dialog_open_multiple_finish (GTK_FILE_DIALOG (source), result, &error);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  /* The window may be gone by now. */
  if (get_application (window) == NULL)
    return;
  for (guint i = 0; chosen != NULL && i < g_list_model_get_n_items (chosen); i++)
    g_ptr_array_add (files, g_list_model_get_item (chosen, i));
  if (chosen != NULL)
    attune_open_dialog_open_files (window, files);
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_window_show_error (window, error->message, NULL);
}

static void
folder_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneWindow) window = ATTUNE_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder =
    gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, &error);

  if (get_application (window) == NULL)
    return;
  if (folder != NULL)
    attune_window_show_project (window,
                                attune_application_open_file (get_application (window), folder));
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_window_show_error (window, error->message, NULL);
}

void
attune_open_dialog_choose_folder (AttuneWindow *window)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _("Open a Folder of Data"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (window), NULL, folder_chosen_cb,
                                 g_object_ref (window));
}

void
attune_open_dialog_choose_files (AttuneWindow *window)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);
  g_autoptr (GtkFileFilter) tables = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();
  static const char * const suffixes[] = { "csv",   "tsv",    "txt",     "tab",
                                           "jsonl", "ndjson", "json",    "parquet",
                                           "gz",    "zst",    "label" };

  gtk_file_filter_set_name (tables, _("Tables of Text"));
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    gtk_file_filter_add_suffix (tables, suffixes[i]);
  gtk_file_filter_set_name (all, _("All Files"));
  gtk_file_filter_add_pattern (all, "*");
  g_list_store_append (filters, tables);
  g_list_store_append (filters, all);

  gtk_file_dialog_set_title (dialog, _("Open a Data Set"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_open_multiple (dialog, GTK_WINDOW (window), NULL, open_chosen_cb,
                                 g_object_ref (window));
}

static void
folder_shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneWindow) window = ATTUNE_WINDOW (user_data);
  g_autoptr (GError) error = NULL;

  if (!gtk_file_launcher_launch_finish (GTK_FILE_LAUNCHER (source), result, &error)
      && get_application (window) != NULL
      && !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_window_show_error (window, error->message, NULL);
}

void
attune_open_dialog_show_folder (AttuneWindow *window, AttuneRun *run)
{
  g_autoptr (GFile) folder = NULL;
  g_autoptr (GtkFileLauncher) launcher = NULL;

  g_object_get (run, "folder", &folder, NULL);
  launcher = gtk_file_launcher_new (folder);
  gtk_file_launcher_launch (launcher, GTK_WINDOW (window), NULL, folder_shown_cb,
                            g_object_ref (window));
}

static void
open_folder_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  attune_open_dialog_choose_folder (ATTUNE_WINDOW (widget));
}

static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  attune_open_dialog_choose_files (ATTUNE_WINDOW (widget));
}

static void
open_sample_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AttuneWindow *window = ATTUNE_WINDOW (widget);
  g_autoptr (GFile) file = attune_application_get_sample (get_application (window));

  attune_window_show_project (window,
                              attune_application_open_file (get_application (window), file));
}

void
attune_open_dialog_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.open", NULL, open_cb);
  gtk_widget_class_install_action (window_class, "win.open-folder", NULL, open_folder_cb);
  gtk_widget_class_install_action (window_class, "win.new-run", NULL, open_cb);
  gtk_widget_class_install_action (window_class, "win.open-sample", NULL, open_sample_cb);
}
