/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NFC, NFD, NFKC and NFKD. utf8proc knows the decompositions; the reference (tokenizers 0.23.1)
 * normalises by Unicode 9, so what has come since is listed here and left alone. Characters that
 * Unicode 9 has keep their forms for ever, so any later utf8proc gives the same ids.
 */
#include "config.h"

#include "attune-unicode-form.h"

#include <utf8proc.h>

#include "attune-characters.h"
#include "attune-utf8.h"

/* U+FDFA is the longest. */
#define MAX_DECOMPOSITION 18
/* No combining character is below. */
#define FIRST_COMBINING 0x300

typedef struct {
  gunichar first;
  gunichar last;
} Range;

/* What has got a compatibility decomposition after Unicode 9. Canonical ones:
 * attune_character_decompose(). */
static const Range later_compatibility[] = {
  { 0x558, 0x558 }, { 0x58b, 0x58c }, { 0x209d, 0x209f }, { 0x32ff, 0x32ff }, { 0xa7f1, 0xa7f4 },
  { 0xab69, 0xab69 }, { 0x10781, 0x10785 }, { 0x10787, 0x107b0 }, { 0x107b2, 0x107bf },
  { 0x1b123, 0x1b126 }, { 0x1ccd6, 0x1ccf9 }, { 0x1d6a6, 0x1d6a6 }, { 0x1df95, 0x1df95 },
  { 0x1dfcd, 0x1dfff }, { 0x1e030, 0x1e06d }, { 0x1f16c, 0x1f16c }, { 0x1fbf0, 0x1fbf9 },
};

/* What has got a combining class after Unicode 9. */
static const Range later_combining[] = {
  { 0x5c8, 0x5c9 }, { 0x7fd, 0x7fd }, { 0x897, 0x89f }, { 0x8ca, 0x8d3 }, { 0x9fe, 0x9fe },
  { 0xc3c, 0xc3c }, { 0xd3b, 0xd3c }, { 0xeba, 0xeba }, { 0x1715, 0x1715 }, { 0x1abf, 0x1af0 },
  { 0x1df6, 0x1dfa }, { 0xa82c, 0xa82c }, { 0x10d24, 0x10d27 }, { 0x10d69, 0x10d6d },
  { 0x10eab, 0x10eac }, { 0x10ecb, 0x10ecf }, { 0x10ef0, 0x10efb }, { 0x10efd, 0x10eff },
  { 0x10f46, 0x10f50 }, { 0x10f82, 0x10f85 }, { 0x11070, 0x11070 }, { 0x1133b, 0x1133b },
  { 0x113ce, 0x113d0 }, { 0x1145e, 0x1145e }, { 0x11839, 0x1183a }, { 0x1193d, 0x1193e },
  { 0x11943, 0x11943 }, { 0x119e0, 0x119e0 }, { 0x11a34, 0x11a34 }, { 0x11a47, 0x11a47 },
  { 0x11a99, 0x11a99 }, { 0x11d42, 0x11d42 }, { 0x11d44, 0x11d45 }, { 0x11d97, 0x11d97 },
  { 0x11f41, 0x11f42 }, { 0x1612f, 0x1612f }, { 0x16ff0, 0x16ff1 }, { 0x1d127, 0x1d128 },
  { 0x1d250, 0x1d252 }, { 0x1d25b, 0x1d25c }, { 0x1d25f, 0x1d25f }, { 0x1d280, 0x1d281 },
  { 0x1e08f, 0x1e08f }, { 0x1e130, 0x1e136 }, { 0x1e2ae, 0x1e2ae }, { 0x1e2ec, 0x1e2ef },
  { 0x1e4ec, 0x1e4ef }, { 0x1e5ee, 0x1e5ef }, { 0x1e6e3, 0x1e6e3 }, { 0x1e6e6, 0x1e6e6 },
  { 0x1e6ee, 0x1e6ef }, { 0x1e6f5, 0x1e6f5 },
};

static gboolean
is_in (const Range *ranges,
       gsize        n_ranges,
       gunichar     c)
{
  gsize low = 0;
  gsize high = n_ranges;

  while (low < high)
    {
      const gsize middle = (low + high) / 2;

      if (c < ranges[middle].first)
        high = middle;
      else if (c > ranges[middle].last)
        low = middle + 1;
      else
        return TRUE;
    }

  return FALSE;
}

static guint
combining_class (gunichar c)
{
  guint class;

  if (c < FIRST_COMBINING)
    return 0;

  class = utf8proc_get_property ((utf8proc_int32_t) c)->combining_class;

  return class > 0 && is_in (later_combining, G_N_ELEMENTS (later_combining), c) ? 0 : class;
}

/* parts (MAX_DECOMPOSITION,) */
static guint
decompose (gunichar  c,
           gboolean  compatibility,
           gunichar *parts)
{
  utf8proc_int32_t found[MAX_DECOMPOSITION];
  int boundary_class = 0;
  utf8proc_ssize_t n;

  if (c < 0x80)
    {
      parts[0] = c;
      return 1;
    }
  if (!compatibility || is_in (later_compatibility, G_N_ELEMENTS (later_compatibility), c))
    return attune_character_decompose (c, parts);

  /* utf8proc would follow a later canonical decomposition, too. */
  if (attune_character_decompose (c, parts) == 1 && parts[0] == c &&
      utf8proc_get_property ((utf8proc_int32_t) c)->decomp_type == 0)
    return 1;

  n = utf8proc_decompose_char ((utf8proc_int32_t) c, found, MAX_DECOMPOSITION,
                               UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary_class);
  if (n < 1 || n > MAX_DECOMPOSITION)
    return 1;
  for (utf8proc_ssize_t i = 0; i < n; i++)
    parts[i] = (gunichar) found[i];

  return (guint) n;
}

/* The character that is first and second in one, or 0. */
static gunichar
compose (gunichar first,
         gunichar second)
{
  utf8proc_int32_t pair[] = { (utf8proc_int32_t) first, (utf8proc_int32_t) second };
  gunichar parts[MAX_DECOMPOSITION];
  utf8proc_ssize_t n;

  /* Ideographs and their neighbours never combine. */
  if (second < FIRST_COMBINING || (second >= 0x3400 && second <= 0xa4cf))
    return 0;

  n = utf8proc_normalize_utf32 (pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  /* One that decomposes in no way known to the reference is newer than it. */
  if (n != 1 || attune_character_decompose ((gunichar) pair[0], parts) == 1)
    return 0;

  return (gunichar) pair[0];
}

/* Puts the characters from first on into canonical order: a stable sort by insertion where few have
 * to move, as everywhere in real text, and by counting where there are many. */
static void
order (GArray *changes,
       guint   first)
{
  AttuneChange *change = &g_array_index (changes, AttuneChange, first);
  const guint n = changes->len - first;
  g_autofree AttuneChange *old = NULL;
  guint starts[257] = { 0 };

  if (n < 2)
    return;
  if (n <= 16)
    {
      for (guint i = 1; i < n; i++)
        for (guint j = i;
             j > 0 && combining_class (change[j - 1].c) > combining_class (change[j].c); j--)
          {
            const AttuneChange swap = change[j];

            change[j] = change[j - 1];
            change[j - 1] = swap;
          }
      return;
    }

  old = g_memdup2 (change, n * sizeof *change);
  for (guint i = 0; i < n; i++)
    starts[combining_class (old[i].c) + 1]++;
  for (guint i = 1; i < G_N_ELEMENTS (starts); i++)
    starts[i] += starts[i - 1];
  for (guint i = 0; i < n; i++)
    change[starts[combining_class (old[i].c)]++] = old[i];
}

static void
add_decomposed (GArray      *changes,
                const char  *bytes,
                gsize        length,
                gboolean     compatibility)
{
  guint first_combining = 0;

  for (gsize i = 0; i < length; i += attune_utf8_length (bytes[i]))
    {
      gunichar parts[MAX_DECOMPOSITION];
      const guint n = decompose (attune_utf8_get (bytes + i), compatibility, parts);

      for (guint j = 0; j < n; j++)
        {
          const AttuneChange change = { parts[j], j > 0 };

          if (combining_class (parts[j]) == 0)
            {
              order (changes, first_combining);
              g_array_append_val (changes, change);
              first_combining = changes->len;
            }
          else
            {
              g_array_append_val (changes, change);
            }
        }
    }
  order (changes, first_combining);
}

/* Composes in place, by the algorithm of Unicode Standard Annex 15. A character that goes into
 * another takes the old characters it stood for along. */
static void
compose_changes (GArray *changes)
{
  AttuneChange *change = (AttuneChange *) (gpointer) changes->data;
  guint n_kept = 0;
  gint starter = -1;    /* index of the last one */
  gint last_class = -1; /* of what is between it and here; -1: nothing is */

  for (guint i = 0; i < changes->len; i++)
    {
      const gint class = (gint) combining_class (change[i].c);

      if (starter >= 0 && (last_class < 0 || (last_class < class && last_class > 0)))
        {
          const gunichar composed = compose (change[starter].c, change[i].c);

          if (composed != 0)
            {
              change[starter].c = composed;
              change[starter].change += change[i].change - 1;
              continue;
            }
        }
      if (class == 0)
        {
          starter = (gint) n_kept;
          last_class = -1;
        }
      else
        {
          last_class = class;
        }
      change[n_kept++] = change[i];
    }
  g_array_set_size (changes, n_kept);
}

/* Appends the normalised stretch to passage->next. */
void
attune_unicode_form_append (AttunePassage       *passage,
                            const AttuneStretch *stretch,
                            gboolean             compatibility,
                            gboolean             compose)
{
  const AttuneNormalized *now = &passage->now;
  const char *bytes = now->bytes + stretch->start;
  const gsize length = stretch->end - stretch->start;
  gsize n_ascii = 0;

  while (n_ascii < length && (guint8) bytes[n_ascii] < 0x80)
    n_ascii++;
  if (n_ascii == length)
    {
      attune_normalized_append (&passage->next, bytes, now->spans + stretch->start, length);
      return;
    }

  g_array_set_size (passage->changes, 0);
  add_decomposed (passage->changes, bytes, length, compatibility);
  if (compose)
    compose_changes (passage->changes);
  attune_normalized_transform (&passage->next, now, stretch,
                               (AttuneChange *) (gpointer) passage->changes->data,
                               passage->changes->len);
}
