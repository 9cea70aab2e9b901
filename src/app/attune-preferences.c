/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences dialog.
 */
#include "config.h"

#include "attune-preferences.h"

#include <glib/gi18n.h>

struct _AttunePreferences
{
  AdwPreferencesDialog parent_instance;
};

G_DEFINE_FINAL_TYPE (AttunePreferences, attune_preferences, ADW_TYPE_PREFERENCES_DIALOG)

static void
attune_preferences_class_init (AttunePreferencesClass *klass)
{
}

static void
attune_preferences_init (AttunePreferences *self)
{
}

AdwDialog *
attune_preferences_new (GSettings *settings, AttuneTrainer *trainer)
{
  return g_object_new (ATTUNE_TYPE_PREFERENCES, NULL);
}
