/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One series of a plot: its numbers, their moving average, and what is left of both once thinned to
 * pixels. No drawing; main thread.
 */
#pragma once

#include "attune-plot.h"
#include "attune-plot-thin.h"

G_BEGIN_DECLS

typedef struct {
  char             *label;
  AttuneSeriesStyle style;
  gboolean          visible;
  gboolean          raw_visible;  /* the values behind the average */
  gboolean          smoothed;     /* asks for the average */
  gboolean          listed;       /* in the legend */
  gboolean          faint;        /* behind the others: no single values, pale */
  double            level;        /* of a base line; NaN hides it */
  GArray           *x;            /* double */
  GArray           *y;            /* double */
  GArray           *average;      /* double; as long as y once brought up to date */
  double            weight;       /* what average was made with */
  double            accumulated;
  double            remaining;    /* weight to the power of the finite values so far */
  AttunePlotThin    thin;
  AttunePlotThin    thin_average;
} AttunePlotSeries;

AttunePlotSeries *attune_plot_series_new       (const char        *label,
                                                AttuneSeriesStyle  style);
void              attune_plot_series_free      (AttunePlotSeries  *self);
gboolean          attune_plot_series_is_level  (const AttunePlotSeries *self);
gboolean          attune_plot_series_is_other  (const AttunePlotSeries *self);
gboolean          attune_plot_series_shows_raw (const AttunePlotSeries *self);
void              attune_plot_series_clear     (AttunePlotSeries  *self);
void              attune_plot_series_append    (AttunePlotSeries  *self,
                                                const double      *x,
                                                const double      *y,
                                                guint              n);
void              attune_plot_series_smooth    (AttunePlotSeries  *self,
                                                double             weight);
gint              attune_plot_series_find      (const AttunePlotSeries *self,
                                                double             x);
gint              attune_plot_series_nearest   (const AttunePlotSeries *self,
                                                double             x);
void              attune_plot_series_thin      (AttunePlotSeries  *self,
                                                double             low,
                                                double             high,
                                                guint              columns,
                                                double             weight);

G_END_DECLS
