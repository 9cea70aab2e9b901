/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers that the second plot of the Train page can show, and what is said of a run's curves in
 * words. Main thread.
 */
#pragma once

#include "attune-run.h"

G_BEGIN_DECLS

/* One of the numbers; all are described in attune-curve-summary.c. */
typedef struct
{
  const char *name;         /* in the settings */
  const char *title;        /* to be translated */
  gboolean percent;
  gboolean base_lines;      /* of the majority and of naive Bayes */
  gboolean smoothed;        /* single steps are noise */
  gsize steps;              /* where in AttuneRunHistory, 0 if steps have none */
  gsize evaluations;        /* … if evaluations have none */
} AttuneCurveMetric;

/* (nullable): NULL for a name that is none of them. */
const AttuneCurveMetric *attune_curve_metric_find            (const char              *name);
/* What it is called for this run. */
const char              *attune_curve_metric_get_title       (const AttuneCurveMetric *self,
                                                              AttuneRun               *run);
/* (element-type double) (nullable): beside history->step, and beside history->eval_step. */
const GArray            *attune_curve_metric_get_steps       (const AttuneCurveMetric *self,
                                                              const AttuneRunHistory  *history);
const GArray            *attune_curve_metric_get_evaluations (const AttuneCurveMetric *self,
                                                              const AttuneRunHistory  *history);

/* (transfer full): sentences for screen readers, to be renewed once an epoch. */
char                    *attune_curve_describe_loss          (AttuneRun               *run);
char                    *attune_curve_describe_metric        (AttuneRun               *run,
                                                              const AttuneCurveMetric *metric);

G_END_DECLS
