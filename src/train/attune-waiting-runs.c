/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * {"version": 1, "runs": [record, …]}, each as attune_run_record_to_json() writes it.
 */
#include "config.h"

#include "attune-waiting-runs.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <yyjson.h>

#include "attune-durable.h"
#include "attune-run-folder.h"
#include "attune-session.h"

#define VERSION 1
#define MAX_BYTES (64 << 20)
#define FILE_NAME "queue.json"

AttuneRunRecord *
attune_waiting_run_new (const AttuneTrainJob  *job,
                        GError               **error)
{
  AttuneTrainRequest *request = attune_train_request_new (job, error);
  AttuneRunRecord *record;

  if (request == NULL)
    return NULL;
  record = attune_run_record_new ();
  record->title = g_strdup (request->title);
  record->created = g_get_real_time () / G_USEC_PER_SEC;
  g_set_object (&record->config, request->config);
  attune_run_source_free (record->source);
  record->source = attune_train_request_describe_source (request);
  record->source->split_sha256 = g_strdup (request->split_sha256);
  if (request->validation != NULL)
    record->validation_sha256 =
      g_strdup (attune_table_get_sha256 (attune_dataset_get_table (request->validation)));
  record->model_path = g_strdup (request->model_path);
  record->head = g_strdup (request->head);
  record->labels = g_strdupv ((char **) attune_dataset_get_label_names (request->dataset));
  attune_train_request_free (request);
  return record;
}

char *
attune_waiting_runs_get_path (void)
{
  g_autofree char *runs = attune_run_get_runs_path ();

  return g_build_filename (runs, FILE_NAME, NULL);
}

static void
free_record (gpointer record)
{
  attune_run_record_free (record);
}

static gboolean
read_runs (GPtrArray   *records,
           yyjson_val  *list,
           const char  *source_name,
           GError     **error)
{
  yyjson_val *run;
  size_t i, n;

  yyjson_arr_foreach (list, i, n, run)
    {
      size_t length = 0;
      char *json = yyjson_val_write (run, YYJSON_WRITE_NOFLAG, &length);
      AttuneRunRecord *record =
        json != NULL ? attune_run_record_parse (json, length, source_name, error) : NULL;

      free (json);
      if (record == NULL)
        {
          if (error != NULL && *error == NULL)
            g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                         _("%s is no list of waiting runs"), source_name);
          return FALSE;
        }
      g_ptr_array_add (records, record);
    }
  return TRUE;
}

/**
 * attune_waiting_runs_parse:
 * @source_name: what messages call the text
 *
 * Returns: (transfer full) (element-type AttuneRunRecord): all of them, or %NULL with
 *   ATTUNE_TRAIN_ERROR_RUN or _SETTING when one cannot be read
 */
GPtrArray *
attune_waiting_runs_parse (const char  *json,
                           gsize        length,
                           const char  *source_name,
                           GError     **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (free_record);
  yyjson_doc *doc = length <= MAX_BYTES ? yyjson_read (json, length, YYJSON_READ_NOFLAG) : NULL;
  yyjson_val *root = doc != NULL ? yyjson_doc_get_root (doc) : NULL;
  yyjson_val *runs = yyjson_obj_get (root, "runs");
  g_autoptr (GError) local_error = NULL;
  gboolean ok = FALSE;

  if (!yyjson_is_arr (runs) || yyjson_arr_size (runs) > ATTUNE_MOST_WAITING_RUNS)
    g_set_error (&local_error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s is no list of waiting runs"), source_name);
  else if (yyjson_get_sint (yyjson_obj_get (root, "version")) != VERSION)
    g_set_error (&local_error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("%s was written by another version of Attune, which this one cannot read"),
                 source_name);
  else
    ok = read_runs (records, runs, source_name, &local_error);
  if (doc != NULL)
    yyjson_doc_free (doc);
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return ok ? g_steal_pointer (&records) : NULL;
}

GPtrArray *
attune_waiting_runs_load (GError **error)
{
  g_autofree char *runs = attune_run_get_runs_path ();
  g_autofree char *path = attune_waiting_runs_get_path ();
  g_autofree char *json = NULL;
  gsize length = 0;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_ptr_array_new_with_free_func (free_record);
  json = attune_run_folder_read (runs, FILE_NAME, MAX_BYTES, &length, error);
  return json != NULL ? attune_waiting_runs_parse (json, length, path, error) : NULL;
}

gboolean
attune_waiting_runs_save (GPtrArray  *records,
                          GError    **error)
{
  g_autofree char *runs = attune_run_get_runs_path ();
  g_autofree char *path = attune_waiting_runs_get_path ();
  g_autoptr (GString) json = g_string_new ("{\"version\":1,\"runs\":[");

  if (records->len == 0)
    {
      if (g_remove (path) == 0 || errno == ENOENT)
        return TRUE;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _("%s could not be removed: %s"), path, g_strerror (errno));
      return FALSE;
    }
  for (guint i = 0; i < records->len; i++)
    {
      g_autofree char *record = attune_run_record_to_json (records->pdata[i]);

      g_string_append_printf (json, "%s%s", i > 0 ? ",\n" : "\n", record);
    }
  g_string_append (json, "]}\n");
  if (g_mkdir_with_parents (runs, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _("The folder %s could not be made: %s"), runs, g_strerror (errno));
      return FALSE;
    }
  return attune_durable_write (path, json->str, json->len, error);
}
