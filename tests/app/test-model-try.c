/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models of the store with a head of their own, without any data set: the dialog that asks them, the
 * list that says what becomes of their classifier, and the question before weights are converted.
 */
#include "config.h"

#include "app-fixture.h"

#include "attune-model-import.h"
#include "attune-model-list.h"
#include "attune-model-try-dialog.h"
#include "attune-try-page.h"

#include <glib/gstdio.h>

static AdwDialog *
open_dialog (AttuneApplication *application, const char *model)
{
  AttuneWindow *window = app_fixture_get_window (application);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.try-model", "s", model);
  g_assert_true (ATTUNE_IS_MODEL_TRY_DIALOG (
    adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window))));
  return adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window));
}

static gboolean
is_listed (gpointer dialog)
{
  return !g_str_equal (gtk_stack_get_visible_child_name (app_fixture_get_child (dialog, "stack")),
                       "loading");
}

static gboolean
is_answered (gpointer page)
{
  return gtk_widget_get_visible (app_fixture_get_child (page, "answer"))
         && *app_fixture_get_words (page, "verdict") != '\0';
}

static void
ask_the_model (AttuneApplication *application)
{
  AdwDialog *dialog = open_dialog (application, "");
  AttuneTryPage *page = app_fixture_get_child (dialog, "page");

  app_fixture_wait (is_listed, dialog);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (dialog, "stack")), ==,
                   "try");
  attune_try_page_set_text (page, "a1 b c", NULL);
  app_fixture_wait (is_answered, page);
  g_assert_true (g_str_has_prefix (app_fixture_get_words (page, "verdict"), "LABEL_"));
  g_assert_cmpstr (app_fixture_get_words (page, "weights"), ==, "As installed");
  adw_dialog_force_close (dialog);
}

static void
test_a_model_answers_without_data (void)
{
  if (app_fixture_use_engine (""))
    app_fixture_run_application (ask_the_model);
}

/* Closed while it still lists, and while the answer is on its way. */
static void
close_early (AttuneApplication *application)
{
  AdwDialog *dialog = open_dialog (application, "no-such-model");

  adw_dialog_force_close (dialog);
  app_fixture_spin (100);
  dialog = open_dialog (application, "");
  app_fixture_wait (is_listed, dialog);
  attune_try_page_set_text (app_fixture_get_child (dialog, "page"), "a1 b c", NULL);
  adw_dialog_force_close (dialog);
  app_fixture_spin (100);
}

static void
test_closing_early_is_no_harm (void)
{
  if (app_fixture_use_engine ("sleep=20"))
    app_fixture_run_application (close_early);
}

static char *
get_model_path (const char *file)
{
  return g_build_filename (g_getenv ("ATTUNE_MODELS"), APP_FIXTURE_MODEL, file, NULL);
}

static void
find_none (AttuneApplication *application)
{
  AdwDialog *dialog = open_dialog (application, "");

  app_fixture_wait (is_listed, dialog);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (app_fixture_get_child (dialog, "stack")), ==,
                   "none");
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (dialog, "title")));
  adw_dialog_force_close (dialog);
}

static void
test_no_model_is_said (void)
{
  g_autofree char *path = get_model_path ("model.safetensors");
  g_autofree char *aside = get_model_path ("aside");

  if (!app_fixture_use_engine (""))
    return;
  g_assert_cmpint (g_rename (path, aside), ==, 0);
  app_fixture_run_application (find_none);
  g_assert_cmpint (g_rename (aside, path), ==, 0);
}

static const char *
get_notice (gpointer list)
{
  return adw_preferences_group_get_description (app_fixture_get_child (list, "group"));
}

static gboolean
has_notice (gpointer list)
{
  return get_notice (list) != NULL && *get_notice (list) != '\0';
}

/* The tiny model tells three classes apart, the data has two. */
static void
test_the_list_says_what_becomes_of_a_classifier (void)
{
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *list, *window;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = app_fixture_create_draft (trainer, 12);
  list = g_object_ref_sink (g_object_new (ATTUNE_TYPE_MODEL_LIST, NULL));
  window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (window), list);
  gtk_window_present (GTK_WINDOW (window));
  attune_model_list_set_project (ATTUNE_MODEL_LIST (list), project);
  app_fixture_wait (has_notice, list);
  g_assert_nonnull (strstr (get_notice (list), "“LABEL_0”"));
  g_assert_nonnull (strstr (get_notice (list), "“no”, “yes”"));
  attune_model_list_set_project (ATTUNE_MODEL_LIST (list), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_release (list);
  app_fixture_end (trainer, project);
}

static char *
make_torch_folder (void)
{
  char *folder = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "from-torch", NULL);
  g_autofree char *weights = g_build_filename (folder, "pytorch_model.bin", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (weights, "no torch file", -1, NULL));
  return folder;
}

static gboolean
has_dialog (gpointer window)
{
  return ADW_IS_ALERT_DIALOG (adw_application_window_get_visible_dialog (window));
}

static gboolean
has_error (gpointer window)
{
  AdwDialog *dialog = adw_application_window_get_visible_dialog (window);

  return ADW_IS_ALERT_DIALOG (dialog)
         && g_str_equal (adw_alert_dialog_get_heading (ADW_ALERT_DIALOG (dialog)),
                         "This Did Not Work");
}

static void
never_imported (const char *name, gpointer owner)
{
  g_assert_not_reached ();
}

static void
import_torch (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  GtkWidget *widget = gtk_widget_get_first_child (GTK_WIDGET (window));
  g_autofree char *folder = make_torch_folder ();
  AdwAlertDialog *dialog;

  /* Not converted without having asked. */
  attune_model_import_path (widget, folder, never_imported, G_OBJECT (application));
  g_assert_false (gtk_widget_get_sensitive (widget));
  app_fixture_wait (has_dialog, window);
  g_assert_true (gtk_widget_get_sensitive (widget));
  dialog = ADW_ALERT_DIALOG (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
  g_assert_nonnull (strstr (adw_alert_dialog_get_body (dialog), "“from-torch”"));
  g_assert_cmpstr (adw_alert_dialog_get_default_response (dialog), ==, "cancel");
  g_signal_emit_by_name (dialog, "response", "cancel");
  adw_dialog_force_close (ADW_DIALOG (dialog));
  app_fixture_spin (100);

  /* Asked for, it is tried, and what is wrong is said. */
  attune_model_import_path (widget, folder, never_imported, G_OBJECT (application));
  app_fixture_wait (has_dialog, window);
  dialog = ADW_ALERT_DIALOG (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
  g_signal_emit_by_name (dialog, "response", "convert");
  adw_dialog_force_close (ADW_DIALOG (dialog));
  app_fixture_wait (has_error, window);
  dialog = ADW_ALERT_DIALOG (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window)));
  g_assert_nonnull (strstr (adw_alert_dialog_get_body (dialog), "pytorch_model.bin"));
  adw_dialog_force_close (ADW_DIALOG (dialog));
}

static void
test_conversion_is_asked_for (void)
{
  if (app_fixture_use_engine (""))
    app_fixture_run_application (import_torch);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/model-try/answers", test_a_model_answers_without_data);
  g_test_add_func ("/model-try/closing-early", test_closing_early_is_no_harm);
  g_test_add_func ("/model-try/none", test_no_model_is_said);
  g_test_add_func ("/model-try/notice", test_the_list_says_what_becomes_of_a_classifier);
  g_test_add_func ("/model-try/conversion", test_conversion_is_asked_for);
  return app_fixture_run ();
}
