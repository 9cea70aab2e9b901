/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dividing the rows of a data set into training and validation: stratified by label, a function of
 * the seed alone, equal texts never on both sides.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

typedef struct {
  GArray *train;      /* guint row numbers, ascending */
  GArray *validation; /* guint row numbers, ascending */
} AttuneSplit;

AttuneSplit *attune_split_new  (AttuneDataset *dataset,
                                double         validation_share,
                                guint64        seed);
void         attune_split_free (AttuneSplit   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSplit, attune_split_free)

G_END_DECLS
