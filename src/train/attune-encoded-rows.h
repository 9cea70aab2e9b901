/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneEncodedRows: the token ids of a data set, packed, immutable, shared between threads.
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"
#include "attune-row-chunks.h"
#include "attune-tokenizer.h"

G_BEGIN_DECLS

/* No row is longer than this many tokens. */
#define ATTUNE_LONGEST_ROW 65535

typedef struct {
  guint n_rows;      /* N */
  gint32 *ids;       /* (T,) */
  guint64 *offsets;  /* (N+1,) */
  guint8 *type_ids;  /* (T,) or NULL when all zero */
  guint *full;       /* (N,) tokens without truncation */
  guint window;      /* 0: a row is one sequence; else a longer one is several of so many tokens */
  gint ref_count;
} AttuneEncodedRows;

/* max_length 0: no truncation below 65535. On all processors; long: call off the main thread. */
AttuneEncodedRows *attune_encoded_rows_new   (AttuneDataset      *dataset,
                                              AttuneTokenizer    *tokenizer,
                                              guint               max_length,
                                              GCancellable       *cancellable,
                                              GError            **error);
/* All rows without truncation, from the cache where the same texts have been tokenized before. */
AttuneEncodedRows *attune_encoded_rows_new_cached (AttuneDataset           *dataset,
                                                   AttuneTokenizer         *tokenizer,
                                                   const AttuneRowThreads  *threads,
                                                   GCancellable            *cancellable,
                                                   GError                 **error);
AttuneEncodedRows *attune_encoded_rows_ref   (AttuneEncodedRows  *self);
void               attune_encoded_rows_unref (AttuneEncodedRows  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneEncodedRows, attune_encoded_rows_unref)
guint              attune_encoded_rows_get_length (const AttuneEncodedRows *self,
                                                   guint                    row);
/* p99 of n lengths in tokens rounded up to 16, at most limit. */
guint              attune_propose_max_length (const guint *lengths,
                                              guint        n,
                                              guint        limit);
/* The same of self's full lengths. */
guint              attune_encoded_rows_propose_max_length (const AttuneEncodedRows *self,
                                                           guint                    limit);

G_END_DECLS
