/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of AttuneRunComparison, shared by its files: runs, settings, texts.
 */
#pragma once

#include "attune-run-comparison.h"
#include "attune-run-record.h"

G_BEGIN_DECLS

/* What remains of a run's predictions: enough to see whether another run answered the same rows. */
typedef struct {
  guint64 n_rows;       /* 0: none */
  char *texts_sha256;
  char *labels_sha256;  /* of their names, so that ids may differ */
  guint8 *right;        /* (N,) */
} AttuneComparedRows;

AttuneComparedRow *attune_compared_row_new  (const char *name,
                                             const char *title,
                                             guint       n_runs);
void               attune_compared_row_free (AttuneComparedRow *self);

/* Fills settings, and groups with their runs. */
void               attune_run_comparison_compare_settings (AttuneRunComparison     *self,
                                                           AttuneRunRecord * const *records);
/* Fills scores. */
void               attune_run_comparison_list_scores      (AttuneRunComparison     *self);

G_END_DECLS
