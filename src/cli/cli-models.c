/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli models and export: models in and out of the store.
 */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-model-export.h"
#include "attune-model-head.h"
#include "attune-model-store.h"
#include "attune-rnn-config.h"
#include "attune-weights-conversion.h"
#include "cli-hub.h"
#include "cli-json.h"

static void
print_model (CliOutput             *output,
             const AttuneModelInfo *info,
             gboolean               json)
{
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!json)
    {
      g_autofree char *size = g_format_size (info->n_bytes);

      g_string_append_printf (output->text, _("%-20s %s, %u layers, %s%s%s"), info->name,
                              info->title, info->n_layers, size, info->licence != NULL ? ", " : "",
                              info->licence != NULL ? info->licence : "");
      if (info->labels != NULL)
        {
          g_autofree char *labels = attune_model_head_describe_labels ((const char * const *)
                                                                         info->labels);

          /* Translators: the classes that a model was fine-tuned for. */
          g_string_append_printf (output->text, _(", labels %s"), labels);
        }
      g_string_append_c (output->text, '\n');
      return;
    }

  document = cli_json_begin (&root);
  yyjson_mut_obj_add_str (document, root, "name", info->name);
  yyjson_mut_obj_add_str (document, root, "title", info->title);
  yyjson_mut_obj_add_str (document, root, "path", info->path);
  cli_json_add_string (document, root, "source", info->source);
  cli_json_add_string (document, root, "licence", info->licence);
  cli_json_add_string (document, root, "language", info->language);
  yyjson_mut_obj_add_uint (document, root, "bytes", info->n_bytes);
  yyjson_mut_obj_add_uint (document, root, "layers", info->n_layers);
  yyjson_mut_obj_add_uint (document, root, "hidden_size", info->hidden_size);
  if (info->labels != NULL)
    {
      yyjson_mut_val *labels = yyjson_mut_obj_add_arr (document, root, "labels");

      for (guint i = 0; info->labels[i] != NULL; i++)
        yyjson_mut_arr_add_str (document, labels, info->labels[i]);
    }
  cli_json_end (document, output);
}

/* What is begun with nothing: a name to give to train. */
static void
print_scratch (CliOutput           *output,
               const AttuneRnnKind *kind,
               gboolean             json)
{
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!json)
    {
      g_string_append_printf (output->text, "%-20s %s\n", kind->name, _(kind->help));
      return;
    }
  document = cli_json_begin (&root);
  yyjson_mut_obj_add_str (document, root, "name", kind->name);
  yyjson_mut_obj_add_str (document, root, "title", kind->title);
  yyjson_mut_obj_add_bool (document, root, "from_scratch", true);
  cli_json_end (document, output);
}

static int
list_models (gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) infos = attune_model_store_list (&error);
  g_auto (GStrv) problems = attune_model_store_list_problems ();
  guint n_kinds;
  const AttuneRnnKind *kinds = attune_rnn_get_kinds (&n_kinds);
  CliOutput output;

  if (infos == NULL)
    return cli_fail (error);

  cli_output_init (&output);
  for (guint i = 0; i < infos->len; i++)
    print_model (&output, g_ptr_array_index (infos, i), json);
  for (guint i = 0; i < n_kinds; i++)
    print_scratch (&output, &kinds[i], json);
  for (guint i = 0; problems[i] != NULL; i++)
    cli_say ("%s", problems[i]);
  return cli_output_finish (&output, CLI_DONE);
}

static int
import_model (const char *folder,
              const char *name,
              gboolean    json)
{
  g_autoptr (GError) error = NULL;
  /* "model/" is named "model", and "." is named after the folder it is. */
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autoptr (AttuneModelInfo) info = attune_model_store_import (path, name, NULL, &error);
  CliOutput output;

  if (info == NULL)
    return cli_fail (error);

  if (attune_weights_need_conversion (path))
    cli_say (_("The weights were pytorch_model.bin; a confined program made model.safetensors of "
               "them"));
  cli_output_init (&output);
  print_model (&output, info, json);
  return cli_output_finish (&output, CLI_DONE);
}

static int
download_model (const char *id,
                const char *revision,
                const char *name,
                gboolean    json)
{
  g_autoptr (AttuneModelInfo) info = NULL;
  int exit = cli_hub_download (id, revision, name, &info);
  CliOutput output;

  if (exit != CLI_DONE)
    return exit;

  cli_output_init (&output);
  print_model (&output, info, json);
  return cli_output_finish (&output, CLI_DONE);
}

static int
remove_model (const char *name)
{
  g_autoptr (GError) error = NULL;

  return attune_model_store_remove (name, &error) ? CLI_DONE : cli_fail (error);
}

int
cli_models (char **argv)
{
  g_autofree char *name = NULL, *revision = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &name,
      N_("Name of the new model (default: its folder’s, or the Hub’s)"), N_("NAME") },
    { "revision", 0, 0, G_OPTION_ARG_STRING, &revision,
      N_("Branch, tag or commit to download (default: the newest)"), N_("REVISION") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object a model"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  const char *what;
  guint n;

  if (!cli_parse_options (&arguments, entries, _("list | search WORDS | download NAME | import FOLDER | remove NAME"),
                          _("Lists the models installed, finds or installs one from the Hugging "
                            "Face Hub, or installs one from a folder.\n\nThe Hub is asked by search "
                            "and download only. HF_ENDPOINT names a mirror, HF_TOKEN who asks; "
                            "HF_HUB_OFFLINE=1 keeps it from being asked.")))
    return CLI_USAGE;

  n = g_strv_length (arguments);
  what = n > 1 ? arguments[1] : "list";
  if (revision == NULL && name == NULL)
    {
      if (strcmp (what, "list") == 0 && n <= 2)
        return list_models (json);
      if (strcmp (what, "search") == 0 && n == 3)
        return cli_hub_search (arguments[2], json);
      if (strcmp (what, "remove") == 0 && n == 3)
        return remove_model (arguments[2]);
    }
  if (strcmp (what, "import") == 0 && n == 3 && revision == NULL)
    return import_model (arguments[2], name, json);
  if (strcmp (what, "download") == 0 && n == 3)
    return download_model (arguments[2], revision, name, json);

  return cli_usage (_("models needs “list”, “search WORDS”, “download NAME [--revision REVISION] "
                      "[--name NAME]”, “import FOLDER [--name NAME]” or “remove NAME”"));
}

int
cli_export (char **argv)
{
  g_autofree char *run = NULL, *format = NULL, *best = NULL;
  const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, N_("The run whose best model to copy"),
      N_("RUN") },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format, N_("hf: a Hugging Face folder"), N_("hf") },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  const char *notice;
  g_autoptr (GError) error = NULL;

  if (!cli_parse_options (&arguments, entries, _("DESTINATION"),
                          _("Copies a run’s best model to a folder that transformers loads.")))
    return CLI_USAGE;
  if (run == NULL || g_strv_length (arguments) != 2)
    return cli_usage (_("export needs --run and one destination"));
  if (format != NULL && strcmp (format, "hf") != 0)
    return cli_usage (_("“%s” is no format to export to; there is “hf”"), format);

  best = g_build_filename (run, "best", NULL);
  if (!g_file_test (best, G_FILE_TEST_IS_DIR))
    {
      cli_say (_("“%s” holds no trained model"), run);
      return CLI_FAILED;
    }
  if (!attune_model_export_folder (best, arguments[1], NULL, &error))
    return cli_fail (error);
  notice = attune_model_export_get_notice (best);
  if (notice != NULL)
    cli_say ("%s", notice);

  return CLI_DONE;
}
