/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See attune-model-weights.h. An index is foreign: its file names are plain names of the same
 * folder, and every tensor must lie where it says. Any thread.
 */
#include "config.h"

#include "attune-model-weights.h"

#include <string.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-json.h"
#include "attune-weights-conversion.h"

#define MAX_INDEX_LENGTH (16u << 20)
#define MAX_FILES 1000
#define MAX_NAME 255 /* bytes, of a file */
#define ONE_FILE "model.safetensors"

static gboolean
has_file (const char *folder,
          const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
is_plain_name (yyjson_val *value)
{
  const char *name = yyjson_get_str (value);

  return name != NULL && strlen (name) == yyjson_get_len (value) && yyjson_get_len (value) <= MAX_NAME
         && name[0] != '.' && strpbrk (name, "/\\") == NULL && g_str_has_suffix (name, ".safetensors");
}

/**
 * attune_weights_index_parse:
 * @json: the bytes of a model.safetensors.index.json
 * @source_name: what to call it in errors
 *
 * Returns: (transfer full) (nullable): FORMAT for a malformed index or one that names what is no
 *   file beside it
 */
GHashTable *
attune_weights_index_parse (GBytes      *json,
                            const char  *source_name,
                            GError     **error)
{
  g_autoptr (GHashTable) map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (yyjson_doc) document = NULL;
  yyjson_val *entries, *key;
  yyjson_obj_iter iter;
  const char *data;
  gsize length;

  data = g_bytes_get_data (json, &length);
  document = attune_json_parse_object (data, length, source_name, error);
  if (document == NULL)
    return NULL;

  entries = yyjson_obj_get (yyjson_doc_get_root (document), "weight_map");
  iter = yyjson_obj_iter_with (entries);
  while ((key = yyjson_obj_iter_next (&iter)) != NULL)
    {
      yyjson_val *value = yyjson_obj_iter_get_val (key);
      char *name;

      if (!is_plain_name (value))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("“%s” puts a tensor in what is no .safetensors file of the same folder"),
                       source_name);
          return NULL;
        }
      name = g_strdup (yyjson_get_str (value));
      if (!g_hash_table_insert (map, g_strdup (yyjson_get_str (key)), name))
        {
          g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                       _("“%s” says twice where a tensor is"), source_name);
          return NULL;
        }
      g_hash_table_add (files, name);
    }

  if (g_hash_table_size (files) == 0 || g_hash_table_size (files) > MAX_FILES)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” must divide the weights among 1 to %u files and names %u"), source_name,
                   MAX_FILES, g_hash_table_size (files));
      return NULL;
    }
  return g_steal_pointer (&map);
}

static GHashTable *
load_index (const char  *folder,
            GError     **error)
{
  g_autofree char *path = g_build_filename (folder, ATTUNE_WEIGHTS_INDEX, NULL);
  g_autoptr (GBytes) json = attune_json_load_file (path, MAX_INDEX_LENGTH, error);

  return json != NULL ? attune_weights_index_parse (json, path, error) : NULL;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
attune_weights_index_list_files (GHashTable *map)
{
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, map);
  while (g_hash_table_iter_next (&iter, NULL, &name))
    if (g_hash_table_add (files, name))
      g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  return names;
}

/**
 * attune_model_weights_list_files:
 *
 * Returns: (transfer full) (nullable): NULL-terminated; errors of the index
 */
char **
attune_model_weights_list_files (const char  *folder,
                                 GError     **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GHashTable) map = NULL;
  g_autoptr (GPtrArray) shards = NULL;

  if (has_file (folder, ONE_FILE))
    {
      g_strv_builder_add (names, ONE_FILE);
      return g_strv_builder_end (names);
    }
  if (!has_file (folder, ATTUNE_WEIGHTS_INDEX))
    return g_strv_builder_end (names);
  map = load_index (folder, error);
  if (map == NULL)
    return NULL;
  shards = attune_weights_index_list_files (map);
  g_strv_builder_add (names, ATTUNE_WEIGHTS_INDEX);
  for (guint i = 0; i < shards->len; i++)
    g_strv_builder_add (names, g_ptr_array_index (shards, i));
  return g_strv_builder_end (names);
}

/* Adds the file to weights. */
static AttuneSafetensors *
open_file (const char  *folder,
           const char  *name,
           GPtrArray   *weights,
           guint64     *n_bytes,
           GError     **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  AttuneSafetensors *file = attune_safetensors_open (path, error);
  GStatBuf info;

  if (file == NULL)
    return NULL;
  if (g_stat (path, &info) == 0)
    *n_bytes += info.st_size;
  g_ptr_array_add (weights, file);
  return file;
}

static gboolean
open_shards (const char  *folder,
             GPtrArray   *weights,
             guint64     *n_bytes,
             GError     **error)
{
  g_autoptr (GHashTable) map = load_index (folder, error);
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) shards = NULL;
  GHashTableIter iter;
  gpointer tensor, name;

  if (map == NULL)
    return FALSE;
  shards = attune_weights_index_list_files (map);
  for (guint i = 0; i < shards->len; i++)
    {
      AttuneSafetensors *file = open_file (folder, g_ptr_array_index (shards, i), weights, n_bytes,
                                           error);

      if (file == NULL)
        return FALSE;
      g_hash_table_insert (files, g_ptr_array_index (shards, i), file);
    }
  g_hash_table_iter_init (&iter, map);
  while (g_hash_table_iter_next (&iter, &tensor, &name))
    if (attune_safetensors_lookup (g_hash_table_lookup (files, name), tensor) == NULL)
      {
        g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISMATCH,
                     _("“%s/%s” says that “%s” holds the tensor “%s”, but it does not"), folder,
                     ATTUNE_WEIGHTS_INDEX, (const char *) name, (const char *) tensor);
        return FALSE;
      }
  return TRUE;
}

/**
 * attune_model_weights_open:
 *
 * Returns: (transfer full) (nullable): MISSING or UNSUPPORTED where there are no such files; errors
 *   of the index and of each file
 */
GPtrArray *
attune_model_weights_open (const char  *folder,
                           guint64     *n_bytes,
                           GError     **error)
{
  g_autoptr (GPtrArray) weights
    = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_safetensors_unref);

  *n_bytes = 0;
  if (has_file (folder, ONE_FILE))
    return open_file (folder, ONE_FILE, weights, n_bytes, error) != NULL
             ? g_steal_pointer (&weights) : NULL;
  if (has_file (folder, ATTUNE_WEIGHTS_INDEX))
    return open_shards (folder, weights, n_bytes, error) ? g_steal_pointer (&weights) : NULL;

  if (attune_weights_need_conversion (folder))
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                 _("“%s” has its weights only as pytorch_model.bin, which may run code when read; "
                   "add the folder to the models, and they are converted where they can do no harm"),
                 folder);
  else
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("“%s” holds no model.safetensors"), folder);
  return NULL;
}
