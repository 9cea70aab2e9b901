/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Charts with invented but lifelike numbers, the same in every run, for tests and the demo; and a
 * way to draw a widget into a file.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *plot_sample_loss       (void);
GtkWidget *plot_sample_accuracy   (void);
GtkWidget *plot_sample_label_bars (void);
GtkWidget *plot_sample_answer_bars (gboolean    second_run);
GtkWidget *plot_sample_histogram  (void);
GtkWidget *plot_sample_score_line (void);
GtkWidget *plot_sample_sparkline  (gboolean     active);
GtkWidget *plot_sample_matrix     (void);

/* A window of its own for the widget, a picture of it, the picture kept as a file, and a key as if
 * pressed. */
GtkWidget  *plot_sample_window    (GtkWidget   *child,
                                   int          width,
                                   int          height,
                                   gboolean     dark);
GdkTexture *plot_sample_render    (GtkWidget   *widget);
void        plot_sample_save      (GdkTexture  *texture,
                                   const char  *name);
gboolean    plot_sample_press     (GtkWidget   *widget,
                                   guint        key);

G_END_DECLS
