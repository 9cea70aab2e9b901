/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a safetensors file: what is accepted must lie inside the bytes, fill them, and be
 * found again by name.
 */
#include "config.h"

#include <stdint.h>

#include "attune-safetensors.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSafetensors) file = attune_safetensors_new_for_bytes (bytes, "fuzz", &error);
  const guint8 *start = g_bytes_get_data (bytes, NULL);
  gsize total = 0;

  g_assert_true ((file == NULL) == (error != NULL));
  if (file == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  for (guint i = 0; i < attune_safetensors_get_n_tensors (file); i++)
    {
      const AttuneTensorView *view = attune_safetensors_get_tensor (file, i);
      gsize length = attune_dtype_get_size (view->dtype);

      for (guint d = 0; d < view->n_dims; d++)
        length *= view->shape[d];
      g_assert_cmpuint (length, ==, view->length);
      g_assert_true (view->data >= start && view->data + view->length <= start + size);
      g_assert_true (attune_safetensors_lookup (file, view->name) == view);
      total += view->length;
    }
  g_assert_cmpuint (total, <=, size - 8);

  return 0;
}
