/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row of the sidebar: state icon, name, state in words, sparkline of accuracy and its best value.
 *
 * Properties: project (AttuneProject, nullable), choice (AttuneRunChoice, nullable; its project, with
 * a check mark in front), spoken (string; all of it in words, notifies).
 */
#pragma once

#include <adwaita.h>

#include "attune-run-choice.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_ROW (attune_run_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunRow, attune_run_row, ATTUNE, RUN_ROW, AdwBin)

AttuneProject   *attune_run_row_get_project (AttuneRunRow *self);
AttuneRunChoice *attune_run_row_get_choice  (AttuneRunRow *self);

G_END_DECLS
