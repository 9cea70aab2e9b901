/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli resume: goes on with a run that was stopped, interrupted or failed, from its newest
 * whole checkpoint; or, with more epochs, with one that was finished.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-run-data.h"
#include "cli-settings.h"
#include "cli-training.h"
#include "cli.h"

typedef struct {
  char **settings;
  gboolean json;
} Options;

static int
say_finished (AttuneRun *run,
              gboolean   json)
{
  if (!json)
    cli_say (_("“%s” is finished; for more epochs say --set num_train_epochs=N"),
             attune_run_get_title (run));
  return CLI_DONE;
}

static int
resume (const char    *folder,
        const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRun) run = attune_run_open (folder, &error);
  g_autoptr (AttuneRunData) data = NULL;
  g_autoptr (AttuneTrainConfig) config = NULL;
  AttuneTrainJob job = { 0 };

  if (run == NULL)
    return cli_fail (error);
  if (attune_run_get_state (run) == ATTUNE_RUN_FINISHED && options->settings == NULL)
    return say_finished (run, options->json);

  config = attune_train_config_copy (attune_run_get_config (run));
  if (!cli_settings_load (config, NULL, options->settings, &error)
      || !attune_run_data_check_config (attune_run_get_config (run), config, &error))
    return cli_fail (error);
  data = attune_run_data_read (folder, NULL, &error);
  if (data == NULL)
    return cli_fail (error);

  attune_run_data_fill_job (data, &job);
  job.config = config;
  return cli_training_run (run, &job, options->json);
}

int
cli_resume (char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.settings,
      N_("Changes how long the run lasts, what it saves or what computes: num_train_epochs, "
         "max_steps, save_steps, device …"), N_("NAME=VALUE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("Print events as JSON lines"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  int code;

  if (!cli_parse_options (&arguments, entries, _("RUN"),
                          _("Goes on with a run from its last checkpoint as if nothing had "
                            "happened. INT, TERM and HUP stop and keep.")))
    return CLI_USAGE;
  if (arguments[1] == NULL || arguments[2] != NULL)
    code = cli_usage (_("resume needs the folder of one run"));
  else
    code = resume (arguments[1], &options);
  g_strfreev (options.settings);
  return code;
}
