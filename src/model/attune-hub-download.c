/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model from the Hub: which files make one, in one piece or several, and its way into the store.
 * They are gathered in the hidden folder .downloads there, where an interrupted download is gone on
 * with, and then imported like any other folder. Only files with known names are taken: nothing
 * that could be a program. Worker thread.
 */
#include "config.h"

#include "attune-hub-download.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-durable.h"
#include "attune-hub-transfer.h"
#include "attune-json.h"
#include "attune-model-weights.h"

#define DOWNLOADS ".downloads"
#define CONFIG "config.json"
#define WEIGHTS "model.safetensors"
#define LARGEST_JSON (16 << 20)
#define LARGEST_WORDS (64 << 20)

/* The weights come last: what else is wrong shows before. Each up to what its reader takes. */
static const struct {
  const char *name;
  gint64 largest;
} word_files[] = {
  { CONFIG, LARGEST_JSON },
  { ATTUNE_WEIGHTS_INDEX, LARGEST_JSON },
  { "vocab.txt", LARGEST_WORDS },
  { "vocab.json", LARGEST_WORDS },
  { "merges.txt", LARGEST_WORDS },
  { "tokenizer_config.json", LARGEST_WORDS },
  { "special_tokens_map.json", LARGEST_WORDS },
  { "tokenizer.json", LARGEST_WORDS },
};

static gboolean
has_file (AttuneHubTransfer *self,
          const char        *name)
{
  return attune_hub_transfer_find_file (self, name) != NULL;
}

/* Whether it can be a model for us, by the names of its files. */
static gboolean
check_names (AttuneHubTransfer  *self,
             GError            **error)
{
  const char *id = self->repo->id;

  if (!has_file (self, CONFIG))
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has no config.json, so that it is no model for transformers; choose "
                   "another one"),
                 id);
  else if (!has_file (self, WEIGHTS) && !has_file (self, ATTUNE_WEIGHTS_INDEX))
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has no model.safetensors, and weights in other forms are not downloaded, "
                   "for they can hold programs; choose another model"),
                 id);
  else if (!has_file (self, "tokenizer.json") && !has_file (self, "vocab.txt")
           && (!has_file (self, "vocab.json") || !has_file (self, "merges.txt")))
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has neither tokenizer.json nor vocab.txt nor vocab.json with merges.txt, "
                   "so text cannot be turned into tokens"),
                 id);
  else
    return TRUE;

  return FALSE;
}

/* All but the weights; the index only where there are no weights in one piece. */
static void
add_words (AttuneHubTransfer *self)
{
  gboolean one_piece = has_file (self, WEIGHTS);

  for (guint i = 0; i < G_N_ELEMENTS (word_files); i++)
    {
      AttuneHubFile *file = attune_hub_transfer_find_file (self, word_files[i].name);

      if (file == NULL || (one_piece && strcmp (file->path, ATTUNE_WEIGHTS_INDEX) == 0))
        continue;
      file->largest = word_files[i].largest;
      attune_hub_transfer_add (self, file, file->path);
    }
}

static GBytes *
load (AttuneHubTransfer  *self,
      const char         *name,
      GError            **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return attune_hub_transfer_fetch_one (self, attune_hub_transfer_find_file (self, name), error)
           ? attune_json_load_file (path, LARGEST_JSON, error)
           : NULL;
}

/* A kind of model that is not known shows before its weights are fetched. */
static gboolean
check_config (AttuneHubTransfer  *self,
              GError            **error)
{
  g_autofree char *name = g_strdup_printf ("%s/" CONFIG, self->repo->id);
  g_autoptr (GBytes) json = load (self, CONFIG, error);
  g_autoptr (AttuneModelConfig) config = NULL;

  if (json != NULL)
    config = attune_model_config_parse (json, name, error);
  return config != NULL;
}

/* The weights, or all pieces that the index names. */
static gboolean
add_weights (AttuneHubTransfer  *self,
             GError            **error)
{
  g_autofree char *source = g_strdup_printf ("%s/" ATTUNE_WEIGHTS_INDEX, self->repo->id);
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GHashTable) map = NULL;
  g_autoptr (GPtrArray) pieces = NULL;
  AttuneHubFile *file = attune_hub_transfer_find_file (self, WEIGHTS);

  if (file != NULL)
    {
      attune_hub_transfer_add (self, file, file->path);
      return TRUE;
    }

  json = load (self, ATTUNE_WEIGHTS_INDEX, error);
  map = json != NULL ? attune_weights_index_parse (json, source, error) : NULL;
  if (map == NULL)
    return FALSE;
  pieces = attune_weights_index_list_files (map);
  for (guint i = 0; i < pieces->len; i++)
    {
      const char *name = g_ptr_array_index (pieces, i);

      file = attune_hub_transfer_find_file (self, name);
      if (file == NULL)
        {
          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                       _("“%s” says that “%s” is a piece of its weights, but has no such file; "
                         "choose another model"),
                       source, name);
          return FALSE;
        }
      attune_hub_transfer_add (self, file, file->path);
    }

  return TRUE;
}

/* All of it below the folder, whole and checked; then to the store. */
static AttuneModelInfo *
install (AttuneHubTransfer  *self,
         const char         *name,
         GError            **error)
{
  const AttuneModelOrigin origin = { .source = self->repo->id, .revision = self->repo->commit,
                                     .licence = self->repo->licence,
                                     .language = self->repo->languages };

  add_words (self);
  /* Twice: the import makes a copy, and what it is made from goes when that is whole. */
  if (!check_config (self, error) || !add_weights (self, error)
      || !attune_hub_transfer_measure (self, 2, error) || !attune_hub_transfer_fetch (self, error))
    return NULL;

  return attune_model_store_import_from (self->folder, name, &origin, self->cancellable, error);
}

/* Whether it is the Hub's very bytes that are of no use, so that no second try would help. */
static gboolean
is_useless (const GError *error)
{
  return g_error_matches (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE)
         || (error->domain == ATTUNE_MODEL_ERROR && error->code != ATTUNE_MODEL_ERROR_EXISTS);
}

/**
 * attune_hub_download_model:
 * @revision: (nullable): a branch, tag or commit
 * @name: (nullable): its name in the store
 *
 * Returns: (transfer full) (nullable): what was installed; a hub error, those of
 *   attune_model_store_import(), CANCELLED or an IO error otherwise, and then what came stays for
 *   the next time unless it is of no use
 */
AttuneModelInfo *
attune_hub_download_model (AttuneHub          *self,
                           const char         *id,
                           const char         *revision,
                           const char         *name,
                           AttuneHubProgress   progress,
                           gpointer            user_data,
                           GCancellable       *cancellable,
                           GError            **error)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autofree char *own = g_path_get_basename (id);
  g_autofree char *folder_name = attune_hub_get_folder_name (id);
  g_autofree char *entry = NULL;
  g_auto (AttuneHubTransfer) transfer = { .lock = -1 };
  g_autoptr (AttuneModelInfo) info = NULL;
  g_autoptr (GError) local = NULL;

  if (!attune_hub_check_id (id, error)
      || !attune_model_store_check_new (name != NULL ? name : own, error))
    return NULL;
  attune_hub_transfer_init (&transfer, self, "models", progress, user_data, cancellable);
  if (!attune_hub_transfer_find (&transfer, id, revision != NULL ? revision : "main", error)
      || !check_names (&transfer, error))
    return NULL;

  entry = g_strdup_printf ("%s@%s", folder_name, transfer.repo->commit);
  transfer.folder = g_build_filename (store, DOWNLOADS, entry, NULL);
  if (!attune_hub_transfer_lock (&transfer, error))
    return NULL;
  info = install (&transfer, name != NULL ? name : own, &local);
  if (info != NULL || is_useless (local))
    attune_durable_folder_remove (transfer.folder);
  if (info == NULL)
    g_propagate_error (error, g_steal_pointer (&local));

  return g_steal_pointer (&info);
}
