/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ids, type ids and spans against those of the reference library: fixtures always, the complete
 * vectors and whole corpora where the shared data is.
 */
#include "config.h"

#include <string.h>

#include "vectors.h"

typedef struct {
  GHashTable *tokenizers; /* "vocabulary/lower" → AttuneTokenizer, NULL: always the fixture's */
  AttuneTokenizer *tokenizer;
  AttuneEncoding *encoding;
} Vectors;

static AttuneTokenizer *
tokenizer_for (Vectors    *self,
               yyjson_val *line)
{
  const char *name = yyjson_get_str (yyjson_obj_get (line, "vocab"));
  const gboolean lower = yyjson_get_bool (yyjson_obj_get (line, "lower"));
  g_autofree char *key = g_strdup_printf ("%s/%d", name, lower);
  g_autofree char *path = NULL;
  AttuneTokenizer *tokenizer;

  if (self->tokenizers == NULL)
    {
      g_assert_cmpstr (key, ==, "bert-base-uncased/1");
      return self->tokenizer;
    }

  tokenizer = g_hash_table_lookup (self->tokenizers, key);
  if (tokenizer == NULL)
    {
      path = g_build_filename (g_getenv ("ATTUNE_SHARED"), "datasets", "vocabs", name, "vocab.txt",
                               NULL);
      tokenizer = open_vocabulary (path, lower, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE, TRUE);
      g_hash_table_insert (self->tokenizers, g_steal_pointer (&key), tokenizer);
    }

  return tokenizer;
}

static void
encode (AttuneTokenizer *tokenizer,
        yyjson_val      *line,
        AttuneEncoding  *encoding)
{
  yyjson_val *text = yyjson_obj_get (line, "text");
  yyjson_val *pair = yyjson_obj_get (line, "pair");
  yyjson_val *max_length = yyjson_obj_get (line, "max_length");
  g_autoptr (GError) error = NULL;

  attune_tokenizer_encode (tokenizer, yyjson_get_str (text), (gssize) yyjson_get_len (text),
                           yyjson_get_str (pair), (gssize) yyjson_get_len (pair),
                           max_length != NULL ? (guint) yyjson_get_int (max_length) : G_MAXUINT,
                           encoding, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (encoding->type_ids->len, ==, encoding->ids->len);
  g_assert_cmpuint (encoding->spans->len, ==, encoding->ids->len);
}

static void
check_type_ids (AttuneEncoding *encoding,
                yyjson_val     *type_ids)
{
  yyjson_val *type_id;
  size_t i, n;

  g_assert_cmpuint (yyjson_arr_size (type_ids), ==, encoding->type_ids->len);
  yyjson_arr_foreach (type_ids, i, n, type_id)
    g_assert_cmpint (g_array_index (encoding->type_ids, guint8, i), ==, yyjson_get_int (type_id));
}

static void
check_line (yyjson_val *line,
            gpointer    user_data)
{
  Vectors *self = user_data;
  yyjson_val *special = yyjson_obj_get (line, "special");
  yyjson_val *type_ids = yyjson_obj_get (line, "type_ids");

  encode (tokenizer_for (self, line), line, self->encoding);
  assert_ids (self->encoding, yyjson_obj_get (line, "ids"),
              special == NULL || yyjson_get_bool (special),
              yyjson_get_str (yyjson_obj_get (line, "text")));
  if (yyjson_is_arr (type_ids))
    check_type_ids (self->encoding, type_ids);
}

static void
test_fixture (gconstpointer data)
{
  g_autofree char *path = fixture_path (data);
  g_autoptr (AttuneTokenizer) tokenizer = open_uncased ();
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  Vectors vectors = { NULL, tokenizer, encoding };

  for_each_line (path, check_line, &vectors);
}

static void
test_shared (gconstpointer data)
{
  g_autofree char *path = shared_path (data);
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GHashTable) tokenizers = NULL;

  if (path == NULL)
    return;

  tokenizers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) attune_tokenizer_unref);
  for_each_line (path, check_line, &(Vectors) { tokenizers, NULL, encoding });
}

static AttuneStripAccents
strip_accents (yyjson_val *value)
{
  if (yyjson_is_null (value))
    return ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE;

  return yyjson_get_bool (value) ? ATTUNE_STRIP_ACCENTS_YES : ATTUNE_STRIP_ACCENTS_NO;
}

/* Lines with the same options follow one another. */
typedef struct {
  char *vocabulary;
  AttuneTokenizer *tokenizer;
} Spans;

static void
check_spans (yyjson_val *line,
             gpointer    user_data)
{
  Spans *self = user_data;
  const gboolean lower = yyjson_get_bool (yyjson_obj_get (line, "lower"));
  const AttuneStripAccents strip = strip_accents (yyjson_obj_get (line, "strip_accents"));
  const gboolean chinese = yyjson_get_bool (yyjson_obj_get (line, "chinese"));
  const AttuneTokenizerOptions *options =
    self->tokenizer != NULL ? attune_tokenizer_get_options (self->tokenizer) : NULL;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  const char *text = yyjson_get_str (yyjson_obj_get (line, "text"));
  yyjson_val *spans = yyjson_obj_get (line, "spans");
  yyjson_val *span;
  size_t i, n;

  if (options == NULL || options->lowercase != lower || options->strip_accents != strip ||
      options->tokenize_chinese_chars != chinese)
    {
      g_clear_pointer (&self->tokenizer, attune_tokenizer_unref);
      self->tokenizer = open_vocabulary (self->vocabulary, lower, strip, chinese);
    }

  encode (self->tokenizer, line, encoding);
  assert_ids (encoding, yyjson_obj_get (line, "ids"), TRUE, text);
  check_type_ids (encoding, yyjson_obj_get (line, "type_ids"));
  g_assert_cmpint (encoding->n_tokens_full, ==, yyjson_get_int (yyjson_obj_get (line, "n_full")));
  yyjson_arr_foreach (spans, i, n, span)
    {
      const AttuneSpan got = g_array_index (encoding->spans, AttuneSpan, i);

      g_assert_cmpint (got.start, ==, yyjson_get_int (yyjson_arr_get (span, 0)));
      g_assert_cmpint (got.end, ==, yyjson_get_int (yyjson_arr_get (span, 1)));
    }
}

static void
test_spans (void)
{
  g_autofree char *vocabulary = fixture_path ("bert-base-uncased.txt");
  g_autofree char *path = fixture_path ("hf-spans.jsonl");
  Spans spans = { vocabulary, NULL };

  for_each_line (path, check_spans, &spans);
  g_clear_pointer (&spans.tokenizer, attune_tokenizer_unref);
}

/* A corpus: which column of which file, and the digest of all its ids as text. */
typedef struct {
  const char *file;
  const char *vocabulary;
  gboolean lowercase;
  gboolean header;
  char separator;
  gint column; /* -1: all but the last */
  const char *sha256;
} Corpus;

static const Corpus corpora[] = {
  { "sst2-glue/train.tsv", "bert-base-uncased", TRUE, TRUE, '\t', 0,
    "1f5d99ddbe54e1fb16cb91bcecbe76cdbe5a43241f20eb1230d9b6fbc760de3a" },
  { "sst2-glue/dev.tsv", "bert-base-uncased", TRUE, TRUE, '\t', 0,
    "9e83f9f874fb204558e14ab698452a266fba319f2ec2458f654ee8048db2a6d5" },
  { "ag-news-subset/train-10001.tsv", "bert-base-uncased", TRUE, FALSE, '\t', -1,
    "a897ef26811c1ff89dfd6cd116340a80f776ffb90ecbd9f54b214e7a79dea082" },
  { "ag-news-subset/test.tsv", "bert-base-uncased", TRUE, FALSE, '\t', -1,
    "ffa1bfae7bbd184d0f129632f6d0aa50a35df3c860426e6c42cb8155be016ebb" },
  { "trec/TREC_10.label", "bert-base-uncased", TRUE, FALSE, ' ', 1,
    "f844551b55d0526bf41b9af7cf8cf72e55bde8d136c26a7e46a761b3828c369b" },
  { "cola/in_domain_train.tsv", "bert-base-uncased", TRUE, FALSE, '\t', 3,
    "d40f9d386c325373f0562279442c851766e601da9e6dea27ebaa8f8aeff147c2" },
  { "sst2-glue/train.tsv", "bert-base-cased", FALSE, TRUE, '\t', 0,
    "77702caa6ae243c0d735b42d5bb72941d7b717d9558f42a3d28f72815ba82dec" },
  { "ag-news-subset/test.tsv", "bert-base-cased", FALSE, FALSE, '\t', -1,
    "0582a65e3725c31da6792f4bfd5941537fdfc0f8f9110b44ebc81305a907858f" },
  { "chnsenticorp/train.tsv", "bert-base-chinese", FALSE, TRUE, '\t', 1,
    "3ab4d62c982b0e56248d38e2ba5b480cc3c6c74acbcf62880d6482e833237998" },
  { "chnsenticorp/test.tsv", "bert-base-chinese", FALSE, TRUE, '\t', 1,
    "2b04a400cea33ade7cb8d0993057b372b61cc5d10b49134e8e8fc3eb77019b6a" },
  { "chnsenticorp/test.tsv", "bert-base-multilingual-cased", FALSE, TRUE, '\t', 1,
    "0e24c5d20e1303807edcee630d25137fd05267ca44d58dfe476c6fea987fb547" },
};

/* Cuts line to the corpus' column. Columns are the last but the first ones, so a text may hold the
 * separator. */
static const char *
column_of (const Corpus *corpus,
           char         *line)
{
  if (corpus->column <= 0)
    {
      char *end = strrchr (line, corpus->separator);

      g_assert_nonnull (end);
      *end = '\0';
      return line;
    }

  for (gint i = 0; i < corpus->column; i++)
    {
      line = strchr (line, corpus->separator);
      g_assert_nonnull (line);
      line++;
    }

  return line;
}

static void
test_corpus (gconstpointer data)
{
  const Corpus *corpus = data;
  g_autofree char *name = g_strdup_printf ("vocabs/%s/vocab.txt", corpus->vocabulary);
  g_autofree char *vocabulary = shared_path (name);
  g_autofree char *path = vocabulary != NULL ? shared_path (corpus->file) : NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *contents = NULL;
  gsize size;
  guint n_lines = 0;

  if (path == NULL)
    return;

  tokenizer = open_vocabulary (vocabulary, corpus->lowercase, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE,
                               TRUE);
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  for (char *line = contents, *end; (end = memchr (line, '\n', (gsize) (contents + size - line))) != NULL;
       line = end + 1)
    {
      *end = '\0';
      if (n_lines++ == 0 && corpus->header)
        continue;
      g_assert_true (attune_tokenizer_encode (tokenizer, column_of (corpus, line), -1, NULL, 0,
                                              G_MAXUINT, encoding, NULL));
      g_string_truncate (out, 0);
      for (guint j = 0; j < encoding->ids->len; j++)
        g_string_append_printf (out, j == 0 ? "%d" : " %d",
                                g_array_index (encoding->ids, gint32, j));
      g_string_append_c (out, '\n');
      g_checksum_update (checksum, (const guchar *) out->str, (gssize) out->len);
    }

  g_assert_cmpstr (g_checksum_get_string (checksum), ==, corpus->sha256);
}

int
main (int   argc,
      char *argv[])
{
  static const char * const fixtures[] = {
    "hf-llama-cpp.jsonl", "hf-probes.jsonl", "hf-fuzz.jsonl",
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      g_autofree char *fixture = g_strdup_printf ("/vectors/fixture/%s", fixtures[i]);
      g_autofree char *shared = g_strdup_printf ("/vectors/shared/%s", fixtures[i]);
      g_autofree char *name = g_strdup_printf ("tokenizer-vectors/%s", fixtures[i]);

      g_test_add_data_func (fixture, fixtures[i], test_fixture);
      g_test_add_data_func_full (shared, g_steal_pointer (&name), test_shared, g_free);
    }
  g_test_add_func ("/vectors/spans", test_spans);
  for (gsize i = 0; i < G_N_ELEMENTS (corpora); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vectors/corpus/%s/%s", corpora[i].vocabulary,
                                               corpora[i].file);

      g_test_add_data_func (path, &corpora[i], test_corpus);
    }

  return g_test_run ();
}
