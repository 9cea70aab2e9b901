/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plots of the Train page driven by pointer, keys and menu, with runs whose numbers are known:
 * axes, metrics, other runs, zoom, the table behind them, the log, and what is exported.
 */
#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "attune-curve-export.h"
#include "attune-curve-rows.h"
#include "attune-event-log.h"
#include "attune-log-dialog.h"
#include "attune-plot.h"
#include "attune-smoothing-dialog.h"
#include "attune-train-page.h"

#define N_STEPS 100
#define PER_EPOCH 40

typedef struct
{
  AttuneTrainer *trainer;
  AttuneRun *run;
  AttuneProject *project;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

static void
say_start (AttuneRun *run, gint64 step)
{
  static const char * const classes[] = { "no", "yes", NULL };
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_RUN_STARTED);

  event->step = step;
  event->steps = 120;
  event->steps_per_epoch = PER_EPOCH;
  event->device = g_strdup ("cpu");
  event->precision = g_strdup ("fp32");
  event->threads = 1;
  event->classes = g_strdupv ((char **) classes);
  attune_run_apply_event (run, event);
}

static void
say_step (AttuneRun *run, guint step, double loss)
{
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_STEP);

  event->step = step;
  event->epoch = (double) step / PER_EPOCH;
  event->time = 0.5 * step;
  event->loss = loss;
  event->grad_norm = 1.5;
  event->learning_rate = 1e-4;
  event->samples_per_second = 64;
  event->train_accuracy = 0.5;
  attune_run_apply_event (run, event);
}

static void
say_evaluation (AttuneRun *run, guint step)
{
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_EVALUATION);

  event->step = event->best_step = step;
  event->time = 0.5 * step;
  event->epoch = (double) step / PER_EPOCH;
  event->eval_loss = 0.7;
  event->eval_accuracy = 0.75;
  event->eval_f1_macro = 0.625;
  event->eval_f1_micro = 0.75;
  event->eval_mcc = -0.25;
  attune_run_apply_event (run, event);
}

static void
say (AttuneRun *run, AttuneEventType type, guint step)
{
  g_autoptr (AttuneEvent) event = attune_event_new (type);

  event->step = step;
  event->time = 0.5 * step;
  attune_run_apply_event (run, event);
}

/* Steps 2, 4, … 100 are logged, evaluations are at 25, 50, 75; the loss of step 60 is no number. */
static AttuneRun *
make_run (const char *title)
{
  AttuneRun *run = attune_run_new (title);

  say (run, ATTUNE_EVENT_PHASE, 0);
  say_start (run, 0);
  for (guint step = 1; step <= N_STEPS; step++)
    {
      if (step % 2 == 0)
        say_step (run, step, step == 60 ? NAN : 1.0 / step);
      if (step % 25 == 0 && step < N_STEPS)
        say_evaluation (run, step);
    }
  return run;
}

static void
set_up (Fixture *f)
{
  g_autoptr (GSettings) settings = g_settings_new (APPLICATION_ID);
  g_autoptr (GSettings) curves = g_settings_get_child (settings, "curves");

  g_settings_reset (curves, "x-axis");
  g_settings_reset (curves, "metric");
  g_settings_reset (curves, "log-loss");
  g_settings_reset (curves, "smoothing");
  f->trainer = attune_trainer_new (NULL);
  f->run = make_run ("mine");
  f->project = attune_project_new_for_run (f->trainer, f->run);
  f->page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TRAIN_PAGE, "project", f->project, NULL));
  f->window = adw_window_new (); /* dialogs lie inside it */
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 700);
  adw_window_set_content (ADW_WINDOW (f->window), f->page);
  gtk_window_present (GTK_WINDOW (f->window));
  app_fixture_spin (100);
}

static void
tear_down (Fixture *f)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  app_fixture_release (f->page);
  g_object_unref (f->run);
  app_fixture_end (f->trainer, f->project);
}

static gpointer
get_plot (Fixture *f, const char *name)
{
  return app_fixture_get_child (f->page, name);
}

static double
get_number (gpointer plot, const char *property)
{
  double value;

  g_object_get (plot, property, &value, NULL);
  return value;
}

static void
choose (Fixture *f, const char *action, const char *value)
{
  g_assert_true (gtk_widget_activate_action (f->page, action, "s", value));
}

static char *
get_text (gpointer object, const char *property)
{
  char *text;

  g_object_get (object, property, &text, NULL);
  return text;
}

static void
collect_toggles (GtkWidget *root, GString *names)
{
  for (GtkWidget *at = gtk_widget_get_first_child (root); at != NULL;
       at = gtk_widget_get_next_sibling (at))
    {
      if (GTK_IS_TOGGLE_BUTTON (at))
        g_string_append_printf (names, "%s|", gtk_widget_get_tooltip_text (at));
      else
        collect_toggles (at, names);
    }
}

/* What its legend can hide. */
static char *
list_series (Fixture *f, const char *heading)
{
  GString *names = g_string_new (NULL);

  collect_toggles (app_fixture_get_child (f->page, heading), names);
  return g_string_free_and_steal (names);
}

static gpointer
find_controller (gpointer widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_OBJECT_TYPE (controller) == type)
        return controller;
    }
  g_assert_not_reached ();
}

static void
test_the_axis_is_step_epoch_or_time (void)
{
  Fixture f;

  set_up (&f);
  g_assert_cmpfloat (get_number (get_plot (&f, "loss_plot"), "x-maximum"), ==, 120);
  g_assert_cmpfloat (get_number (get_plot (&f, "loss_plot"), "shade-from"), ==, 100);
  for (guint i = 0; i < 2; i++)
    {
      gpointer plot = get_plot (&f, i == 0 ? "loss_plot" : "accuracy_plot");
      g_autofree char *step = get_text (plot, "x-label");
      g_autofree char *epoch = NULL;
      g_autofree char *time = NULL;

      g_assert_cmpstr (step, ==, "Step");
      choose (&f, "train.x-axis", "epoch");
      epoch = get_text (plot, "x-label");
      g_assert_cmpstr (epoch, ==, "Epoch");
      g_assert_cmpfloat (get_number (plot, "x-maximum"), ==, 3);
      choose (&f, "train.x-axis", "time");
      time = get_text (plot, "x-label");
      g_assert_cmpstr (time, ==, "Time");
      choose (&f, "train.x-axis", "step");
      g_assert_cmpfloat (get_number (plot, "x-maximum"), ==, 120);
    }
  tear_down (&f);
}

/* The end of the time axis is not known: it is there before the points are, and does not move with
 * each of them. */
static void
test_the_time_axis_grows_now_and_then (void)
{
  double end;
  guint n_changes = 0;
  Fixture f;

  set_up (&f);
  choose (&f, "train.x-axis", "time");
  end = get_number (get_plot (&f, "loss_plot"), "x-maximum");
  g_assert_cmpfloat (end, >=, 50);
  for (guint step = 101; step <= 400; step++)
    {
      double now;

      say_step (f.run, step, 0.5);
      now = get_number (get_plot (&f, "accuracy_plot"), "x-maximum");
      g_assert_cmpfloat (now, >, 0.5 * step);
      n_changes += now != end;
      end = now;
    }
  g_assert_cmpuint (n_changes, <, 10);
  say (f.run, ATTUNE_EVENT_RUN_FINISHED, 400);
  g_assert_cmpfloat (get_number (get_plot (&f, "loss_plot"), "x-maximum"), ==, 200);
  tear_down (&f);
}

static void
test_the_second_plot_shows_what_is_chosen (void)
{
  static const struct
  {
    const char *metric;
    const char *title;
    const char *series;
    const char *said;
    gboolean percent;
  } all[] = {
    { "f1-macro", "Macro F1", "Show Validation|", "Macro F1 62.5\302\240% at step 75.", TRUE },
    { "f1-micro", "Micro F1", "Show Validation|", "Micro F1 75.0\302\240% at step 75.", TRUE },
    { "mcc", "MCC", "Show Validation|", "MCC -0.250 at step 75.", FALSE },
    { "learning-rate", "Learning rate", "Show Learning rate|", "Learning rate 1.00e-04 at step 100.",
      FALSE },
    { "gradient-norm", "Gradient norm", "Show Gradient norm|Show Each step|",
      "Gradient norm 1.500 at step 100.", FALSE },
    { "accuracy", "Accuracy",
      "Show Training|Show Validation|Show Naive Bayes|Show Logistic regression|Show Most frequent label|",
      "Accuracy 75.0\302\240% at step 75.", TRUE },
  };
  Fixture f;

  set_up (&f);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      gpointer plot = get_plot (&f, "accuracy_plot");
      g_autofree char *title = NULL;
      g_autofree char *summary = NULL;
      g_autofree char *series = NULL;
      gboolean percent;

      choose (&f, "train.metric", all[i].metric);
      title = get_text (plot, "title");
      summary = get_text (plot, "summary");
      series = list_series (&f, "accuracy_heading");
      g_object_get (plot, "percent", &percent, NULL);
      g_assert_cmpstr (title, ==, all[i].title);
      g_assert_cmpstr (series, ==, all[i].series);
      g_test_message ("%s", summary);
      g_assert_true (g_str_has_prefix (summary, "Epoch 3 of 3. "));
      g_assert_nonnull (strstr (summary, all[i].said));
      g_assert_cmpint (percent, ==, all[i].percent);
    }
  tear_down (&f);
}

static void
test_choices_are_remembered (void)
{
  GtkWidget *page;
  Fixture f;
  gboolean log_y;

  set_up (&f);
  choose (&f, "train.x-axis", "epoch");
  choose (&f, "train.metric", "mcc");
  g_assert_true (gtk_widget_activate_action (f.page, "train.log-loss", NULL));
  g_assert_true (gtk_widget_activate_action (f.page, "train.smoothing", "d", 0.6));
  g_object_get (get_plot (&f, "loss_plot"), "log-y", &log_y, NULL);
  g_assert_true (log_y);
  g_assert_cmpfloat (get_number (get_plot (&f, "accuracy_plot"), "smoothing"), ==, 0.6);

  page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TRAIN_PAGE, "project", f.project, NULL));
  g_object_get (app_fixture_get_child (page, "loss_plot"), "log-y", &log_y, NULL);
  g_assert_true (log_y);
  g_assert_cmpfloat (get_number (app_fixture_get_child (page, "loss_plot"), "smoothing"), ==, 0.6);
  g_assert_cmpfloat (get_number (app_fixture_get_child (page, "loss_plot"), "x-maximum"), ==, 3);
  app_fixture_release (page);
  tear_down (&f);
}

static void
test_the_weight_is_set_exactly (void)
{
  g_autoptr (GSettings) settings = NULL;
  AdwDialog *dialog;
  Fixture f;

  set_up (&f);
  settings = g_settings_new (APPLICATION_ID ".Curves");
  dialog = g_object_ref_sink (attune_smoothing_dialog_new (settings));
  gtk_adjustment_set_value (app_fixture_get_child (dialog, "weight"), 0.345);
  g_assert_cmpfloat_with_epsilon (get_number (get_plot (&f, "loss_plot"), "smoothing"), 0.345, 1e-9);
  gtk_adjustment_set_value (app_fixture_get_child (dialog, "weight"), 2);
  g_assert_cmpfloat_with_epsilon (get_number (get_plot (&f, "loss_plot"), "smoothing"), 0.999, 1e-9);
  app_fixture_release (dialog);
  tear_down (&f);
}

/* Pulling over one plot shows that part in both; a double click shows everything in both. */
static void
test_both_plots_zoom (void)
{
  gpointer loss, accuracy, drag;
  double width;
  Fixture f;

  set_up (&f);
  loss = get_plot (&f, "loss_plot");
  accuracy = get_plot (&f, "accuracy_plot");
  width = gtk_widget_get_width (loss);
  drag = find_controller (loss, GTK_TYPE_GESTURE_DRAG);
  g_signal_emit_by_name (drag, "drag-begin", width / 2, 50.0);
  g_signal_emit_by_name (drag, "drag-update", width / 4, 0.0);
  g_signal_emit_by_name (drag, "drag-end", width / 4, 0.0);
  g_assert_cmpfloat (get_number (accuracy, "zoom-minimum"), >, 50);
  g_assert_cmpfloat (get_number (accuracy, "zoom-minimum"), <, 60);
  g_assert_cmpfloat (get_number (accuracy, "zoom-maximum"), >, 80);
  g_assert_cmpfloat (get_number (accuracy, "zoom-maximum"), ==, get_number (loss, "zoom-maximum"));
  g_signal_emit_by_name (find_controller (accuracy, GTK_TYPE_GESTURE_CLICK), "pressed", 2, 100.0,
                         50.0);
  g_assert_true (isnan (get_number (loss, "zoom-minimum")));

  g_object_set (loss, "zoom-minimum", 10.0, "zoom-maximum", 20.0, NULL);
  g_assert_true (gtk_widget_activate_action (f.page, "train.reset-zoom", NULL));
  g_assert_true (isnan (get_number (accuracy, "zoom-maximum")));
  tear_down (&f);
}

/* The crosshair of one stands in the other, too, at the nearest point. */
static void
test_both_plots_have_the_crosshair (void)
{
  gpointer loss, accuracy;
  double x;
  Fixture f;

  set_up (&f);
  loss = get_plot (&f, "loss_plot");
  accuracy = get_plot (&f, "accuracy_plot");
  g_signal_emit_by_name (find_controller (accuracy, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion",
                         gtk_widget_get_width (accuracy) / 2.0, 50.0);
  x = get_number (loss, "cursor-x");
  g_assert_cmpfloat (x, >, 40);
  g_assert_cmpfloat (x, <, 80);
  g_assert_true (fmod (x, 2) == 0 || fmod (x, 25) == 0);
  g_signal_emit_by_name (find_controller (accuracy, GTK_TYPE_EVENT_CONTROLLER_MOTION), "leave");
  g_assert_true (isnan (get_number (loss, "cursor-x")));
  tear_down (&f);
}

static void
switch_rows (GtkWidget *root, gboolean active, guint *n_switched, guint *n_insensitive)
{
  for (GtkWidget *at = gtk_widget_get_first_child (root); at != NULL;
       at = gtk_widget_get_next_sibling (at))
    {
      if (!ADW_IS_SWITCH_ROW (at))
        switch_rows (at, active, n_switched, n_insensitive);
      else if (!gtk_widget_get_sensitive (at))
        (*n_insensitive)++;
      else
        {
          adw_switch_row_set_active (ADW_SWITCH_ROW (at), active);
          (*n_switched)++;
        }
    }
}

/* Of five others three can be seen; they go when another run is looked at. */
/* Their curves are read first. */
static gboolean
others_are_shown (gpointer data)
{
  g_autofree char *series = list_series (data, "loss_heading");

  return g_str_has_suffix (series, "Show run 2|");
}

static void
test_other_runs_lie_beside (void)
{
  g_autoptr (GListStore) projects = g_list_store_new (ATTUNE_TYPE_PROJECT);
  g_autoptr (AttuneProject) other = NULL;
  g_autofree char *alone = NULL;
  g_autofree char *beside = NULL;
  g_autofree char *beside_accuracy = NULL;
  g_autofree char *afterwards = NULL;
  guint n_switched = 0, n_insensitive = 0;
  AdwDialog *dialog;
  Fixture f;

  set_up (&f);
  g_list_store_append (projects, f.project);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *title = g_strdup_printf ("run %u", i);
      g_autoptr (AttuneRun) run = make_run (title);
      g_autoptr (AttuneProject) project = attune_project_new_for_run (f.trainer, run);

      say_step (run, 150 + i, 0.1);
      say (run, ATTUNE_EVENT_RUN_FINISHED, 150 + i);
      g_list_store_append (projects, project);
    }
  g_object_set (f.page, "projects", projects, NULL);
  alone = list_series (&f, "loss_heading");
  g_assert_cmpstr (alone, ==, "Show Training|Show Each step|Show Validation|");

  g_assert_true (gtk_widget_activate_action (f.page, "train.overlay", NULL));
  app_fixture_spin (50);
  dialog = app_fixture_find (f.window, ADW_TYPE_DIALOG);
  g_assert_nonnull (dialog);
  switch_rows (GTK_WIDGET (dialog), TRUE, &n_switched, &n_insensitive);
  g_assert_cmpuint (n_switched, ==, 3);
  g_assert_cmpuint (n_insensitive, ==, 2);
  app_fixture_wait (others_are_shown, &f);
  beside = list_series (&f, "loss_heading");
  g_assert_cmpstr (beside, ==, "Show Training|Show Each step|Show Validation|"
                               "Show run 0|Show run 1|Show run 2|");
  beside_accuracy = list_series (&f, "accuracy_heading");
  g_assert_true (g_str_has_suffix (beside_accuracy, "Show run 0|Show run 1|Show run 2|"));
  g_assert_cmpfloat (get_number (get_plot (&f, "loss_plot"), "x-maximum"), ==, 152);
  choose (&f, "train.metric", "gradient-norm");
  g_free (beside_accuracy);
  beside_accuracy = list_series (&f, "accuracy_heading");
  g_assert_true (g_str_has_suffix (beside_accuracy, "Show run 0|Show run 1|Show run 2|"));
  adw_dialog_force_close (dialog);

  other = g_list_model_get_item (G_LIST_MODEL (projects), 1);
  g_object_set (f.page, "project", other, NULL);
  afterwards = list_series (&f, "loss_heading");
  g_assert_cmpstr (afterwards, ==, alone);
  g_object_set (f.page, "project", f.project, "projects", NULL, NULL);
  g_list_store_remove_all (projects);
  g_clear_object (&other);
  app_fixture_spin (50);
  tear_down (&f);
}

static void
test_no_number_is_said (void)
{
  g_autofree char *summary = NULL;
  Fixture f;

  set_up (&f);
  summary = get_text (get_plot (&f, "loss_plot"), "summary");
  g_test_message ("%s", summary);
  g_assert_true (g_str_has_prefix (summary, "Epoch 3 of 3. Training loss 0.010, falling. "
                                            "Validation loss 0.700."));
  g_assert_true (g_str_has_suffix (summary, " 1 value is no finite number, at step 60."));
  tear_down (&f);
}

/* A row for each logged step and each evaluation, in order. */
static void
test_the_table_has_every_number (void)
{
  g_autoptr (AttuneRun) run = make_run ("rows");
  g_autoptr (AttuneCurveRows) rows = attune_curve_rows_new (run);
  AttuneCurveNumbers numbers;
  double before = 0;
  guint n_evaluations = 0;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (rows));

  g_assert_cmpuint (n, ==, N_STEPS / 2 + 2);
  for (guint i = 0; i < n; i++)
    {
      double step;

      g_assert_true (attune_curve_rows_read (rows, i, &numbers));
      step = numbers.values[ATTUNE_CURVE_STEP];
      g_assert_cmpfloat (step, >, before);
      before = step;
      if ((numbers.set & 1u << ATTUNE_CURVE_EVAL_LOSS) != 0)
        {
          g_assert_cmpfloat (fmod (step, 25), ==, 0);
          g_assert_cmpint ((numbers.set & 1u << ATTUNE_CURVE_LOSS) != 0, ==, step == 50);
          n_evaluations++;
        }
      if (step == 60)
        g_assert_true (isnan (numbers.values[ATTUNE_CURVE_LOSS]));
      g_assert_cmpfloat (numbers.values[ATTUNE_CURVE_EPOCH], ==, step / PER_EPOCH);
    }
  g_assert_cmpuint (n_evaluations, ==, 3);
  g_assert_false (attune_curve_rows_read (rows, n, &numbers));
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (rows), n));
}

typedef struct
{
  guint position, removed, added;
  guint n;
} Change;

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, Change *change)
{
  *change = (Change) { position, removed, added, change->n + 1 };
}

static void
test_the_table_grows (void)
{
  g_autoptr (AttuneRun) run = make_run ("rows");
  g_autoptr (AttuneCurveRows) rows = attune_curve_rows_new (run);
  g_autoptr (AttuneCurveRow) row = NULL;
  g_autofree char *accuracy = NULL;
  g_autofree char *time = NULL;
  Change change = { 0 };

  g_signal_connect (rows, "items-changed", G_CALLBACK (changed_cb), &change);
  attune_curve_rows_update (rows);
  g_assert_cmpuint (change.n, ==, 0);
  say_step (run, 102, 0.5);
  say_step (run, 104, 0.5);
  attune_curve_rows_update (rows);
  g_assert_cmpuint (change.position, ==, 52);
  g_assert_cmpuint (change.removed, ==, 0);
  g_assert_cmpuint (change.added, ==, 2);
  say_evaluation (run, 104);
  attune_curve_rows_update (rows);
  g_assert_cmpuint (change.position, ==, 53);
  g_assert_cmpuint (change.removed, ==, 1);
  g_assert_cmpuint (change.added, ==, 1);
  g_assert_cmpuint (change.n, ==, 2);
  row = g_list_model_get_item (G_LIST_MODEL (rows), 53);
  accuracy = attune_curve_row_format (row, ATTUNE_CURVE_EVAL_ACCURACY);
  time = attune_curve_row_format (row, ATTUNE_CURVE_TIME);
  g_assert_cmpstr (accuracy, ==, "75.0\302\240%");
  g_assert_cmpstr (time, ==, "0:52");
}

static void
test_the_table_stands_behind_the_plots (void)
{
  GtkColumnView *view;
  GtkSelectionModel *model;
  guint n;
  Fixture f;

  set_up (&f);
  view = app_fixture_get_child (app_fixture_get_child (f.page, "table"), "view");
  g_assert_null (gtk_column_view_get_model (view));
  g_assert_true (gtk_widget_activate_action (f.page, "train.table", NULL));
  app_fixture_spin (50);
  model = gtk_column_view_get_model (view);
  g_assert_nonnull (model);
  n = g_list_model_get_n_items (G_LIST_MODEL (model));
  g_assert_cmpuint (n, ==, N_STEPS / 2 + 2);
  say_step (f.run, 102, 0.5);
  app_fixture_spin (400);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, n + 1);
  g_assert_true (gtk_widget_activate_action (f.page, "train.table", NULL));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (f.page, "card")), ==,
                   "plots");
  tear_down (&f);
}

static gboolean
is_loaded (gpointer log)
{
  return !attune_event_log_is_loading (log);
}

static char *
describe_log (AttuneEventLog *log)
{
  const GPtrArray *events = attune_event_log_get_events (log);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *line = attune_event_describe (g_ptr_array_index (events, i));

      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free_and_steal (text);
}

/* A log that follows from the start, one that comes in the middle, one of the folder alone. */
static void
test_the_log_is_the_same_from_wherever (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneEventLog) from_start = NULL;
  g_autoptr (AttuneEventLog) from_middle = NULL;
  g_autoptr (AttuneEventLog) reopened = NULL;
  g_autoptr (AttuneRun) again = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  AttuneTrainer *trainer;
  AttuneProject *project;
  AttuneRun *run;

  if (!app_fixture_use_engine ("slow=5ms"))
    return;
  trainer = attune_trainer_new (NULL);
  project = app_fixture_create_draft (trainer, 40);
  run = attune_project_get_run (project);
  from_start = attune_event_log_new (run);
  attune_project_start (project, &error);
  g_assert_no_error (error);
  while (attune_run_get_step (run) < 9)
    app_fixture_spin (10);
  from_middle = attune_event_log_new (run);
  app_fixture_wait_state (run, ATTUNE_RUN_FINISHED);
  again = attune_run_open (attune_run_get_folder (run), &error);
  g_assert_no_error (error);
  reopened = attune_event_log_new (again);
  app_fixture_wait (is_loaded, from_middle);
  app_fixture_wait (is_loaded, reopened);
  first = describe_log (from_start);
  second = describe_log (from_middle);
  third = describe_log (reopened);
  g_test_message ("%s", first);
  g_assert_nonnull (strstr (first, "Started: 27 steps on cpu, fp32\n"));
  g_assert_nonnull (strstr (first, "Evaluation at step 27: loss "));
  g_assert_nonnull (strstr (first, "Finished at step 27\n"));
  g_assert_null (strstr (first, "\tStep "));
  g_assert_cmpstr (second, ==, first);
  g_assert_cmpstr (third, ==, first);
  g_object_unref (g_steal_pointer (&from_start));
  g_object_unref (g_steal_pointer (&from_middle));
  app_fixture_end (trainer, project);
}

/* A run writes what it says before the window hears of it, so a log may have read what comes. */
static void
test_nothing_is_logged_twice (void)
{
  static const char *const lines[] = {
    "{\"event\":\"phase\",\"time\":1,\"name\":\"training\"}",
    "{\"event\":\"warning\",\"time\":2,\"code\":\"a\",\"message\":\"one\"}",
    "{\"event\":\"phase\",\"time\":3,\"name\":\"evaluating\"}",
    "{\"event\":\"warning\",\"time\":4,\"code\":\"a\",\"message\":\"two\"}",
  };
  g_autofree char *folder = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "twice", NULL);
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  g_autofree char *content = g_strjoin ("\n", lines[0], lines[1], lines[2], "", NULL);
  g_autoptr (AttuneRun) run = attune_run_new ("twice");
  g_autoptr (AttuneEventLog) log = NULL;
  g_autofree char *text = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  attune_run_set_folder (run, folder);
  log = attune_event_log_new (run);
  for (guint i = 1; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (AttuneEvent) event = attune_event_parse (lines[i], -1, NULL);

      /* One while the file is read, the others afterwards. */
      if (i == 2)
        app_fixture_wait (is_loaded, log);
      g_signal_emit_by_name (run, "event", event);
    }
  text = describe_log (log);
  g_assert_cmpstr (text, ==, "0:01\tTrain\n0:02\tWarning: one\n0:03\tEvaluate\n0:04\tWarning: two\n");
}

/* What no run would have written does no harm, and the rest is read. */
static void
test_a_damaged_log_is_read_as_far_as_it_goes (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "damaged", NULL);
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  g_autoptr (AttuneRun) run = attune_run_new ("damaged");
  g_autoptr (AttuneEventLog) log = NULL;
  g_autofree char *text = NULL;
  static const char content[] =
    "\n{\"event\":\"phase\",\"time\":1,\"name\":\"saving\"}\n\0\xff{\"event\":\"phase\"\n{\"event\":\"step\"\n"
    "{ \"event\" : \"step\" , \"step\" : 3 }\n[]\n{\"event\":\"phase\",\"time\":2,\"name\":\"nonsense\"}\n"
    "{\"event\":\"warning\",\"time\":3,\"message\":\"one\\ntwo\"}\n{\"event\":\"run_fin";

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, sizeof content - 1, NULL));
  attune_run_set_folder (run, folder);
  log = attune_event_log_new (run);
  app_fixture_wait (is_loaded, log);
  text = describe_log (log);
  g_assert_cmpstr (text, ==, "0:01\tSave\n0:02\tLoad model\n0:03\tWarning: one two\n");
}

static void
test_the_log_can_be_copied (void)
{
  AttuneEventLog *log;
  AdwDialog *dialog;
  GtkTextIter start, end;
  GtkTextBuffer *buffer;
  g_autofree char *text = NULL;
  Fixture f;

  set_up (&f);
  g_assert_true (gtk_widget_activate_action (f.page, "train.log", NULL));
  app_fixture_spin (50);
  dialog = app_fixture_find (f.window, ATTUNE_TYPE_LOG_DIALOG);
  g_assert_nonnull (dialog);
  say_evaluation (f.run, 110);
  buffer = gtk_text_view_get_buffer (app_fixture_get_child (dialog, "view"));
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_cmpstr (text, ==, "0:55\tEvaluation at step 110: loss 0.700, accuracy 75.0\302\240%, "
                             "macro F1 62.5\302\240%\n");
  adw_dialog_force_close (dialog);
  app_fixture_spin (50);
  log = attune_event_log_new (f.run);
  app_fixture_release (log);
  tear_down (&f);
}

/* Memory that ran out is told on the page for as long as the run is looked at. */
static void
test_memory_that_ran_out_is_told (void)
{
  g_autoptr (AttuneEvent) other = attune_event_new (ATTUNE_EVENT_WARNING);
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_WARNING);
  AdwBanner *banner;
  Fixture f;

  set_up (&f);
  banner = app_fixture_get_child (f.page, "warning");
  other->code = g_strdup ("something_else");
  other->message = g_strdup ("Not worth a banner.");
  attune_run_apply_event (f.run, other);
  g_assert_false (adw_banner_get_revealed (banner));
  event->code = g_strdup ("out_of_memory");
  event->message = g_strdup ("Memory ran out at step 7: batches of 8 & 8 from now on.");
  attune_run_apply_event (f.run, event);
  g_assert_true (adw_banner_get_revealed (banner));
  g_assert_cmpstr (adw_banner_get_title (banner), ==, event->message);
  tear_down (&f);
}

/* A run that goes on says so in its plot and in its log. */
static void
test_a_resumed_run_has_a_mark (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  Fixture f;

  set_up (&f);
  before = get_text (get_plot (&f, "loss_plot"), "summary");
  g_assert_null (strstr (before, "Continued"));
  say_start (f.run, 100);
  say_step (f.run, 102, 0.5);
  say_evaluation (f.run, 104);
  after = get_text (get_plot (&f, "loss_plot"), "summary");
  g_assert_true (g_str_has_suffix (after, " Continued after step 100."));
  tear_down (&f);
}

typedef struct
{
  gboolean done;
  gboolean success;
  GError *error;
} Outcome;

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->success = attune_curve_export_finish (result, &outcome->error);
  outcome->done = TRUE;
}

static gboolean
is_done (gpointer outcome)
{
  return ((Outcome *) outcome)->done;
}

static Outcome
export (Fixture *f, const char *format, const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  AttuneCurveExport what = { f->run, get_plot (f, "loss_plot"), get_plot (f, "accuracy_plot"), format };
  Outcome outcome = { 0 };

  attune_curve_export_async (&what, file, NULL, exported_cb, &outcome);
  app_fixture_wait (is_done, &outcome);
  return outcome;
}

static char *
read_file (const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), name, NULL);
  char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, length, NULL));
  return content;
}

static void
test_pictures_are_exported (void)
{
  static const struct { const char *format, *name, *start; } all[] = {
    { "png", "curves.png", "\211PNG\r\n" }, { "svg", "curves.svg", "<?xml" },
    { "pdf", "curves.pdf", "%PDF-" },
  };
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *picture = NULL;
  Fixture f;

  set_up (&f);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      Outcome outcome = export (&f, all[i].format, all[i].name);
      g_autofree char *content = NULL;
      gsize length;

      g_assert_no_error (outcome.error);
      g_assert_true (outcome.success);
      content = read_file (all[i].name, &length);
      g_assert_cmpuint (length, >, 2000);
      g_assert_true (g_str_has_prefix (content, all[i].start));
    }
  picture = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "curves.png", NULL);
  texture = gdk_texture_new_from_filename (picture, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 1800);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, 1280);
  tear_down (&f);
}

static void
test_numbers_are_exported (void)
{
  g_autofree char *content = NULL;
  g_auto (GStrv) lines = NULL;
  gsize length;
  Outcome outcome;
  Fixture f;

  set_up (&f);
  outcome = export (&f, "csv", "curves.csv");
  g_assert_no_error (outcome.error);
  content = read_file ("curves.csv", &length);
  lines = g_strsplit (content, "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + N_STEPS / 2 + 2 + 1);
  g_assert_cmpstr (lines[0], ==, "step,epoch,time,loss,learning_rate,grad_norm,train_accuracy,"
                                 "eval_loss,eval_accuracy,eval_f1_macro,eval_f1_micro,eval_mcc");
  g_assert_cmpstr (lines[1], ==, "2,0.05,1,0.5,0.0001,1.5,0.5,,,,,");
  g_assert_cmpstr (lines[13], ==, "25,0.625,12.5,,,,,0.7,0.75,0.625,0.75,-0.25");
  g_assert_cmpstr (lines[26], ==, "50,1.25,25,0.02,0.0001,1.5,0.5,0.7,0.75,0.625,0.75,-0.25");
  g_assert_cmpstr (lines[31], ==, "60,1.5,30,nan,0.0001,1.5,0.5,,,,,");
  tear_down (&f);
}

static void
test_what_cannot_be_written_is_told (void)
{
  Outcome outcome;
  Fixture f;

  set_up (&f);
  outcome = export (&f, "csv", "no-such-folder/curves.csv");
  g_assert_false (outcome.success);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&outcome.error);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/train-curves/axis", test_the_axis_is_step_epoch_or_time);
  g_test_add_func ("/train-curves/time-axis", test_the_time_axis_grows_now_and_then);
  g_test_add_func ("/train-curves/metric", test_the_second_plot_shows_what_is_chosen);
  g_test_add_func ("/train-curves/remembered", test_choices_are_remembered);
  g_test_add_func ("/train-curves/weight", test_the_weight_is_set_exactly);
  g_test_add_func ("/train-curves/zoom", test_both_plots_zoom);
  g_test_add_func ("/train-curves/crosshair", test_both_plots_have_the_crosshair);
  g_test_add_func ("/train-curves/other-runs", test_other_runs_lie_beside);
  g_test_add_func ("/train-curves/no-number", test_no_number_is_said);
  g_test_add_func ("/train-curves/table", test_the_table_has_every_number);
  g_test_add_func ("/train-curves/table-grows", test_the_table_grows);
  g_test_add_func ("/train-curves/table-behind", test_the_table_stands_behind_the_plots);
  g_test_add_func ("/train-curves/log", test_the_log_is_the_same_from_wherever);
  g_test_add_func ("/train-curves/log-once", test_nothing_is_logged_twice);
  g_test_add_func ("/train-curves/damaged-log", test_a_damaged_log_is_read_as_far_as_it_goes);
  g_test_add_func ("/train-curves/log-copied", test_the_log_can_be_copied);
  g_test_add_func ("/train-curves/memory", test_memory_that_ran_out_is_told);
  g_test_add_func ("/train-curves/resumed", test_a_resumed_run_has_a_mark);
  g_test_add_func ("/train-curves/pictures", test_pictures_are_exported);
  g_test_add_func ("/train-curves/numbers", test_numbers_are_exported);
  g_test_add_func ("/train-curves/unwritable", test_what_cannot_be_written_is_told);
  return app_fixture_run ();
}
