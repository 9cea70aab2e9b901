/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunCost: how long a run of the project will take and what memory and disk it needs, measured
 * again after each change while it can be seen.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_COST (attune_run_cost_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunCost, attune_run_cost, ATTUNE, RUN_COST, AdwBin)

/* Signal "measured" (AttuneEstimate *): the figures came, or NULL, they are not known any more. */
void attune_run_cost_set_project (AttuneRunCost *self,
                                  AttuneProject *project);
/* (nullable): of the settings as they are, once measured. */
const AttuneEstimate *attune_run_cost_get_estimate (AttuneRunCost *self);
/* The project or its settings changed. */
void attune_run_cost_update      (AttuneRunCost *self);

G_END_DECLS
