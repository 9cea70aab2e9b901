/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cache of the Hub's own client: models--org--name/{refs/<branch>, snapshots/<commit>/<file> →
 * ../../blobs/<hash>}. A blob is named after what it must be, so that it can be checked without
 * asking anybody. Nothing is written there. Worker thread.
 */
#include "config.h"

#include "attune-hub-cache.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "attune-hub-file.h"

#define MOST_FILES 10000u
#define MOST_DEPTH 4u

static char *
get_folder (AttuneHub  *self,
            const char *kind,
            const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, "/", -1);
  g_autofree char *joined = g_strjoinv ("--", parts);
  g_autofree char *name = g_strdup_printf ("%s--%s", kind, joined);

  return g_build_filename (self->cache, name, NULL);
}

/* A branch's commit, or the commit itself. */
static char *
find_commit (const char *folder,
             const char *revision)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (attune_hub_is_commit (revision))
    return g_strdup (revision);
  if (!attune_hub_path_is_safe (revision))
    return NULL;
  path = g_build_filename (folder, "refs", revision, NULL);
  text = attune_hub_read_word (path);
  if (text == NULL)
    return NULL;
  g_strstrip (text);

  return attune_hub_is_commit (text) ? g_steal_pointer (&text) : NULL;
}

/* A link to a blob, which says the hash; what is no such link cannot be checked and is passed. */
static AttuneHubFile *
file_new (const char *path,
          const char *name)
{
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *hash = target != NULL ? g_path_get_basename (target) : NULL;
  g_autofree char *real = hash != NULL ? attune_hub_etag_get_hash (hash) : NULL;
  AttuneHubFile *file;
  struct stat info;

  if (real == NULL || stat (path, &info) != 0 || !S_ISREG (info.st_mode)
      || !attune_hub_path_is_safe (name))
    return NULL;
  file = g_new0 (AttuneHubFile, 1);
  file->path = g_strdup (name);
  file->hash = g_steal_pointer (&real);
  file->size = info.st_size;

  return file;
}

static void
list_files (const char *folder,
            const char *prefix,
            guint       depth,
            GPtrArray  *files)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry;

  while (dir != NULL && files->len < MOST_FILES && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);
      g_autofree char *name = g_strconcat (prefix, entry, NULL);
      AttuneHubFile *file = file_new (path, name);

      if (file != NULL)
        g_ptr_array_add (files, file);
      else if (depth < MOST_DEPTH && g_file_test (path, G_FILE_TEST_IS_DIR)
               && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        {
          g_autofree char *inner = g_strconcat (name, "/", NULL);

          list_files (path, inner, depth + 1, files);
        }
    }
}

AttuneHubRepo *
attune_hub_cache_find (AttuneHub  *self,
                       const char *kind,
                       const char *id,
                       const char *revision)
{
  g_autofree char *folder = get_folder (self, kind, id);
  g_autofree char *commit = find_commit (folder, revision);
  g_autofree char *snapshot = NULL;
  g_autoptr (AttuneHubRepo) repo = NULL;

  if (commit == NULL)
    return NULL;
  snapshot = g_build_filename (folder, "snapshots", commit, NULL);
  repo = g_new0 (AttuneHubRepo, 1);
  repo->id = g_strdup (id);
  repo->commit = g_steal_pointer (&commit);
  repo->files = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_file_free);
  list_files (snapshot, "", 0, repo->files);

  return repo->files->len > 0 ? g_steal_pointer (&repo) : NULL;
}

gboolean
attune_hub_cache_take (AttuneHub           *self,
                       const char          *kind,
                       const char          *id,
                       const AttuneHubFile *file,
                       const char          *path,
                       GCancellable        *cancellable)
{
  g_autofree char *folder = get_folder (self, kind, id);
  g_autofree char *blob = g_build_filename (folder, "blobs", file->hash, NULL);
  g_autofree char *temporary = g_strconcat (path, ".copy", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (blob);
  g_autoptr (GFile) to = g_file_new_for_path (temporary);
  struct stat info;

  if (stat (blob, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size != file->size)
    return FALSE;
  /* The copy is what is used, so the copy is what is checked. */
  if (g_file_copy (from, to, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, cancellable,
                   NULL, NULL, NULL)
      && attune_hub_file_verify (file, temporary, cancellable) && g_rename (temporary, path) == 0)
    return TRUE;
  g_unlink (temporary);

  return FALSE;
}
