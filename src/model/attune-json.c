/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON from outside, and the writing of our own. yyjson reads without recursion, but it allocates up
 * to sixteen times the length of its input, so the length is capped by the caller; the depth is
 * counted before parsing. Any thread.
 */
#include "config.h"

#include "attune-json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "attune-durable.h"
#include "attune-safetensors.h"

static gboolean
is_too_deep (const char *data,
             gsize       length)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      char c = data[i];

      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '{' || c == '[')
        {
          if (++depth > ATTUNE_JSON_MAX_DEPTH)
            return TRUE;
        }
      else if ((c == '}' || c == ']') && depth > 0)
        depth--;
    }

  return FALSE;
}

static yyjson_doc *
parse (const char  *data,
       gsize        length,
       const char  *source_name,
       GError     **error)
{
  yyjson_read_err err = { 0 };
  yyjson_doc *document;

  if (is_too_deep (data, length))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” is nested more than %d levels deep; it is not a file of this kind"),
                   source_name, ATTUNE_JSON_MAX_DEPTH);
      return NULL;
    }

  document = yyjson_read_opts ((char *) data, length, YYJSON_READ_NOFLAG, NULL, &err);
  if (document == NULL)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _("“%s” is not valid JSON at byte %zu: %s"), source_name,
                 (gsize) err.pos, err.msg != NULL ? err.msg : "");

  return document;
}

/**
 * attune_json_parse_object:
 * @data: UTF-8 JSON of @length bytes, not NUL-terminated
 * @source_name: what to call it in errors
 *
 * Returns: (transfer full): a document whose root is an object, or %NULL with a FORMAT error
 */
yyjson_doc *
attune_json_parse_object (const char  *data,
                          gsize        length,
                          const char  *source_name,
                          GError     **error)
{
  yyjson_doc *document = parse (data, length, source_name, error);

  if (document != NULL && !yyjson_is_obj (yyjson_doc_get_root (document)))
    {
      g_clear_pointer (&document, yyjson_doc_free);
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” does not hold a JSON object"), source_name);
    }

  return document;
}

/**
 * attune_json_parse_array:
 *
 * As attune_json_parse_object(), for a document whose root is an array.
 */
yyjson_doc *
attune_json_parse_array (const char  *data,
                         gsize        length,
                         const char  *source_name,
                         GError     **error)
{
  yyjson_doc *document = parse (data, length, source_name, error);

  if (document != NULL && !yyjson_is_arr (yyjson_doc_get_root (document)))
    {
      g_clear_pointer (&document, yyjson_doc_free);
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” does not hold a JSON array"), source_name);
    }

  return document;
}

/**
 * attune_json_load_file:
 * @max_length: longest length in bytes that is believed
 *
 * Reads a regular file whole; a device, a pipe or a file above the cap is refused unread.
 *
 * Returns: (transfer full): its bytes; MISSING, FORMAT or an IO error otherwise
 */
GBytes *
attune_json_load_file (const char  *path,
                       gsize        max_length,
                       GError     **error)
{
  g_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autofree char *data = NULL;
  struct stat info;
  gsize length = 0;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      int saved = errno;

      if (saved == ENOENT || saved == ENOTDIR)
        g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_MISSING,
                     _("There is no file “%s”"), path);
      else
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                     _("Could not read “%s”: %s"), path, g_strerror (saved));
      return NULL;
    }

  if (!S_ISREG (info.st_mode) || (guint64) info.st_size > max_length)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("“%s” is not a regular file of at most %zu bytes"), path,
                   max_length);
      return NULL;
    }

  data = g_malloc (info.st_size + 1);
  while (length < (gsize) info.st_size)
    {
      gssize n = read (fd, data + length, info.st_size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                       _("Could not read “%s”: %s"), path, g_strerror (saved));
          return NULL;
        }
      if (n == 0)
        break;
      length += n;
    }

  return g_bytes_new_take (g_steal_pointer (&data), length);
}

/**
 * attune_json_has_duplicates:
 * @key: (out): a key that occurs twice, borrowed from @object
 *
 * yyjson keeps both values of a repeated key; which one counts is then anybody's guess.
 */
gboolean
attune_json_has_duplicates (yyjson_val  *object,
                            const char **key)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  yyjson_obj_iter iter = yyjson_obj_iter_with (object);
  yyjson_val *name;

  while ((name = yyjson_obj_iter_next (&iter)) != NULL)
    if (!g_hash_table_add (seen, (gpointer) yyjson_get_str (name)))
      {
        *key = yyjson_get_str (name);
        return TRUE;
      }

  return FALSE;
}

/**
 * attune_json_write:
 *
 * Returns: (transfer full): the document as indented text with a line break at its end, for
 *   g_free(); %NULL with a FORMAT error when a string in it is not UTF-8
 */
char *
attune_json_write (yyjson_mut_doc  *document,
                   gsize           *length,
                   GError         **error)
{
  yyjson_write_err err = { 0 };
  size_t n = 0;
  char *text = yyjson_mut_write_opts (document, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL, &n, &err);
  char *copy;

  if (text == NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _("Could not write JSON: %s"), err.msg);
      return NULL;
    }

  copy = g_malloc (n + 2);
  memcpy (copy, text, n);
  copy[n] = '\n';
  copy[n + 1] = '\0';
  free (text);
  *length = n + 1;

  return copy;
}

/**
 * attune_json_save:
 *
 * Writes the document as a file of that folder, durably. Not on the main thread.
 */
gboolean
attune_json_save (yyjson_mut_doc  *document,
                  const char      *folder,
                  const char      *file,
                  GError         **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *text = NULL;
  gsize length;

  text = attune_json_write (document, &length, error);

  return text != NULL && attune_durable_write (path, text, length, error);
}
