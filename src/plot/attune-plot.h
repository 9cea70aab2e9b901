/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttunePlot: a line chart drawn with Cairo. Knows nothing of training: it gets series of numbers,
 * draws them in the theme's colours at any scale, thins points to pixels, and tells assistive
 * technology what it shows. Main thread only.
 *
 * Properties: title, x-label (string), x-minimum, x-maximum (double; the whole axis, NaN from the
 * data), zoom-minimum, zoom-maximum (double; the part looked at, NaN none; written by dragging),
 * percent (boolean; y in percent, values 0..1), log-y (boolean), smoothing (double 0..0.999, weight
 * of the debiased moving average of series that ask for it), shade-from (double x; what follows is
 * still to come, NaN none), cursor-x (double, NaN none), show-x-axis (boolean), x-time (boolean; x
 * is in seconds), x-power (boolean; x is the logarithm to base 10 of what is written on the axis),
 * summary (string, spoken; set per epoch). All can be written, bound and watched.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_SERIES_TRAINING,    /* blue, solid; the raw values faint behind their moving average */
  ATTUNE_SERIES_VALIDATION,  /* orange, hollow circles joined */
  ATTUNE_SERIES_OTHER,       /* green, dash-dot: another run */
  ATTUNE_SERIES_OTHER_2,     /* brown, long dashes: a second one */
  ATTUNE_SERIES_OTHER_3,     /* nearly black or white, dash-dot-dot: a third one */
  ATTUNE_SERIES_BASELINE_NAIVE_BAYES, /* grey dashed level line, named at its end */
  ATTUNE_SERIES_BASELINE_REGRESSION,  /* the same, dashes and dots */
  ATTUNE_SERIES_BASELINE_MAJORITY,    /* grey dotted level line, named at its end */
} AttuneSeriesStyle;
#define ATTUNE_TYPE_PLOT (attune_plot_get_type ())
G_DECLARE_FINAL_TYPE (AttunePlot, attune_plot, ATTUNE, PLOT, GtkWidget)

GtkWidget *attune_plot_new            (void);
/* Returns the number of the series. label is what legend and read-out say. */
guint      attune_plot_add_series     (AttunePlot        *self,
                                       const char        *label,
                                       AttuneSeriesStyle  style);
void       attune_plot_clear          (AttunePlot        *self);
/* Takes away the series that were added after the first n_series. */
void       attune_plot_truncate       (AttunePlot        *self,
                                       guint              n_series);
/* Appends n points, x ascending; y may be NaN or infinite (marked, never joined). One redraw. */
void       attune_plot_append         (AttunePlot        *self,
                                       guint              series,
                                       const double      *x,
                                       const double      *y,
                                       guint              n);
void       attune_plot_set_data       (AttunePlot        *self,
                                       guint              series,
                                       const double      *x,
                                       const double      *y,
                                       guint              n);
/* A base line's level; NaN hides it. */
void       attune_plot_set_level      (AttunePlot        *self,
                                       guint              series,
                                       double             y);
void       attune_plot_set_series_visible (AttunePlot    *self,
                                           guint          series,
                                           gboolean       visible);
/* Whether the legend has it; not one that will have no points. */
void       attune_plot_set_series_listed (AttunePlot     *self,
                                          guint           series,
                                          gboolean        listed);
void       attune_plot_set_series_label (AttunePlot      *self,
                                         guint            series,
                                         const char      *label);
/* Whether the series is drawn as its moving average. Training series ask for it from the start. */
void       attune_plot_set_series_smoothed (AttunePlot   *self,
                                            guint         series,
                                            gboolean      smoothed);
/* A training series that stands behind what matters: its average thin and pale, no single values. */
void       attune_plot_set_series_faint (AttunePlot      *self,
                                         guint            series,
                                         gboolean         faint);
/* Vertical marks with a name above ("Epoch 2"; labels, or single ones, may be NULL: the line
 * only); x ascending. */
void       attune_plot_set_marks      (AttunePlot         *self,
                                       const double       *x,
                                       const char * const *labels,
                                       guint               n);
/* Places where something happened: thin dashed lines, named at their foot (labels, or single ones,
 * may be NULL); x ascending. */
void       attune_plot_set_moments    (AttunePlot         *self,
                                       const double       *x,
                                       const char * const *labels,
                                       guint               n);
/* Two plots above each other share crosshair and zoom from now on. */
void       attune_plot_link           (AttunePlot        *self,
                                       AttunePlot        *other);
/* Shows the whole axis again. */
void       attune_plot_reset_zoom     (AttunePlot        *self);
/* A flat toggle per series that hides it; put above the plot. (transfer floating) */
GtkWidget *attune_plot_create_legend  (AttunePlot        *self);
/* The same into any Cairo surface, for PNG, SVG, PDF: on white, with title and legend. */
void       attune_plot_draw           (AttunePlot        *self,
                                       cairo_t           *cr,
                                       double             width,
                                       double             height);

G_END_DECLS
