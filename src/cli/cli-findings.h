/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data check and the split, as text for people and as JSON for programs.
 */
#pragma once

#include <yyjson.h>

#include "attune-check.h"

G_BEGIN_DECLS

void cli_findings_print    (GString           *text,
                            GPtrArray         *findings);
/* "findings": an array of objects {severity, code, message, count, rows, rows_of, remedy}; rows are
 * numbers from 0, at most 1000, "rows_of" says whose: "data" or "validation"; remedy is null or
 * {words, amendments} or {words, setting, value}. */
void cli_findings_add_json (yyjson_mut_doc    *document,
                            yyjson_mut_val    *root,
                            GPtrArray         *findings);
/* Exactly one of validation and split is not NULL. */
void cli_split_print       (GString           *text,
                            AttuneDataset     *dataset,
                            AttuneDataset     *validation,
                            const AttuneSplit *split);
/* "split": {method, share, seed, train_rows, validation_rows, sha256} as in run.json. */
void cli_split_add_json    (yyjson_mut_doc    *document,
                            yyjson_mut_val    *root,
                            AttuneDataset     *dataset,
                            AttuneDataset     *validation,
                            const AttuneSplit *split);

G_END_DECLS
