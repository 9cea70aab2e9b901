/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTokenFacts: what the data check wants to know of a model and a data set, from encoded rows.
 * Immutable, shared between threads.
 */
#pragma once

#include "attune-check.h"
#include "attune-encoded-rows.h"
#include "attune-model-folder.h"
#include "attune-text-cut.h"

G_BEGIN_DECLS

typedef struct {
  guint n_rows;
  guint *lengths;       /* (N,) uncut */
  guint *unknown;       /* (N,) */
  guint proposal;       /* of the length, in tokens */
  gboolean lower_cases;
  gint ref_count;
} AttuneTokenFacts;

/* rows: all of a data set, in order; positions: the most tokens that the model reads. */
AttuneTokenFacts *attune_token_facts_new   (const AttuneEncodedRows *rows,
                                            AttuneTokenizer         *tokenizer,
                                            guint                    positions);
/* The same, of a model: what is rare is unknown on purpose to one whose words come from the texts. */
AttuneTokenFacts *attune_token_facts_new_for_model
                                           (const AttuneEncodedRows *rows,
                                            AttuneModelFolder       *model);
AttuneTokenFacts *attune_token_facts_ref   (AttuneTokenFacts        *self);
void              attune_token_facts_unref (AttuneTokenFacts        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTokenFacts, attune_token_facts_unref)
/* cut: that of the settings; its max_length may be 0 for the proposal. */
void              attune_token_facts_check (const AttuneTokenFacts  *self,
                                            AttuneDataset           *dataset,
                                            const AttuneTextCut     *cut,
                                            GPtrArray               *findings);
/* Only what depends on the cut, in place of what was found before. */
void              attune_token_facts_check_length
                                           (const AttuneTokenFacts  *self,
                                            AttuneDataset           *dataset,
                                            const AttuneTextCut     *cut,
                                            GPtrArray               *findings);

G_END_DECLS
