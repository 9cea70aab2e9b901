/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Hub's words. A name that would leave the folder it is written to, a hash that is none, a
 * number that cannot be: refused, or taken as not said. Any thread.
 */
#include "config.h"

#include "attune-hub-answer.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-hub.h"
#include "attune-json.h"
#include "attune-model-family.h"

#define MAX_FILES 100000u
#define MAX_PATH_LENGTH 1024u
#define MAX_WORD_LENGTH 96u
#define MAX_LANGUAGES 12u
#define SHOWN_LENGTH 100 /* characters of a name that is none */

/* Bytes of a number in weights, by its name in a safetensors header. */
static const struct {
  const char *name;
  guint bytes;
} number_types[] = {
  { "F64", 8 }, { "F32", 4 }, { "F16", 2 }, { "BF16", 2 }, { "I64", 8 },
  { "I32", 4 }, { "I16", 2 }, { "I8", 1 },  { "U8", 1 },   { "BOOL", 1 },
};

void
attune_hub_file_free (AttuneHubFile *self)
{
  g_free (self->path);
  g_free (self->hash);
  g_free (self);
}

void
attune_hub_repo_free (AttuneHubRepo *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->commit);
  g_free (self->licence);
  g_free (self->languages);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_free (self);
}

void
attune_hub_model_free (AttuneHubModel *self)
{
  g_free (self->id);
  g_free (self->model_type);
  g_free (self->licence);
  g_free (self->languages);
  g_free (self);
}

static gboolean
is_hex (const char *text,
        gsize       length)
{
  return text != NULL && strlen (text) == length
         && strspn (text, "0123456789abcdef") == length;
}

gboolean
attune_hub_is_commit (const char *text)
{
  return is_hex (text, 40);
}

static gboolean
id_part_is_valid (const char *part)
{
  gsize length = strlen (part);

  return length > 0 && length <= MAX_WORD_LENGTH && g_ascii_isalnum (part[0])
         && strspn (part, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-") == length
         && strstr (part, "..") == NULL
         /* What stands for "/" in the names of folders; the Hub has none such, either. */
         && strstr (part, "--") == NULL;
}

/* A stranger's word for a sentence: short, and without what a terminal would obey. */
static char *
make_printable (const char *word)
{
  g_autofree char *valid = g_utf8_make_valid (word, (gssize) strnlen (word, MAX_PATH_LENGTH));
  g_autoptr (GString) shown = g_string_new (NULL);
  int n = 0;

  for (const char *c = valid; *c != '\0' && n < SHOWN_LENGTH; c = g_utf8_next_char (c), n++)
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (shown, g_unichar_isprint (character) ? character : 0xfffd);
    }
  if (n == SHOWN_LENGTH)
    g_string_append (shown, "…");

  return g_string_free (g_steal_pointer (&shown), FALSE);
}

/**
 * attune_hub_check_id:
 * @id: "org/name", or "name" for the Hub's oldest
 *
 * Returns: whether it can be one; a FORMAT error otherwise
 */
gboolean
attune_hub_check_id (const char  *id,
                     GError     **error)
{
  g_auto (GStrv) parts = g_strsplit (id, "/", 3);
  guint n = g_strv_length (parts);
  gboolean valid = n == 1 || n == 2;

  for (guint i = 0; i < n; i++)
    valid = valid && id_part_is_valid (parts[i]);
  if (!valid)
    {
      g_autofree char *shown = make_printable (id);

      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("“%s” is no name on the Hub; names look like “organization/name”"), shown);
    }

  return valid;
}

/**
 * attune_hub_path_is_safe:
 *
 * Returns: whether a file of this name can be written below a folder: relative, UTF-8, of parts
 *   that climb nowhere, hide nothing and hold no backslash or control character
 */
gboolean
attune_hub_path_is_safe (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (*path == '\0' || strlen (path) > MAX_PATH_LENGTH || !g_utf8_validate (path, -1, NULL))
    return FALSE;
  for (const char *c = path; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)) || *c == '\\')
      return FALSE;
  parts = g_strsplit (path, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || *parts[i] == '.' || strlen (parts[i]) > 255)
      return FALSE;

  return TRUE;
}

/* The first word of a list, or the word itself; a short one that can be printed, or NULL. */
static const char *
get_word (yyjson_val *value)
{
  const char *word = yyjson_get_str (yyjson_is_arr (value) ? yyjson_arr_get_first (value) : value);

  if (word == NULL || *word == '\0' || strlen (word) > MAX_WORD_LENGTH)
    return NULL;
  for (const char *c = word; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      return NULL;
  return word;
}

/* "license:mit" among the tags, where the card does not say. */
static char *
find_licence (yyjson_val *root)
{
  const char *licence = get_word (yyjson_obj_get (yyjson_obj_get (root, "cardData"), "license"));
  yyjson_val *tags = yyjson_obj_get (root, "tags");
  yyjson_arr_iter iter = yyjson_arr_iter_with (tags);
  yyjson_val *tag;

  while (licence == NULL && yyjson_is_arr (tags) && (tag = yyjson_arr_iter_next (&iter)) != NULL)
    {
      const char *word = get_word (tag);

      if (word != NULL && g_str_has_prefix (word, "license:"))
        licence = word + strlen ("license:");
    }

  return g_strdup (licence);
}

static gboolean
is_language (const char *word)
{
  gsize length = strlen (word);

  return (length == 2 || length == 3) && strspn (word, G_CSET_a_2_z) == length;
}

/* Those of the card; else tags of two letters, which are always languages. */
static char *
find_languages (yyjson_val *root)
{
  yyjson_val *said = yyjson_obj_get (yyjson_obj_get (root, "cardData"), "language");
  gboolean in_card = yyjson_is_arr (said);
  yyjson_val *list = in_card ? said : yyjson_obj_get (root, "tags");
  yyjson_arr_iter iter = yyjson_arr_iter_with (list);
  g_autoptr (GString) languages = g_string_new (NULL);
  yyjson_val *value;
  guint n = 0;

  if (yyjson_is_str (said))
    return g_strdup (get_word (said));
  while (yyjson_is_arr (list) && (value = yyjson_arr_iter_next (&iter)) != NULL)
    {
      const char *word = yyjson_is_str (value) ? get_word (value) : NULL;

      if (word == NULL || (!in_card && (!is_language (word) || strlen (word) != 2)))
        continue;
      if (n++ < MAX_LANGUAGES)
        g_string_append_printf (languages, "%s%s", n > 1 ? ", " : "", word);
    }
  if (n > MAX_LANGUAGES)
    g_string_append (languages, " …");

  return n > 0 ? g_strdup (languages->str) : NULL;
}

static AttuneHubFile *
parse_file (yyjson_val  *value,
            GError     **error)
{
  const char *path = yyjson_get_str (yyjson_obj_get (value, "rfilename"));
  yyjson_val *lfs = yyjson_obj_get (value, "lfs");
  const char *sha256 = yyjson_get_str (yyjson_obj_get (lfs, "sha256"));
  const char *blob = yyjson_get_str (yyjson_obj_get (value, "blobId"));
  yyjson_val *size = yyjson_obj_get (yyjson_is_obj (lfs) ? lfs : value, "size");
  AttuneHubFile *file;

  if (path == NULL || yyjson_get_len (yyjson_obj_get (value, "rfilename")) != strlen (path)
      || !attune_hub_path_is_safe (path))
    {
      /* Hidden files are common and of no use. */
      if (path == NULL || (*path != '.' && strstr (path, "/.") == NULL)
          || strstr (path, "..") != NULL)
        {
          g_autofree char *shown = make_printable (path != NULL ? path : "");

          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                       _("The Hub names a file “%s”, which cannot be written safely; nothing was "
                         "downloaded"),
                       shown);
        }
      return NULL;
    }

  file = g_new0 (AttuneHubFile, 1);
  file->path = g_strdup (path);
  file->size = yyjson_is_uint (size) && yyjson_get_uint (size) <= G_MAXINT64
                 ? (gint64) yyjson_get_uint (size)
                 : -1;
  /* The blob of a file in LFS is that of its pointer, not of what is downloaded. */
  if (yyjson_is_obj (lfs))
    file->hash = is_hex (sha256, 64) ? g_strdup (sha256) : NULL;
  else if (is_hex (blob, 40))
    file->hash = g_strdup (blob);

  return file;
}

/**
 * attune_hub_repo_parse:
 * @json: what /api/models/ID/revision/REVISION?blobs=true answers
 * @id: what was asked for
 *
 * Returns: (transfer full) (nullable): the repository; a FORMAT error otherwise
 */
AttuneHubRepo *
attune_hub_repo_parse (const char  *json,
                       gsize        length,
                       const char  *id,
                       GError     **error)
{
  g_autoptr (AttuneHubRepo) repo = g_new0 (AttuneHubRepo, 1);
  g_autoptr (yyjson_doc) document = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) local = NULL;
  yyjson_val *root, *siblings, *value;
  yyjson_arr_iter iter;
  const char *commit;

  document = length <= ATTUNE_HUB_MAX_JSON ? attune_json_parse_object (json, length, id, &local)
                                           : NULL;
  root = document != NULL ? yyjson_doc_get_root (document) : NULL;
  commit = yyjson_get_str (yyjson_obj_get (root, "sha"));
  siblings = yyjson_obj_get (root, "siblings");
  if (!attune_hub_is_commit (commit) || !yyjson_is_arr (siblings)
      || yyjson_arr_size (siblings) > MAX_FILES)
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("What answered about “%s” is not a Hub: it lists no files of a commit; check "
                     "the connection and the address of the Hub"),
                   id);
      return NULL;
    }

  repo->id = g_strdup (id);
  repo->commit = g_strdup (commit);
  repo->licence = find_licence (root);
  repo->languages = find_languages (root);
  repo->files = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_file_free);
  iter = yyjson_arr_iter_with (siblings);
  while ((value = yyjson_arr_iter_next (&iter)) != NULL)
    {
      AttuneHubFile *file = parse_file (value, &local);

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (file == NULL)
        continue;
      g_ptr_array_add (repo->files, file);
      if (!g_hash_table_add (seen, file->path))
        {
          g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                       _("The Hub lists the file “%s” of “%s” twice; nothing was downloaded"),
                       file->path, id);
          return NULL;
        }
    }

  return g_steal_pointer (&repo);
}

/* Of the weights: what is said of each type of number, else four bytes for each. */
static guint64
count_bytes (yyjson_val *safetensors)
{
  yyjson_val *parameters = yyjson_obj_get (safetensors, "parameters");
  guint64 total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (number_types); i++)
    {
      guint64 n = yyjson_get_uint (yyjson_obj_get (parameters, number_types[i].name));
      guint64 bytes;

      if (!g_uint64_checked_mul (&bytes, n, number_types[i].bytes)
          || !g_uint64_checked_add (&total, total, bytes))
        return 0;
    }
  if (total == 0
      && !g_uint64_checked_mul (&total, yyjson_get_uint (yyjson_obj_get (safetensors, "total")), 4))
    return 0;

  return total;
}

/* config.model_type where it is sent, else a tag. */
static const char *
find_type (yyjson_val *root)
{
  const char *type = yyjson_get_str (yyjson_obj_get (yyjson_obj_get (root, "config"),
                                                     "model_type"));
  yyjson_val *tags = yyjson_obj_get (root, "tags");
  yyjson_arr_iter iter = yyjson_arr_iter_with (tags);
  yyjson_val *tag;

  if (type != NULL)
    return attune_model_family_find (type) != NULL ? type : NULL;
  while (yyjson_is_arr (tags) && (tag = yyjson_arr_iter_next (&iter)) != NULL)
    if (yyjson_is_str (tag) && attune_model_family_find (yyjson_get_str (tag)) != NULL)
      return yyjson_get_str (tag);

  return NULL;
}

/**
 * attune_hub_models_parse:
 * @json: what /api/models?search=… answers
 *
 * Returns: (transfer full) (element-type AttuneHubModel) (nullable): in the order of the answer;
 *   a FORMAT error when it is no list
 */
GPtrArray *
attune_hub_models_parse (const char  *json,
                         gsize        length,
                         GError     **error)
{
  g_autoptr (GPtrArray) models
    = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_model_free);
  g_autoptr (yyjson_doc) document = NULL;
  yyjson_arr_iter iter;
  yyjson_val *value;

  document = length <= ATTUNE_HUB_MAX_JSON
               ? attune_json_parse_array (json, length, _("The Hub’s answer"), NULL)
               : NULL;
  if (document == NULL)
    {
      g_set_error (error, ATTUNE_HUB_ERROR, ATTUNE_HUB_ERROR_FORMAT,
                   _("What answered the search is not a Hub: it sent no list of models; check the "
                     "connection and the address of the Hub"));
      return NULL;
    }

  iter = yyjson_arr_iter_with (yyjson_doc_get_root (document));
  while ((value = yyjson_arr_iter_next (&iter)) != NULL)
    {
      const char *id = yyjson_get_str (yyjson_obj_get (value, "id"));
      const char *type = find_type (value);
      yyjson_val *gated = yyjson_obj_get (value, "gated");
      AttuneHubModel *model;

      if (id == NULL || type == NULL || !attune_hub_check_id (id, NULL))
        continue;
      model = g_new0 (AttuneHubModel, 1);
      model->id = g_strdup (id);
      model->model_type = g_strdup (type);
      model->licence = find_licence (value);
      model->languages = find_languages (value);
      model->n_bytes = count_bytes (yyjson_obj_get (value, "safetensors"));
      model->downloads = yyjson_get_uint (yyjson_obj_get (value, "downloads"));
      /* false, or a word for how it is granted */
      model->gated = yyjson_is_str (gated) || yyjson_is_true (gated);
      g_ptr_array_add (models, model);
    }

  return g_steal_pointer (&models);
}
