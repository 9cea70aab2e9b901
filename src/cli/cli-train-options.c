/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the options of train, search and find-lr to settings and data sets. Nothing is computed here.
 */
#include "config.h"

#include "cli-train-options.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "attune-scratch-model.h"
#include "cli-settings.h"
#include "cli.h"

void
cli_train_options_clear (CliTrainOptions *self)
{
  g_strfreev (self->data);
  g_strfreev (self->validation);
  g_free (self->model);
  g_free (self->head);
  g_free (self->output);
  g_free (self->title);
  g_free (self->config);
  g_strfreev (self->settings);
  g_free (self->same_split);
  cli_data_options_clear (&self->reading);
  cli_amend_options_clear (&self->amending);
}

int
cli_train_options_check (const CliTrainOptions  *self,
                         char                  **arguments)
{
  if (self->data == NULL || self->model == NULL || self->output == NULL)
    return cli_usage (_("%s needs --data, --model and --output"), arguments[0]);
  return cli_train_options_check_input (self, arguments);
}

int
cli_train_options_check_input (const CliTrainOptions  *self,
                               char                  **arguments)
{
  if (self->data == NULL || self->model == NULL)
    return cli_usage (_("%s needs --data and --model"), arguments[0]);
  if (arguments[1] != NULL)
    return cli_usage (_("%s does not know what to do with “%s”"), arguments[0], arguments[1]);
  if (self->limit < 0)
    return cli_usage (_("--limit must not be negative"));
  return cli_data_options_check (&self->reading);
}

void
cli_train_input_clear (CliTrainInput *self)
{
  g_clear_object (&self->config);
  g_clear_pointer (&self->amendments, attune_amendments_free);
  g_clear_pointer (&self->repeated, attune_run_record_free);
  g_clear_object (&self->dataset);
  g_clear_object (&self->validation);
}

/* The amendments, the share and the seed of an earlier run, so that its rows are held out again. */
static gboolean
repeat_split (CliTrainInput  *self,
              const char     *run,
              GError        **error)
{
  g_autofree char *seed = NULL;
  char share[G_ASCII_DTOSTR_BUF_SIZE];
  const AttuneRunSource *source;

  self->repeated = attune_run_record_load (run, error);
  if (self->repeated == NULL)
    return FALSE;
  source = self->repeated->source;
  g_ascii_dtostr (share, sizeof share, source->validation_split);
  seed = g_strdup_printf ("%" PRIi64, source->split_seed);
  if (!attune_train_config_set (self->config, "validation_split", share, error)
      || !attune_train_config_set (self->config, "split_seed", seed, error))
    return FALSE;
  if (source->amendments != NULL)
    attune_amendments_add (self->amendments, source->amendments);
  return TRUE;
}

gboolean
cli_train_input_set (CliTrainInput          *self,
                     const CliTrainOptions  *options,
                     GError                **error)
{
  self->config = attune_train_config_new ();
  attune_scratch_model_suggest (self->config, NULL, options->model);
  self->amendments = cli_amend_options_parse (&options->amending, error);
  return self->amendments != NULL
         && (options->same_split == NULL || repeat_split (self, options->same_split, error))
         && cli_settings_load (self->config, options->config, options->settings, error);
}

/* The validation data that was named, or that lies beside the data to train on; NULL without an
 * error if there is none. */
static AttuneDataset *
read_validation (const CliTrainOptions  *options,
                 AttuneDataFiles        *data,
                 AttuneDataset          *dataset,
                 GError                **error)
{
  g_autoptr (AttuneDataFiles) files = NULL;
  AttunePart part = ATTUNE_PART_TRAIN;

  if (options->validation != NULL)
    files = cli_data_files_new (options->validation, error);
  else if (attune_data_files_get_part (data, ATTUNE_PART_VALIDATION)->len > 0)
    {
      files = attune_data_files_ref (data);
      part = ATTUNE_PART_VALIDATION;
    }
  if (files == NULL)
    return NULL;
  return cli_dataset_read_like (files, part, &options->reading, dataset, error);
}

gboolean
cli_train_input_read (CliTrainInput          *self,
                      const CliTrainOptions  *options,
                      GError                **error)
{
  g_autoptr (AttuneDataFiles) files = cli_data_files_new (options->data, error);
  g_autoptr (GError) local_error = NULL;

  if (files != NULL)
    self->dataset = cli_dataset_read (files, ATTUNE_PART_TRAIN, &options->reading, NULL, error);
  if (self->dataset == NULL)
    return FALSE;
  self->validation = read_validation (options, files, self->dataset, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return cli_amend (self->amendments, &self->dataset, &self->validation, error);
}

void
cli_train_input_fill_job (const CliTrainInput   *self,
                          const CliTrainOptions *options,
                          AttuneTrainJob        *job)
{
  *job = (AttuneTrainJob) {
    .dataset = self->dataset,
    .validation = self->validation,
    .model = options->model,
    .head = options->head,
    .config = self->config,
    .n_rows = options->limit,
    .split_sha256 = self->repeated != NULL ? self->repeated->source->split_sha256 : NULL,
  };
}
