/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs and differences; see attune-parquet-runs.h. Bits are taken from eight bytes at a time, fewer
 * at the very end.
 * Source: the Parquet format, Encodings.md (RLE/bit-packing hybrid, BIT_PACKED,
 * DELTA_BINARY_PACKED).
 */
#include "config.h"

#include "attune-parquet-runs.h"

#include <string.h>

#define MOST_MINIBLOCKS 4096u
#define LARGEST_BLOCK (1u << 24)

/* n little-endian bytes, n at most 8; those beyond the end are 0. */
static guint64
load (const guint8 *data,
      gsize         length,
      gsize         at)
{
  guint64 word = 0;

  if (at < length)
    memcpy (&word, data + at, MIN (length - at, sizeof word));
  return GUINT64_FROM_LE (word);
}

/* width bits, at most 64, from a bit on, the lowest first. */
static guint64
take_bits (const guint8 *data,
           gsize         length,
           gsize         bit,
           guint         width)
{
  guint shift = bit & 7;
  guint64 bits;

  if (width == 0)
    return 0;
  bits = load (data, length, bit >> 3) >> shift;
  if (width + shift > 64)
    bits |= load (data, length, (bit >> 3) + 8) << (64 - shift);
  return width == 64 ? bits : bits & (((guint64) 1 << width) - 1);
}

static gboolean
read_varint (const guint8 *data,
             gsize         length,
             gsize        *position,
             guint64      *value)
{
  *value = 0;
  for (guint shift = 0; shift < 64 && *position < length; shift += 7)
    {
      guint8 byte = data[(*position)++];

      *value |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return TRUE;
    }
  return FALSE;
}

void
attune_parquet_runs_init (AttuneParquetRuns *self,
                          const guint8      *data,
                          gsize              length,
                          guint              width)
{
  *self = (AttuneParquetRuns) { .data = data, .length = length, .width = width };
}

void
attune_parquet_runs_init_old (AttuneParquetRuns *self,
                              const guint8      *data,
                              gsize              length,
                              guint              width)
{
  *self = (AttuneParquetRuns) { .data = data, .length = length, .width = width, .packed = data,
                                .is_packed = TRUE, .is_big_endian = TRUE, .position = length };
  self->left = width == 0 ? 0 : (guint64) length * 8 / width;
}

static gboolean
next_run (AttuneParquetRuns *self)
{
  guint n_bytes = (self->width + 7) / 8;
  guint64 header;

  if (!read_varint (self->data, self->length, &self->position, &header))
    return FALSE;
  self->is_packed = (header & 1) != 0;
  self->left = header >> 1;
  if (self->is_packed)
    {
      gsize room = self->length - self->position;

      /* Groups of eight; the last one may be cut where the values end. */
      if (self->left > G_MAXUINT32 || (self->width > 0 && self->left > room / self->width + 1))
        return FALSE;
      self->packed = self->data + self->position;
      self->bit = 0;
      room = MIN (room, self->left * self->width);
      self->left = self->width == 0 ? self->left * 8 : (guint64) room * 8 / self->width;
      self->position += room;
      return TRUE;
    }
  if (n_bytes > self->length - self->position)
    return FALSE;
  self->value = (guint32) take_bits (self->data + self->position, n_bytes, 0, n_bytes * 8);
  self->position += n_bytes;
  return TRUE;
}

gboolean
attune_parquet_runs_next (AttuneParquetRuns *self,
                          guint32           *value)
{
  while (self->left == 0)
    if (!next_run (self))
      return FALSE;
  self->left--;
  if (!self->is_packed)
    {
      *value = self->value;
      return TRUE;
    }
  if (self->is_big_endian)
    {
      *value = 0;
      for (guint i = 0; i < self->width; i++, self->bit++)
        *value = *value << 1 | (self->packed[self->bit >> 3] >> (7 - (self->bit & 7)) & 1);
      return TRUE;
    }
  *value = (guint32) take_bits (self->packed, self->length - (gsize) (self->packed - self->data),
                                self->bit, self->width);
  self->bit += self->width;
  return TRUE;
}

gboolean
attune_parquet_delta_init (AttuneParquetDelta *self,
                           const guint8       *data,
                           gsize               length)
{
  guint64 block_values, n_miniblocks, folded;

  *self = (AttuneParquetDelta) { .data = data, .length = length };
  if (!read_varint (data, length, &self->position, &block_values)
      || !read_varint (data, length, &self->position, &n_miniblocks)
      || !read_varint (data, length, &self->position, &self->left)
      || !read_varint (data, length, &self->position, &folded)
      || n_miniblocks == 0 || n_miniblocks > MOST_MINIBLOCKS || block_values > LARGEST_BLOCK
      || block_values % n_miniblocks != 0 || block_values / n_miniblocks % 8 != 0
      || block_values == 0 || self->left > G_MAXUINT32)
    return FALSE;
  self->value = (folded >> 1) ^ (0 - (folded & 1));
  self->block_values = (guint) block_values;
  self->n_miniblocks = (guint) n_miniblocks;
  self->miniblock_values = (guint) (block_values / n_miniblocks);
  self->miniblock = self->n_miniblocks;
  return TRUE;
}

static gboolean
next_miniblock (AttuneParquetDelta *self)
{
  gsize n_bytes, room;

  if (self->miniblock == self->n_miniblocks)
    {
      if (!read_varint (self->data, self->length, &self->position, &self->least)
          || self->n_miniblocks > self->length - self->position)
        return FALSE;
      self->least = (self->least >> 1) ^ (0 - (self->least & 1));
      self->widths = self->data + self->position;
      self->position += self->n_miniblocks;
      self->miniblock = 0;
    }
  self->width = self->widths[self->miniblock++];
  n_bytes = (gsize) self->miniblock_values / 8 * self->width;
  room = self->length - self->position;
  if (self->width > 64)
    return FALSE;
  /* Only the last may be cut, where its values end. */
  if (n_bytes > room
      && (self->left > self->miniblock_values || room < (self->left * self->width + 7) / 8))
    return FALSE;
  self->packed = self->data + self->position;
  self->packed_length = MIN (n_bytes, room);
  self->position += self->packed_length;
  self->miniblock_left = self->miniblock_values;
  self->bit = 0;
  return TRUE;
}

gboolean
attune_parquet_delta_next (AttuneParquetDelta *self,
                           gint64             *value)
{
  if (self->left == 0)
    return FALSE;
  *value = (gint64) self->value;
  self->left--;
  if (self->left == 0)
    return TRUE;
  if (self->miniblock_left == 0 && !next_miniblock (self))
    return FALSE;
  self->value += self->least
                 + take_bits (self->packed, self->packed_length, self->bit, self->width);
  self->bit += self->width;
  self->miniblock_left--;
  return TRUE;
}

gsize
attune_parquet_delta_end (AttuneParquetDelta self)
{
  /* The first value stands in front of the blocks. */
  guint64 left = self.left > 0 ? self.left - 1 : 0;

  while (left > 0)
    {
      self.left = left;
      if (!next_miniblock (&self))
        return 0;
      left -= MIN (left, self.miniblock_values);
    }
  return self.position;
}
