/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Short texts on charts: laid out by Pango in the widget's own font, so that text scaling, language
 * and direction are right, and drawn at an anchor point. Main thread.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The size of tick labels beside the widget's own text. */
#define ATTUNE_CHART_SMALL 0.82

PangoLayout *attune_chart_text_new   (GtkWidget     *widget,
                                      const char    *text,
                                      double         scale,
                                      gboolean       bold);
void         attune_chart_text_limit (PangoLayout   *layout,
                                      double         width);
void         attune_chart_text_size  (PangoLayout   *layout,
                                      double        *width,
                                      double        *height);
void         attune_chart_text_show  (cairo_t       *cr,
                                      PangoLayout   *layout,
                                      const GdkRGBA *color,
                                      double         x,
                                      double         y,
                                      double         x_align,
                                      double         y_align);
void         attune_chart_text_draw  (GtkWidget     *widget,
                                      cairo_t       *cr,
                                      const char    *text,
                                      double         scale,
                                      gboolean       bold,
                                      const GdkRGBA *color,
                                      double         x,
                                      double         y,
                                      double         x_align,
                                      double         y_align);
double       attune_chart_text_width (GtkWidget     *widget,
                                      const char    *text,
                                      double         scale,
                                      gboolean       bold);
void         attune_chart_round_rect (cairo_t       *cr,
                                      double         x,
                                      double         y,
                                      double         width,
                                      double         height,
                                      double         radius);
void         attune_chart_focus_ring (cairo_t       *cr,
                                      const GdkRGBA *color,
                                      double         x,
                                      double         y,
                                      double         width,
                                      double         height,
                                      double         radius);

G_END_DECLS
