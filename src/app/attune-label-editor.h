/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneLabelEditor: a dialog with the labels of a data set, how many rows each has, and their names
 * to be edited.
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_LABEL_EDITOR (attune_label_editor_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLabelEditor, attune_label_editor, ATTUNE, LABEL_EDITOR, AdwDialog)

/* Of the project's data set as it is now. The names of a run that has started are only shown. */
AdwDialog *attune_label_editor_new (AttuneProject *project);

G_END_DECLS
