/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog in which several values of settings are chosen: what it counts, what it refuses and
 * where it says so, and the runs that it asks for.
 */
#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "attune-run-queue.h"
#include "attune-search-dialog.h"
#include "attune-search-row.h"
#include "attune-setup-page.h"
#include "attune-waiting-runs.h"

typedef struct {
  GtkWidget *window;
  AttuneSearchDialog *dialog;
  GPtrArray *runs; /* AttuneSearchRun, once they were asked for */
} Fixture;

static void
queue_cb (Fixture *fixture, GPtrArray *runs)
{
  fixture->runs = g_ptr_array_ref (runs);
}

static void
set_up (Fixture *fixture, const AttuneEstimate *estimate)
{
  g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();

  fixture->dialog = g_object_ref_sink (attune_search_dialog_new (config, estimate));
  fixture->window = adw_window_new ();
  fixture->runs = NULL;
  g_signal_connect_swapped (fixture->dialog, "queue", G_CALLBACK (queue_cb), fixture);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 700, 600);
  gtk_window_present (GTK_WINDOW (fixture->window));
  adw_dialog_present (ADW_DIALOG (fixture->dialog), fixture->window);
  app_fixture_spin (60);
}

static void
tear_down (Fixture *fixture)
{
  g_clear_pointer (&fixture->runs, g_ptr_array_unref);
  adw_dialog_force_close (ADW_DIALOG (fixture->dialog));
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  app_fixture_release (fixture->dialog);
}

static const char *
get_cost (Fixture *fixture)
{
  return gtk_label_get_label (app_fixture_get_child (fixture->dialog, "cost"));
}

static gboolean
can_queue (Fixture *fixture)
{
  return gtk_widget_get_sensitive (app_fixture_get_child (fixture->dialog, "queue"));
}

static void
find_rows (GtkWidget *widget, GPtrArray *rows)
{
  if (ATTUNE_IS_SEARCH_ROW (widget))
    g_ptr_array_add (rows, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_rows (child, rows);
}

static AttuneSearchRow *
get_row (Fixture *fixture, guint number)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  find_rows (GTK_WIDGET (fixture->dialog), rows);
  g_assert_cmpuint (number, <, rows->len);
  return g_ptr_array_index (rows, number);
}

static void
type_values (Fixture *fixture, guint row, const char *values)
{
  gtk_editable_set_text (app_fixture_get_child (get_row (fixture, row), "values"), values);
}

/* As a person does from the list. */
static void
choose_another (Fixture *fixture, const char *title)
{
  GtkStringList *names = app_fixture_get_child (fixture->dialog, "names");
  guint place = gtk_string_list_find (names, title);

  g_assert_cmpuint (place, !=, G_MAXUINT);
  adw_combo_row_set_selected (app_fixture_get_child (fixture->dialog, "another"), place);
}

static void
assert_refused (Fixture *fixture, guint row, const char *words)
{
  const char *subtitle = adw_action_row_get_subtitle (ADW_ACTION_ROW (get_row (fixture, row)));

  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (get_row (fixture, row)), "error"));
  g_assert_nonnull (strstr (subtitle, words));
  g_assert_cmpstr (get_cost (fixture), ==, "");
  g_assert_false (can_queue (fixture));
}

static void
test_asks_for_every_combination (void)
{
  Fixture fixture;
  AttuneSearchRun *run;

  set_up (&fixture, NULL);
  g_assert_cmpstr (get_cost (&fixture), ==, "9 runs");
  type_values (&fixture, 0, "1e-4, 1e-3");
  choose_another (&fixture, "Weight Decay");
  g_assert_cmpstr (attune_search_row_get_field (get_row (&fixture, 1))->name, ==, "weight_decay");
  g_assert_cmpstr (attune_search_row_get_values (get_row (&fixture, 1)), ==, "0.01");
  type_values (&fixture, 1, "0, 0.1");
  gtk_adjustment_set_value (app_fixture_get_child (fixture.dialog, "n_seeds"), 2);
  g_assert_cmpstr (get_cost (&fixture), ==, "8 runs");
  g_assert_cmpstr (gtk_button_get_label (app_fixture_get_child (fixture.dialog, "queue")), ==,
                   "_Queue 8 Runs");
  g_signal_emit_by_name (app_fixture_get_child (fixture.dialog, "queue"), "clicked");
  g_assert_nonnull (fixture.runs);
  g_assert_cmpuint (fixture.runs->len, ==, 8);
  run = g_ptr_array_index (fixture.runs, 7);
  g_assert_cmpstr (run->title, ==, "learning_rate 0.001, weight_decay 0.1, seed 43");
  g_assert_cmpint (attune_train_config_get_int (run->config, "split_seed"), ==, 42);
  tear_down (&fixture);
}

/* Each setting once, those that make no difference to a model or what it is measured on not at all. */
static void
test_offers_what_is_left (void)
{
  Fixture fixture;
  GtkStringList *names;

  set_up (&fixture, NULL);
  names = app_fixture_get_child (fixture.dialog, "names");
  g_assert_cmpuint (gtk_string_list_find (names, "Learning Rate"), ==, G_MAXUINT);
  g_assert_cmpuint (gtk_string_list_find (names, "Seed"), ==, G_MAXUINT);
  g_assert_cmpuint (gtk_string_list_find (names, "Validation Share"), ==, G_MAXUINT);
  g_assert_cmpuint (gtk_string_list_find (names, "Device"), ==, G_MAXUINT);
  choose_another (&fixture, "Epochs");
  g_assert_cmpuint (gtk_string_list_find (names, "Epochs"), ==, G_MAXUINT);
  g_assert_cmpuint (adw_combo_row_get_selected (app_fixture_get_child (fixture.dialog, "another")),
                    ==, 0);
  g_signal_emit_by_name (app_fixture_get_child (get_row (&fixture, 1), "remove"), "clicked");
  g_assert_cmpuint (gtk_string_list_find (names, "Epochs"), !=, G_MAXUINT);
  g_signal_emit_by_name (app_fixture_get_child (get_row (&fixture, 0), "remove"), "clicked");
  g_assert_cmpstr (get_cost (&fixture), ==, "3 runs");
  tear_down (&fixture);
}

static void
test_says_what_is_wrong_where_it_is (void)
{
  Fixture fixture;

  set_up (&fixture, NULL);
  type_values (&fixture, 0, "1e-4, 7");
  assert_refused (&fixture, 0, "not 7");
  choose_another (&fixture, "Dropout");
  /* Nothing typed yet is no mistake, but nothing to queue either. */
  type_values (&fixture, 0, "1e-4");
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (get_row (&fixture, 1)), "error"));
  g_assert_false (can_queue (&fixture));
  g_assert_nonnull (strstr (get_cost (&fixture), "hidden_dropout_prob needs values"));
  type_values (&fixture, 1, "0.1, 0.1");
  assert_refused (&fixture, 1, "twice");
  type_values (&fixture, 1, "0.1, 0.2");
  g_assert_true (can_queue (&fixture));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (get_row (&fixture, 1))), ==,
                   "0 to 0.99, or auto");
  gtk_adjustment_set_value (app_fixture_get_child (fixture.dialog, "n_seeds"), 60);
  g_assert_false (can_queue (&fixture));
  g_assert_nonnull (strstr (get_cost (&fixture), "at most 100 runs"));
  tear_down (&fixture);
}

static void
test_says_what_it_costs (void)
{
  Fixture fixture;
  AttuneEstimate estimate = { .seconds = 600, .disk_bytes = 1e9 };

  set_up (&fixture, &estimate);
  g_assert_true (g_str_has_prefix (get_cost (&fixture), "9 runs · about 1.5 h · 9.0"));
  /* A run of one epoch takes a third of the time of one of three. */
  type_values (&fixture, 0, "1e-4");
  choose_another (&fixture, "Epochs");
  type_values (&fixture, 1, "1");
  g_assert_nonnull (strstr (get_cost (&fixture), "3 runs · about 10 min"));
  tear_down (&fixture);
}

static AttuneProject *
find_project (AttuneApplication *application, const char *title)
{
  GListModel *projects = G_LIST_MODEL (attune_application_get_projects (application));

  for (guint i = 0; i < g_list_model_get_n_items (projects); i++)
    {
      g_autoptr (AttuneProject) project = g_list_model_get_item (projects, i);

      if (g_str_equal (attune_run_get_title (attune_project_get_run (project)), title))
        return project;
    }
  g_error ("no run is called “%s”", title);
}

static AttuneProject *
open_draft (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  g_autoptr (GFile) file = app_fixture_write_rows (20);
  AttuneProject *draft = attune_application_open_file (application, file);

  attune_run_set_title (attune_project_get_run (draft), "try");
  attune_project_set_model (draft, APP_FIXTURE_MODEL);
  app_fixture_set (draft, "per_device_train_batch_size", "4", "num_train_epochs", "1", NULL);
  app_fixture_wait_loaded (draft);
  attune_window_show_project (window, draft);
  attune_window_show_page (window, "setup");
  app_fixture_spin (60);
  return draft;
}

/* From the menu of the page to runs that have run; the draft stays as it is. */
static void
search_in_the_window (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *draft = open_draft (application);
  AttuneSearchDialog *dialog;
  AttuneRun *first, *last;

  g_assert_true (gtk_widget_activate_action (app_fixture_find (window, ATTUNE_TYPE_SETUP_PAGE),
                                             "setup.search", NULL));
  app_fixture_spin (60);
  dialog = app_fixture_find (window, ATTUNE_TYPE_SEARCH_DIALOG);
  g_assert_nonnull (dialog);
  gtk_editable_set_text (app_fixture_get_child (app_fixture_find (dialog, ATTUNE_TYPE_SEARCH_ROW),
                                                "values"), "1e-4, 1e-3");
  gtk_adjustment_set_value (app_fixture_get_child (dialog, "n_seeds"), 2);
  g_signal_emit_by_name (app_fixture_get_child (dialog, "queue"), "clicked");
  g_assert_cmpuint (attune_run_queue_get_n_waiting (queue), ==, 4);
  first = attune_project_get_run (find_project (application, "try: learning_rate 0.0001, seed 42"));
  last = attune_project_get_run (find_project (application, "try: learning_rate 0.001, seed 43"));
  app_fixture_wait_state (last, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_run_get_state (first), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpstr (attune_run_get_source (first)->split_sha256, ==,
                   attune_run_get_source (last)->split_sha256);
  g_assert_true (attune_project_get_editable (draft));
  g_assert_true (attune_train_config_is_default (attune_project_get_config (draft),
                                                 "learning_rate"));
}

/* All of a search or nothing. */
static void
fill_the_queue (AttuneApplication *application)
{
  AttuneRunQueue *queue = attune_application_get_queue (application);
  AttuneProject *draft = open_draft (application);
  g_autoptr (AttuneSearch) search = attune_search_new (attune_project_get_config (draft));
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;
  guint n_projects;

  g_assert_true (attune_search_set_seeds (search, 100, NULL));
  runs = attune_search_expand (search, NULL);
  attune_run_queue_set_held (queue, TRUE);
  g_assert_true (attune_run_queue_add_search (queue, draft, runs, &error));
  g_assert_true (attune_run_queue_add (queue, draft, &error));
  n_projects = g_list_model_get_n_items (G_LIST_MODEL (attune_application_get_projects (application)));
  g_assert_false (attune_run_queue_add_search (queue, draft, runs, &error));
  g_assert_nonnull (strstr (error->message, "At most 200 runs"));
  g_assert_cmpuint (attune_run_queue_get_n_waiting (queue), ==, 101);
  g_assert_cmpuint (g_list_model_get_n_items (
                      G_LIST_MODEL (attune_application_get_projects (application))), ==,
                    n_projects);
}

static void
test_queues_what_is_chosen (void)
{
  if (!app_fixture_use_engine (""))
    return;
  app_fixture_clear_runs ();
  app_fixture_run_application (search_in_the_window);
}

static void
test_queues_all_or_none (void)
{
  g_autofree char *path = attune_waiting_runs_get_path ();

  if (!app_fixture_use_engine (""))
    return;
  app_fixture_clear_runs ();
  app_fixture_run_application (fill_the_queue);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

int
main (int argc, char *argv[])
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/search-dialog/combinations", test_asks_for_every_combination);
  g_test_add_func ("/search-dialog/choices", test_offers_what_is_left);
  g_test_add_func ("/search-dialog/wrong", test_says_what_is_wrong_where_it_is);
  g_test_add_func ("/search-dialog/cost", test_says_what_it_costs);
  g_test_add_func ("/search-dialog/queued", test_queues_what_is_chosen);
  g_test_add_func ("/search-dialog/all-or-none", test_queues_all_or_none);
  return app_fixture_run ();
}
