/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog of one run: its name and notes, which can be changed, and what it is made of.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_DETAILS (attune_run_details_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunDetails, attune_run_details, ATTUNE, RUN_DETAILS, AdwDialog)

/* What was typed is kept when it is closed. (transfer floating) */
AdwDialog *attune_run_details_new (AttuneProject *project);

G_END_DECLS
