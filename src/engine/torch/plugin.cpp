/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of functions of engine.h. Each entry point checks its pointers, does its work with
 * gradients turned off in libtorch (ours are written by hand) and turns exceptions into statuses.
 */
#include <c10/core/InferenceMode.h>

#include "failure.hpp"
#include "model.hpp"

using namespace attune;

namespace {

template <typename... Pointers>
void
require (Pointers... pointers)
{
  if (((pointers == nullptr) || ...))
    fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "An argument of the call is missing.");
}

template <typename Work>
AttuneEngineStatus
call (AttuneEngineError *error, Work &&work) noexcept
{
  return guarded (error, [&] {
    c10::InferenceMode inference;

    work ();
  });
}

/* Calls on a model remember that its device is gone. */
template <typename Work>
AttuneEngineStatus
call_model (AttuneEngineModel *model, AttuneEngineError *error, Work &&work) noexcept
{
  AttuneEngineStatus status = call (error, [&] {
    require (model);
    work ();
  });

  if (status == ATTUNE_ENGINE_DEVICE_LOST)
    model->lost = true;
  return status;
}

AttuneEngineStatus
api_open (const AttuneEngineOption *options, size_t n_options, AttuneEngine **engine,
          AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine);
    *engine = open_engine (options, n_options);
  });
}

void
api_close (AttuneEngine *engine) noexcept
{
  delete engine;
}

AttuneEngineStatus
api_get_info (AttuneEngine *engine, AttuneEngineInfo *info, AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine, info);
    get_info (*engine, *info);
  });
}

AttuneEngineStatus
api_list_devices (AttuneEngine *engine, AttuneEngineDevice *devices, size_t capacity,
                  size_t *n_devices,
                  AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine, n_devices);
    *n_devices = list_devices (devices, devices != nullptr ? capacity : 0);
  });
}

AttuneEngineStatus
api_set_threads (AttuneEngine *engine, int32_t threads, AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine);
    set_threads (*engine, threads);
  });
}

AttuneEngineStatus
api_get_memory (AttuneEngine *engine, const AttuneEngineDevice *device, AttuneEngineMemory *memory,
                AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine, memory);
    *memory = AttuneEngineMemory ();
    get_memory (device, *memory);
  });
}

AttuneEngineStatus
api_model_create (AttuneEngine *engine, const AttuneEngineDevice *device,
                  const AttuneEngineOption *config,
                  size_t n_config, AttuneEngineTask task, uint32_t n_labels, AttuneEnginePrecision precision,
                  bool trainable, AttuneEngineModel **model, AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine, config, model);
    *model = create_model (*engine, device, Options (config, n_config), task, n_labels, precision, trainable);
  });
}

void
api_model_free (AttuneEngineModel *model) noexcept
{
  delete model;
}

AttuneEngineStatus
api_count_tensors (AttuneEngineModel *model, size_t *n_tensors, AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (n_tensors);
    *n_tensors = model->parameters.list ().size ();
  });
}

AttuneEngineStatus
api_describe_tensor (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                     AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (tensor);
    describe_tensor (*model, index, *tensor);
  });
}

AttuneEngineStatus
api_read_tensor (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                 AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (tensor);
    read_tensor (*model, index, *tensor);
  });
}

AttuneEngineStatus
api_write_tensor (AttuneEngineModel *model, const AttuneEngineTensor *tensor,
                  AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (tensor);
    write_tensor (*model, *tensor);
  });
}

AttuneEngineStatus
api_init_tensor (AttuneEngineModel *model, const char *name, double standard_deviation,
                 uint64_t seed,
                 AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] { init_tensor (*model, name, standard_deviation, seed); });
}

AttuneEngineStatus
api_count_state (AttuneEngineModel *model, size_t *n_tensors, uint64_t *updates,
                 AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (n_tensors, updates);
    *n_tensors = count_state (*model);
    *updates = model->optimizer.updates ();
  });
}

AttuneEngineStatus
api_describe_state (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                    AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (tensor);
    describe_state (*model, index, *tensor);
  });
}

AttuneEngineStatus
api_read_state (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (tensor);
    read_state (*model, index, *tensor);
  });
}

AttuneEngineStatus
api_write_state (AttuneEngineModel *model, const AttuneEngineTensor *tensor,
                 AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (tensor);
    write_state (*model, *tensor);
  });
}

AttuneEngineStatus
api_set_updates (AttuneEngineModel *model, uint64_t updates, AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    if (!model->parameters.trainable ())
      fail (ATTUNE_ENGINE_INVALID_ARGUMENT, "The model was opened for reading only.");
    model->optimizer.set_updates (updates);
  });
}

AttuneEngineStatus
api_train_step (AttuneEngineModel *model, const AttuneEngineBatch *batch,
                const AttuneEngineStep *step,
                AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (batch, step);
    train_step (*model, *batch, *step);
  });
}

AttuneEngineStatus
api_collect (AttuneEngineModel *model, bool wait, AttuneEngineStepResult *results, size_t capacity,
             size_t *n_results, AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (results, n_results);
    *n_results = collect (*model, wait, results, capacity);
  });
}

AttuneEngineStatus
api_evaluate (AttuneEngineModel *model, const AttuneEngineBatch *batch, float *logits,
              size_t n_logits,
              AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (batch);
    evaluate (*model, *batch, logits, n_logits);
  });
}

AttuneEngineStatus
api_gradient_norms (AttuneEngineModel *model, double *norms, size_t n_norms,
                    AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] { gradient_norms (*model, norms, n_norms); });
}

AttuneEngineStatus
api_attribute (AttuneEngineModel *model, const AttuneEngineBatch *batch, uint32_t label,
               float *scores,
               size_t n_scores, AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (batch);
    attribute (*model, *batch, label, scores, n_scores);
  });
}

AttuneEngineStatus
api_attend (AttuneEngineModel *model, const AttuneEngineBatch *batch, float *weights,
            size_t n_weights, AttuneEngineError *error) noexcept
{
  return call_model (model, error, [&] {
    require (batch);
    attend (*model, *batch, weights, n_weights);
  });
}

AttuneEngineStatus
api_probe (AttuneEngine *engine, const AttuneEngineDevice *device, AttuneEngineProbe *probe,
           AttuneEngineError *error) noexcept
{
  return call (error, [&] {
    require (engine, probe);
    *probe = probe_device (*engine, device);
  });
}

/* In the order of engine.h. */
const AttuneEngineApi api = {
  ATTUNE_ENGINE_ABI, sizeof (AttuneEngineApi),
  api_open, api_close, api_get_info, api_list_devices, api_set_threads, api_get_memory,
  api_model_create, api_model_free,
  api_count_tensors, api_describe_tensor, api_read_tensor, api_write_tensor, api_init_tensor,
  api_count_state, api_describe_state, api_read_state, api_write_state, api_set_updates,
  api_train_step, api_collect, api_evaluate, api_gradient_norms, api_attribute,
  api_probe, api_attend,
};

} // namespace

extern "C" __attribute__ ((visibility ("default"))) const AttuneEngineApi *
attune_engine_query (uint32_t abi)
{
  return abi == ATTUNE_ENGINE_ABI ? &api : nullptr;
}
