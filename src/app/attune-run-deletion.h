/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Deleting a run with a toast that can undo it.
 */
#pragma once

#include <adwaita.h>

#include "attune-application.h"

G_BEGIN_DECLS

AdwToast *attune_run_deletion_begin (AttuneApplication *application,
                                     AttuneProject     *project);

G_END_DECLS
