/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults of a data set that would ruin or cheapen a run, found before it starts.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_SEVERITY_BLOCKS,  /* training cannot start */
  ATTUNE_SEVERITY_WARNING, /* lowers the accuracy or its worth */
  ATTUNE_SEVERITY_INFO,    /* worth knowing */
} AttuneSeverity;

typedef struct {
  AttuneSeverity severity;
  const char *code;  /* "one-class", "missing-labels", "empty-texts", "duplicates", … */
  char *message;     /* one translated sentence without a full stop */
  guint count;
  GArray *rows;      /* guint, at most 1000 examples; may be empty */
} AttuneFinding;

void       attune_finding_free (AttuneFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneFinding, attune_finding_free)

/* Worst first. (transfer full) (element-type AttuneFinding); NULL only when cancelled. */
GPtrArray *attune_check_run    (AttuneDataset *dataset,
                                AttuneDataset *validation,
                                GCancellable  *cancellable,
                                GError       **error);

G_END_DECLS
