/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What belongs to a model or a data set, and where it goes. A model's files are gathered in the
 * hidden folder .downloads of the store, where an interrupted download is gone on with, and then
 * imported like any other folder; a data set's stay where they were written. Only files with known
 * names are taken: nothing that could be a program. Worker thread.
 */
#include "config.h"

#include "attune-hub-download.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-hub-cache.h"
#include "attune-hub-file.h"
#include "attune-json.h"

#define DOWNLOADS ".downloads"
#define LARGEST_FILE (G_GINT64_CONSTANT (50) << 30)
#define RESERVE (G_GUINT64_CONSTANT (64) << 20)
#define SHOWN_PARTS 10u

/* The weights come last: what else is wrong shows before. */
static const char *const model_files[]
  = { "config.json",           "vocab.txt",  "vocab.json", "merges.txt",
      "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json", "model.safetensors" };

/* One download: some files of a repository, to a folder. */
typedef struct {
  AttuneHub *hub;
  AttuneHubRepo *repo;
  const char *kind;   /* "models", "datasets" */
  GPtrArray *files;   /* (element-type AttuneHubFile), borrowed from repo */
  GPtrArray *names;   /* their paths below the folder */
  char *folder;
  int lock;
  AttuneHubMeter meter;
  GCancellable *cancellable;
} Download;

static void
download_clear (Download *self)
{
  g_clear_pointer (&self->repo, attune_hub_repo_free);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self->folder);
  if (self->lock >= 0)
    close (self->lock);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Download, download_clear)

static gboolean
is_data (const Download *self)
{
  return strcmp (self->kind, "datasets") == 0;
}

static void
download_init (Download          *self,
               AttuneHub         *hub,
               const char        *kind,
               AttuneHubProgress  progress,
               gpointer           user_data,
               GCancellable      *cancellable)
{
  *self = (Download) { .hub = hub, .kind = kind, .lock = -1, .cancellable = cancellable,
                       .meter = { .call = progress, .user_data = user_data } };
  self->files = g_ptr_array_new ();
  self->names = g_ptr_array_new_with_free_func (g_free);
}

/* What the Hub lists, or what the cache of other programs holds when it may not be asked. */
static gboolean
download_find (Download    *self,
               const char  *id,
               const char  *revision,
               GError     **error)
{
  g_autofree char *escaped = g_uri_escape_string (revision, NULL, FALSE);
  g_autofree char *address = NULL;
  g_autoptr (GBytes) json = NULL;

  g_clear_pointer (&self->repo, attune_hub_repo_free);
  if (!attune_hub_check_id (id, error))
    return FALSE;
  if (self->hub->offline)
    {
      self->repo = attune_hub_cache_find (self->hub, self->kind, id, revision);
      if (self->repo == NULL)
        g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_OFFLINE,
                     _("“%s” is not on this computer, and the Hub is not asked while offline "
                       "(HF_HUB_OFFLINE, or “Work Offline” in the preferences); switch that off to "
                       "download it"),
                     id);
      return self->repo != NULL;
    }

  address = g_strdup_printf ("%s/api/%s/%s/revision/%s?blobs=true", self->hub->endpoint, self->kind,
                             id, escaped);
  json = attune_hub_get_json (self->hub, address, id, NULL, self->cancellable, error);
  if (json == NULL)
    return FALSE;
  self->repo = attune_hub_repo_parse (g_bytes_get_data (json, NULL), g_bytes_get_size (json), id,
                                      error);

  return self->repo != NULL;
}

static void
download_add (Download      *self,
              AttuneHubFile *file,
              const char    *name)
{
  g_ptr_array_add (self->files, file);
  g_ptr_array_add (self->names, g_strdup (name));
}

static AttuneHubFile *
find_file (const AttuneHubRepo *repo,
           const char          *path)
{
  for (guint i = 0; i < repo->files->len; i++)
    {
      AttuneHubFile *file = g_ptr_array_index (repo->files, i);

      if (strcmp (file->path, path) == 0)
        return file;
    }

  return NULL;
}

static gboolean
make_folder (const char  *path,
             GError     **error)
{
  if (g_mkdir_with_parents (path, 0777) != 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _("Could not make the folder “%s”: %s"), path, g_strerror (saved));
      return FALSE;
    }

  return TRUE;
}

/* One program at a time writes there. */
static gboolean
download_lock (Download  *self,
               GError   **error)
{
  g_autofree char *path = g_build_filename (self->folder, ".lock", NULL);

  if (!make_folder (self->folder, error))
    return FALSE;
  self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (self->lock >= 0 && flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;

  g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_BUSY,
               _("“%s” is being downloaded by another program already; wait for it, or stop it"),
               self->repo->id);
  return FALSE;
}

/* Sizes and hashes of all, and room for them. copies: how often each will lie on the disk. */
static gboolean
download_measure (Download  *self,
                  guint      copies,
                  GError   **error)
{
  const char *kind = is_data (self) ? "datasets/" : "";
  struct statvfs disk;
  guint64 free_bytes, needed;

  self->meter.total = 0;
  for (guint i = 0; i < self->files->len; i++)
    {
      AttuneHubFile *file = g_ptr_array_index (self->files, i);

      if (!attune_hub_file_complete (self->hub, self->repo, kind, file, self->cancellable, error))
        return FALSE;
      if (file->size > LARGEST_FILE)
        {
          g_autofree char *size = g_format_size ((guint64) file->size);

          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_SPACE,
                       _("“%s” of “%s” has %s; files of more than 50 GB are not downloaded"),
                       file->path, self->repo->id, size);
          return FALSE;
        }
      self->meter.total += (guint64) file->size;
    }

  needed = self->meter.total * copies + RESERVE;
  if (statvfs (self->folder, &disk) != 0)
    return TRUE;
  free_bytes = (guint64) disk.f_bavail * disk.f_frsize;
  if (free_bytes < needed)
    {
      g_autofree char *wanted = g_format_size (needed);
      g_autofree char *there = g_format_size (free_bytes);

      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_SPACE,
                   _("“%s” needs %s in “%s”, where %s are free; make room and try again"),
                   self->repo->id, wanted, self->folder, there);
      return FALSE;
    }

  return TRUE;
}

/* One file, out of the cache of other programs where it is right there. */
static gboolean
download_fetch (Download  *self,
                guint      i,
                GError   **error)
{
  AttuneHubFile *file = g_ptr_array_index (self->files, i);
  g_autofree char *path = g_build_filename (self->folder, g_ptr_array_index (self->names, i), NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  if (!make_folder (parent, error))
    return FALSE;
  if (!attune_hub_file_verify (file, path, self->cancellable)
      && !attune_hub_cache_take (self->hub, self->kind, self->repo->id, file, path,
                                 self->cancellable)
      && !attune_hub_file_fetch (self->hub, self->repo, is_data (self) ? "datasets/" : "", file,
                                 path, &self->meter, self->cancellable, error))
    return FALSE;

  self->meter.done += (guint64) file->size;
  if (self->meter.call != NULL)
    self->meter.call (self->meter.done, self->meter.total, self->meter.user_data);
  return TRUE;
}

/* What makes a model of it, or why it is none for us. */
static gboolean
choose_model_files (Download  *self,
                    GError   **error)
{
  const AttuneHubRepo *repo = self->repo;
  const char *id = repo->id;

  if (find_file (repo, "config.json") == NULL)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has no config.json, so that it is no model for transformers; choose "
                   "another one"),
                 id);
  else if (find_file (repo, "model.safetensors") != NULL)
    {
      for (guint i = 0; i < G_N_ELEMENTS (model_files); i++)
        {
          AttuneHubFile *file = find_file (repo, model_files[i]);

          if (file != NULL)
            download_add (self, file, file->path);
        }
      return TRUE;
    }
  else if (find_file (repo, "model.safetensors.index.json") != NULL)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("The weights of “%s” are in several pieces, which are not downloaded; choose a "
                   "smaller model"),
                 id);
  else
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has no model.safetensors, and weights in other forms are not downloaded, "
                   "for they can hold programs; choose another model"),
                 id);

  return FALSE;
}

/* A kind of model that is not known shows before its weights are fetched. */
static gboolean
check_config (Download  *self,
              GError   **error)
{
  g_autofree char *path = g_build_filename (self->folder, "config.json", NULL);
  g_autofree char *name = g_strdup_printf ("%s/config.json", self->repo->id);
  g_autoptr (GBytes) json = attune_json_load_file (path, 1u << 20, error);
  g_autoptr (AttuneModelConfig) config = NULL;

  if (json != NULL)
    config = attune_model_config_parse (json, name, error);
  return config != NULL;
}

/* "org--name" */
static char *
get_folder_name (const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, "/", -1);

  return g_strjoinv ("--", parts);
}

/**
 * attune_hub_download_model:
 * @revision: (nullable): a branch, tag or commit
 * @name: (nullable): its name in the store
 *
 * Returns: (transfer full) (nullable): what was installed; a hub error, those of
 *   attune_model_store_import(), CANCELLED or an IO error otherwise, and then what came stays for
 *   the next time
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
  g_autofree char *org_name = get_folder_name (id);
  g_autofree char *entry = NULL;
  g_auto (Download) download = { .lock = -1 };
  AttuneModelOrigin origin;
  AttuneModelInfo *info;

  if (!attune_hub_check_id (id, error)
      || !attune_model_store_check_new (name != NULL ? name : own, error))
    return NULL;
  download_init (&download, self, "models", progress, user_data, cancellable);
  if (!download_find (&download, id, revision != NULL ? revision : "main", error)
      || !choose_model_files (&download, error))
    return NULL;

  entry = g_strdup_printf ("%s@%s", org_name, download.repo->commit);
  download.folder = g_build_filename (store, DOWNLOADS, entry, NULL);
  /* Twice: the import makes a copy, and what it is made from goes when that is whole. */
  if (!download_lock (&download, error) || !download_measure (&download, 2, error))
    return NULL;
  for (guint i = 0; i < download.files->len; i++)
    if (!download_fetch (&download, i, error) || (i == 0 && !check_config (&download, error)))
      return NULL;

  origin = (AttuneModelOrigin) { .source = id, .revision = download.repo->commit,
                                 .licence = download.repo->licence,
                                 .language = download.repo->languages };
  info = attune_model_store_import_from (download.folder, name != NULL ? name : own, &origin,
                                         cancellable, error);
  if (info != NULL)
    attune_durable_folder_remove (download.folder);

  return info;
}

static gboolean
is_part_name (const char *word)
{
  return g_str_has_prefix (word, "train") || g_str_has_prefix (word, "validation")
         || g_str_has_prefix (word, "test") || strcmp (word, "dev") == 0 || strcmp (word, "data") == 0;
}

/* "sst2/train-0.parquet" is of the set "sst2"; "data/train-0.parquet" of the only one. */
static char *
get_part (const char *path)
{
  const char *slash = strchr (path, '/');
  g_autofree char *first = slash != NULL ? g_strndup (path, (gsize) (slash - path)) : NULL;

  return first == NULL || is_part_name (first) ? g_strdup ("") : g_steal_pointer (&first);
}

/* The sets there are, as the folders of the Parquet files say. */
static GPtrArray *
list_parts (const AttuneHubRepo *repo)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < repo->files->len; i++)
    {
      const AttuneHubFile *file = g_ptr_array_index (repo->files, i);
      g_autofree char *part = NULL;

      if (!g_str_has_suffix (file->path, ".parquet"))
        continue;
      part = get_part (file->path);
      if (!g_ptr_array_find_with_equal_func (parts, part, g_str_equal, NULL))
        g_ptr_array_add (parts, g_steal_pointer (&part));
    }

  return parts;
}

static gboolean
choose_part (GPtrArray    *parts,
             const char   *id,
             const char   *wanted,
             const char  **chosen,
             GError      **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    {
      const char *part = g_ptr_array_index (parts, i);

      if (wanted != NULL ? strcmp (part, wanted) == 0 : parts->len == 1)
        {
          *chosen = part;
          return TRUE;
        }
      if (i < SHOWN_PARTS && *part != '\0')
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", part);
    }
  if (parts->len == 0)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” has no Parquet files on the Hub; download its files in a browser and open "
                   "those"),
                 id);
  else if (parts->len > SHOWN_PARTS)
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” holds %u sets (%s …); say which one"), id, parts->len, names->str);
  else
    g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_UNSUITABLE,
                 _("“%s” holds the sets %s; say which one"), id, names->str);

  return FALSE;
}

/* What was downloaded whole has a record beside it. */
static gboolean
write_data_record (Download    *self,
                   const char  *path,
                   GError     **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  g_autofree char *text = NULL;
  yyjson_mut_val *root = yyjson_mut_obj (document);
  yyjson_mut_val *list;
  gsize length;

  yyjson_mut_doc_set_root (document, root);
  yyjson_mut_obj_add_uint (document, root, "version", 1);
  yyjson_mut_obj_add_str (document, root, "source", self->repo->id);
  yyjson_mut_obj_add_str (document, root, "revision", self->repo->commit);
  if (self->repo->licence != NULL)
    yyjson_mut_obj_add_str (document, root, "licence", self->repo->licence);
  else
    yyjson_mut_obj_add_null (document, root, "licence");
  list = yyjson_mut_obj_add_obj (document, root, "files");
  for (guint i = 0; i < self->files->len; i++)
    {
      const AttuneHubFile *file = g_ptr_array_index (self->files, i);
      const char *name = g_ptr_array_index (self->names, i);
      g_autofree char *where = g_build_filename (self->folder, name, NULL);
      g_autofree char *sha256 = strlen (file->hash) == 64
                                  ? g_strdup (file->hash)
                                  : attune_hub_file_hash (where, self->cancellable);
      yyjson_mut_val *entry = yyjson_mut_obj_add_obj (document, list, name);

      yyjson_mut_obj_add_uint (document, entry, "size", (guint64) file->size);
      yyjson_mut_obj_add_strcpy (document, entry, "sha256", sha256 != NULL ? sha256 : "");
    }
  text = attune_json_write (document, &length, error);

  return text != NULL && attune_durable_write (path, text, length, error);
}

/* One that was downloaded before, for when nobody may be asked: that commit, or any. */
static char *
find_old (const char *base,
          const char *revision,
          const char *part)
{
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  g_autofree char *record = g_strconcat (part != NULL ? part : "default", ".json", NULL);
  const char *commit;

  while (dir != NULL && (commit = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (base, commit, record, NULL);

      if ((revision == NULL || strcmp (revision, commit) == 0)
          && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_build_filename (base, commit, part != NULL ? part : "default", NULL);
    }

  return NULL;
}

/* The Parquet files of the repository, or else those that the Hub made of its files. */
static gboolean
choose_data_files (Download    *self,
                   const char  *id,
                   const char  *revision,
                   const char  *part,
                   char       **chosen,
                   GError     **error)
{
  g_autoptr (GPtrArray) parts = NULL;
  const char *found;

  if (!download_find (self, id, revision != NULL ? revision : "main", error))
    return FALSE;
  parts = list_parts (self->repo);
  if (parts->len == 0 && revision == NULL && !self->hub->offline)
    {
      g_autoptr (GError) none = NULL;

      if (download_find (self, id, "refs/convert/parquet", &none))
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
      g_autofree char *its = get_part (file->path);

      if (g_str_has_suffix (file->path, ".parquet") && strcmp (its, found) == 0)
        download_add (self, file, file->path + (*its != '\0' ? strlen (its) + 1 : 0));
    }
  *chosen = g_strdup (*found != '\0' ? found : "default");

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
  g_autofree char *name = get_folder_name (id);
  g_autofree char *base = g_build_filename (g_get_user_data_dir (), "attune", "datasets", name,
                                            NULL);
  g_autofree char *chosen = NULL;
  g_autofree char *record = NULL, *record_name = NULL;
  g_auto (Download) download = { .lock = -1 };

  if (!attune_hub_check_id (id, error))
    return NULL;
  if (part != NULL && (!attune_hub_path_is_safe (part) || strchr (part, '/') != NULL))
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_NOT_FOUND,
                   _("“%s” holds no set named “%s”"), id, part);
      return NULL;
    }
  if (self->offline)
    {
      char *old = find_old (base, revision, part);

      if (old != NULL)
        return old;
    }

  download_init (&download, self, "datasets", progress, user_data, cancellable);
  if (!choose_data_files (&download, id, revision, part, &chosen, error))
    return NULL;
  download.folder = g_build_filename (base, download.repo->commit, chosen, NULL);
  record_name = g_strconcat (chosen, ".json", NULL);
  record = g_build_filename (base, download.repo->commit, record_name, NULL);
  if (!download_lock (&download, error) || !download_measure (&download, 1, error))
    return NULL;
  for (guint i = 0; i < download.files->len; i++)
    if (!download_fetch (&download, i, error))
      return NULL;
  if (!write_data_record (&download, record, error))
    return NULL;

  return g_strdup (download.folder);
}
