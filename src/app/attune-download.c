/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread notes how far it is under a lock, and one source of the main loop at a time tells of it.
 */
#include "config.h"

#include "attune-download.h"

#include "attune-hub-access.h"
#include "attune-hub-download.h"

#define NEWS_INTERVAL 100 /* ms */

struct _AttuneDownload
{
  GObject parent_instance;

  char *id;
  char *part;
  AttuneModelOffer *offer; /* NULL: a data set */
  AttuneDownloadState state;
  GCancellable *cancellable;
  guint64 done;
  guint64 total;
  char *message;
  char *result;

  GMutex lock; /* of what follows */
  guint64 done_there;
  guint64 total_there;
  gboolean told;
};

G_DEFINE_FINAL_TYPE (AttuneDownload, attune_download, G_TYPE_OBJECT)

enum {
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static gboolean
news_cb (gpointer user_data)
{
  AttuneDownload *self = ATTUNE_DOWNLOAD (user_data);

  g_mutex_lock (&self->lock);
  self->done = self->done_there;
  self->total = self->total_there;
  self->told = FALSE;
  g_mutex_unlock (&self->lock);
  if (self->state == ATTUNE_DOWNLOAD_RUNNING)
    g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* On the thread of the download. */
static void
progress_cb (guint64 done, guint64 total, gpointer user_data)
{
  AttuneDownload *self = ATTUNE_DOWNLOAD (user_data);
  gboolean tell;

  g_mutex_lock (&self->lock);
  self->done_there = done;
  self->total_there = total;
  tell = !self->told;
  self->told = TRUE;
  g_mutex_unlock (&self->lock);
  if (tell)
    g_timeout_add_full (G_PRIORITY_DEFAULT, NEWS_INTERVAL, news_cb, g_object_ref (self),
                        g_object_unref);
}

/* (nullable): that of the Hub, where another model has its last part already. */
static char *
choose_name (const char *id)
{
  g_autofree char *own = g_path_get_basename (id);
  g_auto (GStrv) parts = NULL;

  if (attune_model_store_check_new (own, NULL))
    return NULL;
  parts = g_strsplit (id, "/", -1);
  return g_strjoinv ("--", parts);
}

static char *
download (AttuneDownload *self, AttuneHub *hub, GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneModelInfo) info = NULL;
  g_autofree char *name = NULL;

  if (self->offer == NULL)
    return attune_hub_download_data (hub, self->id, NULL, self->part, progress_cb, self,
                                     cancellable, error);
  name = choose_name (self->id);
  info = attune_hub_download_model (hub, self->id, NULL, name, progress_cb, self, cancellable,
                                    error);
  return info != NULL ? g_strdup (info->name) : NULL;
}

static void
download_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  char *result = download (ATTUNE_DOWNLOAD (source), task_data, cancellable, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, g_free);
  else
    g_task_return_error (task, error);
}

/* Takes result; NULL where there is an error. */
static void
end (AttuneDownload *self, char *result, const GError *error)
{
  self->result = result;
  if (result != NULL)
    self->state = ATTUNE_DOWNLOAD_DONE;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->state = ATTUNE_DOWNLOAD_CANCELLED;
  else
    {
      self->state = ATTUNE_DOWNLOAD_FAILED;
      self->message = g_strdup (error->message);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
downloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  char *path = g_task_propagate_pointer (G_TASK (result), &error);

  end (ATTUNE_DOWNLOAD (source), path, error);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AttuneDownload) self = ATTUNE_DOWNLOAD (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  AttuneHub *hub = attune_hub_access_open_finish (result, &error);

  if (hub == NULL)
    {
      end (self, NULL, error);
      return;
    }
  task = g_task_new (self, self->cancellable, downloaded_cb, NULL);
  /* One that is whole stays, though the wish to cancel came at the same time. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, hub, (GDestroyNotify) attune_hub_free);
  g_task_run_in_thread (task, download_in_thread);
}

void
attune_download_start (AttuneDownload *self)
{
  g_return_if_fail (self->state == ATTUNE_DOWNLOAD_WAITING);

  self->state = ATTUNE_DOWNLOAD_RUNNING;
  attune_hub_access_open_async (self->cancellable, opened_cb, g_object_ref (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

void
attune_download_cancel (AttuneDownload *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->state != ATTUNE_DOWNLOAD_WAITING)
    return;
  self->state = ATTUNE_DOWNLOAD_CANCELLED;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
attune_download_finalize (GObject *object)
{
  AttuneDownload *self = ATTUNE_DOWNLOAD (object);

  g_clear_object (&self->offer);
  g_clear_object (&self->cancellable);
  g_free (self->id);
  g_free (self->part);
  g_free (self->message);
  g_free (self->result);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (attune_download_parent_class)->finalize (object);
}

static void
attune_download_class_init (AttuneDownloadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_download_finalize;

  signals[CHANGED] = g_signal_new ("changed", ATTUNE_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
attune_download_init (AttuneDownload *self)
{
  g_mutex_init (&self->lock);
  self->cancellable = g_cancellable_new ();
}

AttuneDownload *
attune_download_new_model (AttuneModelOffer *offer)
{
  AttuneDownload *self = g_object_new (ATTUNE_TYPE_DOWNLOAD, NULL);

  self->offer = g_object_ref (offer);
  self->id = g_strdup (attune_model_offer_get_id (offer));
  return self;
}

AttuneDownload *
attune_download_new_data (const char *id, const char *part)
{
  AttuneDownload *self = g_object_new (ATTUNE_TYPE_DOWNLOAD, NULL);

  self->id = g_strdup (id);
  self->part = g_strdup (part);
  return self;
}

AttuneDownloadState
attune_download_get_state (AttuneDownload *self)
{
  return self->state;
}

const char *
attune_download_get_id (AttuneDownload *self)
{
  return self->id;
}

AttuneModelOffer *
attune_download_get_offer (AttuneDownload *self)
{
  return self->offer;
}

void
attune_download_get_progress (AttuneDownload *self, guint64 *done, guint64 *total)
{
  *done = self->done;
  *total = self->total;
}

const char *
attune_download_get_message (AttuneDownload *self)
{
  return self->message;
}

const char *
attune_download_get_result (AttuneDownload *self)
{
  return self->result;
}
