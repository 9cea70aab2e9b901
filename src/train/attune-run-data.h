/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunData: the data of a run, read again as its record says: to go on with the run, or to
 * repeat it.
 */
#pragma once

#include "attune-run-record.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

typedef struct {
  char *folder;              /* of the run */
  AttuneRunRecord *record;
  AttuneDataset *dataset;    /* amended, all rows */
  AttuneDataset *validation; /* nullable */
} AttuneRunData;

AttuneRunData *attune_run_data_read (const char          *folder,
                                     GCancellable        *cancellable,
                                     GError             **error);
void           attune_run_data_free (AttuneRunData       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunData, attune_run_data_free)

/* Whether a run that goes on may have this setting otherwise than it began. */
gboolean       attune_run_data_may_change (const char    *setting);
/* FALSE with ATTUNE_TRAIN_ERROR_SETTING where they differ in any other. */
gboolean       attune_run_data_check_config (AttuneTrainConfig   *before,
                                     AttuneTrainConfig   *config,
                                     GError             **error);
/* A job that goes on with the run as it is recorded; it borrows from self. */
void           attune_run_data_fill_job (AttuneRunData   *self,
                                     AttuneTrainJob      *job);

G_END_DECLS
