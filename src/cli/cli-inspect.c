/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli inspect: what a file holds, as it would be trained on, and each finding of the check.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-check.h"
#include "attune-encoded-rows.h"
#include "attune-model-store.h"
#include "attune-table-options.h"
#include "cli-data.h"
#include "cli-json.h"

typedef struct {
  AttuneDataFiles *files;
  AttuneTable *table;
  AttuneDataset *dataset;
  GPtrArray *findings;
  guint *lengths; /* (N,) tokens, ascending; NULL without a model */
} Inspection;

static void
inspection_clear (Inspection *self)
{
  g_clear_pointer (&self->files, attune_data_files_unref);
  g_clear_object (&self->table);
  g_clear_object (&self->dataset);
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
measure (Inspection       *self,
         AttuneTokenizer  *tokenizer,
         GError          **error)
{
  g_autoptr (AttuneEncodedRows) rows
    = attune_encoded_rows_new_cached (self->dataset, tokenizer, NULL, NULL, error);

  if (rows == NULL)
    return FALSE;
  self->lengths = g_memdup2 (rows->full, rows->n_rows * sizeof (guint));
  qsort (self->lengths, rows->n_rows, sizeof (guint), compare_lengths);

  return TRUE;
}

static const char *
severity_name (AttuneSeverity severity)
{
  return severity == ATTUNE_SEVERITY_BLOCKS    ? "blocks"
         : severity == ATTUNE_SEVERITY_WARNING ? "warning"
                                               : "info";
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
                            (gint) i == columns->text    ? _(" (text)")
                            : (gint) i == columns->label ? _(" (label)")
                                                         : "");
  for (guint i = 0; i < attune_dataset_get_n_labels (self->dataset); i++)
    g_string_append_printf (text, _("  label “%s”: %u\n"), labels[i], counts[i]);
  if (self->lengths != NULL)
    g_string_append_printf (text, _("  tokens: half of the texts up to %u, 95 %% up to %u, 99 %% "
                                    "up to %u, the longest %u\n"),
                            percentile (self, 50), percentile (self, 95), percentile (self, 99),
                            percentile (self, 100));
  for (guint i = 0; i < self->findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (self->findings, i);

      g_string_append_printf (text, "  %s: %s\n",
                              finding->severity == ATTUNE_SEVERITY_BLOCKS    ? _("blocks")
                              : finding->severity == ATTUNE_SEVERITY_WARNING ? _("warning")
                                                                             : _("worth knowing"),
                              finding->message);
    }
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
add_findings (yyjson_mut_doc *document,
              yyjson_mut_val *root,
              GPtrArray      *findings)
{
  yyjson_mut_val *array = yyjson_mut_obj_add_arr (document, root, "findings");

  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (findings, i);
      yyjson_mut_val *object = yyjson_mut_arr_add_obj (document, array);
      yyjson_mut_val *rows;

      yyjson_mut_obj_add_str (document, object, "severity", severity_name (finding->severity));
      yyjson_mut_obj_add_str (document, object, "code", finding->code);
      yyjson_mut_obj_add_str (document, object, "message", finding->message);
      yyjson_mut_obj_add_uint (document, object, "count", finding->count);
      rows = yyjson_mut_obj_add_arr (document, object, "rows");
      for (guint j = 0; finding->rows != NULL && j < finding->rows->len; j++)
        yyjson_mut_arr_add_uint (document, rows, g_array_index (finding->rows, guint, j));
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
  array = yyjson_mut_obj_add_arr (document, root, "columns");
  for (guint i = 0; i < attune_table_get_n_columns (self->table); i++)
    yyjson_mut_arr_add_str (document, array, attune_table_get_column_name (self->table, i));
  cli_json_add_string (document, root, "text_column", column_name (self, columns->text));
  cli_json_add_string (document, root, "text_pair_column", column_name (self, columns->pair));
  cli_json_add_string (document, root, "label_column", column_name (self, columns->label));
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
    }
  add_findings (document, root, self->findings);

  cli_json_end (document, output);
}

/* What was named, or lies beside the data. NULL without an error if there is none. */
static AttuneDataset *
read_validation (const Inspection      *self,
                 char                 **paths,
                 const CliDataOptions  *options,
                 GError               **error)
{
  g_autoptr (AttuneDataFiles) files = NULL;

  if (paths == NULL)
    {
      if (attune_data_files_get_part (self->files, ATTUNE_PART_VALIDATION)->len == 0)
        return NULL;
      return cli_dataset_read (self->files, ATTUNE_PART_VALIDATION, options, NULL, error);
    }
  files = cli_data_files_new (paths, error);
  return files != NULL ? cli_dataset_read (files, ATTUNE_PART_TRAIN, options, NULL, error) : NULL;
}

/* A finding that blocks is data refused, once all has been said. */
static int
inspect (char                **paths,
         char                **validation_paths,
         const CliDataOptions *options,
         AttuneTokenizer      *tokenizer,
         gboolean              json,
         CliOutput            *output)
{
  g_auto (Inspection) self = { 0 };
  g_autoptr (AttuneDataset) validation = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  self.files = cli_data_files_new (paths, &error);
  if (self.files != NULL)
    self.table = cli_table_read (self.files, ATTUNE_PART_TRAIN, options, &error);
  if (self.table != NULL)
    self.dataset = cli_dataset_new (self.table, options, NULL, &error);
  if (self.dataset != NULL)
    validation = read_validation (&self, validation_paths, options, &error);
  ok = self.dataset != NULL && error == NULL
       && (tokenizer == NULL || measure (&self, tokenizer, &error));
  if (ok)
    self.findings = attune_check_run (self.dataset, validation, NULL, &error);
  if (self.findings == NULL)
    return cli_fail (error);

  if (json)
    print_json (output, &self);
  else
    print_for_people (output, &self);

  for (guint i = 0; i < self.findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (self.findings, i);

      if (finding->severity == ATTUNE_SEVERITY_BLOCKS)
        {
          cli_output_flush (output);
          cli_say ("%s: %s", paths[0], finding->message);
          return CLI_REFUSED;
        }
    }

  return CLI_DONE;
}

static int
inspect_all (char                 **files,
             char                 **validation_paths,
             const char            *model,
             const CliDataOptions  *options,
             gboolean               json)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTokenizer *tokenizer = NULL;
  CliOutput output;

  if (model != NULL)
    {
      g_autofree char *path = attune_model_store_resolve (model, &error);

      if (path != NULL)
        folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
      if (folder == NULL)
        return cli_fail (error);
      tokenizer = attune_model_folder_get_tokenizer (folder);
    }

  cli_output_init (&output);
  return cli_output_finish (&output, inspect (files, validation_paths, options, tokenizer, json,
                                              &output));
}

int
cli_inspect (char **argv)
{
  g_auto (GStrv) data = NULL, validation = NULL;
  g_autofree char *model = NULL;
  CliDataOptions options = { 0 };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &data, CLI_DATA_HELP, N_("FILE") },
    { "validation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &validation,
      N_("Look for texts that are here too"), N_("FILE") },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model, N_("Count tokens as this model does"),
      N_("MODEL") },
    CLI_DATA_ENTRIES (&options),
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
  else
    exit = inspect_all (data, validation, model, &options, json);

  cli_data_options_clear (&options);
  return exit;
}
