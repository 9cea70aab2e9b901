/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: which rows of a data set hold the same text (and pair), exactly or
 * but for case and white space. Dropped rows hold nothing that others could be equal to.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

#define ATTUNE_NO_ROW G_MAXUINT

typedef struct _AttuneTextIndex AttuneTextIndex;

AttuneTextIndex *attune_text_index_new       (AttuneDataset   *dataset,
                                              GCancellable    *cancellable);
/* Texts are the same if nothing but case and white space differs. */
AttuneTextIndex *attune_text_index_new_folded (AttuneDataset  *dataset,
                                              GCancellable    *cancellable);
void             attune_text_index_free      (AttuneTextIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTextIndex, attune_text_index_free)

guint            attune_text_index_get_first (AttuneTextIndex *self,
                                              guint            row);
guint            attune_text_index_find      (AttuneTextIndex *self,
                                              AttuneDataset   *other,
                                              guint            row);

G_END_DECLS
