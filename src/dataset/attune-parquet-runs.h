/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: small numbers in runs, as levels and the indices of dictionaries are
 * written, and numbers as differences. One at a time, so that a count that a file claims costs no memory.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs of a value (RLE) and stretches of values packed bit by bit. data is borrowed. */
typedef struct {
  const guint8 *data;
  gsize length;
  gsize position;
  guint width;         /* bits of a value, at most 32 */
  guint64 left;        /* of the run at hand */
  guint32 value;       /* … if it repeats one */
  gboolean is_packed;
  gboolean is_big_endian; /* the older packing of levels: one stretch, highest bit first */
  const guint8 *packed;
  gsize bit;
} AttuneParquetRuns;

void     attune_parquet_runs_init     (AttuneParquetRuns  *self,
                                       const guint8       *data,
                                       gsize               length,
                                       guint               width);
void     attune_parquet_runs_init_old (AttuneParquetRuns  *self,
                                       const guint8       *data,
                                       gsize               length,
                                       guint               width);
/* FALSE where the bytes end or are no run */
gboolean attune_parquet_runs_next     (AttuneParquetRuns  *self,
                                       guint32            *value);

/* DELTA_BINARY_PACKED. data is borrowed. */
typedef struct {
  const guint8 *data;
  gsize length;
  gsize position;      /* of what follows the miniblock at hand */
  guint64 left;        /* values not handed out yet */
  guint64 value;       /* the next one */
  guint block_values;
  guint n_miniblocks;
  guint miniblock_values;
  guint64 least;       /* of the block: added to each of its differences */
  const guint8 *widths;
  guint miniblock;     /* the next of the block */
  guint width;
  guint miniblock_left;
  const guint8 *packed;
  gsize packed_length;
  gsize bit;
} AttuneParquetDelta;

gboolean attune_parquet_delta_init    (AttuneParquetDelta *self,
                                       const guint8       *data,
                                       gsize               length);
gboolean attune_parquet_delta_next    (AttuneParquetDelta *self,
                                       gint64             *value);
/* Where the numbers end and what follows them begins; 0 if they do not end in the data.
 * Uses a copy. */
gsize    attune_parquet_delta_end     (AttuneParquetDelta  self);

G_END_DECLS
