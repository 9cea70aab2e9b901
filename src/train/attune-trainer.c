/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main thread's side: checks what can be checked at once, posts to the trainer thread, applies
 * the events that come back to the run they belong to. Events of a run that is over carry an old id
 * and are dropped. Main thread only; the requests for predictions, estimates and devices are in
 * attune-trainer-requests.c and attune-trainer-rate.c.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-run-private.h"
#include "attune-trainer-private.h"

G_DEFINE_FINAL_TYPE (AttuneTrainer, attune_trainer, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_RUN,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
events_cb (guint      run_id,
           GPtrArray *events,
           gpointer   owner)
{
  AttuneTrainer *self = ATTUNE_TRAINER (owner);
  g_autoptr (AttuneRun) run = NULL;

  if (run_id != self->run_id)
    return;
  for (guint i = 0; self->heard != NULL && i < events->len; i++)
    self->heard (events->pdata[i], self->heard_data);
  if (self->run == NULL)
    return;
  run = g_object_ref (self->run);
  g_object_freeze_notify (G_OBJECT (run));
  for (guint i = 0; i < events->len; i++)
    {
      const AttuneEvent *event = events->pdata[i];

      /* Whoever hears of the end may start the next run. */
      if (attune_event_is_terminal (event))
        g_clear_object (&self->run);
      attune_run_apply_event (run, event);
    }
  g_object_thaw_notify (G_OBJECT (run));
  if (self->run != run)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUN]);
}

static void
attune_trainer_get_property (GObject    *object,
                             guint       property_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  if (property_id == PROP_RUN)
    g_value_set_object (value, ATTUNE_TRAINER (object)->run);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
attune_trainer_dispose (GObject *object)
{
  attune_trainer_shutdown (ATTUNE_TRAINER (object));

  G_OBJECT_CLASS (attune_trainer_parent_class)->dispose (object);
}

static void
attune_trainer_finalize (GObject *object)
{
  AttuneTrainer *self = ATTUNE_TRAINER (object);

  g_clear_object (&self->run);
  g_clear_object (&self->cancellable);
  attune_event_queue_free (self->queue);

  G_OBJECT_CLASS (attune_trainer_parent_class)->finalize (object);
}

static void
attune_trainer_class_init (AttuneTrainerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = attune_trainer_get_property;
  object_class->dispose = attune_trainer_dispose;
  object_class->finalize = attune_trainer_finalize;

  props[PROP_RUN] = g_param_spec_object ("run", NULL, NULL, ATTUNE_TYPE_RUN,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                           | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
attune_trainer_init (AttuneTrainer *self)
{
}

/**
 * attune_trainer_new:
 * @engine_directory: (nullable): where the plug-ins lie
 *
 * Returns: (transfer full): a trainer whose thread sleeps; no engine is loaded before the first
 *   request
 */
AttuneTrainer *
attune_trainer_new (const char *engine_directory)
{
  AttuneTrainer *self = g_object_new (ATTUNE_TYPE_TRAINER, NULL);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->queue = attune_event_queue_new (context, events_cb, G_OBJECT (self));
  self->worker = attune_worker_new (engine_directory, self->queue);
  return self;
}

void
attune_trainer_yield (AttuneTrainer *self)
{
  g_return_if_fail (ATTUNE_IS_TRAINER (self));

  attune_worker_yield (self->worker);
}

/**
 * attune_trainer_shutdown:
 *
 * Stops and keeps a run under way, waits for the thread, and applies the run's last events. Nothing
 * may be asked of the trainer afterwards.
 */
void
attune_trainer_shutdown (AttuneTrainer *self)
{
  if (self->worker == NULL)
    return;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->worker, attune_worker_free);
  attune_event_queue_drain (self->queue);
}

gboolean
attune_trainer_start (AttuneTrainer         *self,
                      AttuneRun             *run,
                      const AttuneTrainJob  *job,
                      GError               **error)
{
  g_autoptr (AttuneTrainRequest) request = NULL;
  g_autoptr (AttuneRunSource) source = NULL;
  AttuneRunFolder *folder;

  g_return_val_if_fail (self->worker != NULL, FALSE);

  if (self->run != NULL)
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                   _("“%s” is still training; stop it or wait for its end"),
                   attune_run_get_title (self->run));
      return FALSE;
    }
  request = attune_train_request_new (job, error);
  if (request == NULL)
    return FALSE;
  folder = job->resume ? attune_run_folder_reopen (job->folder, error)
                       : attune_run_folder_create (job->folder, error);
  if (folder == NULL)
    return FALSE;

  source = attune_train_request_describe_source (request);
  self->run_id++;
  g_set_object (&self->run, run);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  attune_run_begin (run, attune_run_folder_get_path (folder), request->config, source,
                    request->resumed != NULL ? request->resumed->created : 0);
  attune_worker_train (self->worker, self->run_id, g_steal_pointer (&request), folder,
                       self->cancellable);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUN]);
  return TRUE;
}

void
attune_trainer_pause (AttuneTrainer *self)
{
  if (self->run != NULL)
    attune_worker_pause (self->worker);
}

void
attune_trainer_continue (AttuneTrainer *self)
{
  if (self->run != NULL)
    attune_worker_continue (self->worker);
}

void
attune_trainer_stop (AttuneTrainer *self,
                     const char    *reason)
{
  if (self->run == NULL)
    return;
  attune_worker_stop (self->worker, reason);
  g_cancellable_cancel (self->cancellable);
}

AttuneRun *
attune_trainer_get_run (AttuneTrainer *self)
{
  return self->run;
}
