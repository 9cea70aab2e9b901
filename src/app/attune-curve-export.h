/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The curves of a run as a file: both plots as a picture (PNG, SVG, PDF), as they are shown, or all
 * their numbers as CSV. Main thread; compressing and writing happen on GIO's pool.
 */
#pragma once

#include <gtk/gtk.h>

#include "attune-plot.h"
#include "attune-run.h"

G_BEGIN_DECLS

/* What a file of curves is made from; borrowed for the call only. */
typedef struct {
  AttuneRun  *run;
  AttunePlot *loss;
  AttunePlot *metric;
  const char *format;  /* "png", "svg", "pdf" or "csv" */
} AttuneCurveExport;

void     attune_curve_export_async  (const AttuneCurveExport *what,
                                     GFile                   *file,
                                     GCancellable            *cancellable,
                                     GAsyncReadyCallback      callback,
                                     gpointer                 user_data);
gboolean attune_curve_export_finish (GAsyncResult            *result,
                                     GError                 **error);
/* Asks for the file first; parent tells the outcome by toast or dialog if it is in an AttuneWindow. */
void     attune_curve_export_ask    (const AttuneCurveExport *what,
                                     GtkWidget               *parent);

G_END_DECLS
