/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The 256 characters that stand for bytes in the vocabularies of byte-level models: printing ones
 * for themselves, the rest from U+0100 on. Private to this room.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_BYTE_SPACE 0x120 /* stands for the space */

static inline gunichar
attune_byte_character (guint8 byte)
{
  if (byte < 0x21)
    return 0x100 + byte;
  if (byte >= 0x7f && byte <= 0xa0)
    return 0x121 + (byte - 0x7f);
  if (byte == 0xad)
    return 0x143;

  return byte;
}

G_END_DECLS
