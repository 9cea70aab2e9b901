/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli classify: the answers of a run or of a fine-tuned model. JSON lines, or for a person at
 * a terminal the label and how sure the model is.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "attune-metrics.h"
#include "attune-run-record.h"
#include "cli-json.h"
#include "cli-predict.h"

/* Probabilities (C,) of one text. Returns: the likeliest class. */
static guint
compute_probabilities (const AttunePredictions *predictions,
                       guint64                  row,
                       float                   *probabilities)
{
  const float *logits = predictions->logits + row * predictions->n_classes;
  guint best = 0;

  if (predictions->multi_label)
    attune_sigmoid (logits, predictions->n_classes, probabilities);
  else
    attune_softmax (logits, predictions->n_classes, probabilities);
  for (guint i = 1; i < predictions->n_classes; i++)
    if (probabilities[i] > probabilities[best])
      best = i;

  return best;
}

static gboolean
is_given (const AttunePredictions *predictions,
          guint64                  row,
          guint                    class)
{
  return predictions->logits[row * predictions->n_classes + class] > 0;
}

static void
print_json (CliOutput               *output,
            const AttunePredictText *text,
            const AttunePredictions *predictions,
            guint64                  row)
{
  g_autofree float *probabilities = g_new (float, predictions->n_classes);
  guint best = compute_probabilities (predictions, row, probabilities);
  yyjson_mut_val *root;
  yyjson_mut_doc *document = cli_json_begin (&root);
  yyjson_mut_val *object;

  yyjson_mut_obj_add_strn (document, root, "text", text->text, text->length);
  if (text->pair != NULL)
    yyjson_mut_obj_add_strn (document, root, "pair", text->pair, text->pair_length);
  if (predictions->multi_label)
    {
      yyjson_mut_val *labels = yyjson_mut_obj_add_arr (document, root, "labels");

      for (guint i = 0; i < predictions->n_classes; i++)
        if (is_given (predictions, row, i))
          yyjson_mut_arr_add_str (document, labels, predictions->classes[i]);
    }
  else
    yyjson_mut_obj_add_str (document, root, "label", predictions->classes[best]);
  object = yyjson_mut_obj_add_obj (document, root, "probabilities");
  for (guint i = 0; i < predictions->n_classes; i++)
    yyjson_mut_obj_add_real (document, object, predictions->classes[i], probabilities[i]);

  cli_json_end (document, output);
}

/* A terminal obeys control characters; what is shown must not command it. */
static void
append_text (GString    *line,
             const char *text,
             gsize       length)
{
  for (const char *c = text; c < text + length; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (line, g_unichar_iscntrl (character) ? 0xfffd : character);
    }
}

/* Labels that are given, surest first; the likeliest in brackets when none is. */
static void
append_labels (GString                 *line,
               const AttunePredictions *predictions,
               guint64                  row,
               const float             *probabilities,
               guint                    best)
{
  g_autofree guint8 *done = g_new0 (guint8, predictions->n_classes);
  guint n = 0;

  for (;;)
    {
      guint next = predictions->n_classes;

      for (guint i = 0; i < predictions->n_classes; i++)
        if (!done[i] && is_given (predictions, row, i)
            && (next == predictions->n_classes || probabilities[i] > probabilities[next]))
          next = i;
      if (next == predictions->n_classes)
        break;
      done[next] = TRUE;
      g_string_append_printf (line, "%s%s %.0f %%", n++ > 0 ? ", " : "", predictions->classes[next],
                              (double) (100 * probabilities[next]));
    }
  if (n == 0)
    g_string_append_printf (line, _("none (%s %.0f %%)"), predictions->classes[best],
                            (double) (100 * probabilities[best]));
}

static void
print_for_people (CliOutput               *output,
                  const AttunePredictText *text,
                  const AttunePredictions *predictions,
                  guint64                  row)
{
  g_autofree float *probabilities = g_new (float, predictions->n_classes);
  guint best = compute_probabilities (predictions, row, probabilities);

  if (predictions->multi_label)
    append_labels (output->text, predictions, row, probabilities, best);
  else
    g_string_append_printf (output->text, "%5.1f %%  %s", 100 * probabilities[best],
                            predictions->classes[best]);
  g_string_append (output->text, "  ");
  append_text (output->text, text->text, text->length);
  if (text->pair != NULL)
    {
      g_string_append (output->text, " | ");
      append_text (output->text, text->pair, text->pair_length);
    }
  g_string_append_c (output->text, '\n');
}

/* A line of a pair: JSON {"text":…,"pair":…}, or the two with a tab between them. */
static CliText *
parse_pair (CliLines    *lines,
            const char  *line,
            gsize        length,
            GError     **error)
{
  const char *tab = memchr (line, '\t', length);
  g_autoptr (CliText) text = NULL;
  g_autoptr (CliText) pair = NULL;

  if (length > 0 && line[0] == '{')
    {
      text = cli_text_new_json (lines, line, length, error);
      if (text != NULL && text->ids == NULL && text->pair == NULL)
        {
          cli_lines_refuse (lines, error, _("it has no “pair”, but the run is of pairs of texts"));
          return NULL;
        }
      return g_steal_pointer (&text);
    }
  if (tab == NULL)
    {
      cli_lines_refuse (lines, error,
                        _("it has no second text; the run is of pairs, so write two texts with a "
                          "tab between them, or {\"text\":…,\"pair\":…}"));
      return NULL;
    }
  text = cli_text_new_plain (lines, line, (gsize) (tab - line), error);
  if (text != NULL)
    pair = cli_text_new_plain (lines, tab + 1, length - (gsize) (tab - line) - 1, error);
  if (pair == NULL)
    return NULL;
  text->pair = g_steal_pointer (&pair->text);
  return g_steal_pointer (&text);
}

static int
classify_arguments (const AttunePredictSource  *source,
                    char                      **texts,
                    const char                 *pair,
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
      views[i] = (AttunePredictText) { .text = texts[i], .length = strlen (texts[i]),
                                       .pair = pair,
                                       .pair_length = pair != NULL ? (gssize) strlen (pair) : 0 };
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

/* Whether what is asked is what the run was taught; a model does not say whether it knows pairs.
 * *has_pairs: whether a line is to hold two texts. */
static int
check_pairs (const char *run,
             const char *pair,
             gboolean    has_texts,
             gboolean   *has_pairs)
{
  g_autoptr (AttuneRunRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  *has_pairs = pair != NULL;
  if (pair != NULL && !g_utf8_validate (pair, -1, NULL))
    return cli_usage (_("the second text is not UTF-8"));
  if (pair != NULL && !has_texts)
    return cli_usage (_("--pair goes with a text given as an argument"));
  if (run == NULL)
    return CLI_DONE;

  record = attune_run_record_load (run, &error);
  if (record == NULL)
    return cli_fail (error);
  *has_pairs = record->source->pair_column != NULL;
  if (pair != NULL && !*has_pairs)
    return cli_usage (_("the run in “%s” is of single texts; leave out --pair"), run);
  if (pair == NULL && *has_pairs && has_texts)
    return cli_usage (_("the run in “%s” is of pairs of texts; give the second with --pair"), run);

  return CLI_DONE;
}

int
cli_classify (char **argv)
{
  g_autofree char *run = NULL, *model = NULL, *pair = NULL;
  gboolean has_pairs;
  int exit;
  gboolean json = FALSE;
  int max_length = 0;
  const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, N_("The run whose best model answers"),
      N_("RUN") },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model,
      N_("A model that was fine-tuned already, instead of a run"), N_("MODEL") },
    { "pair", 0, 0, G_OPTION_ARG_STRING, &pair,
      N_("Second text of each, for a run of pairs"), N_("TEXT") },
    { "max-length", 0, 0, G_OPTION_ARG_INT, &max_length,
      N_("Most tokens of a text (default: the run’s or the model’s)"), N_("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("JSON lines on a terminal too"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  AttunePredictSource source = { 0 };
  CliPrint print;

  if (!cli_parse_options (&arguments, entries, _("[TEXT…]"),
                          _("Classifies the texts given, or else each line of standard input, and "
                            "prints {\"text\":…,\"label\":…,\"probabilities\":{…}} for each; "
                            "“labels”, a list, where a text may have several. A line for a run of "
                            "pairs holds both texts with a tab between them, or is JSON: "
                            "{\"text\":…,\"pair\":…}.")))
    return CLI_USAGE;
  if ((run == NULL) == (model == NULL))
    return cli_usage (_("classify needs either --run or --model"));
  if (max_length < 0)
    return cli_usage (_("--max-length must not be negative"));
  exit = check_pairs (run, pair, arguments[1] != NULL, &has_pairs);
  if (exit != CLI_DONE)
    return exit;

  source.run_folder = run;
  source.model = model;
  print = json || !isatty (STDOUT_FILENO) ? print_json : print_for_people;
  if (arguments[1] != NULL)
    return classify_arguments (&source, arguments + 1, pair, max_length, print);

  return cli_predict_lines (&source, max_length, has_pairs ? parse_pair : cli_text_new_plain,
                            print);
}
