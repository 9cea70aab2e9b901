/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data page. Property: project (AttuneProject, nullable, writable).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_DATA_PAGE (attune_data_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataPage, attune_data_page, ATTUNE, DATA_PAGE, AdwBin)

G_END_DECLS
