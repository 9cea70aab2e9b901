/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which columns of the table are texts, second texts and labels, and whether a row has one label or
 * several: what was said is checked, the rest is guessed.
 */
#include "config.h"

#include "attune-dataset-parts.h"

#include <glib/gi18n.h>

#include "attune-label-cells.h"
#include "attune-pair-guess.h"

static gboolean
check_column (AttuneTable *table,
              gint         column,
              GError     **error)
{
  guint n_columns = attune_table_get_n_columns (table);

  if (column < (gint) n_columns)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
               ngettext ("%s: there is no column %d, the table has %u; choose another",
                         "%s: there is no column %d, the table has %u; choose another", n_columns),
               attune_table_get_source_name (table), column + 1, n_columns);
  return FALSE;
}

/* What was not given, by name and by content. */
static void
guess_columns (AttuneDataset *self)
{
  AttuneColumns *columns = &self->columns;
  gint text = columns->text;

  if (columns->pair == ATTUNE_PAIR_GUESS)
    {
      columns->pair = -1;
      attune_table_guess_pair (self->table, columns->label, &columns->text, &columns->pair);
    }
  if (columns->text < 0)
    columns->text = attune_table_guess_text_column (self->table);
  if (columns->text >= 0 && columns->text == columns->label && text < 0)
    columns->text = -1;
  for (guint i = 0; columns->text < 0 && i < attune_table_get_n_columns (self->table); i++)
    if ((gint) i != columns->label && (gint) i != columns->pair)
      columns->text = (gint) i;
  if (columns->label < 0 && columns->task != ATTUNE_TASK_SINGLE_LABEL
      && attune_label_cells_find_columns (self->table, columns))
    self->task_guessed = columns->task == ATTUNE_TASK_DETECT;
  if (columns->label < 0)
    columns->label = attune_table_guess_label_column (self->table, columns->text,
                                                      columns->pair);
}

/* One label a row or several, and then what stands between them. */
static void
choose_task (AttuneDataset *self)
{
  AttuneColumns *columns = &self->columns;
  char separator = '\0';
  AttuneSeveral several;

  if (columns->n_more > 0)
    columns->task = ATTUNE_TASK_MULTI_LABEL;
  else if (columns->separator != '\0' && columns->task == ATTUNE_TASK_DETECT)
    columns->task = ATTUNE_TASK_MULTI_LABEL;
  else if (columns->separator == '\0' && columns->task != ATTUNE_TASK_SINGLE_LABEL)
    {
      several = attune_label_cells_look (self->table, columns->label, &separator);
      if (columns->task == ATTUNE_TASK_MULTI_LABEL)
        columns->separator = several != ATTUNE_SEVERAL_NO ? separator : '\0';
      else if (several == ATTUNE_SEVERAL_LIKELY)
        {
          columns->task = ATTUNE_TASK_MULTI_LABEL;
          columns->separator = separator;
          self->task_guessed = TRUE;
        }
    }
  if (columns->task != ATTUNE_TASK_MULTI_LABEL)
    columns->task = ATTUNE_TASK_SINGLE_LABEL;
  if (columns->task == ATTUNE_TASK_SINGLE_LABEL || columns->n_more > 0)
    columns->separator = '\0';
}

/* The further label columns are none of the others, and none is named twice. */
static gboolean
check_more_columns (AttuneDataset  *self,
                    GError        **error)
{
  const AttuneColumns *columns = &self->columns;

  for (guint i = 0; i < columns->n_more; i++)
    {
      gint column = columns->more[i];
      gboolean taken = column < 0 || column == columns->text || column == columns->pair
                       || column == columns->label;

      if (!check_column (self->table, column, error))
        return FALSE;
      for (guint j = 0; j < i; j++)
        taken = taken || columns->more[j] == column;
      if (taken)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                       _("%s: column %d cannot be one of the label columns as well; choose another"),
                       attune_table_get_source_name (self->table), column + 1);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
attune_dataset_choose_columns (AttuneDataset        *self,
                               const AttuneColumns  *wanted,
                               GError              **error)
{
  const char *name = attune_table_get_source_name (self->table);
  AttuneColumns *columns = &self->columns;

  *columns = *wanted;
  if (!check_column (self->table, columns->text, error)
      || !check_column (self->table, columns->pair, error)
      || !check_column (self->table, columns->label, error))
    return FALSE;

  guess_columns (self);
  if (!check_more_columns (self, error))
    return FALSE;

  if (columns->text < 0)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                 _("%s: no column holds texts; choose the text column"), name);
  else if (columns->label < 0 && attune_table_get_n_columns (self->table) == 1)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                 _("%s: there is no label column, the table has but one column; add one, or check "
                   "the delimiter"), name);
  else if (columns->label < 0)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                 _("%s: no column looks like labels (a few short values that repeat); choose the "
                   "label column"), name);
  else if (columns->label == columns->text)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                 _("%s: column “%s” is both text and label; choose another for one of them"), name,
                 attune_table_get_column_name (self->table, (guint) columns->label));
  else if (columns->pair >= 0
           && (columns->pair == columns->text || columns->pair == columns->label))
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN,
                 _("%s: column “%s” is the second text and another column too; choose another for "
                   "one of them"), name,
                 attune_table_get_column_name (self->table, (guint) columns->pair));
  else
    {
      choose_task (self);
      return TRUE;
    }
  return FALSE;
}
