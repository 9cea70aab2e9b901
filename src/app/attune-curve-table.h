/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneCurveTable: the numbers behind the curves of a run as a table. Property: run (AttuneRun,
 * nullable, writable). It follows a run that goes on while it is on the screen.
 */
#pragma once

#include <adwaita.h>

#include "attune-run.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_CURVE_TABLE (attune_curve_table_get_type ())
G_DECLARE_FINAL_TYPE (AttuneCurveTable, attune_curve_table, ATTUNE, CURVE_TABLE, AdwBin)

G_END_DECLS
