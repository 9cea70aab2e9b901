/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli devices and config: what computes here, and what can be set.
 */
#include "config.h"

#include "cli-devices.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli-json.h"

typedef struct {
  GMainLoop *loop;
  GPtrArray *devices;
  GError *error;
} Wait;

static void
listed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  Wait *wait = data;

  wait->devices = attune_trainer_devices_finish (ATTUNE_TRAINER (object), result, &wait->error);
  g_main_loop_quit (wait->loop);
}

GPtrArray *
cli_list_devices (AttuneTrainer  *trainer,
                  GError        **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Wait wait = { .loop = loop };

  attune_trainer_devices_async (trainer, NULL, listed_cb, &wait);
  g_main_loop_run (loop);
  if (wait.devices == NULL)
    g_propagate_error (error, wait.error);
  return wait.devices;
}

static void
print_device (CliOutput              *output,
              const AttuneDeviceInfo *info,
              gboolean                json)
{
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!json)
    {
      g_autofree char *memory = g_format_size_full (info->memory_bytes, G_FORMAT_SIZE_IEC_UNITS);

      g_string_append_printf (output->text, _("%-8s %s, %s, %d threads, %s\n"), info->id,
                              info->name,
                              info->memory_bytes > 0 ? memory : _("memory unknown"), info->threads,
                              info->engine);
      if (info->notice != NULL)
        g_string_append_printf (output->text, "%-8s %s\n", "", info->notice);
      return;
    }

  document = cli_json_begin (&root);
  yyjson_mut_obj_add_str (document, root, "id", info->id);
  yyjson_mut_obj_add_str (document, root, "name", info->name);
  yyjson_mut_obj_add_uint (document, root, "memory_bytes", info->memory_bytes);
  yyjson_mut_obj_add_int (document, root, "threads", info->threads);
  yyjson_mut_obj_add_str (document, root, "engine", info->engine);
  yyjson_mut_obj_add_str (document, root, "capability", info->capability);
  cli_json_add_string (document, root, "precision", info->precision);
  yyjson_mut_obj_add_real (document, root, "fp32_gflops", info->fp32_gflops);
  yyjson_mut_obj_add_real (document, root, "bf16_gflops", info->bf16_gflops);
  cli_json_add_string (document, root, "paths", info->paths);
  cli_json_add_string (document, root, "notice", info->notice);
  cli_json_end (document, output);
}

int
cli_devices (char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object a device"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (AttuneTrainer) trainer = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  CliOutput output;

  if (!cli_parse_options (&arguments, entries, "", _("Lists what the engine can compute on.")))
    return CLI_USAGE;
  if (arguments[1] != NULL)
    return cli_usage (_("devices does not know what to do with “%s”"), arguments[1]);

  trainer = attune_trainer_new (NULL);
  devices = cli_list_devices (trainer, &error);
  attune_trainer_shutdown (trainer);
  if (devices == NULL)
    return cli_fail (error);

  cli_output_init (&output);
  for (guint i = 0; i < devices->len; i++)
    print_device (&output, g_ptr_array_index (devices, i), json);

  return cli_output_finish (&output, CLI_DONE);
}

int
cli_config (char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autofree char *table = NULL;
  CliOutput output;

  if (!cli_parse_options (&arguments, entries, "describe",
                          _("Prints all settings of a run as a table in Markdown.")))
    return CLI_USAGE;
  if (g_strv_length (arguments) != 2 || strcmp (arguments[1], "describe") != 0)
    return cli_usage (_("config needs “describe”"));

  table = attune_train_config_describe ();
  cli_output_init (&output);
  g_string_append (output.text, table);
  return cli_output_finish (&output, CLI_DONE);
}
