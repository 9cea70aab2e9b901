/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings from a file and from --set. A file first, then --set in their order.
 */
#include "config.h"

#include "cli-settings.h"

#include <glib/gi18n.h>
#include <gio/gio.h>
#include <string.h>

gboolean
cli_settings_load (AttuneTrainConfig   *config,
                   const char          *file,
                   char               **settings,
                   GError             **error)
{
  if (file != NULL)
    {
      g_autoptr (GFile) source = g_file_new_for_commandline_arg (file);
      g_autoptr (GBytes) bytes = g_file_load_bytes (source, NULL, NULL, error);

      if (bytes == NULL
          || !attune_train_config_load_json (config, g_bytes_get_data (bytes, NULL),
                                             g_bytes_get_size (bytes), error))
        return FALSE;
    }

  for (guint i = 0; settings != NULL && settings[i] != NULL; i++)
    {
      const char *equals = strchr (settings[i], '=');
      g_autofree char *name = NULL;

      if (equals == NULL)
        {
          g_set_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING,
                       _("--set needs NAME=VALUE, not “%s”"), settings[i]);
          return FALSE;
        }
      name = g_strndup (settings[i], equals - settings[i]);
      if (!attune_train_config_set (config, name, equals + 1, error))
        return FALSE;
    }

  return attune_train_config_validate (config, error);
}
