/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneProject: reading data on a worker thread, choices that read again, data that cannot be used,
 * what keeps training from starting, copies.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

static AttuneProject *
open_text (AttuneTrainer *trainer, const char *name, const char *content, gssize length)
{
  g_autoptr (GFile) file = app_fixture_write_file (name, content, length);
  AttuneProject *project = attune_project_new_for_file (trainer, file);

  app_fixture_wait_loaded (project);
  return project;
}

/* As found; they outlive the table. */
static AttuneTableOptions
get_options (AttuneProject *project)
{
  AttuneTableOptions options = *attune_table_get_options (attune_project_get_table (project));

  options.encoding = g_intern_string (options.encoding);
  return options;
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_the_sample_is_read_and_checked (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  g_autoptr (GFile) file = app_fixture_get_sample ();
  AttuneProject *project = attune_project_new_for_file (trainer, file);
  g_autofree char *obstacle = NULL;
  GArray *lengths;

  g_assert_true (attune_project_get_loading (project));
  g_assert_true (attune_project_get_editable (project));
  g_assert_cmpstr (attune_run_get_title (attune_project_get_run (project)), ==, "remarks");
  app_fixture_wait_loaded (project);
  g_assert_cmpstr (attune_project_get_error (project), ==, NULL);
  g_assert_cmpuint (attune_table_get_n_rows (attune_project_get_table (project)), ==, 1346);
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (project)), ==, 2);
  g_assert_nonnull (attune_project_get_findings (project));
  g_assert_null (attune_project_get_lengths (project));

  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (project);
  lengths = attune_project_get_lengths (project);
  g_assert_nonnull (lengths);
  g_assert_cmpuint (lengths->len, ==, 1346);
  for (guint i = 0; i < lengths->len; i++)
    g_assert_cmpuint (g_array_index (lengths, guint, i), >=, 3);
  obstacle = attune_project_get_obstacle (project);
  g_assert_cmpstr (obstacle, ==, NULL);
  app_fixture_end (trainer, project);
}

/* The lengths are those of the rows to learn from, each once: not those of a validation file, nor
 * those held out a second time. */
static void
test_lengths_are_of_the_rows_to_learn_from (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "learn.csv",
                                      "text,label\ngood,a\nvery good,b\ngood good good,a\n"
                                      "so very good,b\ngood,a\n", -1);
  g_autoptr (GFile) validation = app_fixture_write_file (
    "check.csv", "text,label\ngood good good good good good good,a\ngood,b\n", -1);
  const guint expected[] = { 3, 3, 4, 5, 5 };
  GArray *lengths;

  attune_project_set_model (project, APP_FIXTURE_MODEL);
  for (guint with_file = 0; with_file < 2; with_file++)
    {
      if (with_file)
        attune_project_set_validation_file (project, validation);
      app_fixture_wait_loaded (project);
      g_assert_cmpstr (attune_project_get_error (project), ==, NULL);
      g_assert_true ((attune_project_get_validation (project) != NULL) == (with_file == 1));
      lengths = attune_project_get_lengths (project);
      g_assert_cmpmem (lengths->data, lengths->len * sizeof (guint), expected, sizeof expected);
    }
  app_fixture_end (trainer, project);
}

static void
test_a_change_is_announced_once_it_is_whole (void)
{
  static const char * const followed[] = { "notify::table", "notify::dataset", "notify::findings" };
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "two.csv", "text,label\na b,x\nc d,y\n", -1);
  AttuneColumns columns = { 0, -1, 1 };
  guint counts[3] = { 0 };

  for (guint i = 0; i < 3; i++)
    g_signal_connect_swapped (project, followed[i], G_CALLBACK (count_cb), &counts[i]);
  attune_project_set_columns (project, &columns);
  app_fixture_wait_loaded (project);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (counts[i], ==, 1);
  app_fixture_end (trainer, project);
}

static void
test_choices_of_reading_are_followed (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "semicolon.csv",
                                      "words, seen;kind;note\nred, round;apple;n1\nlong, yellow;banana;n2\n"
                                      "green, round;apple;n3\nsoft, yellow;banana;n4\n", -1);
  AttuneTableOptions options;
  AttuneColumns columns;

  g_assert_cmpuint (attune_table_get_n_columns (attune_project_get_table (project)), ==, 3);
  options = get_options (project);
  g_assert_cmpint (options.delimiter, ==, ';');
  options.delimiter = ',';
  attune_project_set_table_options (project, &options);
  g_assert_true (attune_project_get_loading (project));
  app_fixture_wait_loaded (project);
  g_assert_cmpuint (attune_table_get_n_columns (attune_project_get_table (project)), ==, 2);
  options.delimiter = ';';
  attune_project_set_table_options (project, &options);
  app_fixture_wait_loaded (project);

  columns = (AttuneColumns) { .text = 0, .pair = 2, .label = 1 };
  attune_project_set_columns (project, &columns);
  app_fixture_wait_loaded (project);
  g_assert_cmpstr (attune_project_get_error (project), ==, NULL);
  g_assert_cmpint (attune_dataset_get_columns (attune_project_get_dataset (project))->pair, ==, 2);
  g_assert_cmpstr (attune_dataset_get_label_names (attune_project_get_dataset (project))[0], ==, "apple");
  app_fixture_end (trainer, project);
}

/* Choices made while an earlier one is still being read: the last of each kind counts. */
static void
test_the_newest_choices_win (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "both.csv",
                                      "words, seen;kind\nred, round;apple\nlong, yellow;banana\n", -1);
  AttuneTableOptions options = get_options (project);
  AttuneColumns columns = { .text = 1, .pair = -1, .label = 0 };

  for (guint i = 0; i < 10; i++)
    {
      options.delimiter = i % 2 == 0 ? ';' : ',';
      attune_project_set_table_options (project, &options);
    }
  app_fixture_wait_loaded (project);
  g_assert_cmpint (attune_table_get_options (attune_project_get_table (project))->delimiter, ==, ',');

  options.delimiter = ';';
  attune_project_set_table_options (project, &options);
  attune_project_set_columns (project, &columns);
  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (project);
  g_assert_cmpstr (attune_project_get_error (project), ==, NULL);
  g_assert_cmpint (attune_table_get_options (attune_project_get_table (project))->delimiter, ==, ';');
  g_assert_cmpint (attune_dataset_get_columns (attune_project_get_dataset (project))->label, ==, 0);
  g_assert_nonnull (attune_project_get_lengths (project));
  app_fixture_end (trainer, project);
}

/* One sentence about what is wrong, no data, and an obstacle that says the same. */
static void
assert_unusable (AttuneProject *project)
{
  const char *error = attune_project_get_error (project);
  g_autofree char *obstacle = NULL;

  g_assert_nonnull (error);
  g_test_message ("%s", error);
  g_assert_cmpuint (strlen (error), >, 10);
  g_assert_null (strchr (error, '\n'));
  g_assert_null (attune_project_get_dataset (project));
  obstacle = attune_project_get_obstacle (project);
  g_assert_cmpstr (obstacle, ==, error);
}

static void
test_unusable_files_say_why (void)
{
  static const char binary[] = "\x7f" "ELF\0\0\0\1\2\3\0\0\0\0\xff\xfe\xfd\0\0";
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent/remarks.csv");
  g_autoptr (GFile) folder = g_file_new_for_path (g_getenv ("ATTUNE_TEST_HOME"));
  AttuneProject *projects[] = {
    open_text (trainer, "empty.csv", "", 0),
    open_text (trainer, "header.csv", "text,label\n", -1),
    open_text (trainer, "binary.csv", binary, sizeof binary),
    attune_project_new_for_file (trainer, nowhere),
    attune_project_new_for_file (trainer, folder),
  };

  for (guint i = 0; i < G_N_ELEMENTS (projects); i++)
    {
      app_fixture_wait_loaded (projects[i]);
      assert_unusable (projects[i]);
      app_fixture_release (projects[i]);
    }
  app_fixture_end (trainer, NULL);
}

/* Bytes that are no text in the chosen encoding; another choice mends it. */
static void
test_a_wrong_encoding_can_be_put_right (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "latin.csv",
                                      "text,label\ncaf\xe9 cr\xe8me,x\nth\xe9 vert,y\n", -1);
  AttuneTableOptions options = { .encoding = "UTF-8" };

  attune_project_set_table_options (project, &options);
  app_fixture_wait_loaded (project);
  assert_unusable (project);
  options.encoding = "ISO-8859-1";
  attune_project_set_table_options (project, &options);
  app_fixture_wait_loaded (project);
  g_assert_cmpstr (attune_project_get_error (project), ==, NULL);
  g_assert_nonnull (attune_project_get_dataset (project));
  app_fixture_end (trainer, project);
}

/* One class: readable, but nothing can be learnt from it. */
static void
test_one_class_is_an_obstacle (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  AttuneProject *project = open_text (trainer, "one.csv", "text,label\na b,x\nc d,x\ne f,x\n", -1);
  g_autofree char *obstacle = attune_project_get_obstacle (project);

  g_assert_nonnull (obstacle);
  g_test_message ("%s", obstacle);
  g_assert_null (strchr (obstacle, '\n'));
  app_fixture_end (trainer, project);
}

static void
test_obstacles_are_named_in_turn (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  g_autoptr (GFile) file = app_fixture_write_rows (40);
  AttuneProject *project = attune_project_new_for_file (trainer, file);
  g_autofree char *reading = attune_project_get_obstacle (project);
  g_autofree char *no_model = NULL;
  g_autofree char *none = NULL;
  g_autofree char *contradiction = NULL;

  g_assert_nonnull (strstr (reading, "read"));
  app_fixture_wait_loaded (project);
  no_model = attune_project_get_obstacle (project);
  g_assert_nonnull (strstr (no_model, "model"));
  attune_project_set_model (project, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (project);
  none = attune_project_get_obstacle (project);
  g_assert_cmpstr (none, ==, NULL);
  app_fixture_set (project, "max_steps", "3", "warmup_steps", "5", NULL);
  contradiction = attune_project_get_obstacle (project);
  g_assert_nonnull (contradiction);
  app_fixture_end (trainer, project);
}

static void
test_a_second_run_has_to_wait (void)
{
  AttuneTrainer *trainer;
  AttuneProject *first, *second;
  g_autofree char *obstacle = NULL;
  g_autoptr (GError) error = NULL;

  if (!app_fixture_use_engine ("slow=5ms"))
    return;
  trainer = attune_trainer_new (NULL);
  first = app_fixture_create_draft (trainer, 40);
  second = app_fixture_create_draft (trainer, 20);
  attune_project_start (first, &error);
  g_assert_no_error (error);
  g_assert_false (attune_project_get_editable (first));
  obstacle = attune_project_get_obstacle (second);
  g_assert_nonnull (strstr (obstacle, "Another run"));
  g_assert_false (attune_project_start (second, &error));
  g_assert_nonnull (error);
  g_assert_true (attune_project_get_editable (second));
  attune_trainer_stop (trainer, "user");
  app_fixture_wait_state (attune_project_get_run (first), ATTUNE_RUN_STOPPED);
  app_fixture_release (second);
  app_fixture_end (trainer, first);
}

/* A copy has the same data and settings and is free to change. */
static void
test_a_copy_is_a_draft_of_its_own (void)
{
  AttuneTrainer *trainer;
  AttuneProject *project, *copy;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = app_fixture_create_draft (trainer, 40);
  app_fixture_set (project, "num_train_epochs", "1", "seed", "7", NULL);
  attune_project_set_n_rows (project, 30);
  app_fixture_train (project);
  g_assert_cmpint (attune_run_get_state (attune_project_get_run (project)), ==, ATTUNE_RUN_FINISHED);

  copy = attune_project_new_copy (project);
  app_fixture_wait_loaded (copy);
  g_assert_true (attune_project_get_editable (copy));
  g_assert_true (g_file_equal (attune_project_get_file (copy), attune_project_get_file (project)));
  g_assert_cmpint (attune_train_config_get_int (attune_project_get_config (copy), "seed"), ==, 7);
  g_assert_cmpuint (attune_project_get_n_rows (copy), ==, 30);
  g_assert_cmpstr (attune_project_get_model (copy), ==, APP_FIXTURE_MODEL);
  app_fixture_set (copy, "seed", "8", NULL);
  g_assert_cmpint (attune_train_config_get_int (attune_project_get_config (project), "seed"), ==, 7);
  app_fixture_release (copy);
  app_fixture_end (trainer, project);
}

/* As after a restart: an earlier run knows its data by path and reads it when asked. */
static void
test_an_earlier_run_finds_its_data_again (void)
{
  AttuneTrainer *trainer;
  AttuneProject *project, *reopened, *copy;
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (GError) error = NULL;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  project = app_fixture_create_draft (trainer, 24);
  app_fixture_set (project, "num_train_epochs", "1", NULL);
  app_fixture_train (project);
  run = attune_run_open (attune_run_get_folder (attune_project_get_run (project)), &error);
  g_assert_no_error (error);

  reopened = attune_project_new_for_run (trainer, run);
  g_assert_false (attune_project_get_editable (reopened));
  g_assert_null (attune_project_get_table (reopened));
  attune_project_ensure_loaded (reopened);
  app_fixture_wait_loaded (reopened);
  g_assert_cmpstr (attune_project_get_error (reopened), ==, NULL);
  g_assert_cmpuint (attune_dataset_get_n_rows (attune_project_get_dataset (reopened)), ==, 24);
  copy = attune_project_new_copy (reopened);
  app_fixture_wait_loaded (copy);
  g_assert_cmpuint (attune_dataset_get_n_rows (attune_project_get_dataset (copy)), ==, 24);
  app_fixture_release (copy);
  app_fixture_release (reopened);
  app_fixture_end (trainer, project);
}

/* Two runs of one title started within a second are two folders. */
static void
test_runs_started_at_once_have_folders_of_their_own (void)
{
  AttuneTrainer *trainer;
  AttuneProject *first, *second;

  if (!app_fixture_use_engine (""))
    return;
  trainer = attune_trainer_new (NULL);
  first = app_fixture_create_draft (trainer, 20);
  second = app_fixture_create_draft (trainer, 20);
  app_fixture_set (first, "max_steps", "1", "eval_strategy", "no", NULL);
  app_fixture_set (second, "max_steps", "1", "eval_strategy", "no", NULL);
  app_fixture_train (first);
  app_fixture_train (second);
  g_assert_cmpstr (attune_run_get_folder (attune_project_get_run (first)), !=,
                   attune_run_get_folder (attune_project_get_run (second)));
  app_fixture_release (second);
  app_fixture_end (trainer, first);
}

/* Dropped while its file is being read: the reading is called off, nothing is left behind. */
static void
test_a_project_may_go_while_it_is_read (void)
{
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  g_autoptr (GFile) file = app_fixture_write_rows (50000);
  AttuneProject *project = attune_project_new_for_file (trainer, file);
  GWeakRef weak;

  g_weak_ref_init (&weak, project);
  attune_project_set_model (project, APP_FIXTURE_MODEL);
  g_object_run_dispose (G_OBJECT (project));
  g_object_unref (project);
  app_fixture_spin (200);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
  app_fixture_end (trainer, NULL);
}

typedef struct
{
  guint n_heads;
  guint n_whole;
  guint n_expected;
} Seen;

static void
table_seen_cb (AttuneProject *project, GParamSpec *pspec, Seen *seen)
{
  if (!attune_project_get_loading (project))
    return;
  g_assert_cmpint (attune_project_get_columns (project)->text, ==, 0);
  g_assert_cmpint (attune_project_get_columns (project)->label, ==, 1);
  if (attune_table_is_head (attune_project_get_table (project)))
    {
      seen->n_heads++;
      seen->n_expected = attune_project_get_n_expected (project);
      g_assert_null (attune_project_get_dataset (project));
    }
  else
    {
      seen->n_whole++;
      g_assert_nonnull (attune_project_get_dataset (project));
    }
}

/* The first rows of a long file, then all of them, then what is to be said of them. */
static void
test_a_long_file_is_shown_as_it_comes (void)
{
  GString *text = g_string_new ("text,label\n");
  AttuneTrainer *trainer = attune_trainer_new (NULL);
  g_autoptr (GFile) file = NULL;
  AttuneProject *project;
  Seen seen = { 0 };
  guint n_train, n_validation;

  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (text, "the %05u of many sentences in this file,%s\n", i,
                            i % 3 == 0 ? "yes" : "no");
  file = app_fixture_write_file ("long.csv", text->str, (gssize) text->len);
  project = attune_project_new_for_file (trainer, file);
  g_signal_connect (project, "notify::table", G_CALLBACK (table_seen_cb), &seen);
  app_fixture_wait_loaded (project);
  g_assert_cmpuint (seen.n_heads, ==, 1);
  g_assert_cmpuint (seen.n_whole, ==, 1);
  g_assert_cmpuint (seen.n_expected, >, 59000);
  g_assert_cmpuint (seen.n_expected, <, 61000);
  attune_project_get_counts (project, &n_train, &n_validation);
  g_assert_cmpuint (n_train, ==, 54000);
  g_assert_cmpuint (n_validation, ==, 6000);
  g_string_free (text, TRUE);
  app_fixture_end (trainer, project);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/project/sample", test_the_sample_is_read_and_checked);
  g_test_add_func ("/project/lengths", test_lengths_are_of_the_rows_to_learn_from);
  g_test_add_func ("/project/announced-once", test_a_change_is_announced_once_it_is_whole);
  g_test_add_func ("/project/choices-of-reading", test_choices_of_reading_are_followed);
  g_test_add_func ("/project/newest-choices-win", test_the_newest_choices_win);
  g_test_add_func ("/project/unusable-files", test_unusable_files_say_why);
  g_test_add_func ("/project/wrong-encoding", test_a_wrong_encoding_can_be_put_right);
  g_test_add_func ("/project/one-class", test_one_class_is_an_obstacle);
  g_test_add_func ("/project/obstacles", test_obstacles_are_named_in_turn);
  g_test_add_func ("/project/second-run-waits", test_a_second_run_has_to_wait);
  g_test_add_func ("/project/copy", test_a_copy_is_a_draft_of_its_own);
  g_test_add_func ("/project/earlier-run", test_an_earlier_run_finds_its_data_again);
  g_test_add_func ("/project/folders", test_runs_started_at_once_have_folders_of_their_own);
  g_test_add_func ("/project/gone-while-read", test_a_project_may_go_while_it_is_read);
  g_test_add_func ("/project/long-file", test_a_long_file_is_shown_as_it_comes);
  return app_fixture_run ();
}
