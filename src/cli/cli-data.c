/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files to data sets: everything detected but the encoding and the columns that were named.
 */
#include "config.h"

#include "cli-data.h"

#include <glib/gi18n.h>

void
cli_data_options_clear (CliDataOptions *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->pair, g_free);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->encoding, g_free);
}

AttuneTable *
cli_table_read (const char            *path,
                const CliDataOptions  *options,
                GError               **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);

  return attune_table_read (file, &(AttuneTableOptions) { .encoding = options->encoding }, NULL,
                            error);
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
cli_dataset_read (const char            *path,
                  const CliDataOptions  *options,
                  const char * const    *label_names,
                  GError               **error)
{
  g_autoptr (AttuneTable) table = cli_table_read (path, options, error);

  return table != NULL ? cli_dataset_new (table, options, label_names, error) : NULL;
}
