/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each event does to an AttuneRun: the same code for live and replayed events, so that a
 * reopened run looks as it did. Main thread only.
 */
#include "config.h"

#include <math.h>

#include "attune-run-private.h"

static void
append (GArray *array,
        double  value)
{
  g_array_append_val (array, value);
}

/* Seconds that the remaining steps take at the speed of the last ones. The times of events exclude
 * pauses and include evaluations, so the window does as well. */
static void
update_seconds_left (AttuneRun         *self,
                     const AttuneEvent *event)
{
  double *newest = self->window + 2 * self->window_next;
  const double *oldest;
  double seconds;
  double n_steps;

  newest[0] = event->time;
  newest[1] = (double) event->step;
  self->window_length = MIN (self->window_length + 1, ATTUNE_RUN_WINDOW);
  self->window_next = (self->window_next + 1) % ATTUNE_RUN_WINDOW;
  oldest = self->window_length < ATTUNE_RUN_WINDOW ? self->window
                                                   : self->window + 2 * self->window_next;
  seconds = newest[0] - oldest[0];
  n_steps = newest[1] - oldest[1];
  if (self->window_length < 3 || n_steps <= 0 || seconds < 0)
    return;
  self->seconds_left = seconds / n_steps * (double) MAX (self->steps - event->step, 0);
  attune_run_notify (self, ATTUNE_RUN_PROP_SECONDS_LEFT);
}

/* Leaves of arrays the entries up to a step; steps are the first of them. */
static void
trim (GArray **arrays,
      guint    n_arrays,
      gint64   step)
{
  guint n = arrays[0]->len;

  while (n > 0 && g_array_index (arrays[0], double, n - 1) > (double) step)
    n--;
  for (guint i = 0; i < n_arrays; i++)
    g_array_set_size (arrays[i], n);
}

/* What a run said after the checkpoint that it goes on from will be said again. */
static void
go_back (AttuneRun *self,
         gint64     step,
         gint64     best_step)
{
  const GArray *steps = self->history.eval_step;

  trim (&self->history.step, 6, step);
  trim (&self->history.eval_step, 7, step);
  self->step = step;
  self->epoch = self->history.steps_per_epoch > 0 ? (double) step / self->history.steps_per_epoch
                                                  : 0;
  self->best_step = best_step;
  self->best_accuracy = NAN;
  for (guint i = 0; i < steps->len; i++)
    if (best_step > 0 && g_array_index (steps, double, i) == (double) best_step)
      self->best_accuracy = g_array_index (self->history.eval_accuracy, double, i);
  self->window_length = self->window_next = 0;
  self->seconds_left = -1;
  g_clear_pointer (&self->message, g_free);
  for (guint i = ATTUNE_RUN_PROP_STEP; i < ATTUNE_RUN_N_PROPS; i++)
    attune_run_notify (self, i);
}

static void
apply_started (AttuneRun         *self,
               const AttuneEvent *event)
{
  g_strfreev (self->classes);
  self->classes = g_strdupv (event->classes);
  self->steps = event->steps;
  self->threads = event->threads;
  self->history.steps_per_epoch = (double) event->steps_per_epoch;
  g_set_str (&self->device, event->device);
  g_set_str (&self->precision, event->precision);
  g_set_str (&self->paths, event->paths);
  self->fp32_gflops = isfinite (event->fp32_gflops) ? event->fp32_gflops : 0;
  self->bf16_gflops = isfinite (event->bf16_gflops) ? event->bf16_gflops : 0;
  attune_run_notify (self, ATTUNE_RUN_PROP_STEPS);
  attune_run_notify (self, ATTUNE_RUN_PROP_N_EPOCHS);
  attune_run_notify (self, ATTUNE_RUN_PROP_DEVICE);
  attune_run_notify (self, ATTUNE_RUN_PROP_PRECISION);
  attune_run_notify (self, ATTUNE_RUN_PROP_THREADS);
  attune_run_notify (self, ATTUNE_RUN_PROP_FP32_GFLOPS);
  attune_run_notify (self, ATTUNE_RUN_PROP_BF16_GFLOPS);
  attune_run_notify (self, ATTUNE_RUN_PROP_PATHS);
  go_back (self, event->step, event->best_step);
}

static void
apply_step (AttuneRun         *self,
            const AttuneEvent *event)
{
  append (self->history.step, (double) event->step);
  append (self->history.step_time, event->time);
  append (self->history.loss, event->loss);
  append (self->history.learning_rate, event->learning_rate);
  append (self->history.grad_norm, event->grad_norm);
  append (self->history.train_accuracy, event->train_accuracy);
  self->step = event->step;
  self->epoch = event->epoch;
  if (isfinite (event->samples_per_second))
    self->samples_per_second = event->samples_per_second;
  update_seconds_left (self, event);
  attune_run_notify (self, ATTUNE_RUN_PROP_STEP);
  attune_run_notify (self, ATTUNE_RUN_PROP_EPOCH);
  attune_run_notify (self, ATTUNE_RUN_PROP_FRACTION);
  attune_run_notify (self, ATTUNE_RUN_PROP_SAMPLES_PER_SECOND);
}

/* best_step is the trainer's word; the accuracy beside it is that evaluation's. */
static void
apply_evaluation (AttuneRun         *self,
                  const AttuneEvent *event)
{
  append (self->history.eval_step, (double) event->step);
  append (self->history.eval_time, event->time);
  append (self->history.eval_loss, event->eval_loss);
  append (self->history.eval_accuracy, event->eval_accuracy);
  append (self->history.eval_f1_macro, event->eval_f1_macro);
  append (self->history.eval_f1_micro, event->eval_f1_micro);
  append (self->history.eval_mcc, event->eval_mcc);
  if (event->best_step == event->step)
    {
      self->best_step = event->step;
      self->best_accuracy = event->eval_accuracy;
      attune_run_notify (self, ATTUNE_RUN_PROP_BEST_STEP);
      attune_run_notify (self, ATTUNE_RUN_PROP_BEST_ACCURACY);
    }
}

static void
apply_end (AttuneRun         *self,
           const AttuneEvent *event,
           AttuneRunState     state)
{
  if (event->step > 0)
    {
      self->step = event->step;
      self->epoch = event->epoch;
    }
  if (event->best_step > 0)
    self->best_step = event->best_step;
  if (isfinite (event->eval_accuracy))
    self->best_accuracy = event->eval_accuracy;
  if (isfinite (event->train_samples_per_second))
    self->samples_per_second = event->train_samples_per_second;
  self->seconds_left = state == ATTUNE_RUN_FINISHED ? 0 : -1;
  g_set_str (&self->message, event->message);
  g_clear_pointer (&self->phase, g_free);
  self->phase_progress = -1;
  attune_run_set_state (self, state);
  for (guint i = ATTUNE_RUN_PROP_PHASE; i < ATTUNE_RUN_N_PROPS; i++)
    attune_run_notify (self, i);
}

/**
 * attune_run_apply_event:
 * @event: borrowed
 *
 * Brings the run to the state after @event; emits ::event, then what has changed is notified.
 */
void
attune_run_apply_event (AttuneRun         *self,
                        const AttuneEvent *event)
{
  g_object_ref (self);
  g_object_freeze_notify (G_OBJECT (self));
  switch (event->type)
    {
    case ATTUNE_EVENT_RUN_STARTED:
      apply_started (self, event);
      attune_run_annotate_begun (self);
      break;
    case ATTUNE_EVENT_PHASE:
      if (g_set_str (&self->phase, event->name))
        attune_run_notify (self, ATTUNE_RUN_PROP_PHASE);
      self->phase_progress = attune_event_is_passing (event) ? event->progress : -1;
      attune_run_notify (self, ATTUNE_RUN_PROP_PHASE_PROGRESS);
      attune_run_set_state (self, ATTUNE_RUN_RUNNING);
      break;
    case ATTUNE_EVENT_STEP:
      apply_step (self, event);
      break;
    case ATTUNE_EVENT_EVALUATION:
      apply_evaluation (self, event);
      break;
    case ATTUNE_EVENT_BASELINES:
      self->history.majority_accuracy = event->majority_accuracy;
      self->history.naive_bayes_accuracy = event->naive_bayes_accuracy;
      self->history.logistic_regression_accuracy = event->logistic_regression_accuracy;
      break;
    case ATTUNE_EVENT_PAUSED:
      attune_run_set_state (self, ATTUNE_RUN_PAUSED);
      break;
    case ATTUNE_EVENT_CONTINUED:
      attune_run_set_state (self, ATTUNE_RUN_RUNNING);
      break;
    case ATTUNE_EVENT_RUN_FINISHED:
      apply_end (self, event, ATTUNE_RUN_FINISHED);
      break;
    case ATTUNE_EVENT_RUN_STOPPED:
      apply_end (self, event, ATTUNE_RUN_STOPPED);
      break;
    case ATTUNE_EVENT_RUN_FAILED:
      apply_end (self, event, ATTUNE_RUN_FAILED);
      break;
    case ATTUNE_EVENT_CHECKPOINT:
    case ATTUNE_EVENT_WARNING:
      break;
    default:
      g_assert_not_reached ();
    }
  attune_run_emit_event (self, event);
  g_object_thaw_notify (G_OBJECT (self));
  g_object_unref (self);
}
