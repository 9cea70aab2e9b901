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
  ATTUNE_SCHEDULE_CONSTANT,
} AttuneScheduleType;

typedef struct {
  AttuneScheduleType type;
  double peak;         /* the learning rate after warm-up */
  gint64 warmup_steps;
  gint64 steps;        /* in all */
  double power, end;   /* of the polynomial */
} AttuneSchedule;

void   attune_schedule_init       (AttuneSchedule       *self,
                                   AttuneTrainConfig    *config,
                                   double                peak,
                                   gint64                steps);
double attune_schedule_get_rate   (const AttuneSchedule *self,
                                   gint64                step);
/* 2e-5, 5e-5 or 1e-4 by hidden size. */
double attune_schedule_propose_peak (guint               hidden_size);

G_END_DECLS
