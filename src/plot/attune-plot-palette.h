/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The colours of all charts, taken from GNOME's palette for light and dark surroundings, and the
 * greys derived from the widget's own text colour. Main thread.
 */
#pragma once

#include "attune-plot.h"

G_BEGIN_DECLS

typedef struct {
  GdkRGBA  foreground;   /* full text colour */
  GdkRGBA  dim;          /* tick labels */
  GdkRGBA  faint;        /* what is still to come, what is switched off */
  GdkRGBA  grid;
  GdkRGBA  axis;
  GdkRGBA  mark;         /* epochs */
  GdkRGBA  crosshair;
  GdkRGBA  shade;
  GdkRGBA  track;        /* behind bars */
  GdkRGBA  paper;        /* what hollow circles are filled with: the card beneath */
  GdkRGBA  sheet;        /* the read-out card */
  GdkRGBA  training;
  GdkRGBA  validation;
  GdkRGBA  other;
  GdkRGBA  other_2;
  GdkRGBA  other_3;
  GdkRGBA  baseline;
  double   raw_alpha;
  gboolean dark;
} AttunePlotPalette;

void    attune_plot_palette_for_widget (AttunePlotPalette       *self,
                                        GtkWidget               *widget);
void    attune_plot_palette_init       (AttunePlotPalette       *self,
                                        const GdkRGBA           *foreground,
                                        gboolean                 high_contrast);
GdkRGBA attune_plot_palette_series     (const AttunePlotPalette *self,
                                        AttuneSeriesStyle        style);
GdkRGBA attune_rgba_with_alpha         (GdkRGBA                  color,
                                        double                   alpha);
GdkRGBA attune_rgba_over               (GdkRGBA                  top,
                                        GdkRGBA                  below);
double  attune_rgba_luminance          (GdkRGBA                  color);

G_END_DECLS
