/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Least recently used of two. A folder counts as the same while its weights file is: a replaced
 * best/ is loaded anew. Trainer thread only.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-model-cache.h"
#include "attune-run-folder.h"

#define MOST 2

typedef struct {
  char *key;
  AttuneClassifier *classifier;
} Entry;

struct _AttuneModelCache
{
  AttuneEngineHost *host;
  GQueue entries; /* Entry, last used first */
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_free (entry->key);
  attune_classifier_unref (entry->classifier);
  g_free (entry);
}

AttuneModelCache *
attune_model_cache_new (AttuneEngineHost *host)
{
  AttuneModelCache *self = g_new0 (AttuneModelCache, 1);

  self->host = host;
  g_queue_init (&self->entries);
  return self;
}

void
attune_model_cache_clear (AttuneModelCache *self)
{
  g_queue_clear_full (&self->entries, free_entry);
}

void
attune_model_cache_free (AttuneModelCache *self)
{
  if (self == NULL)
    return;
  attune_model_cache_clear (self);
  g_free (self);
}

static char *
create_key (const char           *path,
            const char           *head,
            AttuneModelOpenFlags  flags)
{
  g_autofree char *weights = g_build_filename (path, "model.safetensors", NULL);
  GStatBuf info = { 0 };

  if (g_stat (weights, &info) != 0)
    memset (&info, 0, sizeof info);
  return g_strdup_printf ("%s\n%s\n%u\n%" G_GUINT64_FORMAT "\n%" G_GINT64_FORMAT ".%ld", path,
                          head != NULL ? head : "", flags, (guint64) info.st_ino,
                          (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

static AttuneClassifier *
load (AttuneModelCache      *self,
      const char            *path,
      const char            *head_path,
      AttuneModelOpenFlags   flags,
      GError               **error)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (AttuneSafetensors) head = NULL;
  AttuneClassifierSpec spec = { .precision = ATTUNE_ENGINE_FP32 };

  folder = attune_model_folder_open (path, flags, error);
  if (folder == NULL)
    return NULL;
  if (head_path != NULL)
    {
      head = attune_safetensors_open (head_path, error);
      if (head == NULL)
        return NULL;
    }
  if (!attune_engine_host_load (self->host, error))
    return NULL;
  spec.folder = folder;
  spec.head = head;
  spec.device = attune_engine_host_find_device (self->host, "auto", error);
  return spec.device != NULL ? attune_classifier_new (self->host, &spec, NULL, error) : NULL;
}

AttuneClassifier *
attune_model_cache_get (AttuneModelCache      *self,
                        const char            *path,
                        const char            *head,
                        AttuneModelOpenFlags   flags,
                        GError               **error)
{
  g_autofree char *key = create_key (path, head, flags);
  AttuneClassifier *classifier;
  Entry *entry;

  for (GList *l = self->entries.head; l != NULL; l = l->next)
    {
      entry = l->data;
      if (!g_str_equal (entry->key, key))
        continue;
      g_queue_unlink (&self->entries, l);
      g_queue_push_head_link (&self->entries, l);
      return attune_classifier_ref (entry->classifier);
    }
  classifier = load (self, path, head, flags, error);
  if (classifier == NULL)
    return NULL;
  entry = g_new0 (Entry, 1);
  entry->key = g_steal_pointer (&key);
  entry->classifier = attune_classifier_ref (classifier);
  g_queue_push_head (&self->entries, entry);
  while (self->entries.length > MOST)
    free_entry (g_queue_pop_tail (&self->entries));
  return classifier;
}

AttuneClassifier *
attune_model_cache_get_run (AttuneModelCache      *self,
                            const char            *run_folder,
                            AttuneModelOpenFlags   flags,
                            GError               **error)
{
  g_autoptr (AttuneRunRecord) record = attune_run_record_load (run_folder, error);
  g_autofree char *best = attune_run_folder_build_best_path (run_folder);
  AttuneClassifier *classifier;

  if (record == NULL)
    return NULL;
  if (!attune_run_folder_has_best (run_folder))
    {
      g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN,
                   _("The run in %s has kept no weights yet"), run_folder);
      return NULL;
    }
  classifier = attune_model_cache_get (self, best, NULL, flags, error);
  if (classifier != NULL && record->max_length > 0)
    attune_text_cut_init (&classifier->cut, record->config,
                          MIN (record->max_length,
                               attune_model_config_get_max_length (classifier->config)));
  return classifier;
}
