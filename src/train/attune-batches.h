/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows make up which batch of which epoch: a function of (seed, epoch) alone; and packing the
 * rows of a batch for the engine.
 */
#pragma once

#include "attune-encoded-rows.h"
#include "engine.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_SAMPLING_GROUP_BY_LENGTH,
  ATTUNE_SAMPLING_RANDOM,
  ATTUNE_SAMPLING_SEQUENTIAL,
  ATTUNE_SAMPLING_BALANCED,
} AttuneSampling;

typedef struct {
  AttuneSampling sampling;
  guint64 seed;
  guint n_rows;
  guint batch_size;      /* rows of a micro-batch; the last of an epoch may be smaller */
  guint accumulation;    /* micro-batches of a step; the last step of an epoch may have fewer */
  guint n_batches;       /* of an epoch */
  guint steps_per_epoch;
  const gint32 *labels;  /* (n_rows,) borrowed; for balanced sampling alone */
  guint n_labels;
} AttuneBatches;

void     attune_batches_init  (AttuneBatches           *self,
                               AttuneSampling           sampling,
                               guint64                  seed,
                               guint                    n_rows,
                               guint                    batch_size,
                               guint                    accumulation);
/* (n_rows,) positions in the order of epoch (from 0); lengths (n_rows,). (transfer full) */
guint   *attune_batches_order (const AttuneBatches     *self,
                               const guint             *lengths,
                               guint                    epoch);

/* A batch in the engine's packed form; the arrays are reused from batch to batch. */
typedef struct {
  GArray *ids;      /* gint32 (T,) */
  GArray *offsets;  /* gint32 (B+1,) */
  GArray *type_ids; /* guint8 (T,), used when the rows have them */
  GArray *labels;   /* gint32 (N,) */
  GArray *targets;  /* float (N, C) */
  GArray *texts;    /* gint32 (N+1,), used when a row is several sequences */
  guint n_rows;     /* N */
  AttuneEngineBatch batch;
} AttunePackedBatch;

void     attune_packed_batch_init  (AttunePackedBatch       *self);
void     attune_packed_batch_clear (AttunePackedBatch       *self);
/* rows (n,) of encoded; labels of all its rows, or NULL. */
void     attune_packed_batch_fill  (AttunePackedBatch       *self,
                                    const AttuneEncodedRows *encoded,
                                    const gint32            *labels,
                                    const guint             *rows,
                                    guint                    n);
/* After that: targets of as many rows of dataset, numbers[rows[0]] and so on, instead of labels. */
void     attune_packed_batch_set_targets (AttunePackedBatch *self,
                                    AttuneDataset           *dataset,
                                    const guint             *numbers,
                                    const guint             *rows);

G_END_DECLS
