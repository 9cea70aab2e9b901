/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that computes the base lines once and leaves; the trainer thread looks whether it is
 * done and joins it. Nothing else is shared.
 */
#include "config.h"

#include "attune-baseline-task.h"

struct _AttuneBaselineTask
{
  AttuneDataset *dataset;
  GArray *train_rows;
  AttuneDataset *validation;
  GArray *validation_rows;
  AttuneTokenizer *tokenizer;
  GCancellable *cancellable;
  GThread *thread; /* NULL once joined */
  gint done;       /* atomic */
  gboolean ok;
  AttuneBaselines baselines;
};

static gpointer
compute_thread (gpointer data)
{
  AttuneBaselineTask *self = data;
  g_autoptr (GError) error = NULL;

  self->ok = attune_baselines_compute (self->dataset, self->train_rows, self->validation,
                                       self->validation_rows, self->tokenizer, self->cancellable,
                                       &self->baselines, &error);
  if (!self->ok)
    g_debug ("No base lines: %s", error->message);
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

AttuneBaselineTask *
attune_baseline_task_new (AttuneDataset   *dataset,
                          GArray          *train_rows,
                          AttuneDataset   *validation,
                          GArray          *validation_rows,
                          AttuneTokenizer *tokenizer)
{
  AttuneBaselineTask *self = g_new0 (AttuneBaselineTask, 1);

  self->dataset = g_object_ref (dataset);
  self->train_rows = g_array_ref (train_rows);
  self->validation = g_object_ref (validation);
  self->validation_rows = g_array_ref (validation_rows);
  self->tokenizer = attune_tokenizer_ref (tokenizer);
  self->cancellable = g_cancellable_new ();
  self->thread = g_thread_new ("attune-baselines", compute_thread, self);
  return self;
}

void
attune_baseline_task_free (AttuneBaselineTask *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  g_object_unref (self->dataset);
  g_array_unref (self->train_rows);
  g_object_unref (self->validation);
  g_array_unref (self->validation_rows);
  attune_tokenizer_unref (self->tokenizer);
  g_object_unref (self->cancellable);
  g_free (self);
}

gboolean
attune_baseline_task_is_done (AttuneBaselineTask *self)
{
  return g_atomic_int_get (&self->done);
}

gboolean
attune_baseline_task_collect (AttuneBaselineTask *self,
                              AttuneBaselines    *baselines)
{
  g_return_val_if_fail (self->thread != NULL, FALSE);

  g_thread_join (g_steal_pointer (&self->thread));
  *baselines = self->baselines;
  return self->ok;
}
