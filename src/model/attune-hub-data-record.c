/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See attune-hub-data-record.h. Two names on the Hub can be one in a file system, and a file can
 * have been changed since: what a record does not vouch for is not found. Worker thread.
 */
#include "config.h"

#include "attune-hub-data-record.h"

#include <string.h>
#include <sys/stat.h>

#include "attune-durable.h"
#include "attune-json.h"

#define MAX_RECORD_LENGTH (32u << 20)
#define SUFFIX ".json"

/**
 * attune_hub_data_record:
 * @transfer: all files of which are there
 *
 * Returns: whether the record is on the disk; an IO error otherwise
 */
gboolean
attune_hub_data_record (AttuneHubTransfer  *transfer,
                        GError            **error)
{
  const AttuneHubRepo *repo = transfer->repo;
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  g_autofree char *path = g_strconcat (transfer->folder, SUFFIX, NULL);
  g_autofree char *text = NULL;
  yyjson_mut_val *root = yyjson_mut_obj (document);
  yyjson_mut_val *list;
  gsize length;

  yyjson_mut_doc_set_root (document, root);
  yyjson_mut_obj_add_uint (document, root, "version", 1);
  yyjson_mut_obj_add_str (document, root, "source", repo->id);
  yyjson_mut_obj_add_str (document, root, "revision", repo->commit);
  if (repo->licence != NULL)
    yyjson_mut_obj_add_str (document, root, "licence", repo->licence);
  else
    yyjson_mut_obj_add_null (document, root, "licence");
  list = yyjson_mut_obj_add_obj (document, root, "files");
  for (guint i = 0; i < transfer->files->len; i++)
    {
      const AttuneHubFile *file = g_ptr_array_index (transfer->files, i);
      const char *name = g_ptr_array_index (transfer->names, i);
      g_autofree char *where = g_build_filename (transfer->folder, name, NULL);
      g_autofree char *sha256 = strlen (file->hash) == 64
                                  ? g_strdup (file->hash)
                                  : attune_hub_file_hash (where, transfer->cancellable);
      yyjson_mut_val *entry = yyjson_mut_obj_add_obj (document, list, name);

      yyjson_mut_obj_add_uint (document, entry, "size", (guint64) file->size);
      yyjson_mut_obj_add_strcpy (document, entry, "sha256", sha256 != NULL ? sha256 : "");
    }
  text = attune_json_write (document, &length, error);

  return text != NULL && attune_durable_write (path, text, length, error);
}

static gboolean
is_word (yyjson_val *value,
         const char *word)
{
  return g_strcmp0 (yyjson_get_str (value), word) == 0;
}

/* Whether the record is of this data set and all its files are as it says. */
static gboolean
verify (const char   *record,
        const char   *folder,
        const char   *id,
        const char   *commit,
        GCancellable *cancellable)
{
  g_autoptr (GBytes) bytes = attune_json_load_file (record, MAX_RECORD_LENGTH, NULL);
  g_autoptr (yyjson_doc) document = NULL;
  yyjson_val *root, *files, *name;
  yyjson_obj_iter iter;

  if (bytes != NULL)
    document = attune_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                         record, NULL);
  root = document != NULL ? yyjson_doc_get_root (document) : NULL;
  files = yyjson_obj_get (root, "files");
  if (!is_word (yyjson_obj_get (root, "source"), id)
      || !is_word (yyjson_obj_get (root, "revision"), commit) || yyjson_obj_size (files) == 0)
    return FALSE;

  iter = yyjson_obj_iter_with (files);
  while ((name = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *entry = yyjson_obj_iter_get_val (name);
      g_autofree char *path = NULL;
      const AttuneHubFile file = {
        .size = yyjson_get_sint (yyjson_obj_get (entry, "size")),
        .hash = (char *) yyjson_get_str (yyjson_obj_get (entry, "sha256")),
      };

      if (!attune_hub_path_is_safe (yyjson_get_str (name)) || file.hash == NULL
          || strlen (file.hash) != 64)
        return FALSE;
      path = g_build_filename (folder, yyjson_get_str (name), NULL);
      if (!attune_hub_file_verify (&file, path, cancellable))
        return FALSE;
    }

  return TRUE;
}

/* The records of a commit: of that part, or of the only one. */
static char *
find_part (const char *commit_path,
           const char *part)
{
  g_autoptr (GDir) dir = g_dir_open (commit_path, 0, NULL);
  g_autofree char *found = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *its = NULL;

      if (!g_str_has_suffix (name, SUFFIX) || *name == '.')
        continue;
      its = g_strndup (name, strlen (name) - strlen (SUFFIX));
      if (part != NULL && strcmp (its, part) != 0)
        continue;
      if (found != NULL)
        return NULL;
      found = g_steal_pointer (&its);
    }

  return g_steal_pointer (&found);
}

/**
 * attune_hub_data_find:
 * @base: the folder of all commits of it
 * @revision: (nullable): a commit, or the newest that is there
 *
 * Returns: (transfer full) (nullable): the folder of that part of it, or of the only one; %NULL
 *   where there is none that is whole
 */
char *
attune_hub_data_find (const char   *base,
                      const char   *id,
                      const char   *revision,
                      const char   *part,
                      GCancellable *cancellable)
{
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  g_autofree char *best = NULL;
  gint64 newest = G_MININT64;
  const char *commit;

  while (dir != NULL && (commit = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (base, commit, NULL);
      g_autofree char *found = NULL;
      g_autofree char *folder = NULL;
      g_autofree char *record = NULL;
      struct stat info;

      if (!attune_hub_is_commit (commit) || (revision != NULL && strcmp (revision, commit) != 0))
        continue;
      found = find_part (path, part);
      if (found == NULL)
        continue;
      folder = g_build_filename (path, found, NULL);
      record = g_strconcat (folder, SUFFIX, NULL);
      if (stat (record, &info) != 0 || info.st_mtime <= newest
          || !verify (record, folder, id, commit, cancellable))
        continue;
      newest = info.st_mtime;
      g_free (best);
      best = g_steal_pointer (&folder);
    }

  return g_steal_pointer (&best);
}
