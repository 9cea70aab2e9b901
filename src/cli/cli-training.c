/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Following a run from its first event to its last. INT, TERM and HUP stop it and keep what was
 * learnt; the second of them leaves at once.
 */
#include "config.h"

#include "cli-training.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli-progress.h"
#include "cli.h"

typedef struct {
  AttuneTrainer *trainer;
  AttuneRun *run;
  GMainLoop *loop;
  CliOutput output;
  CliProgress progress;
  gboolean json;
  gboolean stopping;
  int exit;
} Training;

static void
stop (Training   *self,
      const char *reason)
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
  Training *self = data;

  if (self->stopping)
    _exit (CLI_INTERRUPTED);
  stop (self, _("Interrupted"));

  return G_SOURCE_CONTINUE;
}

/* The last line for a person; programs have the event. */
static void
print_result (Training          *self,
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
finish (Training          *self,
        const AttuneEvent *event)
{
  cli_progress_clear (&self->progress);
  if (event->type == ATTUNE_EVENT_RUN_FAILED)
    {
      cli_say ("%s", event->message);
      self->exit = cli_exit_for_code (event->code);
    }
  else
    {
      self->exit = event->type == ATTUNE_EVENT_RUN_STOPPED ? CLI_INTERRUPTED : CLI_DONE;
      if (!self->json)
        print_result (self, event);
    }
  g_main_loop_quit (self->loop);
}

static void
event_cb (AttuneRun         *run,
          const AttuneEvent *event,
          gpointer           data)
{
  Training *self = data;

  if (attune_event_is_passing (event))
    return;
  if (self->json)
    {
      g_autofree char *line = attune_event_to_json (event);

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
  Training *self = data;

  if (attune_run_get_state (self->run) == ATTUNE_RUN_RUNNING)
    cli_progress_draw (&self->progress, self->run);
}

int
cli_training_run (AttuneRun            *run,
                  const AttuneTrainJob *job,
                  gboolean              json)
{
  g_autoptr (AttuneTrainer) trainer = attune_trainer_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  guint sources[G_N_ELEMENTS (signals)];
  Training self = { .trainer = trainer, .run = run, .loop = loop, .json = json };

  cli_output_init (&self.output);
  cli_progress_init (&self.progress);
  g_signal_connect (run, "event", G_CALLBACK (event_cb), &self);
  if (!json)
    g_signal_connect (run, "notify", G_CALLBACK (notify_cb), &self);
  if (!attune_trainer_start (trainer, run, job, &error))
    return cli_output_finish (&self.output, cli_fail (error));

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], signal_cb, &self);
  g_main_loop_run (loop);
  attune_trainer_shutdown (trainer);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  g_signal_handlers_disconnect_by_data (run, &self);

  return cli_output_finish (&self.output, self.exit);
}
