/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Viterbi's algorithm over the tokens that begin at each character: a division is worth the sum of
 * the logarithms of its tokens' probabilities (Kudo 2018). A character that is no token costs 10
 * more than the least probable token; such characters beside each other are one unknown token. Sums
 * are made in the order of tokenizers 0.23.1 (Unigram), so that equal ones are equal here.
 */
#include "config.h"

#include "attune-unigram.h"

#include "attune-token-trie.h"
#include "attune-utf8.h"

#define UNKNOWN_PENALTY 10.0

struct _AttuneUnigram {
  const AttuneVocabulary *vocabulary;
  double *scores; /* by id */
  double unknown_score;
  gint32 unknown_id;
  gint32 byte_ids[256]; /* of <0x..>; -1: none, or no byte_fallback */
};

static void
offer (AttuneUnigramNode *node,
       double             score,
       gsize              start,
       gint32             id)
{
  if (node->id < 0 || score > node->score)
    *node = (AttuneUnigramNode) { score, (guint32) start, id };
}

static void
find_best (const AttuneUnigram *self,
           const char          *word,
           gsize                length,
           AttuneUnigramNode   *nodes)
{
  const AttuneTokenTrie *trie = attune_vocabulary_get_trie (self->vocabulary);

  for (gsize i = 0; i <= length; i++)
    nodes[i] = (AttuneUnigramNode) { 0, 0, -1 };

  for (gsize start = 0, n; start < length; start += n)
    {
      const double score = nodes[start].score;
      guint32 trie_node = ATTUNE_TOKEN_TRIE_ROOT;
      gboolean is_alone = FALSE; /* the character is a token */

      n = attune_utf8_length (word[start]);
      for (gsize end = start; end < length;)
        {
          gint32 id;

          trie_node = attune_token_trie_descend (trie, trie_node, word + end, 1);
          if (trie_node == ATTUNE_TOKEN_TRIE_NO_NODE)
            break;
          end++;
          id = attune_token_trie_get_id (trie, trie_node);
          if (id < 0)
            continue;
          offer (&nodes[end], self->scores[id] + score, start, id);
          is_alone = is_alone || end - start == n;
        }
      if (!is_alone)
        offer (&nodes[start + n], self->unknown_score + score, start, self->unknown_id);
    }
}

/* What no token covers: as its bytes where all of them are tokens, else as unknown. */
static void
add_unknown (const AttuneUnigram *self,
             const char          *word,
             gsize                start,
             gsize                end,
             AttuneModelWork     *work)
{
  gboolean has_bytes = TRUE;
  gint32 id = attune_vocabulary_lookup (self->vocabulary, word + start, end - start);

  for (gsize i = start; i < end && has_bytes; i++)
    has_bytes = self->byte_ids[(guint8) word[i]] >= 0;
  if (id >= 0 || !has_bytes)
    {
      attune_model_work_add (work, id >= 0 ? id : self->unknown_id, start, end);
      return;
    }
  /* Last byte first, as all is turned round in the end. */
  for (gsize i = end; i-- > start;)
    attune_model_work_add (work, self->byte_ids[(guint8) word[i]], start, end);
}

/* Sets work->tokens to those of word, which is not empty. */
void
attune_unigram_tokenize (const AttuneUnigram *self,
                         const char          *word,
                         gsize                length,
                         AttuneModelWork     *work)
{
  const AttuneUnigramNode *nodes;
  AttuneWordToken *tokens;

  g_array_set_size (work->tokens, 0);
  g_array_set_size (work->nodes, length + 1);
  find_best (self, word, length, (AttuneUnigramNode *) (gpointer) work->nodes->data);

  nodes = (const AttuneUnigramNode *) (gpointer) work->nodes->data;
  for (gsize end = length, start; end > 0; end = start)
    {
      start = nodes[end].start;
      if (nodes[end].id != self->unknown_id)
        {
          attune_model_work_add (work, nodes[end].id, start, end);
          continue;
        }
      while (start > 0 && nodes[start].id == self->unknown_id)
        start = nodes[start].start;
      add_unknown (self, word, start, end, work);
    }

  tokens = (AttuneWordToken *) (gpointer) work->tokens->data;
  for (guint i = 0, j = work->tokens->len; i + 1 < j; i++)
    {
      const AttuneWordToken swap = tokens[i];

      tokens[i] = tokens[--j];
      tokens[j] = swap;
    }
}

/* Borrows vocabulary, copies scores. */
AttuneUnigram *
attune_unigram_new (const AttuneTokenizerSpec *spec,
                    const AttuneVocabulary    *vocabulary)
{
  AttuneUnigram *self = g_new0 (AttuneUnigram, 1);
  double least = G_MAXDOUBLE;

  self->vocabulary = vocabulary;
  self->scores = g_memdup2 (spec->scores, spec->n_tokens * sizeof *spec->scores);
  for (guint i = 0; i < spec->n_tokens; i++)
    least = MIN (least, spec->scores[i]);
  self->unknown_score = least - UNKNOWN_PENALTY;
  self->unknown_id = spec->unknown_id;
  for (guint byte = 0; byte < 256; byte++)
    {
      char name[16];
      const gsize n = (gsize) g_snprintf (name, sizeof name, "<0x%02X>", byte);

      self->byte_ids[byte] =
        spec->byte_fallback ? attune_vocabulary_lookup (vocabulary, name, n) : -1;
    }

  return self;
}

void
attune_unigram_free (AttuneUnigram *self)
{
  if (self == NULL)
    return;

  g_free (self->scores);
  g_free (self);
}
