/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One series of a plot: its numbers, their moving average, and the few points that a row of pixels
 * can show of them. No drawing; used on the main thread.
 */
#pragma once

#include "attune-plot.h"

G_BEGIN_DECLS

typedef struct {
  double x;
  double y;
} AttunePlotPoint;

/* A series cut down to at most two points a column: the least and the greatest value in it. */
typedef struct {
  GArray *line;        /* AttunePlotPoint in order of x; y is NaN where the line breaks */
  GArray *bad;         /* AttunePlotPoint that are NaN or infinite, at most one a column */
  double  low;         /* the range of x and the columns it was made for */
  double  high;
  guint   columns;
  guint   consumed;    /* points looked at so far; appended ones only continue */
  gboolean complete;   /* a point beyond the range has been met */
  gint    column;      /* the open column, from -1 (before the range) to columns (after it) */
  guint   line_start;  /* where the open column starts in line and bad */
  guint   bad_start;
  AttunePlotPoint minimum;
  AttunePlotPoint maximum;
  AttunePlotPoint odd;
  gboolean has_finite;
  gboolean has_odd;
  gboolean odd_first;
} AttunePlotThin;

typedef struct {
  char             *label;
  AttuneSeriesStyle style;
  gboolean          visible;
  gboolean          raw_visible;  /* the values behind the average */
  gboolean          smoothed;     /* asks for the average */
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

void              attune_plot_thin_init        (AttunePlotThin    *self);
void              attune_plot_thin_clear       (AttunePlotThin    *self);
void              attune_plot_thin_reset       (AttunePlotThin    *self);
void              attune_plot_thin_update      (AttunePlotThin    *self,
                                                const double      *x,
                                                const double      *y,
                                                guint              n,
                                                double             low,
                                                double             high,
                                                guint              columns);

G_END_DECLS
