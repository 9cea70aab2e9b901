/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of pairs and of texts with several labels: what reaches the engine, what is measured, what is
 * kept, and what cannot be asked for. Runs of many texts: how far their tokens are, and that answers
 * keep their order.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "attune-batches.h"
#include "attune-model-folder.h"
#include "attune-run-predictions.h"
#include "train-fixture.h"

static AttuneDataset *
read_dataset (const char          *csv,
              const AttuneColumns *columns)
{
  g_autoptr (GBytes) bytes = g_bytes_new (csv, strlen (csv));
  AttuneTableOptions options = { .header = ATTUNE_HEADER_YES, .delimiter = ',' };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = attune_table_read_bytes (bytes, "test.csv", &options, NULL,
                                                           &error);
  AttuneDataset *dataset;

  g_assert_no_error (error);
  dataset = attune_dataset_new (table, columns, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

/* n rows of two texts, of which even ones have the label "x", every third "y", every fifth "z". */
static AttuneDataset *
create_dataset (guint n)
{
  g_autoptr (GString) csv = g_string_new ("text,other,label\n");
  AttuneColumns columns = { .text = 0, .pair = 1, .label = 2, .separator = '|',
                            .task = ATTUNE_TASK_MULTI_LABEL };

  for (guint i = 0; i < n; i++)
    g_string_append_printf (csv, "a b%u c,d e%u,%s|%s|%s\n", i, i, i % 2 == 0 ? "x" : "",
                            i % 3 == 0 ? "y" : "", i % 5 == 0 ? "z" : "");
  return read_dataset (csv->str, &columns);
}

static gboolean
set_up (TrainFixture *f,
        const char   *script)
{
  if (!train_fixture_set_up (f, script, 20))
    return FALSE;
  g_clear_object (&f->dataset);
  f->dataset = create_dataset (60);
  train_fixture_set (f, "per_device_train_batch_size", "8", "validation_split", "0.25",
                     "num_train_epochs", "2", NULL);
  return TRUE;
}

static void
test_targets_are_packed (void)
{
  static const guint numbers[] = { 0, 1, 2, 3, 15, 30 }, rows[] = { 5, 1, 2 };
  static const float expected[] = { 1, 1, 1, 0, 0, 0, 1, 0, 0 };
  gint32 ids[6] = { 2, 2, 2, 2, 2, 2 };
  guint64 offsets[7] = { 0, 1, 2, 3, 4, 5, 6 };
  AttuneEncodedRows encoded = { .n_rows = 6, .ids = ids, .offsets = offsets };
  g_autoptr (AttuneDataset) dataset = create_dataset (60);
  AttunePackedBatch packed;

  attune_packed_batch_init (&packed);
  attune_packed_batch_fill (&packed, &encoded, NULL, rows, 3);
  attune_packed_batch_set_targets (&packed, dataset, numbers, rows);
  g_assert_null (packed.batch.labels);
  g_assert_cmpmem (packed.batch.targets, sizeof expected, expected, sizeof expected);
  attune_packed_batch_clear (&packed);
}

static void
test_run_of_several_labels (void)
{
  TrainFixture f = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRun) again = NULL;
  g_autoptr (AttuneRunPredictions) predictions = NULL;
  g_autoptr (AttuneMetrics) metrics = NULL;
  g_autoptr (AttuneModelFolder) best = NULL;
  g_autofree char *path = NULL;
  const AttuneEvent *event;
  const AttuneEvent *end;

  if (!set_up (&f, ""))
    return;
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  event = train_fixture_find (&f, ATTUNE_EVENT_RUN_STARTED, 0);
  g_assert_cmpstr (event->problem_type, ==, "multi_label_classification");
  event = train_fixture_find (&f, ATTUNE_EVENT_EVALUATION, 0);
  g_assert_true (isfinite (event->eval_f1_micro) && isfinite (event->eval_f1_macro));
  g_assert_true (isnan (event->eval_mcc));
  event = train_fixture_find (&f, ATTUNE_EVENT_STEP, 0);
  g_assert_true (isnan (event->train_accuracy));

  again = attune_run_open (f.folder, &error);
  g_assert_no_error (error);
  g_assert_true (attune_run_is_multi_label (again));
  g_assert_true (attune_run_has_pairs (again));
  g_assert_cmpstr (attune_run_get_source (again)->label_separator, ==, "|");
  predictions = attune_run_load_predictions (f.folder, &error);
  g_assert_no_error (error);
  g_assert_null (predictions->labels);
  g_assert_nonnull (predictions->pairs);
  metrics = attune_run_predictions_measure (predictions);
  g_assert_true (metrics->multi_label);
  g_assert_cmpfloat (metrics->accuracy, ==, end->eval_accuracy);
  g_assert_cmpfloat_with_epsilon (metrics->f1_micro, end->eval_f1_micro, 1e-12);

  path = g_build_filename (f.folder, "best", NULL);
  best = attune_model_folder_open (path, ATTUNE_MODEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_true (attune_model_folder_get_config (best)->multi_label);
  train_fixture_tear_down (&f);
}

/* "always the most frequent set": x of 60 rows alone: 16, none: 16, and so on; never NaN. */
static void
test_base_lines_are_of_sets (void)
{
  TrainFixture f = { 0 };
  const AttuneEvent *event;

  if (!set_up (&f, ""))
    return;
  train_fixture_start (&f);
  train_fixture_wait (&f);
  event = train_fixture_find (&f, ATTUNE_EVENT_BASELINES, 0);
  g_assert_nonnull (event);
  g_assert_cmpfloat (event->majority_accuracy, >, 0.1);
  g_assert_cmpfloat (event->majority_accuracy, <, 0.5);
  g_assert_true (isfinite (event->naive_bayes_accuracy));
  g_assert_true (isfinite (event->logistic_regression_accuracy));
  train_fixture_tear_down (&f);
}

static void
test_settings_for_one_label_are_refused (void)
{
  static const char *const settings[][2] = {
    { "class_weight", "balanced" },
    { "label_smoothing_factor", "0.1" },
    { "metric_for_best_model", "mcc" },
  };
  TrainFixture f = { 0 };
  g_autofree char *model = train_fixture_get_model ();

  if (!set_up (&f, ""))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (AttuneTrainConfig) config = attune_train_config_new ();
      g_autoptr (GError) error = NULL;
      AttuneTrainJob job = { .dataset = f.dataset, .model = model, .config = config,
                             .folder = f.folder, .title = "A test" };

      attune_train_config_set (config, settings[i][0], settings[i][1], &error);
      g_assert_no_error (error);
      g_assert_false (attune_trainer_start (f.trainer, f.run, &job, &error));
      g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
      g_assert_nonnull (strstr (error->message, settings[i][0]));
    }
  train_fixture_tear_down (&f);
}

static void
test_validation_must_be_of_the_same_kind (void)
{
  TrainFixture f = { 0 };
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (AttuneDataset) single = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { 0 };

  if (!set_up (&f, ""))
    return;
  single = train_fixture_create_dataset (10);
  job = (AttuneTrainJob) { .dataset = f.dataset, .validation = single, .model = model,
                           .config = f.config, .folder = f.folder, .title = "A test" };
  g_assert_false (attune_trainer_start (f.trainer, f.run, &job, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_DATA);
  train_fixture_tear_down (&f);
}

static void
test_predictions_of_sets_round_trip (void)
{
  float logits[] = { 0.5f, -1.25f, 2, 3 };
  gint32 sets[] = { 0, 1 };
  guint offsets[] = { 0, 2, 2 };
  char *texts[] = { (char *) "two", (char *) "none" };
  AttuneRunPredictions made = { .n_rows = 2, .n_classes = 2, .texts = texts, .logits = logits,
                                .sets = sets, .set_offsets = offsets };
  g_autofree char *json = attune_run_predictions_to_json (&made, 20);
  static const char *const broken[] = {
    "{\"version\":1,\"n_classes\":2,\"rows\":[{\"text\":\"a\",\"labels\":[1,0],\"logits\":[1,2]}]}",
    "{\"version\":1,\"n_classes\":2,\"rows\":[{\"text\":\"a\",\"labels\":[2],\"logits\":[1,2]}]}",
    "{\"version\":1,\"n_classes\":2,\"rows\":[{\"text\":\"a\",\"labels\":[-1],\"logits\":[1,2]}]}",
    "{\"version\":1,\"n_classes\":2,\"rows\":[{\"text\":\"a\",\"labels\":[0],\"logits\":[1,2]},"
    "{\"text\":\"a\",\"label\":1,\"logits\":[1,2]}]}",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRunPredictions) read = attune_run_predictions_parse (json, strlen (json), "p",
                                                                        &error);

  g_assert_no_error (error);
  g_assert_cmpmem (read->set_offsets, sizeof offsets, offsets, sizeof offsets);
  g_assert_cmpmem (read->sets, sizeof sets, sets, sizeof sets);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_assert_null (attune_run_predictions_parse (broken[i], strlen (broken[i]), "p", &error));
      g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
      g_clear_error (&error);
    }
}

/* Texts of up to 11 tokens through sequences of 8: what is measured while training is what the run
 * answers later. */
static void
test_long_texts (void)
{
  static const char *const strategies[] = { "head", "tail", "head_tail", "windows" };

  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    {
      TrainFixture f = { 0 };
      g_autoptr (AttuneRunPredictions) kept = NULL;
      g_autoptr (AttunePredictions) answers = NULL;
      g_autoptr (GError) error = NULL;
      const char *texts[2] = { NULL };

      if (!train_fixture_set_up (&f, "", 40))
        return;
      train_fixture_set (&f, "per_device_train_batch_size", "4", "max_length", "8", "window_overlap",
                         "1", "long_text_strategy", strategies[i], NULL);
      train_fixture_start (&f);
      g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
      kept = attune_run_load_predictions (f.folder, &error);
      g_assert_no_error (error);
      for (guint row = 0; row < kept->n_rows; row++)
        {
          g_auto (GStrv) words = NULL;

          texts[0] = kept->texts[row];
          g_clear_pointer (&answers, attune_predictions_free);
          answers = train_fixture_predict (&f, texts, 0, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (answers->max_length, ==, i == 3 ? 8 + 7 * 5 : 8);
          for (guint c = 0; c < kept->n_classes; c++)
            g_assert_cmpfloat_with_epsilon (answers->logits[c],
                                            kept->logits[row * kept->n_classes + c], 1e-5);
          for (guint word = 1; word < answers->n_words; word++)
            g_assert_cmpuint (answers->word_start[word], >=, answers->word_end[word - 1]);
          words = g_strsplit (texts[0], " ", -1);
          if (i == 3 || answers->n_tokens[0] <= 8)
            g_assert_cmpuint (answers->n_words, ==, g_strv_length (words));
          else
            g_assert_cmpuint (answers->n_words, <=, g_strv_length (words));
        }
      train_fixture_tear_down (&f);
    }
}

static void
test_long_pairs_are_refused (void)
{
  TrainFixture f = { 0 };
  const AttuneEvent *end;

  if (!set_up (&f, ""))
    return;
  train_fixture_set (&f, "long_text_strategy", "windows", NULL);
  train_fixture_start (&f);
  end = train_fixture_wait (&f);
  g_assert_cmpint (end->type, ==, ATTUNE_EVENT_RUN_FAILED);
  g_assert_nonnull (strstr (end->message, "long_text_strategy"));
  train_fixture_tear_down (&f);
}

static void
note_progress_cb (AttuneRun  *run,
                  GParamSpec *pspec,
                  gpointer    data)
{
  double progress = attune_run_get_phase_progress (run);

  g_array_append_val ((GArray *) data, progress);
}

/* How far the tokens are is said while it lasts, and not written down. */
static void
test_tokenizing_says_how_far_it_is (void)
{
  g_autoptr (GArray) said = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GString) csv = g_string_new ("text,label\n");
  g_autofree char *path = NULL, *text = NULL;
  double last = 0;
  guint n = 0;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 2))
    return;
  /* Three chunks of rows, but too few tokens to be kept, so that they are made each time. */
  for (guint i = 0; i < 8300; i++)
    g_string_append (csv, i % 2 == 0 ? "a b,no\n" : "c d,yes\n");
  g_object_unref (f.dataset);
  f.dataset = train_fixture_read_dataset (csv->str);
  train_fixture_set (&f, "max_steps", "1", "eval_strategy", "no", NULL);
  g_signal_connect (f.run, "notify::phase-progress", G_CALLBACK (note_progress_cb), said);
  train_fixture_start (&f);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  for (guint i = 0; i < f.events->len; i++)
    {
      const AttuneEvent *event = f.events->pdata[i];

      if (!attune_event_is_passing (event))
        continue;
      g_assert_cmpint (event->type, ==, ATTUNE_EVENT_PHASE);
      g_assert_cmpstr (event->name, ==, "tokenizing");
      g_assert_cmpfloat (event->progress, >, last);
      g_assert_cmpfloat (event->progress, <, 1);
      last = event->progress;
      n++;
    }
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (said->len, >, 0);
  g_assert_cmpfloat (g_array_index (said, double, said->len - 1), ==, -1);
  path = g_build_filename (f.folder, "events.jsonl", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (strstr (text, "\"tokenizing\"") + 1, "\"tokenizing\""));
  train_fixture_tear_down (&f);
}

/* They are tokenized by several threads and computed longest first. */
static void
test_answers_keep_their_order (void)
{
  const guint n = 9000;
  g_autoptr (GPtrArray) texts = g_ptr_array_new_null_terminated (n, g_free, TRUE);
  g_autoptr (AttunePredictions) all = NULL, one = NULL;
  g_autoptr (GError) error = NULL;
  TrainFixture f = { 0 };

  if (!train_fixture_set_up (&f, "", 20))
    return;
  train_fixture_set (&f, "max_steps", "1", "eval_strategy", "no", NULL);
  train_fixture_start (&f);
  train_fixture_wait (&f);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) text = g_string_new ("a");

      for (guint word = 0; word < i * 5 % 9; word++)
        g_string_append_printf (text, " %c", 'b' + (i + word) % 20);
      g_ptr_array_add (texts, g_string_free_and_steal (g_steal_pointer (&text)));
    }
  all = train_fixture_predict (&f, (const char * const *) texts->pdata, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->n_rows, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (all->n_tokens[i], ==, i * 5 % 9 + 3);
  for (guint i = 5; i < n; i += n / 3)
    {
      const char *text[] = { texts->pdata[i], NULL };

      one = train_fixture_predict (&f, text, -1, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (one->logits, 2 * sizeof (float), all->logits + 2 * (gsize) i,
                       2 * sizeof (float));
      g_clear_pointer (&one, attune_predictions_free);
    }
  train_fixture_tear_down (&f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/train/kinds/targets-are-packed", test_targets_are_packed);
  g_test_add_func ("/train/kinds/run-of-several-labels", test_run_of_several_labels);
  g_test_add_func ("/train/kinds/base-lines-are-of-sets", test_base_lines_are_of_sets);
  g_test_add_func ("/train/kinds/settings-for-one-label-are-refused",
                   test_settings_for_one_label_are_refused);
  g_test_add_func ("/train/kinds/validation-must-be-of-the-same-kind",
                   test_validation_must_be_of_the_same_kind);
  g_test_add_func ("/train/kinds/predictions-of-sets-round-trip",
                   test_predictions_of_sets_round_trip);
  g_test_add_func ("/train/kinds/tokenizing-says-how-far-it-is",
                   test_tokenizing_says_how_far_it_is);
  g_test_add_func ("/train/kinds/long-texts", test_long_texts);
  g_test_add_func ("/train/kinds/long-pairs", test_long_pairs_are_refused);
  g_test_add_func ("/train/kinds/answers-keep-their-order", test_answers_keep_their_order);
  return g_test_run ();
}
