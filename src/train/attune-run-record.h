/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRunRecord: what run.json says of a run, written once when training begins.
 */
#pragma once

#include "attune-run.h"

G_BEGIN_DECLS

typedef struct {
  char *title;
  gint64 created;               /* Unix seconds */
  AttuneTrainConfig *config;    /* as set; "auto" stays "auto" */
  AttuneRunSource *source;
  char *validation_sha256;      /* nullable */
  guint64 train_rows;
  guint64 validation_rows;
  char **labels;
  char *model_path;             /* folder the weights came from */
  char *head;                   /* nullable: file that the classifier came from */
  guint64 model_weights;
  /* what "auto" became; obeyed when the run is resumed */
  double learning_rate;
  guint max_length;
  gint64 steps;
  gint64 steps_per_epoch;
  char *device;
  char *precision;
  gint threads;
  /* what the device was measured to be fast at before that */
  char *probed_precision;       /* "auto" stands for it */
  double fp32_gflops;           /* 0: not measured */
  double bf16_gflops;
  char *paths;
  /* what computed */
  char *engine;
  char *engine_version;
  char *engine_blas;
  char *engine_capability;
} AttuneRunRecord;

AttuneRunRecord *attune_run_record_new     (void);
void             attune_run_record_free    (AttuneRunRecord       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunRecord, attune_run_record_free)

AttuneRunSource *attune_run_source_copy    (const AttuneRunSource *self);

char            *attune_run_record_to_json (const AttuneRunRecord *self);
AttuneRunRecord *attune_run_record_parse   (const char            *json,
                                            gsize                  length,
                                            const char            *source_name,
                                            GError               **error);
/* Reads run.json of a run's folder. */
AttuneRunRecord *attune_run_record_load    (const char            *folder,
                                            GError               **error);

G_END_DECLS
