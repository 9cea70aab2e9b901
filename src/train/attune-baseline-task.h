/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Base lines computed on a thread of their own while the model trains.
 */
#pragma once

#include "attune-baselines.h"

G_BEGIN_DECLS

typedef struct _AttuneBaselineTask AttuneBaselineTask;

/* Row arrays (guint) are shared and must not change; validation may be the same data set. */
AttuneBaselineTask *attune_baseline_task_new     (AttuneDataset       *dataset,
                                                  GArray              *train_rows,
                                                  AttuneDataset       *validation,
                                                  GArray              *validation_rows,
                                                  AttuneTokenizer     *tokenizer);
/* Cancels and joins. */
void                attune_baseline_task_free    (AttuneBaselineTask  *self);
gboolean            attune_baseline_task_is_done (AttuneBaselineTask  *self);
/* Waits for the thread; FALSE when there are no numbers. Once only. */
gboolean            attune_baseline_task_collect (AttuneBaselineTask  *self,
                                                  AttuneBaselines     *baselines);

G_END_DECLS
