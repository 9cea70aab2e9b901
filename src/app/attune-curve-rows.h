/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneCurveRows: the numbers behind the curves of a run as a GListModel: a row for each step and
 * each evaluation, in order. It holds no rows, so a million of them cost nothing until one is looked
 * at. Items are AttuneCurveRow. Main thread only.
 */
#pragma once

#include "attune-run.h"

G_BEGIN_DECLS

typedef enum {
  ATTUNE_CURVE_STEP,
  ATTUNE_CURVE_EPOCH,
  ATTUNE_CURVE_TIME,
  ATTUNE_CURVE_LOSS,
  ATTUNE_CURVE_LEARNING_RATE,
  ATTUNE_CURVE_GRADIENT_NORM,
  ATTUNE_CURVE_TRAIN_ACCURACY,
  ATTUNE_CURVE_EVAL_LOSS,
  ATTUNE_CURVE_EVAL_ACCURACY,
  ATTUNE_CURVE_EVAL_F1_MACRO,
  ATTUNE_CURVE_EVAL_F1_MICRO,
  ATTUNE_CURVE_EVAL_MCC,
  ATTUNE_CURVE_N_COLUMNS,
} AttuneCurveColumn;

/* What a row says; a column it has nothing to say of is not in the set. */
typedef struct {
  double values[ATTUNE_CURVE_N_COLUMNS];
  guint  set;                            /* bits by AttuneCurveColumn */
} AttuneCurveNumbers;

#define ATTUNE_TYPE_CURVE_ROW (attune_curve_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneCurveRow, attune_curve_row, ATTUNE, CURVE_ROW, GObject)

#define ATTUNE_TYPE_CURVE_ROWS (attune_curve_rows_get_type ())
G_DECLARE_FINAL_TYPE (AttuneCurveRows, attune_curve_rows, ATTUNE, CURVE_ROWS, GObject)

AttuneCurveRows *attune_curve_rows_new    (AttuneRun          *run);
/* Takes in what the run has learnt since; emits ::items-changed for that. */
void             attune_curve_rows_update (AttuneCurveRows    *self);
/* FALSE past the end. */
gboolean         attune_curve_rows_read   (AttuneCurveRows    *self,
                                           guint               position,
                                           AttuneCurveNumbers *numbers);
/* (transfer full): as people read it, "" for nothing. */
char            *attune_curve_row_format  (AttuneCurveRow     *self,
                                           AttuneCurveColumn   column);
/* The name of a column in files. */
const char      *attune_curve_column_get_name (AttuneCurveColumn column);

G_END_DECLS
