/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataset: the texts and label ids of an AttuneTable, once it is known which column is which.
 * Immutable; threads may share it. Row numbers are those of the table.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

/* Columns by number, -1 for "guess" (text, label) or "none" (pair). */
typedef struct {
  gint text;
  gint pair;
  gint label;
} AttuneColumns;

#define ATTUNE_COLUMNS_GUESS ((AttuneColumns) { -1, -1, -1 })
#define ATTUNE_LABEL_NONE (-1)

typedef struct _AttuneAmendments AttuneAmendments;

#define ATTUNE_TYPE_DATASET (attune_dataset_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataset, attune_dataset, ATTUNE, DATASET, GObject)

/* label_names: NULL to collect them from the column in natural order, else the names and ids to use
 * (validation data, data for a trained model); a label that is not among them is an error. */
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
gint32         attune_dataset_get_label        (AttuneDataset *self,
                                                guint          row);
const gint32  *attune_dataset_get_labels       (AttuneDataset *self);
guint          attune_dataset_get_n_labels     (AttuneDataset *self);
const char * const *
               attune_dataset_get_label_names  (AttuneDataset *self);
const guint   *attune_dataset_get_label_counts (AttuneDataset *self);
/* A dropped row has ATTUNE_LABEL_NONE, but lacks no label: it is not part of the data. */
gboolean       attune_dataset_is_dropped       (AttuneDataset *self,
                                                guint          row);
guint          attune_dataset_get_n_dropped    (AttuneDataset *self);
/* (transfer none) (nullable): what this data set was amended with. */
const AttuneAmendments *
               attune_dataset_get_amendments   (AttuneDataset *self);

/* Compares as a person sorts: "2" before "10", otherwise by code point. */
gint           attune_label_compare            (const char    *a,
                                                const char    *b);

G_END_DECLS
