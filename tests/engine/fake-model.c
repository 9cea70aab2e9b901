/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The logistic regression behind the fake engine; see fake-model.h. All sums run in double and in
 * one order, so that a test may compare bit by bit.
 */
#include "fake-model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static uint64_t
option (const AttuneEngineOption *config,
        size_t                    n_config,
        const char               *key,
        uint64_t                  otherwise)
{
  for (size_t i = 0; i < n_config; i++)
    if (strcmp (config[i].key, key) == 0)
      return strtoull (config[i].value, NULL, 10);
  return otherwise;
}

static void
add (FakeModel  *model,
     const char *name,
     uint64_t    rows,
     uint64_t    columns)
{
  FakeTensor *tensor = &model->tensors[model->n_tensors++];

  snprintf (tensor->name, sizeof tensor->name, "%s", name);
  snprintf (tensor->state_names[0], sizeof tensor->state_names[0], "exp_avg/%s", tensor->name);
  snprintf (tensor->state_names[1], sizeof tensor->state_names[1], "exp_avg_sq/%s", tensor->name);
  tensor->n_dims = columns > 0 ? 2 : 1;
  tensor->shape[0] = rows;
  tensor->shape[1] = columns;
  tensor->n = rows * (columns > 0 ? columns : 1);
}

static void
add_pair (FakeModel  *model,
          const char *prefix,
          uint64_t    rows,
          uint64_t    columns)
{
  char name[96];

  snprintf (name, sizeof name, "%s.weight", prefix);
  add (model, name, rows, columns);
  snprintf (name, sizeof name, "%s.bias", prefix);
  add (model, name, rows, 0);
}

static void
add_layer (FakeModel *model,
           uint64_t   layer,
           uint64_t   hidden,
           uint64_t   intermediate)
{
  const struct { const char *name; uint64_t rows, columns; } parts[] = {
    { "attention.self.query", hidden, hidden },
    { "attention.self.key", hidden, hidden },
    { "attention.self.value", hidden, hidden },
    { "attention.output.dense", hidden, hidden },
    { "attention.output.LayerNorm", hidden, 0 },
    { "intermediate.dense", intermediate, hidden },
    { "output.dense", hidden, intermediate },
    { "output.LayerNorm", hidden, 0 },
  };

  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    {
      char name[80];

      snprintf (name, sizeof name, "bert.encoder.layer.%llu.%s", (unsigned long long) layer,
                parts[i].name);
      add_pair (model, name, parts[i].rows, parts[i].columns);
    }
}

FakeModel *
fake_model_new (const AttuneEngineOption *config,
                size_t                    n_config,
                AttuneEngineTask          task,
                uint32_t                  n_labels)
{
  uint64_t hidden = option (config, n_config, "hidden_size", 768);
  uint64_t layers = option (config, n_config, "num_hidden_layers", 12);
  uint64_t intermediate = option (config, n_config, "intermediate_size", 3072);
  FakeModel *model;

  if (hidden == 0 || hidden > 65536 || layers > 1000 || n_labels == 0 || n_labels > 100000)
    return NULL;
  model = calloc (1, sizeof *model);
  if (model == NULL)
    return NULL;
  model->task = task;
  model->n_labels = n_labels;
  model->hidden = (uint32_t) hidden;
  model->vocab = option (config, n_config, "vocab_size", 30522);
  model->positions = option (config, n_config, "max_position_embeddings", 512);
  model->types = option (config, n_config, "type_vocab_size", 2);
  model->tensors = calloc (9 + 16 * layers, sizeof *model->tensors);
  model->gradient = calloc (n_labels * (hidden + 1), sizeof *model->gradient);
  if (model->tensors == NULL || model->gradient == NULL)
    {
      fake_model_free (model);
      return NULL;
    }
  add (model, "bert.embeddings.word_embeddings.weight", model->vocab, hidden);
  add (model, "bert.embeddings.position_embeddings.weight", model->positions, hidden);
  add (model, "bert.embeddings.token_type_embeddings.weight", model->types, hidden);
  add_pair (model, "bert.embeddings.LayerNorm", hidden, 0);
  for (uint64_t i = 0; i < layers; i++)
    add_layer (model, i, hidden, intermediate);
  add_pair (model, "bert.pooler.dense", hidden, hidden);
  model->weight = model->n_tensors;
  model->bias = model->n_tensors + 1;
  add_pair (model, "classifier", n_labels, hidden);
  return model;
}

void
fake_model_free (FakeModel *model)
{
  if (model == NULL)
    return;
  for (size_t i = 0; i < model->n_tensors; i++)
    for (int which = 0; which < 3; which++)
      free (model->tensors[i].data[which]);
  free (model->tensors);
  free (model->gradient);
  free (model);
}

float *
fake_model_array (FakeModel *model,
                  size_t     tensor,
                  int        which)
{
  FakeTensor *self = &model->tensors[tensor];

  if (self->data[which] == NULL)
    self->data[which] = calloc (self->n, sizeof (float));
  return self->data[which];
}

uint32_t
fake_model_bucket (const FakeModel *model,
                   int32_t          id,
                   double          *sign)
{
  uint32_t hash = ((uint32_t) id + 1u) * 2654435761u;

  hash ^= hash >> 15;
  *sign = (hash & 1) != 0 ? 1.0 : -1.0;
  return (hash >> 1) % model->hidden;
}

void
fake_model_forward (FakeModel     *model,
                    const int32_t *ids,
                    size_t         n,
                    double        *features,
                    double        *logits)
{
  const float *weight = fake_model_array (model, model->weight, 0);
  const float *bias = fake_model_array (model, model->bias, 0);

  memset (features, 0, model->hidden * sizeof *features);
  for (size_t i = 0; i < n; i++)
    {
      double sign;
      uint32_t bucket = fake_model_bucket (model, ids[i], &sign);

      features[bucket] += sign * FAKE_AMPLITUDE / (double) n;
    }
  for (uint32_t c = 0; c < model->n_labels; c++)
    {
      logits[c] = bias[c] * FAKE_AMPLITUDE;
      for (uint32_t h = 0; h < model->hidden; h++)
        logits[c] += weight[(size_t) c * model->hidden + h] * features[h];
    }
}

void
fake_model_backward (FakeModel    *model,
                     const double *features,
                     const double *d_logits)
{
  double *d_bias = model->gradient + (size_t) model->n_labels * model->hidden;

  for (uint32_t c = 0; c < model->n_labels; c++)
    {
      for (uint32_t h = 0; h < model->hidden; h++)
        model->gradient[(size_t) c * model->hidden + h] += d_logits[c] * features[h];
      d_bias[c] += d_logits[c] * FAKE_AMPLITUDE;
    }
}

double
fake_model_norm (FakeModel *model)
{
  size_t n_weight = (size_t) model->n_labels * model->hidden;
  double squares[2] = { 0, 0 };

  for (size_t i = 0; i < n_weight + model->n_labels; i++)
    squares[i >= n_weight] += model->gradient[i] * model->gradient[i];
  model->norms[0] = sqrt (squares[0]);
  model->norms[1] = sqrt (squares[1]);
  return sqrt (squares[0] + squares[1]);
}

static bool
update_tensor (FakeModel              *model,
               size_t                  index,
               const double           *gradient,
               const AttuneEngineStep *step,
               double                  scale,
               double                  decay)
{
  FakeTensor *tensor = &model->tensors[index];
  float *weight = fake_model_array (model, index, 0);
  float *first = fake_model_array (model, index, 1);
  float *second = fake_model_array (model, index, 2);
  double correction1 = 1.0 - pow (step->adam_beta1, (double) model->updates);
  double correction2 = 1.0 - pow (step->adam_beta2, (double) model->updates);

  if (weight == NULL || first == NULL || second == NULL)
    return false;
  for (size_t i = 0; i < tensor->n; i++)
    {
      double g = gradient[i] / scale;

      weight[i] -= (float) (step->learning_rate * decay * weight[i]);
      first[i] = (float) (step->adam_beta1 * first[i] + (1.0 - step->adam_beta1) * g);
      second[i] = (float) (step->adam_beta2 * second[i] + (1.0 - step->adam_beta2) * g * g);
      weight[i] -= (float) (step->learning_rate * (first[i] / correction1)
                            / (sqrt (second[i] / correction2) + step->adam_epsilon));
    }
  return true;
}

bool
fake_model_update (FakeModel              *model,
                   const AttuneEngineStep *step,
                   double                  scale)
{
  size_t n_weight = (size_t) model->n_labels * model->hidden;

  model->updates++;
  return update_tensor (model, model->weight, model->gradient, step, scale, step->weight_decay)
         && update_tensor (model, model->bias, model->gradient + n_weight, step, scale, 0.0);
}
