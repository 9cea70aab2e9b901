/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a model.safetensors.index.json: what is believed names plain files of its own folder.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "attune-model-weights.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) map = attune_weights_index_parse (bytes, "fuzz", &error);
  GHashTableIter iter;
  gpointer name;

  g_assert_true ((map == NULL) == (error != NULL));
  if (map == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_cmpuint (g_hash_table_size (map), >, 0);
  g_hash_table_iter_init (&iter, map);
  while (g_hash_table_iter_next (&iter, NULL, &name))
    {
      g_assert_null (strchr (name, '/'));
      g_assert_cmpint (((const char *) name)[0], !=, '.');
      g_assert_true (g_str_has_suffix (name, ".safetensors"));
    }
  return 0;
}
