/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trainer thread with the scripted fake engine: whole runs, faults, pausing, stopping, asking
 * while training.
 */
#include "config.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "attune-run-folder.h"
#include "train-fixture.h"

static char *
read_weights (TrainFixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, "best", "model.safetensors", NULL);
  char *data = NULL;
  gsize length = 0;
  char *sum;

  if (!g_file_get_contents (path, &data, &length, NULL))
    return NULL;
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, length);
  g_free (data);
  return sum;
}

static gboolean
exists (TrainFixture *f,
        const char   *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Events of the window are those of the file, line by line. */
static void
assert_file_says_the_same (TrainFixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, "events.jsonl", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, f->events->len + 1);
  for (guint i = 0; i < f->events->len; i++)
    {
      g_autofree char *json = attune_event_to_json (f->events->pdata[i]);

      g_assert_cmpstr (json, ==, lines[i]);
    }
}

static void
test_a_run_from_start_to_end (void)
{
  g_autoptr (AttuneRunPredictions) predictions = NULL;
  g_autoptr (AttuneRun) reopened = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneEvent *end;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 100))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "8", "num_train_epochs", "2", NULL);
  train_fixture_start (&f);
  g_assert_cmpint (attune_run_get_state (f.run), ==, ATTUNE_RUN_RUNNING);
  g_assert_true (attune_trainer_get_run (f.trainer) == f.run);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_null (attune_trainer_get_run (f.trainer));
  g_assert_cmpint (attune_run_get_state (f.run), ==, ATTUNE_RUN_FINISHED);

  /* 90 rows to train on are 12 batches of 8. */
  g_assert_cmpint (train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0)->steps, ==, 24);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, 24);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_EVALUATION), ==, 2);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_BASELINES), ==, 1);
  g_assert_cmpfloat (train_fixture_find (&f, ATTUNE_EVENT_STEP, 0)->learning_rate, ==, 0);
  g_assert_cmpfloat (train_fixture_find (&f, ATTUNE_EVENT_STEP, 2)->learning_rate, ==, 1e-4);
  g_assert_cmpfloat (end->epoch, ==, 2);
  g_assert_cmpint (end->best_step, >, 0);
  g_assert_true (isfinite (end->eval_accuracy));
  g_assert_true (isfinite (end->train_samples_per_second));

  g_assert_false (exists (&f, "run.lock"));
  g_assert_true (exists (&f, "run.json"));
  g_assert_true (exists (&f, "vocab.txt"));
  g_assert_true (exists (&f, "best/config.json"));
  assert_file_says_the_same (&f);
  predictions = attune_run_load_predictions (f.folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (predictions->n_rows, ==, 10);
  g_assert_cmpuint (predictions->n_classes, ==, 2);

  reopened = attune_run_open (f.folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_run_get_state (reopened), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpuint (attune_run_get_history (reopened)->loss->len, ==, 24);
  g_assert_true (attune_run_can_classify (reopened));
  train_fixture_tear_down (&f);
}

static void
test_the_same_seed_gives_the_same_weights (void)
{
  g_autofree char *sums[3] = { NULL, NULL, NULL };

  for (guint i = 0; i < 3; i++)
    {
      TrainFixture f = { 0 };

      if (!train_fixture_set_up (&f, "", 40))
        return;
      train_fixture_set (&f, "num_train_epochs", "1", "per_device_train_batch_size", "8", "seed",
                         i < 2 ? "5" : "6", NULL);
      train_fixture_start (&f);
      train_fixture_wait (&f);
      sums[i] = read_weights (&f);
      g_assert_nonnull (sums[i]);
      train_fixture_tear_down (&f);
    }
  g_assert_cmpstr (sums[0], ==, sums[1]);
  g_assert_cmpstr (sums[0], !=, sums[2]);
  g_free (g_steal_pointer (&sums[1]));
  g_free (g_steal_pointer (&sums[2]));
}

/* One run of one step; what it computed in, and what its record and its events say of that. */
static char *
train_in (const char *precision,
          gboolean    fast_bf16)
{
  g_autoptr (AttuneRunRecord) record = NULL;
  g_autoptr (AttuneRun) reopened = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL, *paths = NULL;
  const AttuneEvent *started;
  double fp32 = 0, bf16 = 0;
  char *used;
  TrainFixture f = { 0 };

  if (fast_bf16)
    g_setenv ("ATTUNE_FAKE_BF16", "1", TRUE);
  else
    g_unsetenv ("ATTUNE_FAKE_BF16");
  if (!train_fixture_set_up (&f, "", 20))
    return NULL;
  train_fixture_set (&f, "precision", precision, "max_steps", "1", "num_threads", "3", NULL);
  train_fixture_start (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  started = train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0);
  used = g_strdup (started->precision);
  g_assert_cmpint (started->threads, ==, 3);
  g_assert_cmpfloat (started->fp32_gflops, ==, 100);
  g_assert_true (fast_bf16 ? started->bf16_gflops == 200 : isnan (started->bf16_gflops));

  /* What was set stays what was set; beside it, what became of it and why. */
  record = attune_run_record_load (f.folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_train_config_get_string (record->config, "precision"), ==, precision);
  g_assert_cmpstr (record->precision, ==, used);
  g_assert_cmpstr (record->probed_precision, ==, fast_bf16 ? "bf16" : "fp32");
  g_assert_cmpint (record->threads, ==, 3);
  g_assert_cmpfloat (record->fp32_gflops, ==, 100);
  g_assert_cmpfloat (record->bf16_gflops, ==, fast_bf16 ? 200 : 0);
  g_assert_cmpstr (record->paths, ==, "pretended");

  reopened = attune_run_open (f.folder, &error);
  g_assert_no_error (error);
  g_object_get (reopened, "precision", &said, "fp32-gflops", &fp32, "bf16-gflops", &bf16, "paths",
                &paths, NULL);
  g_assert_cmpstr (said, ==, used);
  g_assert_cmpfloat (fp32, ==, 100);
  g_assert_cmpfloat (bf16, ==, fast_bf16 ? 200 : 0);
  /* The paths of a precision that was not taken are not this run's. */
  g_assert_cmpstr (paths, ==, g_str_equal (used, record->probed_precision) ? "pretended" : NULL);
  train_fixture_tear_down (&f);
  g_unsetenv ("ATTUNE_FAKE_BF16");
  return used;
}

static void
test_the_engine_chooses_only_what_is_left_to_it (void)
{
  static const struct {
    const char *precision;
    gboolean fast_bf16;
    const char *used;
  } cases[] = {
    { "auto", FALSE, "fp32" }, { "auto", TRUE, "bf16" }, { "fp32", FALSE, "fp32" },
    { "fp32", TRUE, "fp32" },  { "bf16", FALSE, "bf16" }, { "bf16", TRUE, "bf16" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *used = train_in (cases[i].precision, cases[i].fast_bf16);

      if (used == NULL)
        return;
      g_assert_cmpstr (used, ==, cases[i].used);
    }
}

/* Whatever save_strategy says, the last weights are kept when nothing was measured. */
static void
test_without_evaluation_the_final_weights_are_kept (void)
{
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 20))
    return;
  train_fixture_set (&f, "eval_strategy", "no", "save_strategy", "no", "max_steps", "3", NULL);
  train_fixture_start (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_EVALUATION), ==, 0);
  g_assert_cmpint (train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0)->train_samples, ==, 20);
  g_assert_true (exists (&f, "best/model.safetensors"));
  g_assert_false (exists (&f, "predictions.json"));
  train_fixture_tear_down (&f);
}

static void
assert_non_finite (const char *script,
                   const char *message)
{
  const AttuneEvent *end;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, script, 40))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "4", "eval_strategy", "no", NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_cmpstr (end->code, ==, "non_finite");
  g_assert_true (g_str_has_prefix (end->message, message));
  g_assert_nonnull (strstr (end->message, "Lower the learning rate"));
  g_assert_cmpint (end->step, ==, 4);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, 5);
  g_assert_false (exists (&f, "best"));
  g_assert_cmpint (attune_run_get_state (f.run), ==, ATTUNE_RUN_FAILED);
  train_fixture_tear_down (&f);
}

static void
test_a_step_that_is_not_finite_ends_the_run (void)
{
  assert_non_finite ("nan@5", "The loss of step 5 is not a finite number (rows ");
  assert_non_finite ("inf@5", "The gradient of step 5 is not finite (rows ");
  assert_non_finite ("nan@5;lag=3", "The loss of step 5 is not a finite number (rows ");
}

static gboolean
has_warning (TrainFixture *f,
             const char   *code)
{
  for (guint i = 0; i < train_fixture_count (f, ATTUNE_EVENT_WARNING); i++)
    if (g_str_equal (train_fixture_find (f, ATTUNE_EVENT_WARNING, i)->code, code))
      return TRUE;
  return FALSE;
}

/* Every loss is what it is with enough memory. */
static void
test_out_of_memory_halves_and_changes_nothing (void)
{
  const char *scripts[] = { "", "oom@7", "oom@1", "oom@3;lag=2" };
  double want[8];

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      TrainFixture f = { 0 };

      if (!train_fixture_set_up (&f, scripts[i], 60))
        return;
      train_fixture_set (&f, "per_device_train_batch_size", "16",
                         "gradient_accumulation_steps", "2", "class_weight", "0.7,1.3", "max_steps", "8", "warmup_steps", "1",
                         "learning_rate", "0.01", NULL);
      train_fixture_start (&f);
      g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
      g_assert_cmpint (has_warning (&f, "out_of_memory"), ==, i > 0);
      for (guint step = 0; step < G_N_ELEMENTS (want); step++)
        {
          double loss = train_fixture_find (&f, ATTUNE_EVENT_STEP, step)->loss;

          if (i == 0)
            want[step] = loss;
          g_assert_cmpfloat_with_epsilon (loss, want[step], 1e-5);
        }
      g_assert_cmpfloat (fabs (want[7] - want[0]), >, 1e-4);
      train_fixture_tear_down (&f);
    }
}

static void
test_a_failing_step_names_itself (void)
{
  const AttuneEvent *end;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "fail@3", 20))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "2", NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_cmpstr (end->code, ==, "engine");
  g_assert_nonnull (strstr (end->message, "Step 3"));
  train_fixture_tear_down (&f);
}

static void
test_a_lost_device_keeps_the_best (void)
{
  const AttuneEvent *end;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "lost@9", 40))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "8", "num_train_epochs", "4", NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_cmpstr (end->code, ==, "device_lost");
  g_assert_cmpint (end->best_step, ==, 5);
  g_assert_true (exists (&f, "best/model.safetensors"));
  g_assert_false (exists (&f, "run.lock"));
  train_fixture_tear_down (&f);
}

static void
test_pause_continue_stop (void)
{
  const char * const texts[] = { "a b c", NULL };
  g_autoptr (AttunePredictions) predictions = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneEvent *end;
  gint64 start;
  guint n_steps;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "slow=5ms", 400))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "2", NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 3);
  attune_trainer_pause (f.trainer);
  train_fixture_wait_for (&f, ATTUNE_EVENT_PAUSED, 1);
  g_assert_cmpint (attune_run_get_state (f.run), ==, ATTUNE_RUN_PAUSED);
  n_steps = train_fixture_count (&f, ATTUNE_EVENT_STEP);
  start = g_get_monotonic_time ();
  while (g_get_monotonic_time () - start < 300000)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
    }
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, n_steps);

  /* Asking works while paused. */
  predictions = train_fixture_predict (&f, texts, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (predictions->n_rows, ==, 1);

  attune_trainer_continue (f.trainer);
  train_fixture_wait_for (&f, ATTUNE_EVENT_CONTINUED, 1);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, n_steps + 3);
  attune_trainer_stop (f.trainer, "Enough");
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_STOPPED);
  g_assert_cmpstr (end->message, ==, "Enough");
  g_assert_cmpfloat (end->time, <, (double) (g_get_monotonic_time () - start) / 1e6);
  g_assert_true (exists (&f, "best/model.safetensors"));
  g_assert_true (attune_run_can_classify (f.run));
  assert_file_says_the_same (&f);
  train_fixture_tear_down (&f);
}

static void
test_stop_while_paused_keeps_what_was_learnt (void)
{
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "slow=5ms", 400))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "2", "gradient_accumulation_steps", "4",
                     NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 2);
  attune_trainer_pause (f.trainer);
  train_fixture_wait_for (&f, ATTUNE_EVENT_PAUSED, 1);
  attune_trainer_stop (f.trainer, NULL);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_STOPPED);
  g_assert_true (exists (&f, "best/model.safetensors"));
  train_fixture_tear_down (&f);
}

static void
test_asking_while_training (void)
{
  const char * const texts[] = { "a b c", "c", "a b c d e f g", "", NULL };
  g_autoptr (AttunePredictions) early = NULL;
  g_autoptr (AttunePredictions) late = NULL;
  g_autoptr (AttunePredictions) kept = NULL;
  g_autoptr (GError) error = NULL;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "slow=2ms", 100))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "2", "num_train_epochs", "2", NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 3);
  early = train_fixture_predict (&f, texts, -2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (early->n_rows, ==, 4);
  g_assert_cmpuint (early->n_classes, ==, 2);
  g_assert_cmpstr (early->classes[1], ==, "yes");
  g_assert_cmpuint (early->n_words, ==, 3);
  for (guint i = 0; i < early->n_words; i++)
    g_assert_true (early->word_weight[i] >= -1 && early->word_weight[i] <= 1);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 40);
  late = train_fixture_predict (&f, texts, -1, &error);
  g_assert_no_error (error);
  g_assert_true (memcmp (early->logits, late->logits, 8 * sizeof (float)) != 0);
  g_assert_cmpuint (late->n_words, ==, 0);
  train_fixture_wait (&f);
  kept = train_fixture_predict (&f, texts, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kept->n_rows, ==, 4);
  train_fixture_tear_down (&f);
}

static gboolean
doze_cb (gpointer data)
{
  g_usleep (30000);
  return G_SOURCE_CONTINUE;
}

static void
test_a_slow_main_loop_gets_few_deliveries_and_every_event (void)
{
  guint source;
  double seconds;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "slow=1ms", 400))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "1", "eval_strategy", "no",
                     "num_train_epochs", "1", NULL);
  source = g_timeout_add (10, doze_cb, NULL);
  train_fixture_start (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_source_remove (source);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, 400);
  assert_file_says_the_same (&f);
  seconds = (double) (g_array_index (f.deliveries, gint64, f.deliveries->len - 1)
                      - g_array_index (f.deliveries, gint64, 0)) / G_USEC_PER_SEC;
  g_assert_cmpfloat (f.deliveries->len, <=, seconds * 20 + 3);
  train_fixture_tear_down (&f);
}

static void
test_early_stopping_and_log_intervals (void)
{
  const AttuneEvent *end;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 40))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "8", "num_train_epochs", "50",
                     "early_stopping_patience", "2", "learning_rate", "1e-8", "logging_steps", "5",
                     NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_cmpint (end->step, <, 250);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, end->step / 5 + 1);
  g_assert_cmpfloat (attune_run_get_fraction (f.run), ==, 1);
  train_fixture_tear_down (&f);
}

static void
test_what_cannot_start_is_refused_at_once (void)
{
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (AttuneRun) other = attune_run_new ("Another");
  g_autoptr (AttuneDataset) one = train_fixture_read_dataset ("text,label\na b,x\nc,x\n");
  g_autoptr (GError) error = NULL;
  TrainFixture f = { 0 };
  AttuneTrainJob job;

  if (!train_fixture_set_up (&f, "slow=1ms", 40))
    return;
  job = (AttuneTrainJob) { .dataset = one, .model = model, .config = f.config, .folder = f.folder,
                           .title = "x" };
  g_assert_false (attune_trainer_start (f.trainer, other, &job, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "“x”"));
  g_clear_error (&error);
  job.dataset = f.dataset;
  job.folder = "/proc/nowhere/run";
  g_assert_false (attune_trainer_start (f.trainer, other, &job, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  g_clear_error (&error);
  job.folder = f.folder;
  job.model = "no-such-model";
  g_assert_false (attune_trainer_start (f.trainer, other, &job, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  job.model = model;
  train_fixture_set (&f, "class_weight", "1,2,3", NULL);
  g_assert_false (attune_trainer_start (f.trainer, other, &job, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (g_file_test (f.folder, G_FILE_TEST_EXISTS));
  g_assert_cmpint (attune_run_get_state (other), ==, ATTUNE_RUN_DRAFT);

  train_fixture_set (&f, "class_weight", "none", NULL);
  train_fixture_start (&f);
  g_assert_false (attune_trainer_start (f.trainer, other, &job, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_STATE);
  train_fixture_wait (&f);
  train_fixture_tear_down (&f);
}

static void
test_a_failure_before_training_leaves_no_folder (void)
{
  const AttuneEvent *end;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 40))
    return;
  train_fixture_set (&f, "max_length", "4000", NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_cmpstr (end->code, ==, "setting");
  g_assert_false (g_file_test (f.folder, G_FILE_TEST_EXISTS));
  train_fixture_tear_down (&f);
}

/* No file may grow beyond 60 kB, and the weights are 100: the disk is full when they are saved. */
static void
test_a_full_disk_ends_the_run_and_leaves_whole_files (void)
{
  static const char * const expected[] = { "config.json", "events.jsonl", "run.json", "vocab.txt",
                                            NULL };
  struct rlimit before;
  struct rlimit limit;
  const AttuneEvent *end;
  g_autoptr (GDir) dir = NULL;
  const char *name;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 40))
    return;
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  limit = (struct rlimit) { 60000, before.rlim_max };
  setrlimit (RLIMIT_FSIZE, &limit);
  train_fixture_set (&f, "per_device_train_batch_size", "8", NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_cmpstr (end->code, ==, "disk");
  g_assert_true (g_str_has_prefix (end->message, "The weights cannot be kept: "));
  dir = g_dir_open (f.folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (!g_strv_contains (expected, name))
      g_error ("%s stays behind", name);
  assert_file_says_the_same (&f);
  train_fixture_tear_down (&f);
}

static void
test_closing_the_program_stops_and_keeps (void)
{
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "slow=5ms", 400))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "2", NULL);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 3);
  attune_trainer_shutdown (f.trainer);
  g_assert_cmpint (attune_run_get_state (f.run), ==, ATTUNE_RUN_STOPPED);
  g_assert_true (exists (&f, "best/model.safetensors"));
  assert_file_says_the_same (&f);
  train_fixture_tear_down (&f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/trainer/from-start-to-end", test_a_run_from_start_to_end);
  g_test_add_func ("/train/trainer/same-seed", test_the_same_seed_gives_the_same_weights);
  g_test_add_func ("/train/trainer/precision", test_the_engine_chooses_only_what_is_left_to_it);
  g_test_add_func ("/train/trainer/final-weights",
                   test_without_evaluation_the_final_weights_are_kept);
  g_test_add_func ("/train/trainer/not-finite", test_a_step_that_is_not_finite_ends_the_run);
  g_test_add_func ("/train/trainer/out-of-memory", test_out_of_memory_halves_and_changes_nothing);
  g_test_add_func ("/train/trainer/failing-step", test_a_failing_step_names_itself);
  g_test_add_func ("/train/trainer/lost-device", test_a_lost_device_keeps_the_best);
  g_test_add_func ("/train/trainer/pause-continue-stop", test_pause_continue_stop);
  g_test_add_func ("/train/trainer/stop-while-paused",
                   test_stop_while_paused_keeps_what_was_learnt);
  g_test_add_func ("/train/trainer/asking-while-training", test_asking_while_training);
  g_test_add_func ("/train/trainer/slow-main-loop",
                   test_a_slow_main_loop_gets_few_deliveries_and_every_event);
  g_test_add_func ("/train/trainer/early-stopping", test_early_stopping_and_log_intervals);
  g_test_add_func ("/train/trainer/refused-at-once", test_what_cannot_start_is_refused_at_once);
  g_test_add_func ("/train/trainer/no-folder-left",
                   test_a_failure_before_training_leaves_no_folder);
  g_test_add_func ("/train/trainer/full-disk",
                   test_a_full_disk_ends_the_run_and_leaves_whole_files);
  g_test_add_func ("/train/trainer/closing", test_closing_the_program_stops_and_keeps);
  return g_test_run ();
}
