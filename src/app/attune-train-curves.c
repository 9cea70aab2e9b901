/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The series of the Train page. A run that is shown anew is given to the plots whole, a live one
 * point by point. Nothing here looks at all points again when one comes in: the time axis, whose end
 * nobody knows, grows by a quarter at a time.
 */
#include "config.h"

#include "attune-train-curves.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-curve-summary.h"

/* More epochs than this are not marked. */
#define MAX_MARKS 12
#define NONE G_MAXUINT

typedef enum
{
  AXIS_STEP,
  AXIS_EPOCH,
  AXIS_TIME,
} Axis;

/* One series and what it is drawn from. */
typedef struct
{
  guint number;
  double last_time; /* times never go back on the axis, or points would be lost */
} Series;

struct _AttuneTrainCurves
{
  AttunePlot *loss_plot;
  AttunePlot *metric_plot;
  AttuneRun *run;
  GPtrArray *others;
  GArray *moments; /* double: steps */
  Axis axis;
  const AttuneCurveMetric *metric;
  Series loss_training;
  Series loss_validation;
  Series metric_training;
  Series metric_validation;
  guint naive_bayes;
  guint regression;
  guint majority;
  guint metric_own; /* series of the second plot that are not other runs' */
  double axis_end;
};

static const char * const axes[] = { "step", "epoch", "time" };

static gboolean
is_active (AttuneTrainCurves *self)
{
  AttuneRunState state = attune_run_get_state (self->run);

  return state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED;
}

/* Where a point of a run lies on the axis; NaN, which plots leave out, where that is not known. */
static double
get_x (AttuneTrainCurves *self, const AttuneRunHistory *history, Series *series, double step,
       double time)
{
  switch (self->axis)
    {
    case AXIS_EPOCH:
      return history->steps_per_epoch > 0 ? step / history->steps_per_epoch : NAN;
    case AXIS_TIME:
      series->last_time = fmax (series->last_time, time);
      return series->last_time;
    case AXIS_STEP:
    default:
      return step;
    }
}

/* Gives a plot all points of a series. */
static void
fill (AttuneTrainCurves *self, AttunePlot *plot, Series *series, const AttuneRunHistory *history,
      const GArray *steps, const GArray *times, const GArray *values)
{
  guint n = MIN (steps->len, values->len);
  const double *x = (const double *) steps->data;
  g_autofree double *converted = NULL;

  if (series->number == NONE)
    return;
  series->last_time = 0;
  if (self->axis != AXIS_STEP)
    {
      converted = g_new (double, MAX (n, 1));
      for (guint i = 0; i < n; i++)
        converted[i] = get_x (self, history, series, x[i], g_array_index (times, double, i));
      x = converted;
    }
  attune_plot_set_data (plot, series->number, x, (const double *) values->data, n);
}

/* Of several labels the accuracy of single steps is not counted. */
static const GArray *
get_step_values (AttuneTrainCurves *self, AttuneRun *run)
{
  return self->metric == attune_curve_metric_find ("accuracy") && attune_run_is_multi_label (run)
           ? NULL : attune_curve_metric_get_steps (self->metric, attune_run_get_history (run));
}

/* The time at which a step was done, of the steps that are known. */
static double
find_time (const AttuneRunHistory *history, double step)
{
  guint low = 0;
  guint high = history->step->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (history->step, double, middle) < step)
        low = middle + 1;
      else
        high = middle;
    }
  return low < history->step_time->len ? g_array_index (history->step_time, double, low) : NAN;
}

static double
get_last_time (const AttuneRunHistory *history)
{
  return history->step_time->len > 0
           ? g_array_index (history->step_time, double, history->step_time->len - 1) : 0;
}

/* A step, done or still to come, as a place on the axis. */
static double
convert_step (AttuneTrainCurves *self, double step)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);
  Series any = { 0 };

  return get_x (self, history, &any, step, self->axis == AXIS_TIME ? find_time (history, step) : 0);
}

static double
get_end_of_run (AttuneTrainCurves *self, AttuneRun *run)
{
  const AttuneRunHistory *history = attune_run_get_history (run);
  double steps = (double) attune_run_get_steps (run);

  if (self->axis == AXIS_TIME)
    return get_last_time (history);
  if (run != self->run && history->step->len > 0)
    steps = g_array_index (history->step, double, history->step->len - 1);
  if (self->axis == AXIS_EPOCH)
    return history->steps_per_epoch > 0 ? steps / history->steps_per_epoch : 0;
  return steps;
}

/* The axis goes to the planned end, or to that of a longer run beside it. */
static void
update_axis_end (AttuneTrainCurves *self)
{
  double end = get_end_of_run (self, self->run);

  if (self->axis == AXIS_TIME && is_active (self))
    end = fmax (end * 1.25, end + fmax (attune_run_get_seconds_left (self->run), 0));
  for (guint i = 0; i < self->others->len; i++)
    end = fmax (end, get_end_of_run (self, g_ptr_array_index (self->others, i)));
  self->axis_end = end > 0 ? end : NAN;
  g_object_set (self->loss_plot, "x-maximum", self->axis_end, NULL);
  g_object_set (self->metric_plot, "x-maximum", self->axis_end, NULL);
}

static void
update_marks (AttuneTrainCurves *self)
{
  double per_epoch = attune_run_get_history (self->run)->steps_per_epoch;
  double steps = (double) attune_run_get_steps (self->run);
  guint n = per_epoch > 0 ? (guint) CLAMP (ceil (steps / per_epoch - 1e-9), 0, MAX_MARKS + 1) : 0;
  double x[MAX_MARKS + 1];
  char *labels[MAX_MARKS + 1];
  guint n_marks = 0;
  g_autofree double *moments = g_new (double, self->moments->len + 1);
  g_autofree const char **names = g_new (const char *, self->moments->len + 1);
  guint n_moments = 0;

  if (n > MAX_MARKS)
    n = 0;
  for (guint i = 0; i < n; i++)
    {
      x[n_marks] = i == 0 ? 0 : convert_step (self, i * per_epoch);
      if (isfinite (x[n_marks]))
        labels[n_marks++] = g_strdup_printf (_("Epoch %u"), i + 1);
    }
  attune_plot_set_marks (self->loss_plot, x, (const char * const *) labels, n_marks);
  attune_plot_set_marks (self->metric_plot, x, NULL, n_marks);
  for (guint i = 0; i < n_marks; i++)
    g_free (labels[i]);

  for (guint i = 0; i < self->moments->len; i++)
    {
      moments[n_moments] = convert_step (self, g_array_index (self->moments, double, i));
      names[n_moments] = _("Continued");
      n_moments += isfinite (moments[n_moments]) ? 1 : 0;
    }
  attune_plot_set_moments (self->loss_plot, moments, names, n_moments);
  attune_plot_set_moments (self->metric_plot, moments, NULL, n_moments);
}

static void
update_axis (AttuneTrainCurves *self)
{
  const char *label = self->axis == AXIS_STEP ? _("Step")
                      : self->axis == AXIS_EPOCH ? C_("axis of a plot", "Epoch") : _("Time");

  g_object_set (self->loss_plot, "x-minimum", 0.0, "x-time", self->axis == AXIS_TIME,
                "x-label", label, NULL);
  g_object_set (self->metric_plot, "x-minimum", 0.0, "x-time", self->axis == AXIS_TIME,
                "x-label", label, NULL);
  update_axis_end (self);
  update_marks (self);
  attune_train_curves_update_shade (self);
}

static void
update_levels (AttuneTrainCurves *self)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);

  if (self->naive_bayes == NONE)
    return;
  attune_plot_set_level (self->metric_plot, self->naive_bayes, history->naive_bayes_accuracy);
  attune_plot_set_level (self->metric_plot, self->regression,
                         history->logistic_regression_accuracy);
  attune_plot_set_level (self->metric_plot, self->majority, history->majority_accuracy);
}

/* Its name, and where several have the same also when it was made. */
static char *
describe_other (AttuneTrainCurves *self, AttuneRun *run)
{
  const char *title = attune_run_get_title (run);
  guint n = g_strcmp0 (title, attune_run_get_title (self->run)) == 0;
  g_autoptr (GDateTime) made = NULL;
  g_autofree char *when = NULL;

  for (guint i = 0; i < self->others->len; i++)
    n += g_strcmp0 (title, attune_run_get_title (g_ptr_array_index (self->others, i))) == 0;
  made = g_date_time_new_from_unix_local (attune_run_get_created (run));
  if (n < 2 || made == NULL)
    return g_strdup (title);
  /* Translators: when a run was made, in a legend: day, month, time. See strftime. */
  when = g_date_time_format (made, _("%e %b, %H:%M"));
  return g_strdup_printf ("%s · %s", title, g_strstrip (when));
}

static void
show_others (AttuneTrainCurves *self)
{
  static const AttuneSeriesStyle styles[ATTUNE_TRAIN_CURVES_MAX_OTHERS] = {
    ATTUNE_SERIES_OTHER, ATTUNE_SERIES_OTHER_2, ATTUNE_SERIES_OTHER_3,
  };

  attune_plot_truncate (self->loss_plot, 2);
  attune_plot_truncate (self->metric_plot, self->metric_own);
  for (guint i = 0; i < self->others->len; i++)
    {
      AttuneRun *run = g_ptr_array_index (self->others, i);
      const AttuneRunHistory *history = attune_run_get_history (run);
      const GArray *step_values = get_step_values (self, run);
      const GArray *eval_values = attune_curve_metric_get_evaluations (self->metric, history);
      g_autofree char *label = describe_other (self, run);
      Series series = { attune_plot_add_series (self->loss_plot, label, styles[i]), 0 };

      attune_plot_set_series_smoothed (self->loss_plot, series.number, TRUE);
      fill (self, self->loss_plot, &series, history, history->step, history->step_time,
            history->loss);
      series.number = attune_plot_add_series (self->metric_plot, label, styles[i]);
      if (eval_values != NULL)
        fill (self, self->metric_plot, &series, history, history->eval_step, history->eval_time,
              eval_values);
      else if (step_values != NULL)
        {
          attune_plot_set_series_smoothed (self->metric_plot, series.number,
                                           self->metric->smoothed);
          fill (self, self->metric_plot, &series, history, history->step, history->step_time,
                step_values);
        }
    }
}

static void
show_metric (AttuneTrainCurves *self)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);
  const GArray *step_values = get_step_values (self, self->run);
  const GArray *eval_values = attune_curve_metric_get_evaluations (self->metric, history);
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (double));

  g_object_set (self->metric_plot, "title", attune_curve_metric_get_title (self->metric, self->run),
                "percent", self->metric->percent, NULL);
  fill (self, self->metric_plot, &self->metric_training, history, history->step,
        history->step_time, step_values != NULL ? step_values : none);
  fill (self, self->metric_plot, &self->metric_validation, history, history->eval_step,
        history->eval_time, eval_values != NULL ? eval_values : none);
  update_levels (self);
}

static void
show_all (AttuneTrainCurves *self)
{
  const AttuneRunHistory *history;

  if (self->run == NULL)
    return;
  history = attune_run_get_history (self->run);
  fill (self, self->loss_plot, &self->loss_training, history, history->step, history->step_time,
        history->loss);
  fill (self, self->loss_plot, &self->loss_validation, history, history->eval_step,
        history->eval_time, history->eval_loss);
  show_metric (self);
  show_others (self);
  update_axis (self);
}

/**
 * attune_train_curves_new:
 * @loss: shows the loss
 * @metric: shows what is chosen, accuracy at first
 *
 * Returns: (transfer full): curves of no run yet
 */
AttuneTrainCurves *
attune_train_curves_new (AttunePlot *loss, AttunePlot *metric)
{
  AttuneTrainCurves *self = g_new0 (AttuneTrainCurves, 1);

  self->loss_plot = loss;
  self->metric_plot = metric;
  self->others = g_ptr_array_new_with_free_func (g_object_unref);
  self->moments = g_array_new (FALSE, FALSE, sizeof (double));
  self->loss_training.number = attune_plot_add_series (loss, _("Training"), ATTUNE_SERIES_TRAINING);
  self->loss_validation.number =
    attune_plot_add_series (loss, _("Validation"), ATTUNE_SERIES_VALIDATION);
  attune_train_curves_set_metric (self, "accuracy");
  return self;
}

void
attune_train_curves_free (AttuneTrainCurves *self)
{
  g_clear_object (&self->run);
  g_ptr_array_unref (self->others);
  g_array_unref (self->moments);
  g_free (self);
}

void
attune_train_curves_set_run (AttuneTrainCurves *self, AttuneRun *run)
{
  if (!g_set_object (&self->run, run))
    return;
  g_ptr_array_set_size (self->others, 0);
  g_array_set_size (self->moments, 0);
  show_all (self);
}

void
attune_train_curves_set_axis (AttuneTrainCurves *self, const char *axis)
{
  for (guint i = 0; i < G_N_ELEMENTS (axes); i++)
    {
      if (!g_str_equal (axes[i], axis) || self->axis == i)
        continue;
      self->axis = i;
      /* They are places on the axis of before. */
      g_object_set (self->loss_plot, "cursor-x", NAN, NULL);
      g_object_set (self->metric_plot, "cursor-x", NAN, NULL);
      attune_plot_reset_zoom (self->loss_plot);
      attune_plot_reset_zoom (self->metric_plot);
      show_all (self);
      return;
    }
}

void
attune_train_curves_set_metric (AttuneTrainCurves *self, const char *name)
{
  const AttuneCurveMetric *metric = attune_curve_metric_find (name);
  AttunePlot *plot = self->metric_plot;

  if (metric == NULL || metric == self->metric)
    return;
  self->metric = metric;
  attune_plot_truncate (plot, 0);
  self->metric_training.number = self->metric_validation.number = NONE;
  self->naive_bayes = self->regression = self->majority = NONE;
  self->metric_own = 0;
  if (metric->steps != 0)
    {
      self->metric_training.number =
        attune_plot_add_series (plot, metric->evaluations != 0 ? _("Training")
                                                                : _(metric->title),
                                ATTUNE_SERIES_TRAINING);
      attune_plot_set_series_smoothed (plot, self->metric_training.number, metric->smoothed);
      attune_plot_set_series_faint (plot, self->metric_training.number, metric->evaluations != 0);
      attune_plot_set_series_listed (plot, self->metric_training.number,
                                     self->run == NULL || get_step_values (self, self->run) != NULL);
      self->metric_own++;
    }
  if (metric->evaluations != 0)
    {
      self->metric_validation.number =
        attune_plot_add_series (plot, _("Validation"), ATTUNE_SERIES_VALIDATION);
      self->metric_own++;
    }
  if (metric->base_lines)
    {
      self->naive_bayes = attune_plot_add_series (plot, _("Naive Bayes"),
                                                  ATTUNE_SERIES_BASELINE_NAIVE_BAYES);
      self->regression = attune_plot_add_series (plot, _("Logistic regression"),
                                                 ATTUNE_SERIES_BASELINE_REGRESSION);
      self->majority = attune_plot_add_series (plot, _("Most frequent label"),
                                               ATTUNE_SERIES_BASELINE_MAJORITY);
      self->metric_own += 3;
    }
  if (self->run != NULL)
    {
      show_metric (self);
      show_others (self);
      attune_train_curves_update_summaries (self);
    }
}

void
attune_train_curves_set_others (AttuneTrainCurves *self, GPtrArray *others)
{
  g_ptr_array_set_size (self->others, 0);
  for (guint i = 0; i < MIN (others->len, ATTUNE_TRAIN_CURVES_MAX_OTHERS); i++)
    g_ptr_array_add (self->others, g_object_ref (g_ptr_array_index (others, i)));
  if (self->run == NULL)
    return;
  show_others (self);
  update_axis_end (self);
}

/* (element-type AttuneRun) (transfer none) */
GPtrArray *
attune_train_curves_get_others (AttuneTrainCurves *self)
{
  return self->others;
}

void
attune_train_curves_add_moment (AttuneTrainCurves *self, gint64 step)
{
  double x = (double) step;

  g_array_append_val (self->moments, x);
  if (self->run != NULL)
    update_marks (self);
}

static void
append_point (AttuneTrainCurves *self, AttunePlot *plot, Series *series, const AttuneEvent *event,
              double value)
{
  double x;

  if (series->number == NONE)
    return;
  x = get_x (self, attune_run_get_history (self->run), series, (double) event->step, event->time);
  attune_plot_append (plot, series->number, &x, &value, 1);
}

static double
get_last (const GArray *values)
{
  return values != NULL && values->len > 0 ? g_array_index (values, double, values->len - 1) : NAN;
}

void
attune_train_curves_append (AttuneTrainCurves *self, const AttuneEvent *event)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);
  const GArray *values;

  switch (event->type)
    {
    case ATTUNE_EVENT_RUN_STARTED:
      show_all (self);
      break;
    case ATTUNE_EVENT_STEP:
      append_point (self, self->loss_plot, &self->loss_training, event, event->loss);
      values = get_step_values (self, self->run);
      if (values != NULL)
        append_point (self, self->metric_plot, &self->metric_training, event, get_last (values));
      if (self->axis == AXIS_TIME && !(self->loss_training.last_time < self->axis_end))
        update_axis (self);
      break;
    case ATTUNE_EVENT_EVALUATION:
      append_point (self, self->loss_plot, &self->loss_validation, event, event->eval_loss);
      values = attune_curve_metric_get_evaluations (self->metric, history);
      append_point (self, self->metric_plot, &self->metric_validation, event, get_last (values));
      if (self->axis == AXIS_TIME)
        update_marks (self);
      attune_train_curves_update_summaries (self);
      break;
    case ATTUNE_EVENT_BASELINES:
      update_levels (self);
      break;
    case ATTUNE_EVENT_RUN_FINISHED:
    case ATTUNE_EVENT_RUN_STOPPED:
    case ATTUNE_EVENT_RUN_FAILED:
      update_axis (self);
      attune_train_curves_update_summaries (self);
      break;
    default:
      break;
    }
}

void
attune_train_curves_update_shade (AttuneTrainCurves *self)
{
  const AttuneRunHistory *history = attune_run_get_history (self->run);
  double from = NAN;

  if (is_active (self))
    from = self->axis == AXIS_TIME ? get_last_time (history)
                                   : convert_step (self, (double) attune_run_get_step (self->run));
  g_object_set (self->loss_plot, "shade-from", from, NULL);
  g_object_set (self->metric_plot, "shade-from", from, NULL);
}

void
attune_train_curves_update_summaries (AttuneTrainCurves *self)
{
  g_autofree char *loss = attune_curve_describe_loss (self->run);
  g_autofree char *metric = attune_curve_describe_metric (self->run, self->metric);
  g_autoptr (GString) more = g_string_new (NULL);

  for (guint i = 0; i < self->moments->len; i++)
    g_string_append_printf (more, _(" Continued after step %d."),
                            (int) g_array_index (self->moments, double, i));
  g_string_prepend (more, loss);
  g_object_set (self->loss_plot, "summary", more->str, NULL);
  g_object_set (self->metric_plot, "summary", metric, NULL);
}
