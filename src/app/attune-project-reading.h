/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a project's data off the main thread: table, data set, check and token lengths in one
 * task.
 */
#pragma once

#include <gio/gio.h>

#include "attune-dataset.h"

G_BEGIN_DECLS

/* What one reading is given (above) and what it finds (from table on). */
typedef struct
{
  GFile *file;
  GFile *validation_file;
  AttuneTableOptions options;
  AttuneColumns columns;
  char *text_column;
  char *label_column;
  char *pair_column;
  char *model;
  AttuneTable *table; /* given when only the columns changed */
  AttuneDataset *dataset;
  AttuneDataset *validation;
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
