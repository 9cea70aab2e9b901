/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Results page: what the best evaluation of a run says. It reads the predictions kept with the
 * run, off the main thread, and draws everything from them.
 */
#include "config.h"

#include "attune-results-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "attune-cell-texts.h"
#include "attune-charts.h"
#include "attune-export.h"
#include "attune-label-table.h"
#include "attune-list-rows.h"
#include "attune-metrics.h"
#include "attune-window.h"

/* Of more labels than this the matrix shows those that are most often confused. */
#define MAX_MATRIX_LABELS 150

struct _AttuneResultsPage
{
  AdwBin parent_instance;

  GtkStack *root;
  AdwStatusPage *empty_page;
  GtkLabel *accuracy;
  GtkLabel *count;
  GtkLabel *interval;
  AttuneScoreLine *score_line;
  GtkLabel *other_metrics;
  GtkColumnView *labels;
  AdwToggleGroup *matrix_kind;
  AttuneConfusionMatrix *matrix;
  GtkLabel *matrix_note;
  GtkWidget *matrix_side;   /* hidden where texts have several labels */
  GtkLabel *answers_note;   /* shown then */
  GtkLabel *cell_title;
  GtkLabel *cell_count;
  GtkLabel *no_texts;       /* where the list of them is empty */
  GtkListBox *texts;
  GtkLabel *checkpoint;
  GtkLabel *comparison;
  GtkWidget *export;

  AttuneProject *project;
  GCancellable *loading;
  AttuneRunPredictions *predictions;
  AttuneMetrics *metrics;
  guint *matrix_labels; /* (n_matrix_labels,) the label of each row and column of the matrix */
  guint n_matrix_labels;
  AttuneCellTexts *cell_texts;
};

G_DEFINE_FINAL_TYPE (AttuneResultsPage, attune_results_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_PROJECT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* What the loading task brings. */
typedef struct
{
  AttuneRunPredictions *predictions;
  AttuneMetrics *metrics;
} Results;

static void
results_free (Results *results)
{
  g_clear_pointer (&results->predictions, attune_run_predictions_free);
  g_clear_pointer (&results->metrics, attune_metrics_free);
  g_free (results);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Results, results_free)

static AttuneRun *
get_run (AttuneResultsPage *self)
{
  return attune_project_get_run (self->project);
}

static AttuneWindow *
get_window (AttuneResultsPage *self)
{
  return ATTUNE_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
show_empty (AttuneResultsPage *self, const char *words)
{
  adw_status_page_set_description (self->empty_page, words);
  gtk_stack_set_visible_child_name (self->root, "empty");
}

static void
cell_selected_cb (AttuneResultsPage *self, guint label, guint guessed)
{
  if (self->predictions != NULL)
    attune_cell_texts_show_cell (self->cell_texts, self->matrix_labels[label],
                                 self->matrix_labels[guessed]);
}

/* The fullest cell off the diagonal is what a person wants to see first. */
static void
select_worst_cell (AttuneResultsPage *self, const guint64 *counts)
{
  guint n = self->n_matrix_labels;
  guint label = 0, guessed = 0;
  guint64 most = 0;

  for (guint i = 0; i < n; i++)
    {
      for (guint j = 0; j < n; j++)
        {
          if (i != j && counts[i * n + j] > most)
            {
              most = counts[i * n + j];
              label = i;
              guessed = j;
            }
        }
    }
  attune_confusion_matrix_select (self->matrix, label, guessed);
  attune_cell_texts_show_cell (self->cell_texts, self->matrix_labels[label],
                               self->matrix_labels[guessed]);
}

static void
show_matrix (AttuneResultsPage *self, const char * const *classes)
{
  g_autofree guint64 *counts = NULL;
  g_autofree const char **names = NULL;
  g_autofree char *note = NULL;
  guint n_classes = self->metrics->n_classes, n;

  g_free (self->matrix_labels);
  self->matrix_labels = attune_metrics_list_confused (self->metrics, MAX_MATRIX_LABELS, &n);
  self->n_matrix_labels = n;
  counts = attune_metrics_make_matrix (self->metrics, self->matrix_labels, n);
  names = g_new0 (const char *, n + 1);
  for (guint i = 0; i < n; i++)
    names[i] = classes[self->matrix_labels[i]];
  attune_confusion_matrix_set (self->matrix, names, counts, n);

  note = g_strdup_printf (_("The %'u of %'u labels that are most often confused"), n, n_classes);
  gtk_label_set_text (self->matrix_note, note);
  gtk_widget_set_visible (GTK_WIDGET (self->matrix_note), n < n_classes);
  select_worst_cell (self, counts);
}

static void
show_set_headline (AttuneResultsPage *self)
{
  const AttuneMetrics *metrics = self->metrics;
  const AttuneRunHistory *history = attune_run_get_history (get_run (self));
  g_autofree char *accuracy = g_strdup_printf (_("%.1f %%"), 100 * metrics->accuracy);
  g_autofree char *count = g_strdup_printf (
    ngettext ("All labels right in %'u of %'u text", "All labels right in %'u of %'u texts",
              (gulong) metrics->n_rows),
    (guint) metrics->n_correct, (guint) metrics->n_rows);
  g_autofree char *interval = g_strdup_printf (_("95 %% interval %.1f to %.1f %%"),
                                               100 * metrics->accuracy_low,
                                               100 * metrics->accuracy_high);
  g_autofree char *others =
    g_strdup_printf (_("%.1f %% macro F1, the mean of all labels · %.1f %% micro F1"),
                     100 * metrics->f1_macro, 100 * metrics->f1_micro);

  gtk_label_set_text (self->accuracy, accuracy);
  gtk_label_set_text (self->count, count);
  gtk_label_set_text (self->interval, interval);
  gtk_label_set_text (self->other_metrics, others);
  attune_score_line_set (self->score_line, metrics->accuracy, metrics->accuracy_low,
                         metrics->accuracy_high, history->majority_accuracy,
                         _("Always the most frequent labels"), history->naive_bayes_accuracy);
}

static void
show_headline (AttuneResultsPage *self)
{
  const AttuneMetrics *metrics = self->metrics;
  const AttuneRunHistory *history = attune_run_get_history (get_run (self));
  const char * const *classes = attune_run_get_classes (get_run (self));
  g_autofree char *accuracy = g_strdup_printf (_("%.1f %%"), 100 * metrics->accuracy);
  g_autofree char *count = g_strdup_printf (
    ngettext ("%'u of %'u text right", "%'u of %'u texts right", (gulong) metrics->n_rows),
    (guint) metrics->n_correct, (guint) metrics->n_rows);
  g_autofree char *interval = g_strdup_printf (_("95 %% interval %.1f to %.1f %%"),
                                               100 * metrics->accuracy_low,
                                               100 * metrics->accuracy_high);
  g_autofree char *others =
    g_strdup_printf (_("%.1f %% macro F1 · %.3f MCC · %.1f %% calibration error"),
                     100 * metrics->f1_macro, metrics->mcc, 100 * metrics->calibration_error);
  g_autofree char *always = NULL;
  guint majority = 0;

  for (guint i = 1; i < metrics->n_classes; i++)
    {
      if (metrics->support[i] > metrics->support[majority])
        majority = i;
    }
  /* Translators: the base line that always guesses this label. */
  always = g_strdup_printf (_("Always “%s”"), classes[majority]);
  gtk_label_set_text (self->accuracy, accuracy);
  gtk_label_set_text (self->count, count);
  gtk_label_set_text (self->interval, interval);
  gtk_label_set_text (self->other_metrics, others);
  attune_score_line_set (self->score_line, metrics->accuracy, metrics->accuracy_low,
                         metrics->accuracy_high,
                         history->majority_accuracy, always, history->naive_bayes_accuracy);
}

/* Beyond chance, or not: the better base line's accuracy against the interval. */
static void
show_comparison (AttuneResultsPage *self)
{
  const AttuneRunHistory *history = attune_run_get_history (get_run (self));
  gboolean regression = isnan (history->naive_bayes_accuracy)
                        || history->logistic_regression_accuracy > history->naive_bayes_accuracy;
  double accuracy = regression ? history->logistic_regression_accuracy
                               : history->naive_bayes_accuracy;
  const char *name = regression ? _("Logistic regression") : _("Naive Bayes");
  g_autofree char *step = g_strdup_printf (_("Best · step %'d"),
                                           (int) attune_run_get_best_step (get_run (self)));
  g_autofree char *words = NULL;

  gtk_label_set_text (self->checkpoint, step);
  if (isnan (accuracy))
    words = g_strdup ("");
  else if (accuracy < self->metrics->accuracy_low)
    words = g_strdup_printf (_("%s: %.1f %%, clearly beaten"), name, 100 * accuracy);
  else if (accuracy > self->metrics->accuracy_high)
    words = g_strdup_printf (_("%s: %.1f %%, better than this model"), name, 100 * accuracy);
  else
    words = g_strdup_printf (_("%s: %.1f %%, difference within chance"), name, 100 * accuracy);
  if (!isnan (history->naive_bayes_accuracy) && !isnan (history->logistic_regression_accuracy))
    {
      g_autofree char *better = g_steal_pointer (&words);

      words = g_strdup_printf (regression ? _("%s · naive Bayes %.1f %%")
                                          : _("%s · logistic regression %.1f %%"), better,
                               100 * MIN (history->naive_bayes_accuracy,
                                          history->logistic_regression_accuracy));
    }
  gtk_label_set_text (self->comparison, words);
}

static void
show_results (AttuneResultsPage *self)
{
  const char * const *classes = attune_run_get_classes (get_run (self));

  if (classes == NULL || g_strv_length ((char **) classes) != self->metrics->n_classes)
    {
      show_empty (self, _("The predictions kept with this run do not fit its labels."));
      return;
    }
  gtk_widget_set_visible (self->matrix_side, !self->metrics->multi_label);
  gtk_widget_set_visible (GTK_WIDGET (self->answers_note), self->metrics->multi_label);
  attune_cell_texts_set_predictions (self->cell_texts, self->predictions, classes);
  show_comparison (self);
  attune_label_table_fill (self->labels, classes, self->metrics);
  if (self->metrics->multi_label)
    {
      show_set_headline (self);
      attune_cell_texts_show_mistakes (self->cell_texts);
    }
  else
    {
      show_headline (self);
      show_matrix (self, classes);
    }
  gtk_stack_set_visible_child_name (self->root, "results");
}

/* The rows borrow their texts from the predictions. */
static void
clear_results (AttuneResultsPage *self)
{
  if (self->cell_texts != NULL)
    attune_cell_texts_set_predictions (self->cell_texts, NULL, NULL);
  g_clear_pointer (&self->predictions, attune_run_predictions_free);
  g_clear_pointer (&self->metrics, attune_metrics_free);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  Results *results = g_new0 (Results, 1);

  results->predictions = attune_run_load_predictions (task_data, &error);
  if (results->predictions == NULL)
    {
      results_free (results);
      g_task_return_error (task, error);
      return;
    }
  results->metrics = attune_run_predictions_measure (results->predictions);
  g_task_return_pointer (task, results, (GDestroyNotify) results_free);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AttuneResultsPage *self = ATTUNE_RESULTS_PAGE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (Results) results = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->project == NULL || g_task_get_cancellable (G_TASK (result)) != self->loading)
    return;
  g_clear_object (&self->loading);
  clear_results (self);
  if (results == NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (error->message, -1);

      show_empty (self, escaped);
      return;
    }
  self->predictions = g_steal_pointer (&results->predictions);
  self->metrics = g_steal_pointer (&results->metrics);
  show_results (self);
}

static void
reload (AttuneResultsPage *self)
{
  AttuneRun *run = get_run (self);
  AttuneRunState state = attune_run_get_state (run);
  g_autoptr (GTask) task = NULL;

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  if (state == ATTUNE_RUN_DRAFT || attune_run_get_folder (run) == NULL)
    {
      show_empty (self, _("They appear after the first evaluation."));
      return;
    }
  /* The evaluation is announced before its predictions are on disk; the next phase comes after. */
  if (g_strcmp0 (attune_run_get_phase (run), "saving") == 0)
    {
      if (self->predictions == NULL)
        show_empty (self, _("They appear after the first evaluation."));
      return;
    }
  if (attune_run_get_history (run)->eval_accuracy->len == 0)
    {
      show_empty (self, state == ATTUNE_RUN_RUNNING || state == ATTUNE_RUN_PAUSED
                          ? _("They appear after the first evaluation.")
                          : _("This run was not evaluated, so there is nothing to show."));
      return;
    }
  self->loading = g_cancellable_new ();
  task = g_task_new (self, self->loading, loaded_cb, NULL);
  g_task_set_task_data (task, g_strdup (attune_run_get_folder (run)), g_free);
  g_task_run_in_thread (task, load_in_thread);
}

static void
matrix_kind_cb (AttuneResultsPage *self)
{
  g_object_set (self->matrix, "show-share",
                g_strcmp0 (adw_toggle_group_get_active_name (self->matrix_kind),
                           "share") == 0, NULL);
}

static void
text_activated_cb (AttuneResultsPage *self, GtkListBoxRow *row)
{
  attune_window_try_text (get_window (self), g_object_get_data (G_OBJECT (row), "text"),
                          g_object_get_data (G_OBJECT (row), "pair"));
}

static void
export_cb (AttuneResultsPage *self)
{
  attune_export_model (get_window (self), get_run (self));
}

/* State or phase; what was evaluated is on disk once the phase "saving" is over. */
static void
run_changed_cb (AttuneResultsPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    reload (self);
}

static void
set_project (AttuneResultsPage *self, AttuneProject *project)
{
  AttuneRun *run;

  if (self->project == project)
    return;
  if (self->project != NULL)
    g_signal_handlers_disconnect_by_data (get_run (self), self);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  if (self->project != NULL)
    clear_results (self);
  g_set_object (&self->project, project);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECT]);
  if (project == NULL)
    return;
  run = get_run (self);
  g_signal_connect_object (run, "notify::state", G_CALLBACK (run_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notify::phase", G_CALLBACK (run_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_stack_set_visible_child_name (self->root, "empty");
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    reload (self);
}

static void
attune_results_page_map (GtkWidget *widget)
{
  AttuneResultsPage *self = ATTUNE_RESULTS_PAGE (widget);

  GTK_WIDGET_CLASS (attune_results_page_parent_class)->map (widget);
  if (self->project != NULL)
    reload (self);
}

static void
attune_results_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneResultsPage *self = ATTUNE_RESULTS_PAGE (object);

  switch (id)
    {
    case PROP_PROJECT:
      g_value_set_object (value, self->project);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_results_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROJECT:
      set_project (ATTUNE_RESULTS_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_results_page_dispose (GObject *object)
{
  AttuneResultsPage *self = ATTUNE_RESULTS_PAGE (object);

  set_project (self, NULL);
  g_clear_pointer (&self->predictions, attune_run_predictions_free);
  g_clear_pointer (&self->metrics, attune_metrics_free);
  g_clear_pointer (&self->matrix_labels, g_free);
  g_clear_pointer (&self->cell_texts, attune_cell_texts_free);
  /* The template would free the bin's child behind its back. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RESULTS_PAGE);
  G_OBJECT_CLASS (attune_results_page_parent_class)->dispose (object);
}

static void
attune_results_page_class_init (AttuneResultsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_results_page_get_property;
  object_class->set_property = attune_results_page_set_property;
  object_class->dispose = attune_results_page_dispose;
  widget_class->map = attune_results_page_map;

  properties[PROP_PROJECT] =
    g_param_spec_object ("project", NULL, NULL, ATTUNE_TYPE_PROJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (ATTUNE_TYPE_SCORE_LINE);
  g_type_ensure (ATTUNE_TYPE_CONFUSION_MATRIX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-results-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, root);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, accuracy);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, count);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, interval);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, score_line);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, other_metrics);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, labels);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, matrix_kind);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, matrix);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, matrix_note);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, matrix_side);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, answers_note);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, cell_title);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, cell_count);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, no_texts);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, texts);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, checkpoint);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, comparison);
  gtk_widget_class_bind_template_child (widget_class, AttuneResultsPage, export);
  gtk_widget_class_bind_template_callback (widget_class, cell_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, matrix_kind_cb);
  gtk_widget_class_bind_template_callback (widget_class, text_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, export_cb);
}

static void
attune_results_page_init (AttuneResultsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cell_texts = attune_cell_texts_new (self->texts, self->cell_title, self->cell_count,
                                            self->no_texts);
}
