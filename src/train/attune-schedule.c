/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Schedules with warm-up: get_linear_schedule_with_warmup, get_cosine_schedule_with_warmup and
 * get_constant_schedule_with_warmup of transformers/optimization.py, with Trainer's reading of
 * warmup_steps and warmup_ratio. Pure functions.
 */
#include "config.h"

#include <math.h>

#include "attune-schedule.h"

/**
 * attune_schedule_init:
 * @peak: what "auto" became, if it was automatic
 * @steps: optimizer steps of the whole run
 *
 * A positive warmup_steps wins; else warm-up takes ceil (warmup_ratio × steps).
 */
void
attune_schedule_init (AttuneSchedule    *self,
                      AttuneTrainConfig *config,
                      double             peak,
                      gint64             steps)
{
  const char *name = attune_train_config_get_string (config, "lr_scheduler_type");
  gint64 warmup_steps = attune_train_config_get_int (config, "warmup_steps");
  double ratio = attune_train_config_get_double (config, "warmup_ratio");

  self->type = g_str_equal (name, "cosine")   ? ATTUNE_SCHEDULE_COSINE
               : g_str_equal (name, "linear") ? ATTUNE_SCHEDULE_LINEAR
                                              : ATTUNE_SCHEDULE_CONSTANT;
  self->peak = peak;
  self->steps = steps;
  self->warmup_steps = warmup_steps > 0 ? warmup_steps : (gint64) ceil ((double) steps * ratio);
}

/**
 * attune_schedule_get_rate:
 * @step: from 1
 *
 * Returns: the learning rate that step @step uses; with warm-up the first one's is 0
 */
double
attune_schedule_get_rate (const AttuneSchedule *self,
                          gint64                step)
{
  double done = (double) (step - 1);
  double warmup = (double) self->warmup_steps;
  double rest = MAX (1.0, (double) (self->steps - self->warmup_steps));

  if (done < warmup)
    return self->peak * (done / MAX (1.0, warmup));
  switch (self->type)
    {
    case ATTUNE_SCHEDULE_LINEAR:
      return self->peak * MAX (0.0, ((double) self->steps - done) / rest);
    case ATTUNE_SCHEDULE_COSINE:
      return self->peak * MAX (0.0, 0.5 * (1.0 + cos (G_PI * (done - warmup) / rest)));
    case ATTUNE_SCHEDULE_CONSTANT:
    default:
      return self->peak;
    }
}

double
attune_schedule_propose_peak (guint hidden_size)
{
  if (hidden_size >= 768)
    return 2e-5;
  return hidden_size > 256 ? 5e-5 : 1e-4;
}
