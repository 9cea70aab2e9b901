/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneCurveRows: most evaluations stand in the row of their step; one at a step that was not logged
 * has a row of its own. Only those few are kept, with their positions; everything else is found by
 * bisection in the history.
 */
#include "config.h"

#include "attune-curve-rows.h"

#include "attune-plot-ticks.h"

struct _AttuneCurveRow
{
  GObject parent_instance;

  AttuneCurveNumbers numbers;
};

G_DEFINE_FINAL_TYPE (AttuneCurveRow, attune_curve_row, G_TYPE_OBJECT)

struct _AttuneCurveRows
{
  GObject parent_instance;

  AttuneRun *run;
  guint n_steps;        /* taken in so far */
  guint n_evaluations;
  GArray *lone;         /* guint: evaluations whose step has no row */
  GArray *lone_at;      /* guint: the rows they have instead, ascending */
};

static void
attune_curve_row_class_init (AttuneCurveRowClass *klass)
{
}

static void
attune_curve_row_init (AttuneCurveRow *self)
{
}

static GType
attune_curve_rows_get_item_type (GListModel *model)
{
  return ATTUNE_TYPE_CURVE_ROW;
}

static guint
attune_curve_rows_get_n_items (GListModel *model)
{
  AttuneCurveRows *self = ATTUNE_CURVE_ROWS (model);

  return self->n_steps + self->lone->len;
}

static gpointer
attune_curve_rows_get_item (GListModel *model, guint position)
{
  AttuneCurveNumbers numbers;
  AttuneCurveRow *row;

  if (!attune_curve_rows_read (ATTUNE_CURVE_ROWS (model), position, &numbers))
    return NULL;
  row = g_object_new (ATTUNE_TYPE_CURVE_ROW, NULL);
  row->numbers = numbers;
  return row;
}

static void
attune_curve_rows_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = attune_curve_rows_get_item_type;
  iface->get_n_items = attune_curve_rows_get_n_items;
  iface->get_item = attune_curve_rows_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (AttuneCurveRows, attune_curve_rows, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      attune_curve_rows_list_model_init))

static void
attune_curve_rows_finalize (GObject *object)
{
  AttuneCurveRows *self = ATTUNE_CURVE_ROWS (object);

  g_object_unref (self->run);
  g_array_unref (self->lone);
  g_array_unref (self->lone_at);
  G_OBJECT_CLASS (attune_curve_rows_parent_class)->finalize (object);
}

static void
attune_curve_rows_class_init (AttuneCurveRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_curve_rows_finalize;
}

static void
attune_curve_rows_init (AttuneCurveRows *self)
{
  self->lone = g_array_new (FALSE, FALSE, sizeof (guint));
  self->lone_at = g_array_new (FALSE, FALSE, sizeof (guint));
}

/* How many of the first n, ascending, lie below a value. */
static guint
count_below (const GArray *values, guint n, double value)
{
  guint low = 0;
  guint high = MIN (n, values->len);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (values, double, middle) < value)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static guint
count_lone_before (AttuneCurveRows *self, guint position)
{
  guint low = 0;
  guint high = self->lone_at->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->lone_at, guint, middle) < position)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Counts an evaluation in and returns the row that it changes or makes. */
static guint
take_evaluation (AttuneCurveRows *self, const AttuneRunHistory *history, guint evaluation)
{
  double step = g_array_index (history->eval_step, double, evaluation);
  guint n_before = count_below (history->step, self->n_steps, step);
  guint position = n_before + self->lone->len;

  if (n_before < self->n_steps && g_array_index (history->step, double, n_before) == step)
    return position;
  g_array_append_val (self->lone, evaluation);
  g_array_append_val (self->lone_at, position);
  return position;
}

void
attune_curve_rows_update (AttuneCurveRows *self)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);
  guint n_old = self->n_steps + self->lone->len;
  guint n_new;
  guint first = n_old;

  /* A run that goes on from an earlier step has forgotten what came after it. */
  if (history->step->len < self->n_steps || history->eval_step->len < self->n_evaluations)
    {
      self->n_steps = self->n_evaluations = first = 0;
      g_array_set_size (self->lone, 0);
      g_array_set_size (self->lone_at, 0);
    }
  self->n_steps = history->step->len;
  for (; self->n_evaluations < history->eval_step->len; self->n_evaluations++)
    first = MIN (first, take_evaluation (self, history, self->n_evaluations));
  n_new = self->n_steps + self->lone->len;
  if (first < MAX (n_old, n_new))
    g_list_model_items_changed (G_LIST_MODEL (self), first, n_old - MIN (first, n_old),
                                n_new - first);
}

AttuneCurveRows *
attune_curve_rows_new (AttuneRun *run)
{
  AttuneCurveRows *self = g_object_new (ATTUNE_TYPE_CURVE_ROWS, NULL);

  self->run = g_object_ref (run);
  attune_curve_rows_update (self);
  return self;
}

static void
set_number (AttuneCurveNumbers *numbers, AttuneCurveColumn column, const GArray *values,
            guint index)
{
  if (index >= values->len)
    return;
  numbers->values[column] = g_array_index (values, double, index);
  numbers->set |= 1u << column;
}

static void
set_evaluation (AttuneCurveNumbers *numbers, const AttuneRunHistory *history, guint index)
{
  set_number (numbers, ATTUNE_CURVE_EVAL_LOSS, history->eval_loss, index);
  set_number (numbers, ATTUNE_CURVE_EVAL_ACCURACY, history->eval_accuracy, index);
  set_number (numbers, ATTUNE_CURVE_EVAL_F1_MACRO, history->eval_f1_macro, index);
  set_number (numbers, ATTUNE_CURVE_EVAL_F1_MICRO, history->eval_f1_micro, index);
  set_number (numbers, ATTUNE_CURVE_EVAL_MCC, history->eval_mcc, index);
}

gboolean
attune_curve_rows_read (AttuneCurveRows *self, guint position, AttuneCurveNumbers *numbers)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);
  guint n_lone = count_lone_before (self, position);
  double step;

  numbers->set = 0;
  if (position >= self->n_steps + self->lone->len)
    return FALSE;
  if (n_lone < self->lone->len && g_array_index (self->lone_at, guint, n_lone) == position)
    {
      guint evaluation = g_array_index (self->lone, guint, n_lone);

      set_number (numbers, ATTUNE_CURVE_STEP, history->eval_step, evaluation);
      set_number (numbers, ATTUNE_CURVE_TIME, history->eval_time, evaluation);
      set_evaluation (numbers, history, evaluation);
    }
  else
    {
      guint index = position - n_lone;
      guint evaluation;

      set_number (numbers, ATTUNE_CURVE_STEP, history->step, index);
      set_number (numbers, ATTUNE_CURVE_TIME, history->step_time, index);
      set_number (numbers, ATTUNE_CURVE_LOSS, history->loss, index);
      set_number (numbers, ATTUNE_CURVE_LEARNING_RATE, history->learning_rate, index);
      set_number (numbers, ATTUNE_CURVE_GRADIENT_NORM, history->grad_norm, index);
      if (!attune_run_is_multi_label (self->run))
        set_number (numbers, ATTUNE_CURVE_TRAIN_ACCURACY, history->train_accuracy, index);
      step = numbers->values[ATTUNE_CURVE_STEP];
      evaluation = count_below (history->eval_step, self->n_evaluations, step);
      if (evaluation < self->n_evaluations && evaluation < history->eval_step->len
          && g_array_index (history->eval_step, double, evaluation) == step)
        set_evaluation (numbers, history, evaluation);
    }
  if (history->steps_per_epoch > 0)
    {
      numbers->values[ATTUNE_CURVE_EPOCH] = numbers->values[ATTUNE_CURVE_STEP]
                                            / history->steps_per_epoch;
      numbers->set |= 1u << ATTUNE_CURVE_EPOCH;
    }
  return (numbers->set & 1u << ATTUNE_CURVE_STEP) != 0;
}

char *
attune_curve_row_format (AttuneCurveRow *self, AttuneCurveColumn column)
{
  double value = self->numbers.values[column];

  if ((self->numbers.set & 1u << column) == 0)
    return g_strdup ("");
  switch (column)
    {
    case ATTUNE_CURVE_STEP:
      return g_strdup_printf ("%'.0f", value);
    case ATTUNE_CURVE_EPOCH:
      return g_strdup_printf ("%.2f", value);
    case ATTUNE_CURVE_TIME:
      return attune_time_format (value);
    case ATTUNE_CURVE_TRAIN_ACCURACY:
    case ATTUNE_CURVE_EVAL_ACCURACY:
    case ATTUNE_CURVE_EVAL_F1_MACRO:
    case ATTUNE_CURVE_EVAL_F1_MICRO:
      return attune_value_format (value, TRUE);
    case ATTUNE_CURVE_LOSS:
    case ATTUNE_CURVE_LEARNING_RATE:
    case ATTUNE_CURVE_GRADIENT_NORM:
    case ATTUNE_CURVE_EVAL_LOSS:
    case ATTUNE_CURVE_EVAL_MCC:
    case ATTUNE_CURVE_N_COLUMNS:
    default:
      return attune_value_format (value, FALSE);
    }
}

/* As events call them, so that tools know them. */
const char *
attune_curve_column_get_name (AttuneCurveColumn column)
{
  static const char * const names[ATTUNE_CURVE_N_COLUMNS] = {
    "step", "epoch", "time", "loss", "learning_rate", "grad_norm", "train_accuracy",
    "eval_loss", "eval_accuracy", "eval_f1_macro", "eval_f1_micro", "eval_mcc",
  };

  return names[column];
}
