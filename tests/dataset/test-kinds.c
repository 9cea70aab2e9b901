/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kinds of task: which columns are a pair of texts, when a text has several labels, how they are
 * written, and what the numbers among them are called.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attune-amendments.h"
#include "attune-check.h"
#include "attune-label-names.h"
#include "attune-split.h"
#include "attune-table-builder.h"
#include "table-from-text.h"

/* Data below its header; columns NULL to guess them all. */
static AttuneDataset *
open_text (const char           *text,
           const AttuneColumns  *columns,
           GError              **error)
{
  AttuneTableOptions options = { .delimiter = '\t', .quoting = ATTUNE_QUOTING_NONE,
                                 .header = ATTUNE_HEADER_YES, .encoding = "UTF-8" };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (AttuneTable) table = read_text (text, strlen (text), &options, &local_error);

  g_assert_no_error (local_error);
  return attune_dataset_new (table, columns, NULL, error);
}

static AttuneDataset *
open_guessed (const char *text)
{
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset = open_text (text, NULL, &error);

  g_assert_no_error (error);
  return dataset;
}

/* "0,2" for a row of two labels; "-" for one that cannot teach. */
static void
assert_labels (AttuneDataset *dataset,
               guint          row,
               const char    *expected)
{
  g_autoptr (GString) got = g_string_new (NULL);
  guint n;
  const gint32 *set = attune_dataset_get_label_set (dataset, row, &n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (got, "%s%d", i > 0 ? "," : "", set[i]);
  if (!attune_dataset_is_labelled (dataset, row))
    g_string_append_c (got, '-');
  g_assert_cmpstr (got->str, ==, expected);
}

static void
assert_names (AttuneDataset *dataset,
              const char    *expected)
{
  g_autofree char *got =
    g_strjoinv (",", (char **) attune_dataset_get_label_names (dataset));

  g_assert_cmpstr (got, ==, expected);
}

#define TWO_TEXTS "the first of two texts\tthe second of two texts\tyes\n" \
                  "another one that is first\tand one that is second\tno\n"

static void
test_pair_names (void)
{
  static const struct {
    const char *header;
    gint text, pair;
  } cases[] = {
    { "sentence1\tsentence2\tlabel\n", 0, 1 },
    { "hypothesis\tpremise\tlabel\n", 1, 0 },
    { "Question1\tQuestion2\tis_duplicate\n", 0, 1 },
    { "question\tsentence\tlabel\n", 0, 1 },
    { "text\ttext_pair\tlabel\n", 0, 1 },
    { "text_a\ttext_b\tlabel\n", 0, 1 },
    { "#1 String\t#2 String\tQuality\n", 0, 1 },
    { "title\ttext\tlabel\n", 1, -1 },
    { "text\ttest\tlabel\n", 0, -1 },
    { "text1\ttext12\tlabel\n", 0, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (cases[i].header, TWO_TEXTS, NULL);
      g_autoptr (AttuneDataset) dataset = open_guessed (text);

      g_test_message ("%s", cases[i].header);
      g_assert_cmpint (attune_dataset_get_columns (dataset)->text, ==, cases[i].text);
      g_assert_cmpint (attune_dataset_get_columns (dataset)->pair, ==, cases[i].pair);
      g_assert_cmpint (attune_dataset_get_columns (dataset)->label, ==, 2);
    }
}

static void
test_pairs_must_hold_texts (void)
{
  g_autoptr (AttuneDataset) numbers =
    open_guessed ("text\tq1\tq2\tlabel\nthis is the text\t12345678\t123456789\ta\n"
                  "and this is too\t23456789\t234567890\tb\n");
  g_autoptr (AttuneDataset) refused = NULL;
  g_autoptr (GError) error = NULL;
  AttuneColumns columns = ATTUNE_COLUMNS_GUESS;

  g_assert_cmpint (attune_dataset_get_columns (numbers)->pair, ==, -1);
  columns.pair = -1;
  refused = open_text ("sentence1\tsentence2\tlabel\n" TWO_TEXTS, &columns, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_columns (refused)->pair, ==, -1);
}

static void
test_delimited_labels (void)
{
  g_autoptr (AttuneDataset) dataset =
    open_guessed ("text\tlabel\na\tjoy|fear\nb\tjoy\nc\tfear\nd\t\ne\tfear| joy |\n");

  g_assert_cmpint (attune_dataset_get_task (dataset), ==, ATTUNE_TASK_MULTI_LABEL);
  g_assert_true (attune_dataset_is_task_guessed (dataset));
  g_assert_cmpint (attune_dataset_get_columns (dataset)->separator, ==, '|');
  assert_names (dataset, "fear,joy");
  assert_labels (dataset, 0, "0,1");
  assert_labels (dataset, 1, "1");
  assert_labels (dataset, 3, "-");
  assert_labels (dataset, 4, "0,1");
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[0], ==, 3);
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[1], ==, 3);
  g_assert_true (attune_dataset_has_equal_labels (dataset, 0, dataset, 4));
  g_assert_false (attune_dataset_has_equal_labels (dataset, 0, dataset, 1));
}

/* What one label with a comma in it is as likely to mean is not split. */
static void
test_commas_in_names_stay (void)
{
  static const char *const rows[] = {
    "a\tAcme, Inc.\nb\tOther, Ltd.\nc\tAcme, Inc.\nd\tOther, Ltd.\n",
    "a\t1,5\nb\t2,5\nc\t1,5\nd\t3,0\n",
    "a\tnew york, ny\nb\tboston\nc\tnew york, ny\nd\tboston\n",
    "a\tred\nb\tblue\nc\tred, but not quite so red as all that and much too long for a name\nd\tred\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strconcat ("text\tlabel\n", rows[i], NULL);
      g_autoptr (AttuneDataset) dataset = open_guessed (text);

      g_test_message ("%s", rows[i]);
      g_assert_cmpint (attune_dataset_get_task (dataset), ==, ATTUNE_TASK_SINGLE_LABEL);
      assert_labels (dataset, 0, i == 3 ? "1" : i == 2 ? "1" : "0");
    }
}

static guint
count_findings (AttuneDataset *dataset,
                const char    *code)
{
  g_autoptr (GPtrArray) findings = attune_check_run (dataset, NULL, NULL, NULL);
  guint n = 0;

  for (guint i = 0; i < findings->len; i++)
    n += g_str_equal (((AttuneFinding *) findings->pdata[i])->code, code);
  return n;
}

static void
test_guesses_are_told (void)
{
  static const char *const several = "text\tlabel\na\tx,y\nb\tx\nc\ty\nd\tx\n";
  /* x is a label by itself, y and z are not. */
  static const char *const perhaps = "text\tlabel\na\tx,y\nb\tx,z\nc\ty,z\nd\tx\n";
  g_autoptr (AttuneDataset) guessed = open_guessed (several);
  g_autoptr (AttuneDataset) doubtful = open_guessed (perhaps);
  g_autoptr (AttuneDataset) chosen = NULL;
  g_autoptr (GError) error = NULL;
  AttuneColumns columns = ATTUNE_COLUMNS_GUESS;

  g_assert_cmpint (attune_dataset_get_task (guessed), ==, ATTUNE_TASK_MULTI_LABEL);
  g_assert_cmpuint (count_findings (guessed, "several-labels"), ==, 1);
  g_assert_cmpint (attune_dataset_get_task (doubtful), ==, ATTUNE_TASK_SINGLE_LABEL);
  g_assert_cmpuint (count_findings (doubtful, "several-labels-possible"), ==, 1);

  columns.task = ATTUNE_TASK_SINGLE_LABEL;
  chosen = open_text (several, &columns, &error);
  g_assert_no_error (error);
  assert_names (chosen, "x,x,y,y");
  g_assert_cmpuint (attune_dataset_get_n_labels (chosen), ==, 3);
  g_assert_false (attune_dataset_is_task_guessed (chosen));

  columns = ATTUNE_COLUMNS_GUESS;
  columns.separator = ',';
  g_clear_object (&chosen);
  chosen = open_text (perhaps, &columns, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_task (chosen), ==, ATTUNE_TASK_MULTI_LABEL);
  assert_labels (chosen, 2, "1,2");
  g_assert_cmpuint (count_findings (chosen, "several-labels"), ==, 0);
}

#define FLAGS "id\ttext\ttoxic\tinsult\tthreat\n"

static void
test_columns_of_flags (void)
{
  g_autoptr (AttuneDataset) dataset =
    open_guessed (FLAGS "1\ta b c\t1\t0\t1\n2\td e f\t0\t0\t0\n3\tg h i\t0\t0\t1\n");
  const AttuneColumns *columns = attune_dataset_get_columns (dataset);

  g_assert_cmpint (attune_dataset_get_task (dataset), ==, ATTUNE_TASK_MULTI_LABEL);
  g_assert_cmpint (columns->text, ==, 1);
  g_assert_cmpint (columns->label, ==, 2);
  g_assert_cmpuint (columns->n_more, ==, 2);
  assert_names (dataset, "toxic,insult,threat");
  assert_labels (dataset, 0, "0,2");
  /* Known to have none is not the same as unknown. */
  assert_labels (dataset, 1, "");
  assert_labels (dataset, 2, "2");
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[1], ==, 0);
}

static void
test_flags_are_read_strictly (void)
{
  AttuneColumns columns = { .text = 1, .pair = -1, .label = 2, .n_more = 2, .more = { 3, 4 } };
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  dataset = open_text (FLAGS "1\ta\tTrue\t0.0\tno\n2\tb\t\t\t\n", &columns, &error);
  g_assert_no_error (error);
  assert_labels (dataset, 0, "0");
  assert_labels (dataset, 1, "-");
  g_clear_object (&dataset);

  dataset = open_text (FLAGS "1\ta\t1\t0\t7\n", &columns, &error);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_assert_nonnull (strstr (error->message, "threat"));
  g_clear_error (&error);

  columns.more[1] = 1;
  dataset = open_text (FLAGS "1\ta\t1\t0\t1\n", &columns, &error);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
  g_clear_error (&error);
  columns.more[1] = 99;
  dataset = open_text (FLAGS "1\ta\t1\t0\t1\n", &columns, &error);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
}

/* Two columns of flags may be anything, and a label column is one. */
static void
test_few_flags_are_no_labels (void)
{
  g_autoptr (AttuneDataset) named =
    open_guessed ("text\tlabel\tseen\tread\tkept\na b\t1\t0\t1\t0\nc d\t0\t1\t1\t0\ne f\t1\t0\t0\t1\n");

  g_assert_cmpint (attune_dataset_get_task (named), ==, ATTUNE_TASK_SINGLE_LABEL);
  g_assert_cmpint (attune_dataset_get_columns (named)->label, ==, 1);
}

static AttuneTable *
build_lists (const char * const *class_names)
{
  static const char *const cells[] = { "one", "0\x1f" "2", "two", "", "three", "1" };
  AttuneTableOptions options = { .format = ATTUNE_FORMAT_PARQUET, .header = ATTUNE_HEADER_YES,
                                 .encoding = "UTF-8" };
  AttuneTableBuilder *builder = attune_table_builder_new ("lists");
  g_autoptr (GError) error = NULL;
  AttuneTable *table;

  attune_table_builder_add_column (builder, "text", FALSE, NULL, &error);
  attune_table_builder_add_column (builder, "labels", TRUE, class_names, &error);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    attune_table_builder_add_cell (builder, cells[i], strlen (cells[i]), i / 2 + 1, &error);
  g_assert_no_error (error);
  table = attune_table_builder_finish (builder, NULL, "", 0, &options, &error);
  g_assert_no_error (error);
  return table;
}

static void
test_lists (void)
{
  static const char *const names[] = { "red", "green", "blue", "black", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = build_lists (names);
  g_autoptr (AttuneDataset) dataset = attune_dataset_new (table, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_task (dataset), ==, ATTUNE_TASK_MULTI_LABEL);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->separator, ==, ATTUNE_LIST_SEPARATOR);
  assert_names (dataset, "red,green,blue,black");
  assert_labels (dataset, 0, "0,2");
  assert_labels (dataset, 1, "");
  assert_labels (dataset, 2, "1");
}

/* A label of a file that names its numbers: by number, and -1 for none, as the Hub has it. */
static void
test_class_names_of_the_file (void)
{
  static const char *const names[] = { "negative", "positive", NULL };
  static const char *const cells[] = { "one", "1", "two", "0", "three", "-1" };
  AttuneTableOptions options = { .format = ATTUNE_FORMAT_PARQUET, .header = ATTUNE_HEADER_YES,
                                 .encoding = "UTF-8" };
  AttuneTableBuilder *builder = attune_table_builder_new ("named");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;

  attune_table_builder_add_column (builder, "sentence", FALSE, NULL, &error);
  attune_table_builder_add_column (builder, "label", FALSE, names, &error);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    attune_table_builder_add_cell (builder, cells[i], strlen (cells[i]), i / 2 + 1, &error);
  table = attune_table_builder_finish (builder, NULL, "", 0, &options, &error);
  dataset = attune_dataset_new (table, &(AttuneColumns) { .text = 0, .pair = -1, .label = 1 }, NULL,
                                &error);
  g_assert_no_error (error);
  assert_names (dataset, "negative,positive");
  assert_labels (dataset, 0, "1");
  assert_labels (dataset, 1, "0");
  assert_labels (dataset, 2, "-");
}

/* Data and files beside it, in a folder of their own. */
typedef struct {
  char *folder;
  char *data;
  char *names;
} Folder;

static void
folder_init (Folder     *self,
             const char *data,
             const char *names)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("attune-kinds-XXXXXX", &error);
  g_assert_no_error (error);
  self->data = g_build_filename (self->folder, "data.tsv", NULL);
  self->names = g_build_filename (self->folder, "labels.txt", NULL);
  g_file_set_contents (self->data, data, -1, &error);
  g_assert_no_error (error);
  g_file_set_contents (self->names, names, -1, &error);
  g_assert_no_error (error);
}

static void
folder_clear (Folder *self)
{
  g_remove (self->data);
  g_remove (self->names);
  g_rmdir (self->folder);
  g_free (self->data);
  g_free (self->names);
  g_free (self->folder);
}

static AttuneDataset *
open_file (const char         *path,
           const char * const *names,
           GError            **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (AttuneTable) table = attune_table_read (file, NULL, NULL, error);

  return table != NULL ? attune_dataset_new (table, NULL, names, error) : NULL;
}

static void
test_names_beside_the_data (void)
{
  Folder folder;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneDataset) again = NULL;

  folder_init (&folder, "text\tlabel\na b c\t0,2\nd e f\t0\ng h i\t2\nj k l\t0\n",
               "fear\r\nhope\njoy\n\n");
  dataset = open_file (folder.data, NULL, &error);
  g_assert_no_error (error);
  assert_names (dataset, "fear,hope,joy");
  g_assert_cmpstr (attune_dataset_get_names_source (dataset), ==, "labels.txt");
  assert_labels (dataset, 0, "0,2");

  /* Other data of the same kind may have the numbers or the names. */
  again = open_file (folder.data, attune_dataset_get_label_names (dataset), &error);
  g_assert_no_error (error);
  assert_labels (again, 2, "2");
  folder_clear (&folder);
}

/* A list of names that does not fit is another set's. */
static void
test_names_that_do_not_fit (void)
{
  static const char *const lists[] = {
    "a\nb\n",                        /* 2 is not among them */
    "a\nb\nc\nd\ne\nf\ng\nh\ni\n",   /* mostly unused */
    "a\n\nc\n",                      /* a gap */
    "a\nb\na\n",                     /* one name twice */
    "a\n1\nc\n",                     /* a name that is a number */
    "a\nb\n\xff\n",                  /* no text */
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      Folder folder;
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneDataset) dataset = NULL;

      folder_init (&folder, "text\tlabel\na b c\t0\nd e f\t2\ng h i\t2\nj k l\t0\n", lists[i]);
      dataset = open_file (folder.data, NULL, &error);
      g_assert_no_error (error);
      assert_names (dataset, "0,2");
      g_assert_null (attune_dataset_get_names_source (dataset));
      folder_clear (&folder);
    }
}

static void
test_named_file_is_judged (void)
{
  Folder folder;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFile) device = g_file_new_for_path ("/dev/zero");

  folder_init (&folder, "text\tlabel\n", "a\nb\na\n");
  file = g_file_new_for_path (folder.names);
  g_assert_null (attune_label_names_read (file, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_nonnull (strstr (error->message, "line 3"));
  g_clear_error (&error);
  g_assert_null (attune_label_names_read (device, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
  g_clear_error (&error);

  /* A pipe that nobody writes to is not waited for. */
  g_assert_cmpint (g_remove (folder.names), ==, 0);
  g_assert_cmpint (mkfifo (folder.names, 0600), ==, 0);
  g_assert_null (attune_label_names_read (file, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
  folder_clear (&folder);
}

static void
test_unknown_label_is_named (void)
{
  static const char *const names[] = { "x", "y", NULL };
  g_autofree char *text = g_strdup ("text\tlabel\na\tx|y\nb\tx|w\nc\ty\n");
  AttuneTableOptions options = { .delimiter = '\t', .header = ATTUNE_HEADER_YES };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (text, strlen (text), &options, &error);
  AttuneColumns columns = { .text = 0, .pair = -1, .label = 1, .separator = '|' };

  g_assert_no_error (error);
  g_assert_null (attune_dataset_new (table, &columns, names, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_nonnull (strstr (error->message, "line 3"));
  g_assert_nonnull (strstr (error->message, "“w”"));
}

/* Forty rows of a frequent label, ten of which have a rare one, too; and ten of neither. */
static void
test_split_keeps_the_rarest (void)
{
  g_autoptr (GString) text = g_string_new (FLAGS);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneDataset) head = NULL;
  g_autoptr (AttuneSplit) split = NULL;
  guint n_strata, n_rare = 0, n_none = 0;
  const gint32 *strata;

  for (guint i = 0; i < 50; i++)
    g_string_append_printf (text, "%u\ttext %u\t%d\t%d\t0\n", i, i, i < 40, i < 10);
  dataset = open_guessed (text->str);
  strata = attune_dataset_get_strata (dataset, &n_strata);
  g_assert_cmpuint (n_strata, ==, 4);
  g_assert_cmpint (strata[0], ==, 1);
  g_assert_cmpint (strata[20], ==, 0);
  g_assert_cmpint (strata[45], ==, 3);
  split = attune_split_new (dataset, 0.2, 1);
  g_assert_cmpuint (split->train->len, ==, 40);
  g_assert_cmpuint (split->validation->len, ==, 10);
  for (guint i = 0; i < split->validation->len; i++)
    {
      guint row = g_array_index (split->validation, guint, i);

      n_rare += strata[row] == 1;
      n_none += strata[row] == 3;
    }
  g_assert_cmpuint (n_rare, ==, 2);
  g_assert_cmpuint (n_none, ==, 2);

  head = attune_dataset_new_head (dataset, 12);
  g_assert_cmpuint (attune_dataset_get_label_counts (head)[0], ==, 12);
  g_assert_cmpuint (attune_dataset_get_label_counts (head)[1], ==, 10);
  assert_labels (head, 0, "0,1");
}

/* Merging makes one of two in a row; dropping a label drops the rows that have it. */
static void
test_sets_are_amended (void)
{
  g_autoptr (AttuneDataset) dataset =
    open_guessed ("text\tlabel\na\tx|z\nb\tx|y\nc\ty\nd\tz\ne\t\n");
  g_autoptr (AttuneAmendments) merge = attune_amendments_new ();
  g_autoptr (AttuneAmendments) drop = attune_amendments_new ();
  g_autoptr (AttuneDataset) merged = NULL;
  g_autoptr (AttuneDataset) dropped = NULL;
  g_autoptr (GError) error = NULL;
  guint n_strata;

  attune_amendments_add_change (merge, ATTUNE_CHANGE_MERGE, "x", "y");
  merged = attune_amendments_apply (merge, dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_names (merged, "y,z");
  assert_labels (merged, 0, "0,1");
  assert_labels (merged, 1, "0");
  assert_labels (merged, 4, "-");
  g_assert_cmpuint (attune_dataset_get_label_counts (merged)[0], ==, 3);
  g_assert_cmpint (attune_dataset_get_task (merged), ==, ATTUNE_TASK_MULTI_LABEL);

  attune_amendments_add_change (drop, ATTUNE_CHANGE_DROP, "z", NULL);
  dropped = attune_amendments_apply (drop, dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_names (dropped, "x,y");
  assert_labels (dropped, 0, "-");
  assert_labels (dropped, 1, "0,1");
  assert_labels (dropped, 3, "-");
  g_assert_true (attune_dataset_is_dropped (dropped, 3));
  g_assert_cmpint (attune_dataset_get_strata (dropped, &n_strata)[0], ==, ATTUNE_LABEL_NONE);
}

/* Rows of no label are held out, too, and of none of them is anything counted. */
static void
test_splits_of_sets_are_checked (void)
{
  g_autoptr (GString) text = g_string_new (FLAGS);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneSplit) split = NULL;
  g_autoptr (GPtrArray) findings = NULL;

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "%u\ttext %u\t%d\t%d\t0\n", i, i, i < 20, i == 0);
  dataset = open_guessed (text->str);
  split = attune_split_new (dataset, 0.2, 1);
  findings = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_finding_free);
  attune_check_split (findings, dataset, split);
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpstr (((AttuneFinding *) findings->pdata[0])->code, ==, "split-lacks-classes");
  g_assert_cmpuint (((AttuneFinding *) findings->pdata[0])->count, ==, 1);
}

/* The real sets: counts of SOURCES.md. */
static AttuneDataset *
open_shared (const char *name)
{
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autofree char *path = shared != NULL ? g_build_filename (shared, "datasets", name, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("needs the shared data sets");
      return NULL;
    }
  dataset = open_file (path, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
test_goemotions (void)
{
  g_autoptr (AttuneDataset) dataset = open_shared ("goemotions/train.tsv");
  guint n_several = 0;

  if (dataset == NULL)
    return;
  g_assert_cmpint (attune_dataset_get_task (dataset), ==, ATTUNE_TASK_MULTI_LABEL);
  g_assert_cmpuint (attune_dataset_get_n_rows (dataset), ==, 43410);
  g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, 28);
  g_assert_cmpstr (attune_dataset_get_label_names (dataset)[27], ==, "neutral");
  for (guint row = 0; row < 43410; row++)
    {
      guint n;

      attune_dataset_get_label_set (dataset, row, &n);
      n_several += n > 1;
    }
  g_assert_cmpuint (n_several, ==, 7102);
}

static void
test_rte (void)
{
  g_autoptr (AttuneDataset) dataset = open_shared ("rte/train.tsv");

  if (dataset == NULL)
    return;
  g_assert_cmpint (attune_dataset_get_columns (dataset)->text, ==, 1);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->pair, ==, 2);
  g_assert_cmpint (attune_dataset_get_task (dataset), ==, ATTUNE_TASK_SINGLE_LABEL);
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[0], ==, 1249);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/kinds/pair-names", test_pair_names);
  g_test_add_func ("/kinds/pairs-must-hold-texts", test_pairs_must_hold_texts);
  g_test_add_func ("/kinds/delimited-labels", test_delimited_labels);
  g_test_add_func ("/kinds/commas-in-names-stay", test_commas_in_names_stay);
  g_test_add_func ("/kinds/guesses-are-told", test_guesses_are_told);
  g_test_add_func ("/kinds/columns-of-flags", test_columns_of_flags);
  g_test_add_func ("/kinds/flags-are-read-strictly", test_flags_are_read_strictly);
  g_test_add_func ("/kinds/few-flags-are-no-labels", test_few_flags_are_no_labels);
  g_test_add_func ("/kinds/lists", test_lists);
  g_test_add_func ("/kinds/class-names-of-the-file", test_class_names_of_the_file);
  g_test_add_func ("/kinds/names-beside-the-data", test_names_beside_the_data);
  g_test_add_func ("/kinds/names-that-do-not-fit", test_names_that_do_not_fit);
  g_test_add_func ("/kinds/named-file-is-judged", test_named_file_is_judged);
  g_test_add_func ("/kinds/unknown-label-is-named", test_unknown_label_is_named);
  g_test_add_func ("/kinds/split-keeps-the-rarest", test_split_keeps_the_rarest);
  g_test_add_func ("/kinds/sets-are-amended", test_sets_are_amended);
  g_test_add_func ("/kinds/splits-of-sets-are-checked", test_splits_of_sets_are_checked);
  g_test_add_func ("/kinds/real/goemotions", test_goemotions);
  g_test_add_func ("/kinds/real/rte", test_rte);

  return g_test_run ();
}
