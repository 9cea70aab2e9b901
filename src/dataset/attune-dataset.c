/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataset: a view of a table that knows its columns and has numbered its labels. Texts stay
 * in the table; what is held here is one label id a row, and where a row may have several, also the
 * ids of each. Created on any thread, immutable after.
 */
#include "config.h"

#include "attune-dataset-parts.h"
#include "attune-dataset-private.h"

#include <string.h>

#include "attune-amendments.h"

G_DEFINE_FINAL_TYPE (AttuneDataset, attune_dataset, G_TYPE_OBJECT)

static void
attune_dataset_finalize (GObject *object)
{
  AttuneDataset *self = ATTUNE_DATASET (object);

  g_clear_object (&self->table);
  g_free (self->labels);
  g_free (self->set_ids);
  g_free (self->set_offsets);
  g_free (self->strata);
  g_free (self->names_source);
  g_strfreev (self->label_names);
  g_strfreev (self->plain_names);
  g_free (self->label_counts);
  g_free (self->dropped);
  g_clear_pointer (&self->amendments, attune_amendments_free);

  G_OBJECT_CLASS (attune_dataset_parent_class)->finalize (object);
}

static void
attune_dataset_class_init (AttuneDatasetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_dataset_finalize;
}

static void
attune_dataset_init (AttuneDataset *self)
{
}

/**
 * attune_dataset_new:
 * @columns: (nullable): columns by number, -1 to guess or for none; NULL as ATTUNE_COLUMNS_GUESS
 * @label_names: (nullable): the label names in the order of their ids, or NULL to collect them
 *
 * A row whose label is empty gets ATTUNE_LABEL_NONE. A data set of one class opens: the check says
 * that it cannot be trained on. Errors are of the domain ATTUNE_DATASET_ERROR: COLUMN, LABELS.
 *
 * Returns: (transfer full): the data set, or NULL
 */
AttuneDataset *
attune_dataset_new (AttuneTable          *table,
                    const AttuneColumns  *columns,
                    const char * const   *label_names,
                    GError              **error)
{
  g_autoptr (AttuneDataset) self = NULL;

  g_return_val_if_fail (ATTUNE_IS_TABLE (table), NULL);

  self = g_object_new (ATTUNE_TYPE_DATASET, NULL);
  self->table = g_object_ref (table);
  self->n_rows = attune_table_get_n_rows (table);
  if (!attune_dataset_choose_columns (self, columns != NULL ? columns : &ATTUNE_COLUMNS_GUESS, error))
    return NULL;
  if (!attune_dataset_choose_class_names (self, error))
    return NULL;
  self->label_names = label_names != NULL ? g_strdupv ((char **) label_names)
                                          : attune_dataset_collect_names (self, error);
  if (self->label_names == NULL)
    return NULL;
  self->n_labels = g_strv_length (self->label_names);
  return attune_dataset_number_labels (self, error) ? g_steal_pointer (&self) : NULL;
}

static void
count_labels (AttuneDataset *self)
{
  self->label_counts = g_new0 (guint, self->n_labels + 1);
  for (guint row = 0; row < self->n_rows; row++)
    {
      guint n;
      const gint32 *set = attune_dataset_get_label_set (self, row, &n);

      for (guint i = 0; i < n; i++)
        self->label_counts[set[i]]++;
      self->n_dropped += attune_dataset_is_dropped (self, row);
    }
}

AttuneDataset *
attune_dataset_new_head (AttuneDataset *other,
                         guint          n_rows)
{
  g_autoptr (AttuneDataset) self = NULL;

  g_return_val_if_fail (ATTUNE_IS_DATASET (other), NULL);

  self = g_object_new (ATTUNE_TYPE_DATASET, NULL);
  self->table = g_object_ref (other->table);
  self->columns = other->columns;
  self->n_rows = MIN (n_rows, other->n_rows);
  self->label_names = g_strdupv (other->label_names);
  self->plain_names = g_strdupv (other->plain_names);
  self->n_labels = other->n_labels;
  self->labels = g_memdup2 (other->labels, sizeof (gint32) * self->n_rows);
  self->dropped = other->dropped != NULL ? g_memdup2 (other->dropped, self->n_rows) : NULL;
  self->amendments = attune_amendments_copy (other->amendments);
  self->task_guessed = other->task_guessed;
  self->names_source = g_strdup (other->names_source);
  if (other->set_offsets != NULL)
    {
      self->set_offsets = g_memdup2 (other->set_offsets, sizeof (guint) * (self->n_rows + 1));
      self->set_ids = g_memdup2 (other->set_ids,
                                 sizeof (gint32) * MAX (self->set_offsets[self->n_rows], 1));
      self->strata = g_memdup2 (other->strata, sizeof (gint32) * self->n_rows);
    }
  count_labels (self);
  return g_steal_pointer (&self);
}

/* Several labels a row: each becomes its new one, once; a dropped row has none and cannot teach. */
static void
amend_sets (AttuneDataset *self,
            AttuneDataset *other,
            const gint32  *new_ids)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree guint *last = g_new0 (guint, self->n_labels + 1); /* row + 1 that has the label */

  self->set_offsets = g_new0 (guint, (gsize) self->n_rows + 1);
  self->strata = g_new (gint32, MAX (self->n_rows, 1));
  for (guint row = 0; row < self->n_rows; row++)
    {
      guint n;
      const gint32 *set = attune_dataset_get_label_set (other, row, &n);

      for (guint i = 0; i < n && !self->dropped[row]; i++)
        if (last[new_ids[set[i]]] != row + 1)
          {
            last[new_ids[set[i]]] = row + 1;
            g_array_append_val (ids, new_ids[set[i]]);
          }
      self->strata[row] = self->dropped[row] ? ATTUNE_LABEL_NONE : MIN (other->strata[row], 0);
      self->set_offsets[row + 1] = ids->len;
    }
  self->set_ids = (gint32 *) g_array_steal (ids, NULL);
}

/* See attune-dataset-private.h. */
AttuneDataset *
attune_dataset_new_amended (AttuneDataset          *other,
                            char                  **label_names,
                            const gint32           *new_ids,
                            guint8                 *dropped,
                            const AttuneAmendments *amendments)
{
  AttuneDataset *self = g_object_new (ATTUNE_TYPE_DATASET, NULL);

  self->table = g_object_ref (other->table);
  self->columns = other->columns;
  self->n_rows = other->n_rows;
  self->label_names = label_names;
  self->plain_names = g_strdupv ((char **) attune_dataset_get_plain_names (other));
  self->n_labels = g_strv_length (label_names);
  self->labels = g_new (gint32, MAX (self->n_rows, 1));
  for (guint row = 0; row < self->n_rows; row++)
    self->labels[row] = dropped[row] || other->labels[row] == ATTUNE_LABEL_NONE
                          ? ATTUNE_LABEL_NONE
                          : new_ids[other->labels[row]];
  self->dropped = dropped;
  self->amendments = attune_amendments_copy (amendments);
  self->task_guessed = other->task_guessed;
  self->names_source = g_strdup (other->names_source);
  if (other->set_offsets != NULL)
    amend_sets (self, other, new_ids);
  count_labels (self);
  if (other->set_offsets != NULL)
    attune_dataset_sort_sets (self);
  return self;
}

AttuneTable *
attune_dataset_get_table (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return self->table;
}

/* The columns in use: text and label are never -1. */
const AttuneColumns *
attune_dataset_get_columns (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return &self->columns;
}

guint
attune_dataset_get_n_rows (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), 0);
  return self->n_rows;
}

/* As attune_table_get_cell(). */
const char *
attune_dataset_get_text (AttuneDataset *self,
                         guint          row,
                         gsize         *length)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  g_return_val_if_fail (row < self->n_rows, NULL);
  return attune_table_get_cell (self->table, row, (guint) self->columns.text, length);
}

/* (nullable): NULL, with a length of 0, if there is no pair column. */
const char *
attune_dataset_get_pair (AttuneDataset *self,
                         guint          row,
                         gsize         *length)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  g_return_val_if_fail (row < self->n_rows, NULL);
  if (self->columns.pair >= 0)
    return attune_table_get_cell (self->table, row, (guint) self->columns.pair, length);
  if (length != NULL)
    *length = 0;
  return NULL;
}

gint32
attune_dataset_get_label (AttuneDataset *self,
                          guint          row)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), ATTUNE_LABEL_NONE);
  g_return_val_if_fail (row < self->n_rows, ATTUNE_LABEL_NONE);
  return self->labels[row];
}

/* (n_rows,) ids or ATTUNE_LABEL_NONE; (transfer none) */
const gint32 *
attune_dataset_get_labels (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return self->labels;
}

AttuneTask
attune_dataset_get_task (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), ATTUNE_TASK_SINGLE_LABEL);
  return self->columns.task;
}

gboolean
attune_dataset_is_task_guessed (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), FALSE);
  return self->task_guessed;
}

/* (n_labels,) ids in ascending order; (transfer none) */
const gint32 *
attune_dataset_get_label_set (AttuneDataset *self,
                              guint          row,
                              guint         *n_labels)
{
  *n_labels = 0;
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  g_return_val_if_fail (row < self->n_rows, NULL);

  if (self->set_offsets == NULL)
    {
      *n_labels = self->labels[row] != ATTUNE_LABEL_NONE;
      return self->labels + row;
    }
  *n_labels = self->set_offsets[row + 1] - self->set_offsets[row];
  return self->set_ids + self->set_offsets[row];
}

gboolean
attune_dataset_has_equal_labels (AttuneDataset *self,
                                 guint          row,
                                 AttuneDataset *other,
                                 guint          other_row)
{
  guint n, n_other;
  const gint32 *set = attune_dataset_get_label_set (self, row, &n);
  const gint32 *other_set = attune_dataset_get_label_set (other, other_row, &n_other);

  return n == n_other && (n == 0 || memcmp (set, other_set, n * sizeof *set) == 0);
}

gboolean
attune_dataset_is_labelled (AttuneDataset *self,
                            guint          row)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), FALSE);
  g_return_val_if_fail (row < self->n_rows, FALSE);
  return (self->strata != NULL ? self->strata : self->labels)[row] != ATTUNE_LABEL_NONE;
}

const gint32 *
attune_dataset_get_strata (AttuneDataset *self,
                           guint         *n_strata)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);

  *n_strata = self->n_labels + (self->strata != NULL);
  return self->strata != NULL ? self->strata : self->labels;
}

/* (nullable): "labels.txt" */
const char *
attune_dataset_get_names_source (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return self->names_source;
}

guint
attune_dataset_get_n_labels (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), 0);
  return self->n_labels;
}

/* (n_labels,) NULL-terminated; (transfer none) */
const char * const *
attune_dataset_get_label_names (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return (const char * const *) self->label_names;
}

const char * const *
attune_dataset_get_plain_names (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return (const char * const *) (self->plain_names != NULL ? self->plain_names
                                                           : self->label_names);
}

/* (n_labels,) rows of each label; (transfer none) */
const guint *
attune_dataset_get_label_counts (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return self->label_counts;
}

gboolean
attune_dataset_is_dropped (AttuneDataset *self,
                           guint          row)
{
  return self->dropped != NULL && self->dropped[row];
}

guint
attune_dataset_get_n_dropped (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), 0);
  return self->n_dropped;
}

const AttuneAmendments *
attune_dataset_get_amendments (AttuneDataset *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (self), NULL);
  return self->amendments;
}
