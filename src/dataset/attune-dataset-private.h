/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: a data set made from another by amending it.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

/* The rows and columns of other. Takes label_names and dropped, (n_rows,); new_ids: (n_labels of
 * other,) what each label id becomes, ATTUNE_LABEL_NONE only if all its rows are dropped. */
AttuneDataset *attune_dataset_new_amended (AttuneDataset          *other,
                                           char                  **label_names,
                                           const gint32           *new_ids,
                                           guint8                 *dropped,
                                           const AttuneAmendments *amendments);

G_END_DECLS
