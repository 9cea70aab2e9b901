/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli evaluate: a run's best model, or one that was fine-tuned elsewhere, on other labelled
 * data.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "attune-head-plan.h"
#include "attune-metrics.h"
#include "attune-model-head.h"
#include "attune-model-store.h"
#include "cli-data.h"
#include "cli-json.h"
#include "cli-predict.h"

/* Label by label: how often it was there, found, missed and given for nothing. */
static void
print_answers (CliOutput           *output,
               const AttuneMetrics *metrics,
               const char * const  *labels)
{
  g_string_append_printf (output->text,
                          _("All labels right in %.2f %% of %" PRIu64 " texts "
                            "(95 %% interval %.1f to %.1f)\n"),
                          100 * metrics->accuracy, metrics->n_rows, 100 * metrics->accuracy_low,
                          100 * metrics->accuracy_high);
  g_string_append_printf (output->text, _("Micro-F1 %.4f, macro-F1 %.4f, loss %.4f\n\n"),
                          metrics->f1_micro, metrics->f1_macro, metrics->loss);
  g_string_append_printf (output->text, "%8s %8s %8s %8s  %s\n", _("F1"), _("right"), _("missed"),
                          _("wrong"), _("label"));
  for (guint i = 0; i < metrics->n_classes; i++)
    g_string_append_printf (output->text,
                            "%8.3f %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %s\n", metrics->f1[i],
                            metrics->n_right[i], metrics->support[i] - metrics->n_right[i],
                            metrics->n_predicted[i] - metrics->n_right[i], labels[i]);
}

static void
print_for_people (CliOutput           *output,
                  const AttuneMetrics *metrics,
                  const char * const  *labels)
{
  if (metrics->multi_label)
    {
      print_answers (output, metrics, labels);
      return;
    }
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
  yyjson_mut_obj_add_real (document, root, "eval_f1_micro", metrics->f1_micro);
  if (!metrics->multi_label)
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
      yyjson_mut_obj_add_uint (document, object, "predicted", metrics->n_predicted[i]);
      yyjson_mut_obj_add_uint (document, object, "right", metrics->n_right[i]);
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

/* The labels of the rows that are predicted. */
typedef struct {
  GArray *labels;  /* gint32 (N,) */
  GArray *sets;    /* gint32, all labels one row after another */
  GArray *offsets; /* guint (N + 1,) into sets */
} Truth;

static void
truth_init (Truth *self)
{
  const guint start = 0;

  self->labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->sets = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->offsets = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (self->offsets, start);
}

static void
truth_clear (Truth *self)
{
  g_clear_pointer (&self->labels, g_array_unref);
  g_clear_pointer (&self->sets, g_array_unref);
  g_clear_pointer (&self->offsets, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Truth, truth_clear)

static void
truth_add (Truth         *self,
           AttuneDataset *dataset,
           guint          row)
{
  const gint32 label = attune_dataset_get_label (dataset, row);
  guint n;
  const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);

  g_array_append_val (self->labels, label);
  g_array_append_vals (self->sets, set, n);
  n = self->sets->len;
  g_array_append_val (self->offsets, n);
}

/* The labelled rows of a data set as texts to predict. */
static AttunePredictText *
collect_texts (AttuneDataset *dataset,
               Truth         *truth)
{
  guint n = attune_dataset_get_n_rows (dataset);
  AttunePredictText *texts = g_new0 (AttunePredictText, n + 1);

  for (guint row = 0; row < n; row++)
    {
      AttunePredictText *text = &texts[truth->labels->len];
      gsize length = 0;

      if (!attune_dataset_is_labelled (dataset, row))
        continue;
      text->text = attune_dataset_get_text (dataset, row, &length);
      text->length = length;
      text->pair = attune_dataset_get_pair (dataset, row, &length);
      text->pair_length = text->pair != NULL ? (gssize) length : 0;
      truth_add (truth, dataset, row);
    }

  return texts;
}

/* The model's answers in the order of the data's labels. */
static void
reorder (AttunePredictions *predictions,
         const guint       *columns)
{
  guint n = predictions->n_classes;
  g_autofree float *row = g_new (float, n);

  for (guint64 i = 0; i < predictions->n_rows; i++)
    {
      float *logits = predictions->logits + i * n;

      memcpy (row, logits, n * sizeof *row);
      for (guint c = 0; c < n; c++)
        logits[c] = row[columns[c]];
    }
}

/* columns: (nullable) for each label of the data which of the model's. */
static AttuneMetrics *
evaluate (const AttunePredictSource  *source,
          const guint                *columns,
          AttuneDataset              *dataset,
          double                     *samples_per_second,
          GError                    **error)
{
  const char *name = source->run_folder != NULL ? source->run_folder : source->model;
  g_auto (Truth) truth = { 0 };
  g_autofree AttunePredictText *texts = NULL;
  g_autoptr (AttunePredictions) predictions = NULL;
  g_autoptr (AttuneTrainer) trainer = NULL;

  truth_init (&truth);
  texts = collect_texts (dataset, &truth);
  if (truth.labels->len == 0)
    {
      g_set_error_literal (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                           _("no row of the data has a label to compare with"));
      return NULL;
    }

  trainer = attune_trainer_new (NULL);
  predictions = cli_predict (trainer, source, texts, truth.labels->len, 0, error);
  attune_trainer_shutdown (trainer);
  if (predictions == NULL)
    return NULL;
  if (predictions->n_classes != attune_dataset_get_n_labels (dataset))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("the model in “%s” tells %u labels apart, but the run names %u"), name,
                   predictions->n_classes, attune_dataset_get_n_labels (dataset));
      return NULL;
    }
  if (columns != NULL)
    reorder (predictions, columns);

  *samples_per_second = predictions->seconds > 0 ? truth.labels->len / predictions->seconds
                                                 : 0;
  if (predictions->multi_label)
    return attune_metrics_new_from_label_sets ((const gint32 *) truth.sets->data,
                                               (const guint *) truth.offsets->data,
                                               predictions->logits, truth.labels->len,
                                               predictions->n_classes);
  return attune_metrics_new_from_logits ((const gint32 *) truth.labels->data, predictions->logits,
                                         truth.labels->len, predictions->n_classes);
}

static gboolean
has_columns (AttuneTable *table,
             char       **names)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (attune_table_find_column (table, names[i]) < 0)
      return FALSE;
  return TRUE;
}

/* What was not named is what the run was trained with, if the data has it. */
static void
complete_options (CliDataOptions        *options,
                  const AttuneRunSource *source,
                  AttuneTable           *table)
{
  const char *const theirs[] = { source->text_column, source->pair_column };
  char **const ours[] = { &options->text, &options->pair };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (*ours[i] == NULL && theirs[i] != NULL && attune_table_find_column (table, theirs[i]) >= 0)
      *ours[i] = g_strdup (theirs[i]);
  if (options->pair == NULL && source->pair_column == NULL)
    options->pair = g_strdup ("");
  if (options->labels == NULL && source->label_column != NULL
      && attune_table_find_column (table, source->label_column) >= 0
      && has_columns (table, source->more_label_columns))
    {
      g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

      g_strv_builder_add (names, source->label_column);
      if (source->more_label_columns != NULL)
        g_strv_builder_addv (names, (const char **) source->more_label_columns);
      options->labels = g_strv_builder_end (names);
    }
  if (options->task == NULL)
    options->task = g_strdup (source->task == ATTUNE_TASK_MULTI_LABEL ? "multi" : "single");
  if (options->separator == NULL && source->task == ATTUNE_TASK_MULTI_LABEL)
    options->separator = g_strdup (source->label_separator);
}

/* A number stands for the label of that id only while no label lost its own. */
static gboolean
keep_ids (const AttuneAmendments *amendments)
{
  for (guint i = 0; i < amendments->changes->len; i++)
    if (((AttuneLabelChange *) g_ptr_array_index (amendments->changes, i))->kind
        != ATTUNE_CHANGE_RENAME)
      return FALSE;
  return TRUE;
}

/* With the labels of the run, whether the data has those from before it changed them or after. */
static AttuneDataset *
read_dataset (AttuneTable           *table,
              const CliDataOptions  *options,
              AttuneRun             *run,
              GError               **error)
{
  const AttuneRunSource *source = attune_run_get_source (run);
  const AttuneAmendments *amendments = source != NULL ? source->amendments : NULL;
  const char * const *labels = attune_run_get_classes (run);
  g_autoptr (AttuneDataset) dataset = NULL;

  g_autoptr (AttuneDataset) amended = NULL;

  if (amendments == NULL || amendments->changes->len == 0)
    return cli_dataset_new (table, options, labels, error);
  dataset = cli_dataset_new (table, options, NULL, error);
  if (dataset == NULL)
    return NULL;
  amended = attune_amendments_apply_to_labels (amendments, dataset, labels, error);
  if (amended == NULL && keep_ids (amendments))
    {
      amended = cli_dataset_new (table, options, labels, NULL);
      if (amended != NULL)
        g_clear_error (error);
    }
  return g_steal_pointer (&amended);
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

/* With the labels of the model where the data has them as they are or by their numbers; else with
 * its own, if they are the same otherwise written. */
static AttuneDataset *
read_for_model (AttuneTable      *table,
                CliDataOptions   *options,
                const char       *model,
                AttuneHeadPlan  **plan,
                GError          **error)
{
  g_autofree char *path = attune_model_store_resolve (model, error);
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_auto (GStrv) labels = NULL;

  if (path != NULL)
    folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, error);
  if (folder == NULL)
    return NULL;
  labels = attune_model_head_list_labels (folder);
  if (labels == NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                   _("The model %s has no classifier yet; fine-tune it first"), path);
      return NULL;
    }
  if (options->task == NULL)
    options->task = g_strdup (attune_model_folder_get_config (folder)->multi_label ? "multi"
                                                                                   : "single");

  dataset = cli_dataset_new (table, options, (const char * const *) labels, NULL);
  if (dataset != NULL)
    return g_steal_pointer (&dataset);
  dataset = cli_dataset_new (table, options, NULL, error);
  if (dataset == NULL)
    return NULL;
  *plan = attune_head_plan_new ((const char * const *) labels,
                                attune_dataset_get_label_names (dataset));
  if ((*plan)->fate == ATTUNE_HEAD_REPLACED)
    {
      g_autofree char *theirs = attune_model_head_describe_labels ((const char * const *) labels);
      g_autofree char *ours =
        attune_model_head_describe_labels (attune_dataset_get_label_names (dataset));

      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                   _("the data has the labels %s, but the model “%s” tells %s apart"), ours, model,
                   theirs);
      return NULL;
    }
  return g_steal_pointer (&dataset);
}

static AttuneDataset *
read_for_run (AttuneTable     *table,
              CliDataOptions  *options,
              AttuneRun       *run,
              GError         **error)
{
  if (attune_run_get_source (run) != NULL)
    complete_options (options, attune_run_get_source (run), table);
  return read_dataset (table, options, run, error);
}

/* source: a run or a model. */
static int
open_and_evaluate (const AttunePredictSource  *source,
                   char                      **data,
                   CliDataOptions             *options,
                   gboolean                    json)
{
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneMetrics) metrics = NULL;
  g_autoptr (AttuneHeadPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  const char * const *labels;
  double samples_per_second = 0;
  CliOutput output;

  if (source->run_folder != NULL)
    run = attune_run_open (source->run_folder, &error);
  if (error == NULL)
    files = cli_data_files_new (data, &error);
  if (files != NULL)
    table = cli_table_read (files, choose_part (files), options, &error);
  if (table != NULL)
    dataset = run != NULL ? read_for_run (table, options, run, &error)
                          : read_for_model (table, options, source->model, &plan, &error);
  if (dataset != NULL)
    metrics = evaluate (source, plan != NULL ? plan->rows : NULL, dataset, &samples_per_second,
                        &error);
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
  g_autofree char *run = NULL, *model = NULL;
  gboolean json = FALSE;
  CliDataOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, N_("The run whose best model to measure"),
      N_("RUN") },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model,
      N_("A model that was fine-tuned already, instead of a run"), N_("MODEL") },
    { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &data, CLI_DATA_HELP, N_("FILE") },
    CLI_DATA_ENTRIES (&options),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  int exit = CLI_USAGE;

  if (!cli_parse_options (&arguments, entries, "",
                          _("Measures a run’s best model, or a fine-tuned one, on labelled data.")))
    exit = CLI_USAGE;
  else if ((run == NULL) == (model == NULL) || data == NULL)
    exit = cli_usage (_("evaluate needs --data and either --run or --model"));
  else if (arguments[1] != NULL)
    exit = cli_usage (_("evaluate does not know what to do with “%s”"), arguments[1]);
  else if (cli_data_options_check (&options) == CLI_DONE)
    exit = open_and_evaluate (&(AttunePredictSource) { .run_folder = run, .model = model }, data,
                              &options, json);

  cli_data_options_clear (&options);
  return exit;
}
