/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Real training with libtorch against transformers: the sample data through a tiny BERT (numbers in
 * tests/fixtures/train, made by make-sample-curve.py), the golden curves of MiniLM where they and
 * the model are present; against PyTorch alone: texts with several labels (make-label-sets-curve.py);
 * and that a model learns eight rows by heart.
 */
#include "config.h"

#include <math.h>
#include <yyjson.h>

#include "attune-model-store.h"
#include "train-fixture.h"

#define FOLLOWED 6

static gboolean
has_engine (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("ATTUNE_ENGINE_DIR"), "attune-engine-cpu.so",
                                            NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_test_skip ("needs the libtorch engine");
  return FALSE;
}

static AttuneDataset *
read_file (const char    *path,
           AttuneQuoting  quoting)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  AttuneTableOptions options = { .header = ATTUNE_HEADER_YES, .quoting = quoting };
  AttuneColumns columns = { 0, -1, 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = attune_table_read (file, &options, NULL, &error);
  AttuneDataset *dataset;

  g_assert_no_error (error);
  dataset = attune_dataset_new (table, &columns, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static char *
digest_rows (AttuneDataset *dataset,
             guint          n_rows)
{
  g_autoptr (GString) all = g_string_new (NULL);
  const gint32 *labels = attune_dataset_get_labels (dataset);

  for (guint i = 0; i < n_rows; i++)
    {
      gsize length = 0;
      const char *text = attune_dataset_get_text (dataset, i, &length);

      g_string_append (all, i > 0 ? "\n" : "");
      g_string_append_len (all, text, (gssize) length);
      g_string_append_printf (all, "\t%s", attune_dataset_get_label_names (dataset)[labels[i]]);
    }
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all->str, (gssize) all->len);
}

static double
get_number (yyjson_val *list,
            guint       index,
            const char *key)
{
  return yyjson_get_num (yyjson_obj_get (yyjson_arr_get (list, index), key));
}

static double
get_distance (double got,
              double want)
{
  return fabs (got - want) / MAX (fabs (want), 1e-12);
}

/* The first n steps of the run against the list of a reference. */
static void
assert_follows (TrainFixture *f,
                yyjson_val   *steps,
                const char   *rate_key,
                guint         n)
{
  for (guint i = 0; i < n; i++)
    {
      const AttuneEvent *event = train_fixture_find (f, ATTUNE_EVENT_STEP, i);

      g_assert_nonnull (event);
      g_assert_cmpfloat (get_distance (event->loss, get_number (steps, i, "loss")), <, 1e-3);
      g_assert_cmpfloat (get_distance (event->grad_norm, get_number (steps, i, "grad_norm")), <,
                         1e-2);
      g_assert_cmpfloat_with_epsilon (event->learning_rate, get_number (steps, i, rate_key), 1e-12);
    }
}

static void
start (TrainFixture  *f,
       AttuneDataset *dataset,
       const char    *model,
       const char    *head)
{
  g_autoptr (GError) error = NULL;
  AttuneTrainJob job = { .dataset = dataset, .model = model, .head = head, .config = f->config,
                         .folder = f->folder, .title = "A test" };

  attune_trainer_start (f->trainer, f->run, &job, &error);
  g_assert_no_error (error);
}

static void
test_sample_data_follow_the_reference (void)
{
  const char *source = g_getenv ("G_TEST_SRCDIR");
  g_autofree char *csv = g_build_filename (g_getenv ("ATTUNE_DATA_DIR"), "samples", "remarks.csv",
                                           NULL);
  g_autofree char *curve = g_build_filename (source, "fixtures", "train", "sample-curve.json",
                                             NULL);
  g_autofree char *head = g_build_filename (source, "fixtures", "train", "sample-head.safetensors",
                                            NULL);
  g_autofree char *model = train_fixture_get_model ();
  g_autofree char *digest = NULL;
  g_autofree char *settings = NULL;
  g_autoptr (AttuneDataset) all = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  yyjson_doc *doc;
  yyjson_val *root;
  guint n_rows;
  TrainFixture f = { 0 };

  if (!has_engine () || !train_fixture_set_up (&f, NULL, 2))
    return;
  doc = yyjson_read_file (curve, 0, NULL, NULL);
  root = yyjson_doc_get_root (doc);
  n_rows = (guint) yyjson_get_uint (yyjson_obj_get (root, "rows"));
  all = read_file (csv, ATTUNE_QUOTING_RFC4180);
  dataset = attune_dataset_new_head (all, n_rows);
  digest = digest_rows (dataset, n_rows);
  if (!g_str_equal (digest, yyjson_get_str (yyjson_obj_get (root, "sha256"))))
    g_error ("The sample data have changed; run tests/fixtures/train/make-sample-curve.py again");
  settings = yyjson_val_write (yyjson_obj_get (root, "settings"), 0, NULL);
  attune_train_config_load_json (f.config, settings, -1, &error);
  g_assert_no_error (error);
  start (&f, dataset, model, head);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, 30);
  assert_follows (&f, yyjson_obj_get (root, "steps"), "learning_rate", 30);
  yyjson_doc_free (doc);
  train_fixture_tear_down (&f);
}

/* A column of 0 and 1 for each label. */
static AttuneDataset *
create_label_sets (yyjson_val *root)
{
  yyjson_val *labels = yyjson_obj_get (root, "labels"), *row;
  guint n_labels = (guint) yyjson_arr_size (labels);
  AttuneColumns columns = { .text = 0, .pair = -1, .label = 1, .task = ATTUNE_TASK_MULTI_LABEL,
                            .n_more = n_labels - 1 };
  AttuneTableOptions options = { .header = ATTUNE_HEADER_YES, .delimiter = ',' };
  g_autoptr (GString) csv = g_string_new ("text");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset;
  size_t i, n;

  for (guint c = 0; c < n_labels; c++)
    {
      g_string_append_printf (csv, ",%s", yyjson_get_str (yyjson_arr_get (labels, c)));
      if (c > 0)
        columns.more[c - 1] = (gint) c + 1;
    }
  yyjson_arr_foreach (yyjson_obj_get (root, "rows"), i, n, row)
    {
      yyjson_val *theirs = yyjson_obj_get (row, "labels"), *label;
      size_t j, n_theirs;

      g_string_append_printf (csv, "\n%s", yyjson_get_str (yyjson_obj_get (row, "text")));
      for (guint c = 0; c < n_labels; c++)
        {
          gboolean has = FALSE;

          yyjson_arr_foreach (theirs, j, n_theirs, label)
            has = has || yyjson_equals (label, yyjson_arr_get (labels, c));
          g_string_append (csv, has ? ",1" : ",0");
        }
    }
  bytes = g_bytes_new (csv->str, csv->len);
  table = attune_table_read_bytes (bytes, "sets.csv", &options, NULL, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_new (table, &columns, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
test_label_sets_follow_the_reference (void)
{
  const char *source = g_getenv ("G_TEST_SRCDIR");
  g_autofree char *curve = g_build_filename (source, "fixtures", "train", "label-sets-curve.json",
                                             NULL);
  g_autofree char *head = g_build_filename (source, "fixtures", "train",
                                            "label-sets-head.safetensors", NULL);
  g_autofree char *model = train_fixture_get_model ();
  g_autofree char *settings = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  yyjson_doc *doc;
  yyjson_val *root;
  TrainFixture f = { 0 };

  if (!has_engine () || !train_fixture_set_up (&f, NULL, 2))
    return;
  doc = yyjson_read_file (curve, 0, NULL, NULL);
  root = yyjson_doc_get_root (doc);
  dataset = create_label_sets (root);
  settings = yyjson_val_write (yyjson_obj_get (root, "settings"), 0, NULL);
  attune_train_config_load_json (f.config, settings, -1, &error);
  g_assert_no_error (error);
  start (&f, dataset, model, head);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  g_assert_cmpuint (train_fixture_count (&f, ATTUNE_EVENT_STEP), ==, 10);
  assert_follows (&f, yyjson_obj_get (root, "steps"), "learning_rate", 10);
  yyjson_doc_free (doc);
  train_fixture_tear_down (&f);
}

static void
test_eight_rows_are_learnt_by_heart (void)
{
  const char * const texts[] = { "a b c", "d e", NULL };
  g_autoptr (AttuneDataset) dataset = train_fixture_read_dataset (
    "text,label\na b c,yes\nd e,no\nf g h,yes\ni,no\nj k,yes\nl m n o,no\np q,yes\nr s t,no\n");
  g_autofree char *model = train_fixture_get_model ();
  g_autoptr (AttunePredictions) live = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneRunHistory *history;
  TrainFixture f = { 0 };

  if (!has_engine () || !train_fixture_set_up (&f, NULL, 2))
    return;
  train_fixture_set (&f, "num_train_epochs", "150", "per_device_train_batch_size", "8",
                     "learning_rate", "3e-3", "eval_strategy", "no", NULL);
  start (&f, dataset, model, NULL);
  g_assert_cmpint (train_fixture_wait (&f)->type, ==, ATTUNE_EVENT_RUN_FINISHED);
  history = attune_run_get_history (f.run);
  g_assert_cmpfloat (g_array_index (history->loss, double, history->loss->len - 1), <, 0.05);
  g_assert_cmpfloat (g_array_index (history->train_accuracy, double, history->loss->len - 1), ==,
                     1);

  /* And best/ says the same when it is asked. Labels are in natural order: no, yes. */
  live = train_fixture_predict (&f, texts, -2, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (live->logits[1], >, live->logits[0]);
  g_assert_cmpfloat (live->logits[2], >, live->logits[3]);
  g_assert_cmpuint (live->n_words, ==, 3);
  train_fixture_tear_down (&f);
}

/* Rows of sst2-glue as the golden was made with, as the only texts of a table. */
static AttuneDataset *
cut_rows (AttuneDataset *all,
          guint          first,
          guint          n)
{
  g_autoptr (GString) tsv = g_string_new ("text\tlabel\n");
  AttuneTableOptions options = { .header = ATTUNE_HEADER_YES, .delimiter = '\t',
                                 .quoting = ATTUNE_QUOTING_NONE };
  AttuneColumns columns = { 0, -1, 1 };
  const gint32 *labels = attune_dataset_get_labels (all);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset;

  for (guint i = first; i < first + n; i++)
    {
      gsize length = 0;
      const char *text = attune_dataset_get_text (all, i, &length);

      g_string_append_len (tsv, text, (gssize) length);
      g_string_append_printf (tsv, "\t%d\n", labels[i]);
    }
  bytes = g_bytes_new (tsv->str, tsv->len);
  table = attune_table_read_bytes (bytes, "golden.tsv", &options, NULL, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_new (table, &columns, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
follow_golden (const char *name,
               guint       first,
               guint       n_steps,
               ...) G_GNUC_NULL_TERMINATED;

/* Follows the first steps of a golden curve and stops, which is enough to see every option. */
static void
follow_golden (const char *name,
               guint       first,
               guint       n_steps,
               ...)
{
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autofree char *curve = g_build_filename (shared != NULL ? shared : "", "goldens", name, NULL);
  g_autofree char *head = g_build_filename (shared != NULL ? shared : "", "goldens",
                                            "minilm-head.safetensors", NULL);
  g_autofree char *tsv = g_build_filename (shared != NULL ? shared : "", "datasets", "sst2-glue",
                                           "train.tsv", NULL);
  g_autofree char *model = attune_model_store_resolve ("minilm-l6", NULL);
  g_autoptr (AttuneDataset) all = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  const char *setting;
  yyjson_doc *doc;
  TrainFixture f = { 0 };
  va_list args;

  if (!g_file_test (curve, G_FILE_TEST_EXISTS) || !g_file_test (tsv, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("needs the shared goldens and sst2-glue (ATTUNE_SHARED)");
      return;
    }
  if (model == NULL)
    {
      g_test_skip ("needs the model minilm-l6 in the model store");
      return;
    }
  if (!has_engine () || !train_fixture_set_up (&f, NULL, 2))
    return;
  doc = yyjson_read_file (curve, 0, NULL, NULL);
  all = read_file (tsv, ATTUNE_QUOTING_NONE);
  dataset = cut_rows (all, first, 32 * n_steps);
  va_start (args, n_steps);
  while ((setting = va_arg (args, const char *)) != NULL)
    train_fixture_set (&f, setting, va_arg (args, const char *), NULL);
  va_end (args);
  train_fixture_set (&f, "hidden_dropout_prob", "0", "attention_probs_dropout_prob", "0",
                     "classifier_dropout", "0", "train_sampling_strategy", "sequential",
                     "max_length", "128", "eval_strategy", "no", "precision", "fp32",
                     "device", "cpu", NULL);
  start (&f, dataset, model, head);
  train_fixture_wait_for (&f, ATTUNE_EVENT_STEP, FOLLOWED);
  attune_trainer_stop (f.trainer, "Seen enough");
  train_fixture_wait (&f);
  assert_follows (&f, yyjson_obj_get (yyjson_doc_get_root (doc), "steps"), "lr", FOLLOWED);
  yyjson_doc_free (doc);
  train_fixture_tear_down (&f);
}

static void
test_golden_plain (void)
{
  follow_golden ("minilm-curve-plain.json", 0, 100, "max_steps", "100",
                 "per_device_train_batch_size", "32", "learning_rate", "5e-5", "warmup_steps", "10",
                 "weight_decay", "0.01", NULL);
}

static void
test_golden_options (void)
{
  follow_golden ("minilm-curve-options.json", 5000, 30, "max_steps", "30",
                 "per_device_train_batch_size", "8", "gradient_accumulation_steps", "4",
                 "learning_rate", "1e-4", "warmup_steps", "3", "weight_decay", "0.1",
                 "max_grad_norm", "0.5", "label_smoothing_factor", "0.1", "class_weight", "0.7,1.3",
                 NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/learning/sample-data", test_sample_data_follow_the_reference);
  g_test_add_func ("/train/learning/label-sets", test_label_sets_follow_the_reference);
  g_test_add_func ("/train/learning/eight-rows", test_eight_rows_are_learnt_by_heart);
  g_test_add_func ("/train/learning/golden-plain", test_golden_plain);
  g_test_add_func ("/train/learning/golden-options", test_golden_options);
  return g_test_run ();
}
