/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counting lengths and unknown tokens of encoded rows for the data check, which knows no tokenizer.
 * Any thread.
 */
#include "config.h"

#include "attune-token-facts.h"

#include <string.h>

AttuneTokenFacts *
attune_token_facts_new (const AttuneEncodedRows *rows,
                        AttuneTokenizer         *tokenizer,
                        guint                    positions)
{
  AttuneTokenFacts *self = g_new0 (AttuneTokenFacts, 1);
  gint32 unknown = attune_tokenizer_get_unknown_id (tokenizer);

  self->ref_count = 1;
  self->n_rows = rows->n_rows;
  self->lengths = g_memdup2 (rows->full, sizeof (guint) * rows->n_rows);
  self->unknown = g_new0 (guint, MAX (rows->n_rows, 1));
  for (guint row = 0; row < rows->n_rows; row++)
    for (guint64 i = rows->offsets[row]; i < rows->offsets[row + 1]; i++)
      self->unknown[row] += rows->ids[i] == unknown;
  self->proposal = attune_encoded_rows_propose_max_length (rows, positions);
  self->lower_cases = attune_tokenizer_get_options (tokenizer)->lowercase;
  return self;
}

AttuneTokenFacts *
attune_token_facts_new_for_model (const AttuneEncodedRows *rows,
                                  AttuneModelFolder       *model)
{
  const AttuneModelConfig *config = attune_model_folder_get_config (model);
  AttuneTokenFacts *self =
    attune_token_facts_new (rows, attune_model_folder_get_tokenizer (model),
                            attune_model_config_get_max_length (config));

  if (!attune_model_folder_is_written (model) && config->encoder == NULL)
    memset (self->unknown, 0, MAX (self->n_rows, 1) * sizeof *self->unknown);
  return self;
}

AttuneTokenFacts *
attune_token_facts_ref (AttuneTokenFacts *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
attune_token_facts_unref (AttuneTokenFacts *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_free (self->lengths);
  g_free (self->unknown);
  g_free (self);
}

static AttuneModelFacts
get_facts (const AttuneTokenFacts *self,
           AttuneDataset          *dataset,
           const AttuneTextCut    *cut)
{
  static const AttuneReadPart parts[] = {
    [ATTUNE_LONG_TEXTS_HEAD] = ATTUNE_READ_HEAD,
    [ATTUNE_LONG_TEXTS_TAIL] = ATTUNE_READ_TAIL,
    [ATTUNE_LONG_TEXTS_HEAD_TAIL] = ATTUNE_READ_BOTH_ENDS,
    [ATTUNE_LONG_TEXTS_WINDOWS] = ATTUNE_READ_WINDOWS,
  };
  AttuneTextCut own = *cut;
  AttuneModelFacts facts = {
    .lengths = self->lengths,
    .unknown = self->unknown,
    .max_length = cut->max_length,
    .proposal = self->proposal,
    .lower_cases = self->lower_cases,
    .part = parts[cut->kind],
  };
  guint longest = 0;

  /* Of two texts a row only the heads can be read. */
  if (attune_dataset_get_columns (dataset)->pair >= 0)
    facts.part = ATTUNE_READ_HEAD;
  if (facts.part != ATTUNE_READ_WINDOWS)
    return facts;
  own.max_length = cut->max_length > 0 ? cut->max_length : self->proposal;
  for (guint row = 0; row < self->n_rows; row++)
    if (!attune_dataset_is_dropped (dataset, row))
      longest = MAX (longest, self->lengths[row]);
  facts.capacity = attune_text_cut_get_capacity (&own);
  facts.enough_windows = attune_text_cut_propose_windows (&own, longest);
  return facts;
}

void
attune_token_facts_check (const AttuneTokenFacts *self,
                          AttuneDataset          *dataset,
                          const AttuneTextCut    *cut,
                          GPtrArray              *findings)
{
  AttuneModelFacts facts;

  g_return_if_fail (attune_dataset_get_n_rows (dataset) == self->n_rows);

  facts = get_facts (self, dataset, cut);
  attune_check_model (findings, dataset, &facts);
}

void
attune_token_facts_check_length (const AttuneTokenFacts *self,
                                 AttuneDataset          *dataset,
                                 const AttuneTextCut    *cut,
                                 GPtrArray              *findings)
{
  AttuneModelFacts facts;

  g_return_if_fail (attune_dataset_get_n_rows (dataset) == self->n_rows);

  facts = get_facts (self, dataset, cut);
  attune_check_length (findings, dataset, &facts);
}
