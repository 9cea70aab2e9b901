/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trainer thread: it creates, uses and frees every engine object. It reads its mailbox first,
 * then computes one batch of what was asked and one micro-batch of what is trained, and so on; with
 * nothing to compute it sleeps in the mailbox.
 */
#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attune-estimator.h"
#include "attune-model-cache.h"
#include "attune-rate-finder.h"
#include "attune-worker.h"

/* Where nobody else wants the processor this costs nothing. */
#define BACKGROUND_NICENESS 10
#define BACKGROUND_TURN_NS (100 * 1000 * 1000)

typedef enum {
  MESSAGE_TRAIN,
  MESSAGE_PAUSE,
  MESSAGE_CONTINUE,
  MESSAGE_STOP,
  MESSAGE_PREDICT,
  MESSAGE_ESTIMATE,
  MESSAGE_FIND_RATE,
  MESSAGE_DEVICES,
  MESSAGE_YIELD,
  MESSAGE_QUIT,
} MessageType;

typedef struct {
  MessageType type;
  guint run_id;
  AttuneTrainRequest *request;
  AttuneRunFolder *folder;
  GCancellable *cancellable;
  AttunePredictJob *job;
  AttuneRateRange range;
  GTask *task;
  char *reason;
} Message;

struct _AttuneWorker
{
  GAsyncQueue *mailbox;
  GThread *thread;
  AttuneEventQueue *queue;

  /* of the thread alone */
  AttuneEngineHost *host;
  AttuneModelCache *cache;
  AttuneEstimator *estimator;
  AttuneSession *session; /* NULL when nothing is trained */
  AttuneRateFinder *finder; /* NULL when no learning rate is looked for; the trainer asks for
                             * none while a session is there */
  GQueue jobs;            /* AttunePredictJob, served in turn */
  gboolean quitting;
};

static void
post (AttuneWorker  *self,
      const Message *message)
{
  g_async_queue_push (self->mailbox, g_memdup2 (message, sizeof *message));
}

/* Opens what the job asks of and tokenizes its texts; FALSE when the task has returned. */
static gboolean
begin_job (AttuneWorker     *self,
           AttunePredictJob *job)
{
  const AttunePredictTarget *target = attune_predict_job_get_target (job);
  AttuneModelOpenFlags flags = attune_predict_job_has_text (job) ? ATTUNE_MODEL_OPEN_DEFAULT
                                                                 : ATTUNE_MODEL_OPEN_NO_TOKENIZER;
  AttuneClassifier *classifier = NULL;
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (attune_predict_job_get_task (job)))
    return FALSE;
  if (target->run_id != 0 && self->session != NULL
      && attune_session_get_run_id (self->session) == target->run_id)
    {
      classifier = attune_session_get_classifier (self->session);
      if (classifier != NULL)
        attune_classifier_ref (classifier);
      else
        g_set_error_literal (&error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                             _("The model is not loaded yet; ask again in a moment"));
    }
  else if (target->run_folder != NULL)
    classifier = attune_model_cache_get_run (self->cache, target->run_folder, flags, &error);
  else
    classifier = attune_model_cache_get (self->cache, target->model_path, target->head, flags,
                                         &error);
  if (classifier != NULL)
    return attune_predict_job_begin (job, classifier);
  g_task_return_error (attune_predict_job_get_task (job), error);
  return FALSE;
}

/* One batch of the job whose turn it is. */
static void
serve_job (AttuneWorker *self)
{
  AttunePredictJob *job = g_queue_pop_head (&self->jobs);
  gboolean more = attune_predict_job_is_begun (job) ? attune_predict_job_advance (job)
                                                    : begin_job (self, job);

  /* A short job is answered at once; a long one goes behind the others. */
  if (more)
    more = attune_predict_job_advance (job);
  if (more)
    g_queue_push_tail (&self->jobs, job);
  else
    attune_predict_job_free (job);
}

static void
measure (AttuneWorker *self,
         Message      *message)
{
  g_autofree AttuneEstimate *estimate = g_new0 (AttuneEstimate, 1);
  AttuneTrainRequest *request = g_steal_pointer (&message->request);
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (message->task))
    attune_train_request_free (request);
  else if (self->session != NULL)
    {
      attune_train_request_free (request);
      g_task_return_new_error (message->task, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                               _("A run is under way; its own speed tells enough"));
    }
  else if (attune_estimator_measure (self->estimator, request,
                                     g_task_get_cancellable (message->task), estimate, &error))
    g_task_return_pointer (message->task, g_steal_pointer (&estimate), g_free);
  else
    g_task_return_error (message->task, error);
}

static void
abort_finder (AttuneWorker *self,
              GError       *error)
{
  attune_rate_finder_abort (g_steal_pointer (&self->finder), error);
}

static void
describe_probe (AttuneDeviceInfo        *row,
                const AttuneEngineProbe *probe)
{
  if (probe == NULL)
    return;
  row->precision = g_strdup (attune_engine_precision_get_name (probe->precision));
  row->fp32_gflops = probe->fp32_gflops;
  row->bf16_gflops = probe->bf16_gflops;
  row->paths = g_strdup (probe->paths);
}

static void
list_devices (AttuneWorker *self,
              GTask        *task)
{
  GPtrArray *devices;
  GError *error = NULL;

  if (!attune_engine_host_load (self->host, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  devices = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_device_info_free);
  for (guint i = 0; i < self->host->n_devices; i++)
    {
      const AttuneEngineDevice *device = &self->host->devices[i];
      const AttuneEngineInfo *info = &self->host->info;
      AttuneDeviceInfo *row = g_new0 (AttuneDeviceInfo, 1);

      row->id = attune_engine_device_get_id (device);
      row->name = g_strdup (device->name);
      row->memory_bytes = device->memory_bytes;
      row->engine = g_strdup_printf ("%s %s%s%s", info->name, info->version,
                                     info->blas[0] != '\0' ? ", " : "", info->blas);
      row->capability = g_strdup (info->capability);
      row->threads = info->threads;
      describe_probe (row, attune_engine_host_probe (self->host, device, NULL));
      if (device->type == ATTUNE_ENGINE_DEVICE_CPU)
        row->notice = g_strdup (attune_engine_get_notice (self->host->n_devices));
      g_ptr_array_add (devices, row);
    }
  g_task_return_pointer (task, devices, (GDestroyNotify) g_ptr_array_unref);
}

/* A batch job with long turns: since Linux 6.12 whoever asks for shorter ones, as every window does,
 * is let in at once instead of at the end of the turn; older kernels only read the rest. 0 is the
 * calling thread; the engine's threads are started by it and take this over. */
static void
lower_priority (void)
{
  struct sched_attr attributes = {
    .size = sizeof attributes,
    .sched_policy = SCHED_BATCH,
    .sched_nice = BACKGROUND_NICENESS,
    .sched_runtime = BACKGROUND_TURN_NS,
  };

  if (syscall (SYS_sched_setattr, 0, &attributes, 0) != 0)
    g_debug ("The trainer thread keeps its priority: %s", g_strerror (errno));
}

static void
cancel_job (gpointer job)
{
  g_task_return_new_error (attune_predict_job_get_task (job), G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _("The program was closed"));
  attune_predict_job_free (job);
}

static void
handle (AttuneWorker *self,
        Message      *message)
{
  switch (message->type)
    {
    case MESSAGE_TRAIN:
      if (self->finder != NULL)
        abort_finder (self, g_error_new_literal (ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE,
                                                 _("A run was started, and ended the search for a "
                                                   "learning rate; look again when it is over")));
      /* What was only asked gives its memory to what is trained. */
      attune_model_cache_clear (self->cache);
      self->session = attune_session_new (message->run_id, g_steal_pointer (&message->request),
                                          g_steal_pointer (&message->folder), self->host,
                                          self->queue, message->cancellable);
      break;
    case MESSAGE_PAUSE:
      if (self->session != NULL)
        attune_session_pause (self->session);
      break;
    case MESSAGE_CONTINUE:
      if (self->session != NULL)
        attune_session_continue (self->session);
      break;
    case MESSAGE_STOP:
      if (self->session != NULL)
        attune_session_stop (self->session, message->reason);
      break;
    case MESSAGE_PREDICT:
      g_queue_push_tail (&self->jobs, g_steal_pointer (&message->job));
      break;
    case MESSAGE_ESTIMATE:
      measure (self, message);
      break;
    case MESSAGE_FIND_RATE:
      attune_model_cache_clear (self->cache);
      self->finder = attune_rate_finder_new (message->run_id, g_steal_pointer (&message->request),
                                             &message->range, self->host, self->queue,
                                             g_steal_pointer (&message->task));
      break;
    case MESSAGE_DEVICES:
      list_devices (self, message->task);
      break;
    case MESSAGE_YIELD:
      lower_priority ();
      break;
    case MESSAGE_QUIT:
      self->quitting = TRUE;
      g_queue_clear_full (&self->jobs, cancel_job);
      if (self->finder != NULL)
        abort_finder (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                 _("The program was closed")));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
free_message (Message *message)
{
  g_clear_object (&message->cancellable);
  g_clear_object (&message->task);
  g_free (message->reason);
  g_free (message);
}

static gpointer
worker_thread (gpointer data)
{
  AttuneWorker *self = data;

  while (TRUE)
    {
      gboolean training = self->session != NULL && !attune_session_is_waiting (self->session);
      gboolean busy = training || self->finder != NULL || !g_queue_is_empty (&self->jobs);
      Message *message;

      if (self->quitting && !busy)
        break;
      message = busy ? g_async_queue_try_pop (self->mailbox) : g_async_queue_pop (self->mailbox);
      if (message != NULL)
        {
          handle (self, message);
          free_message (message);
          continue;
        }
      if (!g_queue_is_empty (&self->jobs))
        serve_job (self);
      if (training && !attune_session_advance (self->session))
        g_clear_pointer (&self->session, attune_session_free);
      if (self->finder != NULL && !attune_rate_finder_advance (self->finder))
        g_clear_pointer (&self->finder, attune_rate_finder_free);
    }

  attune_model_cache_free (self->cache);
  attune_estimator_free (self->estimator);
  attune_engine_host_free (self->host);
  return NULL;
}

AttuneWorker *
attune_worker_new (const char       *engine_directory,
                   AttuneEventQueue *queue)
{
  AttuneWorker *self = g_new0 (AttuneWorker, 1);

  self->mailbox = g_async_queue_new ();
  self->queue = queue;
  self->host = attune_engine_host_new (engine_directory);
  self->cache = attune_model_cache_new (self->host);
  self->estimator = attune_estimator_new (self->host);
  g_queue_init (&self->jobs);
  self->thread = g_thread_new ("attune-trainer", worker_thread, self);
  return self;
}

void
attune_worker_free (AttuneWorker *self)
{
  Message stop = { .type = MESSAGE_STOP };
  Message quit = { .type = MESSAGE_QUIT };

  if (self == NULL)
    return;
  stop.reason = g_strdup (_("The program was closed"));
  post (self, &stop);
  post (self, &quit);
  g_thread_join (self->thread);
  g_async_queue_unref (self->mailbox);
  g_free (self);
}

void
attune_worker_train (AttuneWorker       *self,
                     guint               run_id,
                     AttuneTrainRequest *request,
                     AttuneRunFolder    *folder,
                     GCancellable       *cancellable)
{
  Message message = { .type = MESSAGE_TRAIN, .run_id = run_id, .request = request,
                      .folder = folder, .cancellable = g_object_ref (cancellable) };

  post (self, &message);
}

void
attune_worker_pause (AttuneWorker *self)
{
  Message message = { .type = MESSAGE_PAUSE };

  post (self, &message);
}

void
attune_worker_continue (AttuneWorker *self)
{
  Message message = { .type = MESSAGE_CONTINUE };

  post (self, &message);
}

void
attune_worker_stop (AttuneWorker *self,
                    const char   *reason)
{
  Message message = { .type = MESSAGE_STOP, .reason = g_strdup (reason) };

  post (self, &message);
}

void
attune_worker_predict (AttuneWorker     *self,
                       AttunePredictJob *job)
{
  Message message = { .type = MESSAGE_PREDICT, .job = job };

  post (self, &message);
}

void
attune_worker_estimate (AttuneWorker       *self,
                        GTask              *task,
                        AttuneTrainRequest *request)
{
  Message message = { .type = MESSAGE_ESTIMATE, .task = task, .request = request };

  post (self, &message);
}

void
attune_worker_find_rate (AttuneWorker          *self,
                         guint                  id,
                         GTask                 *task,
                         AttuneTrainRequest    *request,
                         const AttuneRateRange *range)
{
  Message message = { .type = MESSAGE_FIND_RATE, .run_id = id, .task = task, .request = request,
                      .range = *range };

  post (self, &message);
}

void
attune_worker_devices (AttuneWorker *self,
                       GTask        *task)
{
  Message message = { .type = MESSAGE_DEVICES, .task = task };

  post (self, &message);
}

void
attune_worker_yield (AttuneWorker *self)
{
  Message message = { .type = MESSAGE_YIELD };

  post (self, &message);
}
