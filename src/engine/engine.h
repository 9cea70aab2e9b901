/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The boundary between Attune (C, GLib) and whatever computes (libtorch today): plain C11, no GLib,
 * no torch. A plug-in exports one symbol, attune_engine_query(), and returns a table of functions.
 *
 * Rules. Every call returns a status and, when it is not ATTUNE_ENGINE_OK, fills the caller's error
 * struct (which may be NULL). Nothing is thrown across. Lengths stand beside every pointer. What is
 * passed in is copied before the call returns; what is passed out is the caller's memory unless a
 * comment says "borrowed". All objects belong to the thread that opened the engine. No call lasts
 * longer than one micro-batch. Shapes: B sequences of N texts, T tokens in all, C labels, H features.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ATTUNE_ENGINE_ABI 2u
#define ATTUNE_ENGINE_MAX_DIMS 8

typedef enum {
  ATTUNE_ENGINE_OK = 0,
  ATTUNE_ENGINE_INVALID_ARGUMENT, /* a NULL, a length or a value that the contract excludes */
  ATTUNE_ENGINE_BAD_SHAPE,        /* a tensor or batch whose shape does not fit */
  ATTUNE_ENGINE_UNSUPPORTED,      /* a family, device or precision this engine lacks */
  ATTUNE_ENGINE_OUT_OF_MEMORY,    /* state is as before the call; try a smaller micro-batch */
  ATTUNE_ENGINE_DEVICE_LOST,      /* the device is gone; only freeing is still allowed */
  ATTUNE_ENGINE_CANCELLED,
  ATTUNE_ENGINE_INTERNAL,         /* anything else; details say what */
} AttuneEngineStatus;

typedef struct {
  AttuneEngineStatus status;
  char message[256];  /* one sentence for a person, NUL-terminated */
  char details[2048]; /* for a bug report, NUL-terminated */
} AttuneEngineError;

typedef enum { ATTUNE_ENGINE_F32, ATTUNE_ENGINE_F16, ATTUNE_ENGINE_BF16 } AttuneEngineDtype;
typedef enum { ATTUNE_ENGINE_DEVICE_CPU, ATTUNE_ENGINE_DEVICE_CUDA } AttuneEngineDeviceType;
typedef enum { ATTUNE_ENGINE_FP32, ATTUNE_ENGINE_PRECISION_BF16, ATTUNE_ENGINE_PRECISION_FP16 } AttuneEnginePrecision;
typedef enum { ATTUNE_ENGINE_SINGLE_LABEL, ATTUNE_ENGINE_MULTI_LABEL } AttuneEngineTask;

typedef struct {
  AttuneEngineDeviceType type;
  int32_t index;
  char name[128];          /* "AMD EPYC …", "NVIDIA H100 …" */
  uint64_t memory_bytes;   /* of the device; 0 when unknown */
  bool supports_bf16;
} AttuneEngineDevice;

/* What the engine computes with, for run.json and bug reports. */
typedef struct {
  char name[64];       /* "libtorch" */
  char version[64];    /* "2.6.0" */
  char blas[64];       /* "OpenBLAS (openmp)" … */
  char capability[64]; /* instruction set in use, "AVX512" … */
  int32_t threads;
} AttuneEngineInfo;

/* What the engine measured on a device, in about a tenth of a second, and how it computes there. */
typedef struct {
  AttuneEnginePrecision precision; /* the one "auto" stands for in training */
  int32_t threads;                 /* of the CPU, as set */
  double fp32_gflops;              /* products of a training step's shape; 0: not measured */
  double bf16_gflops;
  char paths[128];                 /* "bf16 products by oneDNN, fp32 by OpenBLAS", for run.json */
} AttuneEngineProbe;

typedef struct {
  uint64_t resident_bytes; /* of this process on the CPU, allocated bytes on a GPU */
  uint64_t peak_bytes;
} AttuneEngineMemory;

/* Configuration crosses as text so that a new family needs no new field: the keys are those of
 * config.json ("model_type", "hidden_size", "hidden_dropout_prob" …). */
typedef struct {
  const char *key;
  const char *value;
} AttuneEngineOption;

/* A tensor on the C side; names are HF names. data is row-major, little-endian. */
typedef struct {
  const char *name; /* borrowed; when the engine fills it, valid while the model lives */
  AttuneEngineDtype dtype;
  uint32_t n_dims;
  uint64_t shape[ATTUNE_ENGINE_MAX_DIMS];
  void *data;       /* NULL when only name, type and shape are asked for */
  size_t length;    /* bytes at data */
} AttuneEngineTensor;

/* Packed sequences: sequence b is ids[offsets[b]] … ids[offsets[b+1]-1], specials included. */
typedef struct {
  const int32_t *ids;       /* (T,) */
  size_t n_tokens;          /* T = offsets[B] */
  const int32_t *offsets;   /* (B+1,), offsets[0] = 0, strictly ascending */
  size_t n_sequences;       /* B >= 1 */
  const uint8_t *type_ids;  /* (T,) or NULL for all zero */
  const int32_t *labels;    /* (N,) or NULL; -1 is not allowed */
  const float *targets;     /* (N, C) or NULL; for ATTUNE_ENGINE_MULTI_LABEL */
  const int32_t *texts;     /* (N+1,) ascending, from 0 to B: text n is the sequences texts[n] … texts[n+1]-1,
                             * whose logits are averaged; NULL: one sequence a text, N = B */
  size_t n_texts;           /* N where texts is given */
} AttuneEngineBatch;

/* One optimizer step is one or more train_step calls with the same step number. */
typedef struct {
  uint64_t step;             /* from 1; with seed it fixes all randomness of the step */
  uint64_t seed;
  uint32_t micro_batch;      /* from 0; 0 clears the gradients */
  bool last_micro_batch;     /* clip, check, update */
  double denominator;        /* the sum of weighted losses of this micro-batch is divided by it */
  double learning_rate;
  double adam_beta1, adam_beta2, adam_epsilon;
  double weight_decay;       /* not on biases and LayerNorm */
  double max_grad_norm;      /* 0: no clipping */
  double label_smoothing;    /* as torch's cross entropy */
  const float *class_weights; /* (C,) or NULL */
  double momentum;           /* of stochastic gradient descent */
  bool nesterov;
  double l1_penalty, l2_penalty; /* sign (w) and w times this join the gradient, after clipping;
                              * not on biases and LayerNorm */
} AttuneEngineStep;

typedef struct {
  uint64_t step;
  double loss;        /* sum over the step's micro-batches */
  double grad_norm;   /* global 2-norm before clipping */
  uint64_t n_sequences; /* of the texts, N */
  uint64_t n_correct; /* of the training texts, in training mode; single label only */
  bool applied;       /* false: loss or norm was not finite and nothing was changed */
} AttuneEngineStepResult;

typedef struct AttuneEngine AttuneEngine;           /* one per thread that computes */
typedef struct AttuneEngineModel AttuneEngineModel; /* weights, gradients, moments on a device */

typedef struct {
  uint32_t abi;  /* ATTUNE_ENGINE_ABI of the plug-in */
  uint32_t size; /* sizeof of this struct there; a later version only appends */

  /* Keys: "num_threads" ("0" or absent: the engine chooses). *engine: new, free with close. */
  AttuneEngineStatus (*open) (const AttuneEngineOption *options, size_t n_options,
                              AttuneEngine **engine, AttuneEngineError *error);
  void (*close) (AttuneEngine *engine); /* all models must be freed; NULL is allowed */
  AttuneEngineStatus (*get_info) (AttuneEngine *engine, AttuneEngineInfo *info, AttuneEngineError *error);
  /* Fills at most capacity devices, sets *n_devices to how many there are. The CPU comes first. */
  AttuneEngineStatus (*list_devices) (AttuneEngine *engine, AttuneEngineDevice *devices, size_t capacity,
                                      size_t *n_devices, AttuneEngineError *error);
  AttuneEngineStatus (*set_threads) (AttuneEngine *engine, int32_t threads, AttuneEngineError *error);
  AttuneEngineStatus (*get_memory) (AttuneEngine *engine, const AttuneEngineDevice *device,
                                    AttuneEngineMemory *memory, AttuneEngineError *error);

  /* device: type and index are read. trainable: whether gradients and moments will be needed.
   * Weights are undefined until written. *model: new, free with model_free. Besides config.json's,
   * a model that is trained has these keys: "optimizer" (adamw; adam, sgd, sgd_momentum: there decay
   * is part of the gradient), "layerwise_lr_decay" (from layer to layer downwards),
   * "freeze_embeddings" (yes), "freeze_layers" (so many from below), "gradient_checkpointing" (yes);
   * "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules" (query_value, all-linear), with
   * which all but the head is frozen and "<product>.lora_A.weight" (r, in) and ".lora_B.weight"
   * (out, r) are tensors, too: W + lora_alpha / r B A is what is computed with. */
  AttuneEngineStatus (*model_create) (AttuneEngine *engine, const AttuneEngineDevice *device,
                                      const AttuneEngineOption *config, size_t n_config,
                                      AttuneEngineTask task, uint32_t n_labels,
                                      AttuneEnginePrecision precision, bool trainable,
                                      AttuneEngineModel **model, AttuneEngineError *error);
  void (*model_free) (AttuneEngineModel *model); /* NULL is allowed */

  /* Weights, by index in a fixed order. describe fills name, dtype, shape, length; read copies
   * float32 to tensor->data (length bytes); write copies and converts from tensor->dtype. */
  AttuneEngineStatus (*count_tensors) (AttuneEngineModel *model, size_t *n_tensors, AttuneEngineError *error);
  AttuneEngineStatus (*describe_tensor) (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                                         AttuneEngineError *error);
  AttuneEngineStatus (*read_tensor) (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                                     AttuneEngineError *error);
  AttuneEngineStatus (*write_tensor) (AttuneEngineModel *model, const AttuneEngineTensor *tensor,
                                      AttuneEngineError *error);
  /* Draws N(0, standard_deviation) into the tensor of that name as a function of the seed. */
  AttuneEngineStatus (*init_tensor) (AttuneEngineModel *model, const char *name, double standard_deviation,
                                     uint64_t seed, AttuneEngineError *error);

  /* Optimizer state the same way, and the number of updates made so far: "exp_avg/<name>" and
   * "exp_avg_sq/<name>" for each weight that learns; "momentum_buffer/<name>" of sgd_momentum. */
  AttuneEngineStatus (*count_state) (AttuneEngineModel *model, size_t *n_tensors, uint64_t *updates,
                                     AttuneEngineError *error);
  AttuneEngineStatus (*describe_state) (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                                        AttuneEngineError *error);
  AttuneEngineStatus (*read_state) (AttuneEngineModel *model, size_t index, AttuneEngineTensor *tensor,
                                    AttuneEngineError *error);
  AttuneEngineStatus (*write_state) (AttuneEngineModel *model, const AttuneEngineTensor *tensor,
                                     AttuneEngineError *error);
  AttuneEngineStatus (*set_updates) (AttuneEngineModel *model, uint64_t updates, AttuneEngineError *error);

  /* Forward and backward of one micro-batch, and on the last one the update. Either the whole step
   * happens or nothing of it: on an error the gradients are dropped and the step must be begun
   * again from micro-batch 0. May return before the numbers are known. */
  AttuneEngineStatus (*train_step) (AttuneEngineModel *model, const AttuneEngineBatch *batch,
                                    const AttuneEngineStep *step, AttuneEngineError *error);
  /* Hands over results of finished steps in order; with wait, of all steps begun. */
  AttuneEngineStatus (*collect) (AttuneEngineModel *model, bool wait, AttuneEngineStepResult *results,
                                 size_t capacity, size_t *n_results, AttuneEngineError *error);
  /* logits: (N, C) float32 of the caller. No dropout, no gradient. */
  AttuneEngineStatus (*evaluate) (AttuneEngineModel *model, const AttuneEngineBatch *batch, float *logits,
                                  size_t n_logits, AttuneEngineError *error);
  /* The norm of every tensor's gradient after a train_step with last_micro_batch, before clipping,
   * in the order of describe_tensor; for tests against the reference. */
  AttuneEngineStatus (*gradient_norms) (AttuneEngineModel *model, double *norms, size_t n_norms,
                                        AttuneEngineError *error);
  /* Gradient times input of the logit of `label`, summed over features: scores (T,) of the caller;
   * positive speaks for the label. N must be 1. */
  AttuneEngineStatus (*attribute) (AttuneEngineModel *model, const AttuneEngineBatch *batch, uint32_t label,
                                   float *scores, size_t n_scores, AttuneEngineError *error);
  /* Measures at the first call for a device and number of threads, then remembers. */
  AttuneEngineStatus (*probe) (AttuneEngine *engine, const AttuneEngineDevice *device,
                               AttuneEngineProbe *probe, AttuneEngineError *error);
  /* How much of each text's answer attention takes from each token: weights (T,) of the caller,
   * which in each sequence sum to 1. UNSUPPORTED for a model that does not pool by attention. */
  AttuneEngineStatus (*attend) (AttuneEngineModel *model, const AttuneEngineBatch *batch,
                                float *weights, size_t n_weights, AttuneEngineError *error);
} AttuneEngineApi;

/* Borrowed and static; NULL when the plug-in does not speak this abi. */
typedef const AttuneEngineApi *(*AttuneEngineQuery) (uint32_t abi);
#define ATTUNE_ENGINE_QUERY_SYMBOL "attune_engine_query"

#ifdef __cplusplus
}
#endif
