/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files to data sets: everything detected but what was named.
 */
#include "config.h"

#include "cli-data.h"

#include <glib/gi18n.h>

#include "attune-table-options.h"

void
cli_data_options_clear (CliDataOptions *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->pair, g_free);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->encoding, g_free);
  g_clear_pointer (&self->format, g_free);
  g_clear_pointer (&self->delimiter, g_free);
  g_clear_pointer (&self->quoting, g_free);
  g_clear_pointer (&self->header, g_free);
}

static gboolean
check_value (gboolean     known,
             const char  *option,
             const char  *value,
             GError     **error)
{
  if (!known)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _("%s does not know “%s”; see --help"), option, value);
  return known;
}

static gboolean
resolve_options (const CliDataOptions  *self,
                 AttuneTableOptions    *options,
                 GError               **error)
{
  *options = (AttuneTableOptions) { .encoding = self->encoding };
  return (self->format == NULL
          || check_value (attune_format_from_name (self->format, &options->format), "--format",
                          self->format, error))
         && (self->delimiter == NULL
             || check_value (attune_delimiter_from_name (self->delimiter, &options->delimiter),
                             "--delimiter", self->delimiter, error))
         && (self->quoting == NULL
             || check_value (attune_quoting_from_name (self->quoting, &options->quoting),
                             "--quoting", self->quoting, error))
         && (self->header == NULL
             || check_value (attune_header_from_name (self->header, &options->header), "--header",
                             self->header, error));
}

AttuneDataFiles *
cli_data_files_new (char   **paths,
                    GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (files, g_file_new_for_commandline_arg (paths[i]));
  return attune_data_files_new ((GFile **) files->pdata, files->len, NULL, error);
}

AttuneTable *
cli_table_read (AttuneDataFiles       *files,
                AttunePart             part,
                const CliDataOptions  *options,
                GError               **error)
{
  AttuneTableOptions resolved;

  if (!resolve_options (options, &resolved, error))
    return NULL;
  return attune_data_files_read (files, part, &resolved, NULL, NULL, error);
}

static gboolean
find_column (AttuneTable  *table,
             const char   *name,
             gint         *column,
             GError      **error)
{
  if (name == NULL)
    return TRUE;

  *column = attune_table_find_column (table, name);
  if (*column >= 0)
    return TRUE;

  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
               _("“%s” has no column “%s”"), attune_table_get_source_name (table), name);
  return FALSE;
}

AttuneDataset *
cli_dataset_new (AttuneTable           *table,
                 const CliDataOptions  *options,
                 const char * const    *label_names,
                 GError               **error)
{
  AttuneColumns numbers = ATTUNE_COLUMNS_GUESS;

  if (!find_column (table, options->text, &numbers.text, error)
      || !find_column (table, options->pair, &numbers.pair, error)
      || !find_column (table, options->label, &numbers.label, error))
    return NULL;

  return attune_dataset_new (table, &numbers, label_names, error);
}

AttuneDataset *
cli_dataset_read (AttuneDataFiles       *files,
                  AttunePart             part,
                  const CliDataOptions  *options,
                  const char * const    *label_names,
                  GError               **error)
{
  g_autoptr (AttuneTable) table = cli_table_read (files, part, options, error);

  return table != NULL ? cli_dataset_new (table, options, label_names, error) : NULL;
}
