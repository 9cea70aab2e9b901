/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs side by side: which rows are paired and which are not, settings that differ, seeds that are
 * one group, and what is said of all that.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>

#include "attune-run-comparison.h"
#include "attune-run-folder.h"
#include "attune-run-predictions.h"

#define N_ROWS 40

typedef struct {
  char *root;
  GPtrArray *folders; /* NULL-terminated once compared */
} Fixture;

/* What a run is made with. */
typedef struct {
  const char *seed;
  const char *rate;
  guint n_wrong;       /* the first so many rows */
  guint n_rows;        /* 0: N_ROWS; or G_MAXUINT for a run that was not evaluated */
  const char *text;    /* nullable: instead of "row" */
  gboolean swapped;    /* class ids the other way round, for the same names */
  const char *labels;  /* nullable: names */
  const char *data_sha256;
} Made;

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
  fixture->root = g_dir_make_tmp ("attune-comparison-XXXXXX", NULL);
  fixture->folders = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  remove_below (fixture->root);
  g_ptr_array_unref (fixture->folders);
  g_free (fixture->root);
}

static void
write_predictions (AttuneRunFolder *folder,
                   const Made      *made,
                   guint            n_rows)
{
  AttuneRunPredictions predictions = { .n_rows = n_rows, .n_classes = 2 };
  g_auto (GStrv) texts = g_new0 (char *, n_rows + 1);
  g_autofree gint32 *labels = g_new (gint32, n_rows);
  g_autofree float *logits = g_new (float, 2 * n_rows);
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_rows; i++)
    {
      gint32 label = (gint32) (made->swapped ? 1 - i % 2 : i % 2);
      gint32 guess = i < made->n_wrong ? 1 - label : label;

      texts[i] = g_strdup_printf ("%s %u", made->text != NULL ? made->text : "row", i);
      labels[i] = label;
      logits[2 * i + (guint) guess] = 2;
      logits[2 * i + 1 - (guint) guess] = -1;
    }
  predictions.texts = texts;
  predictions.labels = labels;
  predictions.logits = logits;
  json = attune_run_predictions_to_json (&predictions, 10);
  attune_run_folder_write (folder, "predictions.json", json, -1, &error);
  g_assert_no_error (error);
}

static void
append (AttuneRunFolder *folder,
        AttuneEventType  type,
        double           accuracy)
{
  g_autoptr (AttuneEvent) event = attune_event_new (type);
  g_autoptr (GError) error = NULL;

  event->step = event->best_step = 10;
  event->time = 75;
  event->eval_accuracy = accuracy;
  event->eval_loss = event->eval_f1_macro = 0.5;
  event->train_samples_per_second = 250;
  attune_run_folder_append (folder, event, &error);
  g_assert_no_error (error);
}

static void
make_run (Fixture    *fixture,
          const Made *made)
{
  g_autofree char *name = g_strdup_printf ("run-%u", fixture->folders->len);
  char *path = g_build_filename (fixture->root, name, NULL);
  g_autoptr (AttuneRunRecord) record = attune_run_record_new ();
  g_autoptr (AttuneRunFolder) folder = NULL;
  g_autoptr (GError) error = NULL;
  guint n_rows = made->n_rows > 0 ? made->n_rows : N_ROWS;

  g_ptr_array_add (fixture->folders, path);
  record->title = g_strdup (name);
  record->labels = g_strsplit (made->labels != NULL ? made->labels
                               : made->swapped ? "good,bad" : "bad,good", ",", -1);
  record->source->model = g_strdup ("minilm-l6");
  record->source->data_paths = g_strsplit ("/data/reviews.csv", "|", -1);
  record->source->data_sha256 = g_strdup (made->data_sha256);
  record->learning_rate = 5e-5;
  record->precision = g_strdup ("fp32");
  record->device = g_strdup ("cpu");
  record->threads = 2;
  attune_train_config_set (record->config, "seed", made->seed, &error);
  g_assert_no_error (error);
  attune_train_config_set (record->config, "learning_rate", made->rate, &error);
  g_assert_no_error (error);
  if (!g_str_equal (made->rate, "auto"))
    record->learning_rate = g_ascii_strtod (made->rate, NULL);

  folder = attune_run_folder_create (path, &error);
  g_assert_no_error (error);
  attune_run_folder_begin (folder, record, &error);
  g_assert_no_error (error);
  if (n_rows != G_MAXUINT)
    {
      double accuracy = 1 - (double) made->n_wrong / n_rows;

      append (folder, ATTUNE_EVENT_EVALUATION, accuracy);
      write_predictions (folder, made, n_rows);
      append (folder, ATTUNE_EVENT_RUN_FINISHED, accuracy);
    }
}

static AttuneRunComparison *
compare (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  AttuneRunComparison *comparison;

  g_ptr_array_add (fixture->folders, NULL);
  comparison = attune_run_comparison_new ((const char * const *) fixture->folders->pdata, NULL,
                                          &error);
  g_assert_no_error (error);
  return comparison;
}

/* The row called so, or NULL. */
static const AttuneComparedRow *
find_row (GPtrArray  *rows,
          const char *name)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const AttuneComparedRow *row = g_ptr_array_index (rows, i);

      if (g_str_equal (row->name, name))
        return row;
    }
  return NULL;
}

static void
test_the_same_rows_are_paired (Fixture       *fixture,
                               gconstpointer  data)
{
  static const Made made[] = { { "1", "auto", 12 }, { "1", "1e-4", 2 } };
  g_autoptr (AttuneRunComparison) comparison = NULL;
  g_autofree char *obstacle = NULL;
  g_autofree char *words = NULL;
  g_autofree char *text = NULL;
  AttunePairedTest test;

  make_run (fixture, &made[0]);
  make_run (fixture, &made[1]);
  comparison = compare (fixture);
  obstacle = attune_run_comparison_test (comparison, 0, 1, &test);
  g_assert_null (obstacle);
  g_assert_cmpuint (test.n_rows, ==, N_ROWS);
  g_assert_cmpuint (test.n_only_first, ==, 0);
  g_assert_cmpuint (test.n_only_second, ==, 10);
  g_assert_cmpfloat_with_epsilon (test.difference, 0.25, 1e-12);
  g_assert_cmpfloat_with_epsilon (test.p_value, 2.0 / 1024, 1e-12);
  words = attune_run_comparison_describe_test (comparison, 0, 1);
  g_assert_nonnull (strstr (words, "B against A: +25.00 points"));
  g_assert_nonnull (strstr (words, "p = 0.002: more than chance"));
  text = attune_run_comparison_to_text (comparison);
  g_assert_nonnull (strstr (text, words));
  g_assert_nonnull (strstr (text, "70.00 %"));
  g_assert_nonnull (strstr (text, "0:01:15"));
}

static void
test_ids_may_differ_where_names_do_not (Fixture       *fixture,
                                        gconstpointer  data)
{
  static const Made made[] = { { "1", "auto", 3 }, { "2", "auto", 3, .swapped = TRUE } };
  g_autoptr (AttuneRunComparison) comparison = NULL;
  g_autofree char *obstacle = NULL;
  AttunePairedTest test;

  make_run (fixture, &made[0]);
  make_run (fixture, &made[1]);
  comparison = compare (fixture);
  obstacle = attune_run_comparison_test (comparison, 0, 1, &test);
  g_assert_null (obstacle);
  g_assert_cmpuint (test.n_only_first + test.n_only_second, ==, 0);
  g_assert_cmpfloat (test.p_value, ==, 1);
}

static void
test_other_rows_are_not_paired (Fixture       *fixture,
                                gconstpointer  data)
{
  static const Made made[] = {
    { "1", "auto", 3 },
    { "2", "auto", 3, .n_rows = 30 },
    { "3", "auto", 3, .text = "line" },
    { "4", "auto", 3, .labels = "bad,fine" },
    { "5", "auto", 3, .n_rows = G_MAXUINT },
  };
  static const char * const words[] = { "different rows, 40 and 30", "different texts",
                                        "other labels", "E has no results: it was not evaluated" };
  g_autoptr (AttuneRunComparison) comparison = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    make_run (fixture, &made[i]);
  comparison = compare (fixture);
  for (guint i = 1; i < G_N_ELEMENTS (made); i++)
    {
      AttunePairedTest test;
      g_autofree char *obstacle = attune_run_comparison_test (comparison, 0, i, &test);
      g_autofree char *sentence = attune_run_comparison_describe_test (comparison, 0, i);

      g_assert_nonnull (strstr (obstacle, words[i - 1]));
      g_assert_nonnull (strstr (sentence, "cannot be compared text by text"));
    }
  g_assert_cmpstr (find_row (comparison->scores, "accuracy")->values[4], ==, "–");
}

static void
test_only_settings_that_differ_are_listed (Fixture       *fixture,
                                           gconstpointer  data)
{
  static const Made made[] = { { "1", "auto", 3, .data_sha256 = "0123456789" },
                               { "1", "5e-5", 3, .data_sha256 = "0123456789" },
                               { "1", "1e-4", 3, .data_sha256 = "9876543210" } };
  g_autoptr (AttuneRunComparison) comparison = NULL;
  const AttuneComparedRow *row;

  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    make_run (fixture, &made[i]);
  comparison = compare (fixture);
  g_assert_cmpuint (comparison->settings->len, ==, 2);
  row = find_row (comparison->settings, "learning_rate");
  g_assert_cmpstr (row->values[0], ==, "5e-05 (automatic)");
  g_assert_cmpstr (row->values[2], ==, "0.0001");
  row = find_row (comparison->settings, "data");
  g_assert_cmpstr (row->values[0], ==, "reviews.csv (01234567)");
  g_assert_cmpstr (row->values[2], ==, "reviews.csv (98765432)");
  /* What was set by hand to what automatic became is the same setting. */
  g_assert_cmpuint (comparison->groups->len, ==, 2);
}

static void
test_seeds_are_one_group (Fixture       *fixture,
                          gconstpointer  data)
{
  static const Made made[] = { { "1", "2e-5", 8 }, { "1", "1e-4", 3 }, { "2", "2e-5", 10 },
                               { "2", "1e-4", 2 }, { "3", "2e-5", 9 }, { "3", "1e-4", 4 } };
  g_autoptr (AttuneRunComparison) comparison = NULL;
  const AttuneComparedGroup *group;
  g_autofree char *words = NULL;
  g_autofree char *difference = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    make_run (fixture, &made[i]);
  comparison = compare (fixture);
  g_assert_cmpuint (comparison->settings->len, ==, 2);
  g_assert_cmpuint (comparison->groups->len, ==, 2);
  group = g_ptr_array_index (comparison->groups, 0);
  g_assert_cmpuint (group->runs->len, ==, 3);
  g_assert_cmpuint (g_array_index (group->runs, guint, 1), ==, 2);
  g_assert_cmpstr (group->description, ==, "Learning Rate 2e-05");
  g_assert_cmpfloat_with_epsilon (group->accuracy.mean, 1 - 9.0 / N_ROWS, 1e-12);
  g_assert_cmpfloat_with_epsilon (group->accuracy.deviation, 0.025, 1e-12);
  words = attune_run_comparison_describe_group (comparison, 0);
  g_assert_nonnull (strstr (words, "(A, C, E): accuracy 77.50 % ± 2.50 (75.00 to 80.00)"));
  difference = attune_run_comparison_describe_difference (comparison, 0, 1);
  g_assert_nonnull (strstr (difference, "B, D, F against A, C, E: +15.00 points"));
  g_assert_nonnull (strstr (difference, "4.0 degrees of freedom"));
  g_assert_nonnull (strstr (difference, "more than chance"));
}

static void
test_two_to_many_runs (Fixture       *fixture,
                       gconstpointer  data)
{
  static const Made made = { "1", "auto", 3 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) gone = NULL;
  g_autoptr (GError) cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *folders[] = { NULL, "/nowhere", NULL };

  make_run (fixture, &made);
  folders[0] = fixture->folders->pdata[0];
  g_assert_null (attune_run_comparison_new (folders, NULL, &gone));
  g_assert_error (gone, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_RUN);
  folders[1] = folders[0];
  g_cancellable_cancel (cancellable);
  g_assert_null (attune_run_comparison_new (folders, cancellable, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  folders[1] = NULL;
  g_assert_null (attune_run_comparison_new (folders, NULL, &error));
  g_assert_error (error, ATTUNE_TRAIN_ERROR, ATTUNE_TRAIN_ERROR_SETTING);
}

#define ADD(name, func) \
  g_test_add ("/train/comparison/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("paired", test_the_same_rows_are_paired);
  ADD ("ids-may-differ", test_ids_may_differ_where_names_do_not);
  ADD ("not-paired", test_other_rows_are_not_paired);
  ADD ("settings", test_only_settings_that_differ_are_listed);
  ADD ("seeds", test_seeds_are_one_group);
  ADD ("how-many", test_two_to_many_runs);
  return g_test_run ();
}
