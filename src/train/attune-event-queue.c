/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One mutex, one array, one GSource whose ready time is the only thing the pushing thread touches.
 * Ordinary events wait until 50 ms after the last delivery; a terminal one is ready at once. A slow
 * main loop gets larger deliveries, not more of them.
 */
#include "config.h"

#include "attune-event-queue.h"

#define INTERVAL (G_USEC_PER_SEC / 20)

typedef struct {
  guint run_id;
  AttuneEvent *event;
} Entry;

struct _AttuneEventQueue
{
  GMutex mutex;
  GArray *entries;       /* Entry, oldest first */
  gint64 last_delivery;  /* monotonic microseconds */
  GSource *source;
  AttuneEventQueueFunc func;
  GObject *owner; /* unowned: it owns the queue */
};

static gboolean
dispatch_cb (GSource     *source,
             GSourceFunc  callback,
             gpointer     user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { NULL, NULL, dispatch_cb, NULL, NULL, NULL };

static gboolean
deliver_cb (gpointer user_data)
{
  attune_event_queue_drain (user_data);
  return G_SOURCE_CONTINUE;
}

/**
 * attune_event_queue_new:
 * @context: where @func is to be called
 * @owner: what owns the queue; given to @func and kept alive meanwhile
 */
AttuneEventQueue *
attune_event_queue_new (GMainContext         *context,
                        AttuneEventQueueFunc  func,
                        GObject              *owner)
{
  AttuneEventQueue *self = g_new0 (AttuneEventQueue, 1);

  g_mutex_init (&self->mutex);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  self->func = func;
  self->owner = owner;
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "[attune] events");
  g_source_set_callback (self->source, deliver_cb, self, NULL);
  g_source_attach (self->source, context);
  return self;
}

void
attune_event_queue_free (AttuneEventQueue *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  for (guint i = 0; i < self->entries->len; i++)
    attune_event_free (g_array_index (self->entries, Entry, i).event);
  g_array_unref (self->entries);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
attune_event_queue_push (AttuneEventQueue *self,
                         guint             run_id,
                         AttuneEvent      *event)
{
  Entry entry = { run_id, event };

  g_mutex_lock (&self->mutex);
  g_array_append_val (self->entries, entry);
  if (attune_event_is_terminal (event))
    g_source_set_ready_time (self->source, 0);
  else if (g_source_get_ready_time (self->source) < 0)
    g_source_set_ready_time (self->source, self->last_delivery + INTERVAL);
  g_mutex_unlock (&self->mutex);
}

void
attune_event_queue_drain (AttuneEventQueue *self)
{
  g_autoptr (GObject) owner = g_object_ref (self->owner);
  g_autoptr (GArray) entries = NULL;
  guint i = 0;

  g_mutex_lock (&self->mutex);
  g_source_set_ready_time (self->source, -1);
  entries = g_steal_pointer (&self->entries);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  self->last_delivery = g_get_monotonic_time ();
  g_mutex_unlock (&self->mutex);

  while (i < entries->len)
    {
      g_autoptr (GPtrArray) events =
        g_ptr_array_new_with_free_func ((GDestroyNotify) attune_event_free);
      guint run_id = g_array_index (entries, Entry, i).run_id;

      for (; i < entries->len && g_array_index (entries, Entry, i).run_id == run_id; i++)
        g_ptr_array_add (events, g_array_index (entries, Entry, i).event);
      self->func (run_id, events, owner);
    }
}
