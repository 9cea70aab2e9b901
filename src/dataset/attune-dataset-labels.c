/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of the labels and the ids of each row: from the cells, from what the file says its numbers
 * mean, or from the names of other data.
 */
#include "config.h"

#include "attune-dataset-parts.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-label-cells.h"
#include "attune-label-names.h"

#define MOST_LABELS 10000u
#define MOST_SHOWN 40 /* characters of a label in a message */

/**
 * attune_label_compare:
 *
 * Orders two label names: runs of digits by their value, all else by code point. Names that differ
 * only in leading zeros are ordered too, so that equal means identical.
 */
gint
attune_label_compare (const char *a,
                      const char *b)
{
  const char *p = a, *q = b;

  while (*p != '\0' && *q != '\0')
    {
      gsize n_p, n_q;
      int order;

      if (!g_ascii_isdigit (*p) || !g_ascii_isdigit (*q))
        {
          if (*p != *q)
            return (guchar) *p < (guchar) *q ? -1 : 1;
          p++;
          q++;
          continue;
        }
      while (*p == '0' && g_ascii_isdigit (p[1]))
        p++;
      while (*q == '0' && g_ascii_isdigit (q[1]))
        q++;
      n_p = strspn (p, "0123456789");
      n_q = strspn (q, "0123456789");
      if (n_p != n_q)
        return n_p < n_q ? -1 : 1;
      order = strncmp (p, q, n_p);
      if (order != 0)
        return order < 0 ? -1 : 1;
      p += n_p;
      q += n_q;
    }
  if (*p != *q)
    return *p == '\0' ? -1 : 1;
  return CLAMP (strcmp (a, b), -1, 1);
}

static gint
compare_names_cb (gconstpointer a,
                  gconstpointer b)
{
  return attune_label_compare (*(const char *const *) a, *(const char *const *) b);
}

/* The label of a row, NULL if it is empty or nothing but spaces. */
static const char *
get_label_cell (AttuneDataset *self,
                guint          row)
{
  const char *label = attune_table_get_cell (self->table, row, (guint) self->columns.label, NULL);

  return label[strspn (label, " \t\r\n")] == '\0' ? NULL : label;
}

static gboolean
add_name_cb (const char *label,
             gpointer    user_data)
{
  GHashTable *seen = user_data;

  if (!g_hash_table_contains (seen, label))
    g_hash_table_add (seen, g_strdup (label));
  return g_hash_table_size (seen) <= MOST_LABELS;
}

/* The different labels; of single-label data borrowed from the table. */
static GHashTable *
find_names (AttuneDataset *self,
            GError       **error)
{
  gboolean several = self->columns.task == ATTUNE_TASK_MULTI_LABEL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal,
                                                       several ? g_free : NULL, NULL);
  g_autoptr (GString) scratch = g_string_new (NULL);
  guint n;

  /* Also a column without a 1 is a label. */
  for (guint i = 0; self->columns.n_more > 0 && i <= self->columns.n_more; i++)
    add_name_cb (attune_table_get_column_name (self->table,
                                               (guint) (i == 0 ? self->columns.label
                                                               : self->columns.more[i - 1])), seen);
  for (guint row = 0; row < self->n_rows; row++)
    {
      const char *label = several ? NULL : get_label_cell (self, row);
      GError *local_error = NULL;

      if (label != NULL)
        g_hash_table_add (seen, (gpointer) label);
      else if (several
               && attune_label_cells_foreach (self->table, &self->columns, row, scratch,
                                              add_name_cb, seen, &local_error)
                    == ATTUNE_ROW_REFUSED)
        {
          if (local_error == NULL)
            break;
          g_propagate_error (error, local_error);
          return NULL;
        }
    }
  n = g_hash_table_size (seen);
  if (n > MOST_LABELS)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
                   _("%s: %'u classes for %'u rows, and at most %'u are possible: is “%s” really "
                     "the label column?"),
                   attune_table_get_source_name (self->table), n, self->n_rows, MOST_LABELS,
                   attune_table_get_column_name (self->table, (guint) self->columns.label));
      return NULL;
    }
  return g_steal_pointer (&seen);
}

gboolean
attune_dataset_choose_class_names (AttuneDataset *self,
                                   GError       **error)
{
  const char * const *names = self->columns.n_more > 0
                                ? NULL
                                : attune_table_get_class_names (self->table,
                                                                (guint) self->columns.label);
  guint n = names != NULL ? g_strv_length ((char **) names) : 0, id;
  g_autoptr (GHashTable) labels = NULL;
  GHashTableIter iter;
  gpointer key;

  if (n == 0)
    return TRUE;
  labels = find_names (self, error);
  if (labels == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_str_equal (key, "-1") && !attune_label_parse_id (key, n - 1, &id))
      return TRUE;
  self->class_names = names;
  return TRUE;
}

/* Names from beside the data, when all labels are numbers. */
static char **
name_numbers (AttuneDataset *self,
              GHashTable    *labels)
{
  GHashTableIter iter;
  guint largest = 0, id;
  gpointer key;

  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (!attune_label_parse_id (key, G_MAXINT32, &id))
        return NULL;
      largest = MAX (largest, id);
    }
  if (g_hash_table_size (labels) == 0)
    return NULL;
  return attune_label_names_find (self->table, g_hash_table_size (labels), largest,
                                  &self->names_source);
}

/* The names of the labels in natural order, or in that of the numbers they stand for. */
char **
attune_dataset_collect_names (AttuneDataset *self,
                              GError       **error)
{
  g_autoptr (GHashTable) seen = NULL;
  g_autoptr (GPtrArray) names = NULL;
  GHashTableIter iter;
  gpointer key;
  char **named;
  guint n;

  if (self->class_names != NULL)
    return g_strdupv ((char **) self->class_names);
  seen = find_names (self, error);
  if (seen == NULL)
    return NULL;
  named = name_numbers (self, seen);
  if (named != NULL)
    return named;
  n = g_hash_table_size (seen);
  if (n == 0)
    return g_new0 (char *, 1);
  names = g_ptr_array_new_null_terminated (n, g_free, TRUE);
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (names, g_strdup (key));
  if (self->columns.n_more == 0)
    g_ptr_array_sort (names, compare_names_cb);
  else
    {
      /* In the order of the columns. */
      g_ptr_array_set_size (names, 0);
      for (guint i = 0; i <= self->columns.n_more; i++)
        g_ptr_array_add (names, g_strdup (attune_table_get_column_name (
                                  self->table, (guint) (i == 0 ? self->columns.label
                                                               : self->columns.more[i - 1]))));
    }
  return (char **) g_ptr_array_steal (names, NULL);
}

static gboolean
set_unknown_label_error (AttuneDataset *self,
                         guint          row,
                         const char    *label,
                         GError       **error)
{
  g_autofree char *unknown = g_utf8_truncate_middle (label, MOST_SHOWN);
  GString *known = g_string_new (NULL);

  for (guint i = 0; i < MIN (self->n_labels, 5); i++)
    {
      g_autofree char *name = g_utf8_truncate_middle (self->label_names[i], MOST_SHOWN);

      g_string_append_printf (known, i == 0 ? "%s" : ", %s", name);
    }
  if (self->n_labels > 5)
    g_string_append (known, ", …");
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS,
               _("%s: line %" PRIu64 ": the label “%s” is unknown; those known are %s"),
               attune_table_get_row_source_name (self->table, row),
               attune_table_get_line (self->table, row), unknown, known->str);
  g_string_free (known, TRUE);
  return FALSE;
}

/* From names to ids. */
typedef struct {
  AttuneDataset *dataset;
  GHashTable *ids;     /* name → id + 1 */
  gboolean has_numbers; /* a number stands for the name of that id */
  GArray *set;         /* gint32, of the row at hand */
  const char *unknown;
} Numbering;

/* ATTUNE_LABEL_NONE for what says that there is no label; FALSE for what is no label. */
static gboolean
find_id (const Numbering *numbering,
         const char      *label,
         gint32          *id)
{
  const char * const *class_names = numbering->dataset->class_names;
  guint found, number;

  /* What the file calls a number counts, whatever the order of the names it is looked up in. */
  if (class_names != NULL
      && attune_label_parse_id (label, g_strv_length ((char **) class_names) - 1, &number))
    label = class_names[number];
  found = GPOINTER_TO_UINT (g_hash_table_lookup (numbering->ids, label));
  *id = (gint32) found - 1;
  if (found > 0)
    return TRUE;
  if (!numbering->has_numbers)
    return class_names != NULL && g_str_equal (label, "-1");
  if (attune_label_parse_id (label, numbering->dataset->n_labels - 1, &number))
    *id = (gint32) number;
  else if (!g_str_equal (label, "-1"))
    return FALSE;
  return TRUE;
}

static gboolean
add_id_cb (const char *label,
           gpointer    user_data)
{
  Numbering *self = user_data;
  gint32 id;

  if (!find_id (self, label, &id))
    {
      self->unknown = label;
      return FALSE;
    }
  if (id == ATTUNE_LABEL_NONE)
    return TRUE;
  for (guint i = 0; i < self->set->len; i++)
    if (g_array_index (self->set, gint32, i) == id)
      return TRUE;
  g_array_append_val (self->set, id);
  return TRUE;
}

static gint
compare_ids_cb (gconstpointer a,
                gconstpointer b)
{
  const gint32 *p = a, *q = b;

  return (*p > *q) - (*p < *q);
}

/* Reads all rows; of a row that says nothing strata is ATTUNE_LABEL_NONE and else 0. */
static gboolean
number_sets (AttuneDataset  *self,
             Numbering      *numbering,
             GError        **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) set = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GString) scratch = g_string_new (NULL);

  numbering->set = set;
  self->set_offsets = g_new0 (guint, (gsize) self->n_rows + 1);
  for (guint row = 0; row < self->n_rows; row++)
    {
      AttuneRowLabels found;

      g_array_set_size (set, 0);
      found = attune_label_cells_foreach (self->table, &self->columns, row, scratch, add_id_cb,
                                          numbering, error);
      if (found == ATTUNE_ROW_REFUSED)
        return numbering->unknown != NULL
               && set_unknown_label_error (self, row, numbering->unknown, error);
      self->strata[row] = found == ATTUNE_ROW_UNKNOWN ? ATTUNE_LABEL_NONE : 0;
      g_array_append_vals (ids, set->data, set->len);
      self->set_offsets[row + 1] = ids->len;
      for (guint i = 0; i < set->len; i++)
        self->label_counts[g_array_index (set, gint32, i)]++;
    }
  self->set_ids = (gint32 *) g_array_steal (ids, NULL);
  return TRUE;
}

void
attune_dataset_sort_sets (AttuneDataset *self)
{
  for (guint row = 0; row < self->n_rows; row++)
    {
      guint n = self->set_offsets[row + 1] - self->set_offsets[row];
      gint32 rarest = ATTUNE_LABEL_NONE;

      if (n > 1)
        qsort (self->set_ids + self->set_offsets[row], n, sizeof (gint32), compare_ids_cb);
      for (guint i = self->set_offsets[row]; i < self->set_offsets[row + 1]; i++)
        if (rarest == ATTUNE_LABEL_NONE
            || self->label_counts[self->set_ids[i]] < self->label_counts[rarest])
          rarest = self->set_ids[i];
      self->labels[row] = rarest;
      if (self->strata[row] != ATTUNE_LABEL_NONE)
        self->strata[row] = rarest != ATTUNE_LABEL_NONE ? rarest : (gint32) self->n_labels;
    }
}

gboolean
attune_dataset_number_labels (AttuneDataset *self,
                              GError       **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  Numbering numbering = { .dataset = self, .ids = ids };

  for (guint i = 0; i < self->n_labels; i++)
    g_hash_table_insert (ids, self->label_names[i], GUINT_TO_POINTER (i + 1));
  numbering.has_numbers = attune_label_names_have_ids ((const char *const *) self->label_names);
  self->labels = g_new (gint32, MAX (self->n_rows, 1));
  self->label_counts = g_new0 (guint, self->n_labels + 1);
  if (self->columns.task == ATTUNE_TASK_MULTI_LABEL)
    {
      self->strata = g_new (gint32, MAX (self->n_rows, 1));
      if (!number_sets (self, &numbering, error))
        return FALSE;
      attune_dataset_sort_sets (self);
      return TRUE;
    }
  for (guint row = 0; row < self->n_rows; row++)
    {
      const char *label = get_label_cell (self, row);

      self->labels[row] = ATTUNE_LABEL_NONE;
      if (label != NULL && !find_id (&numbering, label, &self->labels[row]))
        return set_unknown_label_error (self, row, label, error);
      if (self->labels[row] != ATTUNE_LABEL_NONE)
        self->label_counts[self->labels[row]]++;
    }
  return TRUE;
}
