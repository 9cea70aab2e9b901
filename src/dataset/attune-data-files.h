/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataFiles: which files are for training, which for validation and which for a test, found
 * out of what a person gives: a file, several, or a folder. Immutable; any thread.
 */
#pragma once

#include "attune-table.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_PART_TRAIN,
  ATTUNE_PART_VALIDATION,
  ATTUNE_PART_TEST,
} AttunePart;

#define ATTUNE_N_PARTS 3

#define ATTUNE_TYPE_DATA_FILES (attune_data_files_get_type ())
typedef struct _AttuneDataFiles AttuneDataFiles;

GType            attune_data_files_get_type  (void);
AttuneDataFiles *attune_data_files_new       (GFile           **given,
                                              guint             n_given,
                                              GCancellable     *cancellable,
                                              GError          **error);
AttuneDataFiles *attune_data_files_ref       (AttuneDataFiles  *self);
void             attune_data_files_unref     (AttuneDataFiles  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDataFiles, attune_data_files_unref)

/* (element-type GFile) (transfer none): files, or folders with a folder for each label; empty if
 * there is no such part. */
GPtrArray       *attune_data_files_get_part  (AttuneDataFiles  *self,
                                              AttunePart        part);
/* How a person calls that part: its file, or how many. (transfer full) (nullable) */
char            *attune_data_files_describe  (AttuneDataFiles  *self,
                                              AttunePart        part);
/* NULL without an error if there is no such part. (transfer full) */
AttuneTable     *attune_data_files_read      (AttuneDataFiles          *self,
                                              AttunePart                part,
                                              const AttuneTableOptions *options,
                                              const AttuneProgress     *progress,
                                              GCancellable             *cancellable,
                                              GError                  **error);
/* "train", "validation", "test" */
const char      *attune_part_get_name        (AttunePart        part);

G_END_DECLS
