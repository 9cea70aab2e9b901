/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A charsmap is a length, a double-array trie of that many bytes, and the replacements one after
 * the other, each ended by U+0000; the trie's values point among them. The trie is the one of
 * darts-clone; its indices come from the file, so each is checked as it is followed.
 *
 * A grapheme of less than 6 bytes is replaced as a whole by the rule for the shortest beginning of
 * it that has one, otherwise character by character. That this is so, and how the places of
 * characters follow, is the reference's (tokenizers 0.23.1, Precompiled).
 */
#include "config.h"

#include "attune-charsmap.h"

#include <string.h>

#include <utf8proc.h>

#include "attune-utf8.h"

#define MAX_WHOLE_GRAPHEME 6

/* What extends a grapheme since Unicode 15.1, which some releases of utf8proc do not know. */
static const gunichar later_extending[][2] = {
  { 0x897, 0x897 }, { 0x1acf, 0x1add }, { 0x1ae0, 0x1aeb }, { 0x10d69, 0x10d6d },
  { 0x10efa, 0x10efc }, { 0x113b8, 0x113c0 }, { 0x113c2, 0x113c2 }, { 0x113c5, 0x113c5 },
  { 0x113c7, 0x113ca }, { 0x113cc, 0x113d0 }, { 0x113d2, 0x113d2 }, { 0x113e1, 0x113e2 },
  { 0x11b60, 0x11b67 }, { 0x11f5a, 0x11f5a }, { 0x1611e, 0x1612f }, { 0x1e5ee, 0x1e5ef },
  { 0x1e6e3, 0x1e6e3 }, { 0x1e6e6, 0x1e6e6 }, { 0x1e6ee, 0x1e6ef }, { 0x1e6f5, 0x1e6f5 },
};

struct _AttuneCharsmap {
  guint32 *units; /* (n_units,) */
  gsize n_units;
  char *replacements; /* (n_replacements,), ended by U+0000 */
  gsize n_replacements;
};

/* NULL if bytes is not a charsmap. */
AttuneCharsmap *
attune_charsmap_new (const char *bytes,
                     gsize       length)
{
  AttuneCharsmap *self;
  const char *replacements;
  guint32 n_bytes;

  if (length < sizeof n_bytes)
    return NULL;
  memcpy (&n_bytes, bytes, sizeof n_bytes);
  n_bytes = GUINT32_FROM_LE (n_bytes);
  if (n_bytes > length - sizeof n_bytes || n_bytes % sizeof (guint32) != 0)
    return NULL;

  replacements = bytes + sizeof n_bytes + n_bytes;
  for (const char *p = replacements; p < bytes + length;)
    {
      gunichar c;
      const gsize n = attune_utf8_read (p, bytes + length, &c);

      if (n == 0)
        return NULL;
      p += n;
    }

  self = g_new0 (AttuneCharsmap, 1);
  self->n_units = n_bytes / sizeof (guint32);
  self->units = g_new (guint32, self->n_units);
  for (gsize i = 0; i < self->n_units; i++)
    {
      memcpy (&self->units[i], bytes + sizeof n_bytes + i * sizeof (guint32), sizeof (guint32));
      self->units[i] = GUINT32_FROM_LE (self->units[i]);
    }
  self->n_replacements = length - sizeof n_bytes - n_bytes;
  self->replacements = g_malloc (self->n_replacements + 1);
  if (self->n_replacements > 0)
    memcpy (self->replacements, replacements, self->n_replacements);
  self->replacements[self->n_replacements] = '\0';

  return self;
}

void
attune_charsmap_free (AttuneCharsmap *self)
{
  if (self == NULL)
    return;

  g_free (self->units);
  g_free (self->replacements);
  g_free (self);
}

static inline gsize
offset_of (guint32 unit)
{
  return (gsize) (unit >> 10) << ((unit & (1u << 9)) >> 6);
}

/* What replaces the bytes: the rule for the shortest beginning that has one. NULL: nothing. */
static const char *
find_replacement (const AttuneCharsmap *self,
                  const char           *bytes,
                  gsize                 length)
{
  gsize node = 0;
  guint32 unit, value;

  if (self->n_units == 0)
    return NULL;
  node = offset_of (self->units[0]);
  for (gsize i = 0; i < length && bytes[i] != '\0'; i++)
    {
      node ^= (guint8) bytes[i];
      if (node >= self->n_units)
        return NULL;
      unit = self->units[node];
      if ((unit & (1u << 31 | 0xff)) != (guint8) bytes[i])
        return NULL;
      node ^= offset_of (unit);
      if (unit >> 8 & 1)
        {
          if (node >= self->n_units)
            return NULL;
          value = self->units[node] & G_MAXINT32;
          /* In the midst of a character there is nothing either. */
          return value < self->n_replacements &&
                     ((guint8) self->replacements[value] & 0xc0) != 0x80
                   ? self->replacements + value
                   : NULL;
        }
    }

  return NULL;
}

/* n_old characters become those of replacement. */
static void
add_replacement (GArray     *changes,
                 guint       n_old,
                 const char *replacement)
{
  guint n_new = 0;

  for (const char *p = replacement; *p != '\0'; p += attune_utf8_length (*p))
    {
      const AttuneChange change = { attune_utf8_get (p), n_new >= n_old };

      g_array_append_val (changes, change);
      n_new++;
    }
  /* What has nothing left to belong to belongs to the character before. */
  if (n_new < n_old && changes->len > 0)
    g_array_index (changes, AttuneChange, changes->len - 1).change -= (gint) (n_old - n_new);
}

/* Not a control character: those are graphemes of their own. */
static gboolean
is_joinable (gunichar c)
{
  const utf8proc_property_t *property = utf8proc_get_property ((utf8proc_int32_t) c);

  return property->boundclass != UTF8PROC_BOUNDCLASS_CONTROL
         && property->boundclass != UTF8PROC_BOUNDCLASS_CR
         && property->boundclass != UTF8PROC_BOUNDCLASS_LF;
}

static gboolean
extends_later (gunichar c)
{
  for (gsize i = 0; i < G_N_ELEMENTS (later_extending) && c >= later_extending[i][0]; i++)
    if (c <= later_extending[i][1])
      return TRUE;

  return FALSE;
}

/* Bytes of the grapheme that begins at bytes, and its characters. */
static gsize
measure_grapheme (const char *bytes,
                  gsize       length,
                  guint      *n_characters)
{
  utf8proc_int32_t state = 0;
  gunichar last = attune_utf8_get (bytes);
  gsize end = attune_utf8_length (*bytes);

  *n_characters = 1;
  while (end < length)
    {
      const gunichar next = attune_utf8_get (bytes + end);

      /* Nothing that joins is below U+0300, but for CR and LF. */
      if (last < 0x300 && next < 0x300 && next != '\n')
        break;
      /* These join whatever is before, but for controls. */
      if (utf8proc_grapheme_break_stateful ((utf8proc_int32_t) last, (utf8proc_int32_t) next,
                                            &state)
          && !(extends_later (next) && is_joinable (last)))
        break;
      end += attune_utf8_length (bytes[end]);
      last = next;
      (*n_characters)++;
    }

  return end;
}

/* Appends the normalised stretch to passage->next. */
void
attune_charsmap_append (const AttuneCharsmap *self,
                        AttunePassage        *passage,
                        const AttuneStretch  *stretch)
{
  const AttuneNormalized *now = &passage->now;
  const char *bytes = now->bytes + stretch->start;
  const gsize length = stretch->end - stretch->start;
  gboolean changed = FALSE;
  guint n_characters;

  g_array_set_size (passage->changes, 0);
  for (gsize at = 0, end; at < length; at = end)
    {
      const char *replacement = NULL;

      end = at + measure_grapheme (bytes + at, length - at, &n_characters);
      if (end - at < MAX_WHOLE_GRAPHEME)
        replacement = find_replacement (self, bytes + at, end - at);
      if (replacement != NULL)
        {
          add_replacement (passage->changes, n_characters, replacement);
          changed = TRUE;
          continue;
        }

      for (gsize i = at, n; i < end; i += n)
        {
          const AttuneChange kept = { attune_utf8_get (bytes + i), 0 };

          n = attune_utf8_length (bytes[i]);
          replacement = find_replacement (self, bytes + i, n);
          if (replacement != NULL)
            {
              add_replacement (passage->changes, 1, replacement);
              changed = TRUE;
            }
          else
            {
              g_array_append_val (passage->changes, kept);
            }
        }
    }

  if (changed)
    attune_normalized_transform (&passage->next, now, stretch,
                                 (AttuneChange *) (gpointer) passage->changes->data,
                                 passage->changes->len);
  else
    attune_normalized_append (&passage->next, bytes, now->spans + stretch->start, length);
}
