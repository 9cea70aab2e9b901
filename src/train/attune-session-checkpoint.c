/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a run saves a checkpoint, what the run adds to it, and how it goes on from one. A save that
 * the disk refuses is said and tried again when the next is due; training goes on. Trainer thread
 * only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#include "attune-run-predictions.h"
#include "attune-session-private.h"

guint
attune_session_count_kept (AttuneSession *self)
{
  AttuneTrainConfig *config = self->request->config;

  if (g_str_equal (attune_train_config_get_string (config, "save_strategy"), "no")
      && attune_train_config_get_int (config, "save_steps") == 0)
    return 0;
  return (guint) attune_train_config_get_int (config, "save_total_limit");
}

gboolean
attune_session_wants_checkpoint (AttuneSession *self)
{
  AttuneTrainConfig *config = self->request->config;
  gint64 save_steps = attune_train_config_get_int (config, "save_steps");
  gboolean each_epoch = g_str_equal (attune_train_config_get_string (config, "save_strategy"),
                                     "epoch");

  return (each_epoch && self->step % self->batches.steps_per_epoch == 0)
         || (save_steps > 0 && self->step % save_steps == 0);
}

static AttuneCheckpointState
describe_state (AttuneSession *self)
{
  AttuneCheckpointState state = {
    .step = self->collected,
    .part_size = self->part_size,
    .eval_rows = self->eval_rows,
    .loss_sum = self->loss_sum,
    .n_summed = self->n_summed,
    .n_correct = self->n_correct,
    .n_seen = self->n_seen,
    .baselines_said = self->baselines_said,
    .evaluated_step = self->evaluated_step,
    .n_without_gain = self->n_without_gain,
    .plateau_scale = self->plateau.scale,
    .plateau_best = self->plateau.best,
    .plateau_bad = self->plateau.n_bad,
    .best_step = self->best != NULL ? self->best_step : 0,
    .best_loss = NAN,
    .best_accuracy = NAN,
    .best_f1_macro = NAN,
    .best_f1_micro = NAN,
    .best_mcc = NAN,
  };

  if (self->best != NULL)
    {
      state.best_loss = self->best->loss;
      state.best_accuracy = self->best->accuracy;
      state.best_f1_macro = self->best->f1_macro;
      state.best_f1_micro = self->best->f1_micro;
      state.best_mcc = self->best->mcc;
    }
  return state;
}

/* Once, until a save succeeds again. */
static void
warn_about_disk (AttuneSession *self,
                 const GError  *error)
{
  g_autofree char *message =
    g_strdup_printf (_("The checkpoint of step %" PRIi64 " could not be saved, the one before it is "
                       "kept. %s"), self->saved_step, error->message);

  if (!self->disk_full)
    attune_session_warn (self, "checkpoint-failed", message);
  self->disk_full = TRUE;
}

gboolean
attune_session_tell_saved (AttuneSession  *self,
                           gboolean        wait,
                           GError        **error)
{
  g_auto (AttuneCheckpointResult) result = { 0 };
  AttuneEvent *event;

  if (self->saver == NULL || !attune_checkpoint_saver_collect (self->saver, wait, &result))
    return TRUE;
  if (g_error_matches (result.error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_NON_FINITE)
      || (result.error != NULL && result.error->domain == ATTUNE_ENGINE_ERROR))
    {
      g_propagate_error (error, g_steal_pointer (&result.error));
      return FALSE;
    }
  if (result.error != NULL)
    {
      warn_about_disk (self, result.error);
      self->saved_step = 0;
      return TRUE;
    }
  self->disk_full = FALSE;
  event = attune_session_create_event (self, ATTUNE_EVENT_CHECKPOINT);
  event->step = result.step;
  event->epoch = (double) event->step / self->batches.steps_per_epoch;
  event->path = g_steal_pointer (&result.path);
  event->bytes = (gint64) result.n_bytes;
  attune_session_say (self, event);
  return TRUE;
}

gboolean
attune_session_save_checkpoint (AttuneSession  *self,
                                GError        **error)
{
  AttuneCheckpointState state;
  g_autoptr (GError) local_error = NULL;

  /* One at a time: memory for two copies may not be there, and the disk is no faster for it. */
  if (!attune_session_tell_saved (self, TRUE, error))
    return FALSE;
  state = describe_state (self);
  state.time = attune_session_get_time (self);
  self->saved_step = self->collected;
  if (!attune_run_folder_sync (self->folder, &state.events_length, &local_error))
    {
      warn_about_disk (self, local_error);
      self->saved_step = 0;
      return TRUE;
    }
  return attune_checkpoint_saver_begin (self->saver, self->classifier, &state, error);
}

gboolean
attune_session_save_last (AttuneSession  *self,
                          GError        **error)
{
  if (self->saver == NULL)
    return TRUE;
  /* A save that is under way may yet fail. */
  if (!attune_session_tell_saved (self, TRUE, error))
    return FALSE;
  if (attune_session_count_kept (self) == 0 || self->collected == 0 || self->saved_step == self->collected)
    return TRUE;
  attune_session_say_phase (self, "saving");
  return attune_session_save_checkpoint (self, error)
         && attune_session_tell_saved (self, TRUE, error);
}

gboolean
attune_session_check_space (AttuneSession  *self,
                            GError        **error)
{
  const char *folder = attune_run_folder_get_path (self->folder);
  guint64 n_weights = attune_model_folder_get_n_weights (self->model);
  guint64 n_moments = attune_classifier_count_moments (self->classifier);
  guint n_kept = attune_session_count_kept (self);
  guint64 least = n_weights * sizeof (float);
  g_autoptr (GError) local_error = NULL;

  if (n_kept > 0)
    least += attune_checkpoint_estimate_bytes (n_weights, n_moments);
  if (!attune_checkpoint_check_space (folder, least, &local_error))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("There is no room for the run. %s, or keep no checkpoints "
                     "(save_strategy “no”)"), local_error->message);
      return FALSE;
    }
  if (!attune_checkpoint_check_space (
        folder, attune_checkpoint_estimate_run (n_weights, n_moments, n_kept), &local_error))
    {
      g_autofree char *message =
        g_strdup_printf (_("The disk may fill up during the run. %s, or keep fewer checkpoints "
                           "(save_total_limit)"), local_error->message);

      attune_session_warn (self, "little-space", message);
    }
  return TRUE;
}

void
attune_session_find_checkpoint (AttuneSession *self)
{
  g_autoptr (GPtrArray) skipped = g_ptr_array_new_with_free_func (g_free);

  if (self->request->resumed == NULL)
    return;
  self->checkpoint =
    attune_checkpoint_find_newest (attune_run_folder_get_path (self->folder), skipped);
  if (self->checkpoint != NULL)
    self->begun_at -= (gint64) (self->checkpoint->state.time * G_USEC_PER_SEC);
  for (guint i = 0; i < skipped->len; i++)
    attune_session_warn (self, "checkpoint-damaged", skipped->pdata[i]);
}

static AttuneMetrics *
restore_best (AttuneSession               *self,
              const AttuneCheckpointState *state)
{
  AttuneMetrics *best = g_new0 (AttuneMetrics, 1);

  best->multi_label = self->train.multi_label;
  best->loss = state->best_loss;
  best->accuracy = state->best_accuracy;
  best->f1_macro = state->best_f1_macro;
  best->f1_micro = state->best_f1_micro;
  best->mcc = state->best_mcc;
  return best;
}

gboolean
attune_session_restore (AttuneSession  *self,
                        GError        **error)
{
  const AttuneCheckpointState *state;

  if (self->checkpoint == NULL)
    return TRUE;
  state = &self->checkpoint->state;
  if (!attune_checkpoint_restore (self->checkpoint, self->classifier, error))
    return FALSE;
  self->kept_best_step =
    attune_run_predictions_get_step (attune_run_folder_get_path (self->folder));
  self->step = self->collected = self->saved_step = state->step;
  if (self->step > self->schedule.steps)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                   _("The run has done %" PRIi64 " steps already, more than the %" PRIi64 " that "
                     "these settings ask for"), self->step, self->schedule.steps);
      return FALSE;
    }
  self->part_size = MIN (state->part_size, self->batches.batch_size);
  self->eval_rows = state->eval_rows;
  self->loss_sum = state->loss_sum;
  self->n_summed = state->n_summed;
  self->n_correct = state->n_correct;
  self->n_seen = state->n_seen;
  self->plateau = (AttunePlateau) { state->plateau_scale, state->plateau_best, state->plateau_bad };
  self->baselines_said = state->baselines_said;
  self->evaluated_step = state->evaluated_step;
  /* A run that ended early and is given other settings has its patience back. */
  self->n_without_gain = self->request->changed ? 0 : state->n_without_gain;
  if (state->best_step > 0)
    {
      self->best = restore_best (self, state);
      self->best_step = state->best_step;
    }
  return TRUE;
}
