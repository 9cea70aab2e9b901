/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checkpoints on disk: checkpoints/step-N/ in the folder of a run, each a Hugging Face folder with
 * the moments of the optimizer and the state of the run beside the weights. MANIFEST.json, written
 * last, has size and SHA-256 of each file; a folder that does not agree with it is no checkpoint.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_CHECKPOINT_WEIGHTS "model.safetensors"
#define ATTUNE_CHECKPOINT_OPTIMIZER "optimizer.safetensors"
#define ATTUNE_CHECKPOINT_STATE "state.json"
#define ATTUNE_CHECKPOINT_MANIFEST "MANIFEST.json"

/* What a run needs to go on as if nothing had happened, besides weights, moments and run.json.
 * Everything random is a function of seed, epoch and step, so there is none of that here. */
typedef struct {
  gint64 step;            /* optimizer steps done */
  double time;            /* seconds of the run until then, pauses excluded */
  guint64 events_length;  /* bytes of events.jsonl that were said until then */
  guint part_size;        /* rows of one call of the engine: less than a batch once memory ran out */
  guint eval_rows;        /* the same in evaluations; 0: as many as usual */
  double loss_sum;        /* since the last step event, see logging_steps */
  guint n_summed;
  guint64 n_correct;
  guint64 n_seen;
  gboolean baselines_said;
  gint64 evaluated_step;  /* -1: none yet; behind step: that evaluation is still to be done */
  guint n_without_gain;   /* evaluations */
  double plateau_scale;   /* of the learning rate, see AttunePlateau */
  double plateau_best;
  guint plateau_bad;
  gint64 best_step;       /* 0: none, and what follows is NaN */
  double best_loss;
  double best_accuracy;
  double best_f1_macro;
  double best_f1_micro;
  double best_mcc;
} AttuneCheckpointState;

typedef struct {
  char *path;
  gint64 step;
  guint64 n_bytes;        /* of its files */
  AttuneCheckpointState state;
} AttuneCheckpoint;

void              attune_checkpoint_free        (AttuneCheckpoint             *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCheckpoint, attune_checkpoint_free)

/* state.json, both ways; source_name: what messages call the text. */
char             *attune_checkpoint_state_to_json (const AttuneCheckpointState *self);
gboolean          attune_checkpoint_state_parse (AttuneCheckpointState        *self,
                                                 const char                   *json,
                                                 gsize                         length,
                                                 const char                   *source_name,
                                                 GError                      **error);

/* checkpoints/ of a run; checkpoints/step-N. (transfer full) */
char             *attune_checkpoint_build_folder (const char                  *run_folder);
char             *attune_checkpoint_build_path  (const char                   *run_folder,
                                                 gint64                        step);
/* Writes the manifest of the files that are in folder. *n_bytes: all of them together */
gboolean          attune_checkpoint_seal        (const char                   *folder,
                                                 gint64                        step,
                                                 guint64                      *n_bytes,
                                                 GError                      **error);
/* Reads every byte. NULL with ATTUNE_TRAIN_ERROR_RUN if anything differs from the manifest. */
AttuneCheckpoint *attune_checkpoint_open        (const char                   *path,
                                                 GError                      **error);
/* The steps of the folders that are named as checkpoints, newest first: (element-type gint64). */
GArray           *attune_checkpoint_list        (const char                   *run_folder);
/* The newest whole one; NULL if there is none. skipped: (nullable) (element-type utf8) gets a
 * sentence for each newer one that is damaged. */
AttuneCheckpoint *attune_checkpoint_find_newest (const char                   *run_folder,
                                                 GPtrArray                    *skipped);
/* Removes all but the newest n and those of the steps that are kept (n_kept,). */
void              attune_checkpoint_prune       (const char                   *run_folder,
                                                 guint                         n,
                                                 const gint64                 *kept,
                                                 guint                         n_kept);
/* About what one takes for so many weights and moments, which what is frozen has none of. */
guint64           attune_checkpoint_estimate_bytes (guint64                    n_weights,
                                                    guint64                    n_moments);
/* About what a run takes at most that keeps so many of the newest (0: saves none), with best/. */
guint64           attune_checkpoint_estimate_run (guint64                      n_weights,
                                                 guint64                       n_moments,
                                                 guint                         n_kept);

G_END_DECLS
