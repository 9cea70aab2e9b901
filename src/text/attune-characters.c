/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lower case, canonical decomposition and the blocks that count as Chinese. utf8proc knows the
 * first two; what its version of Unicode does not share with the reference tokenizer (lower case by
 * Unicode 17, decomposition by Unicode 9) is listed here.
 */
#include "config.h"

#include "attune-characters.h"

#include <utf8proc.h>

/* Letters that got a lower case after Unicode 15: first, last and the distance to it. */
static const struct {
  gunichar first;
  gunichar last;
  gint32 distance;
} later_lowercase[] = {
  { 0x1c89, 0x1c89, 1 },
  { 0xa7cb, 0xa7cb, 0x264 - 0xa7cb },
  { 0xa7cc, 0xa7cc, 1 },
  { 0xa7ce, 0xa7ce, 1 },
  { 0xa7d2, 0xa7d2, 1 },
  { 0xa7d4, 0xa7d4, 1 },
  { 0xa7da, 0xa7da, 1 },
  { 0xa7dc, 0xa7dc, 0x19b - 0xa7dc },
  { 0x10d50, 0x10d65, 0x20 },
  { 0x16ea0, 0x16eb8, 0x1b },
};

/* Characters whose decomposition is newer than Unicode 9, first and last. */
static const gunichar later_decomposition[][2] = {
  { 0x105c9, 0x105c9 }, { 0x105e4, 0x105e4 }, { 0x11383, 0x11391 }, { 0x113c5, 0x113c8 },
  { 0x11938, 0x11938 }, { 0x16121, 0x16128 }, { 0x16d68, 0x16d6a },
};

/* The blocks that are split into single characters. The reference starts extension E 256 characters
 * late, at U+2B920; that is kept, since models are run with it. Kana and Hangul do not count. */
gboolean
attune_character_is_cjk (gunichar c)
{
  if (c < 0x3400)
    return FALSE;

  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
         (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b81f) ||
         (c >= 0x2b920 && c <= 0x2ceaf) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0x2f800 && c <= 0x2fa1f);
}

/* Lower case of one character, whatever its neighbours and the locale: U+03A3 is never the final
 * sigma. U+0130 is not handled here, as it becomes two characters. */
gunichar
attune_character_to_lower (gunichar c)
{
  gunichar lower = utf8proc_tolower ((utf8proc_int32_t) c);

  if (lower != c || c < later_lowercase[0].first)
    return lower;

  for (gsize i = 0; i < G_N_ELEMENTS (later_lowercase); i++)
    {
      if (c < later_lowercase[i].first)
        break;
      if (c <= later_lowercase[i].last)
        return (gunichar) ((gint32) c + later_lowercase[i].distance);
    }

  return c;
}

/* Full canonical decomposition of c into decomposition (ATTUNE_MAX_DECOMPOSITION,). Returns the
 * number of characters, 1 with c itself if it has none. */
guint
attune_character_decompose (gunichar  c,
                            gunichar *decomposition)
{
  utf8proc_int32_t parts[ATTUNE_MAX_DECOMPOSITION];
  int boundary_class = 0;
  utf8proc_ssize_t n_parts;

  decomposition[0] = c;
  for (gsize i = 0; i < G_N_ELEMENTS (later_decomposition); i++)
    {
      if (c < later_decomposition[i][0])
        break;
      if (c <= later_decomposition[i][1])
        return 1;
    }

  n_parts = utf8proc_decompose_char ((utf8proc_int32_t) c, parts, ATTUNE_MAX_DECOMPOSITION,
                                     UTF8PROC_DECOMPOSE, &boundary_class);
  if (n_parts < 1 || n_parts > ATTUNE_MAX_DECOMPOSITION)
    return 1;

  for (utf8proc_ssize_t i = 0; i < n_parts; i++)
    decomposition[i] = (gunichar) parts[i];

  return (guint) n_parts;
}
