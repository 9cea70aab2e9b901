/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The weights of a HF folder: model.safetensors, or several files that
 * model.safetensors.index.json divides them among. Used by this room only.
 */
#pragma once

#include "attune-safetensors.h"

G_BEGIN_DECLS

#define ATTUNE_WEIGHTS_INDEX "model.safetensors.index.json"

/* (transfer full) (element-type AttuneSafetensors): *n_bytes is their length together. */
GPtrArray  *attune_model_weights_open       (const char  *folder,
                                             guint64     *n_bytes,
                                             GError     **error);
/* (transfer full): the names of all files that make the weights, the index first; of one that is
 * none, nothing. */
char      **attune_model_weights_list_files (const char  *folder,
                                             GError     **error);
/* (transfer full) (element-type utf8 utf8): of an index, the file of each tensor. */
GHashTable *attune_weights_index_parse      (GBytes      *json,
                                             const char  *source_name,
                                             GError     **error);
/* (transfer container) (element-type utf8): the files of such a map, each once, in order. */
GPtrArray  *attune_weights_index_list_files (GHashTable  *map);

G_END_DECLS
