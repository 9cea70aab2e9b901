/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dividing the rows of a data set into training and validation: stratified by label, a function of
 * the seed alone, equal texts (but for case and white space) never on both sides.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

typedef struct {
  double share;       /* as asked for */
  guint64 seed;
  GArray *train;      /* guint row numbers, ascending */
  GArray *validation; /* guint row numbers, ascending */
} AttuneSplit;

AttuneSplit *attune_split_new  (AttuneDataset *dataset,
                                double         validation_share,
                                guint64        seed);
void         attune_split_free (AttuneSplit   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSplit, attune_split_free)

/* What tells one choice of rows (guint numbers, ascending) from another: the sha256 of each as four
 * bytes, low one first, in hexadecimal. (transfer full) */
char        *attune_split_digest (const GArray *rows);

G_END_DECLS
