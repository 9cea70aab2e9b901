/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Going on with the run of an AttuneProject: its data is read again off the main thread, and if it
 * is what it was, the trainer takes the run up at its newest checkpoint. And drafts that repeat it.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-project-private.h"
#include "attune-run-data.h"

typedef struct {
  char *folder;
  AttuneTrainConfig *config;
} Continuation;

static void
continuation_free (Continuation *self)
{
  g_free (self->folder);
  g_object_unref (self->config);
  g_free (self);
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Continuation *self = task_data;
  GError *error = NULL;
  AttuneRunData *data = attune_run_data_read (self->folder, cancellable, &error);

  if (data != NULL)
    g_task_return_pointer (task, data, (GDestroyNotify) attune_run_data_free);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  AttuneProject *self = ATTUNE_PROJECT (source);
  g_autoptr (GTask) task = user_data;
  Continuation *continuation = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  g_autoptr (AttuneRunData) data = g_task_propagate_pointer (G_TASK (result), &error);
  AttuneTrainJob job;

  self->continuing = FALSE;
  if (data != NULL)
    {
      attune_run_data_fill_job (data, &job);
      job.config = continuation->config;
      if (attune_trainer_start (self->trainer, self->run, &job, &error))
        g_task_return_boolean (task, TRUE);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  /* For whoever watches what can be done with it. */
  g_object_notify (G_OBJECT (self), "editable");
}

gboolean
attune_project_can_continue (AttuneProject *self)
{
  AttuneRunState state = attune_run_get_state (self->run);

  return !self->continuing && attune_run_get_folder (self->run) != NULL
         && attune_trainer_get_run (self->trainer) == NULL
         && (state == ATTUNE_RUN_INTERRUPTED || state == ATTUNE_RUN_STOPPED
             || state == ATTUNE_RUN_FAILED || state == ATTUNE_RUN_FINISHED);
}

/**
 * attune_project_continue_async:
 * @num_train_epochs: in all, from now on; 0 as before
 *
 * Reads the data of the run and goes on with it. Fails with what attune_run_data_read() and
 * attune_trainer_start() say.
 */
void
attune_project_continue_async (AttuneProject       *self,
                               double               num_train_epochs,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GTask) reading = NULL;
  Continuation *continuation;

  if (!attune_project_can_continue (self))
    {
      g_task_return_new_error (task, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                               _("Another run is training; stop it or wait for its end"));
      return;
    }
  continuation = g_new0 (Continuation, 1);
  continuation->folder = g_strdup (attune_run_get_folder (self->run));
  continuation->config = attune_train_config_copy (attune_run_get_config (self->run));
  if (num_train_epochs > 0)
    g_object_set (continuation->config, "num-train-epochs", num_train_epochs, NULL);
  self->continuing = TRUE;
  reading = g_task_new (self, NULL, read_cb, g_steal_pointer (&task));
  g_task_set_task_data (reading, continuation, (GDestroyNotify) continuation_free);
  g_task_run_in_thread (reading, read_in_thread);
}

gboolean
attune_project_continue_finish (AttuneProject  *self,
                                GAsyncResult   *result,
                                GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

AttuneProject *
attune_project_new_with_seed (AttuneProject *other)
{
  AttuneProject *self = attune_project_new_copy (other);
  AttuneTrainConfig *config = attune_project_get_config (self);
  gint64 seed = attune_train_config_get_int (config, "seed");
  g_autofree char *split_seed =
    g_strdup_printf ("%" G_GUINT64_FORMAT, attune_train_config_get_split_seed (config));
  g_autofree char *next = g_strdup_printf ("%" G_GINT64_FORMAT, seed < G_MAXUINT32 ? seed + 1 : 0);

  /* The same rows held out, or the two could not be compared. */
  attune_train_config_set (config, "split_seed", split_seed, NULL);
  attune_train_config_set (config, "seed", next, NULL);
  return self;
}

AttuneProject *
attune_project_new_from_weights (AttuneProject *other)
{
  AttuneProject *self = attune_project_new_copy (other);
  const char *folder = attune_run_get_folder (attune_project_get_run (other));
  g_autofree char *best = g_build_filename (folder, "best", NULL);

  attune_project_set_model (self, best);
  return self;
}
