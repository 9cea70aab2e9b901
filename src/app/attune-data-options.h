/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataOptions: the two strips above the preview: how the file is read and which column is
 * which; every choice re-reads at once. Property: project (AttuneProject, nullable).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_DATA_OPTIONS (attune_data_options_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataOptions, attune_data_options, ATTUNE, DATA_OPTIONS, AdwBin)

void attune_data_options_set_project (AttuneDataOptions *self,
                                      AttuneProject     *project);

G_END_DECLS
