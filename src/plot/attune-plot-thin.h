/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The few points that a row of pixels can show of a long series.
 */
#pragma once

#include <glib.h>

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

void attune_plot_thin_init   (AttunePlotThin *self);
void attune_plot_thin_clear  (AttunePlotThin *self);
void attune_plot_thin_reset  (AttunePlotThin *self);
void attune_plot_thin_update (AttunePlotThin *self,
                              const double   *x,
                              const double   *y,
                              guint           n,
                              double          low,
                              double          high,
                              guint           columns);

G_END_DECLS
