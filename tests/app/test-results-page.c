/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Results page: its numbers are those of the predictions kept with the run.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-charts.h"
#include "attune-metrics.h"
#include "attune-results-page.h"

typedef struct
{
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

static const char *
get_shown (Fixture *f)
{
  return gtk_stack_get_visible_child_name (app_fixture_get_child (f->page, "root"));
}

static gboolean
shows_results (gpointer data)
{
  return g_str_equal (get_shown (data), "results");
}

static gboolean
set_up (Fixture *f, const char *epochs)
{
  if (!app_fixture_use_engine (""))
    return FALSE;
  f->trainer = attune_trainer_new (NULL);
  f->project = app_fixture_create_draft (f->trainer, 80);
  app_fixture_set (f->project, "num_train_epochs", epochs, "validation_split", "0.5", NULL);
  f->page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_RESULTS_PAGE, "project", f->project, NULL));
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 800);
  gtk_window_set_child (GTK_WINDOW (f->window), f->page);
  gtk_window_present (GTK_WINDOW (f->window));
  return TRUE;
}

static void
tear_down (Fixture *f)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  app_fixture_release (f->page);
  app_fixture_end (f->trainer, f->project);
}

static AttuneRun *
get_run (Fixture *f)
{
  return attune_project_get_run (f->project);
}

static void
test_numbers_are_those_of_the_predictions (void)
{
  g_autoptr (AttuneRunPredictions) predictions = NULL;
  g_autoptr (AttuneMetrics) metrics = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *accuracy = NULL, *count = NULL;
  Fixture f;

  if (!set_up (&f, "2"))
    return;
  g_assert_cmpstr (get_shown (&f), ==, "empty");
  app_fixture_train (f.project);
  app_fixture_wait (shows_results, &f);

  predictions = attune_run_load_predictions (attune_run_get_folder (get_run (&f)), &error);
  g_assert_no_error (error);
  metrics = attune_metrics_new_from_logits (predictions->labels, predictions->logits, predictions->n_rows,
                                            predictions->n_classes);
  g_assert_cmpuint (metrics->n_rows, ==, 40);
  accuracy = g_strdup_printf ("%.1f %%", 100 * metrics->accuracy);
  count = g_strdup_printf ("%u of 40 texts right", (guint) metrics->n_correct);
  g_assert_cmpstr (app_fixture_get_words (f.page, "accuracy"), ==, accuracy);
  g_assert_cmpstr (app_fixture_get_words (f.page, "count"), ==, count);
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "interval"), "95 % interval "));
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "checkpoint"), "Best · step "));
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "comparison"), "Naive Bayes: "));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (gtk_column_view_get_model (
                      app_fixture_get_child (f.page, "labels")))), ==, 2);
  tear_down (&f);
}

/* Each cell of the matrix lists as many texts as it counts. */
static void
test_cells_list_their_texts (void)
{
  g_autoptr (AttuneRunPredictions) predictions = NULL;
  g_autoptr (AttuneMetrics) metrics = NULL;
  static const guint both[] = { 0, 1 };
  g_autofree guint64 *counts = NULL;
  GtkWidget *matrix;
  GtkListBox *texts;
  Fixture f;

  if (!set_up (&f, "1"))
    return;
  app_fixture_train (f.project);
  app_fixture_wait (shows_results, &f);
  predictions = attune_run_load_predictions (attune_run_get_folder (get_run (&f)), NULL);
  metrics = attune_metrics_new_from_logits (predictions->labels, predictions->logits, predictions->n_rows,
                                            predictions->n_classes);
  counts = attune_metrics_make_matrix (metrics, both, 2);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "matrix_note")));
  matrix = app_fixture_get_child (f.page, "matrix");
  texts = app_fixture_get_child (f.page, "texts");
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (matrix),
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
  for (guint label = 0; label < 2; label++)
    {
      for (guint guess = 0; guess < 2; guess++)
        {
          guint n = 0;

          g_signal_emit_by_name (matrix, "cell-selected", label, guess);
          while (gtk_list_box_get_row_at_index (texts, (int) n) != NULL)
            n++;
          g_assert_cmpuint (n, ==, counts[2 * label + guess]);
          if (label != guess)
            g_assert_nonnull (strstr (app_fixture_get_words (f.page, "cell_title"), "Taken for"));
          else
            g_assert_nonnull (strstr (app_fixture_get_words (f.page, "cell_title"), "Recognised"));
        }
    }
  tear_down (&f);
}

/* A run without evaluation has no results, and says so. */
static void
test_a_run_without_evaluation_says_so (void)
{
  const char *words;
  Fixture f;

  if (!set_up (&f, "1"))
    return;
  app_fixture_set (f.project, "eval_strategy", "no", NULL);
  app_fixture_train (f.project);
  app_fixture_spin (100);
  g_assert_cmpstr (get_shown (&f), ==, "empty");
  words = adw_status_page_get_description (app_fixture_get_child (f.page, "empty_page"));
  g_assert_nonnull (strstr (words, "not evaluated"));
  tear_down (&f);
}

/* Predictions that cannot be read are told, not drawn. */
static void
test_broken_predictions_are_told (void)
{
  g_autofree char *path = NULL;
  const char *words;
  Fixture f;

  if (!set_up (&f, "1"))
    return;
  app_fixture_train (f.project);
  app_fixture_wait (shows_results, &f);
  path = g_build_filename (attune_run_get_folder (get_run (&f)), "predictions.json", NULL);
  g_assert_true (g_file_set_contents (path, "{\"version\":1,<", -1, NULL));
  g_object_set (f.page, "project", NULL, NULL);
  g_object_set (f.page, "project", f.project, NULL);
  app_fixture_spin (200);
  g_assert_cmpstr (get_shown (&f), ==, "empty");
  words = adw_status_page_get_description (app_fixture_get_child (f.page, "empty_page"));
  g_test_message ("%s", words);
  g_assert_nonnull (strstr (words, "predictions.json"));
  tear_down (&f);
}

/* Another project while the first one's predictions are being read. */
static void
test_the_newest_project_is_shown (void)
{
  AttuneProject *draft;
  Fixture f;

  if (!set_up (&f, "1"))
    return;
  app_fixture_train (f.project);
  draft = app_fixture_create_draft (f.trainer, 20);
  g_object_set (f.page, "project", NULL, NULL);
  g_object_set (f.page, "project", f.project, NULL);
  g_object_set (f.page, "project", draft, NULL);
  app_fixture_spin (200);
  g_assert_cmpstr (get_shown (&f), ==, "empty");
  g_object_set (f.page, "project", f.project, NULL);
  app_fixture_wait (shows_results, &f);
  app_fixture_release (draft);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/results-page/numbers", test_numbers_are_those_of_the_predictions);
  g_test_add_func ("/results-page/cells", test_cells_list_their_texts);
  g_test_add_func ("/results-page/no-evaluation", test_a_run_without_evaluation_says_so);
  g_test_add_func ("/results-page/broken", test_broken_predictions_are_told);
  g_test_add_func ("/results-page/newest", test_the_newest_project_is_shown);
  return app_fixture_run ();
}
