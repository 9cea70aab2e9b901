/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults of a data set that would ruin or cheapen a run, found before it starts.
 */
#pragma once

#include "attune-remedy.h"
#include "attune-split.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_SEVERITY_BLOCKS,  /* training cannot start */
  ATTUNE_SEVERITY_WARNING, /* lowers the accuracy or its worth */
  ATTUNE_SEVERITY_INFO,    /* worth knowing */
} AttuneSeverity;

typedef struct {
  AttuneSeverity severity;
  const char *code;      /* "one-class", "missing-labels", "empty-texts", "duplicates", … */
  char *message;         /* one translated sentence without a full stop */
  guint count;
  GArray *rows;          /* guint, at most 1000 examples; may be empty */
  gboolean of_validation; /* rows are those of the validation data */
  AttuneRemedy *remedy;  /* nullable */
} AttuneFinding;

void       attune_finding_free  (AttuneFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneFinding, attune_finding_free)

/* What is read of a text that does not fit. */
typedef enum {
  ATTUNE_READ_HEAD,
  ATTUNE_READ_TAIL,
  ATTUNE_READ_BOTH_ENDS,
  ATTUNE_READ_WINDOWS,   /* all of it in pieces of max_length, as far as there may be so many */
} AttuneReadPart;

/* What a model makes of the texts. Arrays are by row of the data set and borrowed. */
typedef struct {
  const guint *lengths; /* (N,) tokens of each row, special ones included, uncut */
  const guint *unknown; /* (N,) how many of them are [UNK]; NULL if that is not known */
  guint max_length;     /* where texts are going to be cut; 0: at the proposal */
  guint proposal;       /* the length that suits these texts and this model; 0 if there is none */
  gboolean lower_cases; /* the model does not tell "Us" from "us" */
  AttuneReadPart part;
  guint capacity;       /* with windows: the longest text that is read as a whole */
  guint enough_windows; /* with windows: with so many all are; 0 if more are not allowed */
} AttuneModelFacts;

/* Worst first. (transfer full) (element-type AttuneFinding); NULL only when cancelled. */
GPtrArray *attune_check_run     (AttuneDataset *dataset,
                                 AttuneDataset *validation,
                                 GCancellable  *cancellable,
                                 GError       **error);
/* Adds what there is to say, and sorts again. */
void       attune_check_model   (GPtrArray              *findings,
                                 AttuneDataset          *dataset,
                                 const AttuneModelFacts *facts);
/* What of it depends on max_length, in place of what it found before. */
void       attune_check_length  (GPtrArray              *findings,
                                 AttuneDataset          *dataset,
                                 const AttuneModelFacts *facts);
void       attune_check_split   (GPtrArray              *findings,
                                 AttuneDataset          *dataset,
                                 const AttuneSplit      *split);
const char *attune_severity_get_name (AttuneSeverity severity);

G_END_DECLS
