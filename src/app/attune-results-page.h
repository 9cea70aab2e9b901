/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Results page. Property: project (AttuneProject, nullable, writable).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RESULTS_PAGE (attune_results_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneResultsPage, attune_results_page, ATTUNE, RESULTS_PAGE, AdwBin)

G_END_DECLS
