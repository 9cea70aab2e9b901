/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train page. Properties: project (AttuneProject, nullable, writable), projects (GListModel of
 * AttuneProject, nullable, writable: whose runs can be drawn beside), menu (GMenuModel).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TRAIN_PAGE (attune_train_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTrainPage, attune_train_page, ATTUNE, TRAIN_PAGE, AdwBin)

G_END_DECLS
