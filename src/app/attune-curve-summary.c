/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See the header. Whether the loss falls is told by its mean over the last tenth of the steps and
 * over the tenth before.
 */
#include "config.h"

#include "attune-curve-summary.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-plot-ticks.h"

#define AT(field) G_STRUCT_OFFSET (AttuneRunHistory, field)

static const AttuneCurveMetric metrics[] = {
  { "accuracy", N_("Accuracy"), TRUE, TRUE, TRUE, AT (train_accuracy), AT (eval_accuracy) },
  { "f1-macro", N_("Macro F1"), TRUE, FALSE, TRUE, 0, AT (eval_f1_macro) },
  { "f1-micro", N_("Micro F1"), TRUE, FALSE, TRUE, 0, AT (eval_f1_micro) },
  { "mcc", N_("MCC"), FALSE, FALSE, TRUE, 0, AT (eval_mcc) },
  { "learning-rate", N_("Learning rate"), FALSE, FALSE, FALSE, AT (learning_rate), 0 },
  { "gradient-norm", N_("Gradient norm"), FALSE, FALSE, TRUE, AT (grad_norm), 0 },
};

const AttuneCurveMetric *
attune_curve_metric_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (metrics); i++)
    {
      if (g_str_equal (metrics[i].name, name))
        return &metrics[i];
    }
  return NULL;
}

const char *
attune_curve_metric_get_title (const AttuneCurveMetric *self, AttuneRun *run)
{
  if (self->base_lines && attune_run_is_multi_label (run))
    return _("All Labels Right");
  return _(self->title);
}

static const GArray *
get_array (const AttuneRunHistory *history, gsize offset)
{
  return offset != 0 ? G_STRUCT_MEMBER (GArray *, history, offset) : NULL;
}

const GArray *
attune_curve_metric_get_steps (const AttuneCurveMetric *self, const AttuneRunHistory *history)
{
  return get_array (history, self->steps);
}

const GArray *
attune_curve_metric_get_evaluations (const AttuneCurveMetric *self, const AttuneRunHistory *history)
{
  return get_array (history, self->evaluations);
}

/* Of the finite ones. */
static double
find_mean (const GArray *values, guint from, guint to)
{
  double sum = 0;
  guint n = 0;

  for (guint i = from; i < to; i++)
    {
      double value = g_array_index (values, double, i);

      if (isfinite (value))
        {
          sum += value;
          n++;
        }
    }
  return n > 0 ? sum / n : NAN;
}

static char *
describe_trend (const GArray *loss)
{
  guint window = CLAMP (loss->len / 10, 1, 200);
  double now = find_mean (loss, loss->len - window, loss->len);
  double before = loss->len >= 2 * window
                    ? find_mean (loss, loss->len - 2 * window, loss->len - window) : NAN;
  g_autofree char *value = attune_value_format (now, FALSE);

  if (now < 0.98 * before)
    return g_strdup_printf (_("Training loss %s, falling."), value);
  if (now > 1.02 * before)
    return g_strdup_printf (_("Training loss %s, rising."), value);
  return g_strdup_printf (_("Training loss %s."), value);
}

static void
append_epoch (GString *text, AttuneRun *run)
{
  double n_epochs = 0;

  g_object_get (run, "n-epochs", &n_epochs, NULL);
  if (n_epochs > 0)
    g_string_append_printf (text, _("Epoch %d of %d. "),
                            (int) fmin (floor (attune_run_get_epoch (run)) + 1, ceil (n_epochs)),
                            (int) ceil (n_epochs));
}

/* How many are no numbers, and the first step at which one was. */
static void
append_bad (GString *text, const AttuneRunHistory *history)
{
  guint n = 0;
  guint first = 0;

  for (guint i = 0; i < history->loss->len; i++)
    {
      if (!isfinite (g_array_index (history->loss, double, i)) && n++ == 0)
        first = i;
    }
  if (n > 0)
    g_string_append_printf (text, ngettext (" %u value is no finite number, at step %d.",
                                            " %u values are no finite numbers, the first at step %d.",
                                            n),
                            n, (int) g_array_index (history->step, double, first));
}

char *
attune_curve_describe_loss (AttuneRun *run)
{
  const AttuneRunHistory *history = attune_run_get_history (run);
  GString *text = g_string_new (NULL);
  g_autofree char *trend = NULL;

  if (history->loss->len == 0)
    return g_string_free_and_steal (g_string_append (text, _("No steps yet")));
  append_epoch (text, run);
  trend = describe_trend (history->loss);
  g_string_append (text, trend);
  if (history->eval_loss->len > 0)
    {
      g_autofree char *value =
        attune_value_format (g_array_index (history->eval_loss, double, history->eval_loss->len - 1),
                             FALSE);

      g_string_append_printf (text, _(" Validation loss %s."), value);
    }
  append_bad (text, history);
  return g_string_free_and_steal (text);
}

char *
attune_curve_describe_metric (AttuneRun *run, const AttuneCurveMetric *metric)
{
  const AttuneRunHistory *history = attune_run_get_history (run);
  const GArray *values = attune_curve_metric_get_evaluations (metric, history);
  const GArray *steps = history->eval_step;
  GString *text = g_string_new (NULL);
  g_autofree char *value = NULL;

  if (values == NULL)
    {
      values = attune_curve_metric_get_steps (metric, history);
      steps = history->step;
    }
  if (values->len == 0)
    return g_string_free_and_steal (g_string_append (text, _("No evaluation yet")));
  append_epoch (text, run);
  value = attune_value_format (g_array_index (values, double, values->len - 1), metric->percent);
  /* Translators: a number such as Accuracy, its value, and the step it was measured at. */
  g_string_append_printf (text, _("%s %s at step %d."), attune_curve_metric_get_title (metric, run),
                          value, (int) g_array_index (steps, double, steps->len - 1));
  if (metric->base_lines && isfinite (history->majority_accuracy))
    {
      g_autofree char *majority = attune_value_format (history->majority_accuracy, TRUE);

      g_string_append_printf (text, _(" Always guessing the most frequent label: %s."), majority);
    }
  return g_string_free_and_steal (text);
}
