/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli evaluate: a run's best model on other labelled data.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>

#include <glib/gi18n.h>

#include "attune-metrics.h"
#include "attune-model-folder.h"
#include "cli-data.h"
#include "cli-json.h"
#include "cli-predict.h"

static void
print_for_people (CliOutput           *output,
                  const AttuneMetrics *metrics,
                  const char * const  *labels)
{
  g_string_append_printf (output->text,
                          _("Accuracy %.2f %% of %" PRIu64 " texts "
                            "(95 %% interval %.1f to %.1f)\n"),
                          100 * metrics->accuracy, metrics->n_rows, 100 * metrics->accuracy_low,
                          100 * metrics->accuracy_high);
  g_string_append_printf (output->text, _("Macro-F1 %.4f, MCC %.4f, loss %.4f\n\n"),
                          metrics->f1_macro, metrics->mcc, metrics->loss);
  g_string_append_printf (output->text, "%10s %10s %10s %8s  %s\n", _("precision"), _("recall"),
                          _("F1"), _("texts"), _("label"));
  for (guint i = 0; i < metrics->n_classes; i++)
    g_string_append_printf (output->text, "%10.3f %10.3f %10.3f %8" PRIu64 "  %s\n",
                            metrics->precision[i], metrics->recall[i], metrics->f1[i],
                            metrics->support[i], labels[i]);
}

static void
print_json (CliOutput           *output,
            const AttuneMetrics *metrics,
            const char * const  *labels,
            double               samples_per_second)
{
  yyjson_mut_val *root;
  yyjson_mut_doc *document = cli_json_begin (&root);
  yyjson_mut_val *classes, *confusions;

  yyjson_mut_obj_add_uint (document, root, "eval_samples", metrics->n_rows);
  yyjson_mut_obj_add_real (document, root, "eval_loss", metrics->loss);
  yyjson_mut_obj_add_real (document, root, "eval_accuracy", metrics->accuracy);
  yyjson_mut_obj_add_real (document, root, "eval_accuracy_low", metrics->accuracy_low);
  yyjson_mut_obj_add_real (document, root, "eval_accuracy_high", metrics->accuracy_high);
  yyjson_mut_obj_add_real (document, root, "eval_f1_macro", metrics->f1_macro);
  yyjson_mut_obj_add_real (document, root, "eval_mcc", metrics->mcc);
  yyjson_mut_obj_add_real (document, root, "eval_samples_per_second", samples_per_second);
  classes = yyjson_mut_obj_add_arr (document, root, "classes");
  for (guint i = 0; i < metrics->n_classes; i++)
    {
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, classes);

      yyjson_mut_obj_add_str (document, object, "label", labels[i]);
      yyjson_mut_obj_add_real (document, object, "precision", metrics->precision[i]);
      yyjson_mut_obj_add_real (document, object, "recall", metrics->recall[i]);
      yyjson_mut_obj_add_real (document, object, "f1", metrics->f1[i]);
      yyjson_mut_obj_add_uint (document, object, "support", metrics->support[i]);
    }
  confusions = yyjson_mut_obj_add_arr (document, root, "confusions");
  for (gsize i = 0; i < metrics->n_confusions; i++)
    {
      const AttuneConfusion *confusion = &metrics->confusions[i];
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, confusions);

      yyjson_mut_obj_add_str (document, object, "label", labels[confusion->label]);
      yyjson_mut_obj_add_str (document, object, "prediction", labels[confusion->prediction]);
      yyjson_mut_obj_add_uint (document, object, "texts", confusion->n_rows);
    }

  cli_json_end (document, output);
}

/* The labelled rows of a data set as texts to predict, and their labels (N,). */
static AttunePredictText *
collect_texts (AttuneDataset *dataset,
               GArray        *labels)
{
  guint n = attune_dataset_get_n_rows (dataset);
  AttunePredictText *texts = g_new0 (AttunePredictText, n + 1);

  for (guint row = 0; row < n; row++)
    {
      gint32 label = attune_dataset_get_label (dataset, row);
      AttunePredictText *text = &texts[labels->len];
      gsize length = 0;

      if (label == ATTUNE_LABEL_NONE)
        continue;
      text->text = attune_dataset_get_text (dataset, row, &length);
      text->length = length;
      text->pair = attune_dataset_get_pair (dataset, row, &length);
      text->pair_length = text->pair != NULL ? (gssize) length : 0;
      g_array_append_val (labels, label);
    }

  return texts;
}

static AttuneMetrics *
evaluate (const char     *run_folder,
          AttuneDataset  *dataset,
          double         *samples_per_second,
          GError        **error)
{
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree AttunePredictText *texts = collect_texts (dataset, labels);
  g_autoptr (AttunePredictions) predictions = NULL;
  g_autoptr (AttuneTrainer) trainer = NULL;

  if (labels->len == 0)
    {
      g_set_error_literal (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                           _("no row of the data has a label to compare with"));
      return NULL;
    }

  trainer = attune_trainer_new (NULL);
  predictions = cli_predict (trainer, &(AttunePredictSource) { .run_folder = run_folder }, texts,
                             labels->len, 0, error);
  attune_trainer_shutdown (trainer);
  if (predictions == NULL)
    return NULL;
  if (predictions->n_classes != attune_dataset_get_n_labels (dataset))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("the model in “%s” tells %u labels apart, but the run names %u"), run_folder,
                   predictions->n_classes, attune_dataset_get_n_labels (dataset));
      return NULL;
    }

  *samples_per_second = predictions->seconds > 0 ? labels->len / predictions->seconds : 0;
  return attune_metrics_new_from_logits ((const gint32 *) labels->data, predictions->logits,
                                         labels->len, predictions->n_classes);
}

/* Columns that were not named are those the run was trained with, if the data has them. */
static void
complete_columns (CliDataOptions        *options,
                  const AttuneRunSource *source,
                  AttuneTable           *table)
{
  const char *const theirs[] = { source->text_column, source->pair_column, source->label_column };
  char **const ours[] = { &options->text, &options->pair, &options->label };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (*ours[i] == NULL && theirs[i] != NULL && attune_table_find_column (table, theirs[i]) >= 0)
      *ours[i] = g_strdup (theirs[i]);
}

/* What to measure on of a folder: the test, else the validation data, else all there is. */
static AttunePart
choose_part (AttuneDataFiles *files)
{
  static const AttunePart parts[] = { ATTUNE_PART_TEST, ATTUNE_PART_VALIDATION };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (attune_data_files_get_part (files, parts[i])->len > 0)
      return parts[i];
  return ATTUNE_PART_TRAIN;
}

static int
open_and_evaluate (const char     *run_folder,
                   char          **data,
                   CliDataOptions *options,
                   gboolean        json)
{
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneMetrics) metrics = NULL;
  g_autoptr (GError) error = NULL;
  const char * const *labels;
  double samples_per_second = 0;
  CliOutput output;

  run = attune_run_open (run_folder, &error);
  if (run != NULL)
    files = cli_data_files_new (data, &error);
  if (files != NULL)
    table = cli_table_read (files, choose_part (files), options, &error);
  if (table == NULL)
    return cli_fail (error);

  labels = attune_run_get_classes (run);
  if (attune_run_get_source (run) != NULL)
    complete_columns (options, attune_run_get_source (run), table);
  dataset = cli_dataset_new (table, options, labels, &error);
  if (dataset != NULL)
    metrics = evaluate (run_folder, dataset, &samples_per_second, &error);
  if (metrics == NULL)
    return cli_fail (error);

  cli_output_init (&output);
  labels = attune_dataset_get_label_names (dataset);
  if (json)
    print_json (&output, metrics, labels, samples_per_second);
  else
    print_for_people (&output, metrics, labels);

  return cli_output_finish (&output, CLI_DONE);
}

int
cli_evaluate (char **argv)
{
  g_auto (GStrv) data = NULL;
  g_autofree char *run = NULL;
  gboolean json = FALSE;
  CliDataOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, N_("The run whose best model to measure"),
      N_("RUN") },
    { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &data, CLI_DATA_HELP, N_("FILE") },
    CLI_DATA_ENTRIES (&options),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  int exit = CLI_USAGE;

  if (!cli_parse_options (&arguments, entries, "",
                          _("Measures a run’s best model on labelled data.")))
    exit = CLI_USAGE;
  else if (run == NULL || data == NULL)
    exit = cli_usage (_("evaluate needs --run and --data"));
  else if (arguments[1] != NULL)
    exit = cli_usage (_("evaluate does not know what to do with “%s”"), arguments[1]);
  else
    exit = open_and_evaluate (run, data, &options, json);

  cli_data_options_clear (&options);
  return exit;
}
