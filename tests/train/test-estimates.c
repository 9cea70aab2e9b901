/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked of the trainer before a run: its cost, and what there is to compute on.
 */
#include "train-fixture.h"

static void
store_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_estimate_and_devices (void)
{
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  AttuneEstimate estimate = { 0 };
  TrainFixture f = { 0 };
  AttuneTrainJob job;

  if (!train_fixture_set_up (&f, "slow=2ms", 100))
    return;
  train_fixture_set (&f, "per_device_train_batch_size", "8", "num_train_epochs", "2", NULL);
  job = (AttuneTrainJob) { .dataset = f.dataset, .model = model, .config = f.config,
                           .folder = f.folder, .title = "x" };
  attune_trainer_estimate_async (f.trainer, &job, NULL, store_cb, &result);
  attune_trainer_devices_async (f.trainer, NULL, store_cb, &listed);
  while (result == NULL || listed == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (attune_trainer_estimate_finish (f.trainer, result, &estimate, &error));
  g_assert_no_error (error);
  g_assert_cmpint (estimate.steps, ==, 24);
  g_assert_cmpfloat (estimate.seconds, >, 0.04);
  g_assert_cmpfloat (estimate.seconds, <, 2);
  g_assert_cmpfloat (estimate.disk_bytes, >, 0);
  g_assert_false (g_file_test (f.folder, G_FILE_TEST_EXISTS));
  devices = attune_trainer_devices_finish (f.trainer, listed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (devices->len, >=, 1);
  g_assert_cmpstr (((AttuneDeviceInfo *) devices->pdata[0])->id, ==, "cpu");
  g_clear_object (&result);
  g_clear_object (&listed);
  train_fixture_tear_down (&f);
}

static double
estimate_memory (TrainFixture *f)
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
  return estimate.memory_bytes;
}

/* What costs more or less is measured anew, and nothing else is. */
static void
test_estimates_know_the_settings (void)
{
  static const char * const settings[][2] = {
    { "optim", "sgd" }, { "freeze_layers", "1" }, { "freeze_embeddings", "yes" },
    { "gradient_checkpointing", "yes" }, { "lora_target_modules", "all-linear" },
  };
  double before;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 100))
    return;
  before = estimate_memory (&f);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      double memory;

      train_fixture_set (&f, settings[i][0], settings[i][1], NULL);
      memory = estimate_memory (&f);
      g_assert_cmpfloat (memory, >, before);
      before = memory;
    }
  train_fixture_set (&f, "learning_rate", "1e-4", NULL);
  g_assert_cmpfloat (estimate_memory (&f), ==, before);
  train_fixture_tear_down (&f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/train/estimates/estimate", test_estimate_and_devices);
  g_test_add_func ("/train/estimates/settings", test_estimates_know_the_settings);
  return g_test_run ();
}
