/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An engine plug-in for tests only: the whole table of engine.h in plain C, without libtorch. The
 * model (fake-model.h) learns a little and is bit-exact; the environment variable
 * ATTUNE_FAKE_SCRIPT (fake-script.h) makes it fail where a test wants it to. This file checks
 * arguments and keeps the order of calls; it holds no global state.
 */
#include "fake-engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__ ((visibility ("default")))
const AttuneEngineApi *attune_engine_query (uint32_t abi);

AttuneEngineStatus
fake_report (AttuneEngineError *error,
             AttuneEngineStatus status,
             const char        *format,
             ...)
{
  va_list arguments;

  if (error != NULL)
    {
      memset (error, 0, sizeof *error);
      error->status = status;
      va_start (arguments, format);
      vsnprintf (error->message, sizeof error->message, format, arguments);
      va_end (arguments);
      snprintf (error->details, sizeof error->details, "fake engine, status %d", (int) status);
    }
  return status;
}

AttuneEngineStatus
fake_out_of_memory (AttuneEngineError *error)
{
  return fake_report (error, ATTUNE_ENGINE_OUT_OF_MEMORY,
                      "The memory is not enough for this batch.");
}

static AttuneEngineStatus
open_engine (const AttuneEngineOption *options,
             size_t                    n_options,
             AttuneEngine            **engine,
             AttuneEngineError        *error)
{
  FakeScript script;
  char bad[64];
  int32_t threads = 0;

  if (!fake_script_parse (&script, getenv ("ATTUNE_FAKE_SCRIPT"), bad))
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "ATTUNE_FAKE_SCRIPT: “%s” is no entry.", bad);
  for (size_t i = 0; i < n_options; i++)
    if (strcmp (options[i].key, "num_threads") == 0)
      threads = (int32_t) strtol (options[i].value, NULL, 10);
  *engine = calloc (1, sizeof **engine);
  if (*engine == NULL)
    return fake_out_of_memory (error);
  (*engine)->script = script;
  (*engine)->threads = threads > 0 ? threads : 1;
  return ATTUNE_ENGINE_OK;
}

static void
close_engine (AttuneEngine *engine)
{
  free (engine);
}

static AttuneEngineStatus
get_info (AttuneEngine      *engine,
          AttuneEngineInfo  *info,
          AttuneEngineError *error)
{
  memset (info, 0, sizeof *info);
  snprintf (info->name, sizeof info->name, "fake");
  snprintf (info->version, sizeof info->version, "1.0");
  snprintf (info->blas, sizeof info->blas, "none");
  snprintf (info->capability, sizeof info->capability, "none");
  info->threads = engine->threads;
  return ATTUNE_ENGINE_OK;
}

static AttuneEngineStatus
list_devices (AttuneEngine       *engine,
              AttuneEngineDevice *devices,
              size_t              capacity,
              size_t             *n_devices,
              AttuneEngineError  *error)
{
  *n_devices = 1;
  if (capacity > 0)
    {
      memset (devices, 0, sizeof *devices);
      devices->type = ATTUNE_ENGINE_DEVICE_CPU;
      snprintf (devices->name, sizeof devices->name, "Fake processor");
      devices->memory_bytes = (uint64_t) 8 << 30;
    }
  return ATTUNE_ENGINE_OK;
}

static AttuneEngineStatus
set_threads (AttuneEngine      *engine,
             int32_t            threads,
             AttuneEngineError *error)
{
  if (threads < 0)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                        "%d threads cannot be.", (int) threads);
  engine->threads = threads > 0 ? threads : 1;
  return ATTUNE_ENGINE_OK;
}

static AttuneEngineStatus
get_memory (AttuneEngine             *engine,
            const AttuneEngineDevice *device,
            AttuneEngineMemory       *memory,
            AttuneEngineError        *error)
{
  memory->resident_bytes = (uint64_t) 64 << 20;
  /* So that tests see whether a model was made anew. */
  memory->peak_bytes = ((uint64_t) 96 << 20) + engine->n_models;
  return ATTUNE_ENGINE_OK;
}

static AttuneEngineStatus
model_create (AttuneEngine             *engine,
              const AttuneEngineDevice *device,
              const AttuneEngineOption *config,
              size_t                    n_config,
              AttuneEngineTask          task,
              uint32_t                  n_labels,
              AttuneEnginePrecision     precision,
              bool                      trainable,
              AttuneEngineModel       **model,
              AttuneEngineError        *error)
{
  for (size_t i = 0; i < n_config; i++)
    if (strcmp (config[i].key, "model_type") == 0 && strcmp (config[i].value, "bert") != 0)
      return fake_report (error, ATTUNE_ENGINE_UNSUPPORTED,
                          "The model family “%s” is not supported.", config[i].value);
  if (device != NULL && device->type != ATTUNE_ENGINE_DEVICE_CPU)
    return fake_report (error, ATTUNE_ENGINE_UNSUPPORTED, "The fake engine has only a CPU.");
  if (precision == ATTUNE_ENGINE_PRECISION_FP16)
    return fake_report (error, ATTUNE_ENGINE_UNSUPPORTED, "fp16 is not supported on the CPU.");
  *model = calloc (1, sizeof **model);
  if (*model == NULL)
    return fake_out_of_memory (error);
  engine->n_models++;
  (*model)->engine = engine;
  (*model)->trainable = trainable;
  (*model)->fake = fake_model_new (config, n_config, task, n_labels);
  if ((*model)->fake == NULL)
    {
      free (*model);
      *model = NULL;
      return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT,
                          "The sizes in the configuration cannot be.");
    }
  return ATTUNE_ENGINE_OK;
}

static void
model_free (AttuneEngineModel *model)
{
  if (model != NULL)
    fake_model_free (model->fake);
  free (model);
}

static AttuneEngineStatus
attend (AttuneEngineModel       *model,
        const AttuneEngineBatch *batch,
        float                   *weights,
        size_t                   n_weights,
        AttuneEngineError       *error)
{
  (void) model, (void) batch, (void) weights, (void) n_weights;
  return fake_report (error, ATTUNE_ENGINE_UNSUPPORTED, "The fake engine does not attend.");
}

/* Finds bf16 worth it where the environment variable ATTUNE_FAKE_BF16 is set. */
static AttuneEngineStatus
probe (AttuneEngine             *engine,
       const AttuneEngineDevice *device,
       AttuneEngineProbe        *result,
       AttuneEngineError        *error)
{
  bool half = getenv ("ATTUNE_FAKE_BF16") != NULL;

  (void) device;
  if (engine == NULL || result == NULL)
    return fake_report (error, ATTUNE_ENGINE_INVALID_ARGUMENT, "An argument is missing.");
  *result = (AttuneEngineProbe) {
    .precision = half ? ATTUNE_ENGINE_PRECISION_BF16 : ATTUNE_ENGINE_FP32,
    .threads = engine->threads,
    .fp32_gflops = 100.0,
    .bf16_gflops = half ? 200.0 : 0.0,
    .paths = "pretended",
  };
  return ATTUNE_ENGINE_OK;
}

static const AttuneEngineApi api = {
  .abi = ATTUNE_ENGINE_ABI,
  .size = sizeof (AttuneEngineApi),
  .open = open_engine,
  .close = close_engine,
  .get_info = get_info,
  .list_devices = list_devices,
  .set_threads = set_threads,
  .get_memory = get_memory,
  .model_create = model_create,
  .model_free = model_free,
  .count_tensors = fake_count_tensors,
  .describe_tensor = fake_describe_tensor,
  .read_tensor = fake_read_tensor,
  .write_tensor = fake_write_tensor,
  .init_tensor = fake_init_tensor,
  .count_state = fake_count_state,
  .describe_state = fake_describe_state,
  .read_state = fake_read_state,
  .write_state = fake_write_state,
  .set_updates = fake_set_updates,
  .train_step = fake_train_step,
  .collect = fake_collect,
  .evaluate = fake_evaluate,
  .gradient_norms = fake_gradient_norms,
  .attribute = fake_attribute,
  .probe = probe,
  .attend = attend,
};

const AttuneEngineApi *
attune_engine_query (uint32_t abi)
{
  return abi == ATTUNE_ENGINE_ABI ? &api : NULL;
}
