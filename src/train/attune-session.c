/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run as a whole: its stages, its clock, what it says and how it ends. Every end goes through
 * conclude(), which writes the last event, unlocks the folder and only then tells the main loop.
 * Trainer thread only, where nothing else is said.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-session-private.h"

#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

AttuneSession *
attune_session_new (guint               run_id,
                    AttuneTrainRequest *request,
                    AttuneRunFolder    *folder,
                    AttuneEngineHost   *host,
                    AttuneEventQueue   *queue,
                    GCancellable       *cancellable)
{
  AttuneSession *self = g_new0 (AttuneSession, 1);
  AttuneSpeedMark start = { 0, 0 };

  self->run_id = run_id;
  self->request = request;
  self->folder = folder;
  self->host = host;
  self->queue = queue;
  self->cancellable = g_object_ref (cancellable);
  self->begun_at = g_get_monotonic_time ();
  self->marks = g_array_new (FALSE, FALSE, sizeof (AttuneSpeedMark));
  g_array_append_val (self->marks, start);
  self->evaluated_step = -1;
  self->order_epoch = G_MAXUINT;
  g_queue_init (&self->pending);
  attune_packed_batch_init (&self->packed);
  return self;
}

/* Releases the memory of the run; what is on disk stays. */
void
attune_session_free (AttuneSession *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->baselines, attune_baseline_task_free);
  g_clear_pointer (&self->saver, attune_checkpoint_saver_free);
  g_clear_pointer (&self->checkpoint, attune_checkpoint_free);
  g_clear_pointer (&self->classifier, attune_classifier_unref);
  g_clear_pointer (&self->folder, attune_run_folder_free);
  g_clear_pointer (&self->request, attune_train_request_free);
  g_clear_pointer (&self->model, attune_model_folder_unref);
  g_clear_pointer (&self->model_config, attune_model_config_free);
  g_clear_pointer (&self->head, attune_safetensors_unref);
  g_clear_pointer (&self->best, attune_metrics_free);
  g_clear_pointer (&self->marks, g_array_unref);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->disk_error);
  g_queue_clear_full (&self->pending, g_free);
  attune_packed_batch_clear (&self->packed);
  attune_side_clear (&self->train);
  attune_side_clear (&self->validation);
  g_free (self->lengths);
  g_free (self->class_weights);
  g_free (self->order);
  g_free (self->eval_order);
  g_free (self->eval_logits);
  g_free (self->stop_reason);
  g_free (self);
}

double
attune_session_get_time (AttuneSession *self)
{
  gint64 now = self->paused_at != 0 ? self->paused_at : g_get_monotonic_time ();

  return (double) (now - self->begun_at - self->paused_for) / G_USEC_PER_SEC;
}

AttuneEvent *
attune_session_create_event (AttuneSession   *self,
                             AttuneEventType  type)
{
  AttuneEvent *event = attune_event_new (type);

  event->time = attune_session_get_time (self);
  event->step = self->collected;
  if (self->batches.steps_per_epoch > 0)
    event->epoch = (double) event->step / self->batches.steps_per_epoch;
  return event;
}

void
attune_session_say (AttuneSession *self,
                    AttuneEvent   *event)
{
  if (self->listener != NULL)
    self->listener (event, self->listener_data);
  if (self->queue == NULL)
    return attune_event_free (event);
  if (self->folder != NULL && self->disk_error == NULL)
    attune_run_folder_append (self->folder, event, &self->disk_error);
  attune_event_queue_push (self->queue, self->run_id, event);
}

void
attune_session_say_phase (AttuneSession *self,
                          const char    *name)
{
  AttuneEvent *event = attune_session_create_event (self, ATTUNE_EVENT_PHASE);

  event->name = g_strdup (name);
  attune_session_say (self, event);
}

void
attune_session_say_progress (AttuneSession *self,
                             const char    *phase,
                             double         fraction)
{
  gint64 now = g_get_monotonic_time ();
  AttuneEvent *event;

  if (self->queue == NULL || now - self->progress_at < PROGRESS_INTERVAL || fraction >= 1)
    return;
  self->progress_at = now;
  event = attune_session_create_event (self, ATTUNE_EVENT_PHASE);
  event->name = g_strdup (phase);
  event->progress = fraction;
  attune_event_queue_push (self->queue, self->run_id, event);
}

void
attune_session_warn (AttuneSession *self,
                     const char    *code,
                     const char    *message)
{
  AttuneEvent *event = attune_session_create_event (self, ATTUNE_EVENT_WARNING);

  event->code = g_strdup (code);
  event->message = g_strdup (message);
  attune_session_say (self, event);
}

/* The word that programs read in run_failed; people read the message. */
static const char *
get_code (const GError *error)
{
  if (error->domain == ATTUNE_ENGINE_ERROR)
    {
      if (error->code == ATTUNE_ENGINE_OUT_OF_MEMORY)
        return "out_of_memory";
      if (error->code == ATTUNE_ENGINE_DEVICE_LOST)
        return "device_lost";
      return error->code == ATTUNE_ENGINE_ERROR_NO_PLUGIN ? "no_engine" : "engine";
    }
  if (error->domain == ATTUNE_MODEL_ERROR)
    return "model";
  if (error->domain == ATTUNE_DATASET_ERROR
      || g_error_matches (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA))
    return "data";
  if (g_error_matches (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_NON_FINITE))
    return "non_finite";
  if (g_error_matches (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING))
    return "setting";
  return "disk";
}

/* The last word of the run: takes event. The folder is unlocked before anyone hears of it. */
static void
conclude (AttuneSession *self,
          AttuneEvent   *event)
{
  AttuneEngineMemory memory = { 0 };

  /* Nothing is written any more once the folder is unlocked. */
  attune_session_tell_saved (self, TRUE, NULL);
  event->train_runtime = event->time;
  event->train_samples_per_second = attune_session_get_speed (self);
  event->best_step = self->best != NULL ? self->best_step : 0;
  if (self->best != NULL)
    {
      event->eval_loss = self->best->loss;
      event->eval_accuracy = self->best->accuracy;
      event->eval_f1_macro = self->best->f1_macro;
      event->eval_f1_micro = self->best->f1_micro;
      event->eval_mcc = self->best->mcc;
    }
  if (self->device != NULL && g_strcmp0 (event->code, "device_lost") != 0
      && self->host->api->get_memory (self->host->engine, self->device, &memory, NULL)
           == ATTUNE_ENGINE_OK)
    event->peak_memory_bytes = (double) memory.peak_bytes;
  attune_run_folder_append (self->folder, event, NULL);
  g_clear_pointer (&self->baselines, attune_baseline_task_free);
  g_clear_pointer (&self->folder, attune_run_folder_free);
  self->stage = ATTUNE_STAGE_OVER;
  attune_event_queue_push (self->queue, self->run_id, event);
}

void
attune_session_fail (AttuneSession *self,
                     GError        *error)
{
  AttuneEvent *event = attune_session_create_event (self, ATTUNE_EVENT_RUN_FAILED);

  event->code = g_strdup (get_code (error));
  event->message = g_strdup (error->message);
  g_error_free (error);
  conclude (self, event);
}

gboolean
attune_session_save_best (AttuneSession  *self,
                          GError        **error)
{
  g_autofree char *path =
    attune_run_folder_build_best_path (attune_run_folder_get_path (self->folder));
  g_autoptr (GError) local_error = NULL;

  attune_session_say_phase (self, "saving");
  if (attune_classifier_save (self->classifier, path, &local_error))
    return TRUE;
  if (local_error->domain == ATTUNE_ENGINE_ERROR)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 self->saved_step > 0
                   ? _("The weights cannot be kept in %s, for the disk is full; make room there and "
                       "go on with the run from its last checkpoint")
                   : _("The weights cannot be kept in %s, for the disk is full; make room there and "
                       "start the run again"), path);
  else
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                 _("The weights cannot be kept: %s"), local_error->message);
  return FALSE;
}

static void
say_baselines (AttuneSession *self)
{
  AttuneBaselines baselines;

  if (attune_baseline_task_collect (self->baselines, &baselines))
    {
      AttuneEvent *event = attune_session_create_event (self, ATTUNE_EVENT_BASELINES);

      event->majority_accuracy = baselines.majority_accuracy;
      event->naive_bayes_accuracy = baselines.naive_bayes_accuracy;
      event->logistic_regression_accuracy = baselines.logistic_regression_accuracy;
      attune_session_say (self, event);
      self->baselines_said = TRUE;
    }
  g_clear_pointer (&self->baselines, attune_baseline_task_free);
}

void
attune_session_end (AttuneSession *self)
{
  gboolean stopped = self->stop_reason != NULL;
  AttuneEvent *event;
  GError *error = NULL;

  if (self->baselines != NULL && !stopped)
    say_baselines (self);
  /* Nothing was ever measured: what there is now is the best there is. */
  if (self->classifier != NULL && !attune_session_collect (self, TRUE, &error))
    return attune_session_fail (self, error);
  if (self->collected > 0 && self->best == NULL && self->kept_best_step <= self->collected
      && !attune_session_save_best (self, &error))
    return attune_session_fail (self, error);
  if (!attune_session_save_last (self, &error))
    return attune_session_fail (self, error);
  if (self->disk_error != NULL)
    return attune_session_fail (self, g_steal_pointer (&self->disk_error));
  event = attune_session_create_event (self, stopped ? ATTUNE_EVENT_RUN_STOPPED
                                                     : ATTUNE_EVENT_RUN_FINISHED);
  if (stopped)
    {
      event->code = g_strdup ("stopped");
      event->message = g_strdup (self->stop_reason);
    }
  conclude (self, event);
}

/* To the next step, or to what was still to be done after the step of a checkpoint. */
static void
go_on (AttuneSession *self)
{
  gint64 patience = attune_train_config_get_int (self->request->config, "early_stopping_patience");

  if (self->step > 0 && self->evaluated_step != self->step
      && attune_session_wants_evaluation (self))
    attune_session_begin_evaluation (self);
  else if (patience > 0 && self->n_without_gain >= patience)
    attune_session_end (self);
  else
    {
      attune_session_say_phase (self, "training");
      self->stage = ATTUNE_STAGE_TRAIN;
    }
}

static gboolean
advance_stage (AttuneSession  *self,
               GError        **error)
{
  switch (self->stage)
    {
    case ATTUNE_STAGE_LOAD:
      attune_session_find_checkpoint (self);
      attune_session_say_phase (self, "loading_model");
      if (!attune_session_load (self, error))
        return FALSE;
      attune_session_say_phase (self, "tokenizing");
      self->stage = ATTUNE_STAGE_TOKENIZE;
      return TRUE;
    case ATTUNE_STAGE_TOKENIZE:
      attune_session_split (self);
      self->stage = ATTUNE_STAGE_BEGIN;
      return attune_session_encode (self, error) && attune_session_create_classifier (self, error);
    case ATTUNE_STAGE_BEGIN:
      if (!attune_session_begin (self, error))
        return FALSE;
      go_on (self);
      return TRUE;
    case ATTUNE_STAGE_TRAIN:
      return attune_session_train (self, error);
    case ATTUNE_STAGE_EVALUATE:
      return attune_session_evaluate (self, error);
    case ATTUNE_STAGE_OVER:
    default:
      return TRUE;
    }
}

/* A long phase was ended early; takes error. Whoever does that says why, perhaps a moment later. */
static void
interrupt (AttuneSession *self,
           GError        *error)
{
  g_error_free (error);
  if (self->stop_reason != NULL)
    attune_session_end (self);
  else
    self->is_interrupted = TRUE;
}

gboolean
attune_session_advance (AttuneSession *self)
{
  GError *error = NULL;

  if (self->stage == ATTUNE_STAGE_OVER)
    return FALSE;
  if (self->stop_reason != NULL && self->position == 0)
    attune_session_end (self);
  else
    {
      if (self->baselines != NULL && attune_baseline_task_is_done (self->baselines))
        say_baselines (self);
      if (!attune_session_tell_saved (self, FALSE, &error) || !advance_stage (self, &error)
          || self->disk_error != NULL)
        {
          if (error == NULL)
            error = g_steal_pointer (&self->disk_error);
          if (g_cancellable_is_cancelled (self->cancellable)
              && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            interrupt (self, error);
          else
            attune_session_fail (self, error);
        }
    }
  return self->stage != ATTUNE_STAGE_OVER;
}

void
attune_session_pause (AttuneSession *self)
{
  if (self->paused_at != 0 || self->stage == ATTUNE_STAGE_OVER)
    return;
  attune_session_say (self, attune_session_create_event (self, ATTUNE_EVENT_PAUSED));
  self->paused_at = g_get_monotonic_time ();
}

void
attune_session_continue (AttuneSession *self)
{
  if (self->paused_at == 0)
    return;
  self->paused_for += g_get_monotonic_time () - self->paused_at;
  self->paused_at = 0;
  attune_session_say (self, attune_session_create_event (self, ATTUNE_EVENT_CONTINUED));
}

gboolean
attune_session_is_waiting (AttuneSession *self)
{
  return self->paused_at != 0 || self->is_interrupted;
}

void
attune_session_stop (AttuneSession *self,
                     const char    *reason)
{
  if (self->paused_at != 0)
    {
      /* A step interrupted by the pause is dropped; its weights are not touched yet. */
      self->paused_for += g_get_monotonic_time () - self->paused_at;
      self->paused_at = 0;
      self->position = 0;
      self->part = 0;
    }
  self->is_interrupted = FALSE;
  if (self->stop_reason == NULL)
    self->stop_reason = g_strdup (reason != NULL ? reason : _("Stopped by the person"));
}

guint
attune_session_get_run_id (AttuneSession *self)
{
  return self->run_id;
}

AttuneClassifier *
attune_session_get_classifier (AttuneSession *self)
{
  return self->classifier;
}
