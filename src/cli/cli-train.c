/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli train: from arguments to a run; cli-training.c then follows it.
 */
#include "config.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "attune-scratch-model.h"
#include "cli-amend.h"
#include "cli-data.h"
#include "cli-settings.h"
#include "cli-training.h"
#include "cli.h"

typedef struct {
  char **data;
  char **validation;
  char *model;
  char *head;
  char *output;
  char *title;
  char *config;
  char **settings;
  char *same_split;
  CliDataOptions reading;
  CliAmendOptions amending;
  int limit;
  gboolean json;
} Options;

static void
options_clear (Options *self)
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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
holds_a_run (const char *folder)
{
  g_autofree char *record = g_build_filename (folder, "run.json", NULL);

  return g_file_test (record, G_FILE_TEST_EXISTS);
}

/* The validation data that was named, or that lies beside the data to train on; NULL without an
 * error if there is none. */
static AttuneDataset *
read_validation (const Options    *options,
                 AttuneDataFiles  *data,
                 AttuneDataset    *dataset,
                 GError          **error)
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

/* The amendments, the share and the seed of an earlier run, so that its rows are held out again. */
static AttuneRunRecord *
repeat_split (AttuneTrainConfig  *config,
              AttuneAmendments   *amendments,
              const char         *run,
              GError            **error)
{
  g_autoptr (AttuneRunRecord) record = attune_run_record_load (run, error);
  g_autofree char *seed = NULL;
  char share[G_ASCII_DTOSTR_BUF_SIZE];

  if (record == NULL)
    return NULL;
  g_ascii_dtostr (share, sizeof share, record->source->validation_split);
  seed = g_strdup_printf ("%" PRIi64, record->source->split_seed);
  if (!attune_train_config_set (config, "validation_split", share, error)
      || !attune_train_config_set (config, "split_seed", seed, error))
    return NULL;
  if (record->source->amendments != NULL)
    attune_amendments_add (amendments, record->source->amendments);
  return g_steal_pointer (&record);
}

/* Wrong usage is told before anything is read, data before anything is computed. */
static int
prepare_and_train (const Options *options)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (AttuneDataset) dataset = NULL, validation = NULL;
  g_autoptr (AttuneAmendments) amendments = NULL;
  g_autoptr (AttuneRunRecord) repeated = NULL;
  g_autoptr (AttuneRun) run = NULL;
  g_autofree char *base = g_path_get_basename (options->output);
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { 0 };

  attune_scratch_model_suggest (config, options->model);
  amendments = cli_amend_options_parse (&options->amending, &error);
  if (amendments != NULL && options->same_split != NULL)
    repeated = repeat_split (config, amendments, options->same_split, &error);
  if (error != NULL || !cli_settings_load (config, options->config, options->settings, &error))
    return cli_fail (error);
  if (holds_a_run (options->output))
    return cli_usage (_("“%s” already holds a run; choose another --output"), options->output);

  files = cli_data_files_new (options->data, &error);
  if (files != NULL)
    dataset = cli_dataset_read (files, ATTUNE_PART_TRAIN, &options->reading, NULL, &error);
  if (dataset != NULL)
    validation = read_validation (options, files, dataset, &error);
  if (error != NULL || !cli_amend (amendments, &dataset, &validation, &error))
    return cli_fail (error);

  job.dataset = dataset;
  job.validation = validation;
  job.model = options->model;
  job.head = options->head;
  job.config = config;
  job.folder = options->output;
  job.title = options->title != NULL ? options->title : base;
  job.n_rows = options->limit;
  job.split_sha256 = repeated != NULL ? repeated->source->split_sha256 : NULL;

  run = attune_run_new (job.title);
  return cli_training_run (run, &job, options->json);
}

int
cli_train (char **argv)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.data, CLI_DATA_HELP, N_("FILE") },
    { "validation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.validation,
      N_("Measure on these texts, not on a part of the data"), N_("FILE") },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options.model,
      N_("Name of a model or a Hugging Face folder"), N_("MODEL") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("Folder for the run"),
      N_("RUN") },
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &options.config, N_("Settings as JSON"),
      N_("FILE") },
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.settings,
      N_("One setting; see “attune-cli config describe”"), N_("NAME=VALUE") },
    CLI_DATA_ENTRIES (&options.reading),
    CLI_AMEND_ENTRIES (options.amending),
    { "same-split-as", 0, 0, G_OPTION_ARG_FILENAME, &options.same_split,
      N_("Amend the data and hold out rows as this run did, and say if they are others now"),
      N_("RUN") },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &options.limit, N_("Use only the first N rows"), N_("N") },
    { "head", 0, 0, G_OPTION_ARG_FILENAME, &options.head,
      N_("Begin with classifier.weight and classifier.bias from here"), N_("FILE") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &options.title, N_("What to call the run"), N_("TITLE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("Print events as JSON lines"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);

  if (!cli_parse_options (&arguments, entries, "",
                          _("Fine-tunes a model on labelled text. INT, TERM and HUP stop and "
                            "keep.")))
    return CLI_USAGE;
  if (options.data == NULL || options.model == NULL || options.output == NULL)
    return cli_usage (_("train needs --data, --model and --output"));
  if (arguments[1] != NULL)
    return cli_usage (_("train does not know what to do with “%s”"), arguments[1]);
  if (options.limit < 0)
    return cli_usage (_("--limit must not be negative"));
  if (cli_data_options_check (&options.reading) != CLI_DONE)
    return CLI_USAGE;

  return prepare_and_train (&options);
}
