/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneKeyIndex: 64-bit keys to consecutive numbers, in the order of their first mention. Private
 * to this room.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_KEY_INDEX_NONE G_MAXUINT32

typedef struct {
  guint64 *keys;    /* (1 << bits,) */
  guint32 *numbers; /* (1 << bits,): ATTUNE_KEY_INDEX_NONE in a free slot */
  guint bits;
  guint32 n_keys;
} AttuneKeyIndex;

void    attune_key_index_init   (AttuneKeyIndex       *self);
void    attune_key_index_clear  (AttuneKeyIndex       *self);
guint32 attune_key_index_insert (AttuneKeyIndex       *self,
                                 guint64               key);
guint32 attune_key_index_lookup (const AttuneKeyIndex *self,
                                 guint64               key);

G_END_DECLS
