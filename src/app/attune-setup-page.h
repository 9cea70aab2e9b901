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

G_END_DECLS
