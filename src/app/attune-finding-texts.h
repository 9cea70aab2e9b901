/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The texts behind a finding, in a dialog whose list takes thousands as smoothly as ten.
 */
#pragma once

#include <adwaita.h>

#include "attune-dataset.h"

G_BEGIN_DECLS

/* rows: guint, of dataset. (transfer floating); keeps a reference to both. */
AdwDialog *attune_finding_texts_new (const char    *title,
                                     AttuneDataset *dataset,
                                     GArray        *rows);

G_END_DECLS
