/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneRemedy: what one click does about a finding: amendments to add to the data, or a setting of
 * the training to change.
 */
#pragma once

#include "attune-amendments.h"

G_BEGIN_DECLS

typedef struct {
  char *words;                  /* translated, for a button: "Drop 371 rows" */
  AttuneAmendments *amendments; /* NULL for a setting */
  const char *setting;          /* name in AttuneTrainConfig; NULL for amendments */
  char *value;
} AttuneRemedy;

/* n: rows that would go. */
AttuneRemedy *attune_remedy_new_drop         (AttuneDrop              drop,
                                              guint                   n);
/* Takes words; copies amendments. */
AttuneRemedy *attune_remedy_new_amend        (char                   *words,
                                              const AttuneAmendments *amendments);
/* Takes words and value; setting: a literal. */
AttuneRemedy *attune_remedy_new_setting      (char                   *words,
                                              const char             *setting,
                                              char                   *value);
void          attune_remedy_free             (AttuneRemedy           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRemedy, attune_remedy_free)

G_END_DECLS
