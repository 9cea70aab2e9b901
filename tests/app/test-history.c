/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The history of runs as a person meets it: order, search, names and notes, reading a long run when
 * it is chosen, putting runs side by side.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-comparison-dialog.h"
#include "attune-comparison-view.h"
#include "attune-run-details.h"
#include "attune-run-notes.h"
#include "attune-run-sidebar.h"

static char *
read_fixture (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "train", "run-1", name,
                                                 NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* One word of a text by another. (transfer full) */
static char *
change (char *text, const char *word, const char *other)
{
  g_autoptr (GString) changed = g_string_new_take (text);

  g_assert_cmpuint (g_string_replace (changed, word, other, 0), >, 0);
  return g_string_free_and_steal (g_steal_pointer (&changed));
}

/* The run of tests/fixtures/train/run-1 under a name of its own; n_more steps make it a long one. */
static void
put_run (const char *name, const char *title, const char *notes, const char *created,
         const char *accuracy, guint n_more)
{
  g_autofree char *folder = g_build_filename (g_getenv ("ATTUNE_RUNS"), name, NULL);
  g_autofree char *record = change (read_fixture ("run.json"), "1795638281", created);
  g_autofree char *events = change (read_fixture ("events.jsonl"),
                                    "\"eval_accuracy\":0.6666666666666666", accuracy);
  g_autofree char *predictions = read_fixture ("predictions.json");
  g_autoptr (AttuneRunNotes) kept = attune_run_notes_new (title, notes);
  g_autoptr (GString) all = g_string_new (NULL);
  char *end = strstr (events, "{\"event\":\"run_finished\"");

  g_assert_nonnull (end);
  g_string_append_len (all, events, end - events);
  for (guint i = 0; i < n_more; i++)
    g_string_append_printf (all, "{\"event\":\"step\",\"time\":9,\"step\":%u,\"epoch\":1,"
                                 "\"loss\":0.5,\"grad_norm\":1,\"learning_rate\":0.001}\n", 7 + i);
  g_string_append (all, end);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  write_file (folder, "run.json", record);
  write_file (folder, "events.jsonl", all->str);
  write_file (folder, "predictions.json", predictions);
  g_assert_true (attune_run_notes_save (kept, folder, NULL));
}

static gboolean
has_three (gpointer list)
{
  return g_list_model_get_n_items (list) == 3;
}

/* The list as the sidebar shows it, once its three runs are there. */
static GListModel *
get_list (AttuneApplication *application)
{
  AttuneRunSidebar *sidebar = app_fixture_get_child (app_fixture_get_window (application),
                                                     "sidebar");
  GListModel *list = G_LIST_MODEL (app_fixture_get_child (sidebar, "selection"));

  app_fixture_wait (has_three, list);
  app_fixture_spin (20);
  return list;
}

static AttuneProject *
get_project (GListModel *list, guint i)
{
  g_autoptr (AttuneProject) project = g_list_model_get_item (list, i);

  return project;
}

static void
assert_titles (GListModel *list, const char *first, const char *second, const char *third)
{
  const char *expected[] = { first, second, third };

  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpstr (attune_run_get_title (attune_project_get_run (get_project (list, i))), ==,
                     expected[i]);
}

static void
with_runs (AppFixtureSteps steps)
{
  if (!app_fixture_use_engine ("slow=20ms"))
    return;
  app_fixture_clear_runs ();
  put_run ("a", "Middle", NULL, "1700000200", "\"eval_accuracy\":0.9", 0);
  put_run ("b", "Apple", "Ask Änne about this", "1700000100", "\"eval_accuracy\":0.7", 400);
  put_run ("c", "Zebra", NULL, "1700000300", "\"eval_accuracy\":0.8", 0);
  app_fixture_run_application (steps);
}

static void
check_order (AttuneApplication *application)
{
  GListModel *list = get_list (application);
  GtkWidget *sidebar = app_fixture_get_child (app_fixture_get_window (application), "sidebar");

  assert_titles (list, "Zebra", "Middle", "Apple");
  gtk_widget_activate_action (sidebar, "runs.run-order", "s", "accuracy");
  assert_titles (list, "Middle", "Zebra", "Apple");
  gtk_widget_activate_action (sidebar, "runs.run-order", "s", "title");
  assert_titles (list, "Apple", "Middle", "Zebra");
  attune_run_annotate_async (attune_project_get_run (get_project (list, 0)), "Pear", NULL, NULL,
                             NULL);
  app_fixture_spin (50);
  assert_titles (list, "Middle", "Pear", "Zebra");
}

static void
check_order_again (AttuneApplication *application)
{
  assert_titles (get_list (application), "Apple", "Middle", "Zebra");
  gtk_widget_activate_action (app_fixture_get_child (app_fixture_get_window (application),
                                                     "sidebar"),
                              "runs.run-order", "s", "date");
}

static void
test_runs_are_sorted_and_the_order_is_remembered (void)
{
  with_runs (check_order);
  with_runs (check_order_again);
}

static void
search (AttuneRunSidebar *sidebar, const char *words)
{
  gtk_editable_set_text (app_fixture_get_child (sidebar, "search_entry"), words);
  app_fixture_spin (120);
}

static void
check_search (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneRunSidebar *sidebar = app_fixture_get_child (window, "sidebar");
  GListModel *list = get_list (application);
  AttuneProject *shown = attune_window_get_project (window);
  static const struct { const char *words; guint n; } searches[] = {
    { "zEBra", 1 }, { "änne", 1 }, { "ask apple", 1 }, { "praise", 3 }, { "remarks.csv", 3 },
    { "minilm", 3 }, { "apple zebra", 0 }, { "", 3 },
  };

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.search-runs", NULL));
  g_assert_true (gtk_search_bar_get_search_mode (app_fixture_get_child (sidebar, "search_bar")));
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      search (sidebar, searches[i].words);
      g_assert_cmpuint (g_list_model_get_n_items (list), ==, searches[i].n);
      g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (sidebar, "stack")),
                       ==, searches[i].n == 0 ? "nothing" : "list");
      g_assert_true (attune_window_get_project (window) == shown);
    }
  g_assert_true (gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (list)) == shown);
}

static void
test_runs_are_searched (void)
{
  with_runs (check_search);
}

static gboolean
is_shown (gpointer data)
{
  AttuneProject **project = data;

  return attune_window_get_project (
           ATTUNE_WINDOW (g_object_get_data (G_OBJECT (*project), "window"))) == *project;
}

/* A long run is read off the main thread; until then the pages keep what they show. */
static void
check_long_run (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  GListModel *list = get_list (application);
  AttuneProject *before = get_project (list, 0);
  AttuneProject *project = get_project (list, 2);
  AttuneRun *run = attune_project_get_run (project);

  g_assert_false (attune_run_is_loaded (run));
  g_assert_cmpfloat (attune_run_get_best_accuracy (run), ==, 0.7);
  g_assert_true (attune_window_get_project (window) == before);
  g_object_set_data (G_OBJECT (project), "window", window);
  gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (list), 2);
  g_assert_true (attune_window_get_project (window) == before);
  app_fixture_wait (is_shown, &project);
  g_assert_true (attune_run_is_loaded (run));
  g_assert_cmpuint (attune_run_get_history (run)->loss->len, ==, 406);

  gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (list), 0);
  g_assert_true (attune_window_get_project (window) == before);
}

static void
test_a_long_run_is_read_when_it_is_chosen (void)
{
  with_runs (check_long_run);
}

static void
check_details (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneRun *run = attune_project_get_run (get_project (get_list (application), 0));
  g_autoptr (AttuneRunNotes) kept = NULL;
  AttuneRunDetails *details;

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.rename-run", NULL));
  app_fixture_spin (300);
  details = app_fixture_find (window, ATTUNE_TYPE_RUN_DETAILS);
  g_assert_nonnull (details);
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (app_fixture_get_child (details, "disk")),
                            "kB"));
  gtk_editable_set_text (app_fixture_get_child (details, "name"), "Better");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (app_fixture_get_child (details, "notes")),
                            "Two\nlines", -1);
  adw_dialog_close (ADW_DIALOG (details));
  app_fixture_spin (300);
  g_assert_cmpstr (attune_run_get_title (run), ==, "Better");
  g_assert_cmpstr (attune_run_get_notes (run), ==, "Two\nlines");
  kept = attune_run_notes_load (attune_run_get_folder (run), NULL);
  g_assert_cmpstr (kept->title, ==, "Better");
  g_assert_cmpstr (kept->text, ==, "Two\nlines");
}

static void
test_names_and_notes_are_saved_on_closing (void)
{
  with_runs (check_details);
}

static gboolean
is_compared (gpointer view)
{
  g_autofree char *text = attune_comparison_view_to_text (view);

  return text != NULL;
}

static void
check_comparison (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  AttuneComparisonDialog *dialog;
  AttuneComparisonView *view;
  GListModel *choices;
  g_autofree char *text = NULL;

  get_list (application);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.compare", NULL));
  app_fixture_spin (100);
  dialog = app_fixture_find (window, ATTUNE_TYPE_COMPARISON_DIALOG);
  g_assert_nonnull (dialog);
  g_assert_false (gtk_widget_get_sensitive (app_fixture_get_child (dialog, "compare")));
  choices = G_LIST_MODEL (app_fixture_get_child (dialog, "found"));
  g_assert_cmpuint (g_list_model_get_n_items (choices), ==, 3);
  for (guint i = 1; i < 3; i++)
    g_signal_emit_by_name (app_fixture_get_child (dialog, "list"), "activate", i);
  g_assert_true (gtk_widget_get_sensitive (app_fixture_get_child (dialog, "compare")));
  g_signal_emit_by_name (app_fixture_get_child (dialog, "compare"), "clicked");
  view = app_fixture_get_child (dialog, "view");
  app_fixture_wait (is_compared, view);
  app_fixture_spin (100);
  text = attune_comparison_view_to_text (view);
  g_assert_nonnull (strstr (text, "Zebra"));
  g_assert_nonnull (strstr (text, "C against A: +0.00 points"));
  g_assert_nonnull (strstr (app_fixture_get_words (view, "tests"), "p = 1.000: within chance"));
  g_assert_true (gtk_widget_get_sensitive (app_fixture_get_child (dialog, "copy")));
  adw_dialog_force_close (ADW_DIALOG (dialog));
  app_fixture_spin (100);
}

static void
test_runs_are_put_side_by_side (void)
{
  with_runs (check_comparison);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/history/order", test_runs_are_sorted_and_the_order_is_remembered);
  g_test_add_func ("/history/search", test_runs_are_searched);
  g_test_add_func ("/history/long-run", test_a_long_run_is_read_when_it_is_chosen);
  g_test_add_func ("/history/names-and-notes", test_names_and_notes_are_saved_on_closing);
  g_test_add_func ("/history/comparison", test_runs_are_put_side_by_side);
  return app_fixture_run ();
}
