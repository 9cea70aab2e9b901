/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The base lines: by hand on a few rows, and the known floors of real data sets.
 */
#include "config.h"

#include <math.h>

#include "attune-baselines.h"
#include "attune-naive-bayes.h"

static AttuneTokenizer *
open_uncased (void)
{
  const AttuneTokenizerOptions options = { TRUE, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE };
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizer", "bert-base-uncased.txt", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AttuneTokenizer *tokenizer;
  char *contents;
  gsize size;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_take (contents, size);
  tokenizer = attune_tokenizer_new_wordpiece (bytes, path, &options, &error);
  g_assert_no_error (error);

  return tokenizer;
}

static AttuneDataset *
dataset_from (AttuneTable         *table,
              AttuneColumns        columns,
              const char * const  *label_names)
{
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset = attune_dataset_new (table, &columns, label_names, &error);

  g_assert_no_error (error);

  return dataset;
}

static AttuneDataset *
dataset_from_text (const char          *text,
                   const char * const  *label_names)
{
  const AttuneTableOptions options = { .delimiter = '\t', .quoting = ATTUNE_QUOTING_NONE,
                                 .header = ATTUNE_HEADER_YES, .encoding = "UTF-8" };
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table =
    attune_table_read_bytes (bytes, "test", &options, NULL, &error);

  g_assert_no_error (error);

  return dataset_from (table, (AttuneColumns) { 0, -1, 1 }, label_names);
}

static GArray *
all_rows (AttuneDataset *dataset)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint row = 0; row < attune_dataset_get_n_rows (dataset); row++)
    g_array_append_val (rows, row);

  return rows;
}

static void
test_majority (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneDataset) train =
    dataset_from_text ("text\tlabel\ngood\ta\nbad\tb\nbad film\tb\ngood film\ta\nso\tc\n", NULL);
  g_autoptr (AttuneDataset) validation =
    dataset_from_text ("text\tlabel\ngood\ta\nbad\tb\nbad film\tb\n",
                       attune_dataset_get_label_names (train));
  g_autoptr (GArray) train_rows = all_rows (train);
  g_autoptr (GArray) validation_rows = all_rows (validation);
  g_autoptr (GError) error = NULL;
  AttuneBaselines baselines;

  attune_baselines_compute (train, train_rows, validation, validation_rows, tokenizer, NULL,
                            &baselines, &error);
  g_assert_no_error (error);
  /* Two labels are equally frequent: the lower id. */
  g_assert_cmpint (baselines.majority_label, ==, 0);
  g_assert_cmpfloat (baselines.majority_accuracy, ==, 1.0 / 3.0);
  g_assert_cmpfloat (baselines.naive_bayes_accuracy, ==, 1.0);

  /* Only the rows that are asked for count. */
  g_array_remove_index (train_rows, 0);
  g_array_set_size (validation_rows, 0);
  attune_baselines_compute (train, train_rows, validation, validation_rows, tokenizer, NULL,
                            &baselines, &error);
  g_assert_no_error (error);
  g_assert_cmpint (baselines.majority_label, ==, 1);
  g_assert_true (isnan (baselines.majority_accuracy));
  g_assert_true (isnan (baselines.naive_bayes_accuracy));
}

static void
test_cancels (void)
{
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneDataset) dataset = dataset_from_text ("text\tlabel\ngood\ta\nbad\tb\n", NULL);
  g_autoptr (GArray) rows = all_rows (dataset);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  AttuneBaselines baselines;

  g_cancellable_cancel (cancellable);
  g_assert_false (attune_baselines_compute (dataset, rows, dataset, rows, tokenizer, cancellable,
                                            &baselines, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* P(0) = 2/3. Class 0 has seen 1, 2 and (1, 2) in one row and 1 in the other; class 1 has seen 2.
 * There are 3 features, so with smoothing 0.5 the row (2) scores 2/3 · 1.5/5.5 against
 * 1/3 · 1.5/2.5. */
static void
test_naive_bayes_by_hand (void)
{
  g_autoptr (AttuneNaiveBayes) bayes = attune_naive_bayes_new (3, 0.5);
  const gint32 ids[] = { 1, 2, 9, 1, 1, 1, 2 };

  attune_naive_bayes_add (bayes, ids, 2, 0);
  attune_naive_bayes_add (bayes, ids, 1, 0);
  attune_naive_bayes_add (bayes, ids + 1, 1, 1);
  g_assert_cmpint (attune_naive_bayes_predict (bayes, ids + 1, 1), ==, 1);
  g_assert_cmpint (attune_naive_bayes_predict (bayes, ids, 1), ==, 0);
  g_assert_cmpint (attune_naive_bayes_predict (bayes, ids, 2), ==, 0);
  /* Nothing known: the more frequent class. */
  g_assert_cmpint (attune_naive_bayes_predict (bayes, ids, 0), ==, 0);
  g_assert_cmpint (attune_naive_bayes_predict (bayes, ids + 2, 1), ==, 0);
}

static void
test_many_classes (void)
{
  g_autoptr (AttuneNaiveBayes) bayes = attune_naive_bayes_new (1000, 0.3);

  for (guint round = 0; round < 3; round++)
    for (gint32 label = 0; label < 1000; label++)
      {
        const gint32 ids[] = { 7, label + 100, 8, 9 };

        attune_naive_bayes_add (bayes, ids, G_N_ELEMENTS (ids), label);
      }
  for (gint32 label = 0; label < 1000; label++)
    {
      const gint32 ids[] = { 8, label + 100 };

      g_assert_cmpint (attune_naive_bayes_predict (bayes, ids, G_N_ELEMENTS (ids)), ==, label);
    }
}

/* Accuracies found once with a separate implementation in Python. */
static const struct {
  const char *path;
  const char *train;
  const char *validation;
  AttuneHeader header;
  AttuneColumns columns;
  double majority;
  double naive_bayes;
  double logistic_regression; /* at least */
} floors[] = {
  { "/baselines/floor/sst2", "sst2-glue/train.tsv", "sst2-glue/dev.tsv", ATTUNE_HEADER_YES,
    { 0, -1, 1 }, 444.0 / 872.0, 708.0 / 872.0, 0.8 },
  { "/baselines/floor/cola", "cola/in_domain_train.tsv", "cola/in_domain_dev.tsv", ATTUNE_HEADER_NO,
    { 3, -1, 1 }, 365.0 / 527.0, 339.0 / 527.0, 0.6 },
};

static AttuneTable *
open_shared (const char   *name,
             AttuneHeader  header)
{
  const AttuneTableOptions options = { .delimiter = '\t', .quoting = ATTUNE_QUOTING_NONE,
                                 .header = header, .encoding = "UTF-8" };
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  AttuneTable *table;

  if (shared != NULL)
    path = g_build_filename (shared, "datasets", name, NULL);
  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *message = g_strdup_printf ("needs ATTUNE_SHARED with datasets/%s", name);

      g_test_skip (message);
      return NULL;
    }

  file = g_file_new_for_path (path);
  table = attune_table_read (file, &options, NULL, &error);
  g_assert_no_error (error);

  return table;
}

static void
test_floor (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (AttuneTable) train_table = open_shared (floors[i].train, floors[i].header);
  g_autoptr (AttuneTable) validation_table = NULL;
  g_autoptr (AttuneDataset) train = NULL;
  g_autoptr (AttuneDataset) validation = NULL;
  g_autoptr (GArray) train_rows = NULL;
  g_autoptr (GArray) validation_rows = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (GError) error = NULL;
  AttuneBaselines baselines;

  if (train_table == NULL)
    return;

  validation_table = open_shared (floors[i].validation, floors[i].header);
  train = dataset_from (train_table, floors[i].columns, NULL);
  validation = dataset_from (validation_table, floors[i].columns,
                             attune_dataset_get_label_names (train));
  train_rows = all_rows (train);
  validation_rows = all_rows (validation);

  g_test_timer_start ();
  attune_baselines_compute (train, train_rows, validation, validation_rows, tokenizer, NULL,
                            &baselines, &error);
  g_assert_no_error (error);
  g_test_message ("%u rows in %.2f s, logistic regression %.4f", train_rows->len,
                  g_test_timer_elapsed (), baselines.logistic_regression_accuracy);
  g_assert_cmpfloat (baselines.logistic_regression_accuracy, >, floors[i].logistic_regression);
  g_assert_cmpfloat_with_epsilon (baselines.majority_accuracy, floors[i].majority, 1e-12);
  g_assert_cmpfloat_with_epsilon (baselines.naive_bayes_accuracy, floors[i].naive_bayes, 1e-12);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/baselines/majority", test_majority);
  g_test_add_func ("/baselines/cancels", test_cancels);
  g_test_add_func ("/baselines/naive-bayes-by-hand", test_naive_bayes_by_hand);
  g_test_add_func ("/baselines/many-classes", test_many_classes);
  for (gsize i = 0; i < G_N_ELEMENTS (floors); i++)
    g_test_add_data_func (floors[i].path, GSIZE_TO_POINTER (i), test_floor);

  return g_test_run ();
}
