/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files to data sets: everything detected but what was named.
 */
#include "config.h"

#include "cli-data.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-label-names.h"
#include "attune-table-options.h"
#include "cli.h"

void
cli_data_options_clear (CliDataOptions *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->pair, g_free);
  g_clear_pointer (&self->labels, g_strfreev);
  g_clear_pointer (&self->task, g_free);
  g_clear_pointer (&self->separator, g_free);
  g_clear_pointer (&self->label_names, g_free);
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

int
cli_data_options_check (const CliDataOptions *self)
{
  guint n_labels = self->labels != NULL ? g_strv_length (self->labels) : 0;

  if (self->task != NULL && !g_str_equal (self->task, "single") && !g_str_equal (self->task, "multi"))
    return cli_usage (_("--task must be single or multi, not “%s”"), self->task);
  if (self->separator != NULL && (strlen (self->separator) != 1 || *self->separator & 0x80))
    return cli_usage (_("--label-separator must be one ASCII character, not “%s”"),
                      self->separator);
  if (g_strcmp0 (self->task, "single") == 0 && (n_labels > 1 || self->separator != NULL))
    return cli_usage (_("--task single goes with one --label-column and no --label-separator"));
  if (n_labels > 1 && self->separator != NULL)
    return cli_usage (_("--label-separator goes with one --label-column"));
  if (n_labels > ATTUNE_MOST_LABEL_COLUMNS)
    return cli_usage (_("at most %u times --label-column"), ATTUNE_MOST_LABEL_COLUMNS);
  return CLI_DONE;
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

/* What need not be guessed of a table whose data is of the same kind as other. */
static gboolean
take_kind (AttuneTable    *table,
           AttuneDataset  *other,
           gboolean        labels_named,
           AttuneColumns  *columns,
           GError        **error)
{
  const AttuneColumns *theirs = attune_dataset_get_columns (other);
  AttuneTable *their_table = attune_dataset_get_table (other);

  columns->task = theirs->task;
  columns->separator = theirs->separator;
  if (columns->pair == ATTUNE_PAIR_GUESS && theirs->pair < 0)
    columns->pair = -1;
  for (guint i = 0; i <= theirs->n_more && theirs->n_more > 0 && !labels_named; i++)
    {
      gint column = i == 0 ? theirs->label : theirs->more[i - 1];

      if (!find_column (table, attune_table_get_column_name (their_table, (guint) column),
                        i == 0 ? &columns->label : &columns->more[columns->n_more++], error))
        return FALSE;
    }
  return TRUE;
}

/* like: (nullable) data of the same kind */
static AttuneDataset *
create_dataset (AttuneTable           *table,
                const CliDataOptions  *options,
                AttuneDataset         *like,
                const char * const    *label_names,
                GError               **error)
{
  AttuneColumns columns = ATTUNE_COLUMNS_GUESS;
  g_auto (GStrv) named = NULL;

  if (options->pair != NULL && *options->pair == '\0')
    columns.pair = -1;
  else if (!find_column (table, options->pair, &columns.pair, error))
    return NULL;
  if (!find_column (table, options->text, &columns.text, error))
    return NULL;
  for (guint i = 0; options->labels != NULL && options->labels[i] != NULL; i++)
    if (!find_column (table, options->labels[i],
                      i == 0 ? &columns.label : &columns.more[columns.n_more++], error))
      return NULL;
  if (options->task != NULL)
    columns.task = g_str_equal (options->task, "multi") ? ATTUNE_TASK_MULTI_LABEL
                                                        : ATTUNE_TASK_SINGLE_LABEL;
  if (options->separator != NULL)
    columns.separator = *options->separator;
  if (like != NULL && !take_kind (table, like, options->labels != NULL, &columns, error))
    return NULL;
  if (label_names == NULL && options->label_names != NULL)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->label_names);

      named = attune_label_names_read (file, error);
      if (named == NULL)
        return NULL;
      label_names = (const char *const *) named;
    }

  return attune_dataset_new (table, &columns, label_names, error);
}

AttuneDataset *
cli_dataset_new (AttuneTable           *table,
                 const CliDataOptions  *options,
                 const char * const    *label_names,
                 GError               **error)
{
  return create_dataset (table, options, NULL, label_names, error);
}

AttuneDataset *
cli_dataset_read (AttuneDataFiles       *files,
                  AttunePart             part,
                  const CliDataOptions  *options,
                  const char * const    *label_names,
                  GError               **error)
{
  g_autoptr (AttuneTable) table = cli_table_read (files, part, options, error);

  return table != NULL ? create_dataset (table, options, NULL, label_names, error) : NULL;
}

AttuneDataset *
cli_dataset_read_like (AttuneDataFiles       *files,
                       AttunePart             part,
                       const CliDataOptions  *options,
                       AttuneDataset         *other,
                       GError               **error)
{
  g_autoptr (AttuneTable) table = cli_table_read (files, part, options, error);

  return table != NULL ? create_dataset (table, options, other,
                                         attune_dataset_get_label_names (other), error)
                       : NULL;
}
