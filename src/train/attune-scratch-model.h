/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models that are begun with nothing but the texts: a recurrent network whose words are those of the
 * training rows, or that reads the outputs of an installed encoder.
 */
#pragma once

#include "attune-dataset.h"
#include "attune-model-folder.h"
#include "attune-train-config.h"

G_BEGIN_DECLS

/* name: as of attune_model_store_get_scratch(). rows: guint of dataset, whose words are counted;
 * (nullable): all. config: (nullable): the settings' defaults. Long: call off the main thread. */
AttuneModelFolder *attune_scratch_model_new     (const char         *name,
                                                 AttuneTrainConfig  *config,
                                                 AttuneDataset      *dataset,
                                                 const GArray       *rows,
                                                 GCancellable       *cancellable,
                                                 GError            **error);
/* (transfer full): what there is without data, with the settings' defaults; no words yet. */
AttuneModelConfig *attune_scratch_model_create_config (const char   *name,
                                                 GError            **error);
/* model: a name or a folder. One that begins with nothing has the words of all of dataset. */
AttuneModelFolder *attune_open_model_for        (const char         *model,
                                                 AttuneDataset      *dataset,
                                                 GCancellable       *cancellable,
                                                 GError            **error);
/* The learning rate that is right for most data. */
double             attune_propose_learning_rate (const AttuneModelConfig *config);
/* (transfer full): the settings that decide a shape, for a key. */
char              *attune_scratch_model_describe (AttuneTrainConfig *config);
/* Sets what the settings' defaults are wrong for where such a model takes the place of another, or
 * of none (before: nullable), and takes that back the other way round. A person's own settings
 * stay. */
void               attune_scratch_model_suggest (AttuneTrainConfig  *config,
                                                 const char         *before,
                                                 const char         *model);

G_END_DECLS
