/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fake engine's model: the tensors of a BERT for sequence classification by name and shape, of
 * which only the classifier computes. A text is a hashed bag of its ids in hidden_size buckets, so
 * the model is a logistic regression: it learns, and every number follows from its inputs.
 */
#pragma once

#include "engine.h"

/* Lets the loss fall within tens of steps at the learning rates that suit a transformer. */
#define FAKE_AMPLITUDE 32.0

typedef struct {
  char name[96];
  char state_names[2][108]; /* "exp_avg/<name>", "exp_avg_sq/<name>" */
  uint32_t n_dims;
  uint64_t shape[2];
  size_t n;       /* numbers in each of the arrays below */
  float *data[3]; /* weight, exp_avg, exp_avg_sq; NULL while all zero */
} FakeTensor;

typedef struct {
  FakeTensor *tensors;
  size_t n_tensors;
  size_t weight, bias; /* indices of the classifier's */
  uint32_t n_labels, hidden;
  uint64_t vocab, positions, types;
  AttuneEngineTask task;
  uint64_t updates;
  double *gradient; /* (C * H + C,) of the step under way */
  double norms[2];  /* of the last finished step */
} FakeModel;

/* NULL when out of memory or a size is not sensible. Free with fake_model_free. */
FakeModel *fake_model_new (const AttuneEngineOption *config, size_t n_config,
                           AttuneEngineTask task, uint32_t n_labels);
void fake_model_free (FakeModel *model);
/* The array of a tensor, made of zeros when there is none yet; NULL when out of memory. */
float *fake_model_array (FakeModel *model, size_t tensor, int which);
/* logits (C,) of one text, features (H,) for its gradient. */
void fake_model_forward (FakeModel *model, const int32_t *ids, size_t n, double *features,
                         double *logits);
/* Adds one text's gradient, d_logits (C,), to the step's. */
void fake_model_backward (FakeModel *model, const double *features, const double *d_logits);
/* Global norm of the step's gradient; also keeps norms. */
double fake_model_norm (FakeModel *model);
/* AdamW of the classifier with the gradient divided by scale. */
bool fake_model_update (FakeModel *model, const AttuneEngineStep *step, double scale);
uint32_t fake_model_bucket (const FakeModel *model, int32_t id, double *sign);
