/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Byte-pair encoding: a word begins as its characters, or its bytes, and the pair that was learnt
 * first is merged until none is left. Pairs wait in a heap, so that a word of any length takes
 * n log n time. Order and leftovers are those of tokenizers 0.23.1 (BPE, Word::merge_all): an entry
 * of the heap that is out of date still counts if its merge gives the same token.
 */
#include "config.h"

#include "attune-bpe.h"

#include <string.h>

#include <glib/gi18n.h>

#include "attune-byte-characters.h"
#include "attune-utf8.h"

#define MAX_AFFIX_BYTES 64

typedef struct {
  guint64 pair; /* left << 32 | right */
  guint32 rank;
  gint32 result; /* -1: a free slot */
} Rule;

struct _AttuneBpe {
  const AttuneVocabulary *vocabulary;
  Rule *rules; /* (1 << rule_bits,), open addressing */
  guint rule_bits;
  gboolean of_bytes;
  gint32 byte_ids[256];     /* of_bytes: the token of each byte alone, else of <0x..>; -1: none */
  gint32 unknown_id;
  gboolean fuse_unknown, byte_fallback, ignore_merges;
  char prefix[MAX_AFFIX_BYTES], suffix[MAX_AFFIX_BYTES];
  gsize prefix_length, suffix_length;
};

static Rule *
find_rule (const AttuneBpe *self,
           guint64          pair)
{
  const gsize mask = ((gsize) 1 << self->rule_bits) - 1;
  gsize slot = (gsize) ((pair * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> (64 - self->rule_bits));

  while (self->rules[slot].result >= 0 && self->rules[slot].pair != pair)
    slot = (slot + 1) & mask;

  return &self->rules[slot];
}

static void
push (GArray             *heap,
      AttuneBpeCandidate  candidate)
{
  AttuneBpeCandidate *entries;
  guint at = heap->len;

  g_array_append_val (heap, candidate);
  entries = (AttuneBpeCandidate *) (gpointer) heap->data;
  while (at > 0 && entries[(at - 1) / 2].order > candidate.order)
    {
      entries[at] = entries[(at - 1) / 2];
      at = (at - 1) / 2;
    }
  entries[at] = candidate;
}

static AttuneBpeCandidate
pop (GArray *heap)
{
  AttuneBpeCandidate *entries = (AttuneBpeCandidate *) (gpointer) heap->data;
  const AttuneBpeCandidate first = entries[0];
  const AttuneBpeCandidate last = entries[heap->len - 1];
  const guint n = heap->len - 1;
  guint at = 0;

  g_array_set_size (heap, n);
  if (n == 0)
    return first;
  for (guint child; (child = 2 * at + 1) < n; at = child)
    {
      if (child + 1 < n && entries[child + 1].order < entries[child].order)
        child++;
      if (entries[child].order >= last.order)
        break;
      entries[at] = entries[child];
    }
  entries[at] = last;

  return first;
}

/* Puts the pair of symbols that begins at position into the heap, if there is a merge for it. */
static void
consider (const AttuneBpe       *self,
          AttuneModelWork       *work,
          const AttuneBpeSymbol *symbols,
          gint32                 position)
{
  const AttuneBpeSymbol *left = &symbols[position];
  const Rule *rule;

  if (left->next < 0)
    return;
  rule = find_rule (self, (guint64) (guint32) left->id << 32 | (guint32) symbols[left->next].id);
  if (rule->result >= 0)
    push (work->heap, (AttuneBpeCandidate) { (guint64) rule->rank << 32 | (guint32) position,
                                             rule->result });
}

static void
merge_all (const AttuneBpe *self,
           AttuneModelWork *work)
{
  AttuneBpeSymbol *symbols = (AttuneBpeSymbol *) (gpointer) work->symbols->data;
  const guint n = work->symbols->len;

  for (guint i = 0; i < n; i++)
    {
      symbols[i].previous = (gint32) i - 1;
      symbols[i].next = i + 1 < n ? (gint32) i + 1 : -1;
    }
  g_array_set_size (work->heap, 0);
  for (guint i = 0; i < n; i++)
    consider (self, work, symbols, (gint32) i);

  while (work->heap->len > 0)
    {
      const AttuneBpeCandidate best = pop (work->heap);
      const gint32 position = (gint32) (best.order & G_MAXUINT32);
      AttuneBpeSymbol *left = &symbols[position];
      AttuneBpeSymbol *right;
      const Rule *rule;

      if (left->length == 0 || left->next < 0)
        continue;
      right = &symbols[left->next];
      rule = find_rule (self, (guint64) (guint32) left->id << 32 | (guint32) right->id);
      if (rule->result != best.result)
        continue;

      left->id = best.result;
      left->length += right->length;
      left->next = right->next;
      right->length = 0;
      if (left->next >= 0)
        symbols[left->next].previous = position;
      if (left->previous >= 0)
        consider (self, work, symbols, left->previous);
      consider (self, work, symbols, position);
    }
}

static void
add_symbol (GArray *symbols,
            gint32  id,
            gsize   length)
{
  const AttuneBpeSymbol symbol = { id, (guint32) length, -1, -1 };

  g_array_append_val (symbols, symbol);
}

/* The token of one character or byte of a word, with what belongs around it there; -1: none. */
static gint32
lookup_character (const AttuneBpe *self,
                  const char      *bytes,
                  gsize            length,
                  gboolean         is_first,
                  gboolean         is_last)
{
  char buffer[2 * MAX_AFFIX_BYTES + 8];
  gsize n = 0;

  if (self->prefix_length == 0 && self->suffix_length == 0)
    return self->of_bytes ? self->byte_ids[(guint8) *bytes]
                          : attune_vocabulary_lookup (self->vocabulary, bytes, length);

  if (!is_first)
    {
      memcpy (buffer, self->prefix, self->prefix_length);
      n = self->prefix_length;
    }
  if (self->of_bytes)
    {
      n += (gsize) g_unichar_to_utf8 (attune_byte_character ((guint8) *bytes), buffer + n);
    }
  else
    {
      memcpy (buffer + n, bytes, length);
      n += length;
    }
  if (is_last)
    {
      memcpy (buffer + n, self->suffix, self->suffix_length);
      n += self->suffix_length;
    }

  return attune_vocabulary_lookup (self->vocabulary, buffer, n);
}

/* Adds the bytes of a character that is no token, if each byte is one. */
static gboolean
fall_back (const AttuneBpe *self,
           const char      *bytes,
           gsize            length,
           GArray          *symbols)
{
  if (!self->byte_fallback || self->of_bytes)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (self->byte_ids[(guint8) bytes[i]] < 0)
      return FALSE;
  for (gsize i = 0; i < length; i++)
    add_symbol (symbols, self->byte_ids[(guint8) bytes[i]], 1);

  return TRUE;
}

static void
list_symbols (const AttuneBpe *self,
              const char      *word,
              gsize            length,
              GArray          *symbols)
{
  gsize unknown = 0; /* bytes that are to become one unknown token */

  g_array_set_size (symbols, 0);
  for (gsize i = 0, n; i < length; i += n)
    {
      gint32 id;

      n = self->of_bytes ? 1 : attune_utf8_length (word[i]);
      id = lookup_character (self, word + i, n, i == 0, i + n == length);
      if (id >= 0)
        {
          if (unknown > 0)
            add_symbol (symbols, self->unknown_id, unknown);
          unknown = 0;
          add_symbol (symbols, id, n);
        }
      else if (!fall_back (self, word + i, n, symbols) && self->unknown_id >= 0)
        {
          if (unknown > 0 && !self->fuse_unknown)
            {
              add_symbol (symbols, self->unknown_id, unknown);
              unknown = 0;
            }
          unknown += n;
        }
    }
  if (unknown > 0)
    add_symbol (symbols, self->unknown_id, unknown);
}

/* The token that the word is as a whole, or -1. */
static gint32
lookup_word (const AttuneBpe *self,
             const char      *word,
             gsize            length)
{
  g_autofree char *characters = NULL;
  gsize n = 0;

  if (!self->of_bytes)
    return attune_vocabulary_lookup (self->vocabulary, word, length);
  if (length > attune_vocabulary_get_longest (self->vocabulary))
    return -1;

  characters = g_malloc (2 * length + 6);
  for (gsize i = 0; i < length; i++)
    n += (gsize) g_unichar_to_utf8 (attune_byte_character ((guint8) word[i]), characters + n);

  return attune_vocabulary_lookup (self->vocabulary, characters, n);
}

/* Sets work->tokens to those of word, which is not empty. */
void
attune_bpe_tokenize (const AttuneBpe *self,
                     const char      *word,
                     gsize            length,
                     AttuneModelWork *work)
{
  gsize at = 0;

  g_array_set_size (work->tokens, 0);
  if (self->ignore_merges)
    {
      const gint32 id = lookup_word (self, word, length);

      if (id >= 0)
        {
          attune_model_work_add (work, id, 0, length);
          return;
        }
    }

  list_symbols (self, word, length, work->symbols);
  merge_all (self, work);
  for (guint i = 0; i < work->symbols->len; i++)
    {
      const AttuneBpeSymbol *symbol = &g_array_index (work->symbols, AttuneBpeSymbol, i);

      if (symbol->length == 0)
        continue;
      attune_model_work_add (work, symbol->id, at, at + symbol->length);
      at += symbol->length;
    }
}

static void
list_byte_ids (AttuneBpe *self)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      char name[16];
      gsize n;

      if (self->of_bytes)
        n = (gsize) g_unichar_to_utf8 (attune_byte_character ((guint8) byte), name);
      else
        n = (gsize) g_snprintf (name, sizeof name, "<0x%02X>", byte);
      self->byte_ids[byte] = attune_vocabulary_lookup (self->vocabulary, name, n);
    }
}

/* Borrows vocabulary. of_bytes: words come as bytes, as ByteLevel leaves them. */
AttuneBpe *
attune_bpe_new (const AttuneTokenizerSpec  *spec,
                const AttuneVocabulary     *vocabulary,
                gboolean                    of_bytes,
                const char                 *source_name,
                GError                    **error)
{
  AttuneBpe *self;

  if (spec->prefix.length > MAX_AFFIX_BYTES || spec->suffix.length > MAX_AFFIX_BYTES)
    {
      g_set_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY,
                   _("What “%s” puts before or after parts of words is longer than %d bytes."),
                   source_name, MAX_AFFIX_BYTES);
      return NULL;
    }

  self = g_new0 (AttuneBpe, 1);
  self->vocabulary = vocabulary;
  self->of_bytes = of_bytes;
  self->unknown_id = spec->unknown_id;
  self->fuse_unknown = spec->fuse_unknown;
  self->byte_fallback = spec->byte_fallback;
  self->ignore_merges = spec->ignore_merges;
  self->prefix_length = spec->prefix.length;
  self->suffix_length = spec->suffix.length;
  if (spec->prefix.length > 0)
    memcpy (self->prefix, spec->prefix.bytes, spec->prefix.length);
  if (spec->suffix.length > 0)
    memcpy (self->suffix, spec->suffix.bytes, spec->suffix.length);
  list_byte_ids (self);

  self->rule_bits = 4;
  while ((gsize) 1 << self->rule_bits < 2 * (gsize) spec->n_merges)
    self->rule_bits++;
  self->rules = g_new (Rule, (gsize) 1 << self->rule_bits);
  for (gsize i = 0; i < (gsize) 1 << self->rule_bits; i++)
    self->rules[i] = (Rule) { 0, 0, -1 };
  /* Of a pair that is there twice, the last counts. */
  for (guint i = 0; i < spec->n_merges; i++)
    {
      const AttuneMerge *merge = &spec->merges[i];
      const guint64 pair = (guint64) (guint32) merge->left << 32 | (guint32) merge->right;

      *find_rule (self, pair) = (Rule) { pair, i, merge->result };
    }

  return self;
}

void
attune_bpe_free (AttuneBpe *self)
{
  if (self == NULL)
    return;

  g_free (self->rules);
  g_free (self);
}
