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

#include "attune-utf8.h"

static gboolean
reserve (AttuneNormalized *self,
         gsize             n_more)
{
  if (self->is_cut || self->length + n_more > self->limit)
    {
      self->is_cut = TRUE;
      return FALSE;
    }
  if (self->allocated - self->length >= n_more)
    return TRUE;

  self->allocated = MAX (self->length + n_more, self->allocated * 2);
  self->allocated = MAX (self->allocated, 256);
  self->bytes = g_realloc (self->bytes, self->allocated);
  self->spans = g_renew (AttuneSpan, self->spans, self->allocated);

  return TRUE;
}

/* Makes it empty; it must not become longer than limit. */
void
attune_normalized_clear (AttuneNormalized *self,
                         gsize             limit)
{
  self->length = 0;
  self->limit = limit;
  self->is_cut = FALSE;
}

/* A text as it came. FALSE, with the offset in bad_byte, where it is not UTF-8. */
gboolean
attune_normalized_append_text (AttuneNormalized *self,
                               const char       *text,
                               gsize             length,
                               gsize            *bad_byte)
{
  if (length == 0)
    return TRUE;
  *bad_byte = 0;
  if (!reserve (self, length))
    return FALSE;

  for (gsize i = 0; i < length;)
    {
      const guint8 first = (guint8) text[i];
      gunichar c;
      const gsize n = first < 0x80 ? 1 : attune_utf8_read (text + i, text + length, &c);

      if (n == 0)
        {
          *bad_byte = i;
          return FALSE;
        }
      for (gsize j = i; j < i + n; j++)
        self->spans[self->length + j] = (AttuneSpan) { (guint32) i, (guint32) (i + n) };
      i += n;
    }
  memcpy (self->bytes + self->length, text, length);
  self->length += length;

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
