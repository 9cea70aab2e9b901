/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adds up the scores of the pieces of each word ("un", "##believ", "##able") and scales all words
 * so that the strongest is 1 or -1. What a word is the text says, for every tokenizer alike: letters
 * and digits that touch, but for scripts that are written without spaces, where each token is one.
 * Pure function; any thread.
 */
#include "config.h"

#include <math.h>

#include "attune-word-weights.h"

static gboolean
is_of_word (gunichar c)
{
  if (!g_unichar_isalnum (c) && !g_unichar_ismark (c))
    return FALSE;
  switch (g_unichar_get_script (c))
    {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_LAO:
    case G_UNICODE_SCRIPT_MYANMAR:
    case G_UNICODE_SCRIPT_THAI:
      return FALSE;
    default:
      return TRUE;
    }
}

/* Whether a word goes on where one token ends and the next begins. */
static gboolean
goes_on (const char *text,
         guint       place)
{
  return place > 0 && is_of_word (g_utf8_get_char (text + place))
         && is_of_word (g_utf8_get_char (g_utf8_prev_char (text + place)));
}

/* The last of n words, in the order of the text, that begins at start or before. */
static guint
find_word (const AttunePredictions *predictions,
           guint                    n,
           guint                    start)
{
  guint low = 0, high = n;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (predictions->word_start[middle] <= start)
        low = middle;
      else
        high = middle;
    }
  return low;
}

static void
scale (float *weights,
       guint  n)
{
  float strongest = 0;

  for (guint i = 0; i < n; i++)
    strongest = MAX (strongest, fabsf (weights[i]));
  for (guint i = 0; strongest > 0 && i < n; i++)
    weights[i] /= strongest;
}

/* Tokens of byte-level and of SentencePiece's models begin with the space before a word. */
static void
leave_out_spaces (AttunePredictions *predictions,
                  const char        *text)
{
  guint n = 0;

  for (guint i = 0; i < predictions->n_words; i++)
    {
      guint start = predictions->word_start[i];

      while (start < predictions->word_end[i] && g_unichar_isspace (g_utf8_get_char (text + start)))
        start = (guint) (g_utf8_next_char (text + start) - text);
      if (start >= predictions->word_end[i])
        continue;
      predictions->word_start[n] = start;
      predictions->word_end[n] = predictions->word_end[i];
      predictions->word_weight[n] = predictions->word_weight[i];
      n++;
    }
  predictions->n_words = n;
}

void
attune_word_weights_fill (AttunePredictions    *predictions,
                          const AttuneEncoding *encoding,
                          const char           *text,
                          const float          *scores)
{
  guint n = 0;

  predictions->word_start = g_new (guint, encoding->ids->len);
  predictions->word_end = g_new (guint, encoding->ids->len);
  predictions->word_weight = g_new (float, encoding->ids->len);
  for (guint i = 0; i < encoding->ids->len; i++)
    {
      const AttuneSpan *span = &g_array_index (encoding->spans, AttuneSpan, i);
      float score = isfinite (scores[i]) ? scores[i] : 0;

      /* Special tokens have no place in the text; a second text is not tinted. */
      if (span->end <= span->start || i >= encoding->pair_start)
        continue;
      /* Windows of a long text overlap: what was read before is weighed once more. */
      if (n > 0 && span->start < predictions->word_end[n - 1])
        {
          predictions->word_weight[find_word (predictions, n, span->start)] += score;
          continue;
        }
      if (n > 0 && predictions->word_end[n - 1] == span->start && goes_on (text, span->start))
        {
          predictions->word_end[n - 1] = span->end;
          predictions->word_weight[n - 1] += score;
          continue;
        }
      predictions->word_start[n] = span->start;
      predictions->word_end[n] = span->end;
      predictions->word_weight[n] = score;
      n++;
    }
  predictions->n_words = n;
  leave_out_spaces (predictions, text);
  scale (predictions->word_weight, predictions->n_words);
}
