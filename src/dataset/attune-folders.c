/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders as labels, as in aclImdb (train/pos/0_9.txt) or 20 newsgroups. The columns are text, label
 * and file. Hidden files are passed over, and so is a folder that says that its texts have no label.
 * Any thread.
 */
#include "config.h"

#include "attune-folders.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-data-names.h"
#include "attune-reader.h"
#include "attune-table-builder.h"
#include "attune-table-private.h"

#define MOST_FILES 4000000u
/* So many files of a folder are looked at to see what they are. */
#define FILES_LOOKED_AT 20u

/* The names in a folder, sorted; folders or files. NULL if it cannot be listed. */
static GPtrArray *
list_names (GFile        *folder,
            GFileType     type,
            GCancellable *cancellable,
            GError      **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GFileEnumerator) children = NULL;

  children = g_file_enumerate_children (folder,
                                        G_FILE_ATTRIBUTE_STANDARD_NAME
                                        "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                                        G_FILE_QUERY_INFO_NONE, cancellable, error);
  if (children == NULL)
    return NULL;
  for (;;)
    {
      GFileInfo *info;

      if (!g_file_enumerator_iterate (children, &info, NULL, cancellable, error))
        return NULL;
      if (info == NULL)
        break;
      if (g_file_info_get_file_type (info) == type && *g_file_info_get_name (info) != '.'
          && names->len < MOST_FILES)
        g_ptr_array_add (names, g_strdup (g_file_info_get_name (info)));
    }
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  return g_steal_pointer (&names);
}

/* Whether the files of a folder are texts by their names: x.txt, or a name without an ending. */
static gboolean
holds_texts (GFile        *folder,
             GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = list_names (folder, G_FILE_TYPE_REGULAR, cancellable, NULL);
  guint n_texts = 0, n;

  if (names == NULL || names->len == 0)
    return FALSE;
  n = MIN (names->len, FILES_LOOKED_AT);
  for (guint i = 0; i < n; i++)
    n_texts += attune_data_name_is_text (g_ptr_array_index (names, i));
  return n_texts * 2 > n;
}

gboolean
attune_folders_detect (GFile        *folder,
                       GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = list_names (folder, G_FILE_TYPE_DIRECTORY, cancellable, NULL);
  guint n_labels = 0;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autoptr (GFile) child = g_file_get_child (folder, name);

      if (attune_data_name_get_part (name) < 0 && holds_texts (child, cancellable))
        n_labels++;
      if (n_labels == 2)
        return TRUE;
    }
  return FALSE;
}

typedef struct {
  AttuneTableBuilder *builder;
  const AttuneTableOptions *options;
  GString *sums;
  guint64 n_bytes;
  guint n_guessed;   /* texts of which the encoding is a guess */
  char *guess;       /* … the last of them */
} Folders;

static gboolean
add_text (Folders      *self,
          GFile        *folder,
          const char   *label_name,
          const char   *file_name,
          GCancellable *cancellable,
          GError      **error)
{
  g_autofree char *relative = g_build_filename (label_name, file_name, NULL);
  g_autofree char *shown = g_filename_display_name (relative);
  g_autofree char *label = g_filename_display_name (label_name);
  g_autoptr (GFile) file = g_file_resolve_relative_path (folder, relative);
  g_autofree char *encoding = g_strdup (self->options->encoding);
  guint64 row = attune_table_builder_get_n_rows (self->builder) + 1;
  g_auto (AttuneSource) source = { 0 };
  gboolean guessed = FALSE;
  gsize length;

  if (!attune_source_read (&source, file, shown, NULL, cancellable, error))
    return FALSE;
  self->n_bytes += source.length;
  g_string_append_printf (self->sums, "%s  %s\n", attune_source_get_sha256 (&source), relative);
  if (!attune_source_to_utf8 (&source, shown, &encoding, &guessed, cancellable, error))
    return FALSE;
  if (guessed)
    {
      self->n_guessed++;
      g_set_str (&self->guess, encoding);
    }
  length = source.length;
  while (length > 0 && strchr ("\r\n", source.data[length - 1]) != NULL)
    length--;
  return attune_table_builder_add_cell (self->builder, source.data, length, row, error)
         && attune_table_builder_add_cell (self->builder, label, strlen (label), row, error)
         && attune_table_builder_add_cell (self->builder, shown, strlen (shown), row, error);
}

static gboolean
add_label (Folders      *self,
           GFile        *folder,
           const char   *name,
           GCancellable *cancellable,
           GError      **error)
{
  g_autoptr (GFile) child = g_file_get_child (folder, name);
  g_autoptr (GPtrArray) files = list_names (child, G_FILE_TYPE_REGULAR, cancellable, error);

  if (files == NULL)
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!add_text (self, folder, name, g_ptr_array_index (files, i), cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
add_all (Folders              *self,
         GFile                *folder,
         GPtrArray            *names,
         const AttuneProgress *progress,
         GCancellable         *cancellable,
         GError              **error)
{
  if (!attune_table_builder_add_column (self->builder, "text", FALSE, NULL, error)
      || !attune_table_builder_add_column (self->builder, "label", FALSE, NULL, error)
      || !attune_table_builder_add_column (self->builder, "file", FALSE, NULL, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      attune_progress_say (progress, (double) i / names->len);
      if (!attune_data_name_is_unlabelled (name)
          && !add_label (self, folder, name, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * attune_folders_read:
 * @name: how messages call the folder
 *
 * Returns: (transfer full): the table, or NULL with an error
 */
AttuneTable *
attune_folders_read (GFile                    *folder,
                     const char               *name,
                     const AttuneTableOptions *options,
                     const AttuneProgress     *progress,
                     GCancellable             *cancellable,
                     GError                  **error)
{
  g_autoptr (GPtrArray) names = list_names (folder, G_FILE_TYPE_DIRECTORY, cancellable, error);
  g_autoptr (AttuneTableBuilder) builder = attune_table_builder_new (name);
  g_autofree char *sum = NULL, *guess = NULL;
  static const AttuneTableOptions detect;
  AttuneTableOptions found = { .format = ATTUNE_FORMAT_FOLDERS };
  Folders self = { .builder = builder, .options = options != NULL ? options : &detect };
  g_autoptr (GString) sums = g_string_new (NULL);
  AttuneTable *table;
  gboolean ok;

  if (names == NULL)
    return NULL;
  if (!attune_folders_detect (folder, cancellable))
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                   _("%s: this is a folder without a folder of texts for each label; choose a "
                     "file in it"), name);
      return NULL;
    }
  self.sums = sums;
  ok = add_all (&self, folder, names, progress, cancellable, error);
  guess = self.guess;
  if (!ok)
    return NULL;

  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, sums->str, (gssize) sums->len);
  found.encoding = self.options->encoding != NULL ? self.options->encoding
                   : guess != NULL                ? guess
                                                  : "UTF-8";
  table = attune_table_builder_finish (g_steal_pointer (&builder), folder, sum, self.n_bytes, &found,
                                       error);
  if (table != NULL && self.n_guessed > 0)
    {
      AttuneReading reading = { .notes = g_steal_pointer (&table->notes) };

      attune_reading_add_note (&reading, "encoding-guessed",
                               g_strdup_printf (ngettext ("%u text is not UTF-8; it is read as %s, "
                                                          "which is a guess",
                                                          "%u texts are not UTF-8; they are read "
                                                          "as %s, which is a guess",
                                                          self.n_guessed),
                                                self.n_guessed, guess));
      table->notes = g_steal_pointer (&reading.notes);
    }
  return table;
}
