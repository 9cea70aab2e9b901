/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The progress bar on standard error. It is one line, redrawn in place, and never wider than the
 * terminal; lines that stay are printed above it.
 */
#include "config.h"

#include "cli-progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli.h"

#define BAR_WIDTH 20

void
cli_progress_init (CliProgress *self)
{
  *self = (CliProgress) { .live = isatty (STDERR_FILENO) };
}

static guint
get_columns (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void
cli_progress_clear (CliProgress *self)
{
  if (self->width > 0)
    fputs ("\r\033[K", stderr);
  self->width = 0;
}

/* "1:02:03", "2:03" */
static char *
format_time (double seconds)
{
  guint64 whole = seconds;

  if (whole >= 3600)
    return g_strdup_printf ("%" PRIu64 ":%02u:%02u", whole / 3600,
                            (guint) (whole / 60 % 60), (guint) (whole % 60));
  return g_strdup_printf ("%u:%02u", (guint) (whole / 60), (guint) (whole % 60));
}

static double
last (GArray *values)
{
  return values->len > 0 ? g_array_index (values, double, values->len - 1) : NAN;
}

void
cli_progress_draw (CliProgress *self,
                   AttuneRun   *run)
{
  const AttuneRunHistory *history = attune_run_get_history (run);
  double phase_progress = attune_run_get_phase_progress (run);
  double fraction = CLAMP (phase_progress >= 0 ? phase_progress : attune_run_get_fraction (run), 0,
                           1);
  double left = attune_run_get_seconds_left (run), speed = 0;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GString) line = g_string_new (NULL);
  guint full = lround (fraction * BAR_WIDTH), columns = get_columns ();

  if (!self->live || (self->width > 0 && now - self->drawn < G_USEC_PER_SEC / 10))
    return;
  self->drawn = now;

  for (guint i = 0; i < BAR_WIDTH; i++)
    g_string_append (line, i < full ? "█" : "░");
  g_string_append_printf (line, " %3.0f %%", 100 * fraction);
  if (attune_run_get_steps (run) > 0)
    g_string_append_printf (line, _(" · step %" PRIi64 " of %" PRIi64),
                            attune_run_get_step (run), attune_run_get_steps (run));
  if (!isnan (last (history->loss)))
    g_string_append_printf (line, _(" · loss %.3f"), last (history->loss));
  if (!isnan (last (history->eval_accuracy)))
    g_string_append_printf (line, _(" · accuracy %.1f %%"), 100 * last (history->eval_accuracy));
  g_object_get (run, "samples-per-second", &speed, NULL);
  if (speed > 0)
    g_string_append_printf (line, _(" · %.0f texts/s"), speed);
  if (left >= 0)
    {
      g_autofree char *time = format_time (left);

      g_string_append_printf (line, _(" · %s left"), time);
    }

  self->width = MIN (g_utf8_strlen (line->str, -1), columns - 1);
  *g_utf8_offset_to_pointer (line->str, self->width) = '\0';
  fprintf (stderr, "\r%s\033[K", line->str);
  fflush (stderr);
}

static const char *
get_phase_title (const char *name)
{
  static const struct {
    const char *name, *title;
  } phases[] = {
    { "loading_model", N_("Loading the model") },
    { "tokenizing", N_("Tokenizing") },
    { "training", N_("Training") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    if (g_strcmp0 (name, phases[i].name) == 0)
      return _(phases[i].title);

  return NULL;
}

/* "Computing on cpu with 2 threads in bf16 (measured: fp32 205, bf16 412 GFLOP/s)" */
static char *
describe_computer (const AttuneEvent *event)
{
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, ngettext ("Computing on %s with %d thread in %s",
                                          "Computing on %s with %d threads in %s", event->threads),
                          event->device, event->threads, event->precision);
  if (isfinite (event->fp32_gflops) && isfinite (event->bf16_gflops))
    g_string_append_printf (line, _(" (measured: fp32 %.0f, bf16 %.0f GFLOP/s)"),
                            event->fp32_gflops, event->bf16_gflops);
  else if (isfinite (event->fp32_gflops))
    g_string_append_printf (line, _(" (measured: fp32 %.0f GFLOP/s)"), event->fp32_gflops);
  return g_string_free_and_steal (g_steal_pointer (&line));
}

void
cli_progress_say (CliProgress       *self,
                  AttuneRun         *run,
                  const AttuneEvent *event)
{
  g_autofree char *line = NULL;
  g_autoptr (GString) shown = NULL;
  gint64 steps = attune_run_get_steps (run);

  switch (event->type)
    {
    case ATTUNE_EVENT_PHASE:
      /* Evaluating, saving and what follows them come too often to be worth a line. */
      if (event->step == 0)
        line = g_strdup (get_phase_title (event->name));
      break;
    case ATTUNE_EVENT_RUN_STARTED:
      line = describe_computer (event);
      break;
    case ATTUNE_EVENT_EVALUATION:
      if (attune_run_is_multi_label (run))
        line = g_strdup_printf (_("Step %" PRIi64 " of %" PRIi64 ": all labels right in %.1f %%, "
                                  "micro-F1 %.3f, macro-F1 %.3f, loss %.3f"),
                                event->step, steps, 100 * event->eval_accuracy,
                                event->eval_f1_micro, event->eval_f1_macro, event->eval_loss);
      else
        line = g_strdup_printf (_("Step %" PRIi64 " of %" PRIi64 ": "
                                  "accuracy %.1f %%, macro-F1 %.3f, loss %.3f"),
                                event->step, steps, 100 * event->eval_accuracy,
                                event->eval_f1_macro, event->eval_loss);
      break;
    case ATTUNE_EVENT_BASELINES:
      if (attune_run_is_multi_label (run))
        line = g_strdup_printf (_("To beat in all labels right: %.1f %% always the most frequent "
                                  "set of labels, %.1f %% naive Bayes and %.1f %% logistic "
                                  "regression of sets"),
                                100 * event->majority_accuracy,
                                100 * event->naive_bayes_accuracy,
                                100 * event->logistic_regression_accuracy);
      else
        line = g_strdup_printf (_("To beat: %.1f %% always the most frequent label, "
                                  "%.1f %% naive Bayes, %.1f %% logistic regression"),
                                100 * event->majority_accuracy,
                                100 * event->naive_bayes_accuracy,
                                100 * event->logistic_regression_accuracy);
      break;
    case ATTUNE_EVENT_WARNING:
      line = g_strdup_printf (_("Warning: %s"), event->message);
      break;
    case ATTUNE_EVENT_STEP:
    case ATTUNE_EVENT_CHECKPOINT:
    case ATTUNE_EVENT_PAUSED:
    case ATTUNE_EVENT_CONTINUED:
    case ATTUNE_EVENT_RUN_FINISHED:
    case ATTUNE_EVENT_RUN_STOPPED:
    case ATTUNE_EVENT_RUN_FAILED:
      break;
    }

  if (line == NULL)
    return;
  shown = g_string_new (line);
  cli_mask_controls (shown);
  cli_progress_clear (self);
  fprintf (stderr, "%s\n", shown->str);
}
