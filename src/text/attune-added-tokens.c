/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Added tokens are looked for twice, as in tokenizers 0.23.1 (AddedVocabulary): those that are not
 * "normalized" in the text as it came, the others, normalised themselves, in the normalised text.
 * The first to begin is found, of several there the longest. lstrip and rstrip take white space
 * along, single_word asks for no word character beside it.
 */
#include "config.h"

#include "attune-added-tokens.h"

#include <string.h>

#include "attune-character-ranges.h"
#include "attune-token-trie.h"
#include "attune-utf8.h"

/* One of the two kinds: what to look for is in the trie, by index of the token. */
typedef struct {
  AttuneTokenTrie *trie;
  gboolean begins[256]; /* whether a token begins with this byte */
  gboolean is_empty;
} Search;

struct _AttuneAddedTokens {
  AttuneAddedToken *tokens; /* (n_tokens,), their contents are owned and end with U+0000 */
  guint n_tokens;
  GHashTable *by_id;      /* gint32 → AttuneAddedToken in tokens */
  GHashTable *by_content; /* const char * → AttuneAddedToken */
  Search searches[2]; /* by whether it is normalised */
};

typedef struct {
  const AttuneAddedTokens *self;
  const Search *search;
} Division;

static gboolean
is_word (gunichar c)
{
  return (attune_character_range_bits (c) & ATTUNE_RANGE_WORD) != 0;
}

static gboolean
stands_alone (const char          *bytes,
              const AttuneStretch *stretch,
              gsize                start,
              gsize                end)
{
  if (start > stretch->start
      && is_word (attune_utf8_get (g_utf8_find_prev_char (bytes + stretch->start, bytes + start))))
    return FALSE;

  return end == stretch->end || !is_word (attune_utf8_get (bytes + end));
}

/* The next token at or after *at; *at is its start, and *end its end. */
static const AttuneAddedToken *
find_next (const Division *division,
           const char     *bytes,
           gsize          *at,
           gsize           limit,
           gsize          *end)
{
  const Search *search = division->search;

  for (; *at < limit; (*at)++)
    {
      gint32 index;
      gsize n;

      if (!search->begins[(guint8) bytes[*at]])
        continue;
      n = attune_token_trie_longest (search->trie, ATTUNE_TOKEN_TRIE_ROOT, bytes + *at, limit - *at,
                                     &index);
      if (n > 0)
        {
          *end = *at + n;
          return &division->self->tokens[index];
        }
    }

  return NULL;
}

static void
divide (AttunePassage       *passage,
        const AttuneStretch *stretch,
        gconstpointer        data)
{
  const Division *division = data;
  const char *bytes = passage->now.bytes;
  gsize done = stretch->start; /* what is before has been emitted */
  gsize at = stretch->start, end;
  const AttuneAddedToken *token;

  while ((token = find_next (division, bytes, &at, stretch->end, &end)) != NULL)
    {
      gsize start = at;

      at = end;
      if (token->single_word && !stands_alone (bytes, stretch, start, end))
        continue;
      while (token->lstrip && start > done)
        {
          const char *before = g_utf8_find_prev_char (bytes + done, bytes + start);

          if (before == NULL || !attune_character_is_white (attune_utf8_get (before)))
            break;
          start = (gsize) (before - bytes);
        }
      if (token->lstrip)
        start = MAX (start, done);
      while (token->rstrip && end < stretch->end
             && attune_character_is_white (attune_utf8_get (bytes + end)))
        end += attune_utf8_length (bytes[end]);
      attune_passage_emit (passage, done, start, -1);
      /* One of white space may lie in what rstrip of the last one took. It stands twice then. */
      attune_passage_emit (passage, start, end, token->id);
      done = end;
    }
  attune_passage_emit (passage, done, stretch->end, -1);
}

static void
keep_whole (AttunePassage       *passage,
            const AttuneStretch *stretch,
            gconstpointer        data)
{
  attune_passage_emit (passage, stretch->start, stretch->end, -1);
}

/* Makes the added tokens stretches of their own. Where there are none, the normalised text is all
 * the same one part from here on: it begins where its first character came from. */
void
attune_added_tokens_run (const AttuneAddedTokens *self,
                         gboolean                 normalized,
                         AttunePassage           *passage)
{
  const Division division = { self, &self->searches[normalized] };

  if (!division.search->is_empty)
    attune_passage_divide (passage, divide, &division);
  else if (normalized)
    attune_passage_divide (passage, keep_whole, NULL);
}

/* What a normalised token looks like in a normalised text: empty for nothing, and impossibly long if
 * the normalizer goes out of bounds. */
static char *
normalize (const AttuneNormalizer *normalizer,
           AttuneBytes             content,
           gsize                  *length)
{
  AttunePassage passage;
  char *result;
  gsize bad_byte;

  attune_passage_init (&passage);
  attune_passage_start (&passage, content.bytes, content.length, &bad_byte);
  attune_normalizer_run (normalizer, &passage);
  *length = attune_passage_is_cut (&passage) ? ATTUNE_TOKEN_TRIE_MAX_NODES : passage.now.length;
  result = g_memdup2 (passage.now.bytes, passage.now.length);
  attune_passage_clear (&passage);

  return result;
}

static gboolean
add_to_search (AttuneAddedTokens      *self,
               guint                   index,
               const AttuneNormalizer *normalizer,
               gsize                  *n_bytes)
{
  const AttuneAddedToken *token = &self->tokens[index];
  Search *search = &self->searches[token->normalized];
  g_autofree char *content = NULL;
  gsize length = token->content.length;

  if (token->normalized)
    content = normalize (normalizer, token->content, &length);
  else
    content = g_memdup2 (token->content.bytes, length);
  *n_bytes += length;
  if (length == 0 || *n_bytes >= ATTUNE_TOKEN_TRIE_MAX_NODES)
    return length == 0;

  attune_token_trie_insert (search->trie, content, length, (gint32) index);
  search->begins[(guint8) *content] = TRUE;
  search->is_empty = FALSE;

  return TRUE;
}

/* Copies tokens, all of which are UTF-8 and short. NULL if they are too much all together. */
AttuneAddedTokens *
attune_added_tokens_new (const AttuneAddedToken *tokens,
                         guint                   n_tokens,
                         const AttuneNormalizer *normalizer)
{
  AttuneAddedTokens *self = g_new0 (AttuneAddedTokens, 1);
  gsize n_bytes = 0;

  self->n_tokens = n_tokens;
  self->by_id = g_hash_table_new (NULL, NULL);
  self->by_content = g_hash_table_new (g_str_hash, g_str_equal);
  self->tokens = g_new0 (AttuneAddedToken, MAX (n_tokens, 1));
  for (gsize i = 0; i < G_N_ELEMENTS (self->searches); i++)
    {
      self->searches[i].trie = attune_token_trie_new ();
      self->searches[i].is_empty = TRUE;
    }
  for (guint i = 0; i < n_tokens; i++)
    {
      const AttuneBytes content = tokens[i].content;
      char *copy = g_malloc (content.length + 1);

      memcpy (copy, content.bytes, content.length);
      copy[content.length] = '\0';
      self->tokens[i] = tokens[i];
      self->tokens[i].content.bytes = copy;
      g_hash_table_insert (self->by_id, GINT_TO_POINTER (tokens[i].id), &self->tokens[i]);
      g_hash_table_insert (self->by_content, copy, &self->tokens[i]);
      if (!add_to_search (self, i, normalizer, &n_bytes))
        {
          attune_added_tokens_free (self);
          return NULL;
        }
    }

  return self;
}

void
attune_added_tokens_free (AttuneAddedTokens *self)
{
  if (self == NULL)
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (self->searches); i++)
    attune_token_trie_free (self->searches[i].trie);
  for (guint i = 0; i < self->n_tokens; i++)
    g_free ((char *) self->tokens[i].content.bytes);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_content);
  g_free (self->tokens);
  g_free (self);
}

/* The added token with this id, owned by self, or NULL. */
const char *
attune_added_tokens_get (const AttuneAddedTokens *self,
                         gint32                   id)
{
  const AttuneAddedToken *token = g_hash_table_lookup (self->by_id, GINT_TO_POINTER (id));

  return token != NULL ? token->content.bytes : NULL;
}

/* The id of an added token, or -1. */
gint32
attune_added_tokens_lookup (const AttuneAddedTokens *self,
                            const char              *content)
{
  const AttuneAddedToken *token = g_hash_table_lookup (self->by_content, content);

  return token != NULL ? token->id : -1;
}

/* The highest id, -1 if there is no added token. */
gint32
attune_added_tokens_get_last (const AttuneAddedTokens *self)
{
  gint32 last = -1;

  for (guint i = 0; i < self->n_tokens; i++)
    last = MAX (last, self->tokens[i].id);

  return last;
}
