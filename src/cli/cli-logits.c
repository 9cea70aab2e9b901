/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli logits: a model's raw answers in fp32, to be held against another implementation.
 */
#include "config.h"

#include <math.h>

#include <glib/gi18n.h>

#include "cli-predict.h"

/* Nine digits tell any two floats apart; JSON has no word for what is not finite. */
static void
print_logits (CliOutput               *output,
              const AttunePredictText *text,
              const AttunePredictions *predictions,
              guint64                  row)
{
  const float *logits = predictions->logits + row * predictions->n_classes;

  g_string_append (output->text, "{\"logits\":[");
  for (guint i = 0; i < predictions->n_classes; i++)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];

      if (i > 0)
        g_string_append_c (output->text, ',');
      g_string_append (output->text, isfinite (logits[i])
                                       ? g_ascii_formatd (number, sizeof number, "%.9g", logits[i])
                                       : "null");
    }
  g_string_append (output->text, "]}\n");
}

int
cli_logits (char **argv)
{
  g_autofree char *model = NULL, *run = NULL, *head = NULL;
  int max_length = 0;
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model,
      N_("Name of a model or a Hugging Face folder"), N_("MODEL") },
    { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, N_("A run instead of a model"), N_("RUN") },
    { "head", 0, 0, G_OPTION_ARG_FILENAME, &head,
      N_("Take classifier.weight and classifier.bias from here"), N_("FILE") },
    { "max-length", 0, 0, G_OPTION_ARG_INT, &max_length,
      N_("Most tokens of a text (default: what the run or the model takes)"), N_("N") },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);

  if (!cli_parse_options (&arguments, entries, "",
                          _("Reads JSON lines {\"text\":…} or {\"ids\":[…]} from standard input "
                            "and prints {\"logits\":[…]} for each.")))
    return CLI_USAGE;
  if ((model == NULL) == (run == NULL))
    return cli_usage (_("logits needs --model or --run, and not both"));
  if (run != NULL && head != NULL)
    return cli_usage (_("--head belongs to --model; a run has its own"));
  if (max_length < 0)
    return cli_usage (_("--max-length must not be negative"));
  if (arguments[1] != NULL)
    return cli_usage (_("logits reads standard input, not “%s”"), arguments[1]);

  return cli_predict_lines (
    &(AttunePredictSource) { .model = model, .run_folder = run, .head = head }, max_length,
    cli_text_new_json, print_logits);
}
