/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEventQueue: carries events from the trainer thread to the main loop, at most 20 times a
 * second and never late with the last one.
 */
#pragma once

#include <glib-object.h>

#include "attune-event.h"

G_BEGIN_DECLS

typedef struct _AttuneEventQueue AttuneEventQueue;

/* Called on the context: events (element-type AttuneEvent), borrowed, of run run_id in order. */
typedef void (*AttuneEventQueueFunc) (guint      run_id,
                                      GPtrArray *events,
                                      gpointer   owner);

AttuneEventQueue *attune_event_queue_new   (GMainContext         *context,
                                            AttuneEventQueueFunc  func,
                                            GObject              *owner);
/* On the thread of the context; func is not called any more. */
void              attune_event_queue_free  (AttuneEventQueue     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneEventQueue, attune_event_queue_free)
/* From any thread. Takes event. */
void              attune_event_queue_push  (AttuneEventQueue     *self,
                                            guint                 run_id,
                                            AttuneEvent          *event);
/* On the thread of the context: hands over what is there, now. */
void              attune_event_queue_drain (AttuneEventQueue     *self);

G_END_DECLS
