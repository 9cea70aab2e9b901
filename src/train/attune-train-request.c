/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the trainer thread is asked to train, checked as far as that is possible without reading
 * weights. Main thread until it is posted.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-class-weights.h"
#include "attune-model-store.h"
#include "attune-session.h"

/* At least two labels with rows; *n_labelled: rows that have one. */
static gboolean
check_labels (AttuneDataset  *dataset,
              GError        **error)
{
  const guint *counts = attune_dataset_get_label_counts (dataset);
  const char * const *names = attune_dataset_get_label_names (dataset);
  guint n_labels = attune_dataset_get_n_labels (dataset);
  guint n_used = 0;
  const char *only = NULL;

  for (guint i = 0; i < n_labels; i++)
    if (counts[i] > 0)
      {
        n_used++;
        only = names[i];
      }
  /* Whether a text has a label at all is something to tell, too. */
  if (n_used >= 2 || (n_used == 1 && attune_dataset_get_task (dataset) == ATTUNE_TASK_MULTI_LABEL))
    return TRUE;
  if (only != NULL)
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                 _("Every row has the label “%s”; there must be two labels or more to tell apart"),
                 only);
  else
    g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                         _("No row has a label; choose the column that holds the labels"));
  return FALSE;
}

/* What is defined for one label a text only. */
static gboolean
check_settings (AttuneTrainConfig  *config,
                AttuneDataset      *dataset,
                AttuneDataset      *validation,
                GError            **error)
{
  const char *why = NULL;

  if (validation != NULL
      && attune_dataset_get_task (validation) != attune_dataset_get_task (dataset))
    {
      g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA,
                           _("The texts of one file have one label each, those of the other "
                             "several; choose the same label columns for both"));
      return FALSE;
    }
  if (attune_dataset_get_task (dataset) != ATTUNE_TASK_MULTI_LABEL)
    return TRUE;
  if (g_str_equal (attune_train_config_get_string (config, "class_weight"), "balanced"))
    why = _("class_weight cannot be “balanced” where texts have several labels; give each label a "
            "weight, or say “none”");
  else if (attune_train_config_get_double (config, "label_smoothing_factor") > 0)
    why = _("label_smoothing_factor must be 0 where texts have several labels");
  else if (g_str_equal (attune_train_config_get_string (config, "metric_for_best_model"), "mcc"))
    why = _("metric_for_best_model cannot be “mcc” where texts have several labels; choose "
            "“f1_macro” or “f1_micro”");
  else if (g_str_equal (attune_train_config_get_string (config, "train_sampling_strategy"), "balanced"))
    why = _("train_sampling_strategy cannot be “balanced” where texts have several labels");
  if (why == NULL)
    return TRUE;
  g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING, why);
  return FALSE;
}

/* What is there before training can be kept from changing; a network begun with nothing has only
 * the model that it reads, if that learns at all. */
static gboolean
check_model (AttuneTrainRequest  *self,
             GError             **error)
{
  AttuneTrainConfig *config = self->config;
  const char *scratch = attune_model_store_get_scratch (self->model_path);

  if (scratch == NULL
      || (!attune_train_config_is_default (config, "rnn_embeddings")
          && g_str_equal (attune_train_config_get_string (config, "rnn_tune_embeddings"), "yes"))
      || (attune_train_config_get_int (config, "lora_r") == 0
          && attune_train_config_get_int (config, "freeze_layers") == 0
          && g_str_equal (attune_train_config_get_string (config, "freeze_embeddings"), "no")))
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("“%s” begins with nothing that could be frozen or adapted: set freeze_embeddings to "
                 "no, freeze_layers and lora_r to 0, or tune a model’s embeddings "
                 "(rnn_tune_embeddings)"), scratch);
  return FALSE;
}

/* The record of the run that goes on, and whether its settings are others now. */
static gboolean
take_record (AttuneTrainRequest  *self,
             const char          *folder,
             GError             **error)
{
  g_autofree char *before = NULL;
  g_autofree char *now = NULL;

  self->resumed = attune_run_record_load (folder, error);
  if (self->resumed == NULL)
    return FALSE;
  if (self->resumed->model_path == NULL)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("The record of the run in %s does not say which model it began with"), folder);
      return FALSE;
    }
  g_set_str (&self->head, self->resumed->head);
  g_set_str (&self->model, self->resumed->source->model);
  g_set_str (&self->title, self->resumed->title);
  before = attune_train_config_to_json (self->resumed->config);
  now = attune_train_config_to_json (self->config);
  self->changed = !g_str_equal (before, now);
  return TRUE;
}

/**
 * attune_train_request_new:
 *
 * Returns: (transfer full): a copy of @job for the trainer thread, or %NULL with an error that says
 *   what is wrong with settings, data or model
 */
AttuneTrainRequest *
attune_train_request_new (const AttuneTrainJob  *job,
                          GError               **error)
{
  g_autoptr (AttuneTrainRequest) self = g_new0 (AttuneTrainRequest, 1);
  g_autoptr (GError) local_error = NULL;
  g_autofree float *weights = NULL;

  self->config = job->config != NULL ? attune_train_config_copy (job->config)
                                     : attune_train_config_new ();
  self->dataset = job->n_rows > 0 && job->n_rows < attune_dataset_get_n_rows (job->dataset)
                    ? attune_dataset_new_head (job->dataset, job->n_rows)
                    : g_object_ref (job->dataset);
  g_set_object (&self->validation, job->validation);
  self->model = g_strdup (job->model);
  self->head = g_strdup (job->head);
  self->title = g_strdup (job->title);
  self->split_sha256 = g_strdup (job->split_sha256);
  self->n_rows = job->n_rows;
  if (job->resume && !take_record (self, job->folder, error))
    return NULL;
  if (!attune_train_config_validate (self->config, error) || !check_labels (self->dataset, error)
      || !check_settings (self->config, self->dataset, self->validation, error))
    return NULL;
  weights = attune_class_weights_new (self->config,
                                      attune_dataset_get_label_counts (self->dataset),
                                      attune_dataset_get_n_labels (self->dataset), &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  /* A run that goes on has all it needs in its checkpoint, or else begins as it did. */
  if (self->resumed != NULL)
    self->model_path = g_strdup (self->resumed->model_path);
  else
    self->model_path = attune_model_store_resolve (job->model, error);
  if (self->model_path == NULL || !check_model (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
attune_train_request_free (AttuneTrainRequest *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->dataset);
  g_clear_object (&self->validation);
  g_clear_object (&self->config);
  g_free (self->model);
  g_free (self->model_path);
  g_free (self->head);
  g_free (self->title);
  g_free (self->split_sha256);
  g_clear_pointer (&self->resumed, attune_run_record_free);
  g_free (self);
}

/* The files that a data set was read from, and their sums; NULL if there are none. */
static char **
get_paths (AttuneDataset   *dataset,
           char          ***sums)
{
  AttuneTable *table = dataset != NULL ? attune_dataset_get_table (dataset) : NULL;
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  guint n = table != NULL ? attune_table_get_n_files (table) : 0;

  for (guint i = 0; i < n; i++)
    {
      const char *sha256 = NULL;
      GFile *file = attune_table_get_nth_file (table, i, &sha256);

      if (g_file_peek_path (file) == NULL)
        continue;
      g_strv_builder_add (paths, g_file_peek_path (file));
      g_strv_builder_add (found, sha256 != NULL ? sha256 : "");
    }
  if (sums != NULL)
    *sums = n > 0 ? g_strv_builder_end (found) : NULL;
  return n > 0 ? g_strv_builder_end (paths) : NULL;
}

static char *
get_column (AttuneDataset *dataset,
            gint           column)
{
  if (column < 0)
    return NULL;
  return g_strdup (attune_table_get_column_name (attune_dataset_get_table (dataset),
                                                 (guint) column));
}

AttuneRunSource *
attune_train_request_describe_source (const AttuneTrainRequest *self)
{
  AttuneRunSource *source = g_new0 (AttuneRunSource, 1);
  const AttuneColumns *columns = attune_dataset_get_columns (self->dataset);
  AttuneTable *table = attune_dataset_get_table (self->dataset);

  source->data_paths = get_paths (self->dataset, &source->data_sums);
  source->data_sha256 = g_strdup (attune_table_get_sha256 (table));
  source->reading = *attune_table_get_options (table);
  source->reading.encoding = g_strdup (source->reading.encoding);
  source->validation_paths = get_paths (self->validation, NULL);
  if (self->validation != NULL)
    {
      source->validation_reading =
        *attune_table_get_options (attune_dataset_get_table (self->validation));
      source->validation_reading.encoding = g_strdup (source->validation_reading.encoding);
    }
  source->text_column = get_column (self->dataset, columns->text);
  source->pair_column = get_column (self->dataset, columns->pair);
  source->label_column = get_column (self->dataset, columns->label);
  source->task = columns->task;
  if (columns->n_more > 0)
    {
      source->more_label_columns = g_new0 (char *, columns->n_more + 1);
      for (guint i = 0; i < columns->n_more; i++)
        source->more_label_columns[i] = get_column (self->dataset, columns->more[i]);
    }
  if (columns->separator != '\0')
    source->label_separator = g_strndup (&columns->separator, 1);
  source->model = g_strdup (self->model);
  source->n_rows = self->n_rows;
  source->amendments = attune_amendments_copy (attune_dataset_get_amendments (self->dataset));
  if (source->amendments != NULL)
    source->plain_labels = g_strdupv ((char **) attune_dataset_get_plain_names (self->dataset));
  if (self->validation == NULL)
    {
      source->validation_split = attune_train_config_get_double (self->config, "validation_split");
      source->split_seed = (gint64) attune_train_config_get_split_seed (self->config);
    }
  return source;
}
