/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEventLog: a run that is live says things while its folder is still being read; they wait, and
 * those that were already in the file are left out.
 */
#include "config.h"

#include "attune-event-log.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "attune-plot-ticks.h"

/* Larger files and longer lines are none that a run wrote. */
#define MAX_FILE_BYTES (G_GINT64_CONSTANT (4) << 30)
#define MAX_LINE_BYTES (1 << 20)
/* More than anybody reads; of a longer log the end is kept. */
#define MAX_EVENTS 100000
/* Undelivered events there may be: many more than come between two turns of the main loop. */
#define MAX_AHEAD 256

struct _AttuneEventLog
{
  GObject parent_instance;

  GPtrArray *events;
  GPtrArray *waiting; /* said while the file is read; NULL afterwards */
  GQueue ahead;       /* of char *: JSON of what the file holds and may be said yet */
  gint64 step;        /* of the last event that had one */
  gboolean started;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (AttuneEventLog, attune_event_log, G_TYPE_OBJECT)

static guint appended_signal;

static void
free_event (gpointer event)
{
  attune_event_free (event);
}

static GPtrArray *
create_list (void)
{
  return g_ptr_array_new_with_free_func (free_event);
}

/* A run that starts for a second time goes on from what was said last: its checkpoint. */
static void
take (AttuneEventLog *self, AttuneEvent *event)
{
  if (event->type == ATTUNE_EVENT_RUN_STARTED)
    {
      if (self->started && event->step == 0)
        event->step = self->step;
      self->started = TRUE;
    }
  if (event->step > 0)
    self->step = event->step;
  g_ptr_array_add (self->events, event);
  g_signal_emit (self, appended_signal, 0, event);
}

/* Steps are most of the file and none of the log: they are told by how their line begins. */
static void
read_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  static const char step[] = "{\"event\":\"step\"";
  g_autoptr (GMappedFile) file = g_mapped_file_new (task_data, FALSE, NULL);
  GPtrArray *events = create_list ();
  const char *at = file != NULL ? g_mapped_file_get_contents (file) : NULL;
  const char *end = at != NULL ? at + g_mapped_file_get_length (file) : NULL;

  if (end - at > MAX_FILE_BYTES)
    at = end;
  while (at < end && !g_cancellable_is_cancelled (cancellable))
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));
      gsize length = (gsize) ((stop != NULL ? stop : end) - at);

      gboolean is_step = length >= sizeof step - 1 && memcmp (at, step, sizeof step - 1) == 0;

      if (length <= MAX_LINE_BYTES && !is_step)
        {
          AttuneEvent *event = attune_event_parse (at, (gssize) length, NULL);

          if (event != NULL && event->type == ATTUNE_EVENT_STEP)
            g_clear_pointer (&event, attune_event_free);
          if (event != NULL)
            g_ptr_array_add (events, event);
          if (events->len >= 2 * MAX_EVENTS)
            g_ptr_array_remove_range (events, 0, MAX_EVENTS);
        }
      at += length + 1;
    }
  g_task_return_pointer (task, events, (GDestroyNotify) g_ptr_array_unref);
}

/* Files are read faster than events are delivered, so what is said next may have been read already:
 * the end of the file is remembered until something is said that is not in it. */
static void
take_live (AttuneEventLog *self, AttuneEvent *event)
{
  g_autofree char *line = g_queue_is_empty (&self->ahead) ? NULL : attune_event_to_json (event);

  for (GList *l = self->ahead.head; l != NULL; l = l->next)
    if (g_str_equal (l->data, line))
      {
        while (g_queue_peek_head (&self->ahead) != l->data)
          g_free (g_queue_pop_head (&self->ahead));
        g_free (g_queue_pop_head (&self->ahead));
        attune_event_free (event);
        return;
      }
  g_queue_clear_full (&self->ahead, g_free);
  take (self, event);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneEventLog *self = ATTUNE_EVENT_LOG (source);
  g_autoptr (GPtrArray) read = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  for (guint i = 0; read != NULL && i < read->len; i++)
    {
      AttuneEvent *event = g_steal_pointer (&g_ptr_array_index (read, i));

      if (i + MAX_AHEAD + waiting->len >= read->len)
        g_queue_push_tail (&self->ahead, attune_event_to_json (event));
      take (self, event);
    }
  for (guint i = 0; i < waiting->len; i++)
    take_live (self, g_steal_pointer (&g_ptr_array_index (waiting, i)));
}

static void
event_cb (AttuneEventLog *self, const AttuneEvent *event)
{
  if (event->type == ATTUNE_EVENT_STEP)
    return;
  if (self->waiting != NULL)
    g_ptr_array_add (self->waiting, attune_event_copy (event));
  else
    take_live (self, attune_event_copy (event));
}

static void
attune_event_log_dispose (GObject *object)
{
  g_cancellable_cancel (ATTUNE_EVENT_LOG (object)->cancellable);
  G_OBJECT_CLASS (attune_event_log_parent_class)->dispose (object);
}

static void
attune_event_log_finalize (GObject *object)
{
  AttuneEventLog *self = ATTUNE_EVENT_LOG (object);

  g_ptr_array_unref (self->events);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_queue_clear_full (&self->ahead, g_free);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (attune_event_log_parent_class)->finalize (object);
}

static void
attune_event_log_class_init (AttuneEventLogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = attune_event_log_dispose;
  object_class->finalize = attune_event_log_finalize;
  appended_signal = g_signal_new ("appended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
attune_event_log_init (AttuneEventLog *self)
{
  self->events = create_list ();
  self->cancellable = g_cancellable_new ();
}

/**
 * attune_event_log_new:
 * @run: followed, not kept
 *
 * Returns: (transfer full): a log that is empty at first; what the run's folder holds comes soon
 */
AttuneEventLog *
attune_event_log_new (AttuneRun *run)
{
  AttuneEventLog *self = g_object_new (ATTUNE_TYPE_EVENT_LOG, NULL);
  const char *folder = attune_run_get_folder (run);

  g_signal_connect_object (run, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  if (folder != NULL)
    {
      g_autoptr (GTask) task = g_task_new (self, self->cancellable, read_cb, NULL);

      self->waiting = create_list ();
      g_task_set_task_data (task, g_build_filename (folder, "events.jsonl", NULL), g_free);
      g_task_run_in_thread (task, read_in_thread);
    }
  return self;
}

const GPtrArray *
attune_event_log_get_events (AttuneEventLog *self)
{
  return self->events;
}

gboolean
attune_event_log_is_loading (AttuneEventLog *self)
{
  return self->waiting != NULL;
}

/* Phases as events name them, in the order a run goes through them. */
static const struct
{
  const char *name;
  const char *title;
} phases[ATTUNE_N_PHASES] = {
  { "loading_model", N_("Load model") },
  { "tokenizing", N_("Tokenize") },
  { "training", N_("Train") },
  { "evaluating", N_("Evaluate") },
  { "saving", N_("Save") },
};

/* The number of a phase; the first for NULL and for a name that is none of them. */
guint
attune_phase_find (const char *name)
{
  for (guint i = 0; i < ATTUNE_N_PHASES; i++)
    {
      if (g_strcmp0 (phases[i].name, name) == 0)
        return i;
    }
  return 0;
}

const char *
attune_phase_get_title (guint phase)
{
  return _(phases[phase].title);
}

static char *
describe_evaluation (const AttuneEvent *event)
{
  g_autofree char *loss = attune_value_format (event->eval_loss, FALSE);
  g_autofree char *accuracy = attune_value_format (event->eval_accuracy, TRUE);
  g_autofree char *f1 = attune_value_format (event->eval_f1_macro, TRUE);

  return g_strdup_printf (_("Evaluation at step %d: loss %s, accuracy %s, macro F1 %s"),
                          (int) event->step, loss, accuracy, f1);
}

static char *
describe_what (const AttuneEvent *event)
{
  g_autofree char *naive_bayes = NULL;
  g_autofree char *regression = NULL;
  g_autofree char *majority = NULL;
  g_autofree char *size = NULL;

  switch (event->type)
    {
    case ATTUNE_EVENT_RUN_STARTED:
      if (event->step > 0)
        return g_strdup_printf (_("Continued after step %d of %d on %s"), (int) event->step,
                                (int) event->steps, event->device);
      return g_strdup_printf (_("Started: %d steps on %s, %s"), (int) event->steps, event->device,
                              event->precision);
    case ATTUNE_EVENT_PHASE:
      return g_strdup (attune_phase_get_title (attune_phase_find (event->name)));
    case ATTUNE_EVENT_EVALUATION:
      return describe_evaluation (event);
    case ATTUNE_EVENT_BASELINES:
      majority = attune_value_format (event->majority_accuracy, TRUE);
      naive_bayes = attune_value_format (event->naive_bayes_accuracy, TRUE);
      regression = attune_value_format (event->logistic_regression_accuracy, TRUE);
      return g_strdup_printf (_("Base lines: most frequent label %s, naive Bayes %s, logistic "
                                "regression %s"), majority, naive_bayes, regression);
    case ATTUNE_EVENT_CHECKPOINT:
      size = g_format_size ((guint64) MAX (event->bytes, 0));
      return g_strdup_printf (_("Checkpoint at step %d, %s"), (int) event->step, size);
    case ATTUNE_EVENT_PAUSED:
      return g_strdup_printf (_("Paused at step %d"), (int) event->step);
    case ATTUNE_EVENT_CONTINUED:
      return g_strdup (_("Went on"));
    case ATTUNE_EVENT_WARNING:
      return g_strdup_printf (_("Warning: %s"), event->message);
    case ATTUNE_EVENT_RUN_FINISHED:
      return g_strdup_printf (_("Finished at step %d"), (int) event->step);
    case ATTUNE_EVENT_RUN_STOPPED:
      return g_strdup_printf (_("Stopped at step %d"), (int) event->step);
    case ATTUNE_EVENT_RUN_FAILED:
      return g_strdup_printf (_("Failed: %s"), event->message);
    case ATTUNE_EVENT_STEP:
    default:
      return g_strdup_printf (_("Step %d"), (int) event->step);
    }
}

char *
attune_event_describe (const AttuneEvent *event)
{
  g_autofree char *time = attune_time_format (event->time);
  g_autofree char *what = describe_what (event);

  /* A message of several lines would look like several events. */
  g_strdelimit (what, "\n\r", ' ');
  return g_strdup_printf ("%s\t%s", time, what);
}
