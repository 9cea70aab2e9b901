/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fake engine's weights and optimizer state by name. Reading what was never written gives
 * zeros.
 */
#include "fake-engine.h"

#include <stdio.h>
#include <string.h>

AttuneEngineStatus
fake_count_tensors (AttuneEngineModel *model,
                    size_t            *n_tensors,
                    AttuneEngineError *error)
{
  *n_tensors = model->fake->n_tensors;
  return ATTUNE_ENGINE_OK;
}

static void
describe (const FakeTensor   *from,
          AttuneEngineTensor *tensor)
{
  tensor->name = from->name;
  tensor->dtype = ATTUNE_ENGINE_F32;
  tensor->n_dims = from->n_dims;
  memcpy (tensor->shape, from->shape, sizeof from->shape);
  tensor->length = from->n * sizeof (float);
}

AttuneEngineStatus
fake_describe_tensor (AttuneEngineModel  *model,
                      size_t              index,
                      AttuneEngineTensor *tensor,
                      AttuneEngineError  *error)
{
  if (index >= model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "There is no tensor %zu.", index);
  describe (&model->fake->tensors[index], tensor);
  return ATTUNE_ENGINE_OK;
}

static AttuneEngineStatus
copy_out (AttuneEngineModel  *model,
          size_t              index,
          int                 which,
          AttuneEngineTensor *tensor,
          AttuneEngineError  *error)
{
  const FakeTensor *from = &model->fake->tensors[index];

  if (tensor->data == NULL || tensor->length != from->n * sizeof (float))
    return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE,
                        "“%s” holds %zu bytes, not %zu.", from->name,
                        from->n * sizeof (float), tensor->length);
  if (from->data[which] != NULL)
    memcpy (tensor->data, from->data[which], tensor->length);
  else
    memset (tensor->data, 0, tensor->length);
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_read_tensor (AttuneEngineModel  *model,
                  size_t              index,
                  AttuneEngineTensor *tensor,
                  AttuneEngineError  *error)
{
  if (index >= model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "There is no tensor %zu.", index);
  return copy_out (model, index, 0, tensor, error);
}

static size_t
find (AttuneEngineModel *model,
      const char        *name)
{
  size_t i = 0;

  while (i < model->fake->n_tensors && strcmp (model->fake->tensors[i].name, name) != 0)
    i++;
  return i;
}

static AttuneEngineStatus
copy_in (AttuneEngineModel        *model,
         const AttuneEngineTensor *tensor,
         const char               *name,
         int                       which,
         AttuneEngineError        *error)
{
  size_t index = find (model, name);
  FakeTensor *to;
  float *data;

  if (index == model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "The model has no tensor “%s”.", name);
  to = &model->fake->tensors[index];
  if (tensor->n_dims != to->n_dims
      || memcmp (tensor->shape, to->shape, to->n_dims * sizeof *to->shape) != 0
      || tensor->length != to->n * (tensor->dtype == ATTUNE_ENGINE_F32 ? 4 : 2)
      || tensor->data == NULL)
    return fake_report (error, ATTUNE_ENGINE_BAD_SHAPE,
                        "“%s” has another shape in this model.", name);
  if (tensor->dtype == ATTUNE_ENGINE_F16)
    return fake_report (error, ATTUNE_ENGINE_UNSUPPORTED, "The fake engine reads no fp16.");
  data = fake_model_array (model->fake, index, which);
  if (data == NULL)
    return fake_out_of_memory (error);
  if (tensor->dtype == ATTUNE_ENGINE_F32)
    {
      memcpy (data, tensor->data, tensor->length);
      return ATTUNE_ENGINE_OK;
    }
  for (size_t i = 0; i < to->n; i++)
    {
      uint32_t bits = (uint32_t) ((const uint16_t *) tensor->data)[i] << 16;

      memcpy (&data[i], &bits, sizeof bits);
    }
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_write_tensor (AttuneEngineModel        *model,
                   const AttuneEngineTensor *tensor,
                   AttuneEngineError        *error)
{
  return copy_in (model, tensor, tensor->name, 0, error);
}

AttuneEngineStatus
fake_init_tensor (AttuneEngineModel *model,
                  const char        *name,
                  double             standard_deviation,
                  uint64_t           seed,
                  AttuneEngineError *error)
{
  size_t index = find (model, name);
  uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  float *data;

  if (index == model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "The model has no tensor “%s”.", name);
  data = fake_model_array (model->fake, index, 0);
  if (data == NULL)
    return fake_out_of_memory (error);
  for (size_t i = 0; i < model->fake->tensors[index].n; i++)
    {
      double sum = -6.0;

      for (int k = 0; k < 12; k++)
        {
          state = state * 6364136223846793005u + 1442695040888963407u;
          sum += (double) (state >> 11) / 9007199254740992.0;
        }
      data[i] = (float) (sum * standard_deviation);
    }
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_count_state (AttuneEngineModel *model,
                  size_t            *n_tensors,
                  uint64_t          *updates,
                  AttuneEngineError *error)
{
  *n_tensors = model->trainable ? 2 * model->fake->n_tensors : 0;
  *updates = model->fake->updates;
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_describe_state (AttuneEngineModel  *model,
                     size_t              index,
                     AttuneEngineTensor *tensor,
                     AttuneEngineError  *error)
{
  if (!model->trainable || index >= 2 * model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "There is no state %zu.", index);
  describe (&model->fake->tensors[index / 2], tensor);
  tensor->name = model->fake->tensors[index / 2].state_names[index % 2];
  return ATTUNE_ENGINE_OK;
}

AttuneEngineStatus
fake_read_state (AttuneEngineModel  *model,
                 size_t              index,
                 AttuneEngineTensor *tensor,
                 AttuneEngineError  *error)
{
  if (!model->trainable || index >= 2 * model->fake->n_tensors)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "There is no state %zu.", index);
  return copy_out (model, index / 2, 1 + (int) (index % 2), tensor, error);
}

AttuneEngineStatus
fake_write_state (AttuneEngineModel        *model,
                  const AttuneEngineTensor *tensor,
                  AttuneEngineError        *error)
{
  if (model->trainable && strncmp (tensor->name, "exp_avg/", 8) == 0)
    return copy_in (model, tensor, tensor->name + 8, 1, error);
  if (model->trainable && strncmp (tensor->name, "exp_avg_sq/", 11) == 0)
    return copy_in (model, tensor, tensor->name + 11, 2, error);
  return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                      "There is no state “%s”.", tensor->name);
}

AttuneEngineStatus
fake_set_updates (AttuneEngineModel *model,
                  uint64_t           updates,
                  AttuneEngineError *error)
{
  model->fake->updates = updates;
  return ATTUNE_ENGINE_OK;
}
