/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grammar of tables, what is detected of it, and what is said when a text breaks it.
 */
#include "config.h"

#include <string.h>

#include "table-from-text.h"

typedef struct {
  const char *name;
  const char *text;
  char delimiter;
  AttuneQuoting quoting;
  const char *cells;
} Grammar;

/* Header off throughout, so that every record shows. */
static const Grammar grammars[] = {
  { "one-cell", "a", ',', 1, "a|/" },
  { "one-row", "a,b", ',', 1, "a|b|/" },
  { "one-row-lf", "a,b\n", ',', 1, "a|b|/" },
  { "lf", "a,b\nx,y\n", ',', 1, "a|b|/x|y|/" },
  { "crlf", "a,b\r\nx,y\r\n", ',', 1, "a|b|/x|y|/" },
  { "lone-cr", "a,b\rx,y\r", ',', 1, "a|b|/x|y|/" },
  { "mixed-ends", "a,b\r\nc,d\ne,f\rg,h", ',', 1, "a|b|/c|d|/e|f|/g|h|/" },
  { "no-last-newline", "a,b\nx,y", ',', 1, "a|b|/x|y|/" },
  { "blank-lines", "\n\na,b\n\n  \n\r\nx,y\n\n\n", ',', 1, "a|b|/x|y|/" },
  { "empty-cells", ",\na,\n,b\n", ',', 1, "||/a||/|b|/" },
  { "empty-at-end-of-file", "a,b\nx,", ',', 1, "a|b|/x||/" },
  { "trailing-delimiters", "a,b\nx,y,\nz,w,,\n", ',', 1, "a|b|/x|y|/z|w|/" },
  { "trailing-everywhere", "a,b,\nx,y,\n", ',', 1, "a|b||/x|y||/" },
  { "quoted", "\"a\",\"b\"\n", ',', 1, "a|b|/" },
  { "quoted-empty", "\"\",b\nx,\"\"\n", ',', 1, "|b|/x||/" },
  { "quoted-delimiter", "\"a,b\",c\n", ',', 1, "a,b|c|/" },
  { "quoted-lf", "\"a\nb\",c\n", ',', 1, "a^nb|c|/" },
  { "quoted-crlf", "\"a\r\nb\",c\r\n", ',', 1, "a^r^nb|c|/" },
  { "doubled", "\"a \"\"b\"\" c\",d\n", ',', 1, "a \"b\" c|d|/" },
  { "only-doubled", "\"\"\"\",d\n", ',', 1, "\"|d|/" },
  { "doubled-at-end", "\"a\"\"\",\"\"\"b\"\n", ',', 1, "a\"|\"b|/" },
  { "quoted-at-end-of-file", "a,\"b\"", ',', 1, "a|b|/" },
  { "quote-inside", "5\" disk,it\"s\n", ',', 1, "5\" disk|it\"s|/" },
  { "quote-after-space", "a, \"b\"\n", ',', 1, "a| \"b\"|/" },
  { "spaces-kept", " a , b \n", ',', 1, " a | b |/" },
  { "quotes-are-data", "\"a\tb\"\n\"\"c\t\"\n", '\t', 2, "\"a|b\"|/\"\"c|\"|/" },
  { "semicolon", "a;\"b;c\"\n", ';', 1, "a|b;c|/" },
  { "pipe", "a|b,c\n", '|', 1, "a|b,c|/" },
  { "mark-in-a-cell", "a,\xef\xbb\xbf" "b\n", ',', 1, "a|\xef\xbb\xbf" "b|/" },
  { "mark-at-start", "\xef\xbb\xbf\"a\",b\n", ',', 1, "a|b|/" },
  { "line-separator-is-data", "a\xe2\x80\xa8" "b,c\n", ',', 1, "a\xe2\x80\xa8" "b|c|/" },
  { "vertical-tab-is-data", "a\vb,c\fd\n", ',', 1, "a\vb|c\fd|/" },
};

static void
test_grammar (gconstpointer data)
{
  const Grammar *grammar = data;
  AttuneTableOptions options = { .delimiter = grammar->delimiter, .quoting = grammar->quoting,
                                 .header = ATTUNE_HEADER_NO };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table =
    read_text (grammar->text, strlen (grammar->text), &options, &error);
  g_autofree char *cells = NULL;

  g_assert_no_error (error);
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, grammar->cells);
}

typedef struct {
  const char *name;
  const char *text;
  char delimiter;
  AttuneQuoting quoting;
  AttuneHeader header;
  const char *cells;
} Detection;

#define RFC ATTUNE_QUOTING_RFC4180
#define RAW ATTUNE_QUOTING_NONE
#define YES ATTUNE_HEADER_YES
#define NO ATTUNE_HEADER_NO

static const Detection detections[] = {
  { "comma", "text,label\nfine,1\nbad,0\n", ',', RFC, YES, "fine|1|/bad|0|/" },
  { "tab", "text\tlabel\nfine, so\t1\nbad, so\t0\n", '\t', RAW, YES, "fine, so|1|/bad, so|0|/" },
  { "semicolon", "text;label\n1,5 m;1\n2 m;0\n", ';', RFC, YES, "1,5 m|1|/2 m|0|/" },
  { "pipe", "text|label\na, b|1\nc|0\n", '|', RAW, YES, "a, b|1|/c|0|/" },
  { "quoted-commas", "text,label\n\"a, b, c\",1\n\"d\",0\n", ',', RFC, YES, "a, b, c|1|/d|0|/" },
  { "quoted-lines", "text,label\n\"Dear all,\n\nbye\",1\nx,0\n", ',', RFC, YES,
    "Dear all,^n^nbye|1|/x|0|/" },
  { "glue-quotes", "sentence\tlabel\n\"fine \t1\n\" so\" they say \t0\n", '\t', RAW, YES,
    "\"fine |1|/\" so\" they say |0|/" },
  { "glue-whole-quotes", "sentence\tlabel\n\"fine\"\t1\nbad\t0\nso\t0\n", '\t', RAW, YES,
    "\"fine\"|1|/bad|0|/so|0|/" },
  /* The quotes of two rows pair over the line end, yet each line is a whole row. */
  { "glue-paired-quotes", "sentence\tlabel\n\"fine\t1\nbad\"\t0\nso\t0\n", '\t', RAW, YES,
    "\"fine|1|/bad\"|0|/so|0|/" },
  { "tab-with-csv-quotes", "text\tlabel\n\"say \"\"a\"\"\"\t1\nb\t0\n", '\t', RFC, YES,
    "say \"a\"|1|/b|0|/" },
  { "all-quoted-tab", "\"text\"\t\"label\"\n\"a\"\t\"1\"\n\"b\"\t\"0\"\n", '\t', RFC, YES,
    "a|1|/b|0|/" },
  { "no-header-repeated-label", "fine\tpos\nbad\tneg\ngood\tpos\n", '\t', RAW, NO,
    "fine|pos|/bad|neg|/good|pos|/" },
  { "no-header-numbers", "x\t1\t\tA text of words.\ny\t0\t*\tAnother of words.\n", '\t', RAW, NO,
    "x|1||A text of words.|/y|0|*|Another of words.|/" },
  { "header-over-numbers", "a,b\nx,1\ny,2\n", ',', RFC, YES, "x|1|/y|2|/" },
  { "header-of-known-names", "Review Text,Category\nx,one\n", ',', RFC, YES, "x|one|/" },
  { "header-over-classes",
    "what,kind\na,x\nb,y\nc,x\nd,y\ne,x\nf,y\ng,x\nh,y\ni,x\nj,y\n", ',', RFC, YES,
    "a|x|/b|y|/c|x|/d|y|/e|x|/f|y|/g|x|/h|y|/i|x|/j|y|/" },
  { "caret", "text^label\nfine, so^1\nbad^0\n", '^', RAW, YES, "fine, so|1|/bad|0|/" },
  { "tilde", "label~text\n1~fine; so\n0~bad\n", '~', RAW, YES, "1|fine; so|/0|bad|/" },
  { "colon", "text:label\nfine, so:1\nbad:0\n", ':', RAW, YES, "fine, so|1|/bad|0|/" },
  { "start-of-heading", "fine, so\1pos\nbad\1neg\ngood\1pos\n", '\1', RAW, NO,
    "fine, so|pos|/bad|neg|/good|pos|/" },
  { "unit-separator", "text\037label\nfine, so\0371\nbad\0370\n", '\037', RAW, YES,
    "fine, so|1|/bad|0|/" },
  /* Marks within the texts make no columns of them. */
  { "comma-not-caret", "text,label\na^b,1\nc^d,0\n", ',', RFC, YES, "a^b|1|/c^d|0|/" },
  { "comma-not-colon", "label: kind,text: words\n1: a,b: c\n0: d,e: f\n", ',', RFC, YES,
    "1: a|b: c|/0: d|e: f|/" },
  { "prose-with-colons", "They said: fine\nThen: bad\nSo it is: good\n", '\t', RAW, NO,
    "They said: fine|/Then: bad|/So it is: good|/" },
  { "prose-with-tildes", "about ~5 m\nor ~6 m\nand ~7 m\n", '\t', RAW, NO,
    "about ~5 m|/or ~6 m|/and ~7 m|/" },
  { "uneven-colons", "text: label\nfine: so: 1\nbad: 0\n", '\t', RAW, YES,
    "fine: so: 1|/bad: 0|/" },
  { "one-column", "a text, of words\nanother\n", '\t', RAW, NO, "a text, of words|/another|/" },
};

static void
test_detection (gconstpointer data)
{
  const Detection *detection = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table =
    read_text (detection->text, strlen (detection->text), NULL, &error);
  g_autofree char *cells = NULL;
  const AttuneTableOptions *found;

  g_assert_no_error (error);
  found = attune_table_get_options (table);
  g_assert_cmpint (found->delimiter, ==, detection->delimiter);
  g_assert_cmpint (found->quoting, ==, detection->quoting);
  g_assert_cmpint (found->header, ==, detection->header);
  g_assert_cmpstr (found->encoding, ==, "UTF-8");
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, detection->cells);
}

typedef struct {
  const char *name;
  const char *text;
  char delimiter;
  AttuneQuoting quoting;
  int code;
  const char *pattern; /* of the message */
} Fault;

static const Fault faults[] = {
  { "empty", "", 0, 0, ATTUNE_DATASET_ERROR_EMPTY, "test.csv: the file is empty;*" },
  { "blank", "\n \r\n\n", 0, 0, ATTUNE_DATASET_ERROR_EMPTY, "test.csv: the file is empty;*" },
  { "mark-only", "\xef\xbb\xbf", 0, 0, ATTUNE_DATASET_ERROR_EMPTY, "test.csv: the file is "
                                                                   "empty;*" },
  { "header-only", "text,label\n", 0, 0, ATTUNE_DATASET_ERROR_EMPTY,
    "test.csv: there are no rows below the header;*" },
  { "unterminated", "text,label\na,1\nb,\"0\nc,1\nd,0\n", ',', RFC, ATTUNE_DATASET_ERROR_SYNTAX,
    "test.csv: line 3, column 3: the quotation mark that opens here is never closed;*" },
  { "unterminated-detected", "text,label\n\"a, b\",1\n\"c, d,0\ne,1\n", 0, 0,
    ATTUNE_DATASET_ERROR_SYNTAX,
    "test.csv: line 3, column 1: the quotation mark that opens here is never closed;*" },
  { "unterminated-last", "text,label\n\"a\",1\nb,\"", ',', RFC, ATTUNE_DATASET_ERROR_SYNTAX,
    "test.csv: line 3, column 3: *never closed*" },
  { "after-quote", "text,label\n\"a\" b,1\n", ',', RFC, ATTUNE_DATASET_ERROR_SYNTAX,
    "test.csv: line 2, column 4: text follows a closing quotation mark;*" },
  { "long-row", "text,label\na,1\nb, c,0\n", ',', 0, ATTUNE_DATASET_ERROR_SYNTAX,
    "test.csv: line 3 has 3 columns where the first has 2;*" },
  { "short-row", "text,label\na,1\n\nb\nc,0\n", ',', 0, ATTUNE_DATASET_ERROR_SYNTAX,
    "test.csv: line 4 has 1 column where the first has 2;*" },
  { "ragged-after-quoted-lines", "text,label\n\"a\n\nb\",1\nc\n", ',', RFC,
    ATTUNE_DATASET_ERROR_SYNTAX, "test.csv: line 5 has 1 column where the first has 2;*" },
  { "twice-named", "id,text,label,text\n1,a,b,c\n", ',', 0, ATTUNE_DATASET_ERROR_COLUMN,
    "test.csv: line 1: columns 2 and 4 are both called “text”;*" },
  { "zip", "PK\003\004\024rest", 0, 0, ATTUNE_DATASET_ERROR_FORMAT,
    "test.csv: this is not a table of texts but a spreadsheet*" },
  { "lfs-pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", 0, 0,
    ATTUNE_DATASET_ERROR_FORMAT, "test.csv: *git lfs pull*" },
};

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;
  AttuneTableOptions options = { .delimiter = fault->delimiter, .quoting = fault->quoting };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (fault->text, strlen (fault->text), &options, &error);

  g_assert_null (table);
  g_assert_error (error, ATTUNE_DATASET_ERROR, fault->code);
  if (!g_pattern_match_simple (fault->pattern, error->message))
    g_error ("unexpected message: %s", error->message);
}

static void
test_lines_are_those_of_the_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,label\n\na,1\r\n\"b\nc\",2\n\nd,1\n", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, 3);
  g_assert_cmpuint (attune_table_get_line (table, 0), ==, 3);
  g_assert_cmpuint (attune_table_get_line (table, 1), ==, 4);
  g_assert_cmpuint (attune_table_get_line (table, 2), ==, 7);
}

static void
test_columns_are_found_by_name_and_number (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("Text, label ,2,\na,1,x,\nb,2,y,\n",
                                        &(AttuneTableOptions) { .header = YES }, &error);
  g_autoptr (AttuneTable) bare = READ ("a,1\nb,2\n", &(AttuneTableOptions) { .header = NO },
                                       &error);

  g_assert_no_error (error);
  g_assert_cmpstr (attune_table_get_column_name (table, 1), ==, "label");
  g_assert_cmpstr (attune_table_get_column_name (table, 3), ==, "Column 4");
  g_assert_cmpint (attune_table_find_column (table, "label"), ==, 1);
  g_assert_cmpint (attune_table_find_column (table, "text"), ==, 0);
  g_assert_cmpint (attune_table_find_column (table, "2"), ==, 2);
  g_assert_cmpint (attune_table_find_column (table, "1"), ==, 0);
  g_assert_cmpint (attune_table_find_column (table, "4"), ==, 3);
  g_assert_cmpint (attune_table_find_column (table, "5"), ==, -1);
  g_assert_cmpint (attune_table_find_column (table, "0"), ==, -1);
  g_assert_cmpint (attune_table_find_column (table, ""), ==, -1);
  g_assert_cmpint (attune_table_find_column (table, "nothing"), ==, -1);
  g_assert_cmpstr (attune_table_get_column_name (bare, 1), ==, "Column 2");
  g_assert_cmpint (attune_table_find_column (bare, "Column 2"), ==, 1);
}

static void
assert_guess (const char *text,
              gint        text_column,
              gint        label_column)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (attune_table_guess_text_column (table), ==, text_column);
  g_assert_cmpint (attune_table_guess_label_column (table, text_column, -1), ==, label_column);
}

static void
test_columns_are_guessed (void)
{
  assert_guess ("id,Sentiment,Tweet Text\n1,good,x\n2,bad,y\n", 2, 1);
  assert_guess ("label\ttext_a\n1\tx\n0\ty\n", 1, 0);
  assert_guess ("index\tsentence1\tsentence2\tlabel\n0\ta\tb\tyes\n1\tc\td\tno\n", 1, 3);
  assert_guess ("a,b,c\n1,This one is long enough,x\n2,And so is this one,y\n3,As are they all,x\n"
                "4,Is it not so,y\n", 1, 2);
  /* Nothing repeats: no column is a label. */
  assert_guess ("a,b\n1,one text\n2,two texts\n3,three texts\n4,four texts\n", 1, -1);
}

static void
test_wide_tables_are_refused (void)
{
  g_autofree char *row = g_strnfill (16384, ',');
  g_autoptr (GError) error = NULL;
  AttuneTableOptions options = { .delimiter = ',' };
  g_autoptr (AttuneTable) table = read_text (row, 16384, &options, &error);

  g_assert_null (table);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "16,384 columns"));

  g_clear_error (&error);
  g_assert_null (read_text (row, 16384, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE);

  g_clear_error (&error);
  table = read_text (row, 16383, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_columns (table), ==, 16384);
}

static void
test_long_fields_are_refused (void)
{
  const gsize n = 64 * 1024 * 1024 + 12;
  g_autofree char *text = g_malloc (n);
  g_autoptr (GError) error = NULL;
  AttuneTableOptions options = { .delimiter = ',', .quoting = RFC, .header = YES };
  AttuneTable *table;

  memset (text, 'x', n);
  memcpy (text, "text,label\n", 11);
  table = read_text (text, n, &options, &error);
  g_assert_null (table);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "line 2, column 1"));
  g_assert_nonnull (strstr (error->message, "64 MB"));

  g_clear_error (&error);
  text[11] = '"';
  table = read_text (text, n, &options, &error);
  g_assert_null (table);
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_SYNTAX);
}

static void
test_sha256_is_of_the_bytes (void)
{
  static const char text[] = "\xef\xbb\xbftext,label\r\n\"a\",1\r\n";
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (attune_table_get_sha256 (table), ==, expected);
  g_assert_cmpuint (attune_table_get_n_bytes (table), ==, strlen (text));
  g_assert_cmpstr (attune_table_get_format (table), ==, "CSV");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (grammars); i++)
    {
      g_autofree char *path = g_strconcat ("/table/grammar/", grammars[i].name, NULL);

      g_test_add_data_func (path, &grammars[i], test_grammar);
    }
  for (guint i = 0; i < G_N_ELEMENTS (detections); i++)
    {
      g_autofree char *path = g_strconcat ("/table/detects/", detections[i].name, NULL);

      g_test_add_data_func (path, &detections[i], test_detection);
    }
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/table/refuses/", faults[i].name, NULL);

      g_test_add_data_func (path, &faults[i], test_fault);
    }
  g_test_add_func ("/table/lines-are-those-of-the-file", test_lines_are_those_of_the_file);
  g_test_add_func ("/table/columns-are-found-by-name-and-number",
                   test_columns_are_found_by_name_and_number);
  g_test_add_func ("/table/columns-are-guessed", test_columns_are_guessed);
  g_test_add_func ("/table/wide-tables-are-refused", test_wide_tables_are_refused);
  g_test_add_func ("/table/long-fields-are-refused", test_long_fields_are_refused);
  g_test_add_func ("/table/sha256-is-of-the-bytes", test_sha256_is_of_the_bytes);

  return g_test_run ();
}
