/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneClassifier: an engine model together with what gives its numbers a meaning: configuration,
 * tokenizer, labels. Trainer thread only.
 */
#pragma once

#include "attune-engine-host.h"
#include "attune-head-plan.h"
#include "attune-model-folder.h"
#include "attune-text-cut.h"

G_BEGIN_DECLS

typedef struct {
  const AttuneEngineApi *api;   /* borrowed */
  AttuneEngineModel *model;
  AttuneModelConfig *config;
  AttuneTokenizer *tokenizer;   /* nullable */
  char **labels;
  guint n_labels;               /* C */
  AttuneTextCut cut;            /* what is read of long texts */
  double adapter_scale;         /* of LoRA's adapters; 0: there are none */
  guint ref_count;              /* of the trainer thread alone, so not atomic */
} AttuneClassifier;

/* How to make one; borrowed for the call. */
typedef struct {
  AttuneModelFolder *folder;
  const AttuneModelConfig *config;  /* NULL: the folder's */
  AttuneSafetensors *head;          /* nullable: replaces the folder's classifier */
  const AttuneHeadPlan *head_plan;  /* nullable: what becomes of the folder's where it is not */
  const char * const *labels;       /* NULL: as many as the head has, named by config.json */
  const AttuneEngineDevice *device;
  AttuneEnginePrecision precision;
  AttuneTrainConfig *training;      /* nullable: how it will be trained */
  gboolean trainable;               /* then a missing head or pooler is drawn at random */
  guint64 seed;
} AttuneClassifierSpec;

/* warnings: (nullable) gets a translated sentence for each thing that was not in the folder. */
AttuneClassifier *attune_classifier_new      (AttuneEngineHost            *host,
                                              const AttuneClassifierSpec  *spec,
                                              GPtrArray                   *warnings,
                                              GError                     **error);
AttuneClassifier *attune_classifier_ref      (AttuneClassifier            *self);
void              attune_classifier_unref    (AttuneClassifier            *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneClassifier, attune_classifier_unref)
/* logits (N, C): a row a text, or a sequence where the batch has no texts. */
AttuneEngineStatus attune_classifier_evaluate (AttuneClassifier           *self,
                                              const AttuneEngineBatch     *batch,
                                              float                       *logits,
                                              GError                     **error);
/* Numbers that the optimizer keeps of the weights that learn; 0 of a model that is only read. */
guint64           attune_classifier_count_moments (AttuneClassifier        *self);
/* Writes a whole HF folder, replacing what is there. */
gboolean          attune_classifier_save     (AttuneClassifier            *self,
                                              const char                  *path,
                                              GError                     **error);

G_END_DECLS
