/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataset: the texts and label ids of an AttuneTable, once it is known which column is which
 * and whether a row has one label or any number of them. Immutable; threads may share it. Row
 * numbers are those of the table.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_TASK_DETECT,
  ATTUNE_TASK_SINGLE_LABEL, /* a row has one label */
  ATTUNE_TASK_MULTI_LABEL,  /* a row has any number of labels, also none */
} AttuneTask;

#define ATTUNE_MOST_LABEL_COLUMNS 256
#define ATTUNE_PAIR_GUESS (-2)

/* Columns by number, -1 for "guess" (text, label) or "none" (pair). What is 0 is detected. */
typedef struct {
  gint text;
  gint pair;       /* or ATTUNE_PAIR_GUESS */
  gint label;
  AttuneTask task;
  char separator;  /* between the labels in a cell; 0 in the data set: a cell holds one */
  guint n_more;    /* further label columns: then each holds 0 or 1, and its name is the label */
  gint more[ATTUNE_MOST_LABEL_COLUMNS - 1];
} AttuneColumns;

#define ATTUNE_COLUMNS_GUESS \
  ((AttuneColumns) { .text = -1, .pair = ATTUNE_PAIR_GUESS, .label = -1 })
#define ATTUNE_LABEL_NONE (-1)

typedef struct _AttuneAmendments AttuneAmendments;

#define ATTUNE_TYPE_DATASET (attune_dataset_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataset, attune_dataset, ATTUNE, DATASET, GObject)

/* label_names: NULL to take them from the file, from labels.txt or classes.txt beside it where the
 * labels are numbers, or from the column in natural order; else the names and ids to use (validation
 * data, data for a trained model). A label that is not among them is an error; but where no name is
 * a number, a number stands for the name of that id. */
AttuneDataset *attune_dataset_new              (AttuneTable          *table,
                                                const AttuneColumns  *columns,
                                                const char * const   *label_names,
                                                GError              **error);
/* The first n_rows rows of other (all if there are fewer), same labels. */
AttuneDataset *attune_dataset_new_head         (AttuneDataset        *other,
                                                guint                 n_rows);

AttuneTable   *attune_dataset_get_table        (AttuneDataset *self);
const AttuneColumns *
               attune_dataset_get_columns      (AttuneDataset *self);
guint          attune_dataset_get_n_rows       (AttuneDataset *self);
const char    *attune_dataset_get_text         (AttuneDataset *self,
                                                guint          row,
                                                gsize         *length);
const char    *attune_dataset_get_pair         (AttuneDataset *self,
                                                guint          row,
                                                gsize         *length);
/* Of rows with several labels, get_label() and get_labels() give the rarest; ATTUNE_LABEL_NONE for
 * rows without one. */
gint32         attune_dataset_get_label        (AttuneDataset *self,
                                                guint          row);
const gint32  *attune_dataset_get_labels       (AttuneDataset *self);
AttuneTask     attune_dataset_get_task         (AttuneDataset *self);
/* Whether that was guessed, so that it should be said. */
gboolean       attune_dataset_is_task_guessed  (AttuneDataset *self);
/* All labels of a row, ascending; of single-label data its one. */
const gint32  *attune_dataset_get_label_set    (AttuneDataset *self,
                                                guint          row,
                                                guint         *n_labels);
gboolean       attune_dataset_has_equal_labels (AttuneDataset *self,
                                                guint          row,
                                                AttuneDataset *other,
                                                guint          other_row);
/* Whether a row can teach: it says which labels it has, be it none of them. */
gboolean       attune_dataset_is_labelled      (AttuneDataset *self,
                                                guint          row);
/* (n_rows,) what a split keeps in proportion: the label, of several the rarest, n_strata - 1 for
 * rows known to have none; ATTUNE_LABEL_NONE for rows that cannot teach. */
const gint32  *attune_dataset_get_strata       (AttuneDataset *self,
                                                guint         *n_strata);
guint          attune_dataset_get_n_labels     (AttuneDataset *self);
const char * const *
               attune_dataset_get_label_names  (AttuneDataset *self);
/* As they were before they were amended: what attune_dataset_new() is to be given for the same. */
const char * const *
               attune_dataset_get_plain_names  (AttuneDataset *self);
const guint   *attune_dataset_get_label_counts (AttuneDataset *self);
/* A dropped row has ATTUNE_LABEL_NONE, but lacks no label: it is not part of the data. */
gboolean       attune_dataset_is_dropped       (AttuneDataset *self,
                                                guint          row);
guint          attune_dataset_get_n_dropped    (AttuneDataset *self);
/* (transfer none) (nullable): what this data set was amended with. */
const AttuneAmendments *
               attune_dataset_get_amendments   (AttuneDataset *self);
/* The file that the names are from when they are not from the data itself; nullable. */
const char    *attune_dataset_get_names_source (AttuneDataset *self);

/* Compares as a person sorts: "2" before "10", otherwise by code point. */
gint           attune_label_compare            (const char    *a,
                                                const char    *b);

G_END_DECLS
