/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parquet files made by pyarrow and by hand (tests/fixtures/parquet) against the cells that pyarrow
 * reads from them, and what is said of those that are not read.
 */
#include "config.h"

#include <string.h>
#include <yyjson.h>

#include "attune-parquet.h"
#include "table-from-text.h"

static GBytes *
load_fixture (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "parquet", name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_file_load_bytes (file, NULL, NULL, &error);

  g_assert_no_error (error);
  return bytes;
}

static AttuneTable *
read_fixture (const char  *name,
              GError     **error)
{
  g_autoptr (GBytes) bytes = load_fixture (name);

  return attune_table_read_bytes (bytes, name, NULL, NULL, error);
}

/* Cells and names against JSON beside the file; what else there is to know of the table. */
static void
test_cells (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_fixture (data, &error);
  g_autoptr (GBytes) bytes = load_fixture ("mixed.json");
  yyjson_doc *document = yyjson_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), 0);
  yyjson_val *root = yyjson_doc_get_root (document);
  yyjson_val *row, *cell;
  size_t i, j, n_rows, n_columns;

  g_assert_no_error (error);
  g_assert_cmpint (attune_table_get_options (table)->format, ==, ATTUNE_FORMAT_PARQUET);
  g_assert_cmpstr (attune_table_get_format (table), ==, "Parquet");
  g_assert_cmpuint (strlen (attune_table_get_sha256 (table)), ==, 64);
  g_assert_cmpuint (attune_table_get_n_rows (table), ==,
                    yyjson_arr_size (yyjson_obj_get (root, "rows")));
  g_assert_cmpuint (attune_table_get_n_columns (table), ==,
                    yyjson_arr_size (yyjson_obj_get (root, "names")));
  yyjson_arr_foreach (yyjson_obj_get (root, "names"), j, n_columns, cell)
    {
      const char *name = yyjson_get_str (cell);

      g_assert_cmpstr (attune_table_get_column_name (table, (guint) j), ==, name);
      g_assert_cmpint (attune_table_is_list (table, (guint) j), ==,
                       g_str_equal (name, "labels") || g_str_equal (name, "words"));
    }
  yyjson_arr_foreach (yyjson_obj_get (root, "rows"), i, n_rows, row)
    {
      g_assert_cmpuint (attune_table_get_line (table, (guint) i), ==, i + 1);
      yyjson_arr_foreach (row, j, n_columns, cell)
        if (g_strcmp0 (attune_table_get_cell (table, (guint) i, (guint) j, NULL),
                       yyjson_get_str (cell)) != 0)
          g_error ("row %zu, column “%s”: “%s” where “%s” is expected", i + 1,
                   attune_table_get_column_name (table, (guint) j),
                   attune_table_get_cell (table, (guint) i, (guint) j, NULL),
                   yyjson_get_str (cell));
    }
  yyjson_doc_free (document);
}

static void
test_old_forms (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_fixture ("legacy.parquet", &error);
  g_autofree char *cells = NULL;

  g_assert_no_error (error);
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, "a|1\x1f" "2|1\x1f" "2|1970-01-02T00:00:01.500000000|/"
                              "|||1970-01-03T00:00:01.500000000|/"
                              "b|3|3|1970-01-04T00:00:01.500000000|/");
}

static void
assert_classes (AttuneTable *table,
                const char  *column,
                const char  *expected)
{
  gint i = attune_table_find_column (table, column);
  const char * const *names;
  g_autofree char *joined = NULL;

  g_assert_cmpint (i, >=, 0);
  names = attune_table_get_class_names (table, (guint) i);
  joined = names != NULL ? g_strjoinv (" ", (char **) names) : NULL;
  g_assert_cmpstr (joined, ==, expected);
}

static void
test_class_names (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_fixture ("hub.parquet", &error);
  g_autoptr (AttuneDataset) dataset = NULL;
  const gint32 expected[] = { 0, 1, -1, 0, 1, 0, -1, 1 };
  g_autofree char *names = NULL;

  g_assert_no_error (error);
  assert_classes (table, "sentence", NULL);
  assert_classes (table, "label", "negative positive neither");
  assert_classes (table, "old", "negative positive neither");
  assert_classes (table, "several", "negative positive neither");
  assert_classes (table, "new", "negative positive neither");

  dataset = attune_dataset_new (table, NULL, NULL, &error);
  g_assert_no_error (error);
  names = g_strjoinv (" ", (char **) attune_dataset_get_label_names (dataset));
  g_assert_cmpstr (names, ==, "negative positive neither");
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpint (attune_dataset_get_label (dataset, i), ==, expected[i]);
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[2], ==, 0);
}

/* A model may number the same names in another way. */
static void
test_class_names_of_others (void)
{
  const char *const order[] = { "positive", "negative", NULL };
  const char *const strange[] = { "good", "bad", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_fixture ("hub.parquet", &error);
  g_autoptr (AttuneDataset) dataset = attune_dataset_new (table, NULL, order, &error);

  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_label (dataset, 0), ==, 1);
  g_assert_cmpint (attune_dataset_get_label (dataset, 1), ==, 0);
  g_assert_null (attune_dataset_new (table, NULL, strange, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
}

static void
test_left_out (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_fixture ("hub.parquet", &error);
  GPtrArray *notes;
  const AttuneNote *note;

  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_columns (table), ==, 5);
  notes = attune_table_get_notes (table);
  g_assert_nonnull (notes);
  g_assert_cmpuint (notes->len, ==, 1);
  note = g_ptr_array_index (notes, 0);
  g_assert_cmpstr (note->code, ==, "columns-left-out");
  g_assert_true (g_pattern_match_simple ("*: column “image” holds bytes that are no text, *. "
                                         "column “translation” is a structure (en, de), *. "
                                         "column “scores” is a map, *. "
                                         "column “boxes” is a nested list *", note->message));
}

static const struct {
  const char *name;
  AttuneDatasetError code;
  const char *pattern;
} refused[] = {
  { "brotli.parquet", ATTUNE_DATASET_ERROR_FORMAT,
    "*: column “text” is compressed with Brotli, *" },
  { "lz4.parquet", ATTUNE_DATASET_ERROR_FORMAT, "*: column “text” is compressed with LZ4, *" },
  { "encrypted-column.parquet", ATTUNE_DATASET_ERROR_FORMAT, "*: column “text” is encrypted, *" },
  { "structure.parquet", ATTUNE_DATASET_ERROR_FORMAT,
    "*: column “translation” is a structure (en, de), *" },
  { "picture.parquet", ATTUNE_DATASET_ERROR_FORMAT, "*: column “image” holds bytes *no text*" },
  { "empty.parquet", ATTUNE_DATASET_ERROR_EMPTY, "*: there are no rows *" },
  { "latin1.parquet", ATTUNE_DATASET_ERROR_ENCODING, "*: row 2: column “text” *not UTF-8*" },
  { "claims-rows.parquet", ATTUNE_DATASET_ERROR_TOO_LARGE, "*far more than its size*" },
  { "claims-items.parquet", ATTUNE_DATASET_ERROR_TOO_LARGE, "*far more than its size*" },
  { "claims-bytes.parquet", ATTUNE_DATASET_ERROR_TOO_LARGE, "*far more than its size*" },
  { "claims-page.parquet", ATTUNE_DATASET_ERROR_TOO_LARGE, "*far more than its size*" },
  { "beyond-dictionary.parquet", ATTUNE_DATASET_ERROR_SYNTAX, "*“text”*row 1 *damaged*" },
  { "beyond-page.parquet", ATTUNE_DATASET_ERROR_SYNTAX, "*“text”*row 1 *end too soon*" },
  { "beyond-file.parquet", ATTUNE_DATASET_ERROR_SYNTAX, "*“text”*header of a page is damaged*" },
  { "uneven.parquet", ATTUNE_DATASET_ERROR_SYNTAX, "*“label”*more *than the *" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_fixture (refused[i].name, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, ATTUNE_DATASET_ERROR, (int) refused[i].code);
      if (!g_pattern_match_simple (refused[i].pattern, error->message))
        g_error ("unexpected message: %s", error->message);
      g_assert_true (g_str_has_prefix (error->message, refused[i].name));
    }
}

static AttuneTable *
read_changed (const char  *data,
              gsize        length,
              GError     **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);

  return attune_table_read_bytes (bytes, "changed.parquet", NULL, NULL, error);
}

static void
test_cut (void)
{
  g_autoptr (GBytes) bytes = load_fixture ("hub.parquet");

  for (gsize length = 4; length < g_bytes_get_size (bytes); length++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_changed (g_bytes_get_data (bytes, NULL), length, &error));
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX);
      g_assert_nonnull (strstr (error->message, "cut short"));
    }
}

/* Each page has a checksum: no bit of a page can turn without being noticed. */
static void
test_turned_bits (void)
{
  g_autoptr (GBytes) bytes = load_fixture ("v1-plain-gzip.parquet");
  gsize length = g_bytes_get_size (bytes);
  g_autofree char *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
  gsize footer = (guint8) copy[length - 8] | (gsize) (guint8) copy[length - 7] << 8;
  guint n_checksums = 0;

  for (gsize i = 4; i < length - 8; i += 7)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) table = NULL;

      copy[i] ^= 1 << (i % 8);
      table = read_changed (copy, length, &error);
      copy[i] ^= 1 << (i % 8);
      g_assert_true ((table == NULL) == (error != NULL));
      n_checksums += error != NULL
                     && strstr (error->message, "does not match its checksum") != NULL;
    }
  /* Most of the bytes before the footer are in pages, not in their headers. */
  g_assert_cmpuint (n_checksums, >, (length - footer) / 7 / 2);
}

static void
test_cancelled (void)
{
  g_autoptr (GBytes) bytes = load_fixture ("v2-delta-none.parquet");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  g_cancellable_cancel (cancellable);
  g_assert_null (attune_parquet_read (data, length, "x", NULL, cancellable, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What is asked for counts, not what it looks like. */
static void
test_chosen_format (void)
{
  AttuneTableOptions parquet = { .format = ATTUNE_FORMAT_PARQUET };
  g_autoptr (GError) error = NULL;

  g_assert_null (READ ("text,label\na,b\n", &parquet, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
  g_assert_true (g_pattern_match_simple ("*not a Parquet file*", error->message));
}

static void
assert_is_beginning (AttuneTable *head,
                     AttuneTable *whole)
{
  g_autofree char *first = dump_table (head), *all = dump_table (whole);

  g_assert_cmpuint (attune_table_get_n_rows (head), >, 0);
  g_assert_true (g_str_has_prefix (all, first));
  g_assert_cmpuint (attune_table_get_n_columns (head), ==, attune_table_get_n_columns (whole));
  for (guint i = 0; i < attune_table_get_n_columns (whole); i++)
    g_assert_cmpstr (attune_table_get_column_name (head, i), ==,
                     attune_table_get_column_name (whole, i));
  g_assert_true (attune_table_is_head (head)
                 == (attune_table_get_n_rows (head) < attune_table_get_n_rows (whole)));
  g_assert_false (attune_table_is_head (whole));
}

/* Heads of every length, over pages and row groups. */
static void
test_head (gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "parquet", data, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) whole = attune_table_read (file, NULL, NULL, &error);
  guint n_rows = 0;

  g_assert_no_error (error);
  for (gsize n_bytes = 12; n_bytes < 12000; n_bytes = n_bytes * 3 / 2)
    {
      g_autoptr (AttuneTable) head = attune_table_read_head (file, NULL, n_bytes, NULL, &error);

      g_assert_no_error (error);
      assert_is_beginning (head, whole);
      g_assert_cmpuint (attune_table_get_n_rows (head), >=, n_rows);
      n_rows = attune_table_get_n_rows (head);
      if (n_bytes == 12)
        g_assert_cmpuint (n_rows, <=, 2);
    }
}

/* What a head does not show is not looked at. */
static void
test_head_of_a_broken_file (void)
{
  g_autoptr (GBytes) bytes = load_fixture ("v1-plain-gzip.parquet");
  gsize length = g_bytes_get_size (bytes);
  g_autofree char *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
  gsize footer = (guint8) copy[length - 8] | (gsize) (guint8) copy[length - 7] << 8;
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_tmp ("attune-XXXXXX.parquet", &stream, &error);
  g_autoptr (AttuneTable) head = NULL, whole = NULL;
  guint64 share;

  g_assert_no_error (error);
  whole = read_fixture ("v1-plain-gzip.parquet", NULL);
  /* The second row group's last pages. */
  memset (copy + length - 8 - footer - 400, 0xff, 400);
  g_file_replace_contents (file, copy, length, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (attune_table_read (file, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX);
  g_clear_error (&error);

  head = attune_table_read_head (file, NULL, 1000, NULL, &error);
  g_assert_no_error (error);
  assert_is_beginning (head, whole);
  /* By its bytes and rows one can guess how many rows there are in all. */
  share = length * attune_table_get_n_rows (head) / attune_table_get_n_rows (whole);
  g_assert_cmpuint (attune_table_get_n_bytes (head), >=, share - 1);
  g_assert_cmpuint (attune_table_get_n_bytes (head), <=, share + 1);

  g_assert_null (attune_table_read_head (file, NULL, 9000, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX);
  g_file_delete (file, NULL, NULL);
}

typedef struct {
  guint n_said;
  double fraction;
  GCancellable *cancellable;
} Progress;

static void
progress_cb (double   fraction,
             gpointer data)
{
  Progress *self = data;

  g_assert_cmpfloat (fraction, >, self->fraction);
  self->fraction = fraction;
  self->n_said++;
  if (self->cancellable != NULL && fraction > 0.3)
    g_cancellable_cancel (self->cancellable);
}

/* One row group of many rows: progress is told within, and it is left where it is asked to. */
static void
test_within_a_row_group (void)
{
  g_autoptr (GBytes) bytes = load_fixture ("long.parquet");
  Progress told = { 0 };
  const AttuneProgress progress = { progress_cb, &told, 0, 1 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  table = attune_parquet_read (data, length, "x", &progress, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, 20000);
  g_assert_cmpstr (attune_table_get_cell (table, 0, 1, NULL), ==, "-9223372036854775808");
  g_assert_cmpstr (attune_table_get_cell (table, 1, 1, NULL), ==, "9223372036854775807");
  g_assert_cmpstr (attune_table_get_cell (table, 2, 1, NULL), ==, "0");
  g_assert_cmpuint (told.n_said, >=, 4);
  g_assert_cmpfloat (told.fraction, ==, 1);

  told = (Progress) { .cancellable = cancellable };
  g_assert_null (attune_parquet_read (data, length, "x", &progress, cancellable, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpfloat (told.fraction, <, 0.8);
}

static AttuneTable *
read_two (const char  *name,
          const char  *other,
          GError     **error)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "parquet", name, NULL);
  g_autofree char *other_path = g_test_build_filename (G_TEST_DIST, "fixtures", "parquet", other,
                                                       NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) other_file = g_file_new_for_path (other_path);
  GFile *files[] = { file, other_file };

  return attune_table_read_files (files, 2, NULL, NULL, NULL, NULL, error);
}

/* As a data set is split over train-00000-of-00002.parquet and its like; numbers must mean the
 * same in all of them. */
static void
test_several_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_two ("hub.parquet", "hub.parquet", &error);
  g_autoptr (AttuneTable) other = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, 16);
  g_assert_cmpuint (attune_table_get_line (table, 8), ==, 1);
  assert_classes (table, "label", "negative positive neither");
  g_assert_true (attune_table_is_list (table, 2));

  other = read_two ("hub.parquet", "hub-other-names.parquet", &error);
  g_assert_null (other);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_LABELS);
  g_assert_true (g_pattern_match_simple ("hub-other-names.parquet*“label”*hub.parquet*",
                                         error->message));
}

int
main (int    argc,
      char **argv)
{
  static const char *const mixed[] = { "v1-plain-gzip.parquet", "v2-dictionary-zstd.parquet",
                                       "v1-fallback-snappy.parquet", "v2-delta-none.parquet" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (mixed); i++)
    {
      g_autofree char *path = g_strconcat ("/parquet/cells/", mixed[i], NULL);

      g_autofree char *head_path = g_strconcat ("/parquet/head/", mixed[i], NULL);

      g_test_add_data_func (path, mixed[i], test_cells);
      g_test_add_data_func (head_path, mixed[i], test_head);
    }
  g_test_add_func ("/parquet/old-forms", test_old_forms);
  g_test_add_func ("/parquet/class-names", test_class_names);
  g_test_add_func ("/parquet/class-names-of-others", test_class_names_of_others);
  g_test_add_func ("/parquet/left-out", test_left_out);
  g_test_add_func ("/parquet/refused", test_refused);
  g_test_add_func ("/parquet/cut", test_cut);
  g_test_add_func ("/parquet/turned-bits", test_turned_bits);
  g_test_add_func ("/parquet/cancelled", test_cancelled);
  g_test_add_func ("/parquet/head-of-a-broken-file", test_head_of_a_broken_file);
  g_test_add_func ("/parquet/within-a-row-group", test_within_a_row_group);
  g_test_add_func ("/parquet/several-files", test_several_files);
  g_test_add_func ("/parquet/chosen-format", test_chosen_format);

  return g_test_run ();
}
