/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The training steps of a run: each call of attune_session_train() gives the engine one
 * micro-batch. When memory runs out the step begins anew in halves, divided by the same denominator, so the
 * numbers stay the same. A step whose loss or gradient is not finite ends the run; the engine has
 * left the weights alone. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#include "attune-session-private.h"
#include "attune-train-config-private.h"

/* How far the engine may run ahead of its own numbers. */
#define MAX_PENDING 16
/* Steps that the speed of a step event is averaged over. */
#define SPEED_WINDOW 10
#define NAMED_ROWS 8

/* Positions of the rows of a step (from 1): borrowed from the order of its epoch. */
static const guint *
get_step_rows (AttuneSession *self,
               gint64         step,
               guint         *n_rows)
{
  const AttuneBatches *batches = &self->batches;
  guint epoch = (guint) ((step - 1) / batches->steps_per_epoch);
  guint start = (guint) ((step - 1) % batches->steps_per_epoch) * batches->batch_size
                * batches->accumulation;

  if (epoch != self->order_epoch)
    {
      g_free (self->order);
      self->order = attune_batches_order (batches, self->lengths, epoch);
      self->order_epoch = epoch;
    }
  *n_rows = MIN (batches->batch_size * batches->accumulation, batches->n_rows - start);
  return self->order + start;
}

/* Counts the time since the slice began as spent in steps. */
static void
touch_clock (AttuneSession *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->slice_at != 0)
    self->step_seconds += (double) (now - self->slice_at) / G_USEC_PER_SEC;
  self->slice_at = now;
}

/* Rows a second between two marks; NaN when no time has passed. */
static double
get_rate (const AttuneSpeedMark *a,
          const AttuneSpeedMark *b)
{
  if (b->seconds <= a->seconds)
    return NAN;
  return (double) (b->n_rows - a->n_rows) / (b->seconds - a->seconds);
}

static double
get_recent_speed (AttuneSession *self)
{
  guint last = self->marks->len - 1;
  const AttuneSpeedMark *b = &g_array_index (self->marks, AttuneSpeedMark, last);
  const AttuneSpeedMark *a = &g_array_index (self->marks, AttuneSpeedMark,
                                             last > SPEED_WINDOW ? last - SPEED_WINDOW : 0);

  return get_rate (a, b);
}

/* As the peer measures: the first tenth of the marks, two at least, is left out. */
double
attune_session_get_speed (AttuneSession *self)
{
  guint skip = MAX (2, self->marks->len / 10);
  const AttuneSpeedMark *a;
  const AttuneSpeedMark *b;

  if (self->marks->len < 2)
    return NAN;
  if (skip >= self->marks->len - 1)
    skip = 0;
  a = &g_array_index (self->marks, AttuneSpeedMark, skip);
  b = &g_array_index (self->marks, AttuneSpeedMark, self->marks->len - 1);
  return get_rate (a, b);
}

static void
say_step (AttuneSession                *self,
          const AttuneEngineStepResult *result,
          double                        learning_rate)
{
  AttuneEvent *event = attune_session_create_event (self, ATTUNE_EVENT_STEP);

  event->step = (gint64) result->step;
  event->epoch = (double) event->step / self->batches.steps_per_epoch;
  event->loss = self->loss_sum / self->n_summed;
  event->grad_norm = result->grad_norm;
  event->learning_rate = learning_rate;
  event->samples_per_second = get_recent_speed (self);
  /* How many of a step's texts had all their labels right the engine does not count. */
  if (self->n_seen > 0 && !self->train.multi_label)
    event->train_accuracy = (double) self->n_correct / (double) self->n_seen;
  self->loss_sum = 0;
  self->n_summed = 0;
  self->n_correct = self->n_seen = 0;
  attune_session_say (self, event);
}

/* Names the first rows of a step as a person counts them, from 1. */
static char *
name_rows (AttuneSession *self,
           gint64         step)
{
  guint n_rows = 0;
  const guint *positions = get_step_rows (self, step, &n_rows);
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < MIN (n_rows, NAMED_ROWS); i++)
    g_string_append_printf (names, "%s%u", i > 0 ? ", " : "",
                            g_array_index (self->train.rows, guint, positions[i]) + 1);
  if (n_rows > NAMED_ROWS)
    g_string_append (names, " …");
  return g_string_free_and_steal (names);
}

static gboolean
refuse_non_finite (AttuneSession                 *self,
                   const AttuneEngineStepResult  *result,
                   const AttunePendingStep       *pending,
                   GError                       **error)
{
  g_autofree char *rows = name_rows (self, pending->step);
  /* Three digits: it is a hint, and schedules leave rates such as 9.2000000000000001e-05. */
  char rate[G_ASCII_DTOSTR_BUF_SIZE];
  gboolean is_loss = !isfinite (result->loss);

  g_ascii_formatd (rate, sizeof rate, "%.3g", pending->learning_rate);
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_NON_FINITE,
               is_loss
                 ? _("The loss of step %" PRIi64 " is not a finite number (rows %s); no "
                     "weight was changed. Lower the learning rate (%s there)%s")
                 : _("The gradient of step %" PRIi64 " is not finite (rows %s); no "
                     "weight was changed. Lower the learning rate (%s there)%s"),
               pending->step, rows, rate,
               self->precision != ATTUNE_ENGINE_FP32 ? _(" or set precision to fp32") : "");
  return FALSE;
}

static gboolean
take_result (AttuneSession                 *self,
             const AttuneEngineStepResult  *result,
             GError                       **error)
{
  g_autofree AttunePendingStep *pending = g_queue_pop_head (&self->pending);
  AttuneSpeedMark mark;
  gint64 logging_steps = attune_train_config_get_int (self->request->config, "logging_steps");

  if (pending == NULL || pending->step != (gint64) result->step)
    {
      g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_INTERNAL,
                   _("The engine handed over step %" PRIu64 " out of turn"),
                   result->step);
      return FALSE;
    }
  self->loss_sum += result->loss;
  self->n_summed++;
  self->n_correct += result->n_correct;
  self->n_seen += result->n_sequences;
  if (!result->applied)
    {
      say_step (self, result, pending->learning_rate);
      return refuse_non_finite (self, result, pending, error);
    }
  self->collected = pending->step;
  self->step_rows += pending->n_rows;
  mark = (AttuneSpeedMark) { self->step_seconds, self->step_rows };
  g_array_append_val (self->marks, mark);
  if (pending->step % logging_steps == 0 || pending->step == 1
      || pending->step == self->schedule.steps)
    say_step (self, result, pending->learning_rate);
  return TRUE;
}

gboolean
attune_session_collect (AttuneSession  *self,
                        gboolean        wait,
                        GError        **error)
{
  AttuneEngineStepResult results[MAX_PENDING];
  AttuneEngineError failure = { 0 };
  size_t n_results;

  do
    {
      if (g_queue_is_empty (&self->pending))
        return TRUE;
      n_results = 0;
      if (self->classifier->api->collect (self->classifier->model, wait, results,
                                          G_N_ELEMENTS (results), &n_results, &failure)
          != ATTUNE_ENGINE_OK)
        return attune_engine_set_error (error, &failure, _("Training"));
      touch_clock (self);
      for (size_t i = 0; i < n_results; i++)
        if (!take_result (self, &results[i], error))
          return FALSE;
    }
  while (n_results == G_N_ELEMENTS (results));
  return TRUE;
}

/* Half the rows at a time from now on; FALSE when it was one row already. */
static gboolean
halve (AttuneSession  *self,
       GError        **error)
{
  g_autofree char *message = NULL;

  self->position = 0;
  self->part = 0;
  if (self->part_size == 1)
    {
      g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_OUT_OF_MEMORY,
                   _("There is not enough memory for a single text of step %" PRIi64 "; "
                     "lower the maximum length or choose a smaller model"), self->step + 1);
      return FALSE;
    }
  self->part_size = (self->part_size + 1) / 2;
  message = g_strdup_printf (_("Memory ran out, so batches are computed %u texts at a time from "
                               "now on; the result stays the same"), self->part_size);
  attune_session_warn (self, "out_of_memory", message);
  return TRUE;
}

/* The whole step is with the engine. */
static gboolean
finish_step (AttuneSession  *self,
             guint           n_rows,
             GError        **error)
{
  AttunePendingStep *pending = g_new0 (AttunePendingStep, 1);
  gboolean evaluate, save;

  pending->step = ++self->step;
  pending->learning_rate = self->settings.learning_rate;
  pending->n_rows = n_rows;
  g_queue_push_tail (&self->pending, pending);
  self->position = 0;
  self->part = 0;

  evaluate = attune_session_wants_evaluation (self);
  save = attune_session_wants_checkpoint (self);
  if (!attune_session_collect (self, evaluate || save || self->step == self->schedule.steps
                                       || self->pending.length >= MAX_PENDING, error))
    return FALSE;
  /* What is measured of a step belongs to its checkpoint. */
  if (evaluate)
    attune_session_begin_evaluation (self);
  return evaluate || !save || attune_session_save_checkpoint (self, error);
}

static gboolean
give_micro_batch (AttuneSession  *self,
                  GError        **error)
{
  guint n_rows = 0;
  const guint *positions = get_step_rows (self, self->step + 1, &n_rows);
  guint batch_size = self->batches.batch_size;
  guint start = self->position / batch_size * batch_size;
  guint end = MIN (start + batch_size, n_rows);
  guint n = MIN (self->part_size, end - self->position);
  AttuneEngineError failure = { 0 };
  AttuneEngineStatus status;

  attune_side_pack (&self->train, &self->packed, positions + self->position, n);
  self->settings.step = (uint64_t) self->step + 1;
  self->settings.micro_batch = self->part;
  self->settings.last_micro_batch = self->position + n == n_rows;
  self->settings.learning_rate = attune_schedule_get_rate (&self->schedule, self->step + 1)
                                 * self->plateau.scale;
  self->settings.denominator =
    attune_side_get_denominator (&self->train, self->class_weights, positions + start, end - start,
                                 (n_rows - 1) / batch_size + 1);
  status = self->classifier->api->train_step (self->classifier->model, &self->packed.batch,
                                              &self->settings, &failure);
  if (status == ATTUNE_ENGINE_OUT_OF_MEMORY)
    return attune_session_collect (self, TRUE, error) && halve (self, error);
  if (status != ATTUNE_ENGINE_OK)
    {
      g_autofree char *what = g_strdup_printf (_("Step %" PRIi64), self->step + 1);

      return attune_engine_set_error (error, &failure, what);
    }
  self->position += n;
  self->part++;
  return self->position < n_rows || finish_step (self, n_rows, error);
}

gboolean
attune_session_train (AttuneSession  *self,
                      GError        **error)
{
  gboolean ok;

  if (self->step == self->schedule.steps)
    {
      attune_session_end (self);
      return TRUE;
    }
  self->slice_at = g_get_monotonic_time ();
  ok = give_micro_batch (self, error);
  touch_clock (self);
  self->slice_at = 0;
  return ok;
}
