/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of AttunePlot share: the object, where things lie in it, and the drawing. Not for
 * other rooms.
 */
#pragma once

#include "attune-plot.h"
#include "attune-plot-palette.h"
#include "attune-plot-series.h"
#include "attune-plot-ticks.h"

G_BEGIN_DECLS

typedef struct {
  double x;
  char  *label;   /* nullable */
} AttunePlotMark;

/* Where everything lies, in pixels of the widget, and which numbers that stands for. */
typedef struct {
  double      width, height;
  double      scale;                    /* device pixels per pixel */
  double      origin_x, origin_y;       /* of the widget on the device, for crisp lines */
  double      left, top, right, bottom; /* the area of the curves */
  double      x_low, x_high;
  double      y_low, y_high;
  gboolean    logarithmic;
  gboolean    has_y;                    /* there is a number to be shown */
  AttuneTicks x_ticks, y_ticks;
} AttunePlotLayout;

struct _AttunePlot {
  GtkWidget         parent_instance;

  GPtrArray        *series;             /* AttunePlotSeries */
  GArray           *marks;              /* AttunePlotMark */
  GArray           *moments;            /* AttunePlotMark */
  char             *title;
  char             *x_label;
  char             *summary;
  double            x_minimum, x_maximum;
  double            zoom_minimum, zoom_maximum;
  double            smoothing;
  double            shade_from;
  double            cursor_x;
  gboolean          percent;
  gboolean          log_y;
  gboolean          show_x_axis;
  gboolean          x_time;
  gboolean          x_power;

  AttunePlotLayout  layout;
  GskRenderNode    *node;               /* the static layer; NULL when something changed */
  AttunePlotPalette node_palette;
  guint             font_serial;

  gboolean          dragging;
  double            drag_from, drag_to; /* pixels */
};

/* attune-plot.c */
void   attune_plot_invalidate       (AttunePlot              *self);
void   attune_plot_series_changed   (AttunePlot              *self);

/* attune-plot-data.c */
void   attune_plot_set_raw_visible  (AttunePlot              *self,
                                     guint                    series,
                                     gboolean                 visible);

/* attune-plot-input.c */
void   attune_plot_add_controllers  (AttunePlot              *self);
void   attune_plot_class_add_bindings (GtkWidgetClass        *widget_class);

/* attune-plot-layout.c */
double attune_plot_series_weight    (AttunePlot              *self,
                                     const AttunePlotSeries  *series);
void   attune_plot_layout_whole     (AttunePlot              *self,
                                     AttunePlotLayout        *layout);
void   attune_plot_layout_compute   (AttunePlot              *self,
                                     AttunePlotLayout        *layout,
                                     double                   width,
                                     double                   height,
                                     double                   scale);
char  *attune_plot_format_x         (AttunePlot              *self,
                                     double                   x,
                                     double                   step);
double attune_plot_layout_x         (const AttunePlotLayout  *layout,
                                     double                   x);
double attune_plot_layout_y         (const AttunePlotLayout  *layout,
                                     double                   y);
double attune_plot_layout_unmap_x   (const AttunePlotLayout  *layout,
                                     double                   position);
double attune_plot_layout_crisp_x   (const AttunePlotLayout  *layout,
                                     double                   position);
double attune_plot_layout_crisp_y   (const AttunePlotLayout  *layout,
                                     double                   position);

/* attune-plot-curves.c */
void   attune_plot_clip_to_area     (cairo_t                 *cr,
                                     const AttunePlotLayout  *layout,
                                     double                   margin);
void   attune_plot_draw_curve       (AttunePlot              *self,
                                     cairo_t                 *cr,
                                     const AttunePlotLayout  *layout,
                                     const AttunePlotPalette *palette,
                                     const AttunePlotSeries  *series);

/* attune-plot-draw.c */
void   attune_plot_draw_static      (AttunePlot              *self,
                                     cairo_t                 *cr,
                                     const AttunePlotLayout  *layout,
                                     const AttunePlotPalette *palette);
gboolean attune_plot_set_dash       (cairo_t                 *cr,
                                     AttuneSeriesStyle        style);
void   attune_plot_draw_sample      (cairo_t                 *cr,
                                     const AttunePlotPalette *palette,
                                     AttuneSeriesStyle        style,
                                     gboolean                 raw,
                                     double                   x,
                                     double                   y);

/* attune-plot-cursor.c */
void   attune_plot_draw_cursor      (AttunePlot              *self,
                                     cairo_t                 *cr,
                                     const AttunePlotLayout  *layout,
                                     const AttunePlotPalette *palette);
double attune_plot_snap             (AttunePlot              *self,
                                     double                   x);
double attune_plot_step_cursor      (AttunePlot              *self,
                                     double                   x,
                                     gint                     direction);
char  *attune_plot_describe_cursor  (AttunePlot              *self,
                                     double                   x);

/* The width of the line sample in legend and read-out. */
#define ATTUNE_PLOT_SAMPLE_WIDTH 18

#define ATTUNE_PLOT_POINT_RADIUS 4.0
#define ATTUNE_PLOT_POINT_LINE 1.6
#define ATTUNE_PLOT_AVERAGE_LINE 2.2

G_END_DECLS
