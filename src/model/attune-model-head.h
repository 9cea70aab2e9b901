/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head of a model that was fine-tuned already: which classes it knows.
 */
#pragma once

#include "attune-model-folder.h"

G_BEGIN_DECLS

/* "classifier.bias": the tensor of the head that has one number a class. (transfer full) */
char  *attune_model_head_get_bias_name (const AttuneModelConfig *config);
/* Whether a tensor of the head has a row for each of n_labels classes. */
gboolean attune_model_head_is_output   (const AttuneTensorSpec  *spec,
                                        guint                    n_labels);
/* (transfer full) (nullable): names of the classes, LABEL_0 … where config.json has none; NULL
 * without a whole head. */
char **attune_model_head_list_labels   (AttuneModelFolder       *folder);
/* “a”, “b” and 4 more: the first few, quoted, none too long. (transfer full) */
char  *attune_model_head_describe_labels (const char * const    *labels);

G_END_DECLS
