/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Published data sets as they are found in the wild, and the twelve files of csv-spectrum against
 * their JSON. They are not part of the repository; what is absent is skipped.
 */
#include "config.h"

#include <string.h>
#include <yyjson.h>

#include "attune-check.h"
#include "attune-split.h"
#include "table-from-text.h"

typedef struct {
  const char *path;
  guint n_rows;
  guint n_columns;
  char delimiter;
  AttuneQuoting quoting;
  AttuneHeader header;
  gint text;
  gint label;
  guint n_labels;
  guint n_duplicates;
  guint n_conflicts;
  gboolean has_pairs; /* in the column behind the text's */
} Expected;

#define RFC ATTUNE_QUOTING_RFC4180
#define RAW ATTUNE_QUOTING_NONE
#define YES ATTUNE_HEADER_YES
#define NO ATTUNE_HEADER_NO

/* Counts are those of SOURCES.md beside the sets; duplicates and conflicts as measured by other
 * means. */
static const Expected sets[] = {
  { "sst2-glue/train.tsv", 67349, 2, '\t', RAW, YES, 0, 1, 2, 371, 5 },
  { "sst2-glue/dev.tsv", 872, 2, '\t', RAW, YES, 0, 1, 2, 0, 0 },
  { "cola/in_domain_train.tsv", 8551, 4, '\t', RAW, NO, 3, 1, 2, 19, 11 },
  { "cola/in_domain_dev.tsv", 527, 4, '\t', RAW, NO, 3, 1, 2, 0, 0 },
  { "cola/out_of_domain_dev.tsv", 516, 4, '\t', RAW, NO, 3, 1, 2, 3, 3 },
  { "banking77/train.csv", 10003, 2, ',', RFC, YES, 0, 1, 77, 0, 0 },
  { "banking77/test.csv", 3080, 2, ',', RFC, YES, 0, 1, 77, 0, 0 },
  { "chnsenticorp/train.tsv", 9600, 2, '\t', RAW, YES, 1, 0, 2, 1351, 24 },
  { "chnsenticorp/dev.tsv", 1200, 2, '\t', RAW, YES, 1, 0, 2, 22, 1 },
  { "rte/train.tsv", 2490, 4, '\t', RAW, YES, 1, 3, 2, 2, 0, TRUE },
  { "rte/dev.tsv", 277, 4, '\t', RAW, YES, 1, 3, 2, 0, 0, TRUE },
  { "ag-news-subset/train-10001.tsv", 10001, 2, '\t', RFC, NO, 0, 1, 4, 13, 1 },
  { "trec/train_5500.label", 5452, 3, 0, RAW, NO, 2, 0, 6, 71, 0 },
  { "trec/TREC_10.label", 500, 3, 0, RAW, NO, 2, 0, 6, 0, 0 },
  { "sst2-sentence/stsa.binary.train", 6920, 2, 0, RAW, NO, 1, 0, 2, 9, 0 },
  { "ag-news-subset/test.tsv", 7600, 2, '\t', RFC, NO, 0, 1, 4, 6, 0 },
};

/* NULL, with the test skipped, if it is not there. */
static GFile *
find_shared (const char *path)
{
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autoptr (GFile) file = g_file_new_build_filename (shared != NULL ? shared : "/nonexistent",
                                                      "datasets", path, NULL);
  g_autofree char *message = g_strdup_printf ("needs datasets/%s in the folder "
                                              "ATTUNE_SHARED", path);

  if (g_file_query_exists (file, NULL))
    return g_steal_pointer (&file);
  g_test_skip (message);
  return NULL;
}

static guint
count_of (GPtrArray  *findings,
          const char *code)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const AttuneFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->code, code))
        return finding->count;
    }
  return 0;
}

static void
test_set (gconstpointer data)
{
  const Expected *expected = data;
  g_autoptr (GFile) file = find_shared (expected->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (AttuneSplit) split = NULL;
  const AttuneTableOptions *found;
  gint64 time[5];

  if (file == NULL)
    return;
  time[0] = g_get_monotonic_time ();
  table = attune_table_read (file, NULL, NULL, &error);
  g_assert_no_error (error);
  time[1] = g_get_monotonic_time ();
  dataset = attune_dataset_new (table, NULL, NULL, &error);
  g_assert_no_error (error);
  time[2] = g_get_monotonic_time ();
  findings = attune_check_run (dataset, NULL, NULL, &error);
  time[3] = g_get_monotonic_time ();
  split = attune_split_new (dataset, 0.1, 42);
  time[4] = g_get_monotonic_time ();
  g_test_message ("%s: read %.1f ms, labels %.1f ms, check %.1f ms, split %.1f ms", expected->path,
                  (time[1] - time[0]) / 1e3, (time[2] - time[1]) / 1e3, (time[3] - time[2]) / 1e3,
                  (time[4] - time[3]) / 1e3);

  found = attune_table_get_options (table);
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, expected->n_rows);
  g_assert_cmpuint (attune_table_get_n_columns (table), ==, expected->n_columns);
  g_assert_cmpint (found->delimiter, ==, expected->delimiter);
  g_assert_cmpint (found->quoting, ==, expected->quoting);
  g_assert_cmpint (found->header, ==, expected->header);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->text, ==, expected->text);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->pair, ==,
                   expected->has_pairs ? expected->text + 1 : -1);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->label, ==, expected->label);
  g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, expected->n_labels);
  g_assert_cmpuint (count_of (findings, "duplicates"), ==, expected->n_duplicates);
  g_assert_cmpuint (count_of (findings, "conflicting-duplicates"), ==, expected->n_conflicts);
  g_assert_cmpuint (split->train->len + split->validation->len, ==, expected->n_rows);
  g_assert_cmpint ((gint) split->validation->len - (gint) (expected->n_rows / 10), >=, -1);
  g_assert_cmpint ((gint) split->validation->len - (gint) (expected->n_rows / 10), <=, 1);
}

/* Texts of one file that are in another: as measured by other means. */
typedef struct {
  const char *train;
  const char *test;
  guint n_shared;
} Leakage;

static const Leakage leakages[] = {
  { "chnsenticorp/train.tsv", "chnsenticorp/test.tsv", 331 },
  { "cola/in_domain_train.tsv", "cola/in_domain_dev.tsv", 6 },
  { "ag-news-subset/train-10001.tsv", "ag-news-subset/test.tsv", 9 },
  { "sst2-glue/train.tsv", "sst2-glue/dev.tsv", 0 },
  { "sst2-sentence/stsa.binary.train", "sst2-sentence/stsa.binary.test", 2 },
  { "trec/train_5500.label", "trec/TREC_10.label", 10 },
  { "banking77/train.csv", "banking77/test.csv", 0 },
};

/* Found, and gone once it is dropped. */
static void
test_leakage (gconstpointer data)
{
  const Leakage *expected = data;
  g_autoptr (GFile) train = find_shared (expected->train);
  g_autoptr (GFile) test = find_shared (expected->test);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL, other_table = NULL;
  g_autoptr (AttuneDataset) dataset = NULL, other = NULL, amended = NULL;
  g_autoptr (GPtrArray) findings = NULL, left = NULL;
  g_autoptr (AttuneAmendments) amendments = attune_amendments_new ();

  if (train == NULL || test == NULL)
    return;
  table = attune_table_read (train, NULL, NULL, &error);
  other_table = attune_table_read (test, NULL, NULL, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_new (table, NULL, NULL, &error);
  other = attune_dataset_new (other_table, NULL, attune_dataset_get_label_names (dataset), &error);
  g_assert_no_error (error);
  findings = attune_check_run (dataset, other, NULL, &error);
  g_assert_cmpuint (count_of (findings, "validation-overlap"), ==, expected->n_shared);

  amendments->drop = ATTUNE_DROP_DUPLICATES | ATTUNE_DROP_CONFLICTING | ATTUNE_DROP_OVERLAP;
  amended = attune_amendments_apply (amendments, dataset, other, NULL, &error);
  g_assert_no_error (error);
  left = attune_check_run (amended, other, NULL, &error);
  g_assert_cmpuint (count_of (left, "validation-overlap"), ==, 0);
  g_assert_cmpuint (count_of (left, "duplicates"), ==, 0);
  g_assert_cmpuint (count_of (left, "conflicting-duplicates"), ==, 0);
  g_assert_cmpuint (count_of (left, "missing-labels"), ==, 0);
}

static void
test_sst2_sha256 (void)
{
  g_autoptr (GFile) file = find_shared ("sst2-glue/dev.tsv");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;

  if (file == NULL)
    return;
  table = attune_table_read (file, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_table_get_sha256 (table), ==,
                   "54a9c12c77e402fc14d6a66a506f24d999f596b0176eb777c972cccc2f9cc4b0");
  g_assert_cmpstr (attune_table_get_cell (table, 0, 0, NULL), ==,
                   "it 's a charming and often affecting journey . ");
}

static void
test_trec_has_one_byte (void)
{
  g_autoptr (GFile) file = find_shared ("trec/train_5500.label");
  AttuneTableOptions options = { .encoding = "UTF-8" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  const AttuneNote *note;

  if (file == NULL)
    return;
  g_assert_null (attune_table_read (file, &options, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING);
  g_assert_nonnull (strstr (error->message, "line 66, column 60"));
  g_clear_error (&error);
  table = attune_table_read (file, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, 5452);
  g_assert_cmpstr (attune_table_get_options (table)->encoding, ==, "WINDOWS-1252");
  g_assert_nonnull (attune_table_get_notes (table));
  note = g_ptr_array_index (attune_table_get_notes (table), 0);
  g_assert_cmpstr (note->code, ==, "encoding-guessed");
}

static void
assert_row_equals (AttuneTable *table,
                   guint        row,
                   yyjson_val  *object,
                   gboolean     same_values)
{
  yyjson_val *key, *value;
  size_t column, n_columns;

  g_assert_cmpuint (yyjson_obj_size (object), ==, attune_table_get_n_columns (table));
  yyjson_obj_foreach (object, column, n_columns, key, value)
    {
      g_autofree char *expected = g_strdup (yyjson_get_str (value));
      g_auto (GStrv) lines = g_strsplit (expected, "\r\n", -1);
      g_autofree char *with_lf = g_strjoinv ("\n", lines);

      g_assert_cmpstr (attune_table_get_column_name (table, (guint) column), ==,
                       yyjson_get_str (key));
      if (same_values)
        g_assert_cmpstr (attune_table_get_cell (table, row, (guint) column, NULL), ==, with_lf);
    }
}

/* Cells of a table with a header against objects. The copy of the set has lost its CR LF in the CSV
 * files but not in the JSON, and one JSON is an object of other values: there names alone count. */
static void
test_csv_spectrum (gconstpointer data)
{
  const char *name = data;
  g_autofree char *csv_path = g_strdup_printf ("torture-csv/csvs/%s.csv", name);
  g_autofree char *json_path = g_strdup_printf ("torture-csv/json/%s.json", name);
  g_autoptr (GFile) csv = find_shared (csv_path);
  g_autoptr (GFile) json = find_shared (json_path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  yyjson_doc *document;
  yyjson_val *root, *object;
  size_t row, n_rows;

  if (csv == NULL || json == NULL)
    return;
  table = attune_table_read (csv, NULL, NULL, &error);
  g_assert_no_error (error);
  document = yyjson_read_file (g_file_peek_path (json), 0, NULL, NULL);
  root = yyjson_doc_get_root (document);
  g_assert_nonnull (root);
  g_assert_cmpuint (yyjson_is_obj (root) ? 1 : yyjson_arr_size (root), ==,
                    attune_table_get_n_rows (table));
  if (yyjson_is_obj (root))
    assert_row_equals (table, 0, root, FALSE);
  else
    yyjson_arr_foreach (root, row, n_rows, object)
      assert_row_equals (table, (guint) row, object, TRUE);
  yyjson_doc_free (document);
}

int
main (int    argc,
      char **argv)
{
  static const char *const spectrum[] = {
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates",
    "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *path = g_strconcat ("/sets/", sets[i].path, NULL);

      g_test_add_data_func (path, &sets[i], test_set);
    }
  for (guint i = 0; i < G_N_ELEMENTS (spectrum); i++)
    {
      g_autofree char *path = g_strconcat ("/csv-spectrum/", spectrum[i], NULL);

      g_test_add_data_func (path, spectrum[i], test_csv_spectrum);
    }
  for (guint i = 0; i < G_N_ELEMENTS (leakages); i++)
    {
      g_autofree char *path = g_strconcat ("/sets/leakage/", leakages[i].train, NULL);

      g_test_add_data_func (path, &leakages[i], test_leakage);
    }
  g_test_add_func ("/sets/sst2-sha256", test_sst2_sha256);
  g_test_add_func ("/sets/trec-has-one-byte", test_trec_has_one_byte);

  return g_test_run ();
}
