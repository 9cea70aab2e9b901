/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneSearchDialog: which values of which settings to try, and with how many seeds. It makes no
 * runs: whoever presents it does.
 *
 * Signal: "queue" (GPtrArray of AttuneSearchRun) when the person wants them; the dialog closes.
 */
#pragma once

#include <adwaita.h>

#include "attune-search.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_SEARCH_DIALOG (attune_search_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSearchDialog, attune_search_dialog, ATTUNE, SEARCH_DIALOG, AdwDialog)

/* (transfer floating): a dialog to present. base: what all runs have in common, copied; estimate:
 * (nullable) what one run with it costs, if that is known. */
AttuneSearchDialog *attune_search_dialog_new (AttuneTrainConfig    *base,
                                              const AttuneEstimate *estimate);

G_END_DECLS
