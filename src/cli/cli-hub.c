/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attune-cli models search and download, and attune-cli data: the Hub from the command line. How far
 * a download is stands on standard error. Ctrl-C leaves what came for the next time.
 */
#include "config.h"

#include "cli-hub.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <inttypes.h>

#include "attune-hub-download.h"
#include "cli-json.h"

/* One request of the Hub's, while the main loop waits for a signal. */
typedef struct {
  const char *id, *revision, *name;
  gboolean data;
  GCancellable *cancellable;
  GMainLoop *loop;
  AttuneModelInfo *info; /* (out) */
  char *folder;          /* (out) */
  GError *error;         /* (out) */
  gboolean live;
  gint64 drawn;
} Transfer;

static gboolean
interrupted_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

/* Worker thread; nobody else writes while it works. */
static void
progress_cb (guint64   done,
             guint64   total,
             gpointer  user_data)
{
  Transfer *self = user_data;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *has = NULL;
  g_autofree char *of = NULL;

  if (!self->live || (now - self->drawn < 100000 && done < total))
    return;
  self->drawn = now;
  has = g_format_size (done);
  of = g_format_size (total);
  /* Translators: bytes that have come, of how many. */
  fprintf (stderr, _("\r%3.0f%%  %s of %s"), total > 0 ? 100.0 * (double) done / (double) total : 0.0,
           has, of);
  fputs ("\033[K", stderr);
}

static gboolean
done_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gpointer
transfer_in_thread (gpointer user_data)
{
  Transfer *self = user_data;
  g_autoptr (AttuneHub) hub = attune_hub_new (NULL, FALSE, NULL, &self->error);

  if (hub != NULL && self->data)
    self->folder = attune_hub_download_data (hub, self->id, self->revision, self->name, progress_cb,
                                             self, self->cancellable, &self->error);
  else if (hub != NULL)
    self->info = attune_hub_download_model (hub, self->id, self->revision, self->name, progress_cb,
                                            self, self->cancellable, &self->error);
  /* From the loop itself: it may not run yet, and one that begins later would not know. */
  g_idle_add (done_cb, self->loop);

  return NULL;
}

static int
transfer_run (Transfer *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint interrupt = g_unix_signal_add (SIGINT, interrupted_cb, cancellable);
  guint terminate = g_unix_signal_add (SIGTERM, interrupted_cb, cancellable);
  int exit = CLI_DONE;
  GThread *thread;

  self->loop = loop;
  self->cancellable = cancellable;
  self->live = isatty (STDERR_FILENO);
  thread = g_thread_new ("hub", transfer_in_thread, self);
  g_main_loop_run (loop);
  g_thread_join (thread);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  if (self->drawn > 0)
    fputc ('\n', stderr);
  if (self->error != NULL)
    exit = cli_fail (self->error);
  g_clear_error (&self->error);

  return exit;
}

static void
print_model (CliOutput            *output,
             const AttuneHubModel *model,
             gboolean              json)
{
  yyjson_mut_doc *document;
  yyjson_mut_val *root;

  if (!json)
    {
      g_autofree char *size = model->n_bytes > 0 ? g_format_size (model->n_bytes) : g_strdup ("?");

      /* Translators: name, size, licence, languages, downloads in a month. */
      g_string_append_printf (output->text, _("%-56s %10s  %s, %s, %" PRIu64 " downloads"),
                              model->id, size,
                              model->licence != NULL ? model->licence : _("licence not said"),
                              model->languages != NULL ? model->languages : _("language not said"),
                              model->downloads);
      if (model->gated)
        g_string_append (output->text, _(", gated"));
      g_string_append_c (output->text, '\n');
      return;
    }

  document = cli_json_begin (&root);
  yyjson_mut_obj_add_str (document, root, "id", model->id);
  yyjson_mut_obj_add_str (document, root, "model_type", model->model_type);
  yyjson_mut_obj_add_uint (document, root, "bytes", model->n_bytes);
  cli_json_add_string (document, root, "licence", model->licence);
  cli_json_add_string (document, root, "languages", model->languages);
  yyjson_mut_obj_add_uint (document, root, "downloads", model->downloads);
  yyjson_mut_obj_add_bool (document, root, "gated", model->gated);
  cli_json_end (document, output);
}

int
cli_hub_search (const char *words,
                gboolean    json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHub) hub = attune_hub_new (NULL, FALSE, NULL, &error);
  g_autoptr (GPtrArray) models = hub != NULL
                                   ? attune_hub_search_models (hub, words, NULL, &error)
                                   : NULL;
  CliOutput output;

  if (models == NULL)
    return cli_fail (error);
  if (models->len == 0)
    cli_say (_("The Hub knows no model that can be fine-tuned here by “%s”; try fewer words"),
             words);

  cli_output_init (&output);
  for (guint i = 0; i < models->len; i++)
    print_model (&output, g_ptr_array_index (models, i), json);
  return cli_output_finish (&output, CLI_DONE);
}

int
cli_hub_download (const char       *id,
                  const char       *revision,
                  const char       *name,
                  AttuneModelInfo **info)
{
  Transfer transfer = { .id = id, .revision = revision, .name = name };
  int exit = transfer_run (&transfer);

  *info = transfer.info;
  return exit;
}

int
cli_data (char **argv)
{
  g_autofree char *revision = NULL, *config = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "revision", 0, 0, G_OPTION_ARG_STRING, &revision,
      N_("Branch, tag or commit (default: the newest)"), N_("REVISION") },
    { "config", 0, 0, G_OPTION_ARG_STRING, &config,
      N_("Which of the sets that go by this name"), N_("CONFIG") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL },
    { NULL }
  };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autofree char *folder = NULL;
  Transfer transfer = { .data = TRUE };
  CliOutput output;
  int exit;

  if (!cli_parse_options (&arguments, entries, _("download NAME"),
                          _("Downloads a data set from the Hugging Face Hub and prints the folder "
                            "to give to --data.")))
    return CLI_USAGE;
  if (g_strv_length (arguments) != 3 || strcmp (arguments[1], "download") != 0)
    return cli_usage (_("data needs “download NAME [--config CONFIG] [--revision REVISION]”"));

  transfer.id = arguments[2];
  transfer.revision = revision;
  transfer.name = config;
  exit = transfer_run (&transfer);
  if (exit != CLI_DONE)
    return exit;

  folder = transfer.folder;
  cli_output_init (&output);
  if (json)
    {
      yyjson_mut_val *root;
      yyjson_mut_doc *document = cli_json_begin (&root);

      yyjson_mut_obj_add_str (document, root, "name", arguments[2]);
      yyjson_mut_obj_add_str (document, root, "path", folder);
      cli_json_end (document, &output);
    }
  else
    g_string_append_printf (output.text, "%s\n", folder);
  return cli_output_finish (&output, CLI_DONE);
}
