/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli inspect: what a file holds, as it would be trained on, and each finding of the check.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-check.h"
#include "attune-encoded-rows.h"
#include "attune-model-store.h"
#include "cli-data.h"
#include "cli-json.h"

typedef struct {
  AttuneTable *table;
  AttuneDataset *dataset;
  GPtrArray *findings;
  guint *lengths; /* (N,) tokens, ascending; NULL without a model */
} Inspection;

static void
inspection_clear (Inspection *self)
{
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
  yyjson_mut_obj_add_str (document, root, "encoding", options->encoding);
  yyjson_mut_obj_add_strncpy (document, root, "delimiter", &options->delimiter, 1);
  yyjson_mut_obj_add_bool (document, root, "header", options->header == ATTUNE_HEADER_YES);
  yyjson_mut_obj_add_str (document, root, "sha256", attune_table_get_sha256 (self->table));
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

/* A finding that blocks is data refused, once all has been said. */
static int
inspect (const char           *path,
         const CliDataOptions *options,
         AttuneDataset        *validation,
         AttuneTokenizer      *tokenizer,
         gboolean              json,
         CliOutput            *output)
{
  g_auto (Inspection) self = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean ok;

  self.table = cli_table_read (path, options, &error);
  if (self.table != NULL)
    self.dataset = cli_dataset_new (self.table, options, NULL, &error);
  ok = self.dataset != NULL && (tokenizer == NULL || measure (&self, tokenizer, &error));
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
          cli_say ("%s: %s", path, finding->message);
          return CLI_REFUSED;
        }
    }

  return CLI_DONE;
}

static int
inspect_all (char                 **files,
             const char            *validation_path,
             const char            *model,
             const CliDataOptions  *options,
             gboolean               json)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (AttuneDataset) validation = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTokenizer *tokenizer = NULL;
  CliOutput output;
  int exit = CLI_DONE;

  if (model != NULL)
    {
      g_autofree char *path = attune_model_store_resolve (model, &error);

      if (path != NULL)
        folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
      if (folder == NULL)
        return cli_fail (error);
      tokenizer = attune_model_folder_get_tokenizer (folder);
    }
  if (validation_path != NULL)
    {
      validation = cli_dataset_read (validation_path, options, NULL, &error);
      if (validation == NULL)
        return cli_fail (error);
    }

  cli_output_init (&output);
  for (guint i = 0; files[i] != NULL && exit == CLI_DONE; i++)
    exit = inspect (files[i], options, validation, tokenizer, json, &output);

  return cli_output_finish (&output, exit);
}

int
cli_inspect (char **argv)
{
  g_auto (GStrv) data = NULL;
  g_autofree char *validation = NULL, *model = NULL;
  CliDataOptions options = { 0 };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &data, N_("Labelled texts, CSV or TSV"),
      N_("FILE") },
    { "validation", 0, 0, G_OPTION_ARG_FILENAME, &validation,
      N_("Look for texts that are here too"), N_("FILE") },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model, N_("Count tokens as this model does"),
      N_("MODEL") },
    { "text-column", 0, 0, G_OPTION_ARG_STRING, &options.text,
      N_("Column of the texts, by name or number"), N_("COLUMN") },
    { "text-pair-column", 0, 0, G_OPTION_ARG_STRING, &options.pair, N_("Column of second texts"),
      N_("COLUMN") },
    { "label-column", 0, 0, G_OPTION_ARG_STRING, &options.label, N_("Column of the labels"),
      N_("COLUMN") },
    { "encoding", 0, 0, G_OPTION_ARG_STRING, &options.encoding,
      N_("Encoding of the data (default: UTF-8 or UTF-16, as detected)"), N_("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object a file"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  int exit = CLI_USAGE;

  if (!cli_parse_options (&arguments, entries, "",
                          _("Says what data sets hold and what is wrong with them.")))
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
