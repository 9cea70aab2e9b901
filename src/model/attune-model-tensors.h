/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneModelTensors: which tensors of a folder's files are those of its model, by canonical name.
 * Used by this room only.
 */
#pragma once

#include <gio/gio.h>

#include "attune-model-folder.h"

G_BEGIN_DECLS

/* Views live as long as the files they were matched with. */
typedef struct {
  GHashTable *views;     /* AttuneTensorView, a set by name */
  GPtrArray *missing;    /* NULL-terminated: canonical names */
  GPtrArray *unexpected; /* NULL-terminated: names as the files spell them */
  guint64 n_weights;     /* numbers in the tensors that belong to the model */
} AttuneModelTensors;

void                    attune_model_tensors_init         (AttuneModelTensors        *self);
void                    attune_model_tensors_clear        (AttuneModelTensors        *self);
gboolean                attune_model_tensors_match        (AttuneModelTensors        *self,
                                                           const AttuneModelConfig   *config,
                                                           GPtrArray                 *weights,
                                                           const char                *path,
                                                           GError                   **error);
const AttuneTensorView *attune_model_tensors_lookup       (const AttuneModelTensors  *self,
                                                           const char                *name);
/* Reads every byte: off the main thread. */
gboolean                attune_model_tensors_check_finite (const AttuneModelTensors  *self,
                                                           const char                *path,
                                                           GCancellable              *cancellable,
                                                           GError                   **error);

G_END_DECLS
