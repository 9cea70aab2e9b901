/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that take chunks off one counter. A thread with a result waits for its turn to hand it
 * over, so there are never more results than threads.
 */
#include "config.h"

#include "attune-row-chunks.h"

#include <errno.h>
#include <sys/resource.h>

/* Some ten milliseconds of tokenizing. */
#define CHUNK_BYTES (256u << 10)
#define CHUNK_ROWS 4096
#define MOST_THREADS 256
#define BACKGROUND_NICENESS 10

typedef struct {
  const AttuneRowWork *work;
  gpointer data;
  GCancellable *cancellable;
  guint n_rows;
  gboolean gives_way;
  const AttuneProgress *progress;

  GMutex lock;   /* of what follows */
  GCond turn;
  guint next;    /* first row that no thread has begun */
  guint taken;   /* first row that has not been handed over */
  gboolean over; /* nothing more is to be begun or handed over */
  GError *error;
} Chunks;

/* The next chunk, FALSE when there is none. */
static gboolean
begin_chunk (Chunks *self,
             guint  *first,
             guint  *n)
{
  gsize weight = 0;

  g_mutex_lock (&self->lock);
  *first = self->next;
  *n = 0;
  if (!self->over)
    for (; self->next < self->n_rows && *n < CHUNK_ROWS && weight < CHUNK_BYTES; (*n)++)
      weight += self->work->weigh (self->next++, self->data);
  g_mutex_unlock (&self->lock);
  return *n > 0;
}

/* Hands a result over when it is its turn. Takes error, which is there when result is NULL. */
static void
end_chunk (Chunks   *self,
           guint     first,
           guint     n,
           gpointer  result,
           GError   *error)
{
  g_mutex_lock (&self->lock);
  while (!self->over && self->taken != first)
    g_cond_wait (&self->turn, &self->lock);
  if (self->over)
    {
      g_clear_pointer (&result, self->work->free_result);
      g_clear_error (&error);
    }
  else if (result == NULL || !self->work->take (result, first, n, self->data, &error))
    {
      self->error = error;
      self->over = TRUE;
    }
  else
    {
      self->taken += n;
      attune_progress_say (self->progress, (double) self->taken / self->n_rows);
    }
  g_cond_broadcast (&self->turn);
  g_mutex_unlock (&self->lock);
}

static gpointer
thread_func (gpointer data)
{
  Chunks *self = data;
  guint first;
  guint n;

  /* On Linux 0 is the calling thread, not its process. */
  if (self->gives_way && setpriority (PRIO_PROCESS, 0, BACKGROUND_NICENESS) != 0)
    g_debug ("A thread keeps its priority: %s", g_strerror (errno));
  while (begin_chunk (self, &first, &n))
    {
      GError *error = NULL;
      gpointer result = NULL;

      if (!g_cancellable_set_error_if_cancelled (self->cancellable, &error))
        result = self->work->work (first, n, self->data, &error);
      end_chunk (self, first, n, result, error);
    }
  return NULL;
}

static guint
count_threads (const AttuneRowThreads *threads,
               guint                   n_rows)
{
  guint n = threads != NULL ? threads->n_threads : 0;

  if (n == 0)
    n = g_get_num_processors ();
  if (threads != NULL && threads->gives_way)
    n--;
  return CLAMP (n, 1, MIN (MOST_THREADS, 1 + n_rows / 64));
}

gboolean
attune_row_chunks_run (const AttuneRowWork     *work,
                       guint                    n_rows,
                       gpointer                 data,
                       const AttuneRowThreads  *threads,
                       GCancellable            *cancellable,
                       GError                 **error)
{
  guint n_threads = count_threads (threads, n_rows);
  gboolean gives_way = threads != NULL && threads->gives_way;
  g_autoptr (GPtrArray) started = g_ptr_array_new ();
  Chunks self = {
    .work = work,
    .data = data,
    .cancellable = cancellable,
    .n_rows = n_rows,
    .gives_way = gives_way,
    .progress = threads != NULL ? threads->progress : NULL,
  };

  g_mutex_init (&self.lock);
  g_cond_init (&self.turn);
  /* The caller computes, too, unless it must not be slowed down. A thread that cannot be had is
   * done without. */
  for (guint i = gives_way ? 0 : 1; i < n_threads; i++)
    {
      GThread *thread = g_thread_try_new ("attune-rows", thread_func, &self, NULL);

      if (thread == NULL)
        break;
      g_ptr_array_add (started, thread);
    }
  if (!gives_way || started->len == 0)
    {
      self.gives_way = FALSE;
      thread_func (&self);
    }
  for (guint i = 0; i < started->len; i++)
    g_thread_join (started->pdata[i]);
  g_cond_clear (&self.turn);
  g_mutex_clear (&self.lock);

  if (self.error == NULL)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}
