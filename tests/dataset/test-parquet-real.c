/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of SST-2 from the Hub against the same rows as TSV, and the files of parquet-testing
 * with what is expected of each: a few cells, or the words it is refused with. They are not part of
 * the repository; what is absent is skipped.
 */
#include "config.h"

#include <string.h>

#include "table-from-text.h"

typedef struct {
  const char *name;
  guint n_rows;         /* 0: refused */
  guint n_columns;
  const char *expected; /* of the first row, cells with "|" behind; of a refusal, a pattern */
} Expected;

static const Expected files[] = {
  { "data/alltypes_dictionary.parquet", 2, 11,
    "0|1|0|0|0|0|0|0|01/01/09|0|2009-01-01T00:00:00|" },
  { "data/alltypes_plain.parquet", 8, 11, "4|1|0|0|0|0|0|0|03/01/09|0|2009-03-01T00:00:00|" },
  { "data/byte_stream_split.zstd.parquet", 300, 2, "1.7640524|-1.3065268517353166|" },
  { "data/concatenated_gzip_members.parquet", 513, 1, "1|" },
  { "data/datapage_v1-corrupt-checksum.parquet", 0, 0,
    "*: column “a”, from row 1 on: a page does not match its checksum; *" },
  { "data/datapage_v1-snappy-compressed-checksum.parquet", 5120, 2, "50462976|1734763876|" },
  { "data/datapage_v2.snappy.parquet", 5, 5, "abc|1|2|1|1,2,3|" },
  { "data/delta_binary_packed.parquet", 200, 66, "6374628540732951412|0|0|0|*" },
  { "data/delta_byte_array.parquet", 1000, 9,
    "AAAAAAAAIODAAAAA|Sir|Mark|Bailey|N|MOROCCO||Mark.Bailey@rg9qCNVJ0s7qeY.com|2452443|" },
  { "data/delta_encoding_optional_column.parquet", 100, 17, "100|1254468|6370|6672|*" },
  { "data/hadoop_lz4_compressed.parquet", 0, 0, "*: column “c0” is compressed with LZ4, which *" },
  { "data/large_string_map.brotli.parquet", 0, 0,
    "*: column “arr” is compressed with Brotli, which *" },
  { "data/list_columns.parquet", 3, 2, "1,2,3|abc,efg,hij|" },
  { "data/nested_lists.snappy.parquet", 0, 0, "*: column “a” is a nested list *, which cannot *" },
  { "data/nulls.snappy.parquet", 0, 0, "*: column “b_struct” is a structure (b_c_int), which *" },
  { "data/plain-dict-uncompressed-checksum.parquet", 1000, 2,
    "0|a655fd0e-9949-4059-bcae-fd6a002a4652|" },
  { "data/rle-dict-snappy-checksum.parquet", 1000, 2, "0|c95e263a-f5d4-401f-8107-5ca7146a1f98|" },
  { "data/uniform_encryption.parquet.encrypted", 0, 0, "*: this Parquet file is encrypted, *" },
  { "bad_data/ARROW-GH-41317.parquet", 0, 0,
    "*: column “timestamp_us_no_tz”, from row 1 on: *; download or write the file again" },
  { "bad_data/ARROW-GH-43605.parquet", 21186, 1, "0|" },
  { "bad_data/ARROW-GH-47662.parquet", 0, 0, "*: column “flba_field” *" },
  { "bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", 0, 0, "*: column “name”, from row 1 on: *" },
};

/* NULL, with the test skipped, if it is not there. */
static AttuneTable *
read_shared (const char  *path,
             GError     **error)
{
  const char *shared = g_getenv ("ATTUNE_SHARED");
  g_autoptr (GFile) file = g_file_new_build_filename (shared != NULL ? shared : "/nonexistent",
                                                      "datasets", path, NULL);
  g_autofree char *message = g_strdup_printf ("needs datasets/%s in the folder "
                                              "ATTUNE_SHARED", path);

  if (g_file_query_exists (file, NULL))
    return attune_table_read (file, NULL, NULL, error);
  g_test_skip (message);
  return NULL;
}

/* Items of lists with commas between them. */
static char *
dump_first_row (AttuneTable *table)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < attune_table_get_n_columns (table); i++)
    g_string_append_printf (out, "%s|", attune_table_get_cell (table, 0, i, NULL));
  g_strdelimit (out->str, (const char[]) { ATTUNE_LIST_SEPARATOR, '\0' }, ',');
  return g_string_free (out, FALSE);
}

static void
test_file (gconstpointer data)
{
  const Expected *expected = data;
  g_autofree char *path = g_strconcat ("torture-parquet/", expected->name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_shared (path, &error);
  g_autofree char *found = NULL;

  if (table == NULL && error == NULL)
    return;
  found = table != NULL ? dump_first_row (table) : g_strdup (error->message);
  g_test_message ("%s", found);
  g_assert_cmpuint (table != NULL ? attune_table_get_n_rows (table) : 0, ==, expected->n_rows);
  g_assert_cmpuint (table != NULL ? attune_table_get_n_columns (table) : 0, ==,
                    expected->n_columns);
  if (!g_pattern_match_simple (expected->expected, found))
    g_error ("“%s” where “%s” is expected", found, expected->expected);
}

static void
assert_same_cell (AttuneTable *table,
                  AttuneTable *other,
                  guint        row,
                  guint        column)
{
  g_assert_cmpstr (attune_table_get_cell (table, row, column, NULL), ==,
                   attune_table_get_cell (other, row, column, NULL));
}

/* As CSV made by those who made the file; there every column is text. */
static void
test_delta_against_csv (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_shared ("torture-parquet/data/delta_encoding_optional_column"
                                               ".parquet", &error);
  g_autoptr (AttuneTable) csv = NULL;

  g_assert_no_error (error);
  if (table == NULL)
    return;
  csv = read_shared ("torture-parquet/data/delta_encoding_optional_column_expect.csv", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_rows (csv), ==, 100);
  g_assert_cmpuint (attune_table_get_n_columns (csv), ==, attune_table_get_n_columns (table));
  for (guint row = 0; row < 100; row++)
    for (guint column = 0; column < attune_table_get_n_columns (csv); column++)
      assert_same_cell (table, csv, row, column);
}

static void
test_sst2 (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_shared ("hf-parquet-sample/SST-2-val.parquet", &error);
  g_autoptr (AttuneTable) tsv = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  const char * const *names;

  g_assert_no_error (error);
  tsv = table != NULL ? read_shared ("sst2-glue/dev.tsv", &error) : NULL;
  g_assert_no_error (error);
  if (tsv == NULL)
    return;
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, 872);
  g_assert_cmpuint (attune_table_get_n_rows (tsv), ==, 872);
  for (guint row = 0; row < 872; row++)
    {
      g_autofree char *number = g_strdup_printf ("%u", row);

      assert_same_cell (table, tsv, row, 0);
      assert_same_cell (table, tsv, row, 1);
      g_assert_cmpstr (attune_table_get_cell (table, row, 2, NULL), ==, number);
    }

  dataset = attune_dataset_new (table, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_dataset_get_columns (dataset)->text, ==,
                   attune_table_find_column (table, "sentence"));
  g_assert_cmpint (attune_dataset_get_columns (dataset)->label, ==,
                   attune_table_find_column (table, "label"));
  names = attune_dataset_get_label_names (dataset);
  g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, 2);
  g_assert_cmpstr (names[0], ==, "negative");
  g_assert_cmpstr (names[1], ==, "positive");
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[0], ==, 428);
  g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[1], ==, 444);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("/parquet-real/", files[i].name, NULL);

      g_test_add_data_func (path, &files[i], test_file);
    }
  g_test_add_func ("/parquet-real/delta-against-csv", test_delta_against_csv);
  g_test_add_func ("/parquet-real/sst2", test_sst2);

  return g_test_run ();
}
