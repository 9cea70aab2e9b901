/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A person's name for a run and notes on it: on the object at once, in notes.json from GIO's pool.
 * Of several changes in a row the last is what the file ends up with. Main thread.
 */
#include "config.h"

#include "attune-run-notes.h"
#include "attune-run-private.h"

/* Shared by a run and the changes of it that are being written. */
struct _AttuneRunAnnotator
{
  GMutex mutex;  /* of written, and of the file */
  guint written; /* number of the last change that is on disk */
  guint asked;   /* number of the last change; main thread */
};

typedef struct {
  AttuneRunAnnotator *annotator;
  AttuneRunNotes *notes;
  char *folder;
  guint number;
} Change;

static void
annotator_clear (gpointer data)
{
  AttuneRunAnnotator *self = data;

  g_mutex_clear (&self->mutex);
}

void
attune_run_annotator_unref (AttuneRunAnnotator *self)
{
  g_atomic_rc_box_release_full (self, annotator_clear);
}

static void
change_free (Change *self)
{
  attune_run_annotator_unref (self->annotator);
  attune_run_notes_free (self->notes);
  g_free (self->folder);
  g_free (self);
}

/* The pool may take changes out of their order: what was said later is never replaced by what was
 * said before. */
static void
annotate_in_thread (GTask        *task,
                    gpointer      source,
                    gpointer      task_data,
                    GCancellable *cancellable)
{
  Change *change = task_data;
  AttuneRunAnnotator *annotator = change->annotator;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&annotator->mutex);
  GError *error = NULL;

  if (change->number < annotator->written)
    g_task_return_boolean (task, TRUE);
  else if (attune_run_notes_save (change->notes, change->folder, &error))
    {
      annotator->written = change->number;
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, error);
}

/* As the properties are now. */
static void
write_notes (AttuneRun *self,
             GTask     *task)
{
  gboolean renamed = g_strcmp0 (self->title, self->given_title) != 0;
  Change *change = g_new0 (Change, 1);

  if (self->annotator == NULL)
    {
      self->annotator = g_atomic_rc_box_new0 (AttuneRunAnnotator);
      g_mutex_init (&self->annotator->mutex);
    }
  change->annotator = g_atomic_rc_box_acquire (self->annotator);
  change->number = ++self->annotator->asked;
  change->notes = attune_run_notes_new (renamed ? self->title : NULL, self->notes);
  change->folder = g_strdup (self->folder);
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  g_task_run_in_thread (task, annotate_in_thread);
}

static gboolean
has_record (AttuneRun *self)
{
  g_autofree char *path = NULL;

  if (self->folder == NULL)
    return FALSE;
  path = g_build_filename (self->folder, "run.json", NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/**
 * attune_run_annotate_async:
 * @title: (nullable): what to call the run; empty or %NULL as it was called when it was started
 * @notes: (nullable): what to say of it
 *
 * A draft keeps both until it is started; then they are written when its folder has become a run.
 */
void
attune_run_annotate_async (AttuneRun           *self,
                           const char          *title,
                           const char          *notes,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (AttuneRunNotes) kept = attune_run_notes_new (title, notes);

  g_task_set_source_tag (task, attune_run_annotate_async);
  g_object_freeze_notify (G_OBJECT (self));
  if (kept->title != NULL || self->given_title != NULL)
    attune_run_set_title (self, kept->title != NULL ? kept->title : self->given_title);
  if (g_set_str (&self->notes, kept->text))
    attune_run_notify (self, ATTUNE_RUN_PROP_NOTES);
  g_object_thaw_notify (G_OBJECT (self));

  self->annotate_later = !has_record (self);
  if (self->annotate_later)
    g_task_return_boolean (task, TRUE);
  else
    write_notes (self, task);
}

/* FALSE with ATTUNE_TRAIN_ERROR_RUN when it could not be written; the properties keep it. */
gboolean
attune_run_annotate_finish (AttuneRun     *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
attune_run_get_notes (AttuneRun *self)
{
  return self->notes;
}

void
attune_run_annotate_begun (AttuneRun *self)
{
  g_autoptr (GTask) task = NULL;

  if (!self->annotate_later)
    return;
  self->annotate_later = FALSE;
  task = g_task_new (self, NULL, NULL, NULL);
  write_notes (self, task);
}
