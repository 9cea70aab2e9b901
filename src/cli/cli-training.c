/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Following a run from its first event to its last, and then perhaps another with the same engine.
 * INT, TERM and HUP stop it and keep what was learnt; the second of them leaves at once.
 */
#include "config.h"

#include "cli-training.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli-json.h"
#include "cli-progress.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

struct _CliTraining
{
  AttuneTrainer *trainer;
  AttuneRun *run; /* borrowed while it is followed */
  char *name;     /* nullable: of the run, as JSON */
  GMainLoop *loop;
  CliOutput output;
  CliProgress progress;
  guint sources[G_N_ELEMENTS (signals)];
  gboolean json;
  gboolean stopping;
  char *failure;
  int exit;
};

static void
stop (CliTraining *self,
      const char  *reason)
{
  if (self->stopping)
    return;

  self->stopping = TRUE;
  cli_progress_clear (&self->progress);
  cli_say (_("stopping and keeping what was learnt; once more leaves at once"));
  attune_trainer_stop (self->trainer, reason);
}

static gboolean
signal_cb (gpointer data)
{
  CliTraining *self = data;

  if (self->stopping)
    _exit (CLI_INTERRUPTED);
  stop (self, _("Interrupted"));

  return G_SOURCE_CONTINUE;
}

/* The last line for a person; programs have the event. */
static void
print_result (CliTraining       *self,
              const AttuneEvent *event)
{
  if (isfinite (event->eval_accuracy) && attune_run_is_multi_label (self->run))
    g_string_append_printf (self->output.text,
                            _("All labels right in %.1f %% of the texts, micro-F1 %.3f, macro-F1 "
                              "%.3f at step %" PRIi64 "\n"),
                            100 * event->eval_accuracy, event->eval_f1_micro, event->eval_f1_macro,
                            event->best_step);
  else if (isfinite (event->eval_accuracy))
    g_string_append_printf (self->output.text,
                            _("Accuracy %.1f %%, macro-F1 %.3f at step %" PRIi64 "\n"),
                            100 * event->eval_accuracy, event->eval_f1_macro, event->best_step);
  if (event->train_samples_per_second > 0)
    g_string_append_printf (self->output.text, _("%.0f texts per second, %.0f seconds in all\n"),
                            event->train_samples_per_second, event->train_runtime);
  if (attune_run_can_classify (self->run))
    g_string_append_printf (self->output.text, _("The run is in %s\n"),
                            attune_run_get_folder (self->run));
  else
    g_string_append (self->output.text, _("Stopped before anything was learnt\n"));
}

static void
finish (CliTraining       *self,
        const AttuneEvent *event)
{
  cli_progress_clear (&self->progress);
  if (event->type == ATTUNE_EVENT_RUN_FAILED)
    {
      cli_say ("%s", event->message);
      g_set_str (&self->failure, event->code);
      self->exit = cli_exit_for_code (event->code);
    }
  else
    {
      self->exit = event->type == ATTUNE_EVENT_RUN_STOPPED ? CLI_INTERRUPTED : CLI_DONE;
      if (!self->json && self->name == NULL)
        print_result (self, event);
    }
  g_main_loop_quit (self->loop);
}

static void
event_cb (AttuneRun         *run,
          const AttuneEvent *event,
          gpointer           data)
{
  CliTraining *self = data;

  if (attune_event_is_passing (event))
    return;
  if (self->json)
    {
      g_autofree char *line = attune_event_to_json (event);

      if (self->name != NULL)
        g_string_append_printf (self->output.text, "{\"run\":%s,%s\n", self->name, line + 1);
      else
        g_string_append_printf (self->output.text, "%s\n", line);
      if (!cli_output_flush (&self->output))
        stop (self, _("Nobody reads the events any more"));
    }
  else
    cli_progress_say (&self->progress, run, event);

  if (attune_event_is_terminal (event))
    finish (self, event);
}

/* Properties follow the events, so the bar is drawn when they have settled. */
static void
notify_cb (GObject    *run,
           GParamSpec *pspec,
           gpointer    data)
{
  CliTraining *self = data;

  if (attune_run_get_state (self->run) == ATTUNE_RUN_RUNNING)
    cli_progress_draw (&self->progress, self->run);
}

CliTraining *
cli_training_new (gboolean json)
{
  CliTraining *self = g_new0 (CliTraining, 1);

  self->trainer = attune_trainer_new (NULL);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->json = json;
  cli_output_init (&self->output);
  cli_progress_init (&self->progress);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    self->sources[i] = g_unix_signal_add (signals[i], signal_cb, self);
  return self;
}

/* (transfer full): a string as it stands in JSON */
static char *
quote (const char *text)
{
  yyjson_mut_doc *document = yyjson_mut_doc_new (NULL);
  char *written, *copy;

  yyjson_mut_doc_set_root (document, yyjson_mut_str (document, text));
  written = yyjson_mut_write (document, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
  copy = g_strdup (written);
  free (written);
  yyjson_mut_doc_free (document);
  return copy;
}

int
cli_training_follow (CliTraining          *self,
                     AttuneRun            *run,
                     const AttuneTrainJob *job,
                     const char           *name)
{
  g_autoptr (GError) error = NULL;
  gulong event_handler, notify_handler = 0;

  self->run = run;
  g_clear_pointer (&self->name, g_free);
  self->name = name != NULL ? quote (name) : NULL;
  g_clear_pointer (&self->failure, g_free);
  event_handler = g_signal_connect (run, "event", G_CALLBACK (event_cb), self);
  if (!self->json)
    notify_handler = g_signal_connect (run, "notify", G_CALLBACK (notify_cb), self);
  if (attune_trainer_start (self->trainer, run, job, &error))
    g_main_loop_run (self->loop);
  else
    self->exit = cli_fail (error);
  g_clear_signal_handler (&notify_handler, run);
  g_clear_signal_handler (&event_handler, run);
  self->run = NULL;
  return self->exit;
}

const char *
cli_training_get_failure (CliTraining *self)
{
  return self->failure;
}

gboolean
cli_training_is_stopping (CliTraining *self)
{
  /* A signal may have come since the last run was over. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return self->stopping;
}

CliOutput *
cli_training_get_output (CliTraining *self)
{
  return &self->output;
}

int
cli_training_end (CliTraining *self,
                  int          exit)
{
  attune_trainer_shutdown (self->trainer);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (self->sources[i]);
  exit = cli_output_finish (&self->output, exit);
  g_main_loop_unref (self->loop);
  g_object_unref (self->trainer);
  g_free (self->name);
  g_free (self->failure);
  g_free (self);
  return exit;
}

int
cli_training_run (AttuneRun            *run,
                  const AttuneTrainJob *job,
                  gboolean              json)
{
  CliTraining *self = cli_training_new (json);

  return cli_training_end (self, cli_training_follow (self, run, job, NULL));
}
