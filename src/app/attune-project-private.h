/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of AttuneProject share: reading (attune-project.c), what a person chooses
 * (attune-project-choices.c) and starting a run (attune-project-start.c).
 */
#pragma once

#include "attune-project-reading.h"
#include "attune-project.h"

G_BEGIN_DECLS

/* What the last reading brought that still holds; each includes those before it. */
typedef enum {
  ATTUNE_KEEP_NOTHING,
  ATTUNE_KEEP_TABLE,
  ATTUNE_KEEP_TOKENS,
} AttuneKeep;

struct _AttuneProject
{
  GObject parent_instance;

  AttuneTrainer *trainer;
  AttuneRun *run;
  GPtrArray *given;            /* GFile; NULL if a run does not say where its data is */
  GPtrArray *validation_given; /* GFile, or NULL */
  gboolean no_validation;      /* not even what lies beside the data */
  AttuneTableOptions options;  /* what was chosen; encoding is interned */
  AttuneColumns columns;
  AttuneColumns shown_columns; /* the same, with what is guessed while the rest is being read */
  char *text_column;          /* names, for data of an earlier run; NULL to use columns */
  char *label_column;
  char *pair_column;
  char **more_label_columns;
  AttuneTrainConfig *config;
  char *model;
  guint n_rows;
  AttuneAmendments *amendments; /* NULL: none */
  char *split_sha256;           /* of the run this is a copy of; nullable */
  double split_share;
  gint64 split_seed;

  GCancellable *cancellable; /* of the reading under way; NULL when idle */
  char *error;
  AttuneProjectReading *reading; /* under way, the task's own; NULL when idle */
  AttuneDataFiles *files;
  AttuneTable *table;
  AttuneDataset *dataset;
  AttuneDataset *validation;
  guint n_train;      /* as the settings have it that were read with */
  guint n_validation;
  GPtrArray *findings;
  GArray *lengths;
  AttuneTokenFacts *facts;
  guint length_source; /* waits for what is read of long texts to settle */
  guint split_source;  /* waits for share and seed to settle */
  gboolean asked;
  guint turn;          /* in the queue, from 1; 0: not waiting */
  gboolean continuing; /* the data of the run is being read to go on with it */
  gboolean reading_table; /* the file is being read; table, if any, is of earlier options */
};

/* Reads the data anew with what is chosen now. */
void       attune_project_read_again (AttuneProject  *self,
                                      AttuneKeep      keep);
/* (transfer full) (element-type GFile) */
GPtrArray *attune_project_list_files (GFile         **files,
                                      guint           n_files);

G_END_DECLS
