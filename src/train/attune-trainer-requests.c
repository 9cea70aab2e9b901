/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the trainer thread for predictions, for the cost of a run and for the devices. Main thread
 * only.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-model-store.h"
#include "attune-trainer-private.h"

void
attune_predictions_free (AttunePredictions *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->classes);
  g_free (self->logits);
  g_free (self->n_tokens);
  g_free (self->word_start);
  g_free (self->word_end);
  g_free (self->word_weight);
  g_free (self);
}

/* After shutdown nobody is there to answer. */
static gboolean
check_alive (AttuneTrainer  *self,
             GError        **error)
{
  if (self->worker != NULL)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The program was closed"));
  return FALSE;
}

static gboolean
resolve_source (AttuneTrainer              *self,
                const AttunePredictSource  *source,
                AttunePredictTarget        *target,
                GError                    **error)
{
  if (source->run != NULL)
    {
      if (source->run == self->run)
        target->run_id = self->run_id;
      target->run_folder = g_strdup (attune_run_get_folder (source->run));
      if (target->run_folder != NULL)
        return TRUE;
      g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                           _("The run has not been started yet"));
      return FALSE;
    }
  if (source->run_folder != NULL)
    {
      target->run_folder = g_canonicalize_filename (source->run_folder, NULL);
      return TRUE;
    }
  target->model_path = attune_model_store_resolve (source->model, error);
  target->head = g_strdup (source->head);
  return target->model_path != NULL;
}

/**
 * attune_trainer_predict_async:
 *
 * See AttunePredictSource and AttunePredictText. While a run trains, its predictions are made
 * between its steps.
 */
void
attune_trainer_predict_async (AttuneTrainer             *self,
                              const AttunePredictSource *source,
                              const AttunePredictText   *texts,
                              guint64                    n_texts,
                              guint                      max_length,
                              gint                       attribute_label,
                              GCancellable              *cancellable,
                              GAsyncReadyCallback        callback,
                              gpointer                   user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  AttunePredictTarget target = { 0 };
  GError *error = NULL;

  g_task_set_source_tag (task, attune_trainer_predict_async);
  if (!check_alive (self, &error) || !resolve_source (self, source, &target, &error))
    {
      g_free (target.head);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  attune_worker_predict (self->worker, attune_predict_job_new (task, &target, texts, n_texts,
                                                               max_length, attribute_label));
}

/* (transfer full) */
AttunePredictions *
attune_trainer_predict_finish (AttuneTrainer  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * attune_trainer_estimate_async:
 *
 * Measures what @job would cost, in about a second and without touching its folder. Fails with
 * ATTUNE_TRAIN_ERROR_STATE while a run is under way.
 */
void
attune_trainer_estimate_async (AttuneTrainer        *self,
                               const AttuneTrainJob *job,
                               GCancellable         *cancellable,
                               GAsyncReadyCallback   callback,
                               gpointer              user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  AttuneTrainRequest *request = NULL;

  g_task_set_source_tag (task, attune_trainer_estimate_async);
  if (check_alive (self, &error))
    request = attune_train_request_new (job, &error);
  if (request == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  attune_worker_estimate (self->worker, task, request);
}

gboolean
attune_trainer_estimate_finish (AttuneTrainer   *self,
                                GAsyncResult    *result,
                                AttuneEstimate  *estimate,
                                GError         **error)
{
  g_autofree AttuneEstimate *measured = g_task_propagate_pointer (G_TASK (result), error);

  if (measured == NULL)
    return FALSE;
  *estimate = *measured;
  return TRUE;
}

void
attune_device_info_free (AttuneDeviceInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->name);
  g_free (self->engine);
  g_free (self->capability);
  g_free (self->precision);
  g_free (self->paths);
  g_free (self->notice);
  g_free (self);
}

/* Loads the engine if that has not happened, which takes about half a second. */
void
attune_trainer_devices_async (AttuneTrainer       *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  GError *error = NULL;

  g_task_set_source_tag (task, attune_trainer_devices_async);
  if (check_alive (self, &error))
    {
      attune_worker_devices (self->worker, task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* (transfer full) (element-type AttuneDeviceInfo) */
GPtrArray *
attune_trainer_devices_finish (AttuneTrainer  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
