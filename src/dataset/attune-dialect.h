/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: which delimiter and which quoting a text is written with.
 */
#pragma once

#include <gio/gio.h>

#include "attune-progress.h"
#include "attune-scanner.h"
#include "attune-table.h"

G_BEGIN_DECLS

/* One reading of a text under one dialect. */
typedef struct {
  guint n_columns;      /* of the first record */
  guint64 n_records;    /* blank lines are none */
  guint64 n_even;       /* records of n_columns columns */
  guint64 n_quoted;     /* quoted fields */
  guint64 n_needed;     /* … that would be read otherwise without their quotes */
  guint64 n_multiline;  /* … that hold a line break */
  gsize n_good;         /* bytes up to the end of the last record before the first fault */
  AttuneScan fault;     /* the first fault, ATTUNE_SCAN_END if none */
  gsize fault_offset;
  guint fault_columns;
} AttuneSurvey;

AttuneSurvey attune_survey             (const char         *data,
                                        gsize               length,
                                        char                delimiter,
                                        gboolean            quotes,
                                        gboolean            stop_at_fault,
                                        GCancellable       *cancellable);
void         attune_dialect_detect     (const char         *data,
                                        gsize               length,
                                        AttuneTableOptions *options,
                                        AttuneSurvey       *survey,
                                        const AttuneProgress *progress,
                                        GCancellable       *cancellable);

gboolean     attune_dialect_is_table   (const char         *data,
                                        gsize               length);

G_END_DECLS
