/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data set from the Hub: its Parquet files, or those that the Hub made of its files, to
 * $XDG_DATA_HOME/attune/datasets/ORG--NAME/COMMIT/SET, where they stay. Of several sets that go by
 * one name one is chosen. Worker thread.
 */
#include "config.h"

#include "attune-hub-download.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-hub-data-record.h"
#include "attune-hub-transfer.h"

#define CONVERTED "refs/convert/parquet"
#define NO_NAME "default" /* of a set that has none */
#define SHOWN_PARTS 10u

static gboolean
is_split_name (const char *word)
{
  return g_str_has_prefix (word, "train") || g_str_has_prefix (word, "validation")
         || g_str_has_prefix (word, "test") || strcmp (word, "dev") == 0
         || strcmp (word, "data") == 0;
}

/* "sst2/train-0.parquet" is of the set "sst2"; "data/train-0.parquet" of the only one, which goes
 * by NO_NAME. *inner is what follows. */
static char *
get_part (const char  *path,
          const char **inner)
{
  const char *slash = strchr (path, '/');
  g_autofree char *first = slash != NULL ? g_strndup (path, (gsize) (slash - path)) : NULL;

  *inner = path;
  if (first == NULL || is_split_name (first))
    return g_strdup (NO_NAME);
  *inner = slash + 1;

  return g_steal_pointer (&first);
}

/* The sets there are, as the folders of the Parquet files say. */
static GPtrArray *
list_parts (const AttuneHubRepo *repo)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < repo->files->len; i++)
    {
      const AttuneHubFile *file = g_ptr_array_index (repo->files, i);
      const char *inner;
      g_autofree char *part = NULL;

      if (!g_str_has_suffix (file->path, ".parquet"))
        continue;
      part = get_part (file->path, &inner);
      if (g_hash_table_add (seen, part))
        g_ptr_array_add (parts, g_steal_pointer (&part));
    }

  return parts;
}

static void
explain_parts (GPtrArray   *parts,
               const char  *id,
               const char  *wanted,
               GError     **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (parts->len, SHOWN_PARTS); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (parts, i));
  if (parts->len > SHOWN_PARTS)
    g_string_append (names, " …");

  if (parts->len == 0)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has no Parquet files on the Hub; download its files in a browser and open "
                   "those"),
                 id);
  else if (wanted != NULL)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_NOT_FOUND,
                 _("“%s” holds no set named “%s”; there is %s"), id, wanted, names->str);
  else
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” holds %u sets; say which one: %s"), id, parts->len, names->str);
}

static gboolean
choose_part (GPtrArray    *parts,
             const char   *id,
             const char   *wanted,
             const char  **chosen,
             GError      **error)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const char *part = g_ptr_array_index (parts, i);

      if (wanted != NULL ? strcmp (part, wanted) == 0 : parts->len == 1)
        {
          *chosen = part;
          return TRUE;
        }
    }
  explain_parts (parts, id, wanted, error);

  return FALSE;
}

/* The Parquet files of the repository, or else those that the Hub made of its files. */
static gboolean
choose_files (AttuneHubTransfer  *self,
              const char         *id,
              const char         *revision,
              const char         *part,
              char              **chosen,
              GError            **error)
{
  g_autoptr (GPtrArray) parts = NULL;
  const char *found;

  if (!attune_hub_transfer_find (self, id, revision != NULL ? revision : "main", error))
    return FALSE;
  parts = list_parts (self->repo);
  if (parts->len == 0 && revision == NULL && !self->hub->offline)
    {
      g_autoptr (GError) none = NULL;

      if (attune_hub_transfer_find (self, id, CONVERTED, &none))
        {
          g_ptr_array_unref (parts);
          parts = list_parts (self->repo);
        }
      else if (!g_error_matches (none, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&none));
          return FALSE;
        }
    }
  if (!choose_part (parts, id, part, &found, error))
    return FALSE;

  for (guint i = 0; i < self->repo->files->len; i++)
    {
      AttuneHubFile *file = g_ptr_array_index (self->repo->files, i);
      const char *inner;
      g_autofree char *its = get_part (file->path, &inner);

      if (g_str_has_suffix (file->path, ".parquet") && strcmp (its, found) == 0)
        attune_hub_transfer_add (self, file, inner);
    }
  *chosen = g_strdup (found);

  return TRUE;
}

/**
 * attune_hub_download_data:
 * @part: (nullable): "sst2" of "nyu-mll/glue"
 *
 * Returns: (transfer full) (nullable): the folder with its Parquet files, to be opened like any
 *   other; a hub error, CANCELLED or an IO error otherwise
 */
char *
attune_hub_download_data (AttuneHub          *self,
                          const char         *id,
                          const char         *revision,
                          const char         *part,
                          AttuneHubProgress   progress,
                          gpointer            user_data,
                          GCancellable       *cancellable,
                          GError            **error)
{
  g_autofree char *name = attune_hub_get_folder_name (id);
  g_autofree char *base = g_build_filename (g_get_user_data_dir (), "attune", "datasets", name,
                                            NULL);
  g_autofree char *chosen = NULL;
  g_auto (AttuneHubTransfer) transfer = { .lock = -1 };

  if (!attune_hub_check_id (id, error))
    return NULL;
  if (self->offline)
    {
      char *old = attune_hub_data_find (base, id, revision, part, cancellable);

      if (old != NULL)
        return old;
    }

  attune_hub_transfer_init (&transfer, self, "datasets", progress, user_data, cancellable);
  if (!choose_files (&transfer, id, revision, part, &chosen, error))
    return NULL;
  transfer.folder = g_build_filename (base, transfer.repo->commit, chosen, NULL);
  if (!attune_hub_transfer_lock (&transfer, error)
      || !attune_hub_transfer_measure (&transfer, 1, error)
      || !attune_hub_transfer_fetch (&transfer, error)
      || !attune_hub_data_record (&transfer, error))
    return NULL;

  return g_strdup (transfer.folder);
}
