/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train page. Property: project (AttuneProject, nullable, writable).
 */
#pragma once

#include <adwaita.h>

#include "attune-project.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TRAIN_PAGE (attune_train_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTrainPage, attune_train_page, ATTUNE, TRAIN_PAGE, AdwBin)

G_END_DECLS
