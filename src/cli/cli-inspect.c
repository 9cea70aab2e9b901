/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli inspect: what a file holds, as it would be trained on, and each finding of the check.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-token-facts.h"
#include "attune-model-store.h"
#include "attune-scratch-model.h"
#include "attune-table-options.h"
#include "cli-amend.h"
#include "cli-data.h"
#include "cli-findings.h"
#include "cli-json.h"
#include "cli-settings.h"

typedef struct {
  AttuneDataFiles *files;
  AttuneTable *table;
  AttuneDataset *dataset;
  AttuneDataset *validation; /* nullable */
  AttuneSplit *split;        /* what would be held out; NULL with validation */
  GPtrArray *findings;
  AttuneTokenFacts *facts;   /* NULL without a model */
  guint *lengths;            /* (N,) tokens, ascending; NULL without a model */
} Inspection;

/* What is inspected, and with what. */
typedef struct {
  char **data;
  char **validation; /* nullable */
  const CliDataOptions *reading;
  const AttuneAmendments *amendments;
  AttuneTrainConfig *config;
  AttuneModelFolder *model; /* nullable */
  const char *scratch;      /* nullable: instead of that a model that begins with the data's words */
  gboolean json;
} Plan;

static void
inspection_clear (Inspection *self)
{
  g_clear_pointer (&self->files, attune_data_files_unref);
  g_clear_object (&self->table);
  g_clear_object (&self->dataset);
  g_clear_object (&self->validation);
  g_clear_pointer (&self->split, attune_split_free);
  g_clear_pointer (&self->facts, attune_token_facts_unref);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->lengths, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Inspection, inspection_clear)

static int
compare_lengths (gconstpointer a,
                 gconstpointer b)
{
  const guint *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static guint
percentile (const Inspection *self,
            guint             percent)
{
  guint n = attune_dataset_get_n_rows (self->dataset);

  return self->lengths[(guint64) (n - 1) * percent / 100];
}

static gboolean
measure (Inspection         *self,
         AttuneModelFolder  *model,
         GError            **error)
{
  AttuneTokenizer *tokenizer = attune_model_folder_get_tokenizer (model);
  g_autoptr (AttuneEncodedRows) rows
    = attune_encoded_rows_new_cached (self->dataset, tokenizer, NULL, NULL, error);

  if (rows == NULL)
    return FALSE;
  self->lengths = g_memdup2 (rows->full, rows->n_rows * sizeof (guint));
  qsort (self->lengths, rows->n_rows, sizeof (guint), compare_lengths);
  self->facts = attune_token_facts_new_for_model (rows, model);

  return TRUE;
}

/* " (text)" and the like; empty for a column that is none of those. */
static const char *
column_role (const AttuneColumns *columns,
             gint                 column)
{
  if (column == columns->text)
    return columns->pair >= 0 ? _(" (first text)") : _(" (text)");
  if (column == columns->pair)
    return _(" (second text)");
  for (guint i = 0; i < columns->n_more; i++)
    if (column == columns->more[i])
      return _(" (label)");
  return column == columns->label ? _(" (label)") : "";
}

static void
print_task (CliOutput        *output,
            const Inspection *self)
{
  const AttuneColumns *columns = attune_dataset_get_columns (self->dataset);
  const char *source = attune_dataset_get_names_source (self->dataset);

  if (columns->task != ATTUNE_TASK_MULTI_LABEL)
    g_string_append (output->text, _("  one label a text\n"));
  else if (columns->n_more > 0)
    g_string_append (output->text, _("  any number of labels a text, a column for each\n"));
  else if (columns->separator != '\0' && columns->separator != ATTUNE_LIST_SEPARATOR)
    g_string_append_printf (output->text, _("  any number of labels a text, “%c” between them\n"),
                            columns->separator);
  else
    g_string_append (output->text, _("  any number of labels a text\n"));
  if (source != NULL)
    g_string_append_printf (output->text, _("  names of the labels from %s\n"), source);
}

static const char *
column_name (const Inspection *self,
             gint              column)
{
  return column >= 0 ? attune_table_get_column_name (self->table, column) : NULL;
}

static void
print_for_people (CliOutput        *output,
                  const Inspection *self)
{
  const AttuneTableOptions *options = attune_table_get_options (self->table);
  const AttuneColumns *columns = attune_dataset_get_columns (self->dataset);
  const char * const *labels = attune_dataset_get_label_names (self->dataset);
  const guint *counts = attune_dataset_get_label_counts (self->dataset);
  GString *text = output->text;

  g_string_append_printf (text, _("%s: %s, %s, %u rows\n"),
                          attune_table_get_source_name (self->table),
                          attune_table_get_format (self->table), options->encoding,
                          attune_dataset_get_n_rows (self->dataset));
  for (guint i = 0; i < attune_table_get_n_columns (self->table); i++)
    g_string_append_printf (text, _("  column %u: %s%s\n"), i + 1,
                            attune_table_get_column_name (self->table, i),
                            column_role (columns, (gint) i));
  print_task (output, self);
  for (guint i = 0; i < attune_dataset_get_n_labels (self->dataset); i++)
    g_string_append_printf (text, _("  label “%s”: %u\n"), labels[i], counts[i]);
  if (self->lengths != NULL)
    g_string_append_printf (text, _("  tokens: half of the texts up to %u, 95 %% up to %u, 99 %% "
                                    "up to %u, the longest %u\n"),
                            percentile (self, 50), percentile (self, 95), percentile (self, 99),
                            percentile (self, 100));
  cli_split_print (text, self->dataset, self->validation, self->split);
  cli_findings_print (text, self->findings);
}

/* Which files are what, each with its sum if it was read. */
static void
add_files (yyjson_mut_doc   *document,
           yyjson_mut_val   *root,
           const Inspection *self)
{
  yyjson_mut_val *parts = yyjson_mut_obj_add_obj (document, root, "files");

  for (guint part = 0; part < ATTUNE_N_PARTS; part++)
    {
      GPtrArray *files = attune_data_files_get_part (self->files, part);
      yyjson_mut_val *list;

      if (files->len == 0)
        continue;
      list = yyjson_mut_obj_add_arr (document, parts, attune_part_get_name (part));
      for (guint i = 0; i < files->len; i++)
        {
          yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, list);
          g_autofree char *path = g_file_get_parse_name (g_ptr_array_index (files, i));
          const char *sha256 = NULL;

          yyjson_mut_obj_add_strcpy (document, object, "path", path);
          if (part == ATTUNE_PART_TRAIN)
            attune_table_get_nth_file (self->table, i, &sha256);
          if (sha256 != NULL)
            yyjson_mut_obj_add_str (document, object, "sha256", sha256);
        }
    }
}

static void
print_json (CliOutput        *output,
            const Inspection *self)
{
  const AttuneTableOptions *options = attune_table_get_options (self->table);
  const AttuneColumns *columns = attune_dataset_get_columns (self->dataset);
  yyjson_mut_val *root;
  yyjson_mut_doc *document = cli_json_begin (&root);
  yyjson_mut_val *array, *object;

  yyjson_mut_obj_add_str (document, root, "data", attune_table_get_source_name (self->table));
  yyjson_mut_obj_add_str (document, root, "format", attune_table_get_format (self->table));
  cli_json_add_string (document, root, "reader", attune_format_get_name (options->format));
  yyjson_mut_obj_add_str (document, root, "encoding", options->encoding);
  yyjson_mut_obj_add_strncpy (document, root, "delimiter", &options->delimiter,
                              options->delimiter != 0);
  cli_json_add_string (document, root, "quoting", attune_quoting_get_name (options->quoting));
  yyjson_mut_obj_add_bool (document, root, "header", options->header == ATTUNE_HEADER_YES);
  yyjson_mut_obj_add_str (document, root, "sha256", attune_table_get_sha256 (self->table));
  add_files (document, root, self);
  yyjson_mut_obj_add_uint (document, root, "bytes", attune_table_get_n_bytes (self->table));
  yyjson_mut_obj_add_uint (document, root, "rows", attune_dataset_get_n_rows (self->dataset));
  yyjson_mut_obj_add_uint (document, root, "dropped_rows",
                           attune_dataset_get_n_dropped (self->dataset));
  array = yyjson_mut_obj_add_arr (document, root, "columns");
  for (guint i = 0; i < attune_table_get_n_columns (self->table); i++)
    yyjson_mut_arr_add_str (document, array, attune_table_get_column_name (self->table, i));
  cli_json_add_string (document, root, "text_column", column_name (self, columns->text));
  cli_json_add_string (document, root, "text_pair_column", column_name (self, columns->pair));
  cli_json_add_string (document, root, "label_column", column_name (self, columns->label));
  array = yyjson_mut_obj_add_arr (document, root, "label_columns");
  for (guint i = 0; i <= columns->n_more; i++)
    yyjson_mut_arr_add_str (document, array,
                            column_name (self, i == 0 ? columns->label : columns->more[i - 1]));
  cli_json_add_string (document, root, "task",
                       columns->task == ATTUNE_TASK_MULTI_LABEL ? "multi" : "single");
  yyjson_mut_obj_add_bool (document, root, "task_guessed",
                           attune_dataset_is_task_guessed (self->dataset));
  if (columns->separator == '\0')
    yyjson_mut_obj_add_null (document, root, "label_separator");
  else
    yyjson_mut_obj_add_strncpy (document, root, "label_separator", &columns->separator, 1);
  cli_json_add_string (document, root, "label_names_from",
                       attune_dataset_get_names_source (self->dataset));
  object = yyjson_mut_obj_add_obj (document, root, "labels");
  for (guint i = 0; i < attune_dataset_get_n_labels (self->dataset); i++)
    yyjson_mut_obj_add_uint (document, object, attune_dataset_get_label_names (self->dataset)[i],
                             attune_dataset_get_label_counts (self->dataset)[i]);
  if (self->lengths != NULL)
    {
      object = yyjson_mut_obj_add_obj (document, root, "tokens");
      yyjson_mut_obj_add_uint (document, object, "p50", percentile (self, 50));
      yyjson_mut_obj_add_uint (document, object, "p95", percentile (self, 95));
      yyjson_mut_obj_add_uint (document, object, "p99", percentile (self, 99));
      yyjson_mut_obj_add_uint (document, object, "max", percentile (self, 100));
      yyjson_mut_obj_add_uint (document, object, "proposed_max_length", self->facts->proposal);
    }
  cli_split_add_json (document, root, self->dataset, self->validation, self->split);
  cli_findings_add_json (document, root, self->findings);

  cli_json_end (document, output);
}

/* What was named, or lies beside the data. NULL without an error if there is none. */
static AttuneDataset *
read_validation (const Inspection      *self,
                 char                 **paths,
                 const CliDataOptions  *options,
                 GError               **error)
{
  const char * const *names = attune_dataset_get_label_names (self->dataset);
  g_autoptr (AttuneDataFiles) files = NULL;

  if (paths == NULL)
    {
      if (attune_data_files_get_part (self->files, ATTUNE_PART_VALIDATION)->len == 0)
        return NULL;
      return cli_dataset_read (self->files, ATTUNE_PART_VALIDATION, options, names, error);
    }
  files = cli_data_files_new (paths, error);
  return files != NULL ? cli_dataset_read (files, ATTUNE_PART_TRAIN, options, names, error) : NULL;
}

static gboolean
open_data (Inspection  *self,
           const Plan  *plan,
           GError     **error)
{
  GError *local_error = NULL;

  self->files = cli_data_files_new (plan->data, error);
  if (self->files == NULL)
    return FALSE;
  self->table = cli_table_read (self->files, ATTUNE_PART_TRAIN, plan->reading, error);
  if (self->table == NULL)
    return FALSE;
  self->dataset = cli_dataset_new (self->table, plan->reading, NULL, error);
  if (self->dataset == NULL)
    return FALSE;
  self->validation = read_validation (self, plan->validation, plan->reading, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  return cli_amend (plan->amendments, &self->dataset, &self->validation, error);
}

static gboolean
look (Inspection  *self,
      const Plan  *plan,
      GError     **error)
{
  AttuneTrainConfig *config = plan->config;
  gboolean is_measured =
    !g_str_equal (attune_train_config_get_string (config, "eval_strategy"), "no");
  double share = attune_train_config_get_double (config, "validation_split");
  g_autoptr (AttuneModelFolder) scratch = NULL;

  if (plan->scratch != NULL)
    {
      scratch = attune_open_model_for (plan->scratch, self->dataset, NULL, error);
      if (scratch == NULL)
        return FALSE;
    }
  if ((scratch != NULL && !measure (self, scratch, error))
      || (plan->model != NULL && !measure (self, plan->model, error)))
    return FALSE;
  self->findings = attune_check_run (self->dataset, self->validation, NULL, error);
  if (self->findings == NULL)
    return FALSE;
  if (self->facts != NULL)
    {
      AttuneTextCut cut;

      attune_text_cut_init (&cut, config,
                            (guint) attune_train_config_get_int (config, "max_length"));
      attune_token_facts_check (self->facts, self->dataset, &cut, self->findings);
    }
  if (self->validation == NULL)
    {
      self->split = attune_split_new (self->dataset, is_measured ? share : 0,
                                      attune_train_config_get_split_seed (config));
      attune_check_split (self->findings, self->dataset, self->split);
    }
  return TRUE;
}

/* A finding that blocks is data refused, once all has been said. */
static int
inspect (const Plan *plan,
         CliOutput  *output)
{
  g_auto (Inspection) self = { 0 };
  g_autoptr (GError) error = NULL;

  if (!open_data (&self, plan, &error) || !look (&self, plan, &error))
    return cli_fail (error);

  if (plan->json)
    print_json (output, &self);
  else
    print_for_people (output, &self);

  for (guint i = 0; i < self.findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (self.findings, i);

      if (finding->severity == ATTUNE_SEVERITY_BLOCKS)
        {
          cli_output_flush (output);
          cli_say ("%s: %s", plan->data[0], finding->message);
          return CLI_REFUSED;
        }
    }

  return CLI_DONE;
}

static int
inspect_all (const char *model,
             Plan       *plan)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (GError) error = NULL;
  CliOutput output;

  if (model != NULL)
    {
      g_autofree char *path = attune_model_store_resolve (model, &error);

      if (path != NULL && attune_model_store_get_scratch (path) != NULL)
        plan->scratch = model;
      else if (path != NULL)
        folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
      if (folder == NULL && plan->scratch == NULL)
        return cli_fail (error);
      plan->model = folder;
    }

  cli_output_init (&output);
  return cli_output_finish (&output, inspect (plan, &output));
}

int
cli_inspect (char **argv)
{
  g_auto (GStrv) data = NULL, validation = NULL, settings = NULL;
  g_autofree char *model = NULL, *config_file = NULL;
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (AttuneAmendments) amendments = NULL;
  g_autoptr (GError) error = NULL;
  CliDataOptions options = { 0 };
  CliAmendOptions amending = { 0 };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &data, CLI_DATA_HELP, N_("FILE") },
    { "validation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &validation,
      N_("Look for texts that are here too"), N_("FILE") },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model, N_("Count tokens as this model does"),
      N_("MODEL") },
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config_file, N_("Settings as JSON"), N_("FILE") },
    { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &settings,
      N_("A setting that the data is checked for, such as max_length, validation_split or seed"),
      N_("NAME=VALUE") },
    CLI_DATA_ENTRIES (&options),
    CLI_AMEND_ENTRIES (amending),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  int exit = CLI_USAGE;

  if (!cli_parse_options (&arguments, entries, "",
                          _("Says what a data set holds and what is wrong with it.")))
    exit = CLI_USAGE;
  else if (data == NULL)
    exit = cli_usage (_("inspect needs --data"));
  else if (arguments[1] != NULL)
    exit = cli_usage (_("inspect does not know what to do with “%s”"), arguments[1]);
  else if (cli_data_options_check (&options) != CLI_DONE)
    exit = CLI_USAGE;
  else if ((amendments = cli_amend_options_parse (&amending, &error)) == NULL
           || !cli_settings_load (config, config_file, settings, &error))
    exit = cli_fail (error);
  else
    exit = inspect_all (model,
                        &(Plan) { .data = data,
                                  .validation = validation,
                                  .reading = &options,
                                  .amendments = amendments,
                                  .config = config,
                                  .json = json });

  cli_data_options_clear (&options);
  cli_amend_options_clear (&amending);
  return exit;
}
