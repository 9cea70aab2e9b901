/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models on this computer: which there are, where one is, and taking in another one. What comes
 * in is copied, opened and read through once before it gets its name. Listing and resolving are
 * quick; importing is long and belongs on a worker thread.
 */
#include "config.h"

#include "attune-model-store.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-json.h"
#include "attune-model-copy.h"
#include "attune-model-head.h"
#include "attune-rnn-config.h"
#include "attune-weights-conversion.h"

#define RECORD "attune.json"
#define MAX_RECORD_LENGTH (1u << 20)
#define MAX_NAME_LENGTH 100
/* No folder begins like this. */
#define SCRATCH "scratch:"

/* Models known by the sha256 of their weights, so that they need not say who they are. */
static const struct {
  const char *sha256;
  const char *title;
  const char *source;
  const char *licence;
  const char *language;
} known_models[] = {
  { "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", "MiniLM-L6",
    "sentence-transformers/all-MiniLM-L6-v2", "Apache-2.0", N_("English") },
};

/**
 * attune_model_info_free:
 * @self: (nullable): nothing is done for %NULL
 */
void
attune_model_info_free (AttuneModelInfo *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->title);
  g_free (self->path);
  g_free (self->licence);
  g_free (self->language);
  g_free (self->source);
  g_strfreev (self->labels);
  g_free (self);
}

/**
 * attune_model_store_get_path:
 *
 * Returns: (transfer full): the folder of all models; it may not exist yet
 */
char *
attune_model_store_get_path (void)
{
  const char *override = g_getenv ("ATTUNE_MODELS");

  if (override != NULL && *override != '\0')
    return g_strdup (override);
  return g_build_filename (g_get_user_data_dir (), "attune", "models", NULL);
}

static char *
dup_string (yyjson_val *object,
            const char *key)
{
  return g_strdup (yyjson_get_str (yyjson_obj_get (object, key)));
}

/* The record is a nicety: without one, or with a torn one, the folder speaks for itself. */
static void
read_record (AttuneModelInfo *info)
{
  g_autofree char *path = g_build_filename (info->path, RECORD, NULL);
  g_autoptr (GBytes) bytes = attune_json_load_file (path, MAX_RECORD_LENGTH, NULL);
  g_autoptr (yyjson_doc) document = NULL;
  yyjson_val *root;

  if (bytes != NULL)
    document = attune_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                         path, NULL);
  if (document == NULL)
    return;

  root = yyjson_doc_get_root (document);
  info->title = dup_string (root, "title");
  info->licence = dup_string (root, "licence");
  info->language = dup_string (root, "language");
  info->source = dup_string (root, "source");
}

static AttuneModelInfo *
info_new (const char  *path,
          GError     **error)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  AttuneModelInfo *info;

  folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_NO_TOKENIZER, error);
  if (folder == NULL)
    return NULL;

  info = g_new0 (AttuneModelInfo, 1);
  info->name = g_path_get_basename (path);
  info->path = g_strdup (path);
  info->n_bytes = attune_model_folder_get_n_bytes (folder);
  info->n_layers = attune_model_folder_get_config (folder)->num_hidden_layers;
  info->hidden_size = attune_model_folder_get_config (folder)->hidden_size;
  info->labels = attune_model_head_list_labels (folder);
  read_record (info);
  if (info->title == NULL)
    info->title = g_strdup (info->name);

  return info;
}

/* What may be a model: the folders in the store that are not hidden. FALSE at the end. */
static gboolean
next_path (GDir        *store,
           const char  *store_path,
           char       **path)
{
  const char *name;

  g_clear_pointer (path, g_free);
  while ((name = g_dir_read_name (store)) != NULL)
    {
      g_autofree char *candidate = g_build_filename (store_path, name, NULL);

      if (name[0] == '.' || !g_utf8_validate (name, -1, NULL)
          || !g_file_test (candidate, G_FILE_TEST_IS_DIR))
        continue;
      *path = g_steal_pointer (&candidate);
      return TRUE;
    }

  return FALSE;
}

static int
compare_infos (gconstpointer a,
               gconstpointer b)
{
  const AttuneModelInfo *x = *(const AttuneModelInfo *const *) a;
  const AttuneModelInfo *y = *(const AttuneModelInfo *const *) b;
  int order = g_utf8_collate (x->title, y->title);

  return order != 0 ? order : strcmp (x->name, y->name);
}

/**
 * attune_model_store_list:
 *
 * A store that does not exist is an empty one; a broken folder in it is left out.
 *
 * Returns: (transfer full) (element-type AttuneModelInfo) (nullable): by title; an IO error when
 *   the store cannot be read
 */
GPtrArray *
attune_model_store_list (GError **error)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autoptr (GPtrArray) infos
    = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_model_info_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = g_dir_open (store, 0, &local);
  g_autofree char *path = NULL;

  if (folder == NULL)
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&infos);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }

  while (next_path (folder, store, &path))
    {
      AttuneModelInfo *info = info_new (path, NULL);

      if (info != NULL)
        g_ptr_array_add (infos, info);
    }
  g_ptr_array_sort (infos, compare_infos);

  return g_steal_pointer (&infos);
}

/**
 * attune_model_store_list_problems:
 *
 * A folder that a person put into the store and that is no model has to be explained, or it seems
 * to have vanished.
 *
 * Returns: (transfer full): one sentence for each folder that attune_model_store_list() leaves out
 */
GStrv
attune_model_store_list_problems (void)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autoptr (GStrvBuilder) problems = g_strv_builder_new ();
  g_autoptr (GDir) folder = g_dir_open (store, 0, NULL);
  g_autofree char *path = NULL;

  while (folder != NULL && next_path (folder, store, &path))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneModelInfo) info = info_new (path, &error);

      if (info == NULL)
        g_strv_builder_add (problems, error->message);
    }

  return g_strv_builder_end (problems);
}

static char *
list_names (void)
{
  g_autoptr (GPtrArray) infos = attune_model_store_list (NULL);
  GString *names = g_string_new (NULL);

  for (guint i = 0; infos != NULL && i < infos->len; i++)
    {
      const AttuneModelInfo *info = g_ptr_array_index (infos, i);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", info->name);
    }

  return g_string_free (names, FALSE);
}

/**
 * attune_model_store_resolve:
 * @name_or_path: a name in the store, or else a folder; of a run, that of its best weights; or else
 *   a model to begin with nothing, for which see attune_model_store_get_scratch()
 *
 * Whether the model in the folder is whole shows only when it is opened.
 *
 * Returns: (transfer full) (nullable): its folder; MISSING says what is installed and how to get
 *   one
 */
char *
attune_model_store_resolve (const char  *name_or_path,
                            GError     **error)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autofree char *path = g_build_filename (store, name_or_path, NULL);
  g_autofree char *names = NULL;
  AttuneRnnConfig rnn;

  if (*name_or_path != '\0' && name_or_path[0] != '.' && strchr (name_or_path, '/') == NULL
      && g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  if (g_file_test (name_or_path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *weights = g_build_filename (name_or_path, "model.safetensors", NULL);
      g_autofree char *best = g_build_filename (name_or_path, "best", NULL);

      return !g_file_test (weights, G_FILE_TEST_EXISTS) && g_file_test (best, G_FILE_TEST_IS_DIR)
               ? g_steal_pointer (&best)
               : g_strdup (name_or_path);
    }

  if (attune_rnn_config_init (&rnn, name_or_path))
    return g_strconcat (SCRATCH, name_or_path, NULL);

  names = list_names ();
  if (*names != '\0')
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("There is no model “%s” and no such folder; installed are: %s"), name_or_path,
                 names);
  else
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                 _("There is no model “%s” and no such folder, and none is installed; add one with "
                   "“attune-cli models import FOLDER”"),
                 name_or_path);

  return NULL;
}

/**
 * attune_model_store_get_scratch:
 * @path: of attune_model_store_resolve()
 *
 * Returns: (transfer none) (nullable): the name of a model that is begun with nothing ("lstm"); or
 *   %NULL where @path is a folder
 */
const char *
attune_model_store_get_scratch (const char *path)
{
  return g_str_has_prefix (path, SCRATCH) ? path + strlen (SCRATCH) : NULL;
}

static void
add_text (yyjson_mut_doc *document,
          yyjson_mut_val *root,
          const char     *key,
          const char     *text)
{
  if (text != NULL)
    yyjson_mut_obj_add_str (document, root, key, text);
  else
    yyjson_mut_obj_add_null (document, root, key);
}

static void
add_identity (yyjson_mut_doc          *document,
              yyjson_mut_val          *root,
              const char              *name,
              const AttuneModelOrigin *origin,
              const char              *weights_sha256)
{
  yyjson_mut_obj_add_uint (document, root, "version", 1);

  for (guint i = 0; i < G_N_ELEMENTS (known_models) && origin == NULL; i++)
    if (strcmp (weights_sha256, known_models[i].sha256) == 0)
      {
        yyjson_mut_obj_add_str (document, root, "title", known_models[i].title);
        yyjson_mut_obj_add_str (document, root, "source", known_models[i].source);
        yyjson_mut_obj_add_null (document, root, "revision");
        yyjson_mut_obj_add_str (document, root, "licence", known_models[i].licence);
        yyjson_mut_obj_add_str (document, root, "language", known_models[i].language);
        return;
      }

  yyjson_mut_obj_add_strcpy (document, root, "title", name);
  add_text (document, root, "source", origin != NULL ? origin->source : NULL);
  add_text (document, root, "revision", origin != NULL ? origin->revision : NULL);
  add_text (document, root, "licence", origin != NULL ? origin->licence : NULL);
  add_text (document, root, "language", origin != NULL ? origin->language : NULL);
}

static void
add_files (yyjson_mut_doc *document,
           yyjson_mut_val *list,
           GPtrArray      *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const AttuneCopiedFile *file = g_ptr_array_index (files, i);
      yyjson_mut_val *entry = yyjson_mut_obj_add_obj (document, list, file->name);

      yyjson_mut_obj_add_uint (document, entry, "size", file->size);
      yyjson_mut_obj_add_str (document, entry, "sha256", file->sha256);
    }
}

/* attune.json, written last: who the model is, what its files are, and what the weights were made
 * of where they were converted. */
static gboolean
write_record (const char              *folder,
              const char              *name,
              const AttuneModelOrigin *origin,
              GPtrArray               *files,
              GPtrArray               *sources,
              GError                 **error)
{
  g_autoptr (yyjson_mut_doc) document = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (document);
  const char *weights_sha256 = "";

  yyjson_mut_doc_set_root (document, root);
  for (guint i = 0; i < files->len; i++)
    {
      const AttuneCopiedFile *file = g_ptr_array_index (files, i);

      if (strcmp (file->name, "model.safetensors") == 0)
        weights_sha256 = file->sha256;
    }

  add_identity (document, root, name, origin, weights_sha256);
  add_files (document, yyjson_mut_obj_add_obj (document, root, "files"), files);
  if (sources->len > 0)
    add_files (document, yyjson_mut_obj_add_obj (document, root, "converted_from"), sources);

  return attune_json_save (document, folder, RECORD, error);
}

/* Opens it with its tokenizer and looks at every weight. */
static gboolean
validate (const char    *path,
          gboolean       values,
          GCancellable  *cancellable,
          GError       **error)
{
  g_autoptr (AttuneModelFolder) folder = NULL;

  folder = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, error);

  return folder != NULL
         && (!values || attune_model_folder_check_finite (folder, cancellable, error));
}

/* A name is one folder name and nothing that is hidden or climbs. */
static gboolean
check_name (const char  *name,
            GError     **error)
{
  if (*name == '\0' || *name == '.' || strlen (name) > MAX_NAME_LENGTH || strchr (name, '/') != NULL
      || !g_utf8_validate (name, -1, NULL))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("A model cannot be named “%s”; use up to %d bytes without “/” and not "
                     "beginning with “.”"),
                   name, MAX_NAME_LENGTH);
      return FALSE;
    }

  return TRUE;
}

gboolean
attune_model_store_check_new (const char  *name,
                              GError     **error)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autofree char *path = g_build_filename (store, name, NULL);

  if (!check_name (name, error))
    return FALSE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_EXISTS,
               _("There is a model named “%s” already; choose another name"), name);
  return FALSE;
}

/**
 * attune_model_store_remove:
 * @name: of a model in the store
 *
 * Runs that began with it have all they need.
 *
 * Returns: whether it is gone; MISSING when it was not there, or an IO error
 */
gboolean
attune_model_store_remove (const char  *name,
                           GError     **error)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autofree char *path = g_build_filename (store, name, NULL);

  if (!check_name (name, error))
    return FALSE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                   _("There is no model “%s” in “%s”"), name, store);
      return FALSE;
    }
  attune_durable_folder_remove (path);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _("“%s” could not be removed wholly; check who may write there"), path);
  return FALSE;
}

/* A sentence about the copy is one about what was copied, which is still there to be looked at. */
static void
name_folder (GError     **error,
             const char  *temporary,
             const char  *folder)
{
  g_autoptr (GString) message = NULL;

  if (error == NULL || *error == NULL)
    return;

  message = g_string_new ((*error)->message);
  g_string_replace (message, temporary, folder, 0);
  g_free ((*error)->message);
  (*error)->message = g_string_free (g_steal_pointer (&message), FALSE);
}

/**
 * attune_model_store_import:
 * @folder: a HF folder
 * @name: (nullable): its name in the store; %NULL for that of the folder
 *
 * Copies config, weights and tokenizer files, records the sha256 of each in attune.json, checks the
 * copy, and only then gives it its name. Weights that are there only as torch files are converted.
 * Worker thread.
 *
 * Returns: (transfer full) (nullable): what was imported; EXISTS, CANCELLED, an IO error or those
 *   of attune_model_folder_open() otherwise, and then nothing stays behind
 */
AttuneModelInfo *
attune_model_store_import (const char    *folder,
                           const char    *name,
                           GCancellable  *cancellable,
                           GError       **error)
{
  return attune_model_store_import_from (folder, name, NULL, cancellable, error);
}

/**
 * attune_model_store_import_from:
 * @origin: (nullable): what to note of where it comes from
 *
 * As attune_model_store_import().
 */
AttuneModelInfo *
attune_model_store_import_from (const char               *folder,
                                const char               *name,
                                const AttuneModelOrigin  *origin,
                                GCancellable             *cancellable,
                                GError                  **error)
{
  g_autofree char *store = attune_model_store_get_path ();
  g_autofree char *base = name != NULL ? g_strdup (name) : g_path_get_basename (folder);
  g_autofree char *path = g_build_filename (store, base, NULL);
  g_autofree char *temporary = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (g_free);
  gboolean convert = attune_weights_need_conversion (folder);

  if (!check_name (base, error)
      || (!convert && !validate (folder, FALSE, cancellable, error))
      || !attune_model_store_check_new (base, error))
    return NULL;
  if (g_mkdir_with_parents (store, 0777) != 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _("Could not make the folder “%s”: %s"), store, g_strerror (saved));
      return NULL;
    }

  attune_durable_clean (store);
  temporary = attune_durable_folder_begin (path, error);
  if (temporary == NULL)
    return NULL;
  files = attune_model_copy_files (folder, temporary, cancellable, error);
  if (files == NULL
      || (convert
          && !attune_weights_convert (folder, temporary, files, sources, cancellable, error))
      || !write_record (temporary, base, origin, files, sources, error)
      || !validate (temporary, TRUE, cancellable, error))
    {
      attune_durable_folder_remove (temporary);
      name_folder (error, temporary, folder);
      return NULL;
    }
  if (!attune_durable_folder_commit (temporary, path, FALSE, error))
    return NULL;

  return info_new (path, error);
}
