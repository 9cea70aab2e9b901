/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work of one reading. Worker thread; it touches nothing but its own struct.
 */
#include "config.h"

#include "attune-project-reading.h"

#include "attune-check.h"
#include "attune-encoded-rows.h"
#include "attune-model-store.h"

AttuneProjectReading *
attune_project_reading_new (void)
{
  return g_new0 (AttuneProjectReading, 1);
}

void
attune_project_reading_free (AttuneProjectReading *reading)
{
  g_clear_object (&reading->file);
  g_clear_object (&reading->validation_file);
  g_free (reading->text_column);
  g_free (reading->label_column);
  g_free (reading->pair_column);
  g_free (reading->model);
  g_clear_object (&reading->table);
  g_clear_object (&reading->dataset);
  g_clear_object (&reading->validation);
  g_clear_pointer (&reading->findings, g_ptr_array_unref);
  g_clear_pointer (&reading->lengths, g_array_unref);
  g_free (reading);
}

/* A column of an earlier run by its recorded name; -1 lets the data set guess. */
static gint
find_named (AttuneTable *table, const char *name, gint otherwise)
{
  return name != NULL ? attune_table_find_column (table, name) : otherwise;
}

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a;
  guint second = *(const guint *) b;

  return (first > second) - (first < second);
}

/* Worker thread. Token counts of all rows under the chosen model's tokenizer, sorted; NULL when
 * there is no such model (the Setup page says so). */
static GArray *
measure_lengths (AttuneDataset *dataset, const char *model, GCancellable *cancellable)
{
  g_autofree char *path = attune_model_store_resolve (model, NULL);
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (AttuneEncodedRows) rows = NULL;
  const AttuneRowThreads threads = { .gives_way = TRUE };
  GArray *lengths = NULL;

  if (path != NULL)
    folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, NULL);
  if (folder != NULL && attune_model_folder_get_tokenizer (folder) != NULL)
    rows = attune_encoded_rows_new_cached (dataset, attune_model_folder_get_tokenizer (folder),
                                           &threads, cancellable, NULL);
  if (rows == NULL)
    return NULL;

  lengths = g_array_sized_new (FALSE, FALSE, sizeof (guint), rows->n_rows);
  g_array_append_vals (lengths, rows->full, rows->n_rows);
  g_array_sort (lengths, compare_lengths);
  return lengths;
}

void
attune_project_reading_run (GTask *task, gpointer source, gpointer task_data,
                            GCancellable *cancellable)
{
  AttuneProjectReading *reading = task_data;
  AttuneColumns columns = reading->columns;
  GError *error = NULL;

  if (reading->table == NULL)
    reading->table = attune_table_read (reading->file, &reading->options, cancellable, &error);
  if (reading->table == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  columns.text = find_named (reading->table, reading->text_column, columns.text);
  columns.label = find_named (reading->table, reading->label_column, columns.label);
  columns.pair = find_named (reading->table, reading->pair_column, columns.pair);
  reading->dataset = attune_dataset_new (reading->table, &columns, NULL, &error);

  if (reading->dataset != NULL && reading->validation_file != NULL)
    {
      g_autoptr (AttuneTable) table = attune_table_read (reading->validation_file,
                                                         &reading->options,
                                                         cancellable, &error);

      if (table != NULL)
        reading->validation = attune_dataset_new (table,
                                                  attune_dataset_get_columns (reading->dataset),
                                                  attune_dataset_get_label_names (reading->dataset),
                                                  &error);
    }

  if (error == NULL)
    reading->findings = attune_check_run (reading->dataset, reading->validation, cancellable,
                                          &error);
  if (error == NULL && reading->model != NULL)
    reading->lengths = measure_lengths (reading->dataset, reading->model, cancellable);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}
