/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run that is stopped at any moment and goes on, also several times, is the run that was never
 * stopped: the same weights, moments and events, bit by bit. With the fake engine, whose small head
 * is trained in earnest, and once with libtorch.
 */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "attune-checkpoint.h"
#include "attune-durable.h"
#include "attune-run-folder.h"
#include "train-fixture.h"

/* Takes the trainer and the run of a fixture for new ones, as a program that is started again. */
static void
start_again (TrainFixture *f)
{
  g_autoptr (GError) error = NULL;

  attune_trainer_shutdown (f->trainer);
  g_signal_handlers_disconnect_by_data (f->run, f);
  g_assert_finalize_object (f->trainer);
  g_assert_finalize_object (f->run);
  f->trainer = attune_trainer_new (NULL);
  f->run = attune_run_open (f->folder, &error);
  g_assert_no_error (error);
  g_ptr_array_set_size (f->events, 0);
  train_fixture_follow (f);
}

static gboolean
try_resume (TrainFixture  *f,
            GError       **error)
{
  g_autofree char *model = train_fixture_get_model ();
  AttuneTrainJob job = { .dataset = f->dataset, .model = model, .config = f->config,
                         .folder = f->folder, .title = "A test", .resume = TRUE };

  return attune_trainer_start (f->trainer, f->run, &job, error);
}

static void
resume (TrainFixture *f)
{
  g_autoptr (GError) error = NULL;

  start_again (f);
  try_resume (f, &error);
  g_assert_no_error (error);
}

static char *
read_file (const char *folder,
           const char *name,
           gsize      *length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *contents = NULL;

  g_file_get_contents (path, &contents, length, &error);
  g_assert_no_error (error);
  return contents;
}

static void
assert_same_file (const char *a,
                  const char *b,
                  const char *name)
{
  gsize length_a = 0, length_b = 0;
  g_autofree char *contents_a = read_file (a, name, &length_a);
  g_autofree char *contents_b = read_file (b, name, &length_b);

  g_assert_cmpmem (contents_a, length_a, contents_b, length_b);
}

/* (transfer full): what the steps and evaluations said, without times and speeds. */
static char *
list_numbers (const char *folder)
{
  g_autofree char *lines = read_file (folder, "events.jsonl", NULL);
  g_auto (GStrv) list = g_strsplit (lines, "\n", 0);
  GString *numbers = g_string_new (NULL);

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autoptr (AttuneEvent) event = attune_event_parse (list[i], -1, NULL);

      if (event != NULL && event->type == ATTUNE_EVENT_STEP)
        g_string_append_printf (numbers, "%d %a %a %a %a\n", (int) event->step, event->loss,
                                event->grad_norm, event->learning_rate, event->train_accuracy);
      else if (event != NULL && event->type == ATTUNE_EVENT_EVALUATION)
        g_string_append_printf (numbers, "evaluation %d %a %a %d\n", (int) event->step,
                                event->eval_loss, event->eval_accuracy, (int) event->best_step);
    }
  return g_string_free_and_steal (numbers);
}

static void
assert_same_runs (TrainFixture *a,
                  TrainFixture *b)
{
  g_autoptr (AttuneCheckpoint) newest_a = attune_checkpoint_find_newest (a->folder, NULL);
  g_autoptr (AttuneCheckpoint) newest_b = attune_checkpoint_find_newest (b->folder, NULL);
  g_autofree char *numbers_a = list_numbers (a->folder);
  g_autofree char *numbers_b = list_numbers (b->folder);

  g_assert_cmpstr (numbers_a, ==, numbers_b);
  assert_same_file (a->folder, b->folder, "best/model.safetensors");
  assert_same_file (a->folder, b->folder, "predictions.json");
  g_assert_nonnull (newest_a);
  g_assert_nonnull (newest_b);
  g_assert_cmpint (newest_a->step, ==, newest_b->step);
  assert_same_file (newest_a->path, newest_b->path, ATTUNE_CHECKPOINT_WEIGHTS);
  assert_same_file (newest_a->path, newest_b->path, ATTUNE_CHECKPOINT_OPTIMIZER);
  g_assert_cmpint (attune_run_get_state (b->run), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_run_get_best_step (a->run), ==, attune_run_get_best_step (b->run));
  g_assert_cmpfloat (attune_run_get_best_accuracy (a->run), ==,
                     attune_run_get_best_accuracy (b->run));
  g_assert_cmpuint (attune_run_get_history (a->run)->loss->len, ==,
                    attune_run_get_history (b->run)->loss->len);
}

/* Settings under which much is between two checkpoints: parts of steps, of log intervals, of
 * patience. */
static gboolean
set_up (TrainFixture *f,
        const char   *script)
{
  if (!train_fixture_set_up (f, script, 60))
    return FALSE;
  train_fixture_set (f, "per_device_train_batch_size", "3", "gradient_accumulation_steps", "2",
                     "num_train_epochs", "4", "learning_rate", "3e-3", "eval_steps", "5",
                     "save_steps", "4", "logging_steps", "3", "early_stopping_patience", "30",
                     NULL);
  return TRUE;
}

static gboolean
run_straight (TrainFixture *f,
              const char   *script)
{
  if (!set_up (f, script))
    return FALSE;
  train_fixture_start (f);
  g_assert_cmpint (train_fixture_wait (f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  return TRUE;
}

static void
test_stopped_at_any_moment (void)
{
  TrainFixture straight = { 0 };

  if (!run_straight (&straight, "lag=2"))
    return;
  /* The fourth is an evaluation, the later ones come faster than steps do. */
  for (guint moment = 1; moment <= 12; moment++)
    {
      TrainFixture f = { 0 };
      guint n_resumed = 0;

      set_up (&f, "lag=2;slow=1ms");
      train_fixture_start (&f);
      train_fixture_wait_for (&f, moment % 4 == 0 ? ATTUNE_EVENT_EVALUATION : ATTUNE_EVENT_STEP,
                              (moment + 3) / 4);
      attune_trainer_stop (f.trainer, NULL);
      while (train_fixture_wait (&f)->type == ATTUNE_EVENT_RUN_STOPPED)
        {
          resume (&f);
          n_resumed++;
          if (n_resumed == 1 && moment % 3 == 0)
            attune_trainer_stop (f.trainer, NULL);
        }
      g_assert_cmpuint (n_resumed, >, 0);
      assert_same_runs (&straight, &f);
      train_fixture_tear_down (&f);
    }
  train_fixture_tear_down (&straight);
}

static void
test_stopped_within_an_accumulated_step (void)
{
  TrainFixture straight = { 0 };
  TrainFixture f = { 0 };

  if (!run_straight (&straight, ""))
    return;
  set_up (&f, "slow=4ms");
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 2);
  attune_trainer_pause (f.trainer);
  train_fixture_wait_for (&f, ATTUNE_EVENT_PAUSED, 1);
  attune_trainer_stop (f.trainer, NULL);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_STOPPED);
  resume (&f);
  train_fixture_wait (&f);
  assert_same_runs (&straight, &f);
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}

/* A process that is killed leaves its events and its newest checkpoint; here it is one that was
 * stopped and whose last checkpoint is taken away. */
static void
test_goes_back_to_the_newest_whole_checkpoint (void)
{
  TrainFixture straight = { 0 };
  TrainFixture f = { 0 };
  g_autoptr (GArray) steps = NULL;
  g_autofree char *newest = NULL;
  g_autofree char *weights = NULL;
  g_autofree char *events = NULL;
  const AttuneEvent *warning;
  const AttuneEvent *started;
  FILE *torn;

  if (!run_straight (&straight, ""))
    return;
  set_up (&f, "slow=1ms");
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_CHECKPOINT, 3);
  attune_trainer_stop (f.trainer, NULL);
  train_fixture_wait (&f);
  steps = attune_checkpoint_list (f.folder);
  g_assert_cmpuint (steps->len, >=, 2);
  newest = attune_checkpoint_build_path (f.folder, g_array_index (steps, gint64, 0));
  weights = g_build_filename (newest, ATTUNE_CHECKPOINT_WEIGHTS, NULL);
  g_assert_cmpint (truncate (weights, 1000), ==, 0);
  events = g_build_filename (f.folder, "events.jsonl", NULL);
  torn = g_fopen (events, "a");
  fputs ("{\"event\":\"step\",\"st", torn);
  fclose (torn);

  resume (&f);
  train_fixture_wait (&f);
  warning = train_fixture_find (&f, ATTUNE_EVENT_WARNING, 0);
  g_assert_nonnull (warning);
  g_assert_cmpstr (warning->code, ==, "checkpoint-damaged");
  g_assert_nonnull (strstr (warning->message, "model.safetensors has 1000 bytes"));
  started = train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0);
  g_assert_cmpint (started->step, ==, g_array_index (steps, gint64, 1));
  assert_same_runs (&straight, &f);
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}

/* best/ may be of a step that was taken after the checkpoint; stopping before it is reached again must
 * not write worse weights over it. */
static void
test_stopping_early_keeps_a_best_from_ahead (void)
{
  TrainFixture f = { 0 };
  g_autofree char *kept = NULL;
  g_autofree char *left = NULL;
  gsize kept_length = 0, left_length = 0;

  if (!set_up (&f, "slow=100ms"))
    return;
  train_fixture_set (&f, "save_steps", "2", "eval_steps", "5", "save_total_limit", "4", NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_EVALUATION, 1);
  attune_trainer_stop (f.trainer, NULL);
  train_fixture_wait (&f);
  kept = read_file (f.folder, "best/model.safetensors", &kept_length);
  for (gint64 step = 36; step > 2; step--)
    {
      g_autofree char *path = attune_checkpoint_build_path (f.folder, step);

      attune_durable_folder_remove (path);
    }
  resume (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_RUN_STARTED, 1);
  attune_trainer_stop (f.trainer, NULL);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_STOPPED);
  g_assert_cmpint (attune_run_get_step (f.run), <, 5);
  left = read_file (f.folder, "best/model.safetensors", &left_length);
  g_assert_cmpmem (kept, kept_length, left, left_length);
  train_fixture_tear_down (&f);
}

static void
test_begins_anew_without_a_checkpoint (void)
{
  TrainFixture straight = { 0 };
  TrainFixture f = { 0 };
  g_autofree char *checkpoints = NULL;

  if (!run_straight (&straight, ""))
    return;
  set_up (&f, "slow=1ms");
  train_fixture_set (&f, "save_strategy", "no", "save_steps", "0", NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 3);
  attune_trainer_stop (f.trainer, NULL);
  train_fixture_wait (&f);
  g_assert_null (attune_checkpoint_find_newest (f.folder, NULL));
  train_fixture_set (&f, "save_strategy", "epoch", "save_steps", "4", NULL);
  resume (&f);
  train_fixture_wait (&f);
  assert_same_runs (&straight, &f);
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}

static void
test_memory_that_ran_out_stays_in_mind (void)
{
  TrainFixture straight = { 0 };
  TrainFixture f = { 0 };

  if (!run_straight (&straight, "oom@2"))
    return;
  set_up (&f, "oom@2;slow=1ms");
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 3);
  attune_trainer_stop (f.trainer, NULL);
  train_fixture_wait (&f);
  resume (&f);
  train_fixture_wait (&f);
  assert_same_runs (&straight, &f);
  /* Said once by the run, not again by the part that went on. */
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_WARNING), ==, 0);
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}

static void
test_more_epochs_after_the_end (void)
{
  TrainFixture f = { 0 };
  const AttuneEvent *started;
  const AttuneEvent *end;
  g_autoptr (AttuneRun) reopened = NULL;
  g_autoptr (GError) error = NULL;

  if (!run_straight (&f, ""))
    return;
  g_assert_cmpint (attune_run_get_step (f.run), ==, 36);
  train_fixture_set (&f, "num_train_epochs", "5", NULL);
  resume (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  started = train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0);
  g_assert_cmpint (started->step, ==, 36);
  g_assert_cmpint (started->steps, ==, 45);
  g_assert_cmpint (end->step, ==, 45);
  reopened = attune_run_open (f.folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_run_get_state (reopened), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (attune_run_get_steps (reopened), ==, 45);
  g_assert_cmpfloat (attune_train_config_get_double (attune_run_get_config (reopened),
                                                     "num_train_epochs"), ==, 5);

  train_fixture_set (&f, "num_train_epochs", "1", NULL);
  resume (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_nonnull (strstr (end->message, "45 steps already"));
  train_fixture_tear_down (&f);
}

static void
test_keeps_the_newest_and_the_best (void)
{
  TrainFixture f = { 0 };
  g_autoptr (GArray) steps = NULL;
  gboolean best = FALSE;

  if (!set_up (&f, ""))
    return;
  train_fixture_set (&f, "save_steps", "5", "save_total_limit", "3", NULL);
  train_fixture_start (&f);
  train_fixture_wait (&f);
  steps = attune_checkpoint_list (f.folder);
  for (guint i = 0; i < steps->len; i++)
    best |= g_array_index (steps, gint64, i) == attune_run_get_best_step (f.run);
  g_assert_cmpint (g_array_index (steps, gint64, 0), ==, 36);
  g_assert_cmpint (g_array_index (steps, gint64, 1), ==, 35);
  g_assert_cmpint (g_array_index (steps, gint64, 2), ==, 30);
  g_assert_cmpuint (steps->len, <=, 4);
  g_assert_true (best || attune_run_get_best_step (f.run) % 5 != 0);
  train_fixture_tear_down (&f);
}

static void
test_refuses_other_rows_and_a_run_in_use (void)
{
  TrainFixture f = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *lock = NULL;
  const AttuneEvent *end;
  int fd;

  if (!run_straight (&f, ""))
    return;
  lock = g_build_filename (f.folder, "run.lock", NULL);
  start_again (&f);
  fd = g_open (lock, O_CREAT | O_RDWR, 0600);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  g_assert_false (try_resume (&f, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  g_assert_nonnull (strstr (error->message, "another program"));
  close (fd);
  g_clear_error (&error);

  g_clear_object (&f.dataset);
  f.dataset = train_fixture_create_dataset (50);
  g_assert_true (try_resume (&f, &error));
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_nonnull (strstr (end->message, "not those that the run began with"));
  train_fixture_tear_down (&f);
}

#ifdef HAVE_TORCH
static void
test_with_libtorch (void)
{
  TrainFixture straight = { 0 };
  TrainFixture f = { 0 };

  g_unsetenv ("ATTUNE_ENGINE");
  if (!run_straight (&straight, NULL))
    return;
  set_up (&f, NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 4);
  attune_trainer_stop (f.trainer, NULL);
  while (train_fixture_wait (&f)->type == ATTUNE_EVENT_RUN_STOPPED)
    resume (&f);
  assert_same_runs (&straight, &f);
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}
#endif

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/resume/any-moment", test_stopped_at_any_moment);
  g_test_add_func ("/train/resume/accumulated-step", test_stopped_within_an_accumulated_step);
  g_test_add_func ("/train/resume/newest-whole", test_goes_back_to_the_newest_whole_checkpoint);
  g_test_add_func ("/train/resume/best-from-ahead", test_stopping_early_keeps_a_best_from_ahead);
  g_test_add_func ("/train/resume/no-checkpoint", test_begins_anew_without_a_checkpoint);
  g_test_add_func ("/train/resume/out-of-memory", test_memory_that_ran_out_stays_in_mind);
  g_test_add_func ("/train/resume/more-epochs", test_more_epochs_after_the_end);
  g_test_add_func ("/train/resume/kept", test_keeps_the_newest_and_the_best);
  g_test_add_func ("/train/resume/refused", test_refuses_other_rows_and_a_run_in_use);
#ifdef HAVE_TORCH
  g_test_add_func ("/train/resume/libtorch", test_with_libtorch);
#endif
  return g_test_run ();
}
