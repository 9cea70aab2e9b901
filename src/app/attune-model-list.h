/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelList: the installed models to choose one from, those to download, and a button that
 * adds one from a folder.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_LIST (attune_model_list_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelList, attune_model_list, ATTUNE, MODEL_LIST, AdwBin)

/* Whose model is chosen; nullable. A draft without one gets the first. */
void attune_model_list_set_project (AttuneModelList *self,
                                    AttuneProject   *project);
/* Whether another model can be chosen; one can be downloaded all the same. */
void attune_model_list_set_editable (AttuneModelList *self,
                                     gboolean         editable);
/* Looks again at what is installed. */
void attune_model_list_update      (AttuneModelList *self);

G_END_DECLS
