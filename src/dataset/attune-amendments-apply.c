/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amending a data set. Labels first, in the order the changes were made; then empty texts, texts
 * with two labels, those shared with the validation data and repeats, so that what is kept of a
 * text is its first row that nothing else is wrong with. Any thread.
 */
#include "config.h"

#include "attune-amendments.h"

#include <glib/gi18n.h>

#include "attune-check-parts.h"
#include "attune-dataset-private.h"

#define MOST_SHOWN 40 /* characters of a label in a message */

/* What becomes of the labels of a data set. */
typedef struct {
  char **now;    /* (n,) the name each id ends up with; NULL if its rows are dropped */
  guint8 *moved; /* (n,) merged into another, so that it gives no id of its own */
  guint n;
} Names;

static void
names_clear (Names *self)
{
  for (guint i = 0; i < self->n; i++)
    g_free (self->now[i]);
  g_free (self->now);
  g_free (self->moved);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Names, names_clear)

static gboolean
set_change_error (const AttuneLabelChange *change,
                  gboolean                 is_taken,
                  GError                 **error)
{
  g_autofree char *from = g_utf8_truncate_middle (change->from, MOST_SHOWN);
  g_autofree char *to = change->to != NULL ? g_utf8_truncate_middle (change->to, MOST_SHOWN) : NULL;

  if (is_taken)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                 _("The label “%s” cannot be called “%s”, for there is such a label already; "
                   "merge them instead"), from, to);
  else if (to != NULL && *to == '\0')
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                 _("The label “%s” needs a name that is not empty"), from);
  else
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                 _("There is no label “%s” that could be changed; look at the labels with "
                   "“attune-cli inspect”"), from);
  return FALSE;
}

static gboolean
change_names (Names                   *self,
              const AttuneLabelChange *change,
              GError                 **error)
{
  gboolean found = FALSE, is_taken = FALSE;

  for (guint i = 0; i < self->n; i++)
    if (self->now[i] != NULL)
      {
        found = found || g_str_equal (self->now[i], change->from);
        is_taken = is_taken || g_strcmp0 (self->now[i], change->to) == 0;
      }
  is_taken = is_taken && change->kind == ATTUNE_CHANGE_RENAME
             && !g_str_equal (change->from, change->to);
  if (!found || is_taken || (change->to != NULL && *change->to == '\0'))
    return set_change_error (change, is_taken, error);

  for (guint i = 0; i < self->n; i++)
    if (g_strcmp0 (self->now[i], change->from) == 0)
      {
        g_free (self->now[i]);
        self->now[i] = g_strdup (change->to);
        self->moved[i] = self->moved[i] || change->kind == ATTUNE_CHANGE_MERGE;
      }
  return TRUE;
}

/* Ids follow the order of the labels that stayed; names that only came by merging come last.
 * Returns the new names, and in new_ids, (n,), what each id becomes. */
static char **
number_names (const Names *names,
              gint32      *new_ids)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint moved = 0; moved < 2; moved++)
    for (guint i = 0; i < names->n; i++)
      if (names->now[i] != NULL && names->moved[i] == moved
          && !g_hash_table_contains (ids, names->now[i]))
        {
          g_hash_table_insert (ids, names->now[i],
                               GUINT_TO_POINTER (g_hash_table_size (ids)));
          g_strv_builder_add (builder, names->now[i]);
        }
  for (guint i = 0; i < names->n; i++)
    new_ids[i] = names->now[i] == NULL
                   ? ATTUNE_LABEL_NONE
                   : (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (ids, names->now[i]));
  return g_strv_builder_end (builder);
}

/* Label changes and empty texts: what training and validation data have in common. */
static AttuneDataset *
apply_to_rows (const AttuneAmendments *self,
               AttuneDataset          *dataset,
               GError                **error)
{
  g_auto (Names) names = { NULL, NULL, attune_dataset_get_n_labels (dataset) };
  guint n_rows = attune_dataset_get_n_rows (dataset);
  g_autofree gint32 *new_ids = g_new (gint32, names.n + 1);
  g_autofree guint8 *dropped = g_new0 (guint8, MAX (n_rows, 1));
  char **new_names;

  names.now = g_strdupv ((char **) attune_dataset_get_label_names (dataset));
  names.moved = g_new0 (guint8, names.n + 1);
  for (guint i = 0; i < self->changes->len; i++)
    if (!change_names (&names, g_ptr_array_index (self->changes, i), error))
      return NULL;
  new_names = number_names (&names, new_ids);
  for (guint row = 0; row < n_rows; row++)
    {
      guint n;
      const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);

      for (guint i = 0; i < n; i++)
        dropped[row] = dropped[row] || new_ids[set[i]] == ATTUNE_LABEL_NONE;
      dropped[row] = dropped[row]
                     || ((self->drop & ATTUNE_DROP_EMPTY) != 0
                         && attune_check_row_is_blank (dataset, row));
    }
  return attune_dataset_new_amended (dataset, new_names, new_ids, g_steal_pointer (&dropped),
                                     self);
}

/* Marks rows by what other rows say. index is of dataset, so that rows dropped already are not in
 * it. */
static void
mark_repeats (const AttuneAmendments *self,
              AttuneDataset          *dataset,
              AttuneTextIndex        *index,
              AttuneTextIndex        *validation_index,
              guint8                 *dropped)
{
  guint n_rows = attune_dataset_get_n_rows (dataset);
  g_autofree guint8 *conflicting = attune_check_find_conflicts (dataset, index);

  for (guint row = 0; row < n_rows; row++)
    {
      guint first = attune_text_index_get_first (index, row);

      dropped[row] = attune_dataset_is_dropped (dataset, row);
      if (dropped[row] || attune_check_row_is_blank (dataset, row))
        continue;
      dropped[row] =
        ((self->drop & ATTUNE_DROP_CONFLICTING) != 0 && conflicting[first])
        || ((self->drop & ATTUNE_DROP_DUPLICATES) != 0 && first != row)
        || (validation_index != NULL
            && attune_text_index_find (validation_index, dataset, row) != ATTUNE_NO_ROW);
    }
}

static AttuneDataset *
set_cancelled (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _("Amending the data was cancelled"));
  return NULL;
}

/**
 * attune_amendments_apply:
 * @dataset: not amended itself
 * @validation: (nullable): amended or not; what ATTUNE_DROP_OVERLAP looks at
 *
 * Row numbers are those of @dataset; dropped rows have no label and stand on no side of a split.
 * Errors: ATTUNE_DATASET_ERROR_LABELS for a change of a label that there is not, or to a name that
 * is taken; G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): @dataset itself if there is nothing to amend
 */
AttuneDataset *
attune_amendments_apply (const AttuneAmendments  *self,
                         AttuneDataset           *dataset,
                         AttuneDataset           *validation,
                         GCancellable            *cancellable,
                         GError                 **error)
{
  const AttuneDrop by_text = ATTUNE_DROP_DUPLICATES | ATTUNE_DROP_CONFLICTING | ATTUNE_DROP_OVERLAP;
  g_autoptr (AttuneDataset) amended = NULL;
  g_autoptr (AttuneTextIndex) index = NULL;
  g_autoptr (AttuneTextIndex) validation_index = NULL;
  g_autofree guint8 *dropped = NULL;
  g_autofree gint32 *same_ids = NULL;
  guint n_labels;

  g_return_val_if_fail (ATTUNE_IS_DATASET (dataset), NULL);

  if (attune_amendments_is_empty (self))
    return g_object_ref (dataset);
  amended = apply_to_rows (self, dataset, error);
  if (amended == NULL || (self->drop & by_text) == 0)
    return g_steal_pointer (&amended);

  index = attune_text_index_new (amended, cancellable);
  if (index == NULL)
    return set_cancelled (error);
  if (validation != NULL && (self->drop & ATTUNE_DROP_OVERLAP) != 0)
    {
      validation_index = attune_text_index_new (validation, cancellable);
      if (validation_index == NULL)
        return set_cancelled (error);
    }
  dropped = g_new (guint8, MAX (attune_dataset_get_n_rows (amended), 1));
  mark_repeats (self, amended, index, validation_index, dropped);
  n_labels = attune_dataset_get_n_labels (amended);
  same_ids = g_new (gint32, n_labels + 1);
  for (guint i = 0; i < n_labels; i++)
    same_ids[i] = (gint32) i;
  return attune_dataset_new_amended (amended,
                                     g_strdupv ((char **) attune_dataset_get_label_names (amended)),
                                     same_ids, g_steal_pointer (&dropped), self);
}

/**
 * attune_amendments_apply_to_validation:
 * @validation: not amended itself, with the label names that the training data has in its file
 *
 * What concerns labels and empty texts; repeats in what is measured on are left as they are.
 *
 * Returns: (transfer full): @validation itself if there is nothing to amend; errors as
 *   attune_amendments_apply()
 */
AttuneDataset *
attune_amendments_apply_to_validation (const AttuneAmendments  *self,
                                       AttuneDataset           *validation,
                                       GError                 **error)
{
  g_return_val_if_fail (ATTUNE_IS_DATASET (validation), NULL);

  return attune_amendments_is_empty (self) ? g_object_ref (validation)
                                           : apply_to_rows (self, validation, error);
}

/* What a label is called after all changes; NULL if its rows are dropped. */
static const char *
follow_changes (const AttuneAmendments *self,
                const char             *name)
{
  for (guint i = 0; name != NULL && i < self->changes->len; i++)
    {
      const AttuneLabelChange *change = g_ptr_array_index (self->changes, i);

      if (g_str_equal (change->from, name))
        name = change->to;
    }
  return name;
}

/**
 * attune_amendments_apply_to_labels:
 * @dataset: not amended itself, with the labels its own file gives
 * @label_names: those of a model that was trained on data amended with @self
 *
 * Only the labels of @dataset are changed, for it is to be measured on. It may have some of the
 * labels only, and some that were changed in its file already.
 *
 * Returns: (transfer full): @dataset with the ids of @label_names; %NULL with
 *   ATTUNE_DATASET_ERROR_LABELS for a label that does not become one of them
 */
AttuneDataset *
attune_amendments_apply_to_labels (const AttuneAmendments  *self,
                                   AttuneDataset           *dataset,
                                   const char * const      *label_names,
                                   GError                 **error)
{
  const char * const *theirs = attune_dataset_get_label_names (dataset);
  guint n_labels = attune_dataset_get_n_labels (dataset);
  guint n_rows = attune_dataset_get_n_rows (dataset);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal); /* name → id + 1 */
  g_autofree gint32 *new_ids = g_new (gint32, n_labels + 1);
  g_autofree guint8 *dropped = g_new0 (guint8, MAX (n_rows, 1));

  for (guint i = 0; label_names[i] != NULL; i++)
    g_hash_table_insert (ids, (gpointer) label_names[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < n_labels; i++)
    {
      const char *name = follow_changes (self, theirs[i]);

      new_ids[i] = name != NULL ? (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (ids, name)) - 1
                                : ATTUNE_LABEL_NONE;
      if (name != NULL && new_ids[i] < 0 && attune_dataset_get_label_counts (dataset)[i] > 0)
        {
          g_autofree char *shown = g_utf8_truncate_middle (theirs[i], MOST_SHOWN);

          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                       _("“%s”: the label “%s” is unknown, also with the changes of labels that "
                         "the model was trained with; rename it, or leave out its rows"),
                       attune_table_get_source_name (attune_dataset_get_table (dataset)), shown);
          return NULL;
        }
    }
  for (guint row = 0; row < n_rows; row++)
    {
      guint n;
      const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);

      for (guint i = 0; i < n; i++)
        dropped[row] = dropped[row] || new_ids[set[i]] == ATTUNE_LABEL_NONE;
    }
  return attune_dataset_new_amended (dataset, g_strdupv ((char **) label_names), new_ids,
                                     g_steal_pointer (&dropped), self);
}
