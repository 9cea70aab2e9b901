/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneHeadPlan: what becomes of the classifier that a model brings when it is trained on other
 * data: kept where the classes are the same, in whatever order, else replaced.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_HEAD_KEPT,     /* the same names in the same order */
  ATTUNE_HEAD_UNNAMED,  /* as many classes, of which the model knows no names: kept in its order */
  ATTUNE_HEAD_MAPPED,   /* the same names in another order */
  ATTUNE_HEAD_REPLACED, /* other names, or more, or fewer */
} AttuneHeadFate;

typedef struct {
  AttuneHeadFate fate;
  guint *rows;        /* MAPPED: for each class of the data, which of the model's; else NULL */
  char *notice;       /* one translated sentence that names both */
} AttuneHeadPlan;

AttuneHeadPlan *attune_head_plan_new      (const char * const   *model_labels,
                                           const char * const   *data_labels);
void            attune_head_plan_free     (AttuneHeadPlan       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneHeadPlan, attune_head_plan_free)
/* The code of the warning a run gives, "head-replaced"; NULL where there is nothing to warn of. */
const char     *attune_head_plan_get_code (const AttuneHeadPlan *self);

G_END_DECLS
