/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a HF folder, whole and spoilt in the ways folders are spoilt.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "attune-model-head.h"
#include "model-fixture.h"

static AttuneModelFolder *
open_model (ModelFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  AttuneModelFolder *folder
    = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, &error);

  g_assert_no_error (error);
  return folder;
}

static void
assert_refused (ModelFixture    *fixture,
                AttuneModelError code,
                const char      *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_DEFAULT, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_opens (ModelFixture *fixture,
            gconstpointer data)
{
  g_autoptr (AttuneModelFolder) folder = open_model (fixture);
  const AttuneTensorView *view;

  g_assert_cmpuint (attune_model_folder_get_config (folder)->hidden_size, ==, 32);
  g_assert_cmpuint (attune_tokenizer_get_n_tokens (attune_model_folder_get_tokenizer (folder)), ==,
                    200);
  /* 200·32 + 40·32 + 2·32 + 2·32 + 2·(4·(32·32 + 32) + 2·64·32 + 64 + 32 + 4·32) + 33·32 + 33·3 */
  g_assert_cmpuint (attune_model_folder_get_n_weights (folder), ==, 26051);
  g_assert_cmpuint (attune_model_folder_get_n_bytes (folder), >, 26051 * 4);
  g_assert_null (attune_model_folder_get_missing (folder)[0]);
  g_assert_null (attune_model_folder_get_unexpected (folder)[0]);
  g_assert_null (attune_model_folder_get_warnings (folder)[0]);
  g_assert_true (attune_model_folder_check_finite (folder, NULL, NULL));

  view = attune_model_folder_lookup (folder, "bert.encoder.layer.1.output.LayerNorm.bias");
  g_assert_cmpstr (view->name, ==, "bert.encoder.layer.1.output.LayerNorm.bias");
  g_assert_cmpuint (view->length, ==, 128);
  g_assert_null (attune_model_folder_lookup (folder, "bert.encoder.layer.2.output.LayerNorm.bias"));
}

/* As bert-base-uncased of 2018 has them: no prefix here, gamma and beta, heads of pretraining. */
static gboolean
make_old (AttuneTensorView *view,
          char            **name)
{
  GString *text = g_string_new (*name);

  g_string_replace (text, "LayerNorm.weight", "LayerNorm.gamma", 0);
  g_string_replace (text, "LayerNorm.bias", "LayerNorm.beta", 0);
  g_string_replace (text, "bert.", "", 1);
  g_string_replace (text, "classifier.", "cls.seq_relationship.", 1);
  g_free (*name);
  *name = g_string_free (text, FALSE);

  return TRUE;
}

static void
test_old_spellings (ModelFixture *fixture,
                    gconstpointer data)
{
  const char *const missing[] = { "classifier.weight", "classifier.bias", NULL };
  const char *const unexpected[] = { "cls.seq_relationship.bias", "cls.seq_relationship.weight",
                                     NULL };
  g_autoptr (AttuneModelFolder) folder = NULL;

  model_fixture_change (fixture, make_old);
  folder = open_model (fixture);

  g_assert_nonnull (attune_model_folder_lookup (folder, "bert.embeddings.LayerNorm.weight"));
  g_assert_cmpstrv (attune_model_folder_get_missing (folder), missing);
  g_assert_cmpstrv (attune_model_folder_get_unexpected (folder), unexpected);
}

static gboolean
drop_pooler_and_rename (AttuneTensorView *view,
                        char            **name)
{
  if (strcmp (*name, "classifier.bias") == 0)
    {
      g_free (*name);
      *name = g_strdup ("bert.encoder.layer.9.x");
    }
  return !g_str_has_prefix (*name, "bert.pooler.");
}

static void
test_lists_what_differs (ModelFixture *fixture,
                         gconstpointer data)
{
  const char *const missing[] = { "bert.pooler.dense.weight", "bert.pooler.dense.bias",
                                  "classifier.bias", NULL };
  const char *const unexpected[] = { "bert.encoder.layer.9.x", NULL };
  g_autoptr (AttuneModelFolder) folder = NULL;

  model_fixture_change (fixture, drop_pooler_and_rename);
  folder = open_model (fixture);
  g_assert_cmpstrv (attune_model_folder_get_missing (folder), missing);
  g_assert_cmpstrv (attune_model_folder_get_unexpected (folder), unexpected);
}

/* A model that names the words of a text has a layer like the classifier's, with other classes. */
static void
test_other_output (ModelFixture *fixture,
                   gconstpointer data)
{
  static const char *const missing[] = { "classifier.weight", "classifier.bias", NULL };
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autofree char *config = model_fixture_read (fixture, "config.json", NULL);
  g_autoptr (GString) text = g_string_new (config);
  g_auto (GStrv) labels = NULL;

  g_assert_cmpuint (g_string_replace (text, "BertForSequenceClassification", data, 1), ==, 1);
  /* The number of these has nothing to do with that of the layer's rows. */
  g_string_replace (text, "\"LABEL_2\"", "\"LABEL_2\", \"3\": \"LABEL_3\"", 1);
  model_fixture_write (fixture, "config.json", text->str);
  folder = open_model (fixture);
  g_assert_null (attune_model_folder_lookup (folder, "classifier.weight"));
  g_assert_nonnull (attune_model_folder_lookup (folder, "bert.pooler.dense.weight"));
  g_assert_cmpstrv (attune_model_folder_get_missing (folder), missing);
  g_assert_cmpuint (g_strv_length ((GStrv) attune_model_folder_get_unexpected (folder)), ==, 2);
  g_assert_null (attune_model_folder_get_config (folder)->label_names);
  labels = attune_model_head_list_labels (folder);
  g_assert_null (labels);
}

static gboolean
drop_the_pooler (AttuneTensorView *view,
                 char            **name)
{
  return !g_str_has_prefix (*name, "bert.pooler.");
}

/* What reads from a pooler that was never trained is no classifier either. */
static void
test_no_pooler (ModelFixture *fixture,
                gconstpointer data)
{
  g_autoptr (AttuneModelFolder) folder = open_model (fixture);
  g_auto (GStrv) labels = attune_model_head_list_labels (folder), without = NULL;

  g_assert_cmpuint (g_strv_length (labels), ==, 3);
  g_clear_pointer (&folder, attune_model_folder_unref);
  model_fixture_change (fixture, drop_the_pooler);
  folder = open_model (fixture);
  g_assert_nonnull (attune_model_folder_lookup (folder, "classifier.weight"));
  without = attune_model_head_list_labels (folder);
  g_assert_null (without);
}

static gboolean
drop_a_layer (AttuneTensorView *view,
              char            **name)
{
  return strstr (*name, "layer.1.") == NULL;
}

static void
test_missing_layer (ModelFixture *fixture,
                    gconstpointer data)
{
  model_fixture_change (fixture, drop_a_layer);
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISMATCH,
                  "lacks 16 of the tensors that config.json asks for, the first being "
                  "“bert.encoder.layer.1.attention.self.query.weight”");
}

static void
replace_in_config (ModelFixture *fixture,
                   const char   *from,
                   const char   *to)
{
  gsize length;
  g_autofree char *text = model_fixture_read (fixture, "config.json", &length);
  GString *changed = g_string_new (text);

  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  model_fixture_write (fixture, "config.json", changed->str);
  g_string_free (changed, TRUE);
}

static void
test_shape_of_another_model (ModelFixture *fixture,
                             gconstpointer data)
{
  replace_in_config (fixture, "\"intermediate_size\": 64", "\"intermediate_size\": 96");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISMATCH, "has shape (64, 32) where config.json asks "
                                                        "for (96, 32)");
}

static void
test_labels_of_another_head (ModelFixture *fixture,
                             gconstpointer data)
{
  replace_in_config (fixture, ",\n    \"2\": \"LABEL_2\"", "");
  replace_in_config (fixture, ",\n    \"LABEL_2\": 2", "");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISMATCH, "names 2 labels, but the classifier in "
                                                        "model.safetensors has 3");
}

static gboolean
make_whole_numbers (AttuneTensorView *view,
                    char            **name)
{
  if (strcmp (*name, "bert.pooler.dense.bias") == 0)
    view->dtype = ATTUNE_DTYPE_I32;
  return TRUE;
}

static gboolean
make_not_finite (AttuneTensorView *view,
                 char            **name)
{
  static float values[32] = { 0 };

  values[31] = INFINITY;
  if (strcmp (*name, "bert.pooler.dense.bias") == 0)
    view->data = (const guint8 *) values;
  return TRUE;
}

static void
test_kinds_of_numbers (ModelFixture *fixture,
                       gconstpointer data)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  g_autoptr (GError) error = NULL;

  model_fixture_change (fixture, make_not_finite);
  folder = open_model (fixture);
  g_assert_false (attune_model_folder_check_finite (folder, NULL, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "bert.pooler.dense.bias"));

  model_fixture_change (fixture, make_whole_numbers);
  assert_refused (fixture, ATTUNE_MODEL_ERROR_UNSUPPORTED, "holds I32");
}

static void
test_vocabulary_that_does_not_fit (ModelFixture *fixture,
                                   gconstpointer data)
{
  gsize length;
  g_autofree char *text = model_fixture_read (fixture, "vocab.txt", &length);
  g_autofree char *longer = g_strconcat (text, "onemore\n", NULL);

  model_fixture_write (fixture, "vocab.txt", longer);
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISMATCH, "has 201 tokens, but the model was made "
                                                        "for 200");
  *strstr (text, "so\n") = '\0';
  model_fixture_write (fixture, "vocab.txt", text);
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISMATCH, "but the model was made for 200");
}

static void
test_missing_files (ModelFixture *fixture,
                    gconstpointer data)
{
  g_autoptr (AttuneModelFolder) folder = NULL;

  model_fixture_remove (fixture, "vocab.txt");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISSING, "neither tokenizer.json nor vocab.txt");
  folder = attune_model_folder_open (fixture->folder, ATTUNE_MODEL_OPEN_NO_TOKENIZER, NULL);
  g_assert_nonnull (folder);
  g_assert_null (attune_model_folder_get_tokenizer (folder));

  model_fixture_remove (fixture, "model.safetensors");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISSING, "holds no model.safetensors");
  model_fixture_write (fixture, "pytorch_model.bin", "PK");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_UNSUPPORTED, "pytorch_model.bin");
  model_fixture_write (fixture, "model.safetensors.index.json", "{}");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_FORMAT, "names 0");
  model_fixture_remove (fixture, "config.json");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_MISSING, "config.json");
}

static void
test_pointer_and_truncation (ModelFixture *fixture,
                             gconstpointer data)
{
  gsize length;
  g_autofree char *weights = model_fixture_read (fixture, "model.safetensors", &length);
  g_autofree char *path = g_build_filename (fixture->folder, "model.safetensors", NULL);

  g_assert_true (g_file_set_contents (path, weights, length - 1, NULL));
  assert_refused (fixture, ATTUNE_MODEL_ERROR_FORMAT, "1 of ");
  model_fixture_write (fixture, "model.safetensors",
                       "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_FORMAT, "has not been downloaded");
  model_fixture_write (fixture, "model.safetensors", "");
  assert_refused (fixture, ATTUNE_MODEL_ERROR_FORMAT, "empty");
}

static void
test_tokenizer_json_wins (ModelFixture *fixture,
                          gconstpointer data)
{
  g_autoptr (AttuneModelFolder) folder = NULL;
  const AttuneTokenizerOptions *options;
  GString *json = g_string_new ("{\"added_tokens\":[");
  static const char *const specials[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };

  for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
    g_string_append_printf (json, "%s{\"id\":%u,\"content\":\"%s\",\"normalized\":false}",
                            i > 0 ? "," : "", i, specials[i]);
  g_string_append (json, "],\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,"
                          "\"handle_chinese_chars\":false,\"strip_accents\":null,"
                          "\"lowercase\":false},\"pre_tokenizer\":{\"type\":"
                          "\"BertPreTokenizer\"},\"post_processor\":{\"type\":\"BertProcessing\","
                          "\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]},"
                          "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\","
                          "\"continuing_subword_prefix\":\"##\","
                          "\"vocab\":{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,"
                          "\"[MASK]\":4");

  for (int i = 5; i < 200; i++)
    g_string_append_printf (json, ",\"w%d\":%d", i, i);
  g_string_append (json, "}}}");
  model_fixture_write (fixture, "tokenizer.json", json->str);
  folder = open_model (fixture);

  options = attune_tokenizer_get_options (attune_model_folder_get_tokenizer (folder));
  g_assert_false (options->lowercase);
  g_assert_false (options->tokenize_chinese_chars);
  g_assert_cmpint (options->strip_accents, ==, ATTUNE_STRIP_ACCENTS_WITH_LOWERCASE);
  g_assert_cmpint (attune_tokenizer_lookup (attune_model_folder_get_tokenizer (folder), "w7"), ==,
                   7);
  g_assert_cmpuint (g_strv_length ((char **) attune_model_folder_get_warnings (folder)), ==, 3);
  g_assert_nonnull (strstr (attune_model_folder_get_warnings (folder)[0], "do_lower_case"));

  g_string_replace (json, "\"w7\":7", "\"w7\":8", 1);
  model_fixture_write (fixture, "tokenizer.json", json->str);
  assert_refused (fixture, ATTUNE_MODEL_ERROR_FORMAT, "a token or an id twice");
  g_string_replace (json, "\"w7\":8", "\"w7\":7", 1);
  g_string_replace (json, "BertNormalizer", "Nmt", 1);
  model_fixture_write (fixture, "tokenizer.json", json->str);
  assert_refused (fixture, ATTUNE_MODEL_ERROR_UNSUPPORTED, "normalizer that Attune does not know: Nmt");
  g_string_free (json, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test)                                                                            \
  g_test_add (path, ModelFixture, NULL, model_fixture_set_up, test, model_fixture_tear_down)
  ADD ("/model-folder/opens", test_opens);
  ADD ("/model-folder/old-spellings", test_old_spellings);
  ADD ("/model-folder/lists-what-differs", test_lists_what_differs);
  ADD ("/model-folder/no-pooler", test_no_pooler);
  g_test_add ("/model-folder/other-output/tokens", ModelFixture, "BertForTokenClassification",
              model_fixture_set_up, test_other_output, model_fixture_tear_down);
  g_test_add ("/model-folder/other-output/choices", ModelFixture, "BertForMultipleChoice",
              model_fixture_set_up, test_other_output, model_fixture_tear_down);
  ADD ("/model-folder/missing-layer", test_missing_layer);
  ADD ("/model-folder/shape-of-another-model", test_shape_of_another_model);
  ADD ("/model-folder/labels-of-another-head", test_labels_of_another_head);
  ADD ("/model-folder/kinds-of-numbers", test_kinds_of_numbers);
  ADD ("/model-folder/vocabulary-that-does-not-fit", test_vocabulary_that_does_not_fit);
  ADD ("/model-folder/missing-files", test_missing_files);
  ADD ("/model-folder/pointer-and-truncation", test_pointer_and_truncation);
  ADD ("/model-folder/tokenizer-json-wins", test_tokenizer_json_wins);

  return g_test_run ();
}
