/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: what a data set is made of, and the steps of making one: columns, names,
 * numbers.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

struct _AttuneDataset {
  GObject parent_instance;

  AttuneTable *table;
  AttuneColumns columns;
  guint n_rows;
  gint32 *labels;       /* (n_rows,) ids or ATTUNE_LABEL_NONE; of several the rarest */
  gint32 *set_ids;      /* multi-label: the labels of all rows, each row's ascending; else NULL */
  guint *set_offsets;   /* (n_rows + 1,) into set_ids */
  gint32 *strata;       /* (n_rows,) */
  gboolean task_guessed;
  char *names_source;
  const char * const *class_names; /* (nullable): what the numbers in the label column are called */
  char **label_names;   /* (n_labels,) */
  char **plain_names;   /* of the labels before they were amended; NULL: label_names */
  guint n_labels;
  guint *label_counts;  /* (n_labels,) */
  guint8 *dropped;      /* (n_rows,) or NULL */
  guint n_dropped;
  AttuneAmendments *amendments; /* nullable */
};

/* Fills columns from wanted: what is to be guessed is, and whether rows have several labels too. */
gboolean   attune_dataset_choose_columns (AttuneDataset        *self,
                                          const AttuneColumns  *wanted,
                                          GError              **error);
/* Takes the names that the file gives to numbers, if all labels are such numbers or -1 for none. */
gboolean   attune_dataset_choose_class_names (AttuneDataset    *self,
                                          GError              **error);
/* Returns: (transfer full): the names of the labels in the order of their ids */
char     **attune_dataset_collect_names  (AttuneDataset        *self,
                                          GError              **error);
/* Fills labels, counts and, for several labels, sets and strata, from label_names. */
gboolean   attune_dataset_number_labels  (AttuneDataset        *self,
                                          GError              **error);
/* Of several labels: puts each row's in order, and finds its rarest for labels and strata, in which
 * only ATTUNE_LABEL_NONE means anything before. label_counts must be known. */
void       attune_dataset_sort_sets      (AttuneDataset        *self);

G_END_DECLS
