/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What attune-cli bench measures with: labelled texts, a model, and a classifier's head for a model
 * that has none. What is not given is made, the same on every machine.
 */
#pragma once

#include "attune-dataset.h"
#include "attune-model-folder.h"

G_BEGIN_DECLS

typedef struct {
  char *folder;            /* holds what is made; removed with the rest unless it was named */
  gboolean keep;
  char *model;             /* a folder */
  char *name;              /* what to call the model */
  AttuneModelFolder *opened;
  char *head;              /* a file; NULL: the model has one of its own */
  char *data;              /* the file of the texts */
  AttuneDataset *dataset;
} CliBenchMaterial;

/* folder: where to make things, or NULL for a temporary one; model: name or folder; data: a file,
 * or NULL for texts of the model's words, as many and as long as those of SST-2 (few when quick). */
gboolean cli_bench_material_init  (CliBenchMaterial        *self,
                                   const char              *folder,
                                   const char              *model,
                                   const char              *data,
                                   gboolean                 quick,
                                   GError                 **error);
/* A model of BERT-base's shape (a small one when quick) with random weights, and other's texts. */
gboolean cli_bench_material_init_base (CliBenchMaterial       *self,
                                   const CliBenchMaterial  *other,
                                   gboolean                 quick,
                                   GError                 **error);
void     cli_bench_material_clear (CliBenchMaterial        *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliBenchMaterial, cli_bench_material_clear)

G_END_DECLS
