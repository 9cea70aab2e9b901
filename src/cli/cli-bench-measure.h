/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The measurements of attune-cli bench: plain numbers, no printing.
 */
#pragma once

#include "attune-trainer.h"
#include "cli-bench-material.h"

G_BEGIN_DECLS

/* Texts are cut at this, here and where another program is measured beside. */
#define CLI_BENCH_MAX_LENGTH 128
#define CLI_BENCH_BATCH 32

typedef struct {
  char *precision;             /* what was used */
  guint rows;
  gint threads;
  double sentences_per_second; /* steady state, as run_finished has it */
  double mean_tokens;          /* of a text, specials included */
  double fill;                 /* tokens over what its batches would be when padded */
  double flops_per_token;      /* 6·N + 12·L·H·S of the network without embeddings */
  double peak_gflops;          /* of the products, as measured; 0: not measured */
  double peak_memory_bytes;    /* of the process */
} CliBenchTraining;

gboolean cli_bench_train    (const CliBenchMaterial *material,
                             const char             *precision,
                             guint                   rows,
                             CliBenchTraining       *result,
                             GError                **error);
void     cli_bench_training_clear (CliBenchTraining *self);

typedef struct {
  double median;  /* seconds in the engine */
  double p90;
} CliBenchLatency;

/* One text of n tokens at a time. FALSE without an error when the model cannot read so many. */
gboolean cli_bench_latency  (const CliBenchMaterial *material,
                             AttuneTrainer          *trainer,
                             guint                   n_tokens,
                             guint                   repeats,
                             CliBenchLatency        *result,
                             GError                **error);
/* Seconds to turn all texts into ids on this thread; *n_tokens how many. Negative on error. */
double   cli_bench_tokenize (const CliBenchMaterial *material,
                             guint64                *n_tokens,
                             GError                **error);
/* Seconds to classify the first n texts of the file, tokens included. Negative on error. */
double   cli_bench_classify (const CliBenchMaterial *material,
                             AttuneTrainer          *trainer,
                             guint                   n,
                             GError                **error);

G_END_DECLS
