/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli train: from arguments to a run; cli-training.c then follows it.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "cli-train-options.h"
#include "cli-training.h"
#include "cli.h"

static gboolean
holds_a_run (const char *folder)
{
  g_autofree char *record = g_build_filename (folder, "run.json", NULL);

  return g_file_test (record, G_FILE_TEST_EXISTS);
}

/* Wrong usage is told before anything is read, data before anything is computed. */
static int
prepare_and_train (const CliTrainOptions *options)
{
  g_auto (CliTrainInput) input = { 0 };
  g_autoptr (AttuneRun) run = NULL;
  g_autofree char *base = g_path_get_basename (options->output);
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job;

  if (!cli_train_input_set (&input, options, &error))
    return cli_fail (error);
  if (holds_a_run (options->output))
    return cli_usage (_("“%s” already holds a run; choose another --output"), options->output);
  if (!cli_train_input_read (&input, options, &error))
    return cli_fail (error);

  cli_train_input_fill_job (&input, options, &job);
  job.folder = options->output;
  job.title = options->title != NULL ? options->title : base;
  run = attune_run_new (job.title);
  return cli_training_run (run, &job, options->json);
}

int
cli_train (char **argv)
{
  g_auto (CliTrainOptions) options = { 0 };
  const GOptionEntry entries[] = {
    CLI_TRAIN_ENTRIES (options),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("Folder for the run"),
      N_("RUN") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &options.title, N_("What to call the run"), N_("TITLE") },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);

  if (!cli_parse_options (&arguments, entries, "",
                          _("Fine-tunes a model on labelled text. INT, TERM and HUP stop and "
                            "keep.")))
    return CLI_USAGE;
  if (cli_train_options_check (&options, arguments) != CLI_DONE)
    return CLI_USAGE;

  return prepare_and_train (&options);
}
