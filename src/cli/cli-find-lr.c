/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli find-lr: the first steps of a run at climbing learning rates. Prints each rate with its
 * loss as it is measured, and at the end the rate that they speak for, if they speak for one.
 */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli-json.h"
#include "cli-train-options.h"
#include "cli.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

typedef struct {
  CliTrainOptions train;
  double first;
  double last;
  int steps;
} Options;

static void
options_clear (Options *self)
{
  cli_train_options_clear (&self->train);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct {
  CliOutput output;
  GCancellable *cancellable;
  AttuneRateCurve *curve; /* what was heard so far, for its moving average */
  GAsyncResult *result;
  gboolean json;
} Search;

static gboolean
signal_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_CONTINUE;
}

static void
print_point (Search                *self,
             const AttuneRatePoint *point,
             gint64                 step)
{
  char rate[G_ASCII_DTOSTR_BUF_SIZE];

  if (self->json)
    {
      yyjson_mut_val *root;
      yyjson_mut_doc *document = cli_json_begin (&root);

      yyjson_mut_obj_add_str (document, root, "event", "point");
      yyjson_mut_obj_add_sint (document, root, "step", step);
      yyjson_mut_obj_add_real (document, root, "learning_rate", point->rate);
      yyjson_mut_obj_add_real (document, root, "loss", point->loss);
      yyjson_mut_obj_add_real (document, root, "smoothed_loss", point->smoothed);
      cli_json_end (document, &self->output);
      return;
    }
  if (step == 1)
    /* Translators: heads of three columns, of 14, 10 and 10 characters. */
    g_string_append (self->output.text, _(" Learning Rate       Loss   Smoothed\n"));
  g_ascii_formatd (rate, sizeof rate, "%.3g", point->rate);
  g_string_append_printf (self->output.text, "%14s %10.4f %10.4f\n", rate, point->loss,
                          point->smoothed);
}

static void
heard_cb (const AttuneEvent *event,
          gpointer           data)
{
  Search *self = data;
  guint n = self->curve->points->len;

  if (event->type == ATTUNE_EVENT_WARNING && !self->json)
    cli_say ("%s", event->message);
  if (event->type != ATTUNE_EVENT_STEP)
    return;
  attune_rate_curve_add (self->curve, event->learning_rate, event->loss);
  if (self->curve->points->len == n)
    return;
  print_point (self, &g_array_index (self->curve->points, AttuneRatePoint, n), event->step);
  if (!cli_output_flush (&self->output))
    g_cancellable_cancel (self->cancellable);
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  ((Search *) data)->result = g_object_ref (result);
}

static void
print_suggestion (Search                *self,
                  const AttuneRateCurve *curve)
{
  static const char *const verdicts[] = { "found", "flat", "too_few" };
  g_autofree char *words = attune_rate_curve_explain (curve);
  yyjson_mut_doc *document;
  yyjson_mut_val *root;
  double rate;
  AttuneRateVerdict verdict = attune_rate_curve_judge (curve, &rate);

  if (!self->json)
    {
      g_string_append_printf (self->output.text, "%s\n", words);
      return;
    }
  document = cli_json_begin (&root);
  yyjson_mut_obj_add_str (document, root, "event", "suggestion");
  yyjson_mut_obj_add_str (document, root, "verdict", verdicts[verdict]);
  yyjson_mut_obj_add_real (document, root, "learning_rate", rate);
  yyjson_mut_obj_add_bool (document, root, "exploded", curve->over);
  cli_json_add_string (document, root, "message", words);
  cli_json_end (document, &self->output);
}

static int
find (const Options       *options,
      const CliTrainInput *input)
{
  Search self = { .json = options->train.json, .cancellable = g_cancellable_new (),
                  .curve = attune_rate_curve_new () };
  AttuneRateRange range;
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  g_autoptr (AttuneRateCurve) curve = NULL;
  g_autoptr (GError) error = NULL;
  guint sources[G_N_ELEMENTS (signals)];
  AttuneTrainJob job;
  int exit = CLI_DONE;

  cli_output_init (&self.output);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], signal_cb, self.cancellable);

  attune_rate_range_init (&range, input->config);
  range.first = options->first != 0 ? options->first : range.first;
  range.last = options->last != 0 ? options->last : range.last;
  range.steps = options->steps != 0 ? (guint) options->steps : range.steps;
  cli_train_input_fill_job (input, &options->train, &job);
  attune_trainer_find_rate_async (trainer, &job, &range, heard_cb, self.cancellable, result_cb,
                                  &self);
  while (self.result == NULL)
    g_main_context_iteration (NULL, TRUE);
  curve = attune_trainer_find_rate_finish (trainer, self.result, &error);
  if (curve != NULL)
    print_suggestion (&self, curve);
  else
    exit = cli_fail (error);

  attune_trainer_shutdown (trainer);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  g_object_unref (self.result);
  g_object_unref (self.cancellable);
  attune_rate_curve_free (self.curve);
  return cli_output_finish (&self.output, exit);
}

int
cli_find_lr (char **argv)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    CLI_TRAIN_ENTRIES (options.train),
    { "from", 0, 0, G_OPTION_ARG_DOUBLE, &options.first,
      N_("The first learning rate (default: 1e-6, 1e-4 with SGD)"), N_("RATE") },
    { "to", 0, 0, G_OPTION_ARG_DOUBLE, &options.last,
      N_("The last one (default: 0.1, 1 with SGD)"), N_("RATE") },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options.steps,
      N_("How many at most (default: 200); an epoch is enough, if it has 100"), N_("N") },
    { NULL }
  };
  g_auto (CliTrainInput) input = { 0 };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (GError) error = NULL;

  if (!cli_parse_options (&arguments, entries, "",
                          _("Trains the first steps at learning rates that climb from too small to "
                            "too large, and says which suits. Nothing is kept.")))
    return CLI_USAGE;
  if (cli_train_options_check_input (&options.train, arguments) != CLI_DONE)
    return CLI_USAGE;
  if (options.steps < 0)
    return cli_usage (_("--steps must not be negative"));
  if (!cli_train_input_set (&input, &options.train, &error)
      || !cli_train_input_read (&input, &options.train, &error))
    return cli_fail (error);
  return find (&options, &input);
}
