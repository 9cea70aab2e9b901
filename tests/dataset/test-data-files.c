/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders and lists of files as people have them: which files are for training, validation and a
 * test, and one table out of several.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attune-data-files.h"
#include "table-from-text.h"

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("attune-data-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  remove_tree (fixture->folder);
  g_free (fixture->folder);
}

static void
write_file (Fixture    *fixture,
            const char *name,
            const char *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* "train: a b; validation: c; test: d", relative to the folder. */
static char *
describe (Fixture         *fixture,
          AttuneDataFiles *files)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);
  GString *out = g_string_new (NULL);

  for (guint part = 0; part < ATTUNE_N_PARTS; part++)
    {
      GPtrArray *list = attune_data_files_get_part (files, part);

      for (guint i = 0; i < list->len; i++)
        {
          g_autofree char *name = g_file_get_relative_path (folder, g_ptr_array_index (list, i));

          g_string_append_printf (out, "%s%s%s", i > 0 ? " " : out->len > 0 ? "; " : "",
                                  i > 0 ? "" : part == 0 ? "train: " : part == 1 ? "validation: "
                                                                                 : "test: ",
                                  name != NULL ? name : ".");
        }
    }
  return g_string_free (out, FALSE);
}

typedef struct {
  const char *name;
  const char *files;    /* with spaces between them */
  const char *expected; /* or the end of an error, after "!" */
} Layout;

static const Layout layouts[] = {
  { "one", "reviews.csv", "train: reviews.csv" },
  { "three", "train.tsv dev.tsv test.tsv", "train: train.tsv; validation: dev.tsv; test: test.tsv" },
  { "upper-case", "TRAIN.CSV Valid.CSV", "train: TRAIN.CSV; validation: Valid.CSV" },
  { "words", "sst2_train_v2.csv sst2-eval.csv", "train: sst2_train_v2.csv; validation: sst2-eval.csv" },
  { "endings", "stsa.binary.train stsa.binary.dev stsa.binary.test",
    "train: stsa.binary.train; validation: stsa.binary.dev; test: stsa.binary.test" },
  { "other-files", "README.md LICENSE labels.txt train.csv .hidden.csv dataset_infos.json",
    "train: train.csv" },
  { "packed", "train.jsonl.gz validation.jsonl.zst",
    "train: train.jsonl.gz; validation: validation.jsonl.zst" },
  { "hub", "README.md data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet "
           "data/validation-00000-of-00001.parquet",
    "train: data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet; "
    "validation: data/validation-00000-of-00001.parquet" },
  { "hub-missing", "data/train-00000-of-00002.parquet", "!of the 2 files*only 1*" },
  { "part-folders", "train/a.csv train/b.csv test/c.csv", "train: train/a.csv train/b.csv; test: test/c.csv" },
  { "labels", "pos/1.txt pos/2.txt neg/1.txt", "train: ." },
  { "labels-in-parts", "train/pos/1.txt train/neg/1.txt train/unsup/1.txt test/pos/1.txt test/neg/1.txt "
                       "README",
    "train: train; test: test" },
  { "one-inside", "set/train.csv set/dev.csv", "train: set/train.csv; validation: set/dev.csv" },
  { "several-sets", "en/train.csv de/train.csv", "!holds several folders (de, en)*" },
  { "several-unnamed", "a.csv b.csv", "train: a.csv b.csv" },
  { "two-kinds", "train.csv train.jsonl", "!different kinds*" },
  { "only-test", "test.csv", "train: test.csv" },
  { "nothing-to-train-on", "dev.csv test.csv", "!none for training*" },
  { "nothing", "picture.png", "!holds no table*" },
};

static void
test_layout (Fixture       *fixture,
             gconstpointer  data)
{
  const Layout *layout = data;
  g_auto (GStrv) names = g_strsplit (layout->files, " ", -1);
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    write_file (fixture, names[i], "text,label\na,0\nb,1\n");
  files = attune_data_files_new (&folder, 1, NULL, &error);
  if (*layout->expected == '!')
    {
      g_autofree char *pattern = g_strconcat ("*", layout->expected + 1, NULL);

      g_assert_null (files);
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
      if (!g_pattern_match_simple (pattern, error->message))
        g_error ("unexpected message: %s", error->message);
      return;
    }
  g_assert_no_error (error);
  found = describe (fixture, files);
  g_assert_cmpstr (found, ==, layout->expected);
}

static char *
describe_given (Fixture *fixture,
                char   **names)
{
  g_autoptr (GPtrArray) given = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (AttuneDataFiles) files = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (given, g_file_new_build_filename (fixture->folder, names[i], NULL));
  files = attune_data_files_new ((GFile **) given->pdata, given->len, NULL, &error);
  return files != NULL ? describe (fixture, files) : g_strdup (error->message);
}

static void
test_given (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *one = describe_given (fixture, (char *[]) { "test.csv", NULL });
  g_autofree char *named = describe_given (fixture, (char *[]) { "dev.csv", "train.csv", NULL });
  g_autofree char *unnamed = describe_given (fixture, (char *[]) { "b.csv", "a.csv", NULL });
  g_autofree char *half = describe_given (fixture, (char *[]) { "train.csv", "a.csv", NULL });
  g_autofree char *folder = NULL;

  g_assert_cmpstr (one, ==, "train: test.csv");
  g_assert_cmpstr (named, ==, "train: train.csv; validation: dev.csv");
  g_assert_cmpstr (unnamed, ==, "train: b.csv a.csv");
  g_assert_cmpstr (half, ==, "train: train.csv a.csv");
  write_file (fixture, "sub/train.csv", "text,label\na,0\n");
  folder = describe_given (fixture, (char *[]) { "sub", "a.csv", NULL });
  g_assert_true (g_str_has_prefix (folder, "sub: a folder is opened by itself"));
}

static AttuneTable *
read_given (Fixture  *fixture,
            char    **names,
            GError  **error)
{
  g_autoptr (GPtrArray) given = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (given, g_file_new_build_filename (fixture->folder, names[i], NULL));
  return attune_table_read_files ((GFile **) given->pdata, given->len, NULL, NULL, NULL, NULL,
                                  error);
}

static void
test_joins (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autofree char *cells = NULL, *sums = NULL, *sum = NULL;
  const char *first = NULL, *second = NULL;

  write_file (fixture, "a.csv", "text,label\none,0\n\"two\nlines\",1\n");
  write_file (fixture, "b.tsv", "label\ttext\n1\tthree\n");
  write_file (fixture, "c.jsonl", "{\"label\":0,\"text\":\"four\"}\n");
  table = read_given (fixture, (char *[]) { "a.csv", "b.tsv", NULL }, &error);
  g_assert_no_error (error);
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, "one|0|/two^nlines|1|/three|1|/");
  g_assert_cmpstr (attune_table_get_source_name (table), ==, "a.csv and 1 other");
  g_assert_cmpstr (attune_table_get_row_source_name (table, 0), ==, "a.csv");
  g_assert_cmpstr (attune_table_get_row_source_name (table, 1), ==, "a.csv");
  g_assert_cmpstr (attune_table_get_row_source_name (table, 2), ==, "b.tsv");
  g_assert_cmpuint (attune_table_get_line (table, 1), ==, 3);
  g_assert_cmpuint (attune_table_get_line (table, 2), ==, 2);

  g_assert_cmpuint (attune_table_get_n_files (table), ==, 2);
  attune_table_get_nth_file (table, 0, &first);
  attune_table_get_nth_file (table, 1, &second);
  sums = g_strdup_printf ("%s  a.csv\n%s  b.tsv\n", first, second);
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, sums, -1);
  g_assert_cmpstr (attune_table_get_sha256 (table), ==, sum);
}

static void
test_joins_what_fits (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  write_file (fixture, "a.csv", "text,label\none,0\ntwo,1\n");
  write_file (fixture, "b.csv", "text,label,more\nthree,1,x\n");
  write_file (fixture, "c.csv", "text,topic\nthree,1\n");
  g_assert_null (read_given (fixture, (char *[]) { "a.csv", "b.csv", NULL }, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
  g_assert_cmpstr (error->message, ==, "b.csv has 3 columns and a.csv has 2; open them one by one");
  g_clear_error (&error);
  g_assert_null (read_given (fixture, (char *[]) { "a.csv", "c.csv", NULL }, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_COLUMN);
  g_assert_cmpstr (error->message, ==, "c.csv has no column “label”, which a.csv has; open them one by one");
}

static void
test_messages_name_the_file (Fixture       *fixture,
                             gconstpointer  data)
{
  static const char *const known[] = { "0", "1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;

  write_file (fixture, "a.csv", "text,label\none,0\ntwo,1\n");
  write_file (fixture, "b.csv", "text,label\nthree,7\n");
  table = read_given (fixture, (char *[]) { "a.csv", "b.csv", NULL }, &error);
  g_assert_no_error (error);
  g_assert_null (attune_dataset_new (table, NULL, known, &error));
  g_assert_true (g_str_has_prefix (error->message, "b.csv: line 2: the label “7” is unknown"));
}

static void
test_folders (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autofree char *cells = NULL, *fifo = NULL, *loop = NULL;

  write_file (fixture, "pos/1.txt", "good film\n");
  write_file (fixture, "pos/2.txt", "two\nlines");
  write_file (fixture, "neg/1.txt", "bad film\r\n");
  write_file (fixture, "unsup/1.txt", "any film");
  write_file (fixture, "pos/.hidden", "x");
  fifo = g_build_filename (fixture->folder, "pos", "fifo", NULL);
  loop = g_build_filename (fixture->folder, "pos", "loop", NULL);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink (fixture->folder, loop), ==, 0);
  table = attune_table_read (folder, NULL, NULL, &error);
  g_assert_no_error (error);
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, "bad film|neg|neg/1.txt|/good film|pos|pos/1.txt|/"
                              "two^nlines|pos|pos/2.txt|/");
  g_assert_cmpint (attune_table_get_options (table)->format, ==, ATTUNE_FORMAT_FOLDERS);
  dataset = attune_dataset_new (table, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->text, ==, 0);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->label, ==, 1);

  write_file (fixture, "pos/3.txt", "\xff\xff\xff");
  g_assert_null (attune_table_read (folder, NULL, NULL, &error));
  g_assert_true (g_str_has_prefix (error->message, "pos/3.txt: line 1, column 1"));
}

static void
test_head (Fixture       *fixture,
           gconstpointer  data)
{
  static const char *const names[] = { "long.csv", "long.jsonl", "long.json", "quoted.csv" };
  static const char *const rows[] = { "some text,%u\n", "{\"t\":\"some text\",\"l\":%u}\n",
                                      "%c{\"t\":\"some text\",\"l\":%u}", "\"some\ntext\",%u\n" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GString) text = g_string_new (i == 0 || i == 3 ? "text,label\n" : "");
      g_autoptr (GFile) file = g_file_new_build_filename (fixture->folder, names[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) head = NULL, whole = NULL;

      for (guint row = 0; row < 5000; row++)
        if (i == 2)
          g_string_append_printf (text, rows[i], row == 0 ? '[' : ',', row % 10);
        else
          g_string_append_printf (text, rows[i], row % 10);
      if (i == 2)
        g_string_append_c (text, ']');
      write_file (fixture, names[i], text->str);
      head = attune_table_read_head (file, NULL, 1013, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (attune_table_is_head (head));
      g_assert_cmpuint (attune_table_get_n_rows (head), >, 20);
      g_assert_cmpuint (attune_table_get_n_rows (head), <, 100);
      whole = attune_table_read_head (file, NULL, 1000000, NULL, &error);
      g_assert_no_error (error);
      g_assert_false (attune_table_is_head (whole));
      g_assert_cmpuint (attune_table_get_n_rows (whole), ==, 5000);
      for (guint row = 0; row < attune_table_get_n_rows (head); row++)
        g_assert_cmpstr (attune_table_get_cell (head, row, 1, NULL), ==,
                         attune_table_get_cell (whole, row, 1, NULL));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *path = g_strconcat ("/data-files/layouts/", layouts[i].name, NULL);

      g_test_add (path, Fixture, &layouts[i], set_up, test_layout, tear_down);
    }
#define ADD(name, function) \
  g_test_add ("/data-files/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("given", test_given);
  ADD ("joins", test_joins);
  ADD ("joins-what-fits", test_joins_what_fits);
  ADD ("messages-name-the-file", test_messages_name_the_file);
  ADD ("folders", test_folders);
  ADD ("head", test_head);
#undef ADD

  return g_test_run ();
}
