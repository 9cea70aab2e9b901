/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a project's data off the main thread: table, data set, check and token lengths in one
 * task.
 */
#pragma once

#include <gio/gio.h>

#include "attune-data-files.h"
#include "attune-dataset.h"
#include "attune-token-facts.h"

G_BEGIN_DECLS

/* On the main thread, before the reading is done: the first rows of a long file alone, or all of
 * the data set before it is looked through. */
typedef void (*AttuneProjectPreviewFunc) (gpointer             source,
                                          GCancellable        *cancellable,
                                          AttuneTable         *table,
                                          const AttuneColumns *columns,
                                          AttuneDataset       *dataset,
                                          AttuneDataset       *validation);

/* What one reading is given (above) and what it finds (from table on). */
typedef struct
{
  GPtrArray *given;            /* GFile */
  GPtrArray *validation_given; /* GFile; NULL: the validation data that lies beside, if any */
  gboolean no_validation;      /* not even that */
  AttuneProjectPreviewFunc preview;
  gint progress;               /* thousandths, atomic */
  guint n_expected;            /* rows, as far as the first ones tell; atomic, 0: unknown */
  AttuneTableOptions options;
  AttuneColumns columns;
  char *text_column;
  char *label_column;
  char *pair_column;
  char **more_label_columns;
  char *model;
  AttuneAmendments *amendments;
  AttuneTextCut cut;        /* of the settings; max_length 0: the proposal */
  double share;             /* to hold out */
  guint64 seed;
  AttuneDataFiles *files;   /* given with table */
  AttuneTable *table;       /* given when only the columns changed */
  AttuneTokenFacts *facts;  /* given when not even texts or model did */
  AttuneDataset *dataset;
  AttuneDataset *validation;
  guint n_train;      /* rows to learn from, and to check with */
  guint n_validation;
  GPtrArray *findings;
  GArray *lengths;
} AttuneProjectReading;

AttuneProjectReading *attune_project_reading_new  (void);
void                  attune_project_reading_free (AttuneProjectReading *reading);
/* A GTaskThreadFunc; the task data is an AttuneProjectReading. Returns a boolean. */
void                  attune_project_reading_run  (GTask        *task,
                                                   gpointer      source,
                                                   gpointer      task_data,
                                                   GCancellable *cancellable);

G_END_DECLS
