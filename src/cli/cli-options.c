/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options, errors and exit codes, the same for all subcommands: one line on stderr that begins with
 * the program's name, and a code that says whose fault it was.
 */
#include "config.h"

#include "cli.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-engine-loader.h"
#include "attune-table.h"
#include "attune-tokenizer.h"
#include "attune-train-config.h"

static void
say_line (const char *format,
          va_list     args)
{
  g_autoptr (GString) message = g_string_new (NULL);

  g_string_vprintf (message, format, args);
  g_strdelimit (message->str, "\r\n", ' ');
  cli_mask_controls (message);
  fprintf (stderr, "attune-cli: %s\n", message->str);
}

void
cli_say (const char *format,
         ...)
{
  va_list args;

  va_start (args, format);
  say_line (format, args);
  va_end (args);
}

int
cli_usage (const char *format,
           ...)
{
  va_list args;

  va_start (args, format);
  say_line (format, args);
  va_end (args);

  return CLI_USAGE;
}

/**
 * cli_parse_options:
 * @argv: (inout): the subcommand's name and its arguments; only its name and what is no option stay
 * @arguments: what follows the options in the line that --help shows
 *
 * --help prints and leaves the program.
 */
gboolean
cli_parse_options (char               ***argv,
                   const GOptionEntry   *entries,
                   const char           *arguments,
                   const char           *summary)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autofree char *name = g_strconcat ("attune-cli ", (*argv)[0], NULL);
  g_autoptr (GError) error = NULL;

  g_set_prgname (name);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (g_option_context_parse_strv (context, argv, &error))
    {
      g_set_prgname ("attune-cli");
      return TRUE;
    }

  cli_usage (_("%s; see “%s --help”"), error->message, name);
  return FALSE;
}

int
cli_fail (const GError *error)
{
  cli_say ("%s", error->message);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CLI_INTERRUPTED;
  if (g_error_matches (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING)
      || error->domain == G_OPTION_ERROR)
    return CLI_USAGE;
  if (error->domain == ATTUNE_DATASET_ERROR
      || g_error_matches (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA)
      || g_error_matches (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_ENCODING))
    return CLI_REFUSED;

  return CLI_FAILED;
}

int
cli_exit_for_code (const char *code)
{
  return g_strcmp0 (code, "data") == 0      ? CLI_REFUSED
         : g_strcmp0 (code, "setting") == 0 ? CLI_USAGE
                                            : CLI_FAILED;
}
