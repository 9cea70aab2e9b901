/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLabelNames: a dialog with the labels of a data set, how many rows each has, and their names
 * to be edited.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_LABEL_NAMES (attune_label_names_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLabelNames, attune_label_names, ATTUNE, LABEL_NAMES, AdwDialog)

/* Of the project's data set as it is now. The names of a run that has started are only shown. */
AdwDialog *attune_label_names_new (AttuneProject *project);

G_END_DECLS
