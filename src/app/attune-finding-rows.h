/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A finding of the data check as a row: severity by icon and words, and the rows concerned in a
 * dialog.
 */
#pragma once

#include <adwaita.h>

#include "attune-check.h"

G_BEGIN_DECLS

/* (transfer floating). Copies what it needs of finding; keeps a reference to dataset. */
GtkWidget *attune_finding_row_new (const AttuneFinding *finding,
                                   AttuneDataset       *dataset);

G_END_DECLS
