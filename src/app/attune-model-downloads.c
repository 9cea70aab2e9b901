/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One at a time: two would share the same line, and the first would be there later. What failed stays
 * listed with its reason until it is tried again or dismissed.
 */
#include "config.h"

#include "attune-model-downloads.h"

#include "attune-model-store.h"

struct _AttuneModelDownloads
{
  GObject parent_instance;

  GPtrArray *downloads;  /* (element-type AttuneDownload) */
  GHashTable *installed; /* ids, in lower case */
};

G_DEFINE_FINAL_TYPE (AttuneModelDownloads, attune_model_downloads, G_TYPE_OBJECT)

enum {
  CHANGED,
  ENDED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
emit_changed (AttuneModelDownloads *self, AttuneDownload *download)
{
  g_signal_emit (self, signals[CHANGED], 0, attune_download_get_id (download));
}

static void
start_next (AttuneModelDownloads *self)
{
  AttuneDownload *next = NULL;

  for (guint i = 0; i < self->downloads->len; i++)
    {
      AttuneDownload *download = g_ptr_array_index (self->downloads, i);
      AttuneDownloadState state = attune_download_get_state (download);

      if (state == ATTUNE_DOWNLOAD_RUNNING)
        return;
      if (state == ATTUNE_DOWNLOAD_WAITING && next == NULL)
        next = download;
    }
  if (next != NULL)
    attune_download_start (next);
}

static void
take_out (AttuneModelDownloads *self, AttuneDownload *download)
{
  g_signal_handlers_disconnect_by_data (download, self);
  g_ptr_array_remove (self->downloads, download);
}

static void
download_changed_cb (AttuneModelDownloads *self, AttuneDownload *download)
{
  g_autoptr (AttuneModelDownloads) kept = g_object_ref (self);
  g_autoptr (AttuneDownload) kept_download = g_object_ref (download);
  AttuneDownloadState state = attune_download_get_state (download);

  if (state == ATTUNE_DOWNLOAD_DONE)
    g_hash_table_add (self->installed,
                      g_ascii_strdown (attune_download_get_id (download), -1));
  if (state == ATTUNE_DOWNLOAD_DONE || state == ATTUNE_DOWNLOAD_CANCELLED)
    take_out (self, download);
  emit_changed (self, download);
  if (state == ATTUNE_DOWNLOAD_DONE || state == ATTUNE_DOWNLOAD_FAILED)
    g_signal_emit (self, signals[ENDED], 0, download);
  if (state != ATTUNE_DOWNLOAD_RUNNING)
    start_next (self);
}

AttuneDownload *
attune_model_downloads_find (AttuneModelDownloads *self, const char *id)
{
  for (guint i = 0; i < self->downloads->len; i++)
    {
      AttuneDownload *download = g_ptr_array_index (self->downloads, i);

      if (g_ascii_strcasecmp (attune_download_get_id (download), id) == 0)
        return download;
    }
  return NULL;
}

void
attune_model_downloads_start (AttuneModelDownloads *self, AttuneModelOffer *offer)
{
  AttuneDownload *download = attune_model_downloads_find (self, attune_model_offer_get_id (offer));

  if (download != NULL && attune_download_get_state (download) != ATTUNE_DOWNLOAD_FAILED)
    return;
  if (download != NULL)
    take_out (self, download);
  download = attune_download_new_model (offer);
  g_signal_connect_swapped (download, "changed", G_CALLBACK (download_changed_cb), self);
  g_ptr_array_add (self->downloads, download);
  emit_changed (self, download);
  start_next (self);
}

void
attune_model_downloads_cancel (AttuneModelDownloads *self, const char *id)
{
  AttuneDownload *found = attune_model_downloads_find (self, id);
  g_autoptr (AttuneDownload) download = NULL;

  if (found == NULL)
    return;
  download = g_object_ref (found);
  if (attune_download_get_state (download) != ATTUNE_DOWNLOAD_FAILED)
    {
      attune_download_cancel (download);
      return;
    }
  take_out (self, download);
  emit_changed (self, download);
}

void
attune_model_downloads_cancel_all (AttuneModelDownloads *self)
{
  for (guint i = 0; i < self->downloads->len; i++)
    {
      AttuneDownload *download = g_ptr_array_index (self->downloads, i);

      g_signal_handlers_disconnect_by_data (download, self);
      attune_download_cancel (download);
    }
  g_ptr_array_set_size (self->downloads, 0);
}

GPtrArray *
attune_model_downloads_get_all (AttuneModelDownloads *self)
{
  return self->downloads;
}

void
attune_model_downloads_set_installed (AttuneModelDownloads *self, GPtrArray *infos)
{
  g_hash_table_remove_all (self->installed);
  for (guint i = 0; infos != NULL && i < infos->len; i++)
    {
      const AttuneModelInfo *info = g_ptr_array_index (infos, i);

      if (info->source != NULL)
        g_hash_table_add (self->installed, g_ascii_strdown (info->source, -1));
    }
}

gboolean
attune_model_downloads_is_installed (AttuneModelDownloads *self, const char *id)
{
  g_autofree char *key = g_ascii_strdown (id, -1);

  return g_hash_table_contains (self->installed, key);
}

static void
attune_model_downloads_dispose (GObject *object)
{
  attune_model_downloads_cancel_all (ATTUNE_MODEL_DOWNLOADS (object));
  G_OBJECT_CLASS (attune_model_downloads_parent_class)->dispose (object);
}

static void
attune_model_downloads_finalize (GObject *object)
{
  AttuneModelDownloads *self = ATTUNE_MODEL_DOWNLOADS (object);

  g_ptr_array_unref (self->downloads);
  g_hash_table_unref (self->installed);
  G_OBJECT_CLASS (attune_model_downloads_parent_class)->finalize (object);
}

static void
attune_model_downloads_class_init (AttuneModelDownloadsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = attune_model_downloads_dispose;
  object_class->finalize = attune_model_downloads_finalize;

  signals[CHANGED] = g_signal_new ("changed", ATTUNE_TYPE_MODEL_DOWNLOADS, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ENDED] = g_signal_new ("ended", ATTUNE_TYPE_MODEL_DOWNLOADS, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, ATTUNE_TYPE_DOWNLOAD);
}

static void
attune_model_downloads_init (AttuneModelDownloads *self)
{
  self->downloads = g_ptr_array_new_with_free_func (g_object_unref);
  self->installed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

AttuneModelDownloads *
attune_model_downloads_new (void)
{
  return g_object_new (ATTUNE_TYPE_MODEL_DOWNLOADS, NULL);
}
