/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tokenizer.json files in use have and new ones do not: no type of model, tokens that are
 * listed twice, a vocab.txt or a tokenizer_config.json beside them that says something else. The
 * ids are those of the reference library (tokenizers 0.23.1) for the same changed file.
 */
#include "config.h"

#include <string.h>

#include <gio/gio.h>

#include "attune-tokenizer-files.h"

static char *
read_fixture (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "tokenizers", name,
                                                 "tokenizer.json", NULL);
  char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  return text;
}

static GBytes *
to_bytes (const char *text)
{
  return text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
}

/* vocab, config: (nullable) */
static AttuneTokenizer *
load (const char *json,
      const char *vocab,
      const char *config,
      GPtrArray  *warnings)
{
  g_autoptr (GBytes) json_bytes = to_bytes (json);
  g_autoptr (GBytes) vocab_bytes = to_bytes (vocab);
  g_autoptr (GBytes) config_bytes = to_bytes (config);
  const AttuneTokenizerFiles files = { .tokenizer_json = json_bytes, .vocab_txt = vocab_bytes,
                                       .tokenizer_config = config_bytes };
  g_autoptr (GError) error = NULL;
  AttuneTokenizer *tokenizer = attune_tokenizer_files_load_bytes (&files, "folder", warnings, &error);

  g_assert_no_error (error);

  return tokenizer;
}

static char *
list_ids (AttuneTokenizer *tokenizer,
          const char      *text)
{
  g_autoptr (AttuneEncoding) encoding = attune_encoding_new ();
  GString *ids = g_string_new (NULL);

  g_assert_true (attune_tokenizer_encode (tokenizer, text, -1, NULL, 0, G_MAXUINT, encoding, NULL));
  for (guint i = 0; i < encoding->ids->len; i++)
    g_string_append_printf (ids, i > 0 ? " %d" : "%d", g_array_index (encoding->ids, gint32, i));

  return g_string_free_and_steal (ids);
}

static void
replace (GString    *text,
         const char *old,
         const char *new)
{
  g_assert_cmpuint (g_string_replace (text, old, new, 1), ==, 1);
}

static const struct {
  const char *name;
  const char *type;
} kinds[] = {
  { "wordpiece-added", "\"type\":\"WordPiece\",\"unk" }, { "roberta", "\"type\":\"BPE\",\"dro" },
  { "modernbert", "\"type\":\"BPE\",\"dro" }, { "xlm-roberta", "\"type\":\"Unigram\",\"unk" },
  { "unigram-bytes", "\"type\":\"Unigram\",\"unk" },
};

/* As in the files of bert-base-uncased, roberta-base and xlm-roberta-base. */
static void
test_no_type (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  const char *text = "The film is slow, naïve <mask> newtoken 映画 1½";
  g_autofree char *json = read_fixture (kinds[i].name);
  g_autoptr (GString) old = g_string_new (json);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AttuneTokenizer) tokenizer = load (json, NULL, NULL, warnings);
  g_autoptr (AttuneTokenizer) untyped = NULL;
  g_autofree char *expected = list_ids (tokenizer, text), *got = NULL;

  replace (old, kinds[i].type, strrchr (kinds[i].type, ',') + 1);
  untyped = load (old->str, NULL, NULL, warnings);
  got = list_ids (untyped, text);
  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpuint (warnings->len, ==, 0);
}

#define NEWTOKEN \
  "{\"id\":500,\"content\":\"newtoken\",\"single_word\":%s,\"lstrip\":false,\"rstrip\":false," \
  "\"normalized\":true,\"special\":false},"

/* A token that is there twice takes no second id, and is what its last entry says. */
static void
test_repeated (void)
{
  g_autofree char *json = read_fixture ("wordpiece-added");
  g_autofree char *first = g_strdup_printf (NEWTOKEN, "false");
  g_autofree char *second = g_strdup_printf (NEWTOKEN NEWTOKEN, "false", "true");
  g_autoptr (GString) repeated = g_string_new (json);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autofree char *got = NULL;

  replace (repeated, first, second);
  tokenizer = load (repeated->str, NULL, NULL, warnings);
  got = list_ids (tokenizer, "a newtoken FILM anewtokenb");
  g_assert_cmpstr (got, ==, "2 18 500 501 18 222 226 250 397 410 222 230 3");
  g_assert_cmpint (attune_tokenizer_lookup (tokenizer, "Été"), ==, 502);
  g_assert_cmpuint (attune_tokenizer_get_n_tokens (tokenizer), ==, 503);
  g_assert_cmpuint (warnings->len, ==, 0);
}

/* prepend_scheme "first" means the first of the text as it came, not of what is left of it. */
static void
test_stripped_start (void)
{
  g_autofree char *json = read_fixture ("xlm-roberta");
  g_autoptr (GString) text = g_string_new (json);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autofree char *whole = NULL, *stripped = NULL;

  g_assert_cmpuint (g_string_replace (text, "\"prepend_scheme\":\"always\"",
                                      "\"prepend_scheme\":\"first\"", 0), ==, 2);
  replace (text, "\"normalizer\":", "\"normalizer\":{\"type\":\"Strip\"},\"old\":");
  tokenizer = load (text->str, NULL, NULL, warnings);
  whole = list_ids (tokenizer, "the film");
  stripped = list_ids (tokenizer, "  the film");
  g_assert_cmpstr (whole, ==, "0 296 19 58 13 2");
  g_assert_cmpstr (stripped, ==, "0 5 297 19 58 13 2");
}

/* Each place of a text would be compared with all of it. */
static void
test_long_token (void)
{
  g_autofree char *json = read_fixture ("xlm-roberta");
  g_autofree char *a = g_strnfill (5000, 'a');
  g_autofree char *entry = g_strdup_printf ("\"vocab\":[[\"%s\",0.0],", a);
  g_autoptr (GString) text = g_string_new (json);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  replace (text, "\"vocab\":[", entry);
  bytes = to_bytes (text->str);
  g_assert_null (attune_tokenizer_files_load_bytes (
    &(AttuneTokenizerFiles) { .tokenizer_json = bytes }, "folder", warnings, &error));
  g_assert_error (error, ATTUNE_TOKENIZER_ERROR, ATTUNE_TOKENIZER_ERROR_VOCABULARY);
  g_assert_nonnull (strstr (error->message, "very long"));
}

#define SPECIAL(id, content) \
  "{\"id\":" id ",\"special\":true,\"content\":\"" content "\",\"single_word\":false,\"lstrip\":false," \
  "\"rstrip\":false,\"normalized\":false}"
/* What a plain BERT has: tokenizer.json is enough, whatever lies beside it. */
#define PLAIN \
  "{\"added_tokens\":[" SPECIAL ("0", "[PAD]") "," SPECIAL ("1", "[UNK]") "," \
  SPECIAL ("2", "[CLS]") "," SPECIAL ("3", "[SEP]") "],\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true," \
  "\"handle_chinese_chars\":true,\"strip_accents\":null,\"lowercase\":true}," \
  "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"post_processor\":{\"type\":" \
  "\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]},\"model\":{\"unk_token\":" \
  "\"[UNK]\",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,\"vocab\":" \
  "{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"good\":4,\"##ly\":5}}}"

static const char *const beside[] = {
  NULL,                                              /* nothing */
  "[PAD]\n[UNK]\n[CLS]\n[SEP]\ngood\n##ly\n",        /* the same */
  "[PAD]\n[UNK]\n[CLS]\n[SEP]\nly\ngood\n",          /* another one */
  "[PAD]\n[UNK]\n[CLS]\n[SEP]\ngood\ngood\n",        /* one that repeats itself */
  "version https://git-lfs.github.com/spec/v1\n",    /* what was never fetched */
};

static void
test_vocab_txt (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (AttuneTokenizer) tokenizer = load (PLAIN, beside[i], NULL, warnings);
      g_autofree char *got = list_ids (tokenizer, "Goodly good");

      g_assert_cmpstr (got, ==, "2 4 5 4 3");
      g_assert_cmpuint (warnings->len, ==, i >= 2);
      if (i >= 2)
        g_assert_nonnull (strstr (warnings->pdata[0], "vocab.txt"));
    }
}

#define ADDED(content, lstrip) \
  "{\"added_tokens_decoder\":{\"501\":{\"content\":\"" content "\",\"lstrip\":" lstrip "," \
  "\"rstrip\":false,\"single_word\":false,\"normalized\":false,\"special\":false}}}"

static const struct {
  const char *name;
  const char *config;
  const char *says; /* NULL: nothing */
} configs[] = {
  { "roberta", "{\"add_prefix_space\":false,\"cls_token\":\"<s>\",\"sep_token\":\"</s>\"}", NULL },
  { "roberta", "{\"model_max_length\":512}", NULL },
  { "roberta", "{\"add_prefix_space\":true}", "add_prefix_space" },
  { "roberta-prefix", "{\"add_prefix_space\":false}", "add_prefix_space" },
  { "roberta", "{\"cls_token\":{\"content\":\"<pad>\",\"lstrip\":false}}", "cls_token" },
  { "roberta", "{\"sep_token\":\"[SEP]\"}", "sep_token" },
  { "xlm-roberta", "{\"add_prefix_space\":false,\"cls_token\":\"<s>\"}", NULL },
  { "wordpiece-added", "{\"do_lower_case\":false}", "do_lower_case" },
  { "wordpiece-added", ADDED ("FILM", "false"), NULL },
  { "wordpiece-added", ADDED ("FILM", "true"), "added_tokens_decoder" },
  { "wordpiece-added", ADDED ("BOOK", "false"), "added_tokens_decoder" },
};

static void
test_contradictions (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autofree char *json = read_fixture (configs[i].name);
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (AttuneTokenizer) tokenizer = load (json, NULL, configs[i].config, warnings);

      g_test_message ("%s", configs[i].config);
      g_assert_cmpuint (warnings->len, ==, configs[i].says != NULL);
      if (configs[i].says != NULL)
        g_assert_nonnull (strstr (warnings->pdata[0], configs[i].says));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/tokenizer-variants/no-type/%s", kinds[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_no_type);
    }
  g_test_add_func ("/tokenizer-variants/repeated", test_repeated);
  g_test_add_func ("/tokenizer-variants/stripped-start", test_stripped_start);
  g_test_add_func ("/tokenizer-variants/long-token", test_long_token);
  g_test_add_func ("/tokenizer-variants/vocab-txt", test_vocab_txt);
  g_test_add_func ("/tokenizer-variants/contradictions", test_contradictions);

  return g_test_run ();
}
