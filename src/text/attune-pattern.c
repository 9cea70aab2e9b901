/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The few regular expressions that tokenizers are made with, each read by hand in one pass: a
 * general matcher could be made to take for ever by the file that brings the expression.
 */
#include "config.h"

#include "attune-pattern.h"

#include <string.h>

#include "attune-character-ranges.h"
#include "attune-utf8.h"

/* What the expression of GPT-2 makes runs of. */
typedef enum {
  RUN_OTHER,
  RUN_WHITE,
  RUN_LETTER,
  RUN_NUMBER,
} Run;

static Run
run_of (gunichar c)
{
  guint bits;

  if (c < 0x80)
    {
      if (g_ascii_isalpha ((char) c))
        return RUN_LETTER;
      if (g_ascii_isdigit ((char) c))
        return RUN_NUMBER;
      return attune_character_is_white (c) ? RUN_WHITE : RUN_OTHER;
    }

  bits = attune_character_range_bits (c);
  if (bits & ATTUNE_RANGE_LETTER)
    return RUN_LETTER;
  if (bits & ATTUNE_RANGE_NUMBER)
    return RUN_NUMBER;
  return attune_character_is_white (c) ? RUN_WHITE : RUN_OTHER;
}

/* Bytes of an English contraction at bytes, 0 if there is none. */
static gsize
contraction (const char *bytes,
             gsize       length)
{
  static const char * const endings[] = { "s", "t", "re", "ve", "m", "ll", "d" };

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      const gsize n = strlen (endings[i]);

      if (length > n && memcmp (bytes + 1, endings[i], n) == 0)
        return n + 1;
    }

  return 0;
}

/* The end of the match that begins at from < end, of
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * Matches leave nothing out. */
gsize
attune_pattern_end_gpt2 (const char *bytes,
                         gsize       from,
                         gsize       end)
{
  gsize at = from, last = from;
  Run run;

  if (bytes[from] == '\'')
    {
      at = from + contraction (bytes + from, end - from);
      if (at > from)
        return at;
    }

  if (bytes[at] == ' ' && at + 1 < end && run_of (attune_utf8_get (bytes + at + 1)) != RUN_WHITE)
    at++;
  run = run_of (attune_utf8_get (bytes + at));
  do
    {
      last = at;
      at += attune_utf8_length (bytes[at]);
    }
  while (at < end && run_of (attune_utf8_get (bytes + at)) == run);

  /* Of white space before something, the last character goes with that. */
  return run == RUN_WHITE && at < end && last > from ? last : at;
}

static gboolean
is_of_run (const AttunePattern *self,
           gunichar             c)
{
  return self->kind == ATTUNE_PATTERN_SPACES ? c == ' ' : attune_character_is_white (c);
}

static gboolean
find_run (const AttunePattern *self,
          const char          *bytes,
          gsize                from,
          gsize                end,
          gsize               *match_start,
          gsize               *match_end)
{
  for (gsize at = from; at < end;)
    {
      const gsize start = at;
      guint n = 0;

      while (at < end && is_of_run (self, attune_utf8_get (bytes + at)) && !(self->alone && n == 1))
        {
          at += attune_utf8_length (bytes[at]);
          n++;
        }
      if (n >= self->at_least)
        {
          *match_start = start;
          *match_end = at;
          return TRUE;
        }
      if (n == 0)
        at += attune_utf8_length (bytes[at]);
    }

  return FALSE;
}

/* The first match at or after from, never an empty one. */
gboolean
attune_pattern_find (const AttunePattern *self,
                     const char          *bytes,
                     gsize                from,
                     gsize                end,
                     gsize               *match_start,
                     gsize               *match_end)
{
  const char *found;

  if (from >= end)
    return FALSE;

  switch (self->kind)
    {
    case ATTUNE_PATTERN_GPT2:
      *match_start = from;
      *match_end = attune_pattern_end_gpt2 (bytes, from, end);
      return TRUE;

    case ATTUNE_PATTERN_SPACES:
    case ATTUNE_PATTERN_WHITE:
      return find_run (self, bytes, from, end, match_start, match_end);

    case ATTUNE_PATTERN_TEXT:
    default:
      found = memmem (bytes + from, end - from, self->text.bytes, self->text.length);
      if (found == NULL)
        return FALSE;
      *match_start = (gsize) (found - bytes);
      *match_end = *match_start + self->text.length;
      return TRUE;
    }
}
