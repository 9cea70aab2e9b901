/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading, saving and quoting of settings.
 */
#include "config.h"

#include "attune-settings-file.h"

#include <glib/gi18n.h>

#include "attune-table-options.h"

/* No file of settings is anywhere near this large. */
#define MAX_BYTES (1024 * 1024)

typedef struct
{
  AttuneWindow *window;
  AttuneTrainConfig *config;
} Request;

static Request *
request_new (AttuneWindow *window, AttuneTrainConfig *config)
{
  Request *request = g_new0 (Request, 1);

  request->window = g_object_ref (window);
  request->config = g_object_ref (config);
  return request;
}

static void
request_free (Request *request)
{
  g_object_unref (request->window);
  g_object_unref (request->config);
  g_free (request);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static GBytes *
read_capped (GFile *file, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autoptr (GBytes) bytes = NULL;

  if (stream == NULL)
    return NULL;
  bytes = g_input_stream_read_bytes (G_INPUT_STREAM (stream), MAX_BYTES + 1, NULL, error);
  if (bytes != NULL && g_bytes_get_size (bytes) > MAX_BYTES)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("“%s” is too large to be a file of settings"), g_file_peek_path (file));
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

static void
load_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL)
    return;
  bytes = read_capped (file, &error);
  if (bytes == NULL
      || !attune_train_config_load_json (request->config, g_bytes_get_data (bytes, NULL),
                                         g_bytes_get_size (bytes), &error))
    attune_window_show_error (request->window, error->message, NULL);
  else
    attune_window_show_toast (request->window, _("Settings loaded"));
}

void
attune_settings_file_load (AttuneWindow *window, AttuneTrainConfig *config)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _("Load Settings"));
  gtk_file_dialog_open (dialog, GTK_WINDOW (window), NULL, load_chosen_cb,
                        request_new (window, config));
}

static void
save_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL);
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;

  if (file == NULL)
    return;
  json = attune_train_config_to_json (request->config);
  if (g_file_replace_contents (file, json, strlen (json), NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                               NULL,
                               &error))
    attune_window_show_toast (request->window, _("Settings saved"));
  else
    attune_window_show_error (request->window, error->message, NULL);
}

void
attune_settings_file_save (AttuneWindow *window, AttuneTrainConfig *config)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _("Save Settings"));
  gtk_file_dialog_set_initial_name (dialog, "settings.json");
  gtk_file_dialog_save (dialog, GTK_WINDOW (window), NULL, save_chosen_cb,
                        request_new (window, config));
}

static void
append_quoted (GString *command, const char *option, const char *value)
{
  g_autofree char *quoted = g_shell_quote (value);

  g_string_append_printf (command, " %s %s", option, quoted);
}

static void
append_named (GString *command, const char *option, const char *name)
{
  if (name != NULL)
    append_quoted (command, option, name);
}

static void
append_files (GString *command, const char *option, GPtrArray *files)
{
  for (guint i = 0; files != NULL && i < files->len; i++)
    append_named (command, option, g_file_peek_path (g_ptr_array_index (files, i)));
}

char *
attune_settings_file_describe_command (AttuneProject *project)
{
  GString *command = g_string_new ("attune-cli train");
  AttuneTable *table = attune_project_get_table (project);
  AttuneDataset *dataset = attune_project_get_dataset (project);
  const AttuneTableOptions *reading = attune_project_get_table_options (project);
  g_autofree char *delimiter = attune_delimiter_get_name (reading->delimiter);
  g_autofree char *settings =
    attune_train_config_to_command_line (attune_project_get_config (project));
  g_autofree char *amendments =
    attune_amendments_to_options (attune_project_get_amendments (project), G_MAXUINT);
  guint n_rows = attune_project_get_n_rows (project);

  append_files (command, "--data", attune_project_get_given (project));
  append_files (command, "--validation", attune_project_get_validation_given (project));
  if (dataset != NULL)
    {
      const AttuneColumns *columns = attune_dataset_get_columns (dataset);

      append_quoted (command, "--text-column", attune_table_get_column_name (table, columns->text));
      append_quoted (command, "--text-pair-column",
                     columns->pair >= 0 ? attune_table_get_column_name (table, columns->pair) : "");
      append_quoted (command, "--label-column",
                     attune_table_get_column_name (table, columns->label));
      for (guint i = 0; i < columns->n_more; i++)
        append_quoted (command, "--label-column",
                       attune_table_get_column_name (table, columns->more[i]));
      if (columns->n_more == 0)
        append_quoted (command, "--task",
                       columns->task == ATTUNE_TASK_MULTI_LABEL ? "multi" : "single");
      if (columns->separator != '\0' && columns->separator != ATTUNE_LIST_SEPARATOR)
        {
          const char separator[] = { columns->separator, '\0' };

          append_quoted (command, "--label-separator", separator);
        }
    }
  if (table != NULL && g_strcmp0 (attune_table_get_options (table)->encoding, "UTF-8") != 0)
    append_quoted (command, "--encoding", attune_table_get_options (table)->encoding);
  append_named (command, "--format", attune_format_get_name (reading->format));
  append_named (command, "--delimiter", delimiter);
  append_named (command, "--quoting", attune_quoting_get_name (reading->quoting));
  append_named (command, "--header", attune_header_get_name (reading->header));
  if (attune_project_get_model (project) != NULL)
    append_quoted (command, "--model", attune_project_get_model (project));
  append_quoted (command, "--output", attune_run_get_title (attune_project_get_run (project)));
  g_string_append (command, amendments);
  if (n_rows > 0)
    g_string_append_printf (command, " --limit %u", n_rows);
  if (*settings != '\0')
    g_string_append_printf (command, " %s", settings);
  return g_string_free_and_steal (command);
}
