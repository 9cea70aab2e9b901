/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in a list: what a glance at one knows, reading the rest, names and notes, runs of the first
 * version and of a later one.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#include "attune-run-disk-use.h"
#include "attune-run-folder.h"
#include "attune-run-notes.h"

typedef struct {
  char *root;
  char *folder;
} Fixture;

static void
remove_below (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_below (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->root = g_dir_make_tmp ("attune-history-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->root, "one", NULL);
  g_setenv ("ATTUNE_RUNS", fixture->root, TRUE);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  remove_below (fixture->root);
  g_free (fixture->folder);
  g_free (fixture->root);
}

static AttuneEvent *
create_event (AttuneEventType type,
              gint64          step)
{
  AttuneEvent *event = attune_event_new (type);

  event->step = step;
  event->time = (double) step / 10;
  event->epoch = (double) step / 100;
  event->loss = event->grad_norm = event->eval_loss = event->eval_f1_macro = 0.5;
  event->learning_rate = 1e-4;
  event->samples_per_second = event->train_samples_per_second = 300;
  event->eval_accuracy = 0.5 + (double) step / 2000;
  event->best_step = step;
  event->steps = 600;
  event->steps_per_epoch = 100;
  return event;
}

static void
append (AttuneRunFolder *folder,
        AttuneEvent     *event)
{
  g_autoptr (GError) error = NULL;

  attune_run_folder_append (folder, event, &error);
  g_assert_no_error (error);
  attune_event_free (event);
}

/* A run of 600 steps, evaluated at 100 and 200; its folder is alive until it is freed. */
static AttuneRunFolder *
begin (Fixture *fixture)
{
  g_autoptr (AttuneRunRecord) record = attune_run_record_new ();
  g_autoptr (GError) error = NULL;
  AttuneRunFolder *folder = attune_run_folder_create (fixture->folder, &error);
  AttuneEvent *phase = create_event (ATTUNE_EVENT_PHASE, 0);

  g_assert_no_error (error);
  record->title = g_strdup ("Reviews");
  record->created = 1700000000;
  record->labels = g_strsplit ("negative,positive", ",", -1);
  record->steps = 600;
  record->steps_per_epoch = 100;
  attune_run_folder_begin (folder, record, &error);
  g_assert_no_error (error);
  append (folder, create_event (ATTUNE_EVENT_RUN_STARTED, 0));
  phase->name = g_strdup ("training");
  append (folder, phase);
  for (gint64 step = 1; step <= 600; step++)
    {
      append (folder, create_event (ATTUNE_EVENT_STEP, step));
      if (step == 100 || step == 200)
        append (folder, create_event (ATTUNE_EVENT_EVALUATION, step));
    }
  return folder;
}

/* (transfer full): the only run there is, as the list has it */
static AttuneRun *
list_one (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = attune_run_list (&error);

  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 1);
  return g_object_ref (runs->pdata[0]);
}

static void
test_a_glance_knows_what_a_list_shows (Fixture       *fixture,
                                       gconstpointer  data)
{
  AttuneRunFolder *folder = begin (fixture);
  AttuneEvent *end = create_event (ATTUNE_EVENT_RUN_FINISHED, 600);
  g_autoptr (AttuneRun) live = list_one ();
  g_autoptr (AttuneRun) dead = NULL;
  g_autoptr (AttuneRun) done = NULL;

  g_assert_false (attune_run_is_loaded (live));
  g_assert_cmpint (attune_run_get_state (live), ==, ATTUNE_RUN_RUNNING);
  g_assert_cmpint (attune_run_get_step (live), ==, 600);
  g_assert_cmpfloat_with_epsilon (attune_run_get_best_accuracy (live), 0.6, 1e-9);
  g_assert_cmpint (attune_run_get_best_step (live), ==, 200);

  append (folder, create_event (ATTUNE_EVENT_PAUSED, 600));
  g_clear_object (&live);
  live = list_one ();
  g_assert_cmpint (attune_run_get_state (live), ==, ATTUNE_RUN_PAUSED);

  end->eval_accuracy = 0.75;
  append (folder, end);
  attune_run_folder_free (folder);
  done = list_one ();
  g_assert_false (attune_run_is_loaded (done));
  g_assert_cmpint (attune_run_get_state (done), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpfloat (attune_run_get_best_accuracy (done), ==, 0.75);
  g_assert_cmpstr (attune_run_get_title (done), ==, "Reviews");
  g_assert_cmpstr (attune_run_get_classes (done)[1], ==, "positive");
}

static void
test_without_an_end_it_was_interrupted (Fixture       *fixture,
                                        gconstpointer  data)
{
  g_autoptr (AttuneRun) run = NULL;

  attune_run_folder_free (begin (fixture));
  run = list_one ();
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_INTERRUPTED);
  g_assert_cmpfloat (attune_run_get_fraction (run), ==, 1);
}

static void
assert_whole (AttuneRun *run)
{
  const AttuneRunHistory *history = attune_run_get_history (run);

  g_assert_true (attune_run_is_loaded (run));
  g_assert_cmpuint (history->loss->len, ==, 600);
  g_assert_cmpuint (history->eval_accuracy->len, ==, 2);
  g_assert_cmpfloat (g_array_index (history->step, double, 599), ==, 600);
}

static void
test_who_wants_the_history_gets_it (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autoptr (AttuneRun) run = NULL;

  attune_run_folder_free (begin (fixture));
  run = list_one ();
  g_assert_cmpuint (attune_run_get_history (run)->loss->len, ==, 600);
  assert_whole (run);
}

static void
finish_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
count_cb (guint *count)
{
  ++*count;
}

static void
test_loading_tells_those_who_watch (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GError) error = NULL;
  guint n_notified = 0;

  attune_run_folder_free (begin (fixture));
  run = list_one ();
  g_signal_connect_swapped (run, "notify::step", G_CALLBACK (count_cb), &n_notified);
  attune_run_load_async (run, NULL, finish_cb, &result);
  g_assert_false (attune_run_is_loaded (run));
  g_assert_true (attune_run_load_finish (run, wait_for (&result), &error));
  g_assert_no_error (error);
  assert_whole (run);
  g_assert_cmpuint (n_notified, ==, 1);

  attune_run_load_async (run, NULL, finish_cb, &again);
  g_assert_true (attune_run_load_finish (run, wait_for (&again), NULL));
  assert_whole (run);
}

static void
test_a_run_that_went_away_is_an_error (Fixture       *fixture,
                                       gconstpointer  data)
{
  g_autofree char *record = g_build_filename (fixture->folder, "run.json", NULL);
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  attune_run_folder_free (begin (fixture));
  run = list_one ();
  g_assert_cmpint (g_unlink (record), ==, 0);
  attune_run_load_async (run, NULL, finish_cb, &result);
  g_assert_false (attune_run_load_finish (run, wait_for (&result), &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
}

static void
test_accuracies_are_looked_up_apart (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autoptr (AttuneRun) run = NULL;
  guint n_notified = 0;

  attune_run_folder_free (begin (fixture));
  run = list_one ();
  g_signal_connect_swapped (run, "notify::best-accuracy", G_CALLBACK (count_cb), &n_notified);
  g_assert_null (attune_run_get_accuracies (run));
  while (n_notified == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (attune_run_get_accuracies (run)->len, ==, 2);
  g_assert_cmpfloat_with_epsilon (g_array_index (attune_run_get_accuracies (run), double, 1), 0.6,
                                  1e-9);
  g_assert_false (attune_run_is_loaded (run));
  attune_run_load (run);
  g_assert_true (attune_run_get_accuracies (run) == attune_run_get_history (run)->eval_accuracy);
}

static void
annotate (AttuneRun  *run,
          const char *title,
          const char *notes)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  attune_run_annotate_async (run, title, notes, finish_cb, &result);
  g_assert_true (attune_run_annotate_finish (run, wait_for (&result), &error));
  g_assert_no_error (error);
}

static void
test_names_and_notes_are_kept (Fixture       *fixture,
                               gconstpointer  data)
{
  /* Another process may be training it. */
  AttuneRunFolder *folder = begin (fixture);
  g_autofree char *path = g_build_filename (fixture->folder, "run.json", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (AttuneRun) run = list_one ();
  g_autoptr (AttuneRun) again = NULL;
  g_autoptr (AttuneRun) back = NULL;

  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  annotate (run, "The better one", "With “quotes”\nand a second line");
  g_assert_cmpstr (attune_run_get_title (run), ==, "The better one");
  again = list_one ();
  g_assert_cmpstr (attune_run_get_title (again), ==, "The better one");
  g_assert_cmpstr (attune_run_get_notes (again), ==, "With “quotes”\nand a second line");
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);

  annotate (again, "", NULL);
  back = list_one ();
  g_assert_cmpstr (attune_run_get_title (back), ==, "Reviews");
  g_assert_null (attune_run_get_notes (back));
  attune_run_folder_free (folder);
}

static void
test_the_last_of_many_changes_is_kept (Fixture       *fixture,
                                       gconstpointer  data)
{
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (AttuneRun) again = NULL;
  GAsyncResult *results[20] = { NULL };

  attune_run_folder_free (begin (fixture));
  run = list_one ();
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *title = g_strdup_printf ("Name %u", i);

      attune_run_annotate_async (run, title, NULL, finish_cb, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_assert_true (attune_run_annotate_finish (run, wait_for (&results[i]), NULL));
  again = list_one ();
  g_assert_cmpstr (attune_run_get_title (again), ==, "Name 19");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_object_unref (results[i]);
}

static void
test_a_name_that_cannot_be_written_is_an_error (Fixture       *fixture,
                                                gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "notes.json", NULL);
  g_autofree char *inside = g_build_filename (path, "x", NULL);
  g_autoptr (AttuneRun) run = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  attune_run_folder_free (begin (fixture));
  g_assert_cmpint (g_mkdir_with_parents (inside, 0755), ==, 0);
  run = list_one ();
  attune_run_annotate_async (run, "x", NULL, finish_cb, &result);
  g_assert_false (attune_run_annotate_finish (run, wait_for (&result), &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
}

static void
test_a_draft_is_annotated_once_it_is_a_run (Fixture       *fixture,
                                            gconstpointer  data)
{
  g_autoptr (AttuneRun) draft = attune_run_new ("Draft");
  g_autoptr (AttuneEvent) event = create_event (ATTUNE_EVENT_RUN_STARTED, 0);
  g_autofree char *path = g_build_filename (fixture->folder, "notes.json", NULL);
  g_autoptr (AttuneRun) again = NULL;

  annotate (draft, "Renamed", "first");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  attune_run_folder_free (begin (fixture));
  attune_run_set_folder (draft, fixture->folder);
  attune_run_apply_event (draft, event);
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  again = list_one ();
  g_assert_cmpstr (attune_run_get_title (again), ==, "Renamed");
  g_assert_cmpstr (attune_run_get_notes (again), ==, "first");
}

static void
test_foreign_notes_are_refused (Fixture       *fixture,
                                gconstpointer  data)
{
  static const char * const texts[] = { "", "{", "[]", "{}", "{\"version\":2,\"title\":\"x\"}" };
  g_autofree char *path = g_build_filename (fixture->folder, "notes.json", NULL);
  g_autofree char *long_title = g_strnfill (3000, 'x');
  g_autoptr (AttuneRunNotes) cut = attune_run_notes_new (long_title, "");
  g_autoptr (AttuneRun) run = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_run_notes_parse (texts[i], strlen (texts[i]), "notes.json", &error));
      g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
    }
  g_assert_cmpuint (strlen (cut->title), ==, ATTUNE_RUN_NOTES_MAX_TITLE);
  g_assert_null (cut->text);

  /* The run opens without them. */
  attune_run_folder_free (begin (fixture));
  g_assert_true (g_file_set_contents (path, texts[4], -1, NULL));
  run = list_one ();
  g_assert_cmpstr (attune_run_get_title (run), ==, "Reviews");
}

static void
test_disk_use_counts_each_file_once (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autofree char *best = g_build_filename (fixture->folder, "best", NULL);
  g_autofree char *checkpoints = g_build_filename (fixture->folder, "checkpoints", NULL);
  g_autofree char *weights = g_build_filename (best, "weights", NULL);
  g_autofree char *twin = g_build_filename (checkpoints, "weights", NULL);
  g_autofree char *outside = g_build_filename (fixture->root, "outside", NULL);
  g_autofree char *link_path = g_build_filename (fixture->folder, "link", NULL);
  g_autofree char *bytes = g_strnfill (1 << 20, 'x');
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) gone = NULL;
  g_autoptr (GError) cancelled = NULL;
  AttuneRunDiskUse use;

  g_assert_cmpint (g_mkdir_with_parents (best, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (checkpoints, 0755), ==, 0);
  g_assert_true (g_file_set_contents (weights, bytes, 1 << 20, NULL));
  g_assert_true (g_file_set_contents (outside, bytes, 1 << 20, NULL));
  g_assert_cmpint (link (weights, twin), ==, 0);
  g_assert_cmpint (symlink (outside, link_path), ==, 0);
  g_assert_true (attune_run_disk_use_measure (&use, fixture->folder, NULL, NULL));
  g_assert_cmpuint (use.total, >=, 1 << 20);
  g_assert_cmpuint (use.total, <, 3 << 19);
  g_assert_cmpuint (use.model, >=, 1 << 20);
  g_assert_cmpuint (use.checkpoints, >=, 1 << 20);

  g_cancellable_cancel (cancellable);
  g_assert_false (attune_run_disk_use_measure (&use, fixture->folder, cancellable, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (attune_run_disk_use_measure (&use, "/nowhere", NULL, &gone));
  g_assert_error (gone, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
}

/* tests/fixtures/train/run-1, as the first version wrote it. */
static void
test_a_run_of_the_first_version_opens (Fixture       *fixture,
                                       gconstpointer  data)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "fixtures", "train", "run-1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRun) run = attune_run_open (folder, &error);
  g_autoptr (AttuneRunPredictions) predictions = NULL;
  g_autoptr (AttuneMetrics) metrics = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (attune_run_get_title (run), ==, "Remarks, first try");
  g_assert_cmpint (attune_run_get_state (run), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_run_get_created (run), ==, 1795638281);
  g_assert_cmpint (attune_run_get_step (run), ==, 6);
  g_assert_cmpint (attune_run_get_best_step (run), ==, 3);
  g_assert_cmpuint (attune_run_get_history (run)->loss->len, ==, 6);
  g_assert_cmpuint (attune_run_get_history (run)->eval_accuracy->len, ==, 2);
  g_assert_cmpstr (attune_run_get_classes (run)[0], ==, "complaint");
  g_assert_cmpstr (attune_run_get_source (run)->model, ==, "minilm-l6");
  g_assert_cmpint (attune_train_config_get_int (attune_run_get_config (run), "max_steps"), ==, 6);
  predictions = attune_run_load_predictions (folder, &error);
  g_assert_no_error (error);
  metrics = attune_run_predictions_measure (predictions);
  g_assert_cmpfloat_with_epsilon (metrics->accuracy, attune_run_get_best_accuracy (run), 1e-12);
}

static void
test_a_run_of_a_later_version_is_refused (Fixture       *fixture,
                                          gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "run.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = NULL;

  g_assert_cmpint (g_mkdir (fixture->folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, "{\"version\": 2, \"title\": \"Later\"}", -1, NULL));
  g_assert_null (attune_run_open (fixture->folder, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  g_assert_nonnull (strstr (error->message, "run.json"));
  g_assert_nonnull (strstr (error->message, "another version of Attune"));
  g_assert_null (strchr (error->message, '\n'));
  runs = attune_run_list (NULL);
  g_assert_cmpuint (runs->len, ==, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

#define ADD(name, func) g_test_add ("/train/history/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("glance", test_a_glance_knows_what_a_list_shows);
  ADD ("interrupted", test_without_an_end_it_was_interrupted);
  ADD ("history-on-demand", test_who_wants_the_history_gets_it);
  ADD ("loading-notifies", test_loading_tells_those_who_watch);
  ADD ("gone", test_a_run_that_went_away_is_an_error);
  ADD ("accuracies", test_accuracies_are_looked_up_apart);
  ADD ("names-and-notes", test_names_and_notes_are_kept);
  ADD ("last-change-is-kept", test_the_last_of_many_changes_is_kept);
  ADD ("unwritable-notes", test_a_name_that_cannot_be_written_is_an_error);
  ADD ("draft-is-annotated-later", test_a_draft_is_annotated_once_it_is_a_run);
  ADD ("foreign-notes", test_foreign_notes_are_refused);
  ADD ("disk-use", test_disk_use_counts_each_file_once);
  ADD ("first-version", test_a_run_of_the_first_version_opens);
  ADD ("later-version", test_a_run_of_a_later_version_is_refused);
  return g_test_run ();
}
