/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a settings file: it is applied wholly or not at all, and what it sets can be written
 * and read again.
 */
#include "config.h"

#include <stdint.h>

#include "attune-train-config.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
  g_autoptr (AttuneTrainConfig) other = attune_train_config_new ();
  g_autofree char *defaults = attune_train_config_to_json (config);
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = attune_train_config_load_json (config, (const char *) data, (gssize) size, &error);

  g_assert_true (ok == (error == NULL));
  json = attune_train_config_to_json (config);
  if (!ok)
    {
      g_assert_cmpstr (json, ==, defaults);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_true (attune_train_config_load_json (other, json, -1, &error));
  g_assert_no_error (error);
  again = attune_train_config_to_json (other);
  g_assert_cmpstr (json, ==, again);
  g_free (attune_train_config_to_command_line (config));
  attune_train_config_validate (config, NULL);
  return 0;
}
