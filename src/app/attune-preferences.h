/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences dialog: device, precision, threads, folders, the Hub, confirmations.
 */
#pragma once

#include <adwaita.h>

#include "attune-hub-settings.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_PREFERENCES (attune_preferences_get_type ())
G_DECLARE_FINAL_TYPE (AttunePreferences, attune_preferences, ATTUNE, PREFERENCES,
                      AdwPreferencesDialog)

AdwDialog *attune_preferences_new (GSettings         *settings,
                                   AttuneTrainer     *trainer,
                                   AttuneHubSettings *hub);

G_END_DECLS
