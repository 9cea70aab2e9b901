/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data that is more than one file, from what an open dialog, a drop or the command line gives to
 * what the Data page says of it: several files, a folder as the Hub has them, a folder for each label.
 */
#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "attune-data-options.h"
#include "attune-data-page.h"
#include "attune-validation-choice.h"

static const char *
get_option (AttuneApplication *application, const char *id)
{
  AttuneDataOptions *options = app_fixture_find (app_fixture_get_window (application),
                                                 ATTUNE_TYPE_DATA_OPTIONS);

  return gtk_label_get_text (app_fixture_get_child (options, id));
}

static const char *
get_validation (AttuneApplication *application)
{
  return app_fixture_get_words (app_fixture_find (app_fixture_get_window (application),
                                                  ATTUNE_TYPE_VALIDATION_CHOICE), "chosen");
}

static const char *
get_counts (AttuneApplication *application)
{
  return app_fixture_get_words (app_fixture_find (app_fixture_get_window (application),
                                                  ATTUNE_TYPE_DATA_PAGE), "counts");
}

static GFile *
write_rows (const char *name, guint first, guint n)
{
  g_autoptr (GString) csv = g_string_new ("text,label\n");
  g_autofree char *path = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (guint i = first; i < first + n; i++)
    g_string_append_printf (csv, "text number %u,%s\n", i, i % 2 == 0 ? "no" : "yes");
  return app_fixture_write_file (name, csv->str, csv->len);
}

/* The project at the top of the list, once it is read. */
static AttuneProject *
wait_for_project (AttuneApplication *application)
{
  GListModel *projects = G_LIST_MODEL (attune_application_get_projects (application));
  g_autoptr (AttuneProject) project = g_list_model_get_item (projects, 0);

  app_fixture_wait_loaded (project);
  app_fixture_spin (50);
  return project;
}

static void
see_files (AttuneApplication *application)
{
  AttuneProject *project = wait_for_project (application);

  g_assert_null (attune_project_get_error (project));
  g_assert_cmpuint (g_list_model_get_n_items (
                      G_LIST_MODEL (attune_application_get_projects (application))), ==, 1);
  g_assert_cmpstr (attune_run_get_title (attune_project_get_run (project)), ==, "days");
  g_assert_cmpstr (get_option (application, "file_name"), ==, "2 files");
  g_assert_true (g_str_has_prefix (get_option (application, "file_size"), "50 rows"));
  g_assert_cmpstr (get_option (application, "parts"), ==,
                   "To learn from: monday.csv, tuesday.csv");
  g_assert_cmpstr (get_validation (application), ==, "10 %, stratified");
  g_assert_cmpstr (get_counts (application), ==, "45 texts to learn from, 5 to check with");
}

/* attune days/monday.csv days/tuesday.csv */
static void
test_several_files (void)
{
  g_autoptr (GFile) first = write_rows ("days/monday.csv", 0, 20);
  g_autoptr (GFile) second = write_rows ("days/tuesday.csv", 20, 30);
  const char *arguments[] = { "attune", g_file_peek_path (first), g_file_peek_path (second), NULL };

  app_fixture_clear_runs ();
  app_fixture_run_command_line (see_files, arguments);
}

static void
open_parts (AttuneApplication *application)
{
  g_autoptr (GFile) train = write_rows ("days/train.csv", 0, 20);
  g_autoptr (GFile) dev = write_rows ("days/dev.csv", 20, 8);
  GFile *files[] = { dev, train };

  g_application_open (G_APPLICATION (application), files, G_N_ELEMENTS (files), "");
  wait_for_project (application);
  g_assert_cmpstr (get_option (application, "parts"), ==,
                   "To learn from: train.csv\nTo check with: dev.csv");
  g_assert_cmpstr (get_validation (application), ==, "dev.csv");
  g_assert_cmpstr (get_counts (application), ==, "20 texts to learn from, 8 to check with");
}

/* With the pointer: the window takes what a dialog would have given. */
static void
drop_hub_folder (AttuneApplication *application)
{
  AttuneWindow *window = app_fixture_get_window (application);
  GtkDropTarget *target = app_fixture_get_child (window, "drop_target");
  static const char * const names[] = { "00000-of-00004", "00001-of-00004", "00002-of-00004",
                                        "00003-of-00004" };
  g_autoptr (GFile) folder = g_file_new_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "hub", NULL);
  g_auto (GValue) value = G_VALUE_INIT;
  AttuneProject *project;
  gboolean taken = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strdup_printf ("hub/data/train-%s.csv", names[i]);
      g_autoptr (GFile) file = write_rows (name, i * 10, 10);
    }
  g_object_unref (write_rows ("hub/data/validation.csv", 40, 12));
  g_object_unref (write_rows ("hub/data/test.csv", 52, 6));
  g_object_unref (app_fixture_write_file ("hub/README.md", "what it is\n", -1));

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_array (&folder, 1));
  g_signal_emit_by_name (target, "drop", &value, 1.0, 1.0, &taken);
  g_assert_true (taken);
  project = wait_for_project (application);
  g_assert_null (attune_project_get_error (project));
  g_assert_cmpstr (get_option (application, "file_name"), ==, "hub");
  g_assert_cmpstr (get_option (application, "parts"), ==,
                   "To learn from: train-00000-of-00004.csv, train-00001-of-00004.csv, "
                   "train-00002-of-00004.csv and 1 more\n"
                   "To check with: validation.csv\nLeft for a test: test.csv");
  g_assert_cmpstr (get_validation (application), ==, "validation.csv");
  g_assert_cmpstr (get_counts (application), ==, "40 texts to learn from, 12 to check with");

  attune_project_set_use_named_validation (project, FALSE);
  wait_for_project (application);
  g_assert_nonnull (strstr (get_option (application, "parts"), "\nNot used: validation.csv\n"));
  g_assert_cmpstr (get_counts (application), ==, "36 texts to learn from, 4 to check with");
}

static void
open_folders_of_labels (AttuneApplication *application)
{
  g_autoptr (GFile) folder = g_file_new_build_filename (g_getenv ("ATTUNE_TEST_HOME"), "letters",
                                                        NULL);
  AttuneProject *project;

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *name = g_strdup_printf ("letters/%s/%u.txt", i % 3 == 0 ? "thanks" : "asks",
                                               i);
      g_autofree char *path = g_build_filename (g_getenv ("ATTUNE_TEST_HOME"), name, NULL);
      g_autofree char *parent = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
      g_object_unref (app_fixture_write_file (name, path, -1));
    }
  g_application_open (G_APPLICATION (application), &folder, 1, "");
  project = wait_for_project (application);
  g_assert_null (attune_project_get_error (project));
  g_assert_cmpstr (get_option (application, "file_name"), ==, "letters");
  g_assert_true (g_str_has_prefix (get_option (application, "file_size"), "12 rows"));
  g_assert_cmpint (attune_table_get_options (attune_project_get_table (project))->format, ==,
                   ATTUNE_FORMAT_FOLDERS);
  g_assert_cmpuint (attune_dataset_get_label_counts (attune_project_get_dataset (project))[1], ==,
                    4);
  /* One thing, so there is nothing to tell apart. */
  g_assert_cmpstr (get_option (application, "parts"), !=, "");
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (
    app_fixture_find (app_fixture_get_window (application), ATTUNE_TYPE_DATA_OPTIONS), "parts")));
}

/* A file that is only called "train" says nothing; its folder does. */
static void
open_file_of_a_part (AttuneApplication *application)
{
  g_autoptr (GFile) file = write_rows ("days/train.csv", 0, 20);

  g_application_open (G_APPLICATION (application), &file, 1, "");
  g_assert_cmpstr (attune_run_get_title (attune_project_get_run (
                     wait_for_project (application))), ==, "days");
}

static void
run (gconstpointer steps)
{
  app_fixture_clear_runs ();
  app_fixture_run_application ((AppFixtureSteps) steps);
}

int
main (int argc, char *argv[])
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/app/open/several-files", test_several_files);
  g_test_add_data_func ("/app/open/several-parts", open_parts, run);
  g_test_add_data_func ("/app/open/hub-folder", drop_hub_folder, run);
  g_test_add_data_func ("/app/open/folders-of-labels", open_folders_of_labels, run);
  g_test_add_data_func ("/app/open/file-of-a-part", open_file_of_a_part, run);
  return app_fixture_run ();
}
