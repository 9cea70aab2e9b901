/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a config.json: what is accepted must be a model whose tensors can be listed, and
 * whose sizes do not overflow when multiplied.
 */
#include "config.h"

#include <stdint.h>

#include "attune-model-folder.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModelConfig) config = attune_model_config_parse (bytes, "fuzz", &error);
  g_autoptr (AttuneModelConfig) copy = NULL;
  g_autoptr (GPtrArray) specs = NULL;
  guint64 total = 0;

  g_assert_true ((config == NULL) == (error != NULL));
  if (config == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  copy = attune_model_config_copy (config);
  g_assert_cmpuint (copy->hidden_size % copy->num_attention_heads, ==, 0);
  specs = attune_model_config_list_tensors (copy, 2);
  for (guint i = 0; i < specs->len; i++)
    {
      const AttuneTensorSpec *spec = g_ptr_array_index (specs, i);
      guint64 n = 4;

      for (guint d = 0; d < spec->n_dims; d++)
        g_assert_false (__builtin_mul_overflow (n, spec->shape[d], &n));
      g_assert_false (__builtin_add_overflow (total, n, &total));
    }

  return 0;
}
