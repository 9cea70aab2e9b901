/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneValidationChoice: what a run is measured on, as a button that says it and a popover to
 * choose it: a share of the rows, the split the data came with, a file, nothing.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_VALIDATION_CHOICE (attune_validation_choice_get_type ())
G_DECLARE_FINAL_TYPE (AttuneValidationChoice, attune_validation_choice, ATTUNE, VALIDATION_CHOICE,
                      AdwBin)

/* project: (nullable) */
void attune_validation_choice_set_project (AttuneValidationChoice *self,
                                           AttuneProject          *project);

G_END_DECLS
