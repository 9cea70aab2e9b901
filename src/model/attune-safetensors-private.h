/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between the two halves of the safetensors reader.
 */
#pragma once

#include "attune-safetensors.h"

G_BEGIN_DECLS

#define ATTUNE_N_DTYPES (ATTUNE_DTYPE_U64 + 1)

gboolean attune_safetensors_parse (const guint8 *data,
                                   gsize         length,
                                   const char   *source_name,
                                   GArray       *tensors,
                                   GHashTable   *metadata,
                                   GError      **error);

G_END_DECLS
