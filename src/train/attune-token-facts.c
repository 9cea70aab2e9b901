/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counting lengths and unknown tokens of encoded rows for the data check, which knows no tokenizer.
 * Any thread.
 */
#include "config.h"

#include "attune-token-facts.h"

AttuneTokenFacts *
attune_token_facts_new (const AttuneEncodedRows *rows,
                        AttuneTokenizer         *tokenizer,
                        guint                    positions)
{
  AttuneTokenFacts *self = g_new0 (AttuneTokenFacts, 1);
  gint32 unknown = attune_tokenizer_lookup (tokenizer, "[UNK]");

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

void
attune_token_facts_free (AttuneTokenFacts *self)
{
  if (self == NULL)
    return;
  g_free (self->lengths);
  g_free (self->unknown);
  g_free (self);
}

/* Adds to findings what attune_check_model() has to say. */
void
attune_token_facts_check (const AttuneTokenFacts *self,
                          AttuneDataset          *dataset,
                          guint                   max_length,
                          GPtrArray              *findings)
{
  const AttuneModelFacts facts = {
    .lengths = self->lengths,
    .unknown = self->unknown,
    .max_length = max_length,
    .proposal = self->proposal,
    .lower_cases = self->lower_cases,
  };

  g_return_if_fail (attune_dataset_get_n_rows (dataset) == self->n_rows);

  attune_check_model (findings, dataset, &facts);
}
