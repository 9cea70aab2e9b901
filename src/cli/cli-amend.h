/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is to be done to the data before it is used, as options say it, or as an earlier run did.
 */
#pragma once

#include "attune-amendments.h"
#include "attune-run-record.h"

G_BEGIN_DECLS

/* All nullable. Owned. */
typedef struct {
  char **drop;        /* "duplicates,empty", … */
  char **drop_labels;
  char **merge;       /* "Spam=spam" */
  char **rename;      /* "0=negative" */
} CliAmendOptions;

#define CLI_AMEND_ENTRIES(options)                                                                 \
  { "drop", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options).drop,                                      \
    N_("Leave out rows: empty, duplicates, conflicting, overlap (with --validation)"),             \
    N_("KIND[,KIND…]") },                                                                          \
  { "drop-label", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options).drop_labels,                         \
    N_("Leave out the rows of a label"), N_("LABEL") },                                            \
  { "merge-labels", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options).merge,                             \
    N_("Give the rows of one label another"), N_("LABEL=INTO") },                                  \
  { "rename-label", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options).rename,                            \
    N_("Call a label by another name"), N_("LABEL=NAME") }

void              cli_amend_options_clear (CliAmendOptions        *self);
/* Labels are merged first, then renamed, then dropped. (transfer full): empty without options; NULL
 * with an error that means wrong usage. */
AttuneAmendments *cli_amend_options_parse (const CliAmendOptions  *self,
                                           GError                **error);
/* Replaces both by what they are amended; *validation may be NULL. */
gboolean          cli_amend               (const AttuneAmendments *amendments,
                                           AttuneDataset         **dataset,
                                           AttuneDataset         **validation,
                                           GError                **error);

G_END_DECLS
