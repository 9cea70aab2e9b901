/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two files of AttuneConfusionMatrix share. Not for other rooms.
 */
#pragma once

#include "attune-charts.h"
#include "attune-plot-palette.h"

G_BEGIN_DECLS

#define ATTUNE_MATRIX_LEAST_CELL 56
#define ATTUNE_MATRIX_GAP 3.0
#define ATTUNE_MATRIX_NAME_GAP 10.0

/* Where the cells start, in pixels, and how far one is from the next. */
typedef struct {
  double left, top;
  double pitch_x, pitch_y;
  double text_height;
} AttuneMatrixGeometry;

/* The cells from first up to, not including, end. */
typedef struct {
  guint first_row, end_row;
  guint first_column, end_column;
} AttuneMatrixRange;

struct _AttuneConfusionMatrix {
  GtkWidget  parent_instance;
  char     **labels;
  guint64   *counts;        /* (n, n), rows true */
  guint64   *totals;        /* (n,) of each row */
  double     worst;         /* the greatest share that a wrong cell has of its row */
  guint      n;
  gboolean   show_share;
  gboolean   has_choice;
  guint      row, column;   /* the choice */

  GPtrArray *nodes;         /* GskRenderNode of each row of cells, NULL when it is to be drawn */
  AttuneMatrixGeometry node_geometry; /* what they were drawn for */
  AttuneMatrixRange node_range;       /* the part of the matrix that is drawn */
  AttunePlotPalette node_palette;
  double     names_width;   /* of the widest label; below 0 when not known */
};

double attune_confusion_matrix_share         (AttuneConfusionMatrix *self,
                                              guint                  row,
                                              guint                  column);
void   attune_confusion_matrix_forget_row    (AttuneConfusionMatrix *self,
                                              guint                  row);
void   attune_confusion_matrix_forget_rows   (AttuneConfusionMatrix *self);
void   attune_confusion_matrix_find_geometry (AttuneConfusionMatrix *self,
                                              AttuneMatrixGeometry  *geometry);
/* The cells in sight, where the matrix is scrolled, and some around them. */
void   attune_confusion_matrix_find_range    (AttuneConfusionMatrix *self,
                                              guint                  around,
                                              AttuneMatrixRange     *range);
char  *attune_confusion_matrix_format_count  (guint64                count);
void   attune_confusion_matrix_snapshot      (GtkWidget             *widget,
                                              GtkSnapshot           *snapshot);

G_END_DECLS
