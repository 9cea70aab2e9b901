/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tests of the train room share: small data sets, a trainer with the fake or the real engine,
 * a main loop that runs until something is true.
 */
#pragma once

#include "attune-trainer.h"

G_BEGIN_DECLS

typedef struct {
  char *root;            /* temporary folder, removed at the end */
  char *folder;          /* of the run; made by the trainer */
  const char *model;     /* to begin with; NULL: that of train_fixture_get_model() */
  AttuneTrainer *trainer;
  AttuneRun *run;
  AttuneDataset *dataset;
  AttuneTrainConfig *config;
  GPtrArray *events;     /* AttuneEvent, copies of all the run said */
  GArray *deliveries;    /* gint64, monotonic time of each batch of events */
} TrainFixture;

/* text,label rows: texts of 1 to 9 words of the tiny vocabulary, labels alternating, n rows. */
AttuneDataset *train_fixture_create_dataset (guint               n_rows);
AttuneDataset *train_fixture_read_dataset   (const char         *csv);
/* script: for the fake engine; NULL for libtorch. Skips the test and returns FALSE without it. */
gboolean       train_fixture_set_up         (TrainFixture       *self,
                                             const char         *script,
                                             guint               n_rows);
void           train_fixture_tear_down      (TrainFixture       *self);
/* "name", "value", …, NULL. */
void           train_fixture_set            (TrainFixture       *self,
                                             ...) G_GNUC_NULL_TERMINATED;
char          *train_fixture_get_model      (void);
void           train_fixture_start          (TrainFixture       *self);
/* Collects what run says from now on; for tests that take another run. */
void           train_fixture_follow         (TrainFixture       *self);
/* The run's end. */
const AttuneEvent *
               train_fixture_wait           (TrainFixture       *self);
/* Runs the main loop until n events of a type have come. */
void           train_fixture_wait_for       (TrainFixture       *self,
                                             AttuneEventType     type,
                                             guint               n);
guint          train_fixture_count          (TrainFixture       *self,
                                             AttuneEventType     type);
const AttuneEvent *
               train_fixture_find           (TrainFixture       *self,
                                             AttuneEventType     type,
                                             guint               index);
/* Texts through the run (or, with model, through a folder). */
AttunePredictions *
               train_fixture_predict        (TrainFixture       *self,
                                             const char * const *texts,
                                             gint                attribute_label,
                                             GError            **error);

G_END_DECLS
