/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneProject: one entry of the sidebar: a run together with the data and settings it is made
 * from. A draft has a run that has not started; an earlier run reads its data again when a page
 * asks for it. Pages bind to its properties. Main thread; loading happens on GIO's pool.
 *
 * Properties, all notifying: run (AttuneRun), trainer (AttuneTrainer), file, validation-file
 * (GFile; the first of several), loading (boolean), error (string, why the data cannot be used; nullable), table
 * (AttuneTable; while loading maybe its first rows alone), dataset, validation (AttuneDataset, nullable), findings (boxed GPtrArray of
 * AttuneFinding), lengths (boxed GArray of guint: tokens of each row, shortest first, NULL until
 * known), model (string), config (AttuneTrainConfig), n-rows (uint, 0 all), editable (boolean, a
 * draft that does not wait), turn (uint: its place among the runs that wait, from 1; 0: none), amendments (boxed AttuneAmendments, nullable).
 */
#pragma once

#include <gio/gio.h>

#include "attune-amendments.h"
#include "attune-check.h"
#include "attune-data-files.h"
#include "attune-dataset.h"
#include "attune-run-record.h"
#include "attune-trainer.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_PROJECT (attune_project_get_type ())
G_DECLARE_FINAL_TYPE (AttuneProject, attune_project, ATTUNE, PROJECT, GObject)

AttuneProject     *attune_project_new_for_file     (AttuneTrainer *trainer,
                                                    GFile         *file);
/* One or more files, or a folder; see attune_data_files_new(). */
AttuneProject     *attune_project_new_for_files    (AttuneTrainer *trainer,
                                                    GFile        **files,
                                                    guint          n_files);
AttuneProject     *attune_project_new_for_run      (AttuneTrainer *trainer,
                                                    AttuneRun     *run);
/* A draft as a record describes it; its data is read when a page asks for it. */
AttuneProject     *attune_project_new_for_record   (AttuneTrainer         *trainer,
                                                    const AttuneRunRecord *record);
/* A draft with the data and settings of another, for "same again". */
AttuneProject     *attune_project_new_copy         (AttuneProject *other);

AttuneRun         *attune_project_get_run          (AttuneProject *self);
AttuneTrainer     *attune_project_get_trainer      (AttuneProject *self);
gboolean           attune_project_get_editable     (AttuneProject *self);
/* Set by the queue it waits in. */
guint              attune_project_get_turn         (AttuneProject *self);
void               attune_project_set_turn         (AttuneProject *self,
                                                    guint          turn);
GFile             *attune_project_get_file         (AttuneProject *self);
void               attune_project_set_validation_file (AttuneProject *self,
                                                    GFile         *file);
GFile             *attune_project_get_validation_file (AttuneProject *self);
/* Whether to validate on what lies beside the data (see attune_data_files_new()) when there is no
 * file of its own; TRUE from the beginning. */
void               attune_project_set_use_named_validation (AttuneProject *self,
                                                    gboolean       use);
gboolean           attune_project_get_use_named_validation (AttuneProject *self);
/* (element-type GFile) (nullable): what was opened, and what the person chose to validate on. */
GPtrArray         *attune_project_get_given        (AttuneProject *self);
GPtrArray         *attune_project_get_validation_given (AttuneProject *self);
/* (nullable): known once the data is read. */
AttuneDataFiles   *attune_project_get_data_files   (AttuneProject *self);
/* How far the reading under way has come, 0 to 1. */
double             attune_project_get_progress     (AttuneProject *self);
/* Rows to learn from and rows to check with, once the data is read. */
void               attune_project_get_counts       (AttuneProject *self,
                                                    guint         *n_train,
                                                    guint         *n_validation);
/* About how many rows it will bring; 0 while that cannot be told. */
guint              attune_project_get_n_expected   (AttuneProject *self);
gboolean           attune_project_get_loading      (AttuneProject *self);
const char        *attune_project_get_error        (AttuneProject *self);
AttuneTable       *attune_project_get_table        (AttuneProject *self);
AttuneDataset     *attune_project_get_dataset      (AttuneProject *self);
AttuneDataset     *attune_project_get_validation   (AttuneProject *self);
GPtrArray         *attune_project_get_findings     (AttuneProject *self);
GArray            *attune_project_get_lengths      (AttuneProject *self);
AttuneTrainConfig *attune_project_get_config       (AttuneProject *self);
const char        *attune_project_get_model        (AttuneProject *self);
void               attune_project_set_model        (AttuneProject *self,
                                                    const char    *model);
guint              attune_project_get_n_rows       (AttuneProject *self);
void               attune_project_set_n_rows       (AttuneProject *self,
                                                    guint          n_rows);

/* What was chosen of how to read; the table's own options are what was found. */
const AttuneTableOptions *
                   attune_project_get_table_options (AttuneProject           *self);
/* Reads the file again with these choices; properties follow when it is done. */
void               attune_project_set_table_options (AttuneProject            *self,
                                                     const AttuneTableOptions *options);
/* Those chosen or found; also while the data is being read with them. */
const AttuneColumns *
                   attune_project_get_columns       (AttuneProject            *self);
void               attune_project_set_columns       (AttuneProject            *self,
                                                     const AttuneColumns      *columns);
/* Adds to what is done to the data, or takes it away; properties follow as above. */
void               attune_project_amend            (AttuneProject          *self,
                                                    const AttuneAmendments *amendments);
void               attune_project_take_back        (AttuneProject          *self,
                                                    const AttuneAmendments *amendments);
const AttuneAmendments *
                   attune_project_get_amendments   (AttuneProject          *self);
/* Starts reading if nothing was read yet (an earlier run's data). */
void               attune_project_ensure_loaded     (AttuneProject            *self);

/* Why training cannot start whatever else goes on, translated; NULL when it can. (transfer full) */
char              *attune_project_get_fault         (AttuneProject *self);
/* The same, and whether another run trains. */
char              *attune_project_get_obstacle      (AttuneProject *self);
/* Fills a job that borrows from self. */
void               attune_project_fill_job          (AttuneProject  *self,
                                                     AttuneTrainJob *job);
/* Whether the data, once read, is what it was when record was made. */
gboolean           attune_project_check_record      (AttuneProject          *self,
                                                     const AttuneRunRecord  *record,
                                                     GError                **error);
gboolean           attune_project_start             (AttuneProject  *self,
                                                     GError        **error);

/* Whether its run can go on: it is over or interrupted, has a folder, and nothing else trains. */
gboolean           attune_project_can_continue      (AttuneProject       *self);
void               attune_project_continue_async    (AttuneProject       *self,
                                                     double               num_train_epochs,
                                                     GAsyncReadyCallback  callback,
                                                     gpointer             user_data);
gboolean           attune_project_continue_finish   (AttuneProject       *self,
                                                     GAsyncResult        *result,
                                                     GError             **error);
/* A draft as attune_project_new_copy() makes, with another seed for its chance but the same rows
 * held out, or begun with the best weights of the other's run. */
AttuneProject     *attune_project_new_with_seed     (AttuneProject *other);
AttuneProject     *attune_project_new_from_weights  (AttuneProject *other);

G_END_DECLS
