/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading UTF-8, strictly from outside and quickly where it has been checked. Private to this room.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gsize attune_utf8_read (const char *p,
                        const char *end,
                        gunichar   *c);

/* Bytes of the character that begins with first, in checked text. */
static inline gsize
attune_utf8_length (char first)
{
  const guint8 byte = (guint8) first;

  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/* The character at p, in checked text. */
static inline gunichar
attune_utf8_get (const char *p)
{
  return (guint8) *p < 0x80 ? (guint8) *p : g_utf8_get_char (p);
}

G_END_DECLS
