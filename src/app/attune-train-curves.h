/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTrainCurves: what the two plots of the Train page show of a run: which numbers, along which
 * axis, with which other runs beside them. Numbers come from the run's history and its events; the
 * plots are the page's and must outlive this. Main thread only.
 */
#pragma once

#include "attune-plot.h"
#include "attune-run.h"

G_BEGIN_DECLS

/* More runs than this beside one's own could not be told apart. */
#define ATTUNE_TRAIN_CURVES_MAX_OTHERS 3

typedef struct _AttuneTrainCurves AttuneTrainCurves;

AttuneTrainCurves *attune_train_curves_new          (AttunePlot        *loss,
                                                     AttunePlot        *metric);
void               attune_train_curves_free         (AttuneTrainCurves *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTrainCurves, attune_train_curves_free)

/* NULL for none; other runs and moments go with the run before. */
void               attune_train_curves_set_run      (AttuneTrainCurves *self,
                                                     AttuneRun         *run);
/* "step", "epoch" or "time", as the settings have it. */
void               attune_train_curves_set_axis     (AttuneTrainCurves *self,
                                                     const char        *axis);
/* What the second plot shows, as the settings have it: "accuracy", "f1-macro", … */
void               attune_train_curves_set_metric   (AttuneTrainCurves *self,
                                                     const char        *metric);
/* (element-type AttuneRun): drawn behind the run's own curves, the first few of them. */
void               attune_train_curves_set_others   (AttuneTrainCurves *self,
                                                     GPtrArray         *others);
GPtrArray         *attune_train_curves_get_others   (AttuneTrainCurves *self);
/* Marks where a run that had been interrupted went on: after this step. */
void               attune_train_curves_add_moment   (AttuneTrainCurves *self,
                                                     gint64             step);
/* Takes in an event that the run has just applied. */
void               attune_train_curves_append       (AttuneTrainCurves *self,
                                                     const AttuneEvent *event);
/* The run is at another step or in another state: what is still to come is shaded. */
void               attune_train_curves_update_shade (AttuneTrainCurves *self);
/* Says anew what the plots show, for screen readers. */
void               attune_train_curves_update_summaries (AttuneTrainCurves *self);

G_END_DECLS
