/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli classify: a run's answers. JSON lines, or for a person at a terminal the label and how
 * sure the model is.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "attune-metrics.h"
#include "cli-json.h"
#include "cli-predict.h"

static guint
softmax (const AttunePredictions *predictions,
         guint64                  row,
         float                   *probabilities)
{
  guint best = 0;

  attune_softmax (predictions->logits + row * predictions->n_classes, predictions->n_classes,
                  probabilities);
  for (guint i = 1; i < predictions->n_classes; i++)
    if (probabilities[i] > probabilities[best])
      best = i;

  return best;
}

static void
print_json (CliOutput               *output,
            const AttunePredictText *text,
            const AttunePredictions *predictions,
            guint64                  row)
{
  g_autofree float *probabilities = g_new (float, predictions->n_classes);
  guint best = softmax (predictions, row, probabilities);
  yyjson_mut_val *root;
  yyjson_mut_doc *document = cli_json_begin (&root);
  yyjson_mut_val *object;

  yyjson_mut_obj_add_strn (document, root, "text", text->text, text->length);
  yyjson_mut_obj_add_str (document, root, "label", predictions->classes[best]);
  object = yyjson_mut_obj_add_obj (document, root, "probabilities");
  for (guint i = 0; i < predictions->n_classes; i++)
    yyjson_mut_obj_add_real (document, object, predictions->classes[i], probabilities[i]);

  cli_json_end (document, output);
}

static void
print_for_people (CliOutput               *output,
                  const AttunePredictText *text,
                  const AttunePredictions *predictions,
                  guint64                  row)
{
  g_autofree float *probabilities = g_new (float, predictions->n_classes);
  guint best = softmax (predictions, row, probabilities);

  g_string_append_printf (output->text, "%5.1f %%  %s  ", 100 * probabilities[best],
                          predictions->classes[best]);
  /* A terminal obeys control characters; what is shown must not command it. */
  for (const char *c = text->text; c < text->text + text->length; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (output->text, g_unichar_iscntrl (character) ? 0xfffd : character);
    }
  g_string_append_c (output->text, '\n');
}

static int
classify_arguments (const AttunePredictSource  *source,
                    char                      **texts,
                    guint                       max_length,
                    CliPrint                    print)
{
  guint n = g_strv_length (texts);
  g_autofree AttunePredictText *views = g_new0 (AttunePredictText, n);
  g_autoptr (AttuneTrainer) trainer = NULL;
  g_autoptr (AttunePredictions) predictions = NULL;
  g_autoptr (GError) error = NULL;
  CliOutput output;

  for (guint i = 0; i < n; i++)
    {
      views[i] = (AttunePredictText) { .text = texts[i], .length = strlen (texts[i]) };
      if (!g_utf8_validate (texts[i], -1, NULL))
        return cli_usage (_("text %u is not UTF-8"), i + 1);
    }

  trainer = attune_trainer_new (NULL);
  predictions = cli_predict (trainer, source, views, n, max_length, &error);
  attune_trainer_shutdown (trainer);
  if (predictions == NULL)
    return cli_fail (error);

  cli_output_init (&output);
  for (guint i = 0; i < n; i++)
    print (&output, &views[i], predictions, i);
  return cli_output_finish (&output, CLI_DONE);
}

int
cli_classify (char **argv)
{
  g_autofree char *run = NULL;
  gboolean json = FALSE;
  int max_length = 0;
  const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, N_("The run whose best model answers"),
      N_("RUN") },
    { "max-length", 0, 0, G_OPTION_ARG_INT, &max_length,
      N_("Most tokens of a text (default: the run’s)"), N_("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("JSON lines on a terminal too"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  AttunePredictSource source = { 0 };
  CliPrint print;

  if (!cli_parse_options (&arguments, entries, _("[TEXT…]"),
                          _("Classifies the texts given, or else each line of standard input, and "
                            "prints {\"text\":…,\"label\":…,\"probabilities\":{…}} for each.")))
    return CLI_USAGE;
  if (run == NULL)
    return cli_usage (_("classify needs --run"));
  if (max_length < 0)
    return cli_usage (_("--max-length must not be negative"));

  source.run_folder = run;
  print = json || !isatty (STDOUT_FILENO) ? print_json : print_for_people;
  if (arguments[1] != NULL)
    return classify_arguments (&source, arguments + 1, max_length, print);

  return cli_predict_lines (&source, max_length, cli_text_new_plain, print);
}
