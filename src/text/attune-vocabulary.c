/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading vocab.txt: one token a line, its id the number of the line. Lines end with LF only, as
 * vocabularies hold tokens like U+2028. What the file may not be is said with its line. Tokens of a
 * tokenizer.json are taken as they are.
 */
#include "config.h"

#include "attune-vocabulary.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-characters.h"
#include "attune-token-trie.h"
#include "attune-tokenizer.h"

/* Real vocabularies have at most 1 MB and 250,000 tokens. */
#define MAX_FILE_BYTES (ATTUNE_TOKEN_TRIE_MAX_NODES - 1)
#define MAX_TOKENS 1000000

struct _AttuneVocabulary {
  char *bytes;     /* the file with each line cut to its token and ended by U+0000 */
  GArray *offsets; /* gsize (tokens,) into bytes */
  AttuneTokenTrie *trie;
  guint32 start_nodes[2]; /* by AttuneVocabularyPlace */
  gsize longest;          /* bytes */
};

/* Length of line without the white space at its end. */
static gsize
trimmed_length (const char *line,
                gsize       length)
{
  while (length > 0)
    {
      const char *last = g_utf8_find_prev_char (line, line + length);
      const gunichar c = g_utf8_get_char (last);

      if (c != 0x0b && c != 0x0c && c != 0x85 &&
          attune_character_classify (c) != ATTUNE_CHARACTER_SPACE)
        break;
      length = (gsize) (last - line);
    }

  return length;
}

static gboolean
add_line (AttuneVocabulary  *self,
          gsize              offset,
          gsize              length,
          const char        *source_name,
          GError           **error)
{
  char *line = self->bytes + offset;
  const guint number = self->offsets->len + 1;
  gint32 id;

  if (number > MAX_TOKENS)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("“%s” has more than %d lines; a vocabulary has one token on each and at most "
                     "that many."),
                   source_name, MAX_TOKENS);
      return FALSE;
    }
  if (!g_utf8_validate_len (line, length, NULL))
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("Line %u of “%s” is not UTF-8 text; choose the vocab.txt of a BERT model."),
                   number, source_name);
      return FALSE;
    }

  length = trimmed_length (line, length);
  line[length] = '\0';
  g_array_append_val (self->offsets, offset);

  /* An empty line takes an id, but nothing is ever encoded as it. */
  if (length == 0)
    return TRUE;

  id = attune_token_trie_insert (self->trie, line, length, (gint32) number - 1);
  if (id != (gint32) number - 1)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("Line %u of “%s” repeats the token of line %d; each may be there once only."),
                   number, source_name, id + 1);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_special_tokens (const AttuneVocabulary  *self,
                      const char              *source_name,
                      GError                 **error)
{
  static const char * const needed[] = { "[UNK]", "[CLS]", "[SEP]", "[PAD]" };

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      if (attune_vocabulary_lookup (self, needed[i], strlen (needed[i])) < 0)
        {
          g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                       _("“%s” has no line “%s”; choose the vocab.txt of a BERT model."),
                       source_name, needed[i]);
          return FALSE;
        }
    }

  return TRUE;
}

/* Reads a vocabulary from the bytes of file; source_name is what messages call it. */
AttuneVocabulary *
attune_vocabulary_new (GBytes      *file,
                       const char  *source_name,
                       GError     **error)
{
  g_autoptr (AttuneVocabulary) self = g_new0 (AttuneVocabulary, 1);
  gsize size = 0;
  const char *contents = g_bytes_get_data (file, &size);

  if (size > MAX_FILE_BYTES)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("“%s” has more than 16 MiB; choose the vocab.txt of a BERT model."),
                   source_name);
      return NULL;
    }

  self->bytes = g_malloc (size + 1);
  if (size > 0)
    memcpy (self->bytes, contents, size);
  self->bytes[size] = '\0';
  self->offsets = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->trie = attune_token_trie_new ();

  for (gsize offset = 0; offset < size;)
    {
      const char *end = memchr (contents + offset, '\n', size - offset);
      const gsize length = (end != NULL ? (gsize) (end - contents) : size) - offset;

      if (!add_line (self, offset, length, source_name, error))
        return NULL;
      offset += length + 1;
    }

  if (!check_special_tokens (self, source_name, error))
    return NULL;

  self->start_nodes[ATTUNE_VOCABULARY_WORD_START] = ATTUNE_TOKEN_TRIE_ROOT;
  self->start_nodes[ATTUNE_VOCABULARY_WORD_INSIDE] =
    attune_token_trie_descend (self->trie, ATTUNE_TOKEN_TRIE_ROOT, "##", 2);

  return g_steal_pointer (&self);
}

/* Copies tokens. Of one that is there twice the last id counts. */
AttuneVocabulary *
attune_vocabulary_new_from_tokens (const AttuneBytes  *tokens,
                                   guint               n_tokens,
                                   AttuneBytes         prefix,
                                   const char         *source_name,
                                   GError            **error)
{
  g_autoptr (AttuneVocabulary) self = g_new0 (AttuneVocabulary, 1);
  gsize size = 0;

  for (guint id = 0; id < n_tokens && size <= MAX_FILE_BYTES; id++)
    size += MIN (tokens[id].length, MAX_FILE_BYTES) + 1;
  if (size > MAX_FILE_BYTES || n_tokens > ATTUNE_MAX_TOKENS)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("The vocabulary of “%s” has more than %d tokens or 16 MiB."), source_name,
                   ATTUNE_MAX_TOKENS);
      return NULL;
    }

  self->bytes = g_malloc (size + 1);
  self->offsets = g_array_sized_new (FALSE, FALSE, sizeof (gsize), n_tokens);
  self->trie = attune_token_trie_new ();
  size = 0;
  for (guint id = 0; id < n_tokens; id++)
    {
      g_array_append_val (self->offsets, size);
      if (tokens[id].length > 0)
        memcpy (self->bytes + size, tokens[id].bytes, tokens[id].length);
      self->bytes[size + tokens[id].length] = '\0';
      size += tokens[id].length + 1;
      self->longest = MAX (self->longest, tokens[id].length);
    }
  for (guint id = n_tokens; id-- > 0;)
    if (tokens[id].length > 0)
      attune_token_trie_insert (self->trie, tokens[id].bytes, tokens[id].length, (gint32) id);

  self->start_nodes[ATTUNE_VOCABULARY_WORD_START] = ATTUNE_TOKEN_TRIE_ROOT;
  self->start_nodes[ATTUNE_VOCABULARY_WORD_INSIDE] = ATTUNE_TOKEN_TRIE_ROOT;
  if (prefix.length > 0)
    self->start_nodes[ATTUNE_VOCABULARY_WORD_INSIDE] = attune_token_trie_descend (
      self->trie, ATTUNE_TOKEN_TRIE_ROOT, prefix.bytes, prefix.length);

  return g_steal_pointer (&self);
}

void
attune_vocabulary_free (AttuneVocabulary *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->trie, attune_token_trie_free);
  g_clear_pointer (&self->offsets, g_array_unref);
  g_free (self->bytes);
  g_free (self);
}

guint
attune_vocabulary_get_n_tokens (const AttuneVocabulary *self)
{
  return self->offsets->len;
}

/* The token with this id, owned by self, or NULL if there is none. */
const char *
attune_vocabulary_get_token (const AttuneVocabulary *self,
                             gint32                  id)
{
  if (id < 0 || (guint) id >= self->offsets->len)
    return NULL;

  return self->bytes + g_array_index (self->offsets, gsize, id);
}

/* The id of token (length bytes), or -1. */
gint32
attune_vocabulary_lookup (const AttuneVocabulary *self,
                          const char             *token,
                          gsize                   length)
{
  const guint32 node =
    attune_token_trie_descend (self->trie, ATTUNE_TOKEN_TRIE_ROOT, token, length);

  if (node == ATTUNE_TOKEN_TRIE_NO_NODE)
    return -1;

  return attune_token_trie_get_id (self->trie, node);
}

/* Bytes of text that the longest token for this place takes, and its id; 0 if no token fits. */
gsize
attune_vocabulary_longest (const AttuneVocabulary *self,
                           AttuneVocabularyPlace   place,
                           const char             *text,
                           gsize                   length,
                           gint32                 *id)
{
  const guint32 node = self->start_nodes[place];

  if (node == ATTUNE_TOKEN_TRIE_NO_NODE)
    return 0;

  return attune_token_trie_longest (self->trie, node, text, length, id);
}

const AttuneTokenTrie *
attune_vocabulary_get_trie (const AttuneVocabulary *self)
{
  return self->trie;
}

/* Bytes of the longest token of a tokenizer.json. */
gsize
attune_vocabulary_get_longest (const AttuneVocabulary *self)
{
  return self->longest;
}
