/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of label names. What is found beside the data by itself must fit it closely, for nobody
 * asked for it; what is named by a person is refused with the reason.
 */
#include "config.h"

#include "attune-label-names.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-source.h"

#define MOST_BYTES (1u << 20)
#define MOST_NAMES 10000u

gboolean
attune_label_parse_id (const char *text,
                       guint       largest,
                       guint      *id)
{
  gsize length = strspn (text, "0123456789");
  guint64 value;

  if (length == 0 || text[length] != '\0' || (text[0] == '0' && length > 1)
      || !g_ascii_string_to_unsigned (text, 10, 0, largest, &value, NULL))
    return FALSE;
  *id = (guint) value;
  return TRUE;
}

gboolean
attune_label_names_have_ids (const char * const *names)
{
  guint id;

  for (guint i = 0; names[i] != NULL; i++)
    if (attune_label_parse_id (names[i], G_MAXINT32, &id))
      return FALSE;
  return names[0] != NULL;
}

/* Not g_file_load_contents(): a device or a huge file must not be read to its end, and a pipe not be
 * waited for. */
static char *
load (GFile   *file,
      GError **error)
{
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "?");
  g_auto (AttuneSource) source = { 0 };
  gboolean is_whole;

  if (!attune_source_read_head (&source, file, name, MOST_BYTES - 1, &is_whole, NULL, error))
    return NULL;
  if (is_whole && g_utf8_validate_len (source.data, source.length, NULL))
    return g_steal_pointer (&source.data);
  g_set_error_literal (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING,
                       _("it is no UTF-8 text of less than 1 MB"));
  return NULL;
}

static char **
split (char    *text,
       GError **error)
{
  g_auto (GStrv) lines = g_strsplit (g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text,
                                     "\n", -1);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = g_strv_length (lines);

  for (guint i = 0; i < n; i++)
    g_strstrip (lines[i]);
  while (n > 0 && *lines[n - 1] == '\0')
    g_clear_pointer (&lines[--n], g_free);
  if (n == 0 || n > MOST_NAMES)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                   _("it has %'u names; there must be 1 to %'u, one a line"), n, MOST_NAMES);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    if (*lines[i] == '\0' || !g_hash_table_add (seen, lines[i]))
      {
        g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                     *lines[i] == '\0' ? _("line %u is empty") : _("line %u repeats a name"),
                     i + 1);
        return NULL;
      }
  return g_steal_pointer (&lines);
}

/**
 * attune_label_names_read:
 *
 * Returns: (transfer full): the names, or %NULL with ATTUNE_DATASET_ERROR or an I/O error
 */
char **
attune_label_names_read (GFile   *file,
                         GError **error)
{
  g_autofree char *text = load (file, error);
  char **names = text != NULL ? split (text, error) : NULL;

  if (names == NULL)
    {
      g_autofree char *path = g_file_get_parse_name (file);

      g_prefix_error (error, _("%s holds no label names: "), path);
    }
  return names;
}

char **
attune_label_names_find (AttuneTable *table,
                         guint        n_labels,
                         guint        largest,
                         char       **file_name)
{
  static const char *const candidates[] = { "labels.txt", "classes.txt", "label_names.txt" };
  GFile *data = attune_table_get_file (table);
  g_autoptr (GFile) folder = data != NULL ? g_file_get_parent (data) : NULL;

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (candidates); i++)
    {
      g_autoptr (GFile) file = g_file_get_child (folder, candidates[i]);
      g_auto (GStrv) names = NULL;
      guint n;

      if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, NULL) != G_FILE_TYPE_REGULAR
          || g_file_equal (file, data))
        continue;
      names = attune_label_names_read (file, NULL);
      n = names != NULL ? g_strv_length (names) : 0;
      /* A list that is mostly unused is another set's. */
      if (largest < n && n_labels * 2 >= n
          && attune_label_names_have_ids ((const char *const *) names))
        {
          *file_name = g_strdup (candidates[i]);
          return g_steal_pointer (&names);
        }
    }
  return NULL;
}
