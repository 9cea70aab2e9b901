/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands behind the two opaque types of engine.h, and the functions of its table that work on
 * them (each in the file named beside it). They throw; plugin.cpp turns that into statuses.
 */
#pragma once

#include <c10/core/Event.h>

#include <deque>
#include <memory>
#include <optional>

#include "network.hpp"
#include "optimizer.hpp"

struct AttuneEngine
{
  int32_t threads = 0;
  bool device_path = false; /* the CPU takes the code path of a GPU */
  AttuneEngineProbe probe {}; /* of the CPU; threads 0: not made yet */
};

namespace attune {

/* A step whose update has been asked for; its numbers may still be on their way. */
struct Pending
{
  AttuneEngineStepResult result;
  at::Tensor numbers;              /* (4,) float64 on the host: loss, norm, correct, skipped */
  std::optional<c10::Event> ready; /* none on the CPU */
};

/* The step that train_step calls are adding up. */
struct Running
{
  uint64_t step = 0; /* 0: none */
  uint32_t next_micro_batch = 0;
  uint64_t n_sequences = 0;
  at::Tensor loss, correct;
};

} // namespace attune

struct AttuneEngineModel
{
  AttuneEngine *engine = nullptr;
  at::Device device = at::kCPU;
  bool device_path = false; /* on a GPU, or as if on one */
  AttuneEngineTask task = ATTUNE_ENGINE_SINGLE_LABEL;
  uint32_t n_labels = 0;
  attune::Parameters parameters;
  std::unique_ptr<attune::Network> network;
  attune::Optimizer optimizer;
  attune::Running running;
  std::deque<attune::Pending> pending;
  at::Tensor last_divisor; /* what the last update divided the gradients by */
  bool lost = false;       /* the device is gone */
};

namespace attune {

/* device.cpp */
AttuneEngine *open_engine (const AttuneEngineOption *options, size_t n_options);
void set_threads (AttuneEngine &engine, int32_t threads);
void get_info (const AttuneEngine &engine, AttuneEngineInfo &info);
size_t list_devices (AttuneEngineDevice *devices, size_t capacity);
void get_memory (const AttuneEngineDevice *device, AttuneEngineMemory &memory);
at::Device resolve_device (const AttuneEngineDevice *device);

/* probe.cpp */
AttuneEngineProbe probe_device (AttuneEngine &engine, const AttuneEngineDevice *device);

/* tensors.cpp */
size_t count_state (const AttuneEngineModel &model);
void describe_tensor (const AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor);
void read_tensor (AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor);
void write_tensor (AttuneEngineModel &model, const AttuneEngineTensor &tensor);
void init_tensor (AttuneEngineModel &model, const char *name, double standard_deviation,
                  uint64_t seed);
void describe_state (const AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor);
void read_state (AttuneEngineModel &model, size_t index, AttuneEngineTensor &tensor);
void write_state (AttuneEngineModel &model, const AttuneEngineTensor &tensor);

/* steps.cpp */
AttuneEngineModel *create_model (AttuneEngine &engine, const AttuneEngineDevice *device,
                                 const Options &options, AttuneEngineTask task, uint32_t n_labels,
                                 AttuneEnginePrecision precision, bool trainable);
void train_step (AttuneEngineModel &model, const AttuneEngineBatch &batch,
                 const AttuneEngineStep &step);
size_t collect (AttuneEngineModel &model, bool wait, AttuneEngineStepResult *results,
                size_t capacity);
void evaluate (AttuneEngineModel &model, const AttuneEngineBatch &batch, float *logits,
               size_t n_logits);
void gradient_norms (AttuneEngineModel &model, double *norms, size_t n_norms);
void attribute (AttuneEngineModel &model, const AttuneEngineBatch &batch, uint32_t label,
                float *scores,
                size_t n_scores);
void attend (AttuneEngineModel &model, const AttuneEngineBatch &batch, float *weights,
             size_t n_weights);

} // namespace attune
