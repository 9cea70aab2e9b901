/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ways of training, with libtorch: a run that is stopped and goes on is the run that was not, to the
 * bit; and the best model, where adapters are part of the matrices, answers as the run did.
 */
#include "config.h"

#include <string.h>

#include "attune-checkpoint.h"
#include "attune-model-folder.h"
#include "attune-run-predictions.h"
#include "train-fixture.h"

typedef struct {
  const char *title;
  const char *settings[13]; /* "name", "value", …, NULL */
} Way;

static const Way ways[] = {
  { "adam", { "optim", "adam", "l2_penalty", "0.01" } },
  { "sgd", { "optim", "sgd", "sgd_momentum", "0", "learning_rate", "0.1" } },
  { "plateau", { "lr_scheduler_type", "reduce_lr_on_plateau", "lr_plateau_patience", "0",
                 "train_sampling_strategy", "balanced", "eval_steps", "2" } },
  { "nesterov", { "optim", "sgd", "sgd_nesterov", "yes", "learning_rate", "0.05" } },
  { "layers", { "layerwise_lr_decay", "0.7", "l1_penalty", "0.0001" } },
  { "frozen", { "freeze_layers", "1", "gradient_checkpointing", "yes" } },
  { "windows", { "long_text_strategy", "windows", "max_length", "8", "window_overlap", "2",
                 "gradient_accumulation_steps", "2", "class_weight", "balanced",
                 "label_smoothing_factor", "0.1" } },
  { "bf16", { "precision", "bf16", "freeze_layers", "1", "layerwise_lr_decay", "0.8",
              "gradient_checkpointing", "yes" } },
  { "lora", { "lora_r", "4", "lora_dropout", "0.2", "learning_rate", "0.03" } },
  { "lora everywhere", { "lora_r", "2", "lora_target_modules", "all-linear", "lora_alpha", "8" } },
};

static gboolean
set_up (TrainFixture *f,
        const Way    *way)
{
  g_unsetenv ("ATTUNE_ENGINE");
  if (!train_fixture_set_up (f, NULL, 48))
    return FALSE;
  train_fixture_set (f, "per_device_train_batch_size", "4", "num_train_epochs", "2", "learning_rate",
                     "3e-3", "save_steps", "3", "precision", "fp32", "num_threads", "1",
                     "lr_scheduler_type", "polynomial", "lr_end", "1e-5", "hidden_dropout_prob", "0.1",
                     NULL);
  for (guint i = 0; way->settings[i] != NULL; i += 2)
    train_fixture_set (f, way->settings[i], way->settings[i + 1], NULL);
  return TRUE;
}

static void
assert_same_file (const char *a,
                  const char *b,
                  const char *name)
{
  g_autofree char *path_a = g_build_filename (a, name, NULL);
  g_autofree char *path_b = g_build_filename (b, name, NULL);
  g_autofree char *contents_a = NULL;
  g_autofree char *contents_b = NULL;
  gsize length_a, length_b;

  g_assert_true (g_file_get_contents (path_a, &contents_a, &length_a, NULL));
  g_assert_true (g_file_get_contents (path_b, &contents_b, &length_b, NULL));
  g_assert_cmpmem (contents_a, length_a, contents_b, length_b);
}

static void
resume (TrainFixture *f)
{
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { .dataset = f->dataset, .model = model, .config = f->config,
                         .folder = f->folder, .title = "A test", .resume = TRUE };

  attune_trainer_shutdown (f->trainer);
  g_signal_handlers_disconnect_by_data (f->run, f);
  g_clear_object (&f->trainer);
  g_clear_object (&f->run);
  f->trainer = attune_trainer_new (NULL);
  f->run = attune_run_open (f->folder, &error);
  g_assert_no_error (error);
  g_ptr_array_set_size (f->events, 0);
  train_fixture_follow (f);
  g_assert_true (attune_trainer_start (f->trainer, f->run, &job, &error));
  g_assert_no_error (error);
}

static void
test_going_on (gconstpointer data)
{
  const Way *way = data;
  TrainFixture straight = { 0 };
  TrainFixture f = { 0 };
  g_autoptr (AttuneCheckpoint) newest_a = NULL;
  g_autoptr (AttuneCheckpoint) newest_b = NULL;

  if (!set_up (&straight, way))
    return;
  train_fixture_start (&straight);
  g_assert_cmpint (train_fixture_wait (&straight)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  set_up (&f, way);
  train_fixture_start (&f);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, 4);
  attune_trainer_stop (f.trainer, NULL);
  while (train_fixture_wait (&f)->type == ATTUNE_EVENT_RUN_STOPPED)
    resume (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  newest_a = attune_checkpoint_find_newest (straight.folder, NULL);
  newest_b = attune_checkpoint_find_newest (f.folder, NULL);
  g_assert_cmpint (newest_a->step, ==, newest_b->step);
  assert_same_file (straight.folder, f.folder, "best/model.safetensors");
  assert_same_file (newest_a->path, newest_b->path, ATTUNE_CHECKPOINT_WEIGHTS);
  assert_same_file (newest_a->path, newest_b->path, ATTUNE_CHECKPOINT_OPTIMIZER);
  train_fixture_tear_down (&f);
  train_fixture_tear_down (&straight);
}

static void
test_best_answers_as_the_run_did (gconstpointer data)
{
  const Way *way = data;
  TrainFixture f = { 0 };
  g_autoptr (AttuneRunPredictions) kept = NULL;
  g_autoptr (AttuneModelFolder) best = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (!set_up (&f, way))
    return;
  train_fixture_start (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  kept = attune_run_load_predictions (f.folder, &error);
  g_assert_no_error (error);
  for (guint row = 0; row < kept->n_rows; row++)
    {
      const char *texts[] = { kept->texts[row], NULL };
      g_autoptr (AttunePredictions) answer = train_fixture_predict (&f, texts, -1, &error);

      g_assert_no_error (error);
      for (guint c = 0; c < kept->n_classes; c++)
        g_assert_cmpfloat_with_epsilon (answer->logits[c], kept->logits[row * kept->n_classes + c], 1e-4);
    }
  path = g_build_filename (f.folder, "best", NULL);
  best = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length ((char **) attune_model_folder_get_unexpected (best)), ==, 0);
  train_fixture_tear_down (&f);
}

static void
store_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static double
estimate_disk (TrainFixture *f)
{
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  AttuneEstimate estimate = { 0 };
  AttuneTrainJob job = { .dataset = f->dataset, .model = model, .config = f->config,
                         .folder = f->folder, .title = "x" };

  attune_trainer_estimate_async (f->trainer, &job, NULL, store_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (attune_trainer_estimate_finish (f->trainer, result, &estimate, &error));
  g_assert_no_error (error);
  return estimate.disk_bytes;
}

/* What is frozen has no moments to be saved. */
static void
test_checkpoints_of_little_are_small (void)
{
  static const Way plain = { "plain", { "optim", "adamw" } };
  TrainFixture f = { 0 };
  double all, descent;

  if (!set_up (&f, &plain))
    return;
  all = estimate_disk (&f);
  train_fixture_set (&f, "optim", "sgd", "sgd_momentum", "0", NULL);
  descent = estimate_disk (&f);
  g_assert_cmpfloat (descent, <, all);
  train_fixture_set (&f, "optim", "adamw", "lora_r", "1", NULL);
  g_assert_cmpfloat (estimate_disk (&f), <, all);
  g_assert_cmpfloat (estimate_disk (&f), >, descent);
  train_fixture_tear_down (&f);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/train/ways/disk", test_checkpoints_of_little_are_small);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *going_on = g_strconcat ("/train/ways/going-on/", ways[i].title, NULL);
      g_autofree char *best = g_strconcat ("/train/ways/best/", ways[i].title, NULL);

      g_test_add_data_func (going_on, &ways[i], test_going_on);
      /* Finished runs answer in fp32. */
      if (!g_str_equal (ways[i].title, "bf16"))
        g_test_add_data_func (best, &ways[i], test_best_answers_as_the_run_did);
    }
  return g_test_run ();
}
