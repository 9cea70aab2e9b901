/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person sees before there is any run.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_START_PAGE (attune_start_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneStartPage, attune_start_page, ATTUNE, START_PAGE, AdwBin)

G_END_DECLS
