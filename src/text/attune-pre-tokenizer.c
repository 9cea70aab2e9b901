/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps of division, each over what the one before left, as in tokenizers 0.23.1. ByteLevel divides
 * here like the others; that the model then takes bytes for characters is the model's affair
 * (attune-bpe.c).
 */
#include "config.h"

#include "attune-pre-tokenizer.h"

#include <string.h>

#include "attune-character-ranges.h"
#include "attune-characters.h"
#include "attune-pattern.h"
#include "attune-utf8.h"

struct _AttunePreTokenizer {
  AttunePreTokenizerSpec *steps; /* (n_steps,), their texts are owned */
  guint n_steps;
};

static void
emit_merged_with_previous (AttunePassage    *passage,
                           const AttunePart *part,
                           guint             n_parts)
{
  /* A match joins what it follows, but not another match. */
  for (guint i = 0; i < n_parts; i++)
    {
      const gsize start = part[i].start;

      if (!part[i].matches && i + 1 < n_parts && part[i + 1].matches)
        i++;
      attune_passage_emit (passage, start, part[i].end, -1);
    }
}

static void
emit_merged_with_next (AttunePassage    *passage,
                       const AttunePart *part,
                       guint             n_parts)
{
  for (guint i = 0; i < n_parts; i++)
    {
      const gsize start = part[i].start;

      if (part[i].matches && i + 1 < n_parts && !part[i + 1].matches)
        i++;
      attune_passage_emit (passage, start, part[i].end, -1);
    }
}

static void
emit_contiguous (AttunePassage    *passage,
                 const AttunePart *part,
                 guint             n_parts)
{
  for (guint i = 0; i < n_parts; i++)
    {
      const gsize start = part[i].start;

      while (i + 1 < n_parts && part[i + 1].matches == part[i].matches)
        i++;
      attune_passage_emit (passage, start, part[i].end, -1);
    }
}

static void
emit_parts (AttunePassage       *passage,
            AttuneSplitBehavior  behavior)
{
  const AttunePart *part = (const AttunePart *) (gpointer) passage->parts->data;
  const guint n_parts = passage->parts->len;

  switch (behavior)
    {
    case ATTUNE_SPLIT_MERGED_WITH_PREVIOUS:
      emit_merged_with_previous (passage, part, n_parts);
      break;

    case ATTUNE_SPLIT_MERGED_WITH_NEXT:
      emit_merged_with_next (passage, part, n_parts);
      break;

    case ATTUNE_SPLIT_CONTIGUOUS:
      emit_contiguous (passage, part, n_parts);
      break;

    case ATTUNE_SPLIT_REMOVED:
    case ATTUNE_SPLIT_ISOLATED:
    default:
      for (guint i = 0; i < n_parts; i++)
        if (behavior == ATTUNE_SPLIT_ISOLATED || !part[i].matches)
          attune_passage_emit (passage, part[i].start, part[i].end, -1);
      break;
    }
}

static void
add_part (AttunePassage *passage,
          gsize          start,
          gsize          end,
          gboolean       matches)
{
  const AttunePart part = { start, end, matches };

  if (start < end)
    g_array_append_val (passage->parts, part);
}

static void
split (AttunePassage       *passage,
       const AttuneStretch *stretch,
       gconstpointer        data)
{
  const AttunePreTokenizerSpec *step = data;
  gsize from = stretch->start, start, end;

  g_array_set_size (passage->parts, 0);
  while (attune_pattern_find (&step->pattern, passage->now.bytes, from, stretch->end, &start, &end))
    {
      add_part (passage, from, start, step->invert);
      add_part (passage, start, end, !step->invert);
      from = end;
    }
  add_part (passage, from, stretch->end, step->invert);
  emit_parts (passage, step->behavior);
}

/* Punctuation and Digits: every such character is a match of its own. */
static void
split_at_class (AttunePassage       *passage,
                const AttuneStretch *stretch,
                gconstpointer        data)
{
  const AttunePreTokenizerSpec *step = data;
  const char *bytes = passage->now.bytes;
  gsize from = stretch->start, end;

  g_array_set_size (passage->parts, 0);
  for (gsize at = from; at < stretch->end; at = end)
    {
      const gunichar c = attune_utf8_get (bytes + at);

      end = at + attune_utf8_length (bytes[at]);
      if (step->kind == ATTUNE_PRE_TOKENIZER_DIGITS
            ? (attune_character_range_bits (c) & ATTUNE_RANGE_NUMERIC) != 0
            : attune_character_classify (c) == ATTUNE_CHARACTER_PUNCTUATION)
        {
          add_part (passage, from, at, FALSE);
          add_part (passage, at, end, TRUE);
          from = end;
        }
    }
  add_part (passage, from, stretch->end, FALSE);
  emit_parts (passage, step->behavior);
}

/* What a character is to the ways of splitting that drop white space. */
typedef enum {
  PLACE_WHITE,
  PLACE_WORD,
  PLACE_OTHER,
  PLACE_ALONE,
} Place;

static Place
place_of (AttunePreTokenizerKind kind,
          gunichar               c)
{
  if (attune_character_is_white (c))
    return PLACE_WHITE;
  if (kind == ATTUNE_PRE_TOKENIZER_WHITESPACE)
    return attune_character_range_bits (c) & ATTUNE_RANGE_WORD ? PLACE_WORD : PLACE_OTHER;
  if (kind == ATTUNE_PRE_TOKENIZER_BERT
      && attune_character_classify (c) == ATTUNE_CHARACTER_PUNCTUATION)
    return PLACE_ALONE;

  return PLACE_WORD;
}

static void
split_words (AttunePassage       *passage,
             const AttuneStretch *stretch,
             gconstpointer        data)
{
  const AttunePreTokenizerKind kind = ((const AttunePreTokenizerSpec *) data)->kind;
  const char *bytes = passage->now.bytes;
  gsize from = stretch->start;
  Place last = PLACE_WHITE;

  for (gsize at = from; at < stretch->end; at += attune_utf8_length (bytes[at]))
    {
      const Place now = place_of (kind, attune_utf8_get (bytes + at));

      if (now != last || now == PLACE_ALONE)
        {
          if (last != PLACE_WHITE)
            attune_passage_emit (passage, from, at, -1);
          from = at;
        }
      last = now;
    }
  if (last != PLACE_WHITE)
    attune_passage_emit (passage, from, stretch->end, -1);
}

static void
put_space_in_front (AttunePassage       *passage,
                    const AttuneStretch *stretch,
                    gconstpointer        data)
{
  const AttuneNormalized *now = &passage->now;
  const gsize start = stretch->start;

  if (now->bytes[start] != ' ')
    attune_normalized_append_at (&passage->next, " ", 1, now->spans[start]);
  attune_normalized_append (&passage->next, now->bytes + start, now->spans + start,
                            stretch->end - start);
}

static void
split_gpt2 (AttunePassage       *passage,
            const AttuneStretch *stretch,
            gconstpointer        data)
{
  gsize from = stretch->start;

  while (from < stretch->end)
    {
      const gsize end = attune_pattern_end_gpt2 (passage->now.bytes, from, stretch->end);

      attune_passage_emit (passage, from, end, -1);
      from = end;
    }
}

static gboolean
begins_with (const char  *bytes,
             gsize        length,
             AttuneBytes  beginning)
{
  return length >= beginning.length && memcmp (bytes, beginning.bytes, beginning.length) == 0;
}

/* Spaces become the replacement, and one is put in front. */
static void
mark_spaces (AttunePassage       *passage,
             const AttuneStretch *stretch,
             gconstpointer        data)
{
  const AttunePreTokenizerSpec *step = data;
  const AttuneNormalized *now = &passage->now;
  const AttuneBytes mark = step->pattern.text;
  gsize from = stretch->start;

  if (now->bytes[from] != ' '
      && !begins_with (now->bytes + from, stretch->end - from, mark)
      && (step->prepend == ATTUNE_PREPEND_ALWAYS
          || (step->prepend == ATTUNE_PREPEND_FIRST && stretch->origin == 0)))
    attune_normalized_append_at (&passage->next, mark.bytes, mark.length, now->spans[from]);

  while (from < stretch->end)
    {
      const char *space = memchr (now->bytes + from, ' ', stretch->end - from);
      const gsize at = space != NULL ? (gsize) (space - now->bytes) : stretch->end;

      attune_normalized_append (&passage->next, now->bytes + from, now->spans + from, at - from);
      if (space != NULL)
        attune_normalized_append_at (&passage->next, mark.bytes, mark.length, now->spans[at]);
      from = at + 1;
    }
}

static void
run_step (const AttunePreTokenizerSpec *step,
          AttunePassage                *passage)
{
  switch (step->kind)
    {
    case ATTUNE_PRE_TOKENIZER_BYTE_LEVEL:
      if (step->prepend == ATTUNE_PREPEND_ALWAYS)
        attune_passage_alter (passage, put_space_in_front, step);
      if (step->split)
        attune_passage_divide (passage, split_gpt2, step);
      break;

    case ATTUNE_PRE_TOKENIZER_METASPACE:
      attune_passage_alter (passage, mark_spaces, step);
      if (step->split)
        attune_passage_divide (passage, split, step);
      break;

    case ATTUNE_PRE_TOKENIZER_SPLIT:
      attune_passage_divide (passage, split, step);
      break;

    case ATTUNE_PRE_TOKENIZER_PUNCTUATION:
    case ATTUNE_PRE_TOKENIZER_DIGITS:
      attune_passage_divide (passage, split_at_class, step);
      break;

    case ATTUNE_PRE_TOKENIZER_BERT:
    case ATTUNE_PRE_TOKENIZER_WHITESPACE:
    case ATTUNE_PRE_TOKENIZER_WHITESPACE_SPLIT:
    default:
      attune_passage_divide (passage, split_words, step);
      break;
    }
}

/* Divides every stretch but the added tokens. */
void
attune_pre_tokenizer_run (const AttunePreTokenizer *self,
                          AttunePassage            *passage)
{
  for (guint i = 0; i < self->n_steps; i++)
    run_step (&self->steps[i], passage);
}

/* Copies specs. */
AttunePreTokenizer *
attune_pre_tokenizer_new (const AttunePreTokenizerSpec *specs,
                          guint                         n_specs)
{
  AttunePreTokenizer *self = g_new0 (AttunePreTokenizer, 1);

  self->n_steps = n_specs;
  self->steps = g_new0 (AttunePreTokenizerSpec, MAX (n_specs, 1));
  for (guint i = 0; i < n_specs; i++)
    {
      AttuneBytes *text = &self->steps[i].pattern.text;

      self->steps[i] = specs[i];
      text->bytes = g_memdup2 (text->bytes, text->length);
      /* What Metaspace has marked begins a part. */
      if (specs[i].kind == ATTUNE_PRE_TOKENIZER_METASPACE)
        {
          self->steps[i].pattern.kind = ATTUNE_PATTERN_TEXT;
          self->steps[i].behavior = ATTUNE_SPLIT_MERGED_WITH_NEXT;
          self->steps[i].invert = FALSE;
        }
    }

  return self;
}

void
attune_pre_tokenizer_free (AttunePreTokenizer *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_steps; i++)
    g_free ((char *) self->steps[i].pattern.text.bytes);
  g_free (self->steps);
  g_free (self);
}

/* Whether the model is to take bytes for characters. */
gboolean
attune_pre_tokenizer_makes_bytes (const AttunePreTokenizer *self)
{
  return self->n_steps > 0
         && self->steps[self->n_steps - 1].kind == ATTUNE_PRE_TOKENIZER_BYTE_LEVEL;
}
