/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the menu of the Setup page does: settings from and to a file, the equal command line, a
 * search over several settings, or for a learning rate.
 */
#pragma once

#include "attune-setup-page.h"

G_BEGIN_DECLS

/* (transfer full): the actions of the group "setup". They work on the project that the page shows;
 * page must outlive them. */
GSimpleActionGroup *attune_setup_actions_new (AttuneSetupPage *page);

G_END_DECLS
