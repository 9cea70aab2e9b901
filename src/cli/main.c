/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli: the same rooms as the window, without it. This file finds the subcommand; each has a
 * file of its own.
 */
#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <glib/gi18n.h>

#include "cli.h"

static const CliCommand commands[] = {
  { "train", N_("Fine-tune a model on labelled text"), cli_train },
  { "search", N_("Try several values of settings, and several seeds"), cli_search },
  { "find-lr", N_("Look for a learning rate before training"), cli_find_lr },
  { "resume", N_("Go on with a run from its last checkpoint"), cli_resume },
  { "evaluate", N_("Measure a run on other data"), cli_evaluate },
  { "classify", N_("Classify texts, one a line"), cli_classify },
  { "compare", N_("Put runs side by side"), cli_compare },
  { "inspect", N_("Say what a data set holds and what is wrong with it"), cli_inspect },
  { "export", N_("Copy a run’s model out"), cli_export },
  { "models", N_("List, search, download or import models"), cli_models },
  { "data", N_("Download a data set"), cli_data },
  { "devices", N_("List what can compute"), cli_devices },
  { "config", N_("Describe all settings"), cli_config },
  { "tokenize", N_("Turn text into token ids"), cli_tokenize },
  { "logits", N_("Print a model’s raw answers"), cli_logits },
  { "bench", N_("Measure how fast this machine is"), cli_bench },
};

static void
print_help (FILE *stream)
{
  fprintf (stream, "%s\n\n%s\n", _("Usage: attune-cli SUBCOMMAND [OPTIONS]"), _("Subcommands:"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (stream, "  %-10s %s\n", commands[i].name, _(commands[i].summary));
  fprintf (stream, "\n%s\n",
           _("“attune-cli SUBCOMMAND --help” says more; --version prints the version.\n"
                              "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 data refused, "
                              "130 interrupted."));
}

int
main (int   argc,
      char *argv[])
{
  g_auto (GStrv) arguments = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("attune-cli");

  if (argc < 2)
    {
      print_help (stderr);
      return CLI_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      print_help (stdout);
      return CLI_DONE;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      puts ("attune-cli " PACKAGE_VERSION);
      return CLI_DONE;
    }

  arguments = g_strdupv (argv + 1);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (arguments);

  return cli_usage (_("there is no subcommand “%s”; see “attune-cli --help”"), argv[1]);
}
