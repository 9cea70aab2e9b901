/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Setup page. Property: project (AttuneProject, nullable, writable).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_SETUP_PAGE (attune_setup_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSetupPage, attune_setup_page, ATTUNE, SETUP_PAGE, AdwBin)

AttuneProject        *attune_setup_page_get_project  (AttuneSetupPage *self); /* nullable */
/* (nullable): what a run with the settings shown would cost, once that was measured. */
const AttuneEstimate *attune_setup_page_get_estimate (AttuneSetupPage *self);

G_END_DECLS
