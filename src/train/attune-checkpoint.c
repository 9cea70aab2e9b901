/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sealing, opening, finding and pruning checkpoints. What is written into one comes from
 * attune-checkpoint-saver.c. Read with distrust: a manifest is small, names plain files of its own
 * folder, and every byte of them is hashed. Blocking; any thread but the main one.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <yyjson.h>

#include "attune-checkpoint.h"
#include "attune-digest.h"
#include "attune-durable.h"
#include "attune-run-folder.h"

#define VERSION 1
#define MAX_JSON (1024 * 1024)
#define MAX_FILES 64
/* Names, vocabulary, state. */
#define BYTES_BESIDE (4 * 1024 * 1024)

void
attune_checkpoint_free (AttuneCheckpoint *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self);
}

char *
attune_checkpoint_build_folder (const char *run_folder)
{
  return g_build_filename (run_folder, "checkpoints", NULL);
}

char *
attune_checkpoint_build_path (const char *run_folder,
                              gint64      step)
{
  g_autofree char *name = g_strdup_printf ("step-%" PRIi64, step);

  return g_build_filename (run_folder, "checkpoints", name, NULL);
}

guint64
attune_checkpoint_estimate_bytes (guint64 n_weights,
                                  guint64 n_moments)
{
  return (n_weights + n_moments) * sizeof (float) + BYTES_BESIDE;
}

guint64
attune_checkpoint_estimate_run (guint64 n_weights,
                                guint64 n_moments,
                                guint   n_kept)
{
  /* The best and one in the making besides those that are kept; best/ while it is replaced. */
  guint n = n_kept > 0 ? n_kept + 2 : 0;

  return n * attune_checkpoint_estimate_bytes (n_weights, n_moments)
         + 2 * n_weights * sizeof (float);
}

static gboolean damaged (GError     **error,
                         const char  *format,
                         ...) G_GNUC_PRINTF (2, 3);

static gboolean
damaged (GError     **error,
         const char  *format,
         ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN, format,
                                                args));
  va_end (args);
  return FALSE;
}

/* (transfer full): SHA-256 of a regular file, and its size; NULL with *error. */
static char *
hash_file (const char  *path,
           guint64     *n_bytes,
           GError     **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GMappedFile) map = NULL;
  struct stat info;
  AttuneDigest *digest;

  if (lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    {
      damaged (error, _("%s is missing or no file"), path);
      return NULL;
    }
  map = g_mapped_file_new (path, FALSE, &local_error);
  if (map == NULL)
    {
      damaged (error, _("%s cannot be read: %s"), path, local_error->message);
      return NULL;
    }
  *n_bytes = g_mapped_file_get_length (map);
  digest = attune_digest_begin (g_mapped_file_get_contents (map));
  attune_digest_advance (digest, *n_bytes);
  return attune_digest_end (digest);
}

/* (transfer full) (element-type utf8): in order, the manifest itself left out */
static GPtrArray *
list_files (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (name, ATTUNE_CHECKPOINT_MANIFEST))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  return names;
}

/**
 * attune_checkpoint_seal:
 * @folder: a folder that is being made, with all files of the checkpoint, each fsynced
 *
 * Hashes what was written, as it is read back, and writes MANIFEST.json.
 */
gboolean
attune_checkpoint_seal (const char  *folder,
                        gint64       step,
                        guint64     *n_bytes,
                        GError     **error)
{
  g_autofree char *path = g_build_filename (folder, ATTUNE_CHECKPOINT_MANIFEST, NULL);
  g_autoptr (GPtrArray) names = list_files (folder);
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  yyjson_mut_val *files;
  gboolean ok = TRUE;
  size_t length = 0;
  char *json;

  *n_bytes = 0;
  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "version", VERSION);
  yyjson_mut_obj_add_int (doc, root, "step", step);
  files = yyjson_mut_obj_add_obj (doc, root, "files");
  for (guint i = 0; ok && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *file = g_build_filename (folder, name, NULL);
      guint64 size = 0;
      g_autofree char *sha256 = hash_file (file, &size, error);
      yyjson_mut_val *entry;

      if (sha256 == NULL)
        {
          ok = FALSE;
          break;
        }
      entry = yyjson_mut_obj_add_obj (doc, files, name);
      yyjson_mut_obj_add_uint (doc, entry, "bytes", size);
      yyjson_mut_obj_add_strcpy (doc, entry, "sha256", sha256);
      *n_bytes += size;
    }
  json = ok ? yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES, &length) : NULL;
  ok = json != NULL && attune_durable_write (path, json, length, error);
  free (json);
  yyjson_mut_doc_free (doc);
  return ok;
}

/* One file of the manifest. */
static gboolean
check_file (const char  *folder,
            const char  *name,
            yyjson_val  *entry,
            guint64     *n_bytes,
            GError     **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const char *expected = yyjson_get_str (yyjson_obj_get (entry, "sha256"));
  guint64 expected_size = yyjson_get_uint (yyjson_obj_get (entry, "bytes"));
  g_autofree char *sha256 = NULL;
  struct stat info;
  guint64 size = 0;

  if (strchr (name, '/') != NULL || *name == '.')
    return damaged (error, _("The manifest in %s names a file outside of it"), folder);
  /* A length that differs is known without reading. */
  if (lstat (path, &info) == 0 && (guint64) info.st_size != expected_size)
    return damaged (error, _("%s has %" PRIu64 " bytes, but was written with %" PRIu64), path,
                    (guint64) info.st_size, expected_size);
  sha256 = hash_file (path, &size, error);
  if (sha256 == NULL)
    return FALSE;
  if (g_strcmp0 (sha256, expected) != 0)
    return damaged (error, _("%s is not what was written: its SHA-256 differs"), path);
  *n_bytes += size;
  return TRUE;
}

static gboolean
check_manifest (AttuneCheckpoint  *self,
                yyjson_val        *root,
                GError           **error)
{
  yyjson_val *files = yyjson_obj_get (root, "files");
  yyjson_obj_iter iter;
  yyjson_val *key;

  if (!yyjson_is_obj (files) || yyjson_obj_size (files) > MAX_FILES
      || yyjson_obj_get (files, ATTUNE_CHECKPOINT_WEIGHTS) == NULL
      || yyjson_obj_get (files, ATTUNE_CHECKPOINT_OPTIMIZER) == NULL
      || yyjson_obj_get (files, ATTUNE_CHECKPOINT_STATE) == NULL)
    return damaged (error, _("The manifest in %s does not name the files of a checkpoint"),
                    self->path);
  yyjson_obj_iter_init (files, &iter);
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    if (!check_file (self->path, yyjson_get_str (key), yyjson_obj_iter_get_val (key),
                     &self->n_bytes, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_state (AttuneCheckpoint  *self,
            GError           **error)
{
  g_autofree char *path = g_build_filename (self->path, ATTUNE_CHECKPOINT_STATE, NULL);
  gsize length = 0;
  g_autofree char *json = attune_run_folder_read (self->path, ATTUNE_CHECKPOINT_STATE, MAX_JSON,
                                                  &length, error);

  return json != NULL && attune_checkpoint_state_parse (&self->state, json, length, path, error);
}

AttuneCheckpoint *
attune_checkpoint_open (const char  *path,
                        GError     **error)
{
  g_autoptr (AttuneCheckpoint) self = g_new0 (AttuneCheckpoint, 1);
  gsize length = 0;
  g_autofree char *json = attune_run_folder_read (path, ATTUNE_CHECKPOINT_MANIFEST, MAX_JSON,
                                                  &length, error);
  yyjson_doc *doc = json != NULL ? yyjson_read (json, length, YYJSON_READ_NOFLAG) : NULL;
  yyjson_val *root = doc != NULL ? yyjson_doc_get_root (doc) : NULL;
  gboolean ok = FALSE;

  self->path = g_strdup (path);
  self->step = yyjson_get_sint (yyjson_obj_get (root, "step"));
  if (json != NULL && yyjson_get_sint (yyjson_obj_get (root, "version")) != VERSION)
    damaged (error, _("The manifest in %s is damaged, or of another version of Attune"), path);
  else if (json != NULL)
    ok = check_manifest (self, root, error) && read_state (self, error);
  if (doc != NULL)
    yyjson_doc_free (doc);
  if (ok && self->state.step != self->step)
    ok = damaged (error, _("%s contradicts itself about its step"), path);
  return ok ? g_steal_pointer (&self) : NULL;
}

static gint
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  gint64 step_a = *(const gint64 *) a, step_b = *(const gint64 *) b;

  return step_a > step_b ? -1 : step_a < step_b ? 1 : 0;
}

GArray *
attune_checkpoint_list (const char *run_folder)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree char *folder = attune_checkpoint_build_folder (run_folder);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      gint64 step = 0;

      if (g_str_has_prefix (name, "step-")
          && g_ascii_string_to_signed (name + strlen ("step-"), 10, 1, G_MAXINT64, &step, NULL))
        g_array_append_val (steps, step);
    }
  g_array_sort (steps, compare_newest_first);
  return steps;
}

AttuneCheckpoint *
attune_checkpoint_find_newest (const char *run_folder,
                               GPtrArray  *skipped)
{
  g_autoptr (GArray) steps = attune_checkpoint_list (run_folder);

  for (guint i = 0; i < steps->len; i++)
    {
      g_autofree char *path =
        attune_checkpoint_build_path (run_folder, g_array_index (steps, gint64, i));
      g_autoptr (GError) error = NULL;
      AttuneCheckpoint *found = attune_checkpoint_open (path, &error);

      if (found != NULL)
        return found;
      if (skipped != NULL)
        g_ptr_array_add (skipped, g_strdup_printf (_("A checkpoint is passed over. %s"),
                                                   error->message));
    }
  return NULL;
}

void
attune_checkpoint_prune (const char   *run_folder,
                         guint         n,
                         const gint64 *kept,
                         guint         n_kept)
{
  g_autoptr (GArray) steps = attune_checkpoint_list (run_folder);

  for (guint i = n; i < steps->len; i++)
    {
      gint64 step = g_array_index (steps, gint64, i);
      g_autofree char *path = attune_checkpoint_build_path (run_folder, step);
      g_autofree char *manifest = g_build_filename (path, ATTUNE_CHECKPOINT_MANIFEST, NULL);
      gboolean keep = FALSE;

      for (guint k = 0; k < n_kept; k++)
        keep |= kept[k] == step;
      if (keep)
        continue;
      /* First what makes it a checkpoint: one that is removed by half is none. */
      g_unlink (manifest);
      attune_durable_folder_remove (path);
    }
}
