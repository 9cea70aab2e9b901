/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunChoice: a project in a list out of which several can be chosen.
 * Properties: project (AttuneProject, construct only), chosen (boolean, notifies).
 */
#pragma once

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_RUN_CHOICE (attune_run_choice_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRunChoice, attune_run_choice, ATTUNE, RUN_CHOICE, GObject)

AttuneRunChoice *attune_run_choice_new         (AttuneProject   *project,
                                                gboolean         chosen);
AttuneProject   *attune_run_choice_get_project (AttuneRunChoice *self);
gboolean         attune_run_choice_get_chosen  (AttuneRunChoice *self);
void             attune_run_choice_set_chosen  (AttuneRunChoice *self,
                                                gboolean         chosen);

G_END_DECLS
