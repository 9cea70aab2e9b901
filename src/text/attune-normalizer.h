/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneNormalizer: the steps of a tokenizer.json's normalizer. Private to this room. Immutable, any
 * thread.
 */
#pragma once

#include "attune-passage.h"
#include "attune-tokenizer-spec.h"

G_BEGIN_DECLS

typedef struct _AttuneNormalizer AttuneNormalizer;

AttuneNormalizer *attune_normalizer_new   (const AttuneNormalizerSpec  *specs,
                                           guint                        n_specs,
                                           const char                  *source_name,
                                           GError                     **error);
void              attune_normalizer_free  (AttuneNormalizer            *self);
void              attune_normalizer_run   (const AttuneNormalizer      *self,
                                           AttunePassage               *passage);
gboolean          attune_normalizer_lowers (const AttuneNormalizer     *self);

G_END_DECLS
