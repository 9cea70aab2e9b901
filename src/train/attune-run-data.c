/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From run.json to the data sets that the run was made from. The files must be those of then, byte
 * by byte, or the run would go on with other data without anyone noticing. Blocking; any thread but
 * the main one.
 */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-data-files.h"
#include "attune-run-data.h"

void
attune_run_data_free (AttuneRunData *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_clear_pointer (&self->record, attune_run_record_free);
  g_clear_object (&self->dataset);
  g_clear_object (&self->validation);
  g_free (self);
}

static gboolean refuse (GError     **error,
                        const char  *format,
                        ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError     **error,
        const char  *format,
        ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA, format,
                                                args));
  va_end (args);
  return FALSE;
}

/* (transfer full): the files as one table, if they are what they were. */
static AttuneTable *
read_table (char                     **paths,
            const AttuneTableOptions  *reading,
            const char                *sha256,
            GCancellable              *cancellable,
            GError                   **error)
{
  g_autoptr (GPtrArray) given = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (AttuneTable) table = NULL;

  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (given, g_file_new_for_path (paths[i]));
  files = attune_data_files_new ((GFile **) given->pdata, given->len, cancellable, error);
  if (files == NULL)
    return NULL;
  for (guint part = 0; table == NULL && part < ATTUNE_N_PARTS; part++)
    if (attune_data_files_get_part (files, (AttunePart) part)->len > 0)
      {
        table = attune_data_files_read (files, (AttunePart) part, reading, NULL, cancellable,
                                        error);
        if (table == NULL)
          return NULL;
      }
  if (table == NULL)
    {
      refuse (error, _("%s holds no data any more"), paths[0]);
      return NULL;
    }
  if (sha256 != NULL && g_strcmp0 (attune_table_get_sha256 (table), sha256) != 0)
    {
      refuse (error, _("%s has changed since the run began; put back what it was, or start a new "
                       "run from the weights of this one"), paths[0]);
      return NULL;
    }
  return g_steal_pointer (&table);
}

/* name: NULL leaves *column as it is. */
static gboolean
find_column (AttuneTable  *table,
             const char   *name,
             gint         *column,
             GError      **error)
{
  if (name == NULL)
    return TRUE;
  *column = attune_table_find_column (table, name);
  return *column >= 0 || refuse (error, _("“%s” has no column “%s” any more"),
                                 attune_table_get_source_name (table), name);
}

static AttuneDataset *
create_dataset (AttuneTable            *table,
                const AttuneRunSource  *source,
                char                  **labels,
                GError                **error)
{
  AttuneColumns columns = ATTUNE_COLUMNS_GUESS;

  columns.pair = -1;
  columns.task = source->task;
  columns.separator = source->label_separator != NULL ? *source->label_separator : '\0';
  if (!find_column (table, source->text_column, &columns.text, error)
      || !find_column (table, source->pair_column, &columns.pair, error)
      || !find_column (table, source->label_column, &columns.label, error))
    return NULL;
  for (guint i = 0; source->more_label_columns != NULL && source->more_label_columns[i] != NULL
                    && i < G_N_ELEMENTS (columns.more); i++)
    if (!find_column (table, source->more_label_columns[i], &columns.more[columns.n_more++], error))
      return NULL;
  return attune_dataset_new (table, &columns, (const char * const *) labels, error);
}

static gboolean
amend (AttuneRunData           *self,
       const AttuneAmendments  *amendments,
       GCancellable            *cancellable,
       GError                 **error)
{
  g_autoptr (AttuneDataset) validation = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;

  if (self->validation != NULL)
    {
      validation = attune_amendments_apply_to_validation (amendments, self->validation, error);
      if (validation == NULL)
        return FALSE;
    }
  dataset = attune_amendments_apply (amendments, self->dataset, validation, cancellable, error);
  if (dataset == NULL)
    return FALSE;
  g_set_object (&self->dataset, dataset);
  g_set_object (&self->validation, validation);
  return TRUE;
}

static gboolean
read_data (AttuneRunData  *self,
           GCancellable   *cancellable,
           GError        **error)
{
  const AttuneRunSource *source = self->record->source;
  gboolean amended = source->amendments != NULL && !attune_amendments_is_empty (source->amendments);
  /* Amended labels have other names than before; records of earlier versions do not say which. */
  char **labels = amended ? source->plain_labels : self->record->labels;
  g_autoptr (AttuneTable) table = NULL;

  if (source->data_paths == NULL || source->data_paths[0] == NULL)
    return refuse (error, _("The record of the run in %s does not say where its data is"),
                   self->folder);
  table = read_table (source->data_paths, &source->reading, source->data_sha256, cancellable,
                      error);
  if (table != NULL)
    self->dataset = create_dataset (table, source, labels, error);
  if (self->dataset == NULL)
    return FALSE;
  if (source->validation_paths != NULL && source->validation_paths[0] != NULL)
    {
      g_autoptr (AttuneTable) other =
        read_table (source->validation_paths, &source->validation_reading,
                    self->record->validation_sha256, cancellable, error);

      if (other != NULL)
        self->validation =
          create_dataset (other, source,
                          (char **) attune_dataset_get_label_names (self->dataset), error);
      if (self->validation == NULL)
        return FALSE;
    }
  if (amended && !amend (self, source->amendments, cancellable, error))
    return FALSE;
  if (!g_strv_equal (attune_dataset_get_label_names (self->dataset),
                     (const char * const *) self->record->labels))
    return refuse (error, _("The labels in %s are not those that the run began with"),
                   source->data_paths[0]);
  return TRUE;
}

/**
 * attune_run_data_read:
 * @folder: a run's folder
 *
 * Returns: (transfer full): record and data, or %NULL with ATTUNE_TRAIN_ERROR_RUN,
 *   ATTUNE_TRAIN_ERROR_DATA when the data is not what it was, or what reading it failed with
 */
AttuneRunData *
attune_run_data_read (const char    *folder,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_autoptr (AttuneRunData) self = g_new0 (AttuneRunData, 1);

  self->folder = g_strdup (folder);
  self->record = attune_run_record_load (folder, error);
  if (self->record == NULL || !read_data (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
attune_run_data_may_change (const char *setting)
{
  /* None of these changes what a step that was taken would have been. */
  static const char * const settings[] = {
    "num_train_epochs", "max_steps",        "early_stopping_patience", "eval_strategy",
    "eval_steps",       "save_strategy",    "save_steps",              "save_total_limit",
    "logging_steps",    "device",           "num_threads",             NULL,
  };

  return g_strv_contains (settings, setting);
}

gboolean
attune_run_data_check_config (AttuneTrainConfig  *before,
                              AttuneTrainConfig  *config,
                              GError            **error)
{
  guint n_fields = 0;
  const AttuneField *fields = attune_train_config_get_fields (&n_fields);

  for (guint i = 0; i < n_fields; i++)
    {
      g_autofree char *was = attune_train_config_get_text (before, fields[i].name);
      g_autofree char *is = attune_train_config_get_text (config, fields[i].name);

      if (g_strcmp0 (was, is) == 0 || attune_run_data_may_change (fields[i].name))
        continue;
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("%s cannot change within a run; start a new run from the weights of this one"),
                   fields[i].name);
      return FALSE;
    }
  return TRUE;
}

void
attune_run_data_fill_job (AttuneRunData  *self,
                          AttuneTrainJob *job)
{
  *job = (AttuneTrainJob) {
    .dataset = self->dataset,
    .validation = self->validation,
    .model = self->record->source->model,
    .config = self->record->config,
    .folder = self->folder,
    .title = self->record->title,
    .n_rows = self->record->source->n_rows,
    .resume = TRUE,
  };
}
