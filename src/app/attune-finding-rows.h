/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A finding of the data check as a row: severity by icon and words, the rows concerned in a dialog,
 * a button for the remedy; and what was done about findings as rows with a button to take it back.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

/* (transfer floating). Copies what it needs of finding; keeps references to project and data. */
GtkWidget *attune_finding_row_new        (const AttuneFinding *finding,
                                          AttuneProject       *project);
/* Appends a row to box for each amendment of the project's data. */
void       attune_finding_rows_add_amendments
                                         (GtkListBox          *box,
                                          AttuneProject       *project);

G_END_DECLS
