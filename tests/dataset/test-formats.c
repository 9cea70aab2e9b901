/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts of each format that is no delimited text, as they are and packed: what is detected, which
 * rows come out, and what is said of those that are broken.
 */
#include "config.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "table-from-text.h"

typedef struct {
  const char *name;
  AttuneFormat format;
  const char *text;
  const char *columns; /* with "*" behind those that hold lists */
  const char *cells;   /* as dump_table() has them, items with "+" between them */
} Format;

#define JSON ATTUNE_FORMAT_JSON
#define LINES ATTUNE_FORMAT_JSON_LINES
#define LABEL ATTUNE_FORMAT_LABEL_FIRST
#define FAST ATTUNE_FORMAT_FASTTEXT

static const Format formats[] = {
  { "json-lines", LINES, "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":0}\n",
    "text,label,", "a|1|/b|0|/" },
  { "json-lines-one", LINES, "{\"text\":\"a\",\"label\":1}", "text,label,", "a|1|/" },
  { "json-lines-crlf-and-blank", LINES, "\n{\"t\":\"a\"}\r\n\r\n{\"t\":\"b\"}\r\n", "t,", "a|/b|/" },
  { "json-lines-over-lines", LINES, "{\n \"t\": \"a\"\n}\n{\n \"t\": \"b\"\n}\n", "t,", "a|/b|/" },
  { "json-lines-missing-and-more", LINES, "{\"a\":\"1\"}\n{\"b\":2}\n{\"b\":3,\"a\":\"4\"}", "a,b,",
    "1||/|2|/4|3|/" },
  { "json-lines-values", LINES,
    "{\"i\":12345678901234567890,\"f\":1.50,\"e\":1E5,\"y\":true,\"n\":false,\"z\":null,\"x\":NaN}",
    "i,f,e,y,n,z,x,", "12345678901234567890|1.50|1E5|true|false|||/" },
  { "json-lines-twice", LINES, "{\"a\":\"1\",\"a\":\"2\"}", "a,", "2|/" },
  { "json-lines-escapes", LINES, "{\"a\":\"\\u00e9\\n\\ud83d\\ude00\\\"{[\"}", "a,",
    "\u00e9^n\U0001f600\"{[|/" },
  { "json-lines-nested", LINES, "{\"a\":{\"b\":1,\"c\":{\"d\":\"x\"}},\"e\":2}\n{\"e\":3}",
    "a.b,a.c.d,e,", "1|x|2|/||3|/" },
  { "json-lines-lists", LINES, "{\"a\":[\"x\",\"y\"],\"b\":\"t\"}\n{\"a\":[],\"b\":\"u\"}\n{\"a\":\"z\"}",
    "a*,b,", "x+y|t|/|u|/z||/" },
  { "json-lines-list-of-numbers", LINES, "{\"t\":\"q\",\"labels\":[3,17]}", "t,labels*,", "q|3+17|/" },
  { "json-lines-left-out", LINES, "{\"t\":\"q\",\"spans\":[{\"a\":1}],\"m\":[[1],[2]]}", "t,", "q|/" },
  { "json-array", JSON, "[{\"t\":\"a\",\"l\":1}, {\"t\":\"b\",\"l\":2}]", "t,l,", "a|1|/b|2|/" },
  { "json-array-indented", JSON, "[\n  {\n    \"t\": \"a\"\n  },\n  {\n    \"t\": \"b\"\n  }\n]\n", "t,",
    "a|/b|/" },
  { "json-data", JSON, "{\"version\":\"1\",\"data\":[{\"t\":\"a\"},{\"t\":\"b\"}]}", "t,", "a|/b|/" },
  { "json-columns", JSON, "{\"t\":[\"a\",\"b\"],\"l\":[0,1]}", "t,l,", "a|0|/b|1|/" },
  { "json-columns-of-lists", JSON, "{\"t\":[\"a\",\"b\"],\"l\":[[\"x\"],[\"x\",\"y\"]]}", "t,l*,",
    "a|x|/b|x+y|/" },
  { "json-columns-by-number", JSON, "{\"t\":{\"0\":\"a\",\"1\":\"b\"},\"l\":{\"0\":0,\"1\":1}}", "t,l,",
    "a|0|/b|1|/" },
  { "json-records", JSON, "{\"0\":{\"t\":\"a\",\"l\":0},\"1\":{\"t\":\"b\",\"l\":1}}", "t,l,",
    "a|0|/b|1|/" },
  { "fasttext", FAST, "__label__good fine film\n__label__bad , poor one\n", "label,text,",
    "good|fine film|/bad|, poor one|/" },
  { "fasttext-several", FAST, "__label__a __label__b t\n__label__c u v\n", "label*,text,",
    "a+b|t|/c|u v|/" },
  { "label-first-numbers", LABEL, "1 good , fine\n0 bad\n1 so so\n0 no , not , at all\n", "label,text,",
    "1|good , fine|/0|bad|/1|so so|/0|no , not , at all|/" },
  { "label-first-trec", LABEL,
    "NUM:dist How far ?\nLOC:city Where ?\nNUM:date When ?\nLOC:city Which ?\nNUM:dist What ?\n"
    "LOC:city Who ?\n",
    "label,fine_label,text,",
    "NUM|NUM:dist|How far ?|/LOC|LOC:city|Where ?|/NUM|NUM:date|When ?|/LOC|LOC:city|Which ?|/"
    "NUM|NUM:dist|What ?|/LOC|LOC:city|Who ?|/" },
  { "delimited-prose", ATTUNE_FORMAT_DELIMITED, "the film is good,1\nit is bad,0\nthe end,1\n",
    "Column 1,Column 2,", "the film is good|1|/it is bad|0|/the end|1|/" },
  { "delimited-bracket", ATTUNE_FORMAT_DELIMITED, "[MASK] one,1\n[CLS] two,0\n", "Column 1,Column 2,",
    "[MASK] one|1|/[CLS] two|0|/" },
};

static char *
dump_columns (AttuneTable *table)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < attune_table_get_n_columns (table); i++)
    g_string_append_printf (out, "%s%s,", attune_table_get_column_name (table, i),
                            attune_table_is_list (table, i) ? "*" : "");
  return g_string_free (out, FALSE);
}

static void
assert_is (AttuneTable  *table,
           const Format *format)
{
  g_autofree char *columns = dump_columns (table);
  g_autofree char *cells = dump_table (table);

  g_strdelimit (cells, (char[]) { ATTUNE_LIST_SEPARATOR, '\0' }, '+');
  g_assert_cmpint (attune_table_get_options (table)->format, ==, format->format);
  g_assert_cmpstr (columns, ==, format->columns);
  g_assert_cmpstr (cells, ==, format->cells);
}

static void
test_format (gconstpointer data)
{
  const Format *format = data;
  AttuneTableOptions options = { .format = format->format };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (format->text, strlen (format->text), NULL, &error);
  g_autoptr (AttuneTable) again = NULL;

  g_assert_no_error (error);
  assert_is (table, format);
  /* … and when it is said what it is. */
  again = read_text (format->text, strlen (format->text), &options, &error);
  g_assert_no_error (error);
  assert_is (again, format);
}

/* As gzip and as zstd, in one piece and in two that follow one another. Level 0 of gzip leaves all as
 * long as it is. */
static GByteArray *
pack (const char *text,
      gsize       length,
      gboolean    zstd,
      int         level,
      gsize       cut)
{
  GByteArray *out = g_byte_array_new ();
  const gsize from[] = { 0, cut }, to[] = { cut, length };

  for (guint i = cut == 0 ? 1 : 0; i < 2; i++)
    {
      gsize n = to[i] - from[i], room = n + n / 2 + 1024, packed;
      g_autofree guint8 *piece = g_malloc (room);

      if (zstd)
        packed = ZSTD_compress (piece, room, text + from[i], n, level);
      else
        {
          z_stream stream = { .next_in = (Bytef *) text + from[i], .avail_in = (uInt) n,
                              .next_out = piece, .avail_out = (uInt) room };

          g_assert_cmpint (deflateInit2 (&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
                           ==, Z_OK);
          g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
          packed = room - stream.avail_out;
          deflateEnd (&stream);
        }
      g_byte_array_append (out, piece, (guint) packed);
    }
  return out;
}

static void
test_packed (gconstpointer data)
{
  const gboolean zstd = GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    for (guint pieces = 1; pieces <= 2; pieces++)
      {
        const char *text = formats[i].text;
        g_autoptr (GByteArray) packed = pack (text, strlen (text), zstd, 6,
                                              pieces == 2 ? strlen (text) / 2 : 0);
        g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, packed->data,
                                                            packed->len);
        g_autoptr (GError) error = NULL;
        g_autoptr (AttuneTable) table = read_text ((const char *) packed->data, packed->len, NULL,
                                                   &error);

        g_assert_no_error (error);
        assert_is (table, &formats[i]);
        g_assert_cmpstr (attune_table_get_sha256 (table), ==, sum);
        g_assert_cmpuint (attune_table_get_n_bytes (table), ==, packed->len);
      }
}

static void
test_packed_and_broken (gconstpointer data)
{
  const gboolean zstd = GPOINTER_TO_INT (data);
  static const char text[] = "text,label\nsome text,1\nsome other text,0\n";
  g_autoptr (GByteArray) packed = pack (text, sizeof text - 1, zstd, 6, 0);

  for (guint length = 4; length < packed->len; length++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text ((const char *) packed->data, length, NULL, &error));
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
    }
  for (guint i = 12; i < packed->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) table = NULL;

      packed->data[i] ^= 0xff;
      table = read_text ((const char *) packed->data, packed->len, NULL, &error);
      g_assert_true ((table == NULL) == (error != NULL));
      packed->data[i] ^= 0xff;
    }
  g_byte_array_append (packed, (const guint8 *) "\0\0\0\0", 4);
  g_object_unref (read_text ((const char *) packed->data, packed->len, NULL, NULL));
  g_byte_array_append (packed, (const guint8 *) "x", 1);
  g_assert_null (read_text ((const char *) packed->data, packed->len, NULL, NULL));
}

static void
test_bomb (gconstpointer data)
{
  const gboolean zstd = GPOINTER_TO_INT (data);
  const gsize length = 256 * 1024 * 1024;
  g_autofree char *zeros = g_malloc0 (length);
  g_autoptr (GByteArray) packed = pack (zeros, length, zstd, 6, 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (read_text ((const char *) packed->data, packed->len, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE);
}

typedef struct {
  const char *name;
  AttuneFormat format;
  const char *text;
  int code;
  const char *pattern;
} Broken;

#define BAD(name, format, text, code, pattern) \
  { name, ATTUNE_FORMAT_##format, text, ATTUNE_DATASET_ERROR_##code, pattern }

static const Broken broken[] = {
  BAD ("json-open-string", JSON_LINES, "{\"a\":\"1\"}\n{\"a\":\"2}\n{\"a\":\"3\"}\n", SYNTAX,
       "test.csv: line 2, column 1: from here on this is not JSON;*"),
  BAD ("json-open-bracket", JSON_LINES, "{\"a\":\"1\"}\n{\"a\":[1,2\n", SYNTAX, "*: line 2, column 1: *"),
  BAD ("json-no-value", JSON_LINES, "{\"a\":1}\n{\"a\":}\n", SYNTAX, "*: line 2, column 6: *"),
  BAD ("json-bare-word", JSON_LINES, "{\"a\":1}\n{\"a\":oops}\n", SYNTAX, "*: line 2, column 6: *"),
  BAD ("json-array-of-numbers", JSON, "[1,2,3]", FORMAT, "*: line 1: what begins here is not an object*"),
  BAD ("json-array-cut", JSON, "[{\"a\":1},{\"a\":2}", SYNTAX, "*line 1, column 17: *"),
  BAD ("json-array-comma", JSON, "[{\"a\":1} {\"a\":2}]", SYNTAX, "*line 1, column 10: *"),
  BAD ("json-empty-array", JSON, "[]", EMPTY, "*no rows*"),
  BAD ("json-empty-objects", JSON_LINES, "{}\n{}", EMPTY, "*no rows*"),
  BAD ("json-uneven-columns", JSON, "{\"a\":[1,2],\"b\":[1]}", SYNTAX, "*first column has 2 values and column "
                                                                   "2 has 1*"),
  BAD ("json-nul", JSON_LINES, "{\"a\":\"x\\u0000y\"}", SYNTAX, "*: line 1: column “a” holds a NUL*"),
  BAD ("json-lone-surrogate", JSON_LINES, "{\"a\":\"\\ud800\"}", SYNTAX, "*: line 1, column *"),
  BAD ("empty", FASTTEXT, "\n\n", EMPTY, "*no rows*"),
  BAD ("text-as-parquet", PARQUET, "a,b\n", FORMAT, "*not a Parquet file*"),
  BAD ("text-as-folders", FOLDERS, "a,b\n", FORMAT, "*not of the format*"),
};

static void
test_broken (gconstpointer data)
{
  const Broken *it = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table
    = read_text (it->text, strlen (it->text), &(AttuneTableOptions) { .format = it->format },
                 &error);

  g_assert_null (table);
  g_assert_error (error, ATTUNE_DATASET_ERROR, it->code);
  if (!g_pattern_match_simple (it->pattern, error->message))
    g_error ("unexpected message: %s", error->message);
}

/* No depth costs memory or stack, and no number of names more than its cap. */
static void
test_deep_and_wide (void)
{
  g_autoptr (GString) text = g_string_new ("{\"t\":\"x\",\"a\":");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;

  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (text, ']');
  g_string_append (text, "}");
  table = read_text (text->str, text->len, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_table_get_n_columns (table), ==, 1);

  g_string_assign (text, "{\"t\":\"x\",\"a\":");
  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "{\"b\":");
  g_string_append (text, "1");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, '}');
  g_string_append (text, "}");
  g_clear_object (&table);
  table = read_text (text->str, text->len, NULL, &error);
  g_assert_no_error (error);

  g_string_assign (text, "{");
  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "%s\"k%u\":1", i == 0 ? "" : ",", i);
  g_string_append (text, "}");
  g_clear_object (&table);
  g_assert_null (read_text (text->str, text->len, NULL, &error));
  g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE);
}

/* Whatever the format, no field and no row is longer than the cap, and the line is named. */
static void
test_long (void)
{
  static const struct {
    const char *begin, *end;
    AttuneFormat format;
  } texts[] = {
    { "{\"t\":\"a\"}\n{\"t\":\"", "\"}\n", LINES },
    { "[{\"t\":\"a\"},\n{\"t\":\"", "\"}]\n", JSON },
    { "{\"t\":[\"a\",\n\"", "\"]}", JSON },
    { "1 a\n0 ", "\n", LABEL },
    { "__label__a b\n__label__c ", "\n", FAST },
    { "a,1\n", ",0\n", ATTUNE_FORMAT_DELIMITED },
  };
  const gsize n = 65 * 1024 * 1024;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GString) text = g_string_new (texts[i].begin);
      g_autoptr (GError) error = NULL;

      g_string_set_size (text, text->len + n);
      memset (text->str + text->len - n, 'x', n);
      g_string_append (text, texts[i].end);
      g_assert_null (read_text (text->str, text->len,
                                &(AttuneTableOptions) { .format = texts[i].format }, &error));
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_TOO_LARGE);
      if (strstr (error->message, "line 2") == NULL || strstr (error->message, "64 MB") == NULL)
        g_error ("unexpected message: %s", error->message);
    }
}

static void
test_notes_say_what_is_left_out (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("{\"t\":\"q\",\"spans\":[{\"a\":1}]}", NULL, &error);
  const AttuneNote *note;

  g_assert_no_error (error);
  g_assert_nonnull (attune_table_get_notes (table));
  note = g_ptr_array_index (attune_table_get_notes (table), 0);
  g_assert_cmpstr (note->code, ==, "columns-left-out");
  g_assert_nonnull (strstr (note->message, "spans"));
}

static void
test_refuses_by_name (void)
{
  static const struct {
    const char *bytes;
    gsize length;
    const char *word;
  } files[] = {
    { "PK\003\004xxxx", 8, "spreadsheet" }, { "BZh9xxxx", 8, "bzip2" },
    { "\3757zXZ\0xx", 8, "xz" },            { "\004\042\115\030xxxx", 8, "LZ4" },
    { "7z\274\257\047\034xx", 8, "7-Zip" }, { "Rar!xxxx", 8, "RAR" },
  };
  g_autofree char *tar = g_malloc0 (1024);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) local = NULL;

      g_assert_null (read_text (files[i].bytes, files[i].length, NULL, &local));
      g_assert_error (local, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT);
      g_assert_nonnull (strstr (local->message, files[i].word));
    }
  memcpy (tar + 257, "ustar", 5);
  g_assert_null (read_text (tar, 1024, NULL, &error));
  g_assert_nonnull (strstr (error->message, "tar archive"));
}

/* The digest's two ways against GLib, at each length around a block and across its pieces. */
static void
test_sums (void)
{
  g_autofree char *text = g_malloc (3 * 1024 * 1024);

  for (gsize i = 0; i < 3 * 1024 * 1024; i++)
    text[i] = i % 7 == 6 ? '\n' : (char) ('a' + i % 13);
  for (gsize length = 7; length < 3 * 1024 * 1024; length += length < 300 ? 1 : 123457)
    {
      g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) text, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) table = read_text (text, length, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (attune_table_get_sha256 (table), ==, sum);
    }
}

static void
widen (GString *text)
{
  gsize n = text->len;

  g_string_set_size (text, 2 * n);
  for (gsize at = n; at-- > 0;)
    {
      text->str[2 * at + 1] = '\0';
      text->str[2 * at] = text->str[at];
    }
}

/* As many rows as make 20 MB, so that memory is given back behind the reading several times; and
 * again on a detour over UTF-16 or gzip, behind which it is given back, too. */
static void
test_memory_is_given_back (void)
{
  static const struct {
    const char *begin, *end;
    AttuneFormat format;
    gboolean utf16, gzip;
  } files[] = {
    { "{\"label\": \"1\", \"text\": \"", "\"}\n", LINES, FALSE, FALSE },
    { "{\"label\": \"1\", \"text\": \"", "\"}\n", LINES, TRUE, FALSE },
    { "{\"label\": \"1\", \"text\": \"", "\"}\n", LINES, FALSE, TRUE },
    { "1 ", "\n", LABEL, FALSE, FALSE },
    { "__label__1 ", "\n", FAST, FALSE, FALSE },
  };
  const guint n_rows = 90000;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      const AttuneTableOptions options = { .encoding = files[i].utf16 ? "UTF-16LE" : NULL,
                                           .format = files[i].format };
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (AttuneTable) table = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *sum = NULL;
      guint column;

      for (guint row = 0; row < n_rows; row++)
        g_string_append_printf (text, "%sso it is, and %0200u%s", files[i].begin, row, files[i].end);
      if (files[i].utf16)
        widen (text);
      if (files[i].gzip)
        bytes = g_byte_array_free_to_bytes (pack (text->str, text->len, FALSE, 0, 0));
      else
        bytes = g_bytes_new (text->str, text->len);
      sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
      table = attune_table_read_bytes (bytes, "long", &options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (attune_table_get_sha256 (table), ==, sum);
      g_assert_cmpuint (attune_table_get_n_rows (table), ==, n_rows);
      column = (guint) attune_table_find_column (table, "text");
      for (guint row = 0; row < n_rows; row++)
        {
          g_string_printf (text, "so it is, and %0200u", row);
          g_assert_cmpstr (attune_table_get_cell (table, row, column, NULL), ==, text->str);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *path = g_strconcat ("/formats/reads/", formats[i].name, NULL);

      g_test_add_data_func (path, &formats[i], test_format);
    }
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *path = g_strconcat ("/formats/refuses/", broken[i].name, NULL);

      g_test_add_data_func (path, &broken[i], test_broken);
    }
  for (gint zstd = 0; zstd < 2; zstd++)
    {
      const char *name = zstd ? "zstd" : "gzip";
      g_autofree char *packed = g_strconcat ("/formats/packed/", name, NULL);
      g_autofree char *cut = g_strconcat ("/formats/packed/broken-", name, NULL);
      g_autofree char *bomb = g_strconcat ("/formats/packed/bomb-", name, NULL);

      g_test_add_data_func (packed, GINT_TO_POINTER (zstd), test_packed);
      g_test_add_data_func (cut, GINT_TO_POINTER (zstd), test_packed_and_broken);
      g_test_add_data_func (bomb, GINT_TO_POINTER (zstd), test_bomb);
    }
  g_test_add_func ("/formats/deep-and-wide", test_deep_and_wide);
  g_test_add_func ("/formats/long", test_long);
  g_test_add_func ("/formats/notes-say-what-is-left-out", test_notes_say_what_is_left_out);
  g_test_add_func ("/formats/refuses-by-name", test_refuses_by_name);
  g_test_add_func ("/formats/sums", test_sums);
  g_test_add_func ("/formats/memory-is-given-back", test_memory_is_given_back);

  return g_test_run ();
}
