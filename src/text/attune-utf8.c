/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Strict UTF-8: neither surrogates, nor more bytes than needed, nor anything above U+10FFFF. U+0000
 * is a character like any other.
 */
#include "config.h"

#include "attune-utf8.h"

/* Reads one character of strict UTF-8. Returns its bytes, 0 if there is none. */
gsize
attune_utf8_read (const char *p,
                  const char *end,
                  gunichar   *c)
{
  static const gunichar smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const guint8 first = (guint8) *p;
  gsize length;

  if (first < 0x80)
    {
      *c = first;
      return 1;
    }

  if (first >= 0xc2 && first <= 0xdf)
    length = 2;
  else if (first >= 0xe0 && first <= 0xef)
    length = 3;
  else if (first >= 0xf0 && first <= 0xf4)
    length = 4;
  else
    return 0;

  if ((gsize) (end - p) < length)
    return 0;

  *c = first & (0x7f >> length);
  for (gsize i = 1; i < length; i++)
    {
      if (((guint8) p[i] & 0xc0) != 0x80)
        return 0;
      *c = *c << 6 | ((guint8) p[i] & 0x3f);
    }

  if (*c < smallest[length] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
    return 0;

  return length;
}
