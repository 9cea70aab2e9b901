/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHubGroup: the rows of the preferences about the Hub: address, access token, offline.
 */
#pragma once

#include <adwaita.h>

#include "attune-hub-settings.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_HUB_GROUP (attune_hub_group_get_type ())
G_DECLARE_FINAL_TYPE (AttuneHubGroup, attune_hub_group, ATTUNE, HUB_GROUP, AdwPreferencesGroup)

/* Shows, and from now on changes, these settings. Once only. */
void attune_hub_group_set_settings (AttuneHubGroup    *self,
                                    GSettings         *settings,
                                    AttuneHubSettings *hub);

G_END_DECLS
