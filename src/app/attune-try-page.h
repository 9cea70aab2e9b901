/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Try page: of a project's run, or of an installed model. Property: project (AttuneProject,
 * nullable, writable).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TRY_PAGE (attune_try_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTryPage, attune_try_page, ATTUNE, TRY_PAGE, AdwBin)

/* pair: (nullable) the second text, for a run of pairs */
void attune_try_page_set_text (AttuneTryPage *self,
                               const char    *text,
                               const char    *pair);
/* On a page without a project: a model of the store with a whole head answers. */
void attune_try_page_set_model (AttuneTryPage *self,
                                AttuneTrainer *trainer,
                                const char    *model);

G_END_DECLS
