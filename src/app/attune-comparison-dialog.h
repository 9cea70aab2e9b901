/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that puts runs side by side: first which, then the comparison.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_COMPARISON_DIALOG (attune_comparison_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneComparisonDialog, attune_comparison_dialog, ATTUNE, COMPARISON_DIALOG,
                      AdwDialog)

/* projects: (element-type AttuneProject); project: the one that others are compared with. (transfer
 * floating) */
AdwDialog *attune_comparison_dialog_new (GListModel    *projects,
                                         AttuneProject *project);

G_END_DECLS
