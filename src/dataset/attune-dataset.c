/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataset: a view of a table that knows its columns and has numbered its labels. Texts stay
 * in the table; what is held here is one label id a row. Created on any thread, immutable after.
 */
#include "config.h"

#include "attune-dataset-private.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "attune-amendments.h"

#define MOST_LABELS 10000u
#define MOST_SHOWN 40 /* characters of a label in a message */

struct _AttuneDataset {
  GObject parent_instance;

  AttuneTable *table;
  AttuneColumns columns;
  guint n_rows;
  gint32 *labels;       /* (n_rows,) ids or ATTUNE_LABEL_NONE */
  const char * const *class_names; /* (nullable): what the numbers in the label column are called */
  char **label_names;   /* (n_labels,) */
  guint n_labels;
  guint *label_counts;  /* (n_labels,) */
  guint8 *dropped;      /* (n_rows,) or NULL */
  guint n_dropped;
  AttuneAmendments *amendments; /* nullable */
};

G_DEFINE_FINAL_TYPE (AttuneDataset, attune_dataset, G_TYPE_OBJECT)

static void
attune_dataset_finalize (GObject *object)
{
  AttuneDataset *self = ATTUNE_DATASET (object);

  g_clear_object (&self->table);
  g_free (self->labels);
  g_strfreev (self->label_names);
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

static gboolean
choose_columns (AttuneDataset        *self,
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

  if (columns->text < 0)
    columns->text = attune_table_guess_text_column (self->table);
  if (columns->text >= 0 && columns->text == columns->label)
    columns->text = wanted->text >= 0 ? columns->text : -1;
  for (guint i = 0; columns->text < 0 && i < attune_table_get_n_columns (self->table); i++)
    if ((gint) i != columns->label && (gint) i != columns->pair)
      columns->text = (gint) i;
  if (columns->label < 0)
    columns->label = attune_table_guess_label_column (self->table, columns->text);

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
    return TRUE;
  return FALSE;
}

/* The name that a file gives to a number of its label column; NULL of -1, which is no label. */
static gboolean
look_up_class (const char * const  *class_names,
               const char          *cell,
               const char         **name)
{
  guint64 id;

  *name = NULL;
  if (g_str_equal (cell, "-1"))
    return TRUE;
  if (!g_ascii_string_to_unsigned (cell, 10, 0, g_strv_length ((char **) class_names) - 1, &id,
                                   NULL))
    return FALSE;
  *name = class_names[id];
  return TRUE;
}

/* The label of a row, NULL if it is empty or nothing but spaces. */
static const char *
get_label_cell (AttuneDataset *self,
                guint          row)
{
  const char *label = attune_table_get_cell (self->table, row, (guint) self->columns.label, NULL);
  const char *name;

  if (label[strspn (label, " \t\r\n")] == '\0')
    return NULL;
  if (self->class_names != NULL && look_up_class (self->class_names, label, &name))
    return name;
  return label;
}

/* Class names count if all the column's cells are numbers that have one. */
static void
choose_class_names (AttuneDataset *self)
{
  const char * const *names = attune_table_get_class_names (self->table,
                                                            (guint) self->columns.label);

  for (guint row = 0; names != NULL && row < self->n_rows; row++)
    {
      const char *cell = get_label_cell (self, row);
      const char *name;

      if (cell != NULL && !look_up_class (names, cell, &name))
        return;
    }
  self->class_names = names;
}

/* The distinct labels in natural order. */
static char **
collect_names (AttuneDataset *self,
               GError       **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = NULL;
  GHashTableIter iter;
  gpointer key;
  guint n;

  if (self->class_names != NULL)
    return g_strdupv ((char **) self->class_names);
  for (guint row = 0; row < self->n_rows; row++)
    {
      const char *label = get_label_cell (self, row);

      if (label != NULL)
        g_hash_table_add (seen, (gpointer) label);
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

  if (n == 0)
    return g_new0 (char *, 1);
  names = g_ptr_array_new_null_terminated (n, g_free, TRUE);
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (names, g_strdup (key));
  g_ptr_array_sort (names, compare_names_cb);
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

static gboolean
number_labels (AttuneDataset *self,
               GError       **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->n_labels; i++)
    g_hash_table_insert (ids, self->label_names[i], GUINT_TO_POINTER (i + 1));
  self->labels = g_new (gint32, self->n_rows);
  self->label_counts = g_new0 (guint, self->n_labels + 1);
  for (guint row = 0; row < self->n_rows; row++)
    {
      const char *label = get_label_cell (self, row);
      guint id = label == NULL ? 0 : GPOINTER_TO_UINT (g_hash_table_lookup (ids, label));

      if (id == 0 && label != NULL)
        return set_unknown_label_error (self, row, label, error);
      self->labels[row] = (gint32) id - 1;
      if (id > 0)
        self->label_counts[id - 1]++;
    }
  return TRUE;
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
  if (!choose_columns (self, columns != NULL ? columns : &ATTUNE_COLUMNS_GUESS, error))
    return NULL;
  choose_class_names (self);
  self->label_names = label_names != NULL ? g_strdupv ((char **) label_names)
                                          : collect_names (self, error);
  if (self->label_names == NULL)
    return NULL;
  self->n_labels = g_strv_length (self->label_names);
  return number_labels (self, error) ? g_steal_pointer (&self) : NULL;
}

static void
count_labels (AttuneDataset *self)
{
  self->label_counts = g_new0 (guint, self->n_labels + 1);
  for (guint row = 0; row < self->n_rows; row++)
    {
      if (self->labels[row] != ATTUNE_LABEL_NONE)
        self->label_counts[self->labels[row]]++;
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
  self->n_labels = other->n_labels;
  self->labels = g_memdup2 (other->labels, sizeof (gint32) * self->n_rows);
  self->dropped = other->dropped != NULL ? g_memdup2 (other->dropped, self->n_rows) : NULL;
  self->amendments = attune_amendments_copy (other->amendments);
  count_labels (self);
  return g_steal_pointer (&self);
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
  self->n_labels = g_strv_length (label_names);
  self->labels = g_new (gint32, MAX (self->n_rows, 1));
  for (guint row = 0; row < self->n_rows; row++)
    self->labels[row] = dropped[row] || other->labels[row] == ATTUNE_LABEL_NONE
                          ? ATTUNE_LABEL_NONE
                          : new_ids[other->labels[row]];
  self->dropped = dropped;
  self->amendments = attune_amendments_copy (amendments);
  count_labels (self);
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
