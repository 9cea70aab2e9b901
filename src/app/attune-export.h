/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copying a run's best model out as a Hugging Face folder.
 */
#pragma once

#include "attune-run.h"
#include "attune-window.h"

G_BEGIN_DECLS

/* Asks where to, copies off the main thread, tells the outcome by toast or dialog. */
void attune_export_model (AttuneWindow *window,
                          AttuneRun    *run);

G_END_DECLS
