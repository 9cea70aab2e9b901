/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the fake engine share: its objects and the functions of its table.
 */
#pragma once

#include "fake-model.h"
#include "fake-script.h"

#define FAKE_MAX_RESULTS 1024

struct AttuneEngine {
  FakeScript script;
  int32_t threads;
  unsigned n_models; /* made so far */
};

struct AttuneEngineModel {
  AttuneEngine *engine;
  FakeModel *fake;
  bool trainable, lost;
  uint64_t step; /* under way; 0: none */
  uint32_t next_micro_batch;
  AttuneEngineStepResult running;
  AttuneEngineStepResult results[FAKE_MAX_RESULTS];
  size_t n_results;
};

AttuneEngineStatus fake_report (AttuneEngineError *error, AttuneEngineStatus status,
                                const char *format, ...)
  __attribute__ ((format (printf, 3, 4)));
AttuneEngineStatus fake_out_of_memory (AttuneEngineError *error);

AttuneEngineStatus fake_count_tensors (AttuneEngineModel *model, size_t *n_tensors,
                                       AttuneEngineError *error);
AttuneEngineStatus fake_describe_tensor (AttuneEngineModel *model, size_t index,
                                         AttuneEngineTensor *tensor, AttuneEngineError *error);
AttuneEngineStatus fake_read_tensor (AttuneEngineModel *model, size_t index,
                                     AttuneEngineTensor *tensor, AttuneEngineError *error);
AttuneEngineStatus fake_write_tensor (AttuneEngineModel *model, const AttuneEngineTensor *tensor,
                                      AttuneEngineError *error);
AttuneEngineStatus fake_init_tensor (AttuneEngineModel *model, const char *name,
                                     double standard_deviation, uint64_t seed,
                                     AttuneEngineError *error);
AttuneEngineStatus fake_count_state (AttuneEngineModel *model, size_t *n_tensors,
                                     uint64_t *updates, AttuneEngineError *error);
AttuneEngineStatus fake_describe_state (AttuneEngineModel *model, size_t index,
                                        AttuneEngineTensor *tensor, AttuneEngineError *error);
AttuneEngineStatus fake_read_state (AttuneEngineModel *model, size_t index,
                                    AttuneEngineTensor *tensor, AttuneEngineError *error);
AttuneEngineStatus fake_write_state (AttuneEngineModel *model, const AttuneEngineTensor *tensor,
                                     AttuneEngineError *error);
AttuneEngineStatus fake_set_updates (AttuneEngineModel *model, uint64_t updates,
                                     AttuneEngineError *error);
AttuneEngineStatus fake_train_step (AttuneEngineModel *model, const AttuneEngineBatch *batch,
                                    const AttuneEngineStep *step, AttuneEngineError *error);
AttuneEngineStatus fake_collect (AttuneEngineModel *model, bool wait,
                                 AttuneEngineStepResult *results, size_t capacity,
                                 size_t *n_results, AttuneEngineError *error);
AttuneEngineStatus fake_evaluate (AttuneEngineModel *model, const AttuneEngineBatch *batch,
                                  float *logits, size_t n_logits, AttuneEngineError *error);
AttuneEngineStatus fake_gradient_norms (AttuneEngineModel *model, double *norms, size_t n_norms,
                                        AttuneEngineError *error);
AttuneEngineStatus fake_attribute (AttuneEngineModel *model, const AttuneEngineBatch *batch,
                                   uint32_t label, float *scores, size_t n_scores,
                                   AttuneEngineError *error);
