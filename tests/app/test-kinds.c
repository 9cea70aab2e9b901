/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pairs of texts and texts with several labels in the pages: what the Data page shows and lets be
 * changed, what Results and Try make of them.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-charts.h"
#include "attune-data-options.h"
#include "attune-results-page.h"
#include "attune-train-page.h"
#include "attune-try-page.h"

/* In the order of the entries of the Data page. */
enum { SINGLE, COMMAS, SEMICOLONS, BARS, LIST, COLUMNS };

static AttuneProject *
open_text (AttuneTrainer *trainer, const char *text)
{
  g_autoptr (GFile) file = app_fixture_write_file ("kinds.csv", text, -1);
  AttuneProject *project = attune_project_new_for_file (trainer, file);

  app_fixture_set (project, "per_device_train_batch_size", "4", NULL);
  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (project);
  return project;
}

static char *
create_sets (void)
{
  GString *csv = g_string_new ("text,tags\n");

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (csv, "a%u b c,%s\n", i, i % 3 == 0 ? "x|y" : i % 3 == 1 ? "x" : "y");
  return g_string_free_and_steal (csv);
}

static char *
create_pairs (void)
{
  GString *csv = g_string_new ("sentence1,sentence2,label\n");

  for (guint i = 0; i < 24; i++)
    g_string_append_printf (csv, "the first text %u,the second text %u,%s\n", i, i,
                            i % 2 == 0 ? "yes" : "no");
  return g_string_free_and_steal (csv);
}

static void
test_task_is_shown_and_changed (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  g_autofree char *text = create_sets ();
  AttuneProject *project = open_text (trainer, text);
  AttuneDataOptions *options =
    g_object_ref_sink (g_object_new (ATTUNE_TYPE_DATA_OPTIONS, NULL));
  GtkDropDown *task = app_fixture_get_child (options, "task");

  attune_data_options_set_project (options, project);
  app_fixture_spin (50);
  g_assert_cmpuint (gtk_drop_down_get_selected (task), ==, BARS);
  /* Also after the second reading, with a model, the guess is told. */
  g_assert_true (attune_dataset_is_task_guessed (attune_project_get_dataset (project)));
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (project)), ==, 2);

  gtk_drop_down_set_selected (task, SINGLE);
  app_fixture_wait_loaded (project);
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (project)), ==, 3);
  g_assert_cmpint (attune_dataset_get_task (attune_project_get_dataset (project)), ==,
                   ATTUNE_TASK_SINGLE_LABEL);
  app_fixture_spin (50);
  gtk_drop_down_set_selected (task, BARS);
  app_fixture_wait_loaded (project);
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (project)), ==, 2);
  attune_data_options_set_project (options, NULL);
  app_fixture_release (options);
  app_fixture_end (trainer, project);
}

static void
test_label_columns_are_checked (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "text,a,b,c\nx y,1,0,1\nz w,0,1,1\nv u,0,0,1\n");
  AttuneDataOptions *options =
    g_object_ref_sink (g_object_new (ATTUNE_TYPE_DATA_OPTIONS, NULL));
  GtkWidget *check;

  attune_data_options_set_project (options, project);
  app_fixture_spin (50);
  g_assert_cmpuint (gtk_drop_down_get_selected (app_fixture_get_child (options, "task")), ==,
                    COLUMNS);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (options, "label")));
  g_assert_cmpstr (gtk_menu_button_get_label (app_fixture_get_child (options, "label_columns")), ==,
                   "3 columns");

  /* The text column cannot be one; the last one is taken out. */
  check = gtk_widget_get_first_child (app_fixture_get_child (options, "column_checks"));
  g_assert_false (gtk_widget_get_sensitive (check));
  check = gtk_widget_get_last_child (app_fixture_get_child (options, "column_checks"));
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), FALSE);
  g_signal_emit_by_name (gtk_menu_button_get_popover (app_fixture_get_child (options,
                                                                             "label_columns")),
                         "closed");
  app_fixture_wait_loaded (project);
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (project)), ==, 2);
  attune_data_options_set_project (options, NULL);
  app_fixture_release (options);
  app_fixture_end (trainer, project);
}

static gboolean
shows_results (gpointer page)
{
  return g_str_equal (gtk_stack_get_visible_child_name (app_fixture_get_child (page, "root")),
                      "results");
}

static GtkWidget *
put_in_window (GtkWidget *page)
{
  GtkWidget *window = gtk_window_new ();

  g_object_ref_sink (page);
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 800);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
test_results_of_several_labels (void)
{
  g_autofree char *text = create_sets ();
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *page, *window, *train_page, *train_window;
  g_autofree char *title = NULL;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = open_text (trainer, text);
  app_fixture_set (project, "num_train_epochs", "1", "validation_split", "0.5", NULL);
  page = g_object_new (ATTUNE_TYPE_RESULTS_PAGE, "project", project, NULL);
  window = put_in_window (page);
  train_page = g_object_new (ATTUNE_TYPE_TRAIN_PAGE, "project", project, NULL);
  train_window = put_in_window (train_page);
  app_fixture_train (project);
  app_fixture_wait (shows_results, page);

  g_assert_true (g_str_has_prefix (app_fixture_get_words (page, "count"), "All labels right in "));
  g_assert_nonnull (strstr (app_fixture_get_words (page, "other_metrics"), "micro F1"));
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (page, "matrix_side")));
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (page, "answers_note")));
  g_assert_cmpstr (app_fixture_get_words (page, "cell_title"), ==, "Surest Mistakes");
  g_object_get (app_fixture_get_child (train_page, "accuracy_plot"), "title", &title, NULL);
  g_assert_cmpstr (title, ==, "All Labels Right");

  gtk_window_destroy (GTK_WINDOW (train_window));
  app_fixture_release (train_page);
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_release (page);
  app_fixture_end (trainer, project);
}

static gboolean
is_answered (gpointer page)
{
  return gtk_widget_get_visible (app_fixture_get_child (page, "answer"))
         && *app_fixture_get_words (page, "verdict") != '\0';
}

static void
test_trying_several_labels (void)
{
  g_autofree char *text = create_sets ();
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *page, *window;
  double threshold = 0;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = open_text (trainer, text);
  app_fixture_set (project, "max_steps", "4", "eval_strategy", "no", NULL);
  page = g_object_new (ATTUNE_TYPE_TRY_PAGE, "project", project, NULL);
  window = put_in_window (page);
  app_fixture_train (project);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (page, "pair_field")));
  attune_try_page_set_text (ATTUNE_TRY_PAGE (page), "a1 b c", NULL);
  app_fixture_wait (is_answered, page);
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (page, "bars_note")));
  g_object_get (app_fixture_get_child (page, "bars"), "threshold", &threshold, NULL);
  g_assert_cmpfloat (threshold, ==, 0.5);
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_release (page);
  app_fixture_end (trainer, project);
}

/* Of many labels the likeliest are shown, and a bar asks about its own label. */
static void
test_trying_many_labels (void)
{
  g_autoptr (GString) csv = g_string_new ("text,label\n");
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *page, *window;
  g_auto (GStrv) verdict = NULL;
  g_autofree char *why = NULL;

  for (guint i = 0; i < 80; i++)
    g_string_append_printf (csv, "a%u b c%u,topic %02u\n", i, i * 7 % 11, i % 20);
  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = open_text (trainer, csv->str);
  app_fixture_set (project, "max_steps", "4", "eval_strategy", "no", NULL);
  page = g_object_new (ATTUNE_TYPE_TRY_PAGE, "project", project, NULL);
  window = put_in_window (page);
  app_fixture_train (project);
  attune_try_page_set_text (ATTUNE_TRY_PAGE (page), "a1 b c", NULL);
  app_fixture_wait (is_answered, page);
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (page, "bars_rest")));
  g_assert_cmpstr (app_fixture_get_words (page, "bars_rest"), ==,
                   "4 less likely labels are not shown.");
  /* The first bar is the likeliest label, which is the answer. */
  verdict = g_strsplit (app_fixture_get_words (page, "verdict"), " · ", 2);
  why = g_strdup_printf ("Why %s", verdict[0]);
  g_signal_emit_by_name (app_fixture_get_child (page, "bars"), "bar-activated", 15);
  app_fixture_spin (100);
  g_assert_cmpstr (app_fixture_get_words (app_fixture_get_child (page, "why"), "title"), !=, why);
  g_signal_emit_by_name (app_fixture_get_child (page, "bars"), "bar-activated", 0);
  app_fixture_spin (100);
  g_assert_cmpstr (app_fixture_get_words (app_fixture_get_child (page, "why"), "title"), ==, why);
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_release (page);
  app_fixture_end (trainer, project);
}

static void
test_trying_pairs (void)
{
  g_autofree char *text = create_pairs ();
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *page, *window;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = open_text (trainer, text);
  g_assert_cmpint (attune_dataset_get_columns (attune_project_get_dataset (project))->pair, ==, 1);
  app_fixture_set (project, "max_steps", "4", "eval_strategy", "no", NULL);
  page = g_object_new (ATTUNE_TYPE_TRY_PAGE, "project", project, NULL);
  window = put_in_window (page);
  app_fixture_train (project);
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (page, "pair_field")));

  /* Half a pair has no answer. */
  attune_try_page_set_text (ATTUNE_TRY_PAGE (page), "the first", NULL);
  app_fixture_spin (200);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (page, "answer")));
  attune_try_page_set_text (ATTUNE_TRY_PAGE (page), "the first", "the second");
  app_fixture_wait (is_answered, page);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (page, "bars_note")));
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_release (page);
  app_fixture_end (trainer, project);
}

int
main (int argc, char *argv[])
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/app/kinds/task-is-shown-and-changed", test_task_is_shown_and_changed);
  g_test_add_func ("/app/kinds/label-columns-are-checked", test_label_columns_are_checked);
  g_test_add_func ("/app/kinds/results-of-several-labels", test_results_of_several_labels);
  g_test_add_func ("/app/kinds/trying-several-labels", test_trying_several_labels);
  g_test_add_func ("/app/kinds/trying-many-labels", test_trying_many_labels);
  g_test_add_func ("/app/kinds/trying-pairs", test_trying_pairs);
  return app_fixture_run ();
}
