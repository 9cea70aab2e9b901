/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small charts: bars per label, token-length histogram, sparkline, score line and confusion
 * matrix. Each is a widget with role, label and spoken summary of its own. Main thread only.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Horizontal bars: label, bar 12-14 px high, value text(s) at the end. */
#define ATTUNE_TYPE_BAR_LIST (attune_bar_list_get_type ())
G_DECLARE_FINAL_TYPE (AttuneBarList, attune_bar_list, ATTUNE, BAR_LIST, GtkWidget)
GtkWidget *attune_bar_list_new        (void);
/* fractions 0..1 are bar lengths; values and shares are texts at the end (shares nullable). The
 * bar `emphasized` is bold and full in colour, others at 55 % (-1: all full). */
void       attune_bar_list_set_bars   (AttuneBarList       *self,
                                       const char * const  *labels,
                                       const double        *fractions,
                                       const char * const  *values,
                                       const char * const  *shares,
                                       guint                n,
                                       gint                 emphasized);
/* Properties: row-height (uint, least pixels per row, 22; 34 makes the bars 14 high), second-run
 * (boolean; green instead of blue), show-labels (boolean; FALSE where another list beside it names
 * the same rows), threshold (double; a line across the bars, those beyond it stand out; -1: none).
 * Signal "bar-activated" (AttuneBarList, guint index): clicked, or Enter on the focused bar. */

/* Histogram of token lengths in bins of 8, with the cut line that can be dragged.
 * Property: cut (uint, writable, notifies), signal by notify. */
#define ATTUNE_TYPE_HISTOGRAM (attune_histogram_get_type ())
G_DECLARE_FINAL_TYPE (AttuneHistogram, attune_histogram, ATTUNE, HISTOGRAM, GtkWidget)
GtkWidget *attune_histogram_new         (void);
void       attune_histogram_set_lengths (AttuneHistogram *self,
                                         const guint     *lengths,
                                         guint            n);

/* The same of lengths (guint) that are in order, and shared instead of copied. */
void       attune_histogram_set_sorted  (AttuneHistogram *self,
                                         GArray          *lengths);

/* 58x26 curve of one metric with a dot at its last value. */
#define ATTUNE_TYPE_SPARKLINE (attune_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSparkline, attune_sparkline, ATTUNE, SPARKLINE, GtkWidget)
GtkWidget *attune_sparkline_new        (void);
void       attune_sparkline_set_values (AttuneSparkline *self,
                                        const double    *values,
                                        guint            n,
                                        gboolean         active);

/* The 0-100 % line of Results: base lines as marks, the run as dot with its interval. */
#define ATTUNE_TYPE_SCORE_LINE (attune_score_line_get_type ())
G_DECLARE_FINAL_TYPE (AttuneScoreLine, attune_score_line, ATTUNE, SCORE_LINE, GtkWidget)
GtkWidget *attune_score_line_new       (void);
void       attune_score_line_set       (AttuneScoreLine *self,
                                        double           score,
                                        double           low,
                                        double           high,
                                        double           majority,
                                        const char      *majority_label,
                                        double           naive_bayes);

/* More classes than this make more cells than anybody could look through. */
#define ATTUNE_CONFUSION_MATRIX_MAX 500

/* Confusion matrix: rows true, columns guessed. Arrow keys move the choice.
 * Properties: show-share (boolean). Signal "cell-selected" (self, guint true, guint guessed). */
#define ATTUNE_TYPE_CONFUSION_MATRIX (attune_confusion_matrix_get_type ())
G_DECLARE_FINAL_TYPE (AttuneConfusionMatrix, attune_confusion_matrix, ATTUNE, CONFUSION_MATRIX,
                      GtkWidget)
GtkWidget *attune_confusion_matrix_new    (void);
void       attune_confusion_matrix_set    (AttuneConfusionMatrix *self,
                                           const char * const    *labels,
                                           const guint64         *counts,
                                           guint                  n_classes);
void       attune_confusion_matrix_select (AttuneConfusionMatrix *self,
                                           guint                  true_label,
                                           guint                  guessed_label);

G_END_DECLS
