/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Open addressing with linear probing, at most half full; nothing is ever removed.
 */
#include "config.h"

#include "attune-key-index.h"

#include <string.h>

#define INITIAL_BITS 12

static gsize
find_slot (const AttuneKeyIndex *self,
           guint64               key)
{
  const gsize mask = ((gsize) 1 << self->bits) - 1;
  /* Fold the upper half in, then Fibonacci hashing. */
  const guint64 product = (key ^ key >> 29) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  gsize slot = (gsize) (product >> (64 - self->bits));

  while (self->numbers[slot] != ATTUNE_KEY_INDEX_NONE && self->keys[slot] != key)
    slot = (slot + 1) & mask;

  return slot;
}

static void
allocate (AttuneKeyIndex *self)
{
  const gsize n_slots = (gsize) 1 << self->bits;

  self->keys = g_new (guint64, n_slots);
  self->numbers = g_new (guint32, n_slots);
  memset (self->numbers, 0xff, n_slots * sizeof *self->numbers);
}

static void
grow (AttuneKeyIndex *self)
{
  g_autofree guint64 *old_keys = g_steal_pointer (&self->keys);
  g_autofree guint32 *old_numbers = g_steal_pointer (&self->numbers);
  const gsize n_old_slots = (gsize) 1 << self->bits;

  self->bits++;
  allocate (self);
  for (gsize i = 0; i < n_old_slots; i++)
    {
      gsize slot;

      if (old_numbers[i] == ATTUNE_KEY_INDEX_NONE)
        continue;
      slot = find_slot (self, old_keys[i]);
      self->keys[slot] = old_keys[i];
      self->numbers[slot] = old_numbers[i];
    }
}

void
attune_key_index_init (AttuneKeyIndex *self)
{
  self->bits = INITIAL_BITS;
  self->n_keys = 0;
  allocate (self);
}

void
attune_key_index_clear (AttuneKeyIndex *self)
{
  g_clear_pointer (&self->keys, g_free);
  g_clear_pointer (&self->numbers, g_free);
}

/* The number of key, which is n_keys before the call if it is new. */
guint32
attune_key_index_insert (AttuneKeyIndex *self,
                         guint64         key)
{
  gsize slot = find_slot (self, key);

  if (self->numbers[slot] != ATTUNE_KEY_INDEX_NONE)
    return self->numbers[slot];

  self->keys[slot] = key;
  self->numbers[slot] = self->n_keys++;
  if ((gsize) self->n_keys * 2 > (gsize) 1 << self->bits)
    grow (self);

  return self->n_keys - 1;
}

/* The number of key, or ATTUNE_KEY_INDEX_NONE. */
guint32
attune_key_index_lookup (const AttuneKeyIndex *self,
                         guint64               key)
{
  return self->numbers[find_slot (self, key)];
}
