/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs: their folder and lock, replaying events, the properties that follow, predictions.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>

#include "attune-run-folder.h"
#include "attune-run-predictions.h"

typedef struct {
  char *root;
  char *folder;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->root = g_dir_make_tmp ("attune-run-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->root, "one", NULL);
  g_setenv ("ATTUNE_RUNS", fixture->root, TRUE);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  static const char * const names[] = { "run.json", "events.jsonl", "predictions.json" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_assert_cmpint (g_rmdir (fixture->root), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->root);
}

static AttuneRunRecord *
create_record (void)
{
  AttuneRunRecord *record = attune_run_record_new ();

  record->title = g_strdup ("Shop “reviews”");
  record->created = 1700000000;
  record->labels = g_strsplit ("negative,positive", ",", -1);
  record->source->data_paths = g_strsplit ("/data/reviews.csv", "|", -1);
  record->source->text_column = g_strdup ("text");
  record->source->amendments = attune_amendments_new ();
  record->source->amendments->drop = ATTUNE_DROP_DUPLICATES;
  attune_amendments_add_change (record->source->amendments, ATTUNE_CHANGE_RENAME, "0", "negative");
  record->source->validation_split = 0.25;
  record->source->split_seed = 9;
  record->source->split_sha256 = g_strdup ("abc");
  record->validation_rows = 25;
  record->source->model = g_strdup ("minilm-l6");
  record->steps = 100;
  record->steps_per_epoch = 50;
  record->max_length = 64;
  record->learning_rate = 5e-5;
  record->device = g_strdup ("cpu");
  attune_train_config_set (record->config, "seed", "9", NULL);
  return record;
}

static void
append_event (AttuneRunFolder *folder,
              AttuneEventType  type,
              gint64           step)
{
  g_autoptr (AttuneEvent) event = attune_event_new (type);
  g_autoptr (GError) error = NULL;

  event->step = step;
  event->time = (double) step / 10;
  event->epoch = (double) step / 50;
  event->loss = 1.0 / (double) MAX (step, 1);
  event->grad_norm = 1;
  event->learning_rate = 5e-5;
  event->samples_per_second = 320;
  event->steps = 100;
  event->steps_per_epoch = 50;
  event->eval_accuracy = 0.5 + (double) step / 200;
  event->eval_loss = event->eval_f1_macro = event->eval_mcc = 0.5;
  event->best_step = step;
  event->classes = g_strsplit ("negative,positive", ",", -1);
  attune_run_folder_append (folder, event, &error);
  g_assert_no_error (error);
}

static AttuneRunFolder *
begin (Fixture *fixture)
{
  g_autoptr (AttuneRunRecord) record = create_record ();
  g_autoptr (GError) error = NULL;
  AttuneRunFolder *folder = attune_run_folder_create (fixture->folder, &error);

  g_assert_no_error (error);
  append_event (folder, ATTUNE_EVENT_PHASE, 0);
  attune_run_folder_begin (folder, record, &error);
  g_assert_no_error (error);
  append_event (folder, ATTUNE_EVENT_RUN_STARTED, 0);
  for (gint64 step = 1; step <= 20; step++)
    append_event (folder, ATTUNE_EVENT_STEP, step);
  append_event (folder, ATTUNE_EVENT_EVALUATION, 20);
  return folder;
}

static void
test_record_round_trips (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (AttuneRunRecord) record = create_record ();
  g_autofree char *json = attune_run_record_to_json (record);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunRecord) read = attune_run_record_parse (json, strlen (json), "run.json",
                                                              &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  again = attune_run_record_to_json (read);
  g_assert_cmpstr (json, ==, again);
  g_assert_nonnull (strstr (json, "\"version\": 1"));
  g_assert_cmpint (attune_train_config_get_int (read->config, "seed"), ==, 9);
  g_assert_true (attune_amendments_equal (read->source->amendments, record->source->amendments));
  g_assert_cmpint (read->source->split_seed, ==, 9);
  g_assert_cmpstr (read->source->split_sha256, ==, "abc");
  g_assert_nonnull (strstr (json, "\"method\": \"share\""));
}

static void
test_foreign_records_are_refused (Fixture       *fixture,
                                  gconstpointer  data)
{
  static const char * const texts[] = { "", "{", "[]", "{}", "{\"version\":2}",
                                        "{\"version\":1,\"config\":{\"seed\":\"x\"}}",
                                        "{\"version\":1,\"data\":{\"amendments\":7}}",
                                        "{\"version\":1,\"data\":{\"amendments\":"
                                        "{\"drop\":[\"half\"]}}}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_run_record_parse (texts[i], strlen (texts[i]), "run.json", &error));
      g_assert_nonnull (error);
    }
}

static void
test_a_run_without_end_is_running_while_locked_then_interrupted (Fixture       *fixture,
                                                                 gconstpointer  data)
{
  AttuneRunFolder *folder = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRun) live = attune_run_open (fixture->folder, &error);
  g_autoptr (AttuneRun) dead = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (attune_run_get_state (live), ==, ATTUNE_RUN_RUNNING);
  g_assert_false (attune_run_delete (live, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE);
  attune_run_folder_free (folder);
  dead = attune_run_open (fixture->folder, NULL);
  g_assert_cmpint (attune_run_get_state (dead), ==, ATTUNE_RUN_INTERRUPTED);
  g_assert_cmpint (attune_run_get_step (dead), ==, 20);
  g_assert_cmpint (attune_run_get_steps (dead), ==, 100);
  g_assert_cmpfloat (attune_run_get_fraction (dead), ==, 0.2);
  g_assert_cmpint (attune_run_get_best_step (dead), ==, 20);
  g_assert_cmpfloat_with_epsilon (attune_run_get_best_accuracy (dead), 0.6, 1e-9);
  g_assert_cmpuint (attune_run_get_history (dead)->loss->len, ==, 20);
  g_assert_cmpuint (attune_run_get_history (dead)->eval_accuracy->len, ==, 1);
  g_assert_cmpstr (attune_run_get_classes (dead)[1], ==, "positive");
  g_assert_cmpstr (attune_run_get_source (dead)->data_paths[0], ==, "/data/reviews.csv");
  g_assert_false (attune_run_can_classify (dead));
}

static void
test_seconds_left_follow_the_last_steps (Fixture       *fixture,
                                         gconstpointer  data)
{
  g_autoptr (AttuneRun) run = attune_run_new ("x");
  g_autoptr (AttuneEvent) event = attune_event_new (ATTUNE_EVENT_RUN_STARTED);

  event->steps = 1000;
  event->steps_per_epoch = 500;
  attune_run_apply_event (run, event);
  g_assert_cmpfloat (attune_run_get_seconds_left (run), <, 0);
  event->type = ATTUNE_EVENT_STEP;
  for (gint64 step = 1; step <= 300; step++)
    {
      event->step = step;
      event->time += step <= 200 ? 5 : 0.5;
      attune_run_apply_event (run, event);
    }
  g_assert_cmpfloat_with_epsilon (attune_run_get_seconds_left (run), 0.5 * 700, 1e-6);
  event->type = ATTUNE_EVENT_RUN_FINISHED;
  attune_run_apply_event (run, event);
  g_assert_cmpfloat (attune_run_get_seconds_left (run), ==, 0);
  g_assert_cmpfloat (attune_run_get_fraction (run), ==, 1);
}

static void
test_a_torn_last_line_is_dropped (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "events.jsonl", NULL);
  g_autofree char *lines = NULL;
  g_autoptr (AttuneRun) run = NULL;
  gsize length = 0;

  attune_run_folder_free (begin (fixture));
  g_assert_true (g_file_get_contents (path, &lines, &length, NULL));
  g_assert_true (g_file_set_contents (path, lines, (gssize) length - 9, NULL));
  run = attune_run_open (fixture->folder, NULL);
  g_assert_cmpuint (attune_run_get_history (run)->loss->len, ==, 20);
  g_assert_cmpuint (attune_run_get_history (run)->eval_accuracy->len, ==, 0);
}

static void
test_folders_in_use_are_refused (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  AttuneRunFolder *folder = attune_run_folder_create (fixture->folder, &error);

  g_assert_no_error (error);
  g_assert_null (attune_run_folder_create (fixture->folder, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  g_clear_error (&error);
  attune_run_folder_free (folder);
  g_assert_false (g_file_test (fixture->folder, G_FILE_TEST_EXISTS));

  attune_run_folder_free (begin (fixture));
  g_assert_null (attune_run_folder_create (fixture->folder, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  g_assert_nonnull (strstr (error->message, "already holds a run"));
}

static void
test_a_folder_that_cannot_be_made_leaves_nothing (Fixture       *fixture,
                                                  gconstpointer  data)
{
  g_autofree char *inside = g_build_filename (fixture->folder, "below", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->folder, "a file", -1, NULL));
  g_assert_null (attune_run_folder_create (inside, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  g_assert_cmpint (g_unlink (fixture->folder), ==, 0);
}

static void
test_list_has_newest_first_and_skips_what_is_no_run (Fixture       *fixture,
                                                     gconstpointer  data)
{
  g_autoptr (GPtrArray) none = attune_run_list (NULL);
  g_autoptr (GPtrArray) one = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  attune_run_folder_free (begin (fixture));
  one = attune_run_list (NULL);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpstr (attune_run_get_title (one->pdata[0]), ==, "Shop “reviews”");
}

static void
test_predictions_round_trip (Fixture       *fixture,
                             gconstpointer  data)
{
  float logits[] = { 0.5f, -1.25f, NAN, 3 };
  gint32 labels[] = { 1, 0 };
  char *texts[] = { (char *) "fine \"text\"", (char *) "また" };
  AttuneRunPredictions made = { 2, 2, texts, NULL, labels, logits };
  g_autofree char *json = attune_run_predictions_to_json (&made, 20);
  g_autofree char *shortened = attune_run_predictions_shorten ("また", 6);
  g_autoptr (GString) long_text = g_string_new ("x");
  g_autofree char *cut = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunPredictions) read = attune_run_predictions_parse (json, strlen (json), "p",
                                                                        &error);

  g_assert_no_error (error);
  g_assert_cmpuint (read->n_rows, ==, 2);
  g_assert_cmpstr (read->texts[1], ==, "また");
  g_assert_cmpint (read->labels[0], ==, 1);
  g_assert_cmpfloat (read->logits[1], ==, -1.25f);
  g_assert_true (isnan (read->logits[2]));
  g_assert_null (attune_run_predictions_parse (json, strlen (json) - 4, "p", &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);

  g_assert_cmpstr (shortened, ==, "また");
  while (long_text->len < 3000)
    g_string_append (long_text, "ま");
  cut = attune_run_predictions_shorten (long_text->str, long_text->len);
  g_assert_cmpuint (strlen (cut), ==, 1999);
  g_assert_true (g_utf8_validate (cut, -1, NULL));
}

#define ADD(name, func) g_test_add ("/train/run/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("record-round-trips", test_record_round_trips);
  ADD ("foreign-records-are-refused", test_foreign_records_are_refused);
  ADD ("running-then-interrupted", test_a_run_without_end_is_running_while_locked_then_interrupted);
  ADD ("seconds-left", test_seconds_left_follow_the_last_steps);
  ADD ("torn-last-line", test_a_torn_last_line_is_dropped);
  ADD ("folders-in-use", test_folders_in_use_are_refused);
  ADD ("unwritable-leaves-nothing", test_a_folder_that_cannot_be_made_leaves_nothing);
  ADD ("list", test_list_has_newest_first_and_skips_what_is_no_run);
  ADD ("predictions-round-trip", test_predictions_round_trip);
  return g_test_run ();
}
