/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps that change the text go over every stretch but the added tokens and write a new text; steps
 * that divide it write new stretches. The places of both are exchanged, so that nothing is
 * allocated from text to text.
 */
#include "config.h"

#include "attune-passage.h"

#include "attune-character-ranges.h"

/* Replacements come from a file and could multiply a text at each step. */
#define MAX_GROWTH 32
#define MIN_LIMIT (64 << 10)

void
attune_passage_init (AttunePassage *self)
{
  self->now = (AttuneNormalized) { NULL };
  self->next = (AttuneNormalized) { NULL };
  self->stretches = g_array_new (FALSE, FALSE, sizeof (AttuneStretch));
  self->next_stretches = g_array_new (FALSE, FALSE, sizeof (AttuneStretch));
  self->changes = g_array_new (FALSE, FALSE, sizeof (AttuneChange));
  self->parts = g_array_new (FALSE, FALSE, sizeof (AttunePart));
}

void
attune_passage_clear (AttunePassage *self)
{
  g_free (self->now.bytes);
  g_free (self->now.spans);
  g_free (self->next.bytes);
  g_free (self->next.spans);
  g_array_unref (self->stretches);
  g_array_unref (self->next_stretches);
  g_array_unref (self->changes);
  g_array_unref (self->parts);
}

/* Takes a text as one stretch. FALSE, with the offset in bad_byte, where it is not UTF-8. */
gboolean
attune_passage_start (AttunePassage *self,
                      const char    *text,
                      gsize          length,
                      gsize         *bad_byte)
{
  const gsize limit = MAX (length * MAX_GROWTH, MIN_LIMIT);
  const AttuneStretch whole = { .end = length, .id = -1 };

  attune_normalized_clear (&self->now, limit);
  attune_normalized_clear (&self->next, limit);
  g_array_set_size (self->stretches, 0);
  if (!attune_normalized_append_text (&self->now, text, length, bad_byte))
    return FALSE;
  if (length > 0)
    g_array_append_val (self->stretches, whole);

  return TRUE;
}

/* Whether steps would have made the text longer than is sane. */
gboolean
attune_passage_is_cut (const AttunePassage *self)
{
  return self->now.is_cut || self->next.is_cut;
}

/* Passes every stretch but the added tokens through func. What becomes empty is gone. */
void
attune_passage_alter (AttunePassage   *self,
                      AttuneAlterFunc  func,
                      gconstpointer    step)
{
  const AttuneNormalized old = self->now;
  guint n_kept = 0;

  self->next.length = 0;
  for (guint i = 0; i < self->stretches->len; i++)
    {
      AttuneStretch stretch = g_array_index (self->stretches, AttuneStretch, i);

      if (stretch.id < 0)
        {
          const gsize start = self->next.length;

          func (self, &stretch, step);
          stretch.start = start;
          stretch.end = self->next.length;
          if (stretch.start == stretch.end)
            continue;
        }
      g_array_index (self->stretches, AttuneStretch, n_kept++) = stretch;
    }
  g_array_set_size (self->stretches, n_kept);
  self->now = self->next;
  self->next = old;
}

/* Divides every stretch but the added tokens. */
void
attune_passage_divide (AttunePassage    *self,
                       AttuneDivideFunc  func,
                       gconstpointer     step)
{
  GArray *old = self->stretches;

  g_array_set_size (self->next_stretches, 0);
  for (guint i = 0; i < old->len; i++)
    {
      const AttuneStretch *stretch = &g_array_index (old, AttuneStretch, i);

      if (stretch->id < 0)
        func (self, stretch, step);
      else
        g_array_append_vals (self->next_stretches, stretch, 1);
    }
  self->stretches = self->next_stretches;
  self->next_stretches = old;
}

/* A part of the stretch that is being divided, as an added token if id is not -1. */
void
attune_passage_emit (AttunePassage *self,
                     gsize          start,
                     gsize          end,
                     gint32         id)
{
  AttuneStretch part = { .start = start, .end = end, .id = id };

  if (start >= end)
    return;

  part.span = attune_normalized_span (&self->now, start, end);
  part.origin = part.span.start;
  if (id >= 0)
    attune_count_white (self->now.bytes + start, end - start, &part.leading, &part.trailing);
  g_array_append_val (self->next_stretches, part);
}
