/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text that is changed step by step while it is known where each byte comes from. A step reads
 * the text of before and writes a new one, so that any number of changes costs linear time.
 *
 * Which old character a new one belongs to is the reference's rule (tokenizers 0.23.1,
 * NormalizedString), as is the place of what is put in front: that of the first character.
 */
#include "config.h"

#include "attune-normalized.h"

#include <string.h>

#include "attune-character-ranges.h"
#include "attune-utf8.h"

/* Replacements come from a file and could multiply a text at each step. */
#define MAX_GROWTH 32
#define MIN_LIMIT (64 << 10)

static gboolean
reserve (AttuneNormalized *self,
         gsize             n_more)
{
  if (self->allocated - self->length >= n_more)
    return TRUE;
  if (self->is_cut || n_more > self->limit - self->length)
    {
      self->is_cut = TRUE;
      return FALSE;
    }

  self->allocated = MAX (self->length + n_more, self->allocated * 2);
  self->allocated = MAX (self->allocated, 256);
  self->bytes = g_realloc (self->bytes, self->allocated);
  self->spans = g_renew (AttuneSpan, self->spans, self->allocated);

  return TRUE;
}

void
attune_normalized_append (AttuneNormalized *self,
                          const char       *bytes,
                          const AttuneSpan *spans,
                          gsize             length)
{
  if (length == 0 || !reserve (self, length))
    return;

  memcpy (self->bytes + self->length, bytes, length);
  memcpy (self->spans + self->length, spans, length * sizeof *spans);
  self->length += length;
}

/* Bytes that all come from one place. */
void
attune_normalized_append_at (AttuneNormalized *self,
                             const char       *bytes,
                             gsize             length,
                             AttuneSpan        span)
{
  if (!reserve (self, length))
    return;

  for (gsize i = 0; i < length; i++)
    {
      self->bytes[self->length + i] = bytes[i];
      self->spans[self->length + i] = span;
    }
  self->length += length;
}

void
attune_normalized_append_char (AttuneNormalized *self,
                               gunichar          c,
                               AttuneSpan        span)
{
  char bytes[6];

  attune_normalized_append_at (self, bytes, (gsize) g_unichar_to_utf8 (c, bytes), span);
}

/* Appends what changes make of a stretch of old. */
void
attune_normalized_transform (AttuneNormalized       *self,
                             const AttuneNormalized *old,
                             const AttuneStretch    *stretch,
                             const AttuneChange     *changes,
                             gsize                   n_changes)
{
  const AttuneSpan at_start = { stretch->origin, stretch->origin };
  gsize at = stretch->start;

  for (gsize i = 0; i < n_changes; i++)
    {
      AttuneSpan span = at > stretch->start ? old->spans[at - 1] : at_start;

      if (changes[i].change <= 0)
        {
          if (at < stretch->end)
            span = old->spans[at];
          for (gint n = changes[i].change; n <= 0 && at < stretch->end; n++)
            at += attune_utf8_length (old->bytes[at]);
        }
      attune_normalized_append_char (self, changes[i].c, span);
    }
}

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
  AttuneNormalized *now = &self->now;

  now->length = self->next.length = 0;
  now->is_cut = self->next.is_cut = FALSE;
  now->limit = self->next.limit = MAX (length * MAX_GROWTH, MIN_LIMIT);
  g_array_set_size (self->stretches, 0);
  if (!reserve (now, length))
    return FALSE;
  for (gsize i = 0; i < length;)
    {
      gunichar c;
      gsize n_bytes = 1;

      if ((guint8) text[i] >= 0x80)
        n_bytes = attune_utf8_read (text + i, text + length, &c);
      if (n_bytes == 0)
        {
          *bad_byte = i;
          return FALSE;
        }
      for (gsize j = i; j < i + n_bytes; j++)
        now->spans[j] = (AttuneSpan) { (guint32) i, (guint32) (i + n_bytes) };
      i += n_bytes;
    }
  if (length > 0)
    {
      const AttuneStretch whole = { .end = length, .id = -1 };

      memcpy (now->bytes, text, length);
      g_array_append_val (self->stretches, whole);
    }
  now->length = length;

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

/* Where the bytes from start to end come from; not empty unless they are all put in at the start. */
AttuneSpan
attune_normalized_span (const AttuneNormalized *self,
                        gsize                   start,
                        gsize                   end)
{
  AttuneSpan span = { self->spans[start].start, self->spans[end - 1].end };

  /* Canonical ordering can leave the last character before the first. */
  span.end = MAX (span.end, span.start);

  return span;
}
