/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the trainer thread to look for a learning rate. Main thread only.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-trainer-private.h"

#define MOST_STEPS 1000u

/**
 * attune_rate_range_init:
 *
 * From what changes nothing to what no pre-trained model bears. In fewer than some forty steps for
 * each power of ten a classifier that begins with nothing does not get far enough to tell.
 */
void
attune_rate_range_init (AttuneRateRange   *self,
                        AttuneTrainConfig *config)
{
  gboolean sgd = g_str_equal (attune_train_config_get_string (config, "optim"), "sgd");

  *self = (AttuneRateRange) { sgd ? 1e-4 : 1e-6, sgd ? 1 : 0.1, 200 };
}

static gboolean
check_range (const AttuneRateRange  *range,
             GError                **error)
{
  const AttuneField *field = attune_train_config_find_field ("learning_rate");

  if (range->first >= field->minimum && range->last <= field->maximum
      && range->first < range->last && range->steps >= 10 && range->steps <= MOST_STEPS)
    return TRUE;
  g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
               _("Learning rates are tried from a smaller to a larger one between %g and %g, in 10 "
                 "to %u steps"), field->minimum, field->maximum, MOST_STEPS);
  return FALSE;
}

/* The thread trains one thing at a time. */
static gboolean
check_idle (AttuneTrainer  *self,
            GError        **error)
{
  if (self->worker == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The program was closed"));
  else if (self->run != NULL)
    g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                 _("“%s” is training; look for a learning rate when it has ended"),
                 attune_run_get_title (self->run));
  else if (self->heard != NULL)
    g_set_error_literal (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                         _("A learning rate is being looked for already; wait for that to end"));
  else
    return TRUE;
  return FALSE;
}

/**
 * attune_trainer_find_rate_async:
 * @job: what would be trained; its folder is not touched, and may be %NULL
 * @heard: gets @user_data; has heard all when attune_trainer_find_rate_finish() returns, which
 *   must be called
 *
 * Trains the first steps of @job at climbing rates and throws the weights away. Ends early when the
 * loss explodes. Fails with ATTUNE_TRAIN_ERROR_STATE while a run is under way, and when one starts.
 */
void
attune_trainer_find_rate_async (AttuneTrainer         *self,
                                const AttuneTrainJob  *job,
                                const AttuneRateRange *range,
                                AttuneRateHeard        heard,
                                GCancellable          *cancellable,
                                GAsyncReadyCallback    callback,
                                gpointer               user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  AttuneTrainRequest *request = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, attune_trainer_find_rate_async);
  if (check_range (range, &error) && check_idle (self, &error))
    request = attune_train_request_new (job, &error);
  if (request == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_task_set_task_data (task, GUINT_TO_POINTER (++self->run_id), NULL);
  self->heard = heard;
  self->heard_data = user_data;
  attune_worker_find_rate (self->worker, self->run_id, task, request, range);
}

AttuneRateCurve *
attune_trainer_find_rate_finish (AttuneTrainer  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  /* One that was refused has nothing to end. The last events may still be on their way. */
  if (g_task_get_task_data (G_TASK (result)) != NULL)
    {
      attune_event_queue_drain (self->queue);
      self->heard = NULL;
    }
  return g_task_propagate_pointer (G_TASK (result), error);
}
