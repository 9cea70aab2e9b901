/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The range test is a session without a folder whose schedule climbs: what it would train on, how
 * batches are packed, halved and added up is the session's own code. It ends at the last rate, or
 * when the loss explodes; a step that is not finite is an end like another here, not a failure.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-rate-curve.h"
#include "attune-rate-finder.h"
#include "attune-session-private.h"

/* One epoch at most, unless it has so few batches that there would be nothing to see: at each rate
 * the weights must have the time to go somewhere. */
#define FEWEST_STEPS 100

struct _AttuneRateFinder
{
  AttuneSession *session;
  AttuneRateRange range;
  AttuneRateCurve *curve;
  GTask *task;
};

static void
hear (const AttuneEvent *event,
      gpointer           data)
{
  AttuneRateFinder *self = data;

  if (event->type == ATTUNE_EVENT_STEP)
    attune_rate_curve_add (self->curve, event->learning_rate, event->loss);
}

AttuneRateFinder *
attune_rate_finder_new (guint                   id,
                        AttuneTrainRequest     *request,
                        const AttuneRateRange  *range,
                        AttuneEngineHost       *host,
                        AttuneEventQueue       *queue,
                        GTask                  *task)
{
  AttuneRateFinder *self = g_new0 (AttuneRateFinder, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GCancellable) own = cancellable != NULL ? g_object_ref (cancellable)
                                                     : g_cancellable_new ();

  /* No step is left out of the curve, and there is nowhere to save anything. */
  attune_train_config_set (request->config, "logging_steps", "1", NULL);
  attune_train_config_set (request->config, "save_strategy", "no", NULL);
  attune_train_config_set (request->config, "save_steps", "0", NULL);
  self->range = *range;
  self->curve = attune_rate_curve_new ();
  self->task = task;
  self->session = attune_session_new (id, request, NULL, host, queue, own);
  self->session->listener = hear;
  self->session->listener_data = self;
  return self;
}

void
attune_rate_finder_free (AttuneRateFinder *self)
{
  if (self == NULL)
    return;
  attune_session_free (self->session);
  g_clear_pointer (&self->curve, attune_rate_curve_free);
  g_clear_object (&self->task);
  g_free (self);
}

void
attune_rate_finder_abort (AttuneRateFinder *self,
                          GError           *error)
{
  g_task_return_error (self->task, error);
  attune_rate_finder_free (self);
}

/* Which steps there will be is known once the rows are. */
static void
climb (AttuneRateFinder *self)
{
  AttuneSession *session = self->session;
  gint64 steps = MIN ((gint64) self->range.steps,
                      MAX ((gint64) session->batches.steps_per_epoch, FEWEST_STEPS));
  AttuneEvent *event;

  attune_schedule_init_climb (&session->schedule, self->range.first, self->range.last, steps);
  event = attune_session_create_event (session, ATTUNE_EVENT_RUN_STARTED);
  event->steps = steps;
  event->steps_per_epoch = session->batches.steps_per_epoch;
  event->train_samples = session->train.rows->len;
  event->device = attune_engine_device_get_id (session->device);
  event->precision = g_strdup (attune_engine_precision_get_name (session->precision));
  event->threads = self->session->host->threads;
  attune_session_say (session, event);
}

/* A piece of what is to be done; *done when that was the last. */
static gboolean
advance_stage (AttuneRateFinder  *self,
               gboolean          *done,
               GError           **error)
{
  AttuneSession *session = self->session;

  switch (session->stage)
    {
    case ATTUNE_STAGE_LOAD:
      attune_session_say_phase (session, "loading_model");
      session->stage = ATTUNE_STAGE_TOKENIZE;
      return attune_session_load (session, error);
    case ATTUNE_STAGE_TOKENIZE:
      attune_session_say_phase (session, "tokenizing");
      attune_session_split (session);
      /* The rows held out stay out, but nothing is measured on them. */
      attune_side_clear (&session->validation);
      session->stage = ATTUNE_STAGE_BEGIN;
      return attune_session_encode (session, error)
             && attune_session_create_classifier (session, error);
    case ATTUNE_STAGE_BEGIN:
      climb (self);
      attune_session_say_phase (session, "training");
      session->stage = ATTUNE_STAGE_TRAIN;
      return TRUE;
    default:
      *done = self->curve->over || session->step == session->schedule.steps;
      return *done || attune_session_train (session, error);
    }
}

gboolean
attune_rate_finder_advance (AttuneRateFinder *self)
{
  GError *error = NULL;
  gboolean done = FALSE;

  if (g_task_return_error_if_cancelled (self->task))
    return FALSE;
  if (!advance_stage (self, &done, &error))
    {
      if (!g_error_matches (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_NON_FINITE))
        {
          g_task_return_error (self->task, error);
          return FALSE;
        }
      g_clear_error (&error);
      done = TRUE;
    }
  if (done)
    g_task_return_pointer (self->task, g_steal_pointer (&self->curve),
                           (GDestroyNotify) attune_rate_curve_free);
  return !done;
}
