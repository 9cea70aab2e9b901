/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneAmendments: what is to be done to a data set before it is trained on: kinds of rows to
 * drop, and labels to drop, merge and rename. The file stays as it is; the same file and amendments
 * give the same data set. A plain struct, copied at will.
 */
#pragma once

#include "attune-dataset.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_DROP_NOTHING     = 0,
  ATTUNE_DROP_EMPTY       = 1 << 0, /* texts with nothing visible in them */
  ATTUNE_DROP_DUPLICATES  = 1 << 1, /* rows whose text occurred before; the first is kept */
  ATTUNE_DROP_CONFLICTING = 1 << 2, /* all rows of a text that occurs with different labels */
  ATTUNE_DROP_OVERLAP     = 1 << 3, /* training rows whose text is in the validation data */
} AttuneDrop;

typedef enum {
  ATTUNE_CHANGE_MERGE,  /* rows of from get the label to, from is no more */
  ATTUNE_CHANGE_RENAME, /* ids keep */
  ATTUNE_CHANGE_DROP,   /* rows of from are dropped, from is no more */
} AttuneChangeKind;

typedef struct {
  AttuneChangeKind kind;
  char *from;
  char *to; /* NULL for DROP */
} AttuneLabelChange;

struct _AttuneAmendments {
  AttuneDrop drop;
  GPtrArray *changes; /* AttuneLabelChange; each works on the names that those before it left */
};

#define ATTUNE_TYPE_AMENDMENTS (attune_amendments_get_type ())
GType             attune_amendments_get_type   (void);

AttuneAmendments *attune_amendments_new        (void);
/* NULL gives NULL. */
AttuneAmendments *attune_amendments_copy       (const AttuneAmendments *self);
void              attune_amendments_free       (AttuneAmendments       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneAmendments, attune_amendments_free)

/* NULL counts as empty. */
gboolean          attune_amendments_is_empty   (const AttuneAmendments *self);
gboolean          attune_amendments_equal      (const AttuneAmendments *a,
                                                const AttuneAmendments *b);
void              attune_amendments_add_change (AttuneAmendments       *self,
                                                AttuneChangeKind        kind,
                                                const char             *from,
                                                const char             *to);
/* Adds what other has, or takes it away again. */
void              attune_amendments_add        (AttuneAmendments       *self,
                                                const AttuneAmendments *other);
void              attune_amendments_subtract   (AttuneAmendments       *self,
                                                const AttuneAmendments *other);

/* "empty", "duplicates", "conflicting", "overlap"; 0 for another word. */
AttuneDrop        attune_drop_from_name        (const char             *name);
char             *attune_amendments_to_json    (const AttuneAmendments *self);
AttuneAmendments *attune_amendments_from_json  (const char             *json,
                                                gsize                   length,
                                                GError                **error);

/* As shell words of attune-cli, " --drop empty --drop-label '-1'"; of changes at most that many,
 * and then an ellipsis. Empty if there is nothing. (transfer full) */
char             *attune_amendments_to_options (const AttuneAmendments *self,
                                                guint                   most_changes);

AttuneDataset    *attune_amendments_apply      (const AttuneAmendments *self,
                                                AttuneDataset          *dataset,
                                                AttuneDataset          *validation,
                                                GCancellable           *cancellable,
                                                GError                **error);
AttuneDataset    *attune_amendments_apply_to_validation
                                               (const AttuneAmendments *self,
                                                AttuneDataset          *validation,
                                                GError                **error);
AttuneDataset    *attune_amendments_apply_to_labels
                                               (const AttuneAmendments *self,
                                                AttuneDataset          *dataset,
                                                const char * const     *label_names,
                                                GError                **error);

G_END_DECLS
