/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The runs that wait for their turn, as a file beside the runs: what each is to be made of, as a
 * run's record says it before it has begun. Nothing but their order and that is kept.
 */
#pragma once

#include "attune-run-record.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_MOST_WAITING_RUNS 200

/* (transfer full): job as a record, with the errors of attune_trainer_start(). */
AttuneRunRecord *attune_waiting_run_new     (const AttuneTrainJob *job,
                                             GError              **error);
/* (transfer full): queue.json among the runs. */
char            *attune_waiting_runs_get_path (void);
/* (transfer full) (element-type AttuneRunRecord): none when there is no file. */
GPtrArray       *attune_waiting_runs_load   (GError              **error);
GPtrArray       *attune_waiting_runs_parse  (const char           *json,
                                             gsize                 length,
                                             const char           *source_name,
                                             GError              **error);
/* As a whole or not at all; no record takes the file away. */
gboolean         attune_waiting_runs_save   (GPtrArray            *records,
                                             GError              **error);

G_END_DECLS
