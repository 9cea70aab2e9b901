/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learning rate as a function of the step, as transformers' schedulers have it.
 */
#pragma once

#include "attune-train-config.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_SCHEDULE_LINEAR,
  ATTUNE_SCHEDULE_COSINE,
  ATTUNE_SCHEDULE_POLYNOMIAL,
  ATTUNE_SCHEDULE_CONSTANT, /* with warm-up, without, or lowered by AttunePlateau */
  ATTUNE_SCHEDULE_CLIMB,    /* of a range test: from end to peak, by the same factor each step */
} AttuneScheduleType;

typedef struct {
  AttuneScheduleType type;
  double peak;         /* the learning rate after warm-up */
  gint64 warmup_steps;
  gint64 steps;        /* in all */
  double power, end;   /* of the polynomial; end of the climb, too, where it begins */
} AttuneSchedule;

void   attune_schedule_init       (AttuneSchedule       *self,
                                   AttuneTrainConfig    *config,
                                   double                peak,
                                   gint64                steps);
void   attune_schedule_init_climb (AttuneSchedule       *self,
                                   double                first,
                                   double                last,
                                   gint64                steps);
/* Of reduce_lr_on_plateau: what the rate is multiplied by, and why. */
typedef struct {
  double scale;        /* 1 at first */
  double best;         /* of the metric; NaN: none yet */
  guint n_bad;         /* evaluations without gain since */
} AttunePlateau;

/* After an evaluation, as torch.optim.lr_scheduler.ReduceLROnPlateau. */
void   attune_plateau_observe     (AttunePlateau        *self,
                                   AttuneTrainConfig    *config,
                                   double                value,
                                   gboolean              larger_is_better);
double attune_schedule_get_rate   (const AttuneSchedule *self,
                                   gint64                step);
/* 2e-5, 5e-5 or 1e-4 by hidden size. */
double attune_schedule_propose_peak (guint               hidden_size);

G_END_DECLS
