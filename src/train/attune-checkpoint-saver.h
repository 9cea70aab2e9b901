/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneCheckpointSaver: writes checkpoints beside training. Weights and moments are copied out of
 * the engine in an instant; a thread then writes, syncs and hashes the copy while the next steps are
 * computed. Where there is not memory for a copy the caller waits instead. Trainer thread only.
 */
#pragma once

#include "attune-checkpoint.h"
#include "attune-classifier.h"

G_BEGIN_DECLS

/* How a save ended. */
typedef struct {
  gint64 step;
  char *path;
  guint64 n_bytes;
  GError *error;  /* NULL: it is on disk, and older ones are pruned */
} AttuneCheckpointResult;

void                   attune_checkpoint_result_clear (AttuneCheckpointResult      *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneCheckpointResult, attune_checkpoint_result_clear)

typedef struct _AttuneCheckpointSaver AttuneCheckpointSaver;

/* The newest n_kept checkpoints of the run stay, and that of the best step. */
AttuneCheckpointSaver *attune_checkpoint_saver_new    (const char                  *run_folder,
                                                       guint                        n_kept);
/* Waits for a save that is under way; its result is lost. */
void                   attune_checkpoint_saver_free   (AttuneCheckpointSaver       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCheckpointSaver, attune_checkpoint_saver_free)

/* Whether a save is under way; then none may begin. */
gboolean               attune_checkpoint_saver_is_busy (AttuneCheckpointSaver      *self);
/* FALSE when the engine cannot hand out its state. What the disk refuses is a result. */
gboolean               attune_checkpoint_saver_begin  (AttuneCheckpointSaver       *self,
                                                       AttuneClassifier            *classifier,
                                                       const AttuneCheckpointState *state,
                                                       GError                     **error);
/* TRUE with a result that has not been told yet; wait: for the save under way. */
gboolean               attune_checkpoint_saver_collect (AttuneCheckpointSaver      *self,
                                                       gboolean                     wait,
                                                       AttuneCheckpointResult      *result);
/* Puts weights and moments of a checkpoint into the classifier that was made from its folder. */
gboolean               attune_checkpoint_restore      (const AttuneCheckpoint      *checkpoint,
                                                       AttuneClassifier            *classifier,
                                                       GError                     **error);
/* Whether n_bytes more can be written there; else what is missing is said in *error. */
gboolean               attune_checkpoint_check_space  (const char                  *folder,
                                                       guint64                      n_bytes,
                                                       GError                     **error);

G_END_DECLS
