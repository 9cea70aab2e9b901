/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Schedules as transformers/optimization.py has them under the same names, with Trainer's reading of
 * warmup_steps and warmup_ratio; only "constant" has no warm-up. Pure functions.
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

  self->type = g_str_equal (name, "cosine")       ? ATTUNE_SCHEDULE_COSINE
               : g_str_equal (name, "linear")     ? ATTUNE_SCHEDULE_LINEAR
               : g_str_equal (name, "polynomial") ? ATTUNE_SCHEDULE_POLYNOMIAL
                                                  : ATTUNE_SCHEDULE_CONSTANT;
  self->power = attune_train_config_get_double (config, "lr_power");
  self->end = attune_train_config_get_double (config, "lr_end");
  self->peak = peak;
  self->steps = steps;
  self->warmup_steps = warmup_steps > 0 ? warmup_steps : (gint64) ceil ((double) steps * ratio);
  if (g_str_equal (name, "constant") || g_str_equal (name, "reduce_lr_on_plateau"))
    self->warmup_steps = 0;
}

/**
 * attune_schedule_init_climb:
 * @first: the rate of the first step, above 0
 * @last: that of the last
 */
void
attune_schedule_init_climb (AttuneSchedule *self,
                            double          first,
                            double          last,
                            gint64          steps)
{
  *self = (AttuneSchedule) { .type = ATTUNE_SCHEDULE_CLIMB, .peak = last, .end = first,
                             .steps = steps };
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
    case ATTUNE_SCHEDULE_POLYNOMIAL:
      return (self->peak - self->end) * pow (MAX (0.0, 1.0 - (done - warmup) / rest), self->power)
             + self->end;
    case ATTUNE_SCHEDULE_CLIMB:
      return self->end * pow (self->peak / self->end, done / MAX (1.0, (double) self->steps - 1));
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

/* A gain counts from one in ten thousand on; of a coefficient below 0 as of one above. */
void
attune_plateau_observe (AttunePlateau     *self,
                        AttuneTrainConfig *config,
                        double             value,
                        gboolean           larger_is_better)
{
  double least = 1e-4 * fabs (self->best);
  gboolean gained = isnan (self->best)
                    || (larger_is_better ? value > self->best + least : value < self->best - least);

  if (!g_str_equal (attune_train_config_get_string (config, "lr_scheduler_type"),
                    "reduce_lr_on_plateau"))
    return;
  if (gained)
    {
      self->best = value;
      self->n_bad = 0;
      return;
    }
  if (++self->n_bad <= attune_train_config_get_int (config, "lr_plateau_patience"))
    return;
  self->scale *= attune_train_config_get_double (config, "lr_plateau_factor");
  self->n_bad = 0;
}
