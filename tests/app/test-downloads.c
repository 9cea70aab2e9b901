/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models and data sets from a Hub on the loopback, in the window: what the Setup page offers, the
 * dialog that searches, the dialog that opens a data set, and what each says when it does not work.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-download-list.h"
#include "attune-download-row.h"
#include "attune-hub-data-dialog.h"
#include "attune-model-browser.h"
#include "attune-model-list.h"
#include "attune-model-store.h"
#include "attune-model-words.h"
#include "hub-server.h"

#define TINY "tiny-org/found-bert"
#define FOUND                                                                                    \
  "[{\"id\":\"" TINY "\",\"downloads\":1234,\"gated\":false,\"tags\":[\"license:apache-2.0\",\"de\"]," \
  "\"config\":{\"model_type\":\"bert\"},\"safetensors\":{\"parameters\":{\"F32\":25000}}},"       \
  "{\"id\":\"tiny-org/closed-bert\",\"downloads\":0,\"gated\":\"manual\","                       \
  "\"config\":{\"model_type\":\"bert\"}}]"

static HubServer *server;

static char *
get_fixture (const char *name)
{
  return g_build_filename (g_getenv ("G_TEST_SRCDIR"), "fixtures", name, NULL);
}

static void
add_tiny (const char *id)
{
  g_autofree char *folder = get_fixture ("tiny-bert");

  hub_server_add_folder (server, "models", id, folder);
}

static AttuneModelDownloads *
get_downloads (AttuneApplication *application)
{
  return attune_application_get_downloads (application);
}

/* A draft on its Setup page. */
static AttuneWindow *
open_setup (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  g_autoptr (GFile) file = app_fixture_write_rows (20);
  AttuneProject *project = attune_application_open_file (application, file);

  app_fixture_wait_loaded (project);
  attune_window_show_project (window, project);
  attune_window_show_page (window, "setup");
  return window;
}

/* The row of this title below the widget; NULL without one. */
static gpointer
find_row (gpointer root, const char *title)
{
  if (ADW_IS_ACTION_ROW (root)
      && g_strcmp0 (adw_preferences_row_get_title (root), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = find_row (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

typedef struct
{
  gpointer root;
  const char *title;
  const char *words; /* nullable */
} RowCheck;

static gboolean
row_says (gpointer data)
{
  RowCheck *check = data;
  gpointer row = find_row (check->root, check->title);

  return row != NULL
         && (check->words == NULL || strstr (adw_action_row_get_subtitle (row), check->words) != NULL);
}

/* Waits until there is a row of this title that says these words. */
static gpointer
wait_row (gpointer root, const char *title, const char *words)
{
  RowCheck check = { root, title, words };

  app_fixture_wait (row_says, &check);
  return find_row (root, title);
}

static gboolean
row_is_gone (gpointer data)
{
  RowCheck *check = data;

  return find_row (check->root, check->title) == NULL;
}

static void
wait_gone (gpointer root, const char *title)
{
  RowCheck check = { root, title, NULL };

  app_fixture_wait (row_is_gone, &check);
}

static gboolean
is_visible (gpointer row, const char *id)
{
  return gtk_widget_get_visible (app_fixture_get_child (row, id));
}

static void
press (gpointer widget, const char *id)
{
  g_assert_true (is_visible (widget, id));
  g_assert_true (gtk_widget_is_sensitive (app_fixture_get_child (widget, id)));
  g_signal_emit_by_name (app_fixture_get_child (widget, id), "clicked");
}

static void
remove_model (const char *name)
{
  g_autoptr (GError) error = NULL;

  attune_model_store_remove (name, &error);
  g_assert_no_error (error);
}

static AttuneModelBrowser *
open_browser (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.find-model", NULL);
  return ATTUNE_MODEL_BROWSER (
    adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
}

static gboolean
has_searched (gpointer browser)
{
  const char *page =
    gtk_stack_get_visible_child_name (app_fixture_get_child (browser, "stack"));

  return !g_str_equal (page, "searching");
}

/* Returns what came of it: "list", "none" or "failure". */
static const char *
search (AttuneModelBrowser *browser, const char *words)
{
  gtk_editable_set_text (app_fixture_get_child (browser, "entry"), words);
  press (browser, "search");
  app_fixture_wait (has_searched, browser);
  return gtk_stack_get_visible_child_name (app_fixture_get_child (browser, "stack"));
}

static void
download_and_choose (AttuneApplication *application)
{
  AttuneWindow *window = open_setup (application);
  AttuneModelList *models = app_fixture_find (window, ATTUNE_TYPE_MODEL_LIST);
  AttuneDownloadList *list = app_fixture_find (window, ATTUNE_TYPE_DOWNLOAD_LIST);
  g_autoptr (AttuneModelOffer) offer = attune_model_offer_new_named (TINY);
  AttuneProject *project = attune_window_get_project (window);
  gpointer row;

  wait_row (models, "tiny-bert", NULL);
  row = wait_row (list, "BERT Base Chinese", "Chinese · 412.0\u00a0MB · Apache 2.0");
  g_assert_true (is_visible (row, "download"));
  g_assert_false (is_visible (row, "bar"));
  g_assert_false (is_visible (row, "cancel"));
  g_assert_cmpuint (hub_server_get_n_requests (server), ==, 0);

  hub_server_hold (server);
  attune_model_downloads_start (get_downloads (application), offer);
  row = wait_row (list, TINY, "56 of 110 kB");
  g_assert_true (is_visible (row, "bar"));
  g_assert_true (is_visible (row, "cancel"));
  g_assert_false (is_visible (row, "download"));
  g_assert_nonnull (strstr (gtk_progress_bar_get_text (app_fixture_get_child (row, "bar")),
                            " kB"));
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (app_fixture_get_child (row, "bar")), >, 0.4);
  hub_server_go_on (server);

  wait_gone (list, TINY);
  row = wait_row (models, "found-bert", "English · 108.5\u00a0kB · MIT");
  adw_action_row_activate (row);
  g_assert_cmpstr (attune_project_get_model (project), ==, "found-bert");
  g_assert_true (attune_model_downloads_is_installed (get_downloads (application), TINY));
  remove_model ("found-bert");
}

static void
test_downloaded_model_can_be_chosen (void)
{
  server = hub_server_new ();
  add_tiny (TINY);
  if (app_fixture_use_engine (""))
    app_fixture_run_application (download_and_choose);
  hub_server_free (server);
}

static void
cancel_and_go_on (AttuneApplication *application)
{
  AttuneWindow *window = open_setup (application);
  AttuneDownloadList *list = app_fixture_find (window, ATTUNE_TYPE_DOWNLOAD_LIST);
  g_autoptr (AttuneModelOffer) offer = attune_model_offer_new_named (TINY);
  g_autoptr (AttuneModelOffer) other = attune_model_offer_new_named ("other-org/found-bert");
  AttuneModelDownloads *downloads = get_downloads (application);
  gpointer row;

  hub_server_hold (server);
  attune_model_downloads_start (downloads, offer);
  attune_model_downloads_start (downloads, other);
  attune_model_downloads_start (downloads, other);
  g_assert_cmpuint (attune_model_downloads_get_all (downloads)->len, ==, 2);
  row = wait_row (list, TINY, "56 of 110 kB");
  wait_row (list, "other-org/found-bert", "Waiting");

  /* What waited has its turn. */
  press (row, "cancel");
  wait_gone (list, TINY);
  wait_row (list, "other-org/found-bert", "56 of 110 kB");
  hub_server_go_on (server);
  wait_gone (list, "other-org/found-bert");
  wait_row (window, "found-bert", NULL);

  /* The same last part again, which would not do as a name in the store. */
  attune_model_downloads_start (downloads, offer);
  wait_gone (list, TINY);
  wait_row (window, "tiny-org--found-bert", NULL);
  remove_model ("found-bert");
  remove_model ("tiny-org--found-bert");
}

static void
test_downloads_take_turns (void)
{
  server = hub_server_new ();
  add_tiny (TINY);
  add_tiny ("other-org/found-bert");
  if (app_fixture_use_engine (""))
    app_fixture_run_application (cancel_and_go_on);
  hub_server_free (server);
}

/* Closed, ended and torn down while bytes are on their way. */
static void
end_early (AttuneApplication *application)
{
  AttuneWindow *window = open_setup (application);
  AttuneDownloadList *list = app_fixture_find (window, ATTUNE_TYPE_DOWNLOAD_LIST);
  g_autoptr (AttuneModelOffer) offer = attune_model_offer_new_named (TINY);

  hub_server_hold (server);
  attune_model_downloads_start (get_downloads (application), offer);
  wait_row (list, TINY, "56 of 110 kB");
}

static void
test_program_ends_while_downloading (void)
{
  server = hub_server_new ();
  add_tiny (TINY);
  if (app_fixture_use_engine (""))
    app_fixture_run_application (end_early);
  app_fixture_spin (200);
  hub_server_free (server);
}

static void
fail_and_try_again (AttuneApplication *application)
{
  AttuneWindow *window = open_setup (application);
  AttuneDownloadList *list = app_fixture_find (window, ATTUNE_TYPE_DOWNLOAD_LIST);
  gpointer row = wait_row (list, "BERT Base Chinese", NULL);

  hub_server_fail (server, 403, "GatedRepo");
  press (row, "download");
  wait_row (list, "BERT Base Chinese", "is gated: accept its terms at ");
  g_assert_true (is_visible (row, "warning"));
  g_assert_true (is_visible (row, "download"));
  press (row, "cancel");
  g_assert_false (is_visible (row, "warning"));
  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "Chinese · 412.0\u00a0MB · Apache 2.0");

  hub_server_fail (server, 200, NULL);
  press (row, "download");
  wait_row (list, "BERT Base Chinese", "There is no “google-bert/bert-base-chinese” on the Hub");

  /* Installed under the title that it was offered by. */
  add_tiny ("google-bert/bert-base-chinese");
  press (row, "download");
  wait_gone (list, "BERT Base Chinese");
  wait_row (app_fixture_find (window, ATTUNE_TYPE_MODEL_LIST), "BERT Base Chinese", "MIT");
  remove_model ("bert-base-chinese");
}

static void
test_failure_is_said (void)
{
  server = hub_server_new ();
  if (app_fixture_use_engine (""))
    app_fixture_run_application (fail_and_try_again);
  hub_server_free (server);
}

static void
browse (AttuneApplication *application)
{
  AttuneModelBrowser *browser = open_browser (application);
  AttuneModelDownloads *downloads = get_downloads (application);
  gpointer row;

  /* Suggestions come from the program itself. */
  g_assert_nonnull (find_row (browser, "XLM-RoBERTa Base"));
  g_assert_false (gtk_widget_get_sensitive (app_fixture_get_child (browser, "search")));
  app_fixture_spin (50);
  g_assert_cmpuint (hub_server_get_n_requests (server), ==, 0);

  g_assert_cmpstr (search (browser, "nothing"), ==, "none");
  g_assert_nonnull (strstr (adw_status_page_get_description (app_fixture_get_child (browser, "none")),
                            "“nothing”"));
  hub_server_set_found (server, FOUND);
  g_assert_cmpstr (search (browser, " bert "), ==, "list");
  g_assert_null (find_row (browser, "XLM-RoBERTa Base"));
  row = find_row (browser, TINY);
  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==,
                   "BERT · German · 100.0\u00a0kB · Apache 2.0 · 1234 downloads a month");
  g_assert_cmpstr (adw_action_row_get_subtitle (find_row (browser, "tiny-org/closed-bert")), ==,
                   "BERT · licence not said · terms to accept first");

  /* The download goes on without the dialog. */
  hub_server_hold (server);
  press (row, "download");
  wait_row (browser, TINY, "56 of 110 kB");
  adw_dialog_force_close (ADW_DIALOG (browser));
  browser = open_browser (application);
  g_assert_cmpstr (search (browser, "bert"), ==, "list");
  row = wait_row (browser, TINY, "56 of 110 kB");
  hub_server_go_on (server);
  wait_row (browser, TINY, "Installed · BERT");
  g_assert_true (is_visible (row, "installed"));
  g_assert_false (is_visible (row, "download"));
  g_assert_null (attune_model_downloads_find (downloads, TINY));

  /* A name that no search lists. */
  g_assert_cmpstr (search (browser, "tiny-org/hidden"), ==, "list");
  row = find_row (browser, "tiny-org/hidden");
  press (row, "download");
  wait_row (browser, "tiny-org/hidden", "There is no “tiny-org/hidden”");
  adw_dialog_force_close (ADW_DIALOG (browser));
  remove_model ("found-bert");
}

static void
test_browser_searches_and_downloads (void)
{
  server = hub_server_new ();
  add_tiny (TINY);
  app_fixture_run_application (browse);
  hub_server_free (server);
}

static void
browse_in_vain (AttuneApplication *application)
{
  AttuneModelBrowser *browser = open_browser (application);
  AdwStatusPage *failure = app_fixture_get_child (browser, "failure");

  hub_server_fail (server, 403, NULL);
  g_assert_cmpstr (search (browser, "bert"), ==, "failure");
  g_assert_cmpstr (adw_status_page_get_title (failure), ==, "The Search Did Not Work");
  g_assert_nonnull (strstr (adw_status_page_get_description (failure), "token"));
  g_assert_false (is_visible (browser, "preferences"));

  g_setenv ("HF_HUB_OFFLINE", "1", TRUE);
  g_assert_cmpstr (search (browser, "bert"), ==, "failure");
  g_assert_cmpstr (adw_status_page_get_title (failure), ==, "Offline");
  g_assert_true (is_visible (browser, "preferences"));
  g_unsetenv ("HF_HUB_OFFLINE");

  /* Closed with a search under way, by the key that empties other fields of its kind. */
  hub_server_fail (server, 200, NULL);
  gtk_editable_set_text (app_fixture_get_child (browser, "entry"), "bert");
  press (browser, "search");
  g_signal_emit_by_name (app_fixture_get_child (browser, "entry"), "stop-search");
  app_fixture_spin (500);
  g_assert_null (adw_application_window_get_visible_dialog (
    ADW_APPLICATION_WINDOW (app_fixture_get_window (application))));
}

static void
test_browser_says_what_went_wrong (void)
{
  server = hub_server_new ();
  app_fixture_run_application (browse_in_vain);
  hub_server_free (server);
}

static gboolean
has_message (gpointer dialog)
{
  return is_visible (dialog, "failure");
}

static gboolean
has_ended (gpointer dialog)
{
  return !is_visible (dialog, "under_way");
}

static AttuneHubDataDialog *
open_data_dialog (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-hub", NULL);
  return ATTUNE_HUB_DATA_DIALOG (
    adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
}

static gboolean
is_opened (gpointer application)
{
  return g_list_model_get_n_items (
           G_LIST_MODEL (attune_application_get_projects (application))) > 0;
}

static void
open_data (AttuneApplication *application)
{
  AttuneHubDataDialog *dialog = open_data_dialog (application);
  GtkEditable *name = app_fixture_get_child (dialog, "name");
  g_autoptr (AttuneProject) project = NULL;

  g_assert_false (gtk_widget_get_sensitive (app_fixture_get_child (dialog, "open")));
  gtk_editable_set_text (name, "not a name");
  g_assert_false (gtk_widget_get_sensitive (app_fixture_get_child (dialog, "open")));
  g_assert_cmpuint (hub_server_get_n_requests (server), ==, 0);

  gtk_editable_set_text (name, "tiny-org/missing");
  press (dialog, "open");
  g_assert_true (is_visible (dialog, "under_way"));
  app_fixture_wait (has_message, dialog);
  g_assert_true (g_str_has_prefix (app_fixture_get_words (dialog, "message"),
                                   "There is no “tiny-org/missing”"));
  app_fixture_wait (has_ended, dialog);

  gtk_editable_set_text (name, " tiny-org/remarks ");
  press (dialog, "open");
  g_assert_false (has_message (dialog));
  app_fixture_wait (is_opened, application);
  project = g_list_model_get_item (G_LIST_MODEL (attune_application_get_projects (application)), 0);
  app_fixture_wait_loaded (project);
  g_assert_null (attune_project_get_error (project));
  g_assert_nonnull (attune_project_get_dataset (project));
  g_assert_cmpstr (attune_run_get_title (attune_project_get_run (project)), ==, "remarks");
  g_assert_null (adw_application_window_get_visible_dialog (
    ADW_APPLICATION_WINDOW (app_fixture_get_window (application))));
}

static void
test_data_set_opens_by_name (void)
{
  g_autofree char *parquet = get_fixture ("parquet/hub.parquet");

  server = hub_server_new ();
  hub_server_add_file (server, "datasets", "tiny-org/remarks", "data/train-00000.parquet", parquet);
  app_fixture_clear_runs ();
  app_fixture_run_application (open_data);
  hub_server_free (server);
}

static void
close_data_dialog (AttuneApplication *application)
{
  AttuneHubDataDialog *dialog = open_data_dialog (application);

  gtk_editable_set_text (app_fixture_get_child (dialog, "name"), "tiny-org/remarks");
  press (dialog, "open");
  adw_dialog_force_close (ADW_DIALOG (dialog));
  app_fixture_spin (200);
  g_assert_false (is_opened (application));
}

static void
test_closing_cancels_a_data_set (void)
{
  g_autofree char *parquet = get_fixture ("parquet/hub.parquet");

  server = hub_server_new ();
  hub_server_add_file (server, "datasets", "tiny-org/remarks", "data/train-00000.parquet", parquet);
  app_fixture_clear_runs ();
  app_fixture_run_application (close_data_dialog);
  hub_server_free (server);
}

static void
test_words (void)
{
  static const struct
  {
    guint64 done, total;
    const char *words;
  } progress[] = {
    { 0, 900, "0 of 1 kB" },
    { 156 * 1000 * 1000, 411553788, "156 of 412 MB" },
    { 1000 * 1000 * 1000, 1115567652, "1.00 of 1.12 GB" },
  };
  g_autofree char *some = attune_model_words_for_languages ("en, zh, xx");
  g_autofree char *own = attune_model_words_for_languages ("English");
  g_autofree char *licence = attune_model_words_for_licence ("Apache-2.0");
  g_autofree char *other = attune_model_words_for_licence ("llama3");

  for (guint i = 0; i < G_N_ELEMENTS (progress); i++)
    {
      g_autofree char *words =
        attune_model_words_for_progress (progress[i].done, progress[i].total);

      g_assert_cmpstr (words, ==, progress[i].words);
    }
  g_assert_cmpstr (some, ==, "English, Chinese, xx");
  g_assert_cmpstr (own, ==, "English");
  g_assert_cmpstr (licence, ==, "Apache 2.0");
  g_assert_cmpstr (other, ==, "llama3");
}

int
main (int argc, char *argv[])
{
  app_fixture_init (&argc, &argv);

  g_test_add_func ("/downloads/words", test_words);
  g_test_add_func ("/downloads/downloaded-model-can-be-chosen",
                   test_downloaded_model_can_be_chosen);
  g_test_add_func ("/downloads/take-turns", test_downloads_take_turns);
  g_test_add_func ("/downloads/program-ends-while-downloading",
                   test_program_ends_while_downloading);
  g_test_add_func ("/downloads/failure-is-said", test_failure_is_said);
  g_test_add_func ("/downloads/browser-searches-and-downloads",
                   test_browser_searches_and_downloads);
  g_test_add_func ("/downloads/browser-says-what-went-wrong", test_browser_says_what_went_wrong);
  g_test_add_func ("/downloads/data-set-opens-by-name", test_data_set_opens_by_name);
  g_test_add_func ("/downloads/closing-cancels-a-data-set", test_closing_cancels_a_data_set);

  return app_fixture_run ();
}
