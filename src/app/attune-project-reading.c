/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The work of one reading. Worker thread; it touches nothing but its own struct.
 */
#include "config.h"

#include "attune-project-reading.h"

#include <string.h>

#include "attune-encoded-rows.h"
#include "attune-scratch-model.h"

#define MOST_LENGTHS (1u << 20)
/* With as many rows as this or more, what was read is shown before it is looked through. */
#define MANY_ROWS 20000
/* Of a file as long as this or longer, the first rows are shown before the rest is read. */
#define HEAD_BYTES ((gsize) 1024 * 1024)

AttuneProjectReading *
attune_project_reading_new (void)
{
  return g_new0 (AttuneProjectReading, 1);
}

void
attune_project_reading_free (AttuneProjectReading *reading)
{
  g_clear_pointer (&reading->given, g_ptr_array_unref);
  g_clear_pointer (&reading->validation_given, g_ptr_array_unref);
  g_clear_pointer (&reading->files, attune_data_files_unref);
  g_free (reading->text_column);
  g_free (reading->label_column);
  g_free (reading->pair_column);
  g_strfreev (reading->more_label_columns);
  g_free (reading->model);
  g_clear_object (&reading->table);
  g_clear_object (&reading->dataset);
  g_clear_object (&reading->validation);
  g_clear_pointer (&reading->findings, g_ptr_array_unref);
  g_clear_pointer (&reading->lengths, g_array_unref);
  g_clear_pointer (&reading->facts, attune_token_facts_unref);
  attune_amendments_free (reading->amendments);
  g_free (reading);
}

/* A column of an earlier run by its recorded name; -1 lets the data set guess. */
static gint
find_named (AttuneTable *table, const char *name, gint otherwise)
{
  return name != NULL ? attune_table_find_column (table, name) : otherwise;
}

/* Those of an earlier run; all of them or none. */
static void
find_more (AttuneTable *table, char **names, AttuneColumns *columns)
{
  guint n = names != NULL ? g_strv_length (names) : 0;

  if (n == 0 || n > G_N_ELEMENTS (columns->more))
    return;
  columns->n_more = 0;
  for (guint i = 0; i < n; i++)
    {
      gint column = attune_table_find_column (table, names[i]);

      if (column >= 0)
        columns->more[columns->n_more++] = column;
    }
  if (columns->n_more < n)
    columns->n_more = 0;
}

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a;
  guint second = *(const guint *) b;

  return (first > second) - (first < second);
}

/* What the chosen model makes of the rows; NULL when there is no such model (the Setup page says
 * so). */
static AttuneTokenFacts *
count_tokens (AttuneDataset *dataset, const char *model, GCancellable *cancellable)
{
  g_autoptr (AttuneModelFolder) folder = attune_open_model_for (model, dataset, cancellable, NULL);
  g_autoptr (AttuneEncodedRows) rows = NULL;
  const AttuneRowThreads threads = { .gives_way = TRUE };

  if (folder != NULL && attune_model_folder_get_tokenizer (folder) != NULL)
    rows = attune_encoded_rows_new_cached (dataset, attune_model_folder_get_tokenizer (folder),
                                           &threads, cancellable, NULL);
  if (rows == NULL)
    return NULL;
  return attune_token_facts_new_for_model (rows, folder);
}

/* Token counts of the rows that are left, shortest first. */
static GArray *
sort_lengths (AttuneDataset *dataset, const AttuneTokenFacts *facts)
{
  g_autofree guint *counts = NULL;
  GArray *lengths = g_array_sized_new (FALSE, FALSE, sizeof (guint), facts->n_rows);
  guint longest = 0;

  for (guint row = 0; row < facts->n_rows; row++)
    if (!attune_dataset_is_dropped (dataset, row))
      {
        g_array_append_val (lengths, facts->lengths[row]);
        longest = MAX (longest, facts->lengths[row]);
      }
  /* Many rows have few lengths, as a rule: they are counted out. */
  if (longest > MOST_LENGTHS)
    {
      g_array_sort (lengths, compare_lengths);
      return lengths;
    }
  counts = g_new0 (guint, longest + 1);
  for (guint i = 0; i < lengths->len; i++)
    counts[g_array_index (lengths, guint, i)]++;
  for (guint length = 0, i = 0; length <= longest; length++)
    for (guint n = counts[length]; n > 0; n--)
      g_array_index (lengths, guint, i++) = length;
  return lengths;
}

typedef struct {
  gpointer source;
  GCancellable *cancellable;
  AttuneTable *table;
  AttuneColumns columns;
  AttuneDataset *dataset;
  AttuneDataset *validation;
  AttuneProjectPreviewFunc func;
} Preview;

static gboolean
preview_cb (gpointer user_data)
{
  Preview *preview = user_data;

  preview->func (preview->source, preview->cancellable, preview->table, &preview->columns,
                 preview->dataset, preview->validation);
  return G_SOURCE_REMOVE;
}

static void
preview_free (Preview *preview)
{
  g_object_unref (preview->source);
  g_object_unref (preview->cancellable);
  g_object_unref (preview->table);
  g_clear_object (&preview->dataset);
  g_clear_object (&preview->validation);
  g_free (preview);
}

static void
show (AttuneProjectReading *reading, GTask *task, AttuneTable *table, const AttuneColumns *columns)
{
  Preview *preview = g_new0 (Preview, 1);

  preview->source = g_object_ref (g_task_get_source_object (task));
  preview->cancellable = g_object_ref (g_task_get_cancellable (task));
  preview->table = g_object_ref (table);
  preview->columns = *columns;
  g_set_object (&preview->dataset, reading->dataset);
  g_set_object (&preview->validation, reading->validation);
  preview->func = reading->preview;
  g_main_context_invoke_full (g_task_get_context (task), G_PRIORITY_DEFAULT, preview_cb, preview,
                              (GDestroyNotify) preview_free);
}

/* How many rows a file may have, by the length of the first ones. */
static guint
guess_n_rows (GFile *file, AttuneTable *head, GCancellable *cancellable)
{
  g_autoptr (GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                                  G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  double n = info != NULL ? (double) g_file_info_get_size (info) : 0;

  n *= (double) attune_table_get_n_rows (head) / MAX (attune_table_get_n_bytes (head), 1);
  return (guint) CLAMP (n, 0, G_MAXUINT);
}

/* Shows the first rows of a file that takes a moment to read. */
static void
show_head (AttuneProjectReading *reading, GTask *task, GCancellable *cancellable)
{
  GPtrArray *files = attune_data_files_get_part (reading->files, ATTUNE_PART_TRAIN);
  g_autoptr (AttuneTable) head = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;

  if (reading->preview == NULL)
    return;
  head = attune_table_read_head (g_ptr_array_index (files, 0), &reading->options, HEAD_BYTES,
                                 cancellable, NULL);
  if (head == NULL || !attune_table_is_head (head))
    return;
  if (files->len == 1)
    g_atomic_int_set (&reading->n_expected, guess_n_rows (files->pdata[0], head, cancellable));
  /* Only for the columns; what they hold is another matter. */
  dataset = attune_dataset_new (head, &reading->columns, NULL, NULL);
  show (reading, task, head,
        dataset != NULL ? attune_dataset_get_columns (dataset) : &reading->columns);
}

static void
progress_cb (double fraction, gpointer user_data)
{
  AttuneProjectReading *reading = user_data;

  g_atomic_int_set (&reading->progress, (gint) (1000 * fraction));
}

static gboolean
read_table (AttuneProjectReading *reading, GTask *task, GCancellable *cancellable, GError **error)
{
  AttuneProgress progress = { progress_cb, reading, 0, 1 };

  if (reading->table != NULL)
    return TRUE;
  g_clear_pointer (&reading->files, attune_data_files_unref);
  reading->files = attune_data_files_new ((GFile **) reading->given->pdata, reading->given->len,
                                          cancellable, error);
  if (reading->files == NULL)
    return FALSE;
  show_head (reading, task, cancellable);
  reading->table = attune_data_files_read (reading->files, ATTUNE_PART_TRAIN, &reading->options,
                                           &progress, cancellable, error);
  g_atomic_int_set (&reading->progress, 1000);
  return reading->table != NULL;
}

static char *
get_kind (AttuneDataFiles *files, AttunePart part)
{
  g_autofree char *name =
    g_file_get_basename (g_ptr_array_index (attune_data_files_get_part (files, part), 0));
  const char *dot = strrchr (name, '.');

  return g_strdup (dot != NULL ? dot : "");
}

/* FALSE with an error; TRUE also where there is none to be read. */
static gboolean
read_validation (AttuneProjectReading *reading, GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autofree char *kind = get_kind (reading->files, ATTUNE_PART_TRAIN);
  g_autofree char *validation_kind = NULL;
  AttuneTableOptions options = { .encoding = reading->options.encoding };
  AttunePart part = ATTUNE_PART_TRAIN;

  if (reading->validation_given != NULL)
    files = attune_data_files_new ((GFile **) reading->validation_given->pdata,
                                   reading->validation_given->len, cancellable, error);
  else if (reading->no_validation
           || attune_data_files_get_part (reading->files, ATTUNE_PART_VALIDATION)->len == 0)
    return TRUE;
  else
    {
      files = attune_data_files_ref (reading->files);
      part = ATTUNE_PART_VALIDATION;
    }
  if (files == NULL)
    return FALSE;

  /* How a file of another kind is to be read is not known by how this one is. */
  validation_kind = get_kind (files, part);
  if (g_str_equal (kind, validation_kind))
    options = reading->options;
  table = attune_data_files_read (files, part, &options, NULL, cancellable, error);
  if (table != NULL)
    reading->validation
      = attune_dataset_new (table, attune_dataset_get_columns (reading->dataset),
                            attune_dataset_get_label_names (reading->dataset), error);
  return reading->validation != NULL;
}

/* Replaces the data as it is in the files by what the amendments make of it. */
static void
amend (AttuneProjectReading *reading, GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneDataset) dataset = g_steal_pointer (&reading->dataset);
  g_autoptr (AttuneDataset) validation = g_steal_pointer (&reading->validation);

  if (validation != NULL)
    {
      reading->validation =
        attune_amendments_apply_to_validation (reading->amendments, validation, error);
      if (reading->validation == NULL)
        return;
    }
  reading->dataset = attune_amendments_apply (reading->amendments, dataset, reading->validation,
                                              cancellable, error);
}

/* Everything that can be found before training. */
static void
check (AttuneProjectReading *reading, GCancellable *cancellable, GError **error)
{
  reading->findings = attune_check_run (reading->dataset, reading->validation, cancellable, error);
  if (reading->findings == NULL)
    return;
  reading->n_train = attune_dataset_get_n_rows (reading->dataset)
                     - attune_dataset_get_n_dropped (reading->dataset);
  if (reading->validation != NULL)
    reading->n_validation = attune_dataset_get_n_rows (reading->validation)
                            - attune_dataset_get_n_dropped (reading->validation);
  else if (reading->share > 0)
    {
      g_autoptr (AttuneSplit) split = attune_split_new (reading->dataset, reading->share,
                                                        reading->seed);

      attune_check_split (reading->findings, reading->dataset, split);
      reading->n_train = split->train->len;
      reading->n_validation = split->validation->len;
    }
  if (reading->model != NULL && reading->facts == NULL)
    reading->facts = count_tokens (reading->dataset, reading->model, cancellable);
  if (reading->facts == NULL)
    return;
  reading->lengths = sort_lengths (reading->dataset, reading->facts);
  attune_token_facts_check (reading->facts, reading->dataset, &reading->cut, reading->findings);
}

void
attune_project_reading_run (GTask *task, gpointer source, gpointer task_data,
                            GCancellable *cancellable)
{
  AttuneProjectReading *reading = task_data;
  AttuneColumns columns = reading->columns;
  GError *error = NULL;

  if (!read_table (reading, task, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  columns.text = find_named (reading->table, reading->text_column, columns.text);
  columns.label = find_named (reading->table, reading->label_column, columns.label);
  columns.pair = find_named (reading->table, reading->pair_column, columns.pair);
  find_more (reading->table, reading->more_label_columns, &columns);
  reading->dataset = attune_dataset_new (reading->table, &columns, NULL, &error);

  if (reading->dataset != NULL)
    read_validation (reading, cancellable, &error);
  if (error == NULL)
    amend (reading, cancellable, &error);
  if (error == NULL && reading->preview != NULL
      && attune_dataset_get_n_rows (reading->dataset) >= MANY_ROWS)
    show (reading, task, reading->table, attune_dataset_get_columns (reading->dataset));
  if (error == NULL)
    check (reading, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}
