/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a model is trained, as the engine is told when it makes one, and the adapters that LoRA trains
 * beside its matrices: drawn, found again in a checkpoint, added to the matrices when it is saved.
 */
#pragma once

#include "attune-classifier.h"
#include "attune-train-config.h"

G_BEGIN_DECLS

/* Appends to options (AttuneEngineOption); their words live in chunk. */
void     attune_training_options_add (AttuneTrainConfig *config,
                                      GArray            *options,
                                      GStringChunk      *chunk);
/* (transfer full): all of them in a line, to tell settings apart that the engine is told otherwise. */
char    *attune_training_options_describe (AttuneTrainConfig *config);
/* What B A counts times; 0 without adapters. */
double   attune_training_get_scale   (AttuneTrainConfig *config);

/* A at random as a function of the seed, B zero: the model is at first what it was. */
gboolean attune_adapters_draw        (AttuneClassifier  *classifier,
                                      guint64            seed,
                                      GError           **error);
gboolean attune_adapters_restore     (AttuneClassifier  *classifier,
                                      AttuneSafetensors *weights,
                                      GError           **error);
/* views (AttuneTensorView of float32, their data owned by them): adapters are added to what they
 * stand beside, and removed. */
void     attune_adapters_merge       (GArray            *views,
                                      double             scale);

G_END_DECLS
