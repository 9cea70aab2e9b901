/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All pages alike: each template has its file and each file its class; pages come, get a project and
 * go without a trace; whatever can be operated has a name for those who do not see it.
 */
#include "config.h"

#include "app-fixture.h"

#include "attune-comparison-dialog.h"
#include "attune-comparison-view.h"
#include "attune-curve-table.h"
#include "attune-data-options.h"
#include "attune-data-page.h"
#include "attune-download-list.h"
#include "attune-download-row.h"
#include "attune-hub-data-dialog.h"
#include "attune-hub-group.h"
#include "attune-label-editor.h"
#include "attune-length-table.h"
#include "attune-log-dialog.h"
#include "attune-model-browser.h"
#include "attune-model-list.h"
#include "attune-model-try-dialog.h"
#include "attune-overlay-dialog.h"
#include "attune-preferences.h"
#include "attune-rate-dialog.h"
#include "attune-results-page.h"
#include "attune-run-cost.h"
#include "attune-run-details.h"
#include "attune-run-row.h"
#include "attune-run-sidebar.h"
#include "attune-search-dialog.h"
#include "attune-search-row.h"
#include "attune-setup-page.h"
#include "attune-smoothing-dialog.h"
#include "attune-start-page.h"
#include "attune-train-page.h"
#include "attune-try-page.h"
#include "attune-validation-choice.h"
#include "attune-why-view.h"

/* Every class with a template. */
static const struct
{
  const char *file;
  GType (*get_type) (void);
  gboolean page; /* can be made by itself and takes a project */
} templates[] = {
  { "attune-comparison-dialog.ui", attune_comparison_dialog_get_type, FALSE },
  { "attune-comparison-view.ui", attune_comparison_view_get_type, FALSE },
  { "attune-curve-table.ui", attune_curve_table_get_type, FALSE },
  { "attune-data-options.ui", attune_data_options_get_type, FALSE },
  { "attune-data-page.ui", attune_data_page_get_type, TRUE },
  { "attune-download-list.ui", attune_download_list_get_type, FALSE },
  { "attune-download-row.ui", attune_download_row_get_type, FALSE },
  { "attune-hub-data-dialog.ui", attune_hub_data_dialog_get_type, FALSE },
  { "attune-hub-group.ui", attune_hub_group_get_type, FALSE },
  { "attune-label-editor.ui", attune_label_editor_get_type, FALSE },
  { "attune-length-table.ui", attune_length_table_get_type, FALSE },
  { "attune-log-dialog.ui", attune_log_dialog_get_type, FALSE },
  { "attune-model-browser.ui", attune_model_browser_get_type, FALSE },
  { "attune-model-list.ui", attune_model_list_get_type, FALSE },
  { "attune-model-try-dialog.ui", attune_model_try_dialog_get_type, FALSE },
  { "attune-overlay-dialog.ui", attune_overlay_dialog_get_type, FALSE },
  { "attune-preferences.ui", attune_preferences_get_type, FALSE },
  { "attune-rate-dialog.ui", attune_rate_dialog_get_type, FALSE },
  { "attune-results-page.ui", attune_results_page_get_type, TRUE },
  { "attune-run-cost.ui", attune_run_cost_get_type, FALSE },
  { "attune-run-details.ui", attune_run_details_get_type, FALSE },
  { "attune-run-row.ui", attune_run_row_get_type, TRUE },
  { "attune-run-sidebar.ui", attune_run_sidebar_get_type, TRUE },
  { "attune-search-dialog.ui", attune_search_dialog_get_type, FALSE },
  { "attune-search-row.ui", attune_search_row_get_type, FALSE },
  { "attune-setup-page.ui", attune_setup_page_get_type, TRUE },
  { "attune-smoothing-dialog.ui", attune_smoothing_dialog_get_type, FALSE },
  { "attune-start-page.ui", attune_start_page_get_type, FALSE },
  { "attune-train-page.ui", attune_train_page_get_type, TRUE },
  { "attune-try-page.ui", attune_try_page_get_type, TRUE },
  { "attune-validation-choice.ui", attune_validation_choice_get_type, FALSE },
  { "attune-why-view.ui", attune_why_view_get_type, FALSE },
  { "attune-window.ui", attune_window_get_type, FALSE },
};

/* "attune-why-view.ui" is of AttuneWhyView. */
static char *
name_class (const char *file)
{
  GString *name = g_string_new (NULL);
  gboolean upper = TRUE;

  for (const char *p = file; *p != '\0' && *p != '.'; p++)
    {
      if (*p != '-')
        g_string_append_c (name, upper ? g_ascii_toupper (*p) : *p);
      upper = *p == '-';
    }
  return g_string_free_and_steal (name);
}

static void
test_every_template_has_its_file (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) files = g_resources_enumerate_children (RESOURCE_BASE "/ui", 0, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (files), ==, G_N_ELEMENTS (templates));
  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      g_autofree char *name = name_class (templates[i].file);

      g_assert_true (g_strv_contains ((const char * const *) files, templates[i].file));
      g_assert_cmpstr (g_type_name (templates[i].get_type ()), ==, name);
    }
}

/* In a window, with a project and without, exchanged, gone. */
static void
test_pages_come_and_go (void)
{
  AttuneTrainer *trainer;
  AttuneProject *project, *other;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = app_fixture_create_draft (trainer, 24);
  other = app_fixture_create_draft (trainer, 20);
  app_fixture_set (other, "num_train_epochs", "1", NULL);
  app_fixture_train (other);
  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      GtkWidget *window, *page;

      if (!templates[i].page)
        continue;
      g_test_message ("%s", templates[i].file);
      page = g_object_ref_sink (g_object_new (templates[i].get_type (), NULL));
      app_fixture_release (page);

      page = g_object_ref_sink (g_object_new (templates[i].get_type (), "project", project, NULL));
      app_fixture_release (page);

      page = g_object_ref_sink (g_object_new (templates[i].get_type (), NULL));
      window = gtk_window_new ();
      gtk_window_set_default_size (GTK_WINDOW (window), 900, 700);
      gtk_window_set_child (GTK_WINDOW (window), page);
      gtk_window_present (GTK_WINDOW (window));
      g_object_set (page, "project", project, NULL);
      app_fixture_spin (60);
      g_object_set (page, "project", other, NULL);
      app_fixture_spin (60);
      g_object_set (page, "project", project, NULL);
      g_object_set (page, "project", NULL, NULL);
      g_object_set (page, "project", other, NULL);
      gtk_window_destroy (GTK_WINDOW (window));
      app_fixture_release (page);
    }
  app_fixture_release (project);
  app_fixture_end (trainer, other);
}

/* Gone before an answer: devices and estimate are being asked for. */
static void
test_a_page_may_go_while_it_waits_for_answers (void)
{
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window, *page;

  if (!app_fixture_use_engine ("slow=20ms"))
    return;
  trainer = attune_trainer_new (NULL);
  project = app_fixture_create_draft (trainer, 24);
  for (guint i = 0; i < 2; i++)
    {
      page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_SETUP_PAGE, "project", project, NULL));
      window = gtk_window_new ();
      gtk_window_set_child (GTK_WINDOW (window), page);
      gtk_window_present (GTK_WINDOW (window));
      if (i == 1)
        app_fixture_spin (330);
      gtk_window_destroy (GTK_WINDOW (window));
      app_fixture_release (page);
    }
  app_fixture_end (trainer, project);
}

static gboolean
has_label_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != '\0')
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (has_label_text (child))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_named (GtkWidget *widget)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  return gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL)
         || gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY)
         || (GTK_IS_BUTTON (widget) && tooltip != NULL && *tooltip != '\0');
}

/* Returns how many nameless widgets there are, and says which. */
static guint
count_nameless (GtkWidget *widget, const char *where)
{
  gboolean takes_text = GTK_IS_ENTRY (widget) || GTK_IS_SPIN_BUTTON (widget) || GTK_IS_SEARCH_ENTRY (widget)
                        || GTK_IS_TEXT_VIEW (widget) || GTK_IS_DROP_DOWN (widget) || GTK_IS_SWITCH (widget);
  gboolean is_pressed = GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget);
  guint n = 0;

  if (takes_text || is_pressed)
    {
      const char *tooltip = gtk_widget_get_tooltip_text (widget);

      if (GTK_IS_SEARCH_ENTRY (widget)
          && gtk_widget_get_ancestor (widget, ADW_TYPE_PREFERENCES_DIALOG) != NULL)
        return 0;
      /* The button that closes a search bar is never shown, and not ours. */
      if (GTK_IS_BUTTON (widget) && GTK_IS_CENTER_BOX (gtk_widget_get_parent (widget))
          && gtk_widget_get_ancestor (widget, GTK_TYPE_SEARCH_BAR) != NULL)
        return 0;
      if (is_named (widget) || (is_pressed && (tooltip != NULL || has_label_text (widget))))
        return 0;
      g_test_message ("%s: %s “%s” in %s has no name", where, G_OBJECT_TYPE_NAME (widget),
                      gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)),
                      G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)));
      return 1;
    }
  /* What is inside these is the libraries' own. */
  if (GTK_IS_WINDOW_CONTROLS (widget) || ADW_IS_BANNER (widget) || ADW_IS_COMBO_ROW (widget))
    return 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_nameless (child, where);
  return n;
}

static void
count_names (AttuneApplication *application)
{
  static const char * const pages[] = { "data", "setup", "train", "results", "try" };
  AttuneWindow *window = app_fixture_get_window (application);
  g_autoptr (GFile) sample = attune_application_get_sample (application);
  AdwDialog *dialog;
  guint n = count_nameless (GTK_WIDGET (window), "start");

  attune_window_show_project (window, attune_application_open_file (application, sample));
  app_fixture_wait_loaded (attune_window_get_project (window));
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      attune_window_show_page (window, pages[i]);
      app_fixture_spin (100);
      n += count_nameless (GTK_WIDGET (window), pages[i]);
    }
  g_action_group_activate_action (G_ACTION_GROUP (application), "preferences", NULL);
  app_fixture_spin (100);
  dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window));
  g_assert_nonnull (dialog);
  n += count_nameless (GTK_WIDGET (dialog), "preferences");
  g_assert_cmpuint (n, ==, 0);
}

static void
test_whatever_can_be_operated_has_a_name (void)
{
  if (app_fixture_use_engine (""))
    app_fixture_run_application (count_names);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/pages/templates", test_every_template_has_its_file);
  g_test_add_func ("/pages/come-and-go", test_pages_come_and_go);
  g_test_add_func ("/pages/gone-while-waiting", test_a_page_may_go_while_it_waits_for_answers);
  g_test_add_func ("/pages/names", test_whatever_can_be_operated_has_a_name);
  return app_fixture_run ();
}
