/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encodings: those that are detected, those that must be named, and bytes that are none.
 */
#include "config.h"

#include <string.h>

#include "table-from-text.h"

static const char sample[] = "text,label\ncaf\u00e9 \U0001f600,gut\n\u4e2d\u6587,\u00fcbel\n";
static const char sample_cells[] = "caf\u00e9 \U0001f600|gut|/\u4e2d\u6587|\u00fcbel|/";

typedef struct {
  const char *name;
  const char *codeset;  /* to write the sample with */
  const char *mark;
  gsize mark_size;
  const char *given;    /* in the options */
  const char *found;
} Encoding;

static const Encoding encodings[] = {
  { "utf-8", "UTF-8", "", 0, NULL, "UTF-8" },
  { "utf-8-mark", "UTF-8", "\xef\xbb\xbf", 3, NULL, "UTF-8" },
  { "utf-8-mark-given", "UTF-8", "\xef\xbb\xbf", 3, "utf8", "UTF-8" },
  { "utf-16le-mark", "UTF-16LE", "\xff\xfe", 2, NULL, "UTF-16LE" },
  { "utf-16be-mark", "UTF-16BE", "\xfe\xff", 2, NULL, "UTF-16BE" },
  { "utf-16le", "UTF-16LE", "", 0, NULL, "UTF-16LE" },
  { "utf-16be", "UTF-16BE", "", 0, NULL, "UTF-16BE" },
  { "utf-16le-given", "UTF-16LE", "\xff\xfe", 2, "UTF-16LE", "UTF-16LE" },
  { "utf-16-given", "UTF-16BE", "\xfe\xff", 2, "utf-16", "UTF-16BE" },
  { "utf-32-mark", "UTF-32LE", "\xff\xfe\0\0", 4, NULL, "UTF-32LE" },
  { "gb18030-given", "GB18030", "", 0, "GB18030", "GB18030" },
};

static void
test_encoding (gconstpointer data)
{
  const Encoding *encoding = data;
  AttuneTableOptions options = { .encoding = encoding->given };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *cells = NULL;
  g_autofree char *converted = NULL;
  gsize n;

  converted = g_convert (sample, -1, encoding->codeset, "UTF-8", NULL, &n, &error);
  g_assert_no_error (error);
  g_byte_array_append (bytes, (const guint8 *) encoding->mark, (guint) encoding->mark_size);
  g_byte_array_append (bytes, (const guint8 *) converted, (guint) n);

  table = read_text ((const char *) bytes->data, bytes->len, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_table_get_options (table)->encoding, ==, encoding->found);
  g_assert_cmpuint (attune_table_get_n_bytes (table), ==, bytes->len);
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, sample_cells);
}

static void
test_chinese_utf16_without_mark (void)
{
  GString *text = g_string_new (NULL);
  g_autofree char *converted = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = NULL;
  gsize n;

  /* Next to no ASCII, so next to no zero bytes. */
  for (guint i = 0; i < 50; i++)
    g_string_append_printf (text, "%s\t%d\n",
                            "\u9152\u5e97\u73af\u5883\u548c\u670d\u52a1\u6001\u5ea6"
                            "\u4ea6\u7b97\u4e0d\u9519\u4f46\u623f\u95f4\u7a7a\u95f4\u592a\u5c0f", i % 2);
  converted = g_convert (text->str, (gssize) text->len, "UTF-16LE", "UTF-8", NULL, &n, &error);
  g_assert_no_error (error);
  table = read_text (converted, n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_table_get_options (table)->encoding, ==, "UTF-16LE");
  g_assert_cmpuint (attune_table_get_n_rows (table), ==, 50);
  g_string_free (text, TRUE);
}

typedef struct {
  const char *name;
  const char *text;
  gsize length;
  const char *given;
  int code;
  const char *pattern;
} Bad;

#define BAD(name, text, given, code, pattern) \
  { name, "" text, sizeof (text) - 1, given, ATTUNE_DATASET_ERROR_##code, pattern }

static const Bad bad[] = {
  BAD ("latin-1-with-utf-8", "text,label\nfine \u00e9,1\ncaf\xe9,0\n", NULL, ENCODING,
       "test.csv: line 3, column 4 (row 3): the byte 0xE9 is not UTF-8; choose the encoding*"),
  BAD ("after-quoted-lines", "text,label\n\"a\nb\nc\",1\n\xc3\xa9\xff,0\n", NULL, ENCODING,
       "test.csv: line 5, column 2 (row 3): the byte 0xFF is not UTF-8;*"),
  BAD ("given-utf-8-at-end", "text,label\na,1\nb,\xe9", "UTF-8", ENCODING, "test.csv: line 3, column "
                                                                    "3*0xE9*"),
  BAD ("not-in-windows-1252", "text,label\na\x81,1\nb,0\n", NULL, ENCODING, "test.csv: line 2, column "
                                                                    "2*0x81*"),
  BAD ("overlong", "a,\xc0\xaf\n", NULL, ENCODING, "test.csv: line 1, column 3*0xC0*"),
  BAD ("surrogate", "a,\xed\xa0\x80\n", NULL, ENCODING, "test.csv: line 1, column 3*0xED*"),
  BAD ("beyond-unicode", "a,\xf4\x90\x80\x80\n", NULL, ENCODING, "test.csv: line 1, column "
                                                                 "3*0xF4*"),
  BAD ("given-utf-8", "a,\xff\n", "UTF-8", ENCODING, "test.csv: line 1, column 3*0xFF*"),
  BAD ("nul", "text,label\na,1\nb\0c,0\n", NULL, SYNTAX,
       "test.csv: line 3, column 2: there is a NUL byte*"),
  BAD ("nul-first", "\0", NULL, SYNTAX, "test.csv: line 1, column 1: there is a NUL byte*"),
  BAD ("utf-16-nul", "\xff\xfe" "a\0,\0\0\0\n\0", NULL, SYNTAX, "*line 1, column 3: there is a "
                                                                "NUL*"),
  BAD ("utf-16-lone-surrogate", "\xff\xfe" "a\0,\0\0\xd8" "b\0\n\0", NULL, ENCODING,
       "test.csv: line 1, column *: the bytes that follow are not UTF-16LE;*"),
  BAD ("utf-16-odd", "\xff\xfe" "a\0\n\0b", NULL, ENCODING, "test.csv: line 2, column 1*"),
  BAD ("unknown-name", "a,b\n", "klingon", ENCODING, "test.csv: there is no encoding called "
                                                     "“klingon”*"),
  BAD ("not-what-was-named", "a,\x81\n", "SHIFT_JIS", ENCODING, "test.csv: line 1, column 3*"),
};

static void
test_bad (gconstpointer data)
{
  const Bad *it = data;
  AttuneTableOptions options = { .encoding = it->given };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (it->text, it->length, &options, &error);

  g_assert_null (table);
  g_assert_error (error, ATTUNE_DATASET_ERROR, it->code);
  if (!g_pattern_match_simple (it->pattern, error->message))
    g_error ("unexpected message: %s", error->message);
}

static void
test_latin1_is_converted_when_named (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = READ ("text,label\ncaf\xe9,1\n\xfc,0\n",
                                        &(AttuneTableOptions) { .encoding = "ISO-8859-1" }, &error);
  g_autofree char *cells = NULL;

  g_assert_no_error (error);
  cells = dump_table (table);
  g_assert_cmpstr (cells, ==, "caf\u00e9|1|/\u00fc|0|/");
}

/* Guessed, and said to be. */
static void
assert_guess (const char *text,
              gsize       length,
              const char *encoding,
              const char *cells)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = read_text (text, length, NULL, &error);
  g_autofree char *found = NULL;
  const AttuneNote *note;

  g_assert_no_error (error);
  g_assert_cmpstr (attune_table_get_options (table)->encoding, ==, encoding);
  g_assert_nonnull (attune_table_get_notes (table));
  note = g_ptr_array_index (attune_table_get_notes (table), 0);
  g_assert_cmpstr (note->code, ==, "encoding-guessed");
  g_assert_nonnull (strstr (note->message, encoding));
  found = dump_table (table);
  g_assert_true (g_str_has_prefix (found, cells));
}

static void
test_guesses (void)
{
  static const char lonely[] = "text,label\ncaf\xe9,1\n\x93so\x94,0\n";
  static const char *const languages[][3] = {
    { "GB18030", "\u9152\u5e97\u73af\u5883\u548c\u670d\u52a1\u6001\u5ea6\u4ea6\u7b97\u4e0d\u9519,1\n",
      "\u9152\u5e97" },
    { "WINDOWS-1251",
      "\u041e\u0447\u0435\u043d\u044c \u0445\u043e\u0440\u043e\u0448\u0438\u0439 "
      "\u0444\u0438\u043b\u044c\u043c, \u0432\u0441\u0435\u043c \u0441\u043e\u0432\u0435\u0442\u0443\u044e;1\n",
      "\u041e\u0447\u0435\u043d\u044c" },
    { "SHIFT_JIS", "\u3053\u306e\u30db\u30c6\u30eb\u306f\u3068\u3066\u3082\u826f\u304b\u3063\u305f\u3067\u3059;1\n",
      "\u3053\u306e" },
  };

  assert_guess (lonely, sizeof lonely - 1, "WINDOWS-1252",
                "caf\u00e9|1|/\u201cso\u201d|0|/");
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      GString *text = g_string_new (NULL);
      g_autofree char *converted = NULL;
      gsize n;

      for (guint j = 0; j < 20; j++)
        g_string_append (text, languages[i][1]);
      converted = g_convert (text->str, (gssize) text->len, languages[i][0], "UTF-8", NULL, &n, NULL);
      g_assert_nonnull (converted);
      assert_guess (converted, n, languages[i][0], languages[i][2]);
      g_string_free (text, TRUE);
    }
}

static void
test_characters_across_blocks (void)
{
  /* The reader looks at 4 MB at a time; here a character lies across each border. */
  for (gsize lead = 1; lead <= 3; lead++)
    {
      const gsize border = 4 * 1024 * 1024;
      GString *text = g_string_new ("text,label\n");
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTable) table = NULL;

      while (text->len < border - 600000)
        {
          for (guint i = 0; i < 600; i++)
            g_string_append (text, "a thousand characters ");
          g_string_append (text, ",1\n");
        }
      while (text->len < border - lead)
        g_string_append_c (text, 'x');
      g_string_append (text, "\U0001f600,2\n");
      table = read_text (text->str, text->len, NULL, &error);
      g_assert_no_error (error);
      g_string_insert_c (text, (gssize) (border - lead), (char) 0xf0);
      g_assert_null (read_text (text->str, text->len, NULL, &error));
      g_assert_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_ENCODING);
      g_string_free (text, TRUE);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_autofree char *path = g_strconcat ("/encoding/reads/", encodings[i].name, NULL);

      g_test_add_data_func (path, &encodings[i], test_encoding);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/encoding/refuses/", bad[i].name, NULL);

      g_test_add_data_func (path, &bad[i], test_bad);
    }
  g_test_add_func ("/encoding/chinese-utf16-without-mark", test_chinese_utf16_without_mark);
  g_test_add_func ("/encoding/latin1-is-converted-when-named", test_latin1_is_converted_when_named);
  g_test_add_func ("/encoding/guesses", test_guesses);
  g_test_add_func ("/encoding/characters-across-blocks", test_characters_across_blocks);

  return g_test_run ();
}
