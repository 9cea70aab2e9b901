/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run as a list shows it, without replaying its events: what run.json says, what the last events
 * say, and where those do not have it, the accuracies of its evaluations. The whole history is read
 * when somebody wants to see it, off the main thread; see attune_run_load_async().
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "attune-run-folder.h"
#include "attune-run-private.h"

/* An end, a pause or the beginning of a phase is within so many bytes, or the run is in the middle
 * of a phase. */
#define TAIL_BYTES (16 * 1024)

/* What every evaluation's line has, as attune_event_to_json() writes it. */
#define EVALUATION "\"event\":\"evaluation\""

static const gsize array_offsets[] = {
  G_STRUCT_OFFSET (AttuneRun, history.step),
  G_STRUCT_OFFSET (AttuneRun, history.step_time),
  G_STRUCT_OFFSET (AttuneRun, history.loss),
  G_STRUCT_OFFSET (AttuneRun, history.learning_rate),
  G_STRUCT_OFFSET (AttuneRun, history.grad_norm),
  G_STRUCT_OFFSET (AttuneRun, history.train_accuracy),
  G_STRUCT_OFFSET (AttuneRun, history.eval_step),
  G_STRUCT_OFFSET (AttuneRun, history.eval_time),
  G_STRUCT_OFFSET (AttuneRun, history.eval_loss),
  G_STRUCT_OFFSET (AttuneRun, history.eval_accuracy),
  G_STRUCT_OFFSET (AttuneRun, history.eval_f1_macro),
  G_STRUCT_OFFSET (AttuneRun, history.eval_f1_micro),
  G_STRUCT_OFFSET (AttuneRun, history.eval_mcc),
};

/* The last whole lines of events.jsonl; *all says whether those are all. (transfer full) (nullable) */
static char *
read_tail (const char *folder,
           gsize      *length,
           gboolean   *all)
{
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  g_autofd int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  g_autofree char *tail = NULL;
  const char *start;
  struct stat info;
  off_t from;
  gssize n;

  *length = 0;
  *all = TRUE;
  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  from = MAX (info.st_size - TAIL_BYTES, 0);
  *all = from == 0;
  tail = g_malloc (TAIL_BYTES);
  n = pread (fd, tail, TAIL_BYTES, from);
  if (n <= 0)
    return NULL;
  start = from == 0 ? tail : memchr (tail, '\n', (gsize) n);
  if (start == NULL)
    return NULL;
  *length = (gsize) (tail + n - start);
  return g_memdup2 (start, *length);
}

/* Calls back for each evaluation; other lines are passed over without being parsed. */
static void
scan_evaluations (const char *folder,
                  void      (*found) (const AttuneEvent *event, gpointer data),
                  gpointer    data)
{
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const char *start = file != NULL ? g_mapped_file_get_contents (file) : NULL;
  const char *at = start;
  const char *end = start != NULL ? start + g_mapped_file_get_length (file) : NULL;

  while (at != NULL && at < end
         && (at = memmem (at, (gsize) (end - at), EVALUATION, strlen (EVALUATION))) != NULL)
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));
      g_autoptr (AttuneEvent) event = NULL;

      while (at > start && at[-1] != '\n')
        at--;
      if (stop == NULL)
        stop = end;
      event = attune_event_parse (at, (gssize) (stop - at), NULL);
      if (event != NULL && event->type == ATTUNE_EVENT_EVALUATION)
        found (event, data);
      at = stop;
    }
}

static void
note_best (const AttuneEvent *event,
           gpointer           data)
{
  AttuneRun *self = data;

  if (event->best_step == event->step)
    {
      self->best_step = event->step;
      self->best_accuracy = event->eval_accuracy;
    }
}

static void
add_accuracy (const AttuneEvent *event,
              gpointer           data)
{
  g_array_append_val ((GArray *) data, event->eval_accuracy);
}

/**
 * attune_run_glance:
 * @folder: a run's folder
 *
 * Any one thread, before the run is handed over.
 *
 * Returns: (transfer full): the run as a list shows it; not loaded, unless its events are so few
 *   that they were all read. %NULL with ATTUNE_TRAIN_ERROR_RUN.
 */
AttuneRun *
attune_run_glance (const char  *folder,
                   GError     **error)
{
  g_autoptr (AttuneRunRecord) record = attune_run_record_load (folder, error);
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *tail = NULL;
  AttuneRun *self;
  gboolean all;
  gsize length;

  if (record == NULL)
    return NULL;
  self = attune_run_new_from_record (record, path);
  tail = read_tail (path, &length, &all);
  if (tail != NULL)
    attune_run_replay (self, tail, length);
  attune_run_settle (self);
  if (all)
    return self;

  if (isnan (self->best_accuracy))
    scan_evaluations (path, note_best, self);
  for (guint i = 0; i < G_N_ELEMENTS (array_offsets); i++)
    g_array_set_size (G_STRUCT_MEMBER (GArray *, self, array_offsets[i]), 0);
  self->glanced = TRUE;
  return self;
}

gboolean
attune_run_is_loaded (AttuneRun *self)
{
  return !self->glanced;
}

/* What the whole of its events made of @other, which is nobody else's. */
static void
take (AttuneRun *self,
      AttuneRun *other)
{
  static const gsize texts[] = {
    G_STRUCT_OFFSET (AttuneRun, phase), G_STRUCT_OFFSET (AttuneRun, device),
    G_STRUCT_OFFSET (AttuneRun, precision), G_STRUCT_OFFSET (AttuneRun, paths),
    G_STRUCT_OFFSET (AttuneRun, message),
  };
  AttuneRunHistory history = self->history;

  /* The arrays stay where plots may have them already. */
  for (guint i = 0; i < G_N_ELEMENTS (array_offsets); i++)
    {
      GArray *target = G_STRUCT_MEMBER (GArray *, self, array_offsets[i]);
      GArray *source = G_STRUCT_MEMBER (GArray *, other, array_offsets[i]);

      g_array_set_size (target, 0);
      g_array_append_vals (target, source->data, source->len);
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_set_str (&G_STRUCT_MEMBER (char *, self, texts[i]),
               G_STRUCT_MEMBER (char *, other, texts[i]));
  history.majority_accuracy = other->history.majority_accuracy;
  history.naive_bayes_accuracy = other->history.naive_bayes_accuracy;
  history.logistic_regression_accuracy = other->history.logistic_regression_accuracy;
  history.steps_per_epoch = other->history.steps_per_epoch;
  self->history = history;
  g_strfreev (self->classes);
  self->classes = g_steal_pointer (&other->classes);
  self->threads = other->threads;
  self->step = other->step;
  self->steps = other->steps;
  self->epoch = other->epoch;
  self->best_step = other->best_step;
  self->best_accuracy = other->best_accuracy;
  self->samples_per_second = other->samples_per_second;
  self->seconds_left = other->seconds_left;
  self->fp32_gflops = other->fp32_gflops;
  self->bf16_gflops = other->bf16_gflops;
  memcpy (self->window, other->window, 2 * ATTUNE_RUN_WINDOW * sizeof (double));
  self->window_length = other->window_length;
  self->window_next = other->window_next;
  self->glanced = FALSE;
  g_clear_pointer (&self->sketch, g_array_unref);

  g_object_freeze_notify (G_OBJECT (self));
  attune_run_set_state (self, other->state);
  for (guint i = ATTUNE_RUN_PROP_PHASE; i < ATTUNE_RUN_N_PROPS; i++)
    attune_run_notify (self, i);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * attune_run_load:
 *
 * Reads all events of a run that was only looked at; where that is no longer possible it stays
 * empty. Long for long runs.
 */
void
attune_run_load (AttuneRun *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRun) other = NULL;

  if (!self->glanced)
    return;
  other = attune_run_open (self->folder, &error);
  if (other != NULL)
    take (self, other);
  else
    g_debug ("%s", error->message);
  self->glanced = FALSE;
}

static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  AttuneRun *other = attune_run_open (task_data, &error);

  if (other != NULL)
    g_task_return_pointer (task, other, g_object_unref);
  else
    g_task_return_error (task, error);
}

/**
 * attune_run_load_async:
 *
 * The same on GIO's pool, from the main thread; a loaded run is ready at once.
 */
void
attune_run_load_async (AttuneRun           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, attune_run_load_async);
  if (!self->glanced)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  g_task_set_task_data (task, g_strdup (self->folder), g_free);
  g_task_run_in_thread (task, load_in_thread);
}

/* FALSE with ATTUNE_TRAIN_ERROR_RUN when the run cannot be read any more, or when cancelled. */
gboolean
attune_run_load_finish (AttuneRun     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (AttuneRun) other = g_task_propagate_pointer (G_TASK (result), &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  /* Somebody may have needed it sooner. */
  if (other != NULL && self->glanced)
    take (self, other);
  return TRUE;
}

static void
sketch_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  GArray *accuracies = g_array_new (FALSE, FALSE, sizeof (double));

  scan_evaluations (task_data, add_accuracy, accuracies);
  g_task_return_pointer (task, accuracies, (GDestroyNotify) g_array_unref);
}

static void
sketched_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  AttuneRun *self = ATTUNE_RUN (source);
  g_autoptr (GArray) accuracies = g_task_propagate_pointer (G_TASK (result), NULL);

  self->sketching = FALSE;
  if (!self->glanced)
    return;
  self->sketch = g_steal_pointer (&accuracies);
  attune_run_notify (self, ATTUNE_RUN_PROP_BEST_ACCURACY);
}

const GArray *
attune_run_get_accuracies (AttuneRun *self)
{
  g_autoptr (GTask) task = NULL;

  if (!self->glanced)
    return self->history.eval_accuracy;
  if (self->sketch == NULL && !self->sketching)
    {
      self->sketching = TRUE;
      task = g_task_new (self, NULL, sketched_cb, NULL);
      g_task_set_task_data (task, g_strdup (self->folder), g_free);
      g_task_run_in_thread (task, sketch_in_thread);
    }
  return self->sketch;
}
