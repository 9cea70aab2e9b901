/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over the text: clean, space out ideographs, decompose and strip accents, lower the case,
 * split at white space and punctuation. Runs of ASCII letters and digits, most of most texts, skip
 * all that. A word is gathered in a fixed buffer, so that nothing is allocated however long it is.
 *
 * Order of steps and their exact meaning: tokenizers 0.23.1, BertNormalizer and BertPreTokenizer.
 */
#include "config.h"

#include "attune-word-splitter.h"

#include <string.h>

#include "attune-characters.h"
#include "attune-utf8.h"

#define MAX_WORD_BYTES (4 * ATTUNE_MAX_WORD_CHARACTERS)

#define CAPITAL_I_WITH_DOT 0x130
#define COMBINING_DOT_ABOVE 0x307

/* A character and the place in the text that it came from. */
typedef struct {
  gunichar c;
  AttuneCharacterClass class;
  AttuneSpan span;
} Character;

typedef struct {
  const AttuneSplitOptions *options;
  AttuneWordFunc func;
  gpointer user_data;

  /* The word being gathered. */
  char bytes[MAX_WORD_BYTES];
  AttuneSpan spans[MAX_WORD_BYTES];
  gsize length;
  guint n_characters;
  AttuneSpan span;

  GArray *nonstarters; /* Character, waiting for canonical ordering; NULL until there is one */
} Splitter;

static void
end_word (Splitter *self)
{
  if (self->n_characters == 0)
    return;

  self->func (&(AttuneWord) {
                .bytes = self->bytes,
                .length = self->length,
                .n_characters = self->n_characters,
                .spans = self->spans,
                .span = self->span,
              },
              self->user_data);
  self->length = 0;
  self->n_characters = 0;
}

static void
add_to_word (Splitter        *self,
             const Character *character)
{
  if (self->n_characters == 0)
    self->span = character->span;
  else
    self->span.end = MAX (self->span.end, character->span.end);

  if (self->n_characters < ATTUNE_MAX_WORD_CHARACTERS)
    {
      const gint n_bytes = g_unichar_to_utf8 (character->c, self->bytes + self->length);

      for (gint i = 0; i < n_bytes; i++)
        self->spans[self->length + i] = character->span;
      self->length += n_bytes;
    }
  if (self->n_characters <= ATTUNE_MAX_WORD_CHARACTERS)
    self->n_characters++;
}

static void
split (Splitter        *self,
       const Character *character)
{
  switch (character->class)
    {
    case ATTUNE_CHARACTER_SPACE:
      end_word (self);
      break;

    case ATTUNE_CHARACTER_PUNCTUATION:
      end_word (self);
      add_to_word (self, character);
      end_word (self);
      break;

    case ATTUNE_CHARACTER_WORD:
    case ATTUNE_CHARACTER_REMOVED:
    case ATTUNE_CHARACTER_MARK:
    case ATTUNE_CHARACTER_NONSTARTER:
    default:
      add_to_word (self, character);
      break;
    }
}

static void
lower (Splitter        *self,
       const Character *character)
{
  Character lowered = *character;

  if (!self->options->lowercase)
    {
      split (self, character);
      return;
    }

  /* The one character whose lower case is two. */
  if (character->c == CAPITAL_I_WITH_DOT)
    {
      lowered.c = 'i';
      split (self, &lowered);
      lowered.c = COMBINING_DOT_ABOVE;
      split (self, &lowered);
      return;
    }

  lowered.c = attune_character_to_lower (character->c);
  if (lowered.c != character->c)
    lowered.class = attune_character_classify (lowered.c);
  split (self, &lowered);
}

static gint
compare_combining_classes (gconstpointer a,
                           gconstpointer b)
{
  const guint class_a = attune_character_get_combining_class (((const Character *) a)->c);
  const guint class_b = attune_character_get_combining_class (((const Character *) b)->c);

  return (class_a > class_b) - (class_a < class_b);
}

static void
end_nonstarters (Splitter *self)
{
  if (self->nonstarters == NULL || self->nonstarters->len == 0)
    return;

  /* Stable, as canonical ordering has to be. */
  g_array_sort (self->nonstarters, compare_combining_classes);
  for (guint i = 0; i < self->nonstarters->len; i++)
    lower (self, &g_array_index (self->nonstarters, Character, i));
  g_array_set_size (self->nonstarters, 0);
}

static void
decompose (Splitter        *self,
           const Character *character)
{
  gunichar parts[ATTUNE_MAX_DECOMPOSITION];
  guint n_parts;

  if (!self->options->strip_accents)
    {
      lower (self, character);
      return;
    }

  n_parts = attune_character_decompose (character->c, parts);
  for (guint i = 0; i < n_parts; i++)
    {
      Character part = *character;

      if (parts[i] != character->c)
        {
          part.c = parts[i];
          part.class = attune_character_classify (part.c);
        }
      if (part.class == ATTUNE_CHARACTER_MARK)
        continue;

      if (part.class == ATTUNE_CHARACTER_NONSTARTER)
        {
          if (self->nonstarters == NULL)
            self->nonstarters = g_array_new (FALSE, FALSE, sizeof (Character));
          g_array_append_val (self->nonstarters, part);
        }
      else
        {
          end_nonstarters (self);
          lower (self, &part);
        }
    }
}

/* The first step: cleaning, and white space around ideographs. */
static void
clean (Splitter   *self,
       gunichar    c,
       AttuneSpan  span)
{
  const Character character = { c, attune_character_classify (c), span };

  if (character.class == ATTUNE_CHARACTER_REMOVED)
    return;

  if (character.class == ATTUNE_CHARACTER_SPACE)
    {
      end_nonstarters (self);
      end_word (self);
    }
  else if (self->options->split_cjk && attune_character_is_cjk (c))
    {
      end_nonstarters (self);
      end_word (self);
      decompose (self, &character);
      end_nonstarters (self);
      end_word (self);
    }
  else
    {
      decompose (self, &character);
    }
}

/* A run of ASCII letters and digits at p. Returns its end; what is left of the word, if anything,
 * follows there. */
static const char *
split_ascii_run (Splitter   *self,
                 const char *text,
                 const char *p,
                 const char *end)
{
  const char *run = p;
  gsize n_kept;

  while (p < end && g_ascii_isalnum (*p))
    p++;

  n_kept = MIN ((gsize) (p - run), ATTUNE_MAX_WORD_CHARACTERS);
  if (self->options->lowercase)
    {
      for (gsize i = 0; i < n_kept; i++)
        self->bytes[i] = g_ascii_tolower (run[i]);
    }
  else
    {
      memcpy (self->bytes, run, n_kept);
    }
  self->length = n_kept;
  self->n_characters = (guint) MIN ((gsize) (p - run), ATTUNE_MAX_WORD_CHARACTERS + 1);
  self->span = (AttuneSpan) { (guint32) (run - text), (guint32) (p - text) };

  /* A character that may belong to the same word: the general way goes on from here. */
  if (p < end && ((guint8) *p >= 0x80 ||
                  attune_character_classify ((guint8) *p) == ATTUNE_CHARACTER_REMOVED))
    {
      for (gsize i = 0; i < n_kept; i++)
        self->spans[i] = (AttuneSpan) { self->span.start + i, self->span.start + i + 1 };
      return p;
    }

  self->func (&(AttuneWord) {
                .bytes = self->bytes,
                .length = self->length,
                .n_characters = self->n_characters,
                .span = self->span,
              },
              self->user_data);
  self->length = 0;
  self->n_characters = 0;

  return p;
}

/* Calls func for each word of the bytes from start to end of text, in order; spans count from the
 * beginning of text. Returns FALSE, with the offset in bad_byte, where the text is not UTF-8; the
 * words before it have been passed to func by then. */
gboolean
attune_split_words (const AttuneSplitOptions *options,
                    const char               *text,
                    gsize                     start,
                    gsize                     end,
                    AttuneWordFunc            func,
                    gpointer                  user_data,
                    gsize                    *bad_byte)
{
  Splitter self;
  const char *p = text + start;
  const char *text_end = text + end;

  self.options = options;
  self.func = func;
  self.user_data = user_data;
  self.length = 0;
  self.n_characters = 0;
  self.nonstarters = NULL;

  while (p < text_end)
    {
      gunichar c;
      gsize n_bytes;

      if (*p == ' ' && (self.nonstarters == NULL || self.nonstarters->len == 0))
        {
          end_word (&self);
          p++;
          continue;
        }
      if (self.n_characters == 0 && g_ascii_isalnum (*p) &&
          (self.nonstarters == NULL || self.nonstarters->len == 0))
        {
          p = split_ascii_run (&self, text, p, text_end);
          continue;
        }

      n_bytes = attune_utf8_read (p, text_end, &c);
      if (n_bytes == 0)
        break;
      clean (&self, c, (AttuneSpan) { (guint32) (p - text), (guint32) (p - text + n_bytes) });
      p += n_bytes;
    }

  if (p == text_end)
    {
      end_nonstarters (&self);
      end_word (&self);
    }
  g_clear_pointer (&self.nonstarters, g_array_unref);
  *bad_byte = (gsize) (p - text);

  return p == text_end;
}
